import type { CallBudget } from '../call-budget.ts';
import type { DebitLine } from '../provider.ts';
import { cut } from '../shown-text.ts';
import type { AlipayConfig } from './alipay-config.ts';
import { yuanText } from './amounts.ts';
import type { Method } from './codes.ts';
import { creditProduct, limits, methods, payScene } from './codes.ts';
import type { Answer, GatewayClient } from './gateway-client.ts';

/** What the payer may read of an order that ends without a debit. */
const finishRemark = '本次未产生消费';

/** The calls about one order: their contents, and by when they have to be answered. Amounts in fen. */
export class OrderCalls {
  readonly #client: GatewayClient;
  readonly #config: AlipayConfig;
  readonly #budget: CallBudget;

  constructor(client: GatewayClient, config: AlipayConfig, budget: CallBudget) {
    this.#client = client;
    this.#config = config;
    this.#budget = budget;
  }

  /**
   * A credit order that needs no confirmation by its payer. Without an amount: what it may cost at most is the contract's
   * limit, for a visit may cost more than was expected.
   */
  orderBody(order: { readonly number: string; readonly agreementId: string }): string {
    const { title, categoryId } = this.#config;
    return JSON.stringify({
      out_order_no: order.number,
      credit_agreement_id: order.agreementId,
      product_code: creditProduct,
      subject: title,
      ...(categoryId !== undefined && { category_id: categoryId }),
    });
  }

  /** The debit: `body` comes back with its notices, and says there whose they are. */
  payBody(pay: {
    readonly orderId: string;
    readonly creditOrderNo: string;
    readonly amountMinor: number;
    readonly lines: readonly DebitLine[];
  }): string {
    return JSON.stringify({
      out_trade_no: pay.creditOrderNo,
      auth_code: pay.creditOrderNo,
      total_amount: yuanText(pay.amountMinor),
      subject: subjectOf(this.#config.title, pay.lines),
      body: pay.orderId,
      ...payScene,
    });
  }

  order(body: string): Promise<Answer> {
    return this.#call(methods.order, body);
  }

  pay(body: string): Promise<Answer> {
    return this.#call(methods.pay, body, this.#config.notifyUrl);
  }

  agreementQuery(agreementId: string): Promise<Answer> {
    return this.#call(methods.agreementQuery, JSON.stringify({ credit_agreement_id: agreementId }));
  }

  orderQuery(
    by: { readonly credit_biz_order_id: string } | { readonly out_order_no: string },
  ): Promise<Answer> {
    return this.#call(methods.orderQuery, JSON.stringify(by));
  }

  tradeQuery(creditOrderNo: string): Promise<Answer> {
    return this.#call(methods.tradeQuery, JSON.stringify({ out_trade_no: creditOrderNo }));
  }

  /** Ends an order without a debit, and the debit that has not come about yet. */
  finish(creditOrderNo: string, requestNo: string): Promise<Answer> {
    const content = {
      credit_biz_order_id: creditOrderNo,
      is_fulfilled: 'false',
      out_request_no: requestNo,
      remark: finishRemark,
    };
    return this.#call(methods.finish, JSON.stringify(content));
  }

  refund(refund: {
    tradeNo: string;
    refundId: string;
    amountMinor: number;
    reason: string;
  }): Promise<Answer> {
    const content = {
      trade_no: refund.tradeNo,
      refund_amount: yuanText(refund.amountMinor),
      out_request_no: refund.refundId,
      refund_reason: cut(refund.reason, limits.refundReasonMax),
    };
    return this.#call(methods.refund, JSON.stringify(content));
  }

  refundQuery(tradeNo: string, refundId: string): Promise<Answer> {
    const content = { trade_no: tradeNo, out_request_no: refundId };
    return this.#call(methods.refundQuery, JSON.stringify(content));
  }

  #call(method: Method, content: string, notifyUrl?: string): Promise<Answer> {
    const budget = this.#budget;
    return this.#client.call({ method, content, budget, ...(notifyUrl !== undefined && { notifyUrl }) });
  }
}

/** What the payer reads of a debit: the service, and what was taken. Without the characters that a subject must not have. */
function subjectOf(title: string, lines: readonly DebitLine[]): string {
  const [first] = lines;
  if (first === undefined) return title;
  const pieces = lines.reduce((sum, { count }) => sum + count, 0);
  const rest = pieces > 1 ? `等${pieces}件商品` : '';
  const name = first.name.replaceAll(/[/=&]/g, ' ');
  return `${cut(`${title} ${name}`, limits.subjectMax - rest.length)}${rest}`;
}
