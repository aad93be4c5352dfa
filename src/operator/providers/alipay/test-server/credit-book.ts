import type { z } from 'zod';
import { business, invented } from './failure.ts';
import type { Faults } from './faults.ts';
import { checked, rules } from './field-rules.ts';

/** The most that an order may debit, fen. */
export const ceilingMinor = 200_000;
/** After so long of failed debits Alipay pays in advance. */
export const advanceAfterMs = 72 * 3_600_000;
/** Before whose it is, in the numbers of agreements here. */
const agreementPrefix = 'ZMOP99-';

interface CreditOrder {
  readonly no: string;
  readonly outOrderNo: string;
  readonly agreementId: string;
  readonly content: string;
  readonly beganAtMs: number;
  status: 'INIT' | 'TRADE_FINISHED' | 'TRADE_CLOSED';
  finishedBy: string | null;
}

export interface Trade {
  readonly no: string;
  readonly order: CreditOrder;
  readonly pay: z.infer<typeof rules.pay>;
  readonly amountMinor: number;
  readonly notifyUrl: string;
  readonly beganAtMs: number;
  status: 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_CLOSED';
}

interface Refund {
  readonly requestNo: string;
  readonly trade: Trade;
  readonly amountMinor: number;
}

/** Money that has moved: this is what tests count. Positive: from the payer to the merchant. */
export interface Movement {
  readonly outOrderNo: string;
  readonly agreementId: string;
  readonly amountMinor: number;
  /** As the merchant's bill has it: the debit's `out_trade_no`, the trade, the request of a refund, and when, wall ms. */
  readonly creditOrderNo: string;
  readonly tradeNo: string;
  readonly requestNo: string | null;
  readonly atMs: number;
}

type Answer = Record<string, unknown>;

/** Agreements, credit orders and their trades by the documented states, and an honest book of the money. */
export class CreditBook {
  readonly movements: Movement[] = [];
  readonly agreements = new Map<string, 'VALID' | 'INVALID' | 'UNSIGNED'>();
  /** Which agreement has come of each of the merchant's numbers. */
  readonly #signed = new Map<string, string>();
  readonly #orders = new Map<string, CreditOrder>();
  /** The same by Alipay's number, and those that are neither debited nor ended: of thousands a few. */
  readonly #byNo = new Map<string, CreditOrder>();
  readonly #open = new Set<CreditOrder>();
  readonly #trades = new Map<string, Trade>();
  readonly #byTradeNo = new Map<string, Trade>();
  readonly #refunds: Refund[] = [];
  readonly #faults: Faults;
  readonly #nowMs: () => number;
  /** Told of each debit that has come about. */
  readonly #onPaid: (trade: Trade) => void;

  constructor(faults: Faults, nowMs: () => number, onPaid: (trade: Trade) => void) {
    this.#faults = faults;
    this.#nowMs = nowMs;
    this.#onPaid = onPaid;
  }

  /** What an order (all its numbers, when it was closed in between) has debited, less what was paid back. */
  movedMinor(orderId: string): number {
    return this.#of(orderId).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }

  debitCount(orderId: string): number {
    return this.#of(orderId).filter(({ amountMinor }) => amountMinor > 0).length;
  }

  #of(orderId: string): Movement[] {
    return this.movements.filter(({ outOrderNo }) => outOrderNo.replace(/(?<=.{28})-\d+$/, '') === orderId);
  }

  /** Under how many numbers an order was ordered. */
  numbersOf(orderId: string): string[] {
    return [...this.#orders.keys()].filter((number) => number.startsWith(orderId));
  }

  /** Numbers of the orders that are neither debited nor ended. */
  openNumbers(): string[] {
    return [...this.#open].map(({ outOrderNo }) => outOrderNo);
  }

  tradeOf(outOrderNo: string): Trade {
    const trade = this.#trades.get(this.#orders.get(outOrderNo)?.no ?? '');
    if (trade === undefined) throw new Error(`no trade of ${outOrderNo}`);
    return trade;
  }

  /** Debits whose time has come, come about; one that fails for want of money is tried again, and paid in advance after days. */
  collect(): void {
    for (const order of this.#open) {
      const trade = this.#trades.get(order.no);
      if (trade?.status !== 'WAIT_BUYER_PAY') continue;
      const ageMs = this.#nowMs() - trade.beganAtMs;
      const isPoor = this.#faults.poor.has(trade.order.agreementId);
      if (ageMs < this.#faults.debitAfterMs || (isPoor && ageMs < advanceAfterMs)) continue;
      trade.status = 'TRADE_SUCCESS';
      order.status = 'TRADE_FINISHED';
      this.#open.delete(order);
      this.#move(trade, trade.amountMinor, null);
      this.#onPaid(trade);
    }
  }

  agreementQuery(content: string): Answer {
    const by = checked(rules.agreementQuery, content);
    const id = 'credit_agreement_id' in by ? by.credit_agreement_id : this.#signed.get(by.out_agreement_no);
    const status = this.agreements.get(id ?? '');
    if (id === undefined || status === undefined) throw business(invented.notThere);
    const number = [...this.#signed].findLast(([, agreementId]) => agreementId === id)?.[0];
    return {
      ...{
        credit_agreement_id: id,
        agreement_status: status,
        alipay_user_id: id.slice(agreementPrefix.length),
      },
      ...(number !== undefined && { out_agreement_no: number }),
    };
  }

  /** Somebody agrees, or is refused; several numbers of one person are one agreement. Gives its number. */
  agreementSign(content: string, userId: string, status: 'VALID' | 'INVALID' = 'VALID'): string {
    const { out_agreement_no: number } = checked(rules.agreementSign, content);
    const agreementId = agreementPrefix + userId;
    this.#signed.set(number, agreementId);
    this.agreements.set(agreementId, status);
    return agreementId;
  }

  order(content: string): Answer {
    const order = checked(rules.order, content);
    const known = this.#orders.get(order.out_order_no);
    if (known !== undefined) {
      if (this.#faults.repeats === 'refused' || known.content !== content) throw business(invented.repeated);
      return shown(known);
    }
    if (this.agreements.get(order.credit_agreement_id) !== 'VALID') throw business(invented.agreement);
    if (this.#faults.isRisky) throw business(invented.risk);
    const made: CreditOrder = {
      no: `ZMCB99${String(this.#orders.size + 1).padStart(24, '0')}`,
      outOrderNo: order.out_order_no,
      agreementId: order.credit_agreement_id,
      content,
      beganAtMs: this.#nowMs(),
      status: 'INIT',
      finishedBy: null,
    };
    this.#orders.set(made.outOrderNo, made);
    this.#byNo.set(made.no, made);
    this.#open.add(made);
    return shown(made);
  }

  orderQuery(content: string): Answer {
    const by = checked(rules.orderQuery, content);
    const order =
      'out_order_no' in by ? this.#orders.get(by.out_order_no) : this.#byNo.get(by.credit_biz_order_id);
    if (order === undefined || this.#isHidden(order.beganAtMs)) throw business(invented.notThere);
    const trade = this.#trades.get(order.no);
    return {
      ...shown(order),
      credit_agreement_id: order.agreementId,
      ...(trade !== undefined && { trade_no: trade.no, total_amount: trade.pay.total_amount }),
    };
  }

  finish(content: string): Answer {
    const finish = checked(rules.finish, content);
    const order = this.#byNo.get(finish.credit_biz_order_id);
    if (order === undefined) throw business(invented.notThere);
    const answer = { credit_biz_order_id: order.no, out_request_no: finish.out_request_no };
    if (order.finishedBy === finish.out_request_no) return answer;
    if (order.status !== 'INIT') throw business(invented.state);
    order.status = 'TRADE_CLOSED';
    this.#open.delete(order);
    order.finishedBy = finish.out_request_no;
    // Its debit is closed with it.
    const trade = this.#trades.get(order.no);
    if (trade !== undefined) trade.status = 'TRADE_CLOSED';
    return answer;
  }

  pay(content: string, notifyUrl: string): Answer {
    const pay = checked(rules.pay, content);
    if (pay.out_trade_no !== pay.auth_code) throw business('ACQ.INVALID_PARAMETER');
    const order = this.#byNo.get(pay.auth_code);
    if (order === undefined) throw business('ACQ.PAYMENT_AUTH_CODE_INVALID');
    const known = this.#trades.get(order.no);
    if (known !== undefined && known.pay.total_amount !== pay.total_amount)
      throw business('ACQ.CONTEXT_INCONSISTENT');
    if (known?.status === 'TRADE_SUCCESS') throw business('ACQ.TRADE_HAS_SUCCESS');
    if (order.status !== 'INIT') throw business('ACQ.TRADE_HAS_CLOSE');
    const amountMinor = Number(pay.total_amount.replace('.', ''));
    if (amountMinor > ceilingMinor) throw business('ACQ.TOTAL_FEE_EXCEED');
    const trade: Trade = known ?? {
      no: `2026112922001400${String(this.#trades.size + 1).padStart(12, '0')}`,
      order,
      pay,
      amountMinor,
      notifyUrl,
      beganAtMs: this.#nowMs(),
      status: 'WAIT_BUYER_PAY',
    };
    this.#trades.set(order.no, trade);
    this.#byTradeNo.set(trade.no, trade);
    if (this.#faults.poor.has(order.agreementId)) throw business('ACQ.BUYER_BALANCE_NOT_ENOUGH');
    const { total_amount: total } = pay;
    return { trade_no: trade.no, out_trade_no: order.no, total_amount: total, buyer_logon_id: '138****5678' };
  }

  tradeQuery(content: string): Answer {
    const by = checked(rules.tradeQuery, content);
    const trade = 'out_trade_no' in by ? this.#trades.get(by.out_trade_no) : this.#byTradeNo.get(by.trade_no);
    if (trade === undefined || this.#isHidden(trade.beganAtMs)) throw business('ACQ.TRADE_NOT_EXIST');
    return {
      trade_no: trade.no,
      out_trade_no: trade.order.no,
      total_amount: trade.pay.total_amount,
      trade_status: trade.status,
      buyer_logon_id: '138****5678',
    };
  }

  refund(content: string): Answer {
    const refund = checked(rules.refund, content);
    const trade = this.#byTradeNo.get(refund.trade_no);
    if (trade === undefined) throw business('ACQ.TRADE_NOT_EXIST');
    const amountMinor = Number(refund.refund_amount.replace('.', ''));
    const known = this.#refundOf(trade, refund.out_request_no);
    if (known !== undefined && known.amountMinor !== amountMinor)
      throw business('ACQ.DISCORDANT_REPEAT_REQUEST');
    if (known === undefined) {
      if (trade.status !== 'TRADE_SUCCESS') throw business('ACQ.TRADE_STATUS_ERROR');
      if (amountMinor > trade.amountMinor - this.#refundedMinor(trade))
        throw business('ACQ.REASON_TRADE_REFUND_FEE_ERR');
      this.#refunds.push({ requestNo: refund.out_request_no, trade, amountMinor });
      this.#move(trade, -amountMinor, refund.out_request_no);
      if (this.#refundedMinor(trade) === trade.amountMinor)
        [trade.status, trade.order.status] = ['TRADE_CLOSED', 'TRADE_CLOSED'];
    }
    return { trade_no: trade.no, refund_fee: yuanOf(this.#refundedMinor(trade)), fund_change: 'Y' };
  }

  refundQuery(content: string): Answer {
    const query = checked(rules.refundQuery, content);
    const trade = this.#byTradeNo.get(query.trade_no);
    if (trade === undefined) throw business('ACQ.TRADE_NOT_EXIST');
    const refund = this.#refundOf(trade, query.out_request_no);
    if (refund === undefined || this.#faults.areRefundsHidden) return {};
    return {
      trade_no: trade.no,
      out_trade_no: trade.order.no,
      out_request_no: refund.requestNo,
      total_amount: trade.pay.total_amount,
      refund_amount: yuanOf(refund.amountMinor),
      refund_status: 'REFUND_SUCCESS',
    };
  }

  #isHidden(beganAtMs: number): boolean {
    return this.#nowMs() < beganAtMs + this.#faults.invisibleMs;
  }

  #move({ order, no: tradeNo }: Trade, amountMinor: number, requestNo: string | null): void {
    const { outOrderNo, agreementId, no: creditOrderNo } = order;
    const atMs = this.#nowMs();
    this.movements.push({ outOrderNo, agreementId, amountMinor, creditOrderNo, tradeNo, requestNo, atMs });
  }

  #refundOf(trade: Trade, requestNo: string): Refund | undefined {
    return this.#refunds.find((refund) => refund.trade === trade && refund.requestNo === requestNo);
  }

  #refundedMinor(trade: Trade): number {
    const refunds = this.#refunds.filter((refund) => refund.trade === trade);
    return refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }
}

const shown = ({ no, outOrderNo, status }: CreditOrder): Answer => ({
  credit_biz_order_id: no,
  out_order_no: outOrderNo,
  order_status: status,
});

function yuanOf(minor: number): string {
  const digits = String(minor).padStart(3, '0');
  return digits.replace(/(..)$/, '.$1');
}
