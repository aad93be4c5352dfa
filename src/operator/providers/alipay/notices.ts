import { z } from 'zod';
import type { Notice, NoticeOutcome } from '../provider.ts';
import type { AlipayConfig } from './alipay-config.ts';
import { messages, tradeNotice } from './codes.ts';
import { orderOf } from './known-order.ts';
import type { Params } from './signing.ts';
import { verifyNotify } from './signing.ts';

export type ReadNotice =
  | Extract<NoticeOutcome, { kind: 'other' | 'refused' }>
  /** Something became of the debit of this order; `trade` is to be judged as an answer about `creditOrderNo`. */
  | {
      readonly kind: 'trade';
      readonly orderId: string;
      readonly creditOrderNo: string;
      readonly trade: Params;
    }
  /** Something became of this credit order. */
  | { readonly kind: 'order'; readonly orderId: string }
  /** Something became of this agreement: what, is to be asked, for such notices overtake each other. */
  | { readonly kind: 'agreement'; readonly agreementId: string };

const orderChangedSchema = z.object({ out_order_no: z.string() });
const agreementChangedSchema = z.object({ credit_agreement_id: z.string().min(1) });

/** What a notice says, once it is proven to be Alipay's and for this app and merchant. */
export function readNotice({ body }: Notice, config: AlipayConfig): ReadNotice {
  const read = verifyNotify(body.toString('utf8'), config.alipayPublicKeys);
  if (!read.ok) return refused(read.refusal);
  const { params } = read;
  if (params['app_id'] !== config.appId) return refused('for another app');
  const message = params['msg_method'];
  if (message !== undefined) return readMessage(message, params['biz_content'] ?? '');
  if (params['notify_type'] !== tradeNotice) return refused('of a kind that is not known');
  if (params['seller_id'] !== config.sellerId) return refused('for another merchant');
  const { out_trade_no: creditOrderNo, body: orderId } = params;
  if (creditOrderNo === undefined) return refused('not to be read');
  // Another service of this app: our own debits name their order.
  if (orderId === undefined || orderOf(orderId)?.generation !== 0) return { kind: 'other' };
  return { kind: 'trade', orderId, creditOrderNo, trade: params };
}

function readMessage(message: string, content: string): ReadNotice {
  const value = parsed(content);
  switch (message) {
    case messages.agreementChanged: {
      const agreement = agreementChangedSchema.safeParse(value);
      if (!agreement.success) return refused('not to be read');
      return { kind: 'agreement', agreementId: agreement.data.credit_agreement_id };
    }
    case messages.orderChanged: {
      const order = orderChangedSchema.safeParse(value);
      if (!order.success) return refused('not to be read');
      const { orderId } = orderOf(order.data.out_order_no) ?? {};
      return orderId === undefined ? { kind: 'other' } : { kind: 'order', orderId };
    }
    default:
      return refused('of a kind that is not known');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const refused = (message: string): ReadNotice => ({ kind: 'refused', message: `notice refused: ${message}` });
