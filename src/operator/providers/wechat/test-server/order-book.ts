import { z } from 'zod';
import { Failure } from './failure.ts';
import type { Faults } from './faults.ts';
import { checked, rules } from './field-rules.ts';

/** More orders of one person may not be open at once. */
const openOrdersMax = 3;
/** The most that an order of the service may collect, fen. */
export const ceilingMinor = 200_000;

interface Order {
  readonly no: string;
  readonly create: z.infer<typeof rules.create>;
  readonly createBody: string;
  readonly startedAtMs: number;
  changedAtMs: number;
  state: 'DOING' | 'DONE' | 'REVOKED';
  complete: { body: string; atMs: number; endTime: string } | null;
  cancelBody: string | null;
  modifyBody: string | null;
  totalMinor: number;
  payments: z.infer<typeof rules.complete>['post_payments'];
  transactionId: string | null;
}

/** Money that has moved: this is what tests count. Positive: from the payer to the merchant. */
export interface Movement {
  readonly no: string;
  readonly openid: string;
  readonly amountMinor: number;
  /** Wall time, ms. */
  readonly atMs: number;
}

export interface Merchant {
  readonly mchid: string;
  readonly appid: string;
  readonly serviceId: string;
}

/** The orders of the service by the documented states, and an honest book of the money. Times are those of Beijing. */
export class OrderBook {
  readonly movements: Movement[] = [];
  readonly #orders = new Map<string, Order>();
  /** Those that are neither paid nor cancelled: of thousands a few. */
  readonly #open = new Set<Order>();
  readonly #byTransaction = new Map<string, Order>();
  readonly #refunds = new Map<string, { body: string; answer: Record<string, unknown> }>();
  readonly #merchant: Merchant;
  readonly #faults: Faults;
  readonly #nowMs: () => number;
  /** Told of each order that was paid. */
  readonly #onPaid: (no: string) => void;

  constructor(merchant: Merchant, faults: Faults, nowMs: () => number, onPaid: (no: string) => void) {
    this.#merchant = merchant;
    this.#faults = faults;
    this.#nowMs = nowMs;
    this.#onPaid = onPaid;
  }

  /** What this order (all its numbers, when it was closed in between) has debited, less what was paid back. */
  movedMinor(orderId: string): number {
    return this.#of(orderId).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }

  /** Numbers of the orders that are neither paid nor cancelled. */
  openNumbers(): string[] {
    return [...this.#open].map(({ no }) => no);
  }

  debitCount(orderId: string): number {
    return this.#of(orderId).filter(({ amountMinor }) => amountMinor > 0).length;
  }

  #of(orderId: string): Movement[] {
    return this.movements.filter(({ no }) => no === orderId || no.startsWith(`${orderId}*`));
  }

  /** Orders whose time has come are debited; what fails for want of money is tried again with the next call. */
  collect(): void {
    for (const order of this.#open) {
      const { complete, create, no } = order;
      if (complete === null || this.#faults.poor.has(create.openid)) continue;
      if (this.#nowMs() < complete.atMs + this.#faults.debitAfterMs) continue;
      order.state = 'DONE';
      this.#open.delete(order);
      order.transactionId = `42000${String(this.movements.length).padStart(20, '0')}`;
      this.#byTransaction.set(order.transactionId, order);
      this.movements.push({ no, openid: create.openid, amountMinor: order.totalMinor, atMs: this.#nowMs() });
      this.#onPaid(no);
    }
  }

  create(body: string): Record<string, unknown> {
    const create = checked(rules.create, body);
    this.#checkService(create);
    const known = this.#orders.get(create.out_order_no);
    if (known !== undefined) {
      if (known.state === 'REVOKED') throw new Failure('ORDER_CANCELED');
      if (known.createBody !== body) throw new Failure('INVALID_REQUEST', '商户订单号已存在，且参数不一致');
      return this.show(known.no);
    }
    if (create.time_range.start_time !== 'OnAccept' && create.time_range.start_time <= this.#time())
      throw new Failure('PARAM_ERROR', '服务开始时间不能早于调用接口时间');
    if (this.#faults.riskRefusal !== null) throw new Failure('INVALID_REQUEST', this.#faults.riskRefusal);
    const open = [...this.#open].filter((order) => order.create.openid === create.openid);
    if (open.length >= openOrdersMax) throw new Failure('INVALID_REQUEST', '综合评估未通过');
    const no = create.out_order_no;
    const order: Order = {
      no,
      create,
      createBody: body,
      startedAtMs: this.#nowMs(),
      changedAtMs: this.#nowMs(),
      state: 'DOING',
      complete: null,
      cancelBody: null,
      modifyBody: null,
      totalMinor: 0,
      payments: [],
      transactionId: null,
    };
    this.#orders.set(no, order);
    this.#open.add(order);
    return this.show(no);
  }

  complete(no: string, body: string): Record<string, unknown> {
    const complete = checked(rules.complete, body);
    this.#checkService(complete);
    const order = this.#find(no);
    if (order.state === 'REVOKED') throw new Failure('ORDER_CANCELED');
    if (order.complete !== null) {
      if (order.complete.body !== body) throw new Failure('PARAM_ERROR', '订单重入参数校验失败');
      return this.show(no);
    }
    const endTime = complete.time_range.end_time;
    if (endTime <= this.#time(order.startedAtMs))
      throw new Failure('PARAM_ERROR', '真实结束时间小于预计开始时间');
    if (endTime > this.#time()) throw new Failure('PARAM_ERROR', '实际结束时间不能晚于使用完结接口的时间');
    checkSum(complete);
    order.complete = { body, atMs: this.#nowMs(), endTime };
    order.totalMinor = complete.total_amount;
    order.payments = complete.post_payments;
    order.changedAtMs = this.#nowMs();
    return this.show(no);
  }

  cancel(no: string, body: string): Record<string, unknown> {
    this.#checkService(checked(rules.cancel, body));
    const order = this.#find(no);
    if (order.state === 'DONE') throw new Failure('ORDER_DONE');
    if (order.state === 'REVOKED' && order.cancelBody !== body) throw new Failure('ORDER_CANCELED');
    if (order.complete !== null) throw new Failure('PARAM_ERROR', '当前订单状态不满足撤销条件');
    order.state = 'REVOKED';
    this.#open.delete(order);
    order.cancelBody = body;
    const { mchid, appid, serviceId } = this.#merchant;
    return { appid, mchid, out_order_no: no, service_id: serviceId, order_id: orderIdAt(no) };
  }

  modify(no: string, body: string): Record<string, unknown> {
    const modify = checked(rules.modify, body);
    this.#checkService(modify);
    const order = this.#find(no);
    if (order.modifyBody === body) return this.show(no);
    if (order.state === 'DONE') throw new Failure('ORDER_DONE');
    if (order.state !== 'DOING' || order.complete === null) throw new Failure('INVALID_ORDER_STATE');
    if (modify.total_amount >= order.totalMinor)
      throw new Failure('PARAM_ERROR', '修改后的金额必须小于原金额');
    checkSum(modify);
    order.totalMinor = modify.total_amount;
    order.payments = modify.post_payments;
    order.modifyBody = body;
    return this.show(no);
  }

  query(search: URLSearchParams): Record<string, unknown> {
    const no = search.get('out_order_no');
    const byId = search.get('query_id');
    if ((no === null) === (byId === null)) throw new Failure('PARAM_ERROR', '单号必填且只能填一个');
    this.#checkService({ appid: search.get('appid') ?? '', service_id: search.get('service_id') ?? '' });
    const order = this.#find(no ?? '');
    if (this.#nowMs() < order.changedAtMs + this.#faults.invisibleMs) throw new Failure('ORDER_NOT_EXIST');
    return this.show(order.no);
  }

  /** An order as answers show it. */
  show(no: string): Record<string, unknown> {
    const { mchid, appid, serviceId } = this.#merchant;
    const order = this.#find(no);
    const { create, state, complete, totalMinor } = order;
    const isPaid = state === 'DONE';
    return {
      appid,
      mchid,
      service_id: serviceId,
      out_order_no: no,
      order_id: orderIdAt(no),
      service_introduction: create.service_introduction,
      state,
      ...(state === 'DOING' && { state_description: complete === null ? 'USER_CONFIRM' : 'MCH_COMPLETE' }),
      risk_fund: create.risk_fund,
      time_range: {
        start_time: this.#time(order.startedAtMs),
        ...(complete !== null && { end_time: complete.endTime }),
      },
      notify_url: create.notify_url,
      openid: create.openid,
      need_collection: complete !== null,
      ...(complete !== null && {
        post_payments: order.payments,
        total_amount: totalMinor,
        collection: {
          state: isPaid ? 'USER_PAID' : 'USER_PAYING',
          total_amount: totalMinor,
          paying_amount: isPaid ? 0 : totalMinor,
          paid_amount: isPaid ? totalMinor : 0,
          ...(isPaid && {
            details: [
              { seq: 1, amount: totalMinor, paid_type: 'NEWTON', transaction_id: order.transactionId },
            ],
          }),
        },
      }),
    };
  }

  notifyUrlOf(no: string): string {
    return this.#find(no).create.notify_url;
  }

  refund(body: string): Record<string, unknown> {
    const refund = checked(rules.refund, body);
    const order = this.#byTransaction.get(refund.transaction_id);
    if (order === undefined) throw new Failure('RESOURCE_NOT_EXISTS', '订单不存在');
    const known = this.#refunds.get(refund.out_refund_no);
    if (known !== undefined) {
      if (known.body === body) return known.answer;
      throw new Failure('INVALID_REQUEST', '退款单号已存在，且参数不一致');
    }
    if (refund.amount.total !== order.totalMinor)
      throw new Failure('INVALID_REQUEST', '订单金额与之前请求不一致');
    const keptMinor = this.movements
      .filter(({ no }) => no === order.no)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    if (refund.amount.refund > keptMinor)
      throw new Failure('INVALID_REQUEST', '申请退款金额大于订单可退金额');
    this.movements.push({
      no: order.no,
      openid: order.create.openid,
      amountMinor: -refund.amount.refund,
      atMs: this.#nowMs(),
    });
    const answer = {
      refund_id: `50000${String(this.movements.length).padStart(20, '0')}`,
      out_refund_no: refund.out_refund_no,
      transaction_id: refund.transaction_id,
      out_trade_no: `T${order.no}`,
      status: 'PROCESSING',
      amount: { ...refund.amount, payer_total: order.totalMinor, payer_refund: refund.amount.refund },
    };
    this.#refunds.set(refund.out_refund_no, { body, answer });
    return answer;
  }

  refundQuery(no: string): Record<string, unknown> {
    const known = this.#refunds.get(no);
    if (known === undefined) throw new Failure('RESOURCE_NOT_EXISTS');
    return known.answer;
  }

  /** How a refund goes on. */
  setRefund(no: string, status: 'SUCCESS' | 'CLOSED' | 'ABNORMAL'): void {
    const known = this.#refunds.get(no);
    if (known !== undefined) known.answer['status'] = status;
  }

  #find(no: string): Order {
    const order = this.#orders.get(no);
    if (order === undefined) throw new Failure('ORDER_NOT_EXIST');
    return order;
  }

  #checkService(of: { readonly appid: string; readonly service_id: string }): void {
    if (of.appid !== this.#merchant.appid || of.service_id !== this.#merchant.serviceId)
      throw new Failure('NO_AUTH');
  }

  #time(atMs = this.#nowMs()): string {
    const beijing = new Date(atMs + 8 * 3_600_000).toISOString();
    return beijing.slice(0, 19).replaceAll(/[-T:]/g, '');
  }
}

function checkSum(of: {
  readonly total_amount: number;
  readonly post_payments: readonly { readonly amount: number }[];
  readonly post_discounts?: readonly { readonly amount: number }[] | undefined;
}): void {
  const off = (of.post_discounts ?? []).reduce((total, { amount }) => total + amount, 0);
  const sum = of.post_payments.reduce((total, { amount }) => total + amount, -off);
  if (sum !== of.total_amount) throw new Failure('PARAM_ERROR', '总金额与付费项目金额不一致');
  if (of.total_amount > ceilingMinor) throw new Failure('PARAM_ERROR', '总金额超过服务风险金额上限');
}

const orderIdAt = (no: string): string => `15646546545165651651${no.length}`;
