import type { AlipayRecord } from './known-order.ts';
import type { OrderCalls } from './order-calls.ts';
import type { CreditOrderState, OrderState } from './order-state.ts';
import { agreementOf, creditOrderOf, tradeStateOf } from './order-state.ts';

/** Asks Alipay how an order, its debit or an agreement stands; changes nothing. */
export class OrderLook {
  readonly #calls: OrderCalls;

  constructor(calls: OrderCalls) {
    this.#calls = calls;
  }

  /** How an agreement stands; null: nobody says. */
  async agreement(agreementId: string): Promise<'valid' | 'void' | null> {
    const answer = await this.#calls.agreementQuery(agreementId);
    return answer.kind === 'ok' ? agreementOf(answer.body, agreementId) : null;
  }

  /** Where a debit may have been sent, its trade says it; without one the credit order does. */
  async ask(known: AlipayRecord | null, number: string): Promise<OrderState> {
    const isDebitKnown = known?.wasPaying === true && known.creditOrderNo !== null;
    if (isDebitKnown) {
      const trade = await this.#trade(known, known.creditOrderNo ?? '');
      if (trade.kind !== 'missing') return trade;
    }
    const order = await this.#creditOrder(known, number);
    if (order.kind !== 'there') return order;
    const { status, creditOrderNo } = order;
    if (status === 'INIT' && known !== null) return { kind: 'waiting', creditOrderNo };
    if (!isDebitKnown) {
      const trade = await this.#trade(known, creditOrderNo);
      if (trade.kind !== 'missing') return trade;
    }
    switch (status) {
      case 'INIT':
        return { kind: 'waiting', creditOrderNo };
      case 'TRADE_FINISHED':
        return unknown('it is debited, and Alipay does not know by which trade');
      case 'TRADE_CLOSED':
        return { kind: 'ended' };
    }
  }

  async #trade(known: AlipayRecord | null, creditOrderNo: string): Promise<OrderState> {
    const answer = await this.#calls.tradeQuery(creditOrderNo);
    if (answer.kind === 'ok') return tradeStateOf(answer.body, known, creditOrderNo);
    const isNotFound = answer.kind === 'refused' && answer.class === 'not_found';
    return isNotFound ? { kind: 'missing' } : unknown(answer.message);
  }

  /**
   * 芝麻's own word for "no such order" stands in no public copy, so that each business refusal of this question is taken for
   * it. Nothing is lost by that: a number that is missing is ordered again under the same number, never debited by it.
   */
  async #creditOrder(
    known: AlipayRecord | null,
    number: string,
  ): Promise<CreditOrderState | Extract<OrderState, { kind: 'missing' }>> {
    const creditOrderNo = known?.creditOrderNo ?? null;
    const answer = await this.#calls.orderQuery(
      creditOrderNo === null ? { out_order_no: number } : { credit_biz_order_id: creditOrderNo },
    );
    if (answer.kind === 'ok') return creditOrderOf(answer.body, known, number);
    const isNotFound =
      answer.kind === 'refused' && (answer.class === 'query' || answer.class === 'not_found');
    return isNotFound ? { kind: 'missing' } : unknown(answer.message);
  }
}

function unknown(message: string): Extract<OrderState, { kind: 'unknown' }> {
  return { kind: 'unknown', message };
}
