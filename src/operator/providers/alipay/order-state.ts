import { z } from 'zod';
import type { DeclineReason } from '../provider.ts';
import { minorOf } from './amounts.ts';
import { agreementStates, orderStates, tradeStates } from './codes.ts';
import type { AlipayRecord } from './known-order.ts';

/** How an order stands at Alipay. Amounts in fen. */
export type OrderState =
  /** It is not there, or not yet. */
  | { readonly kind: 'missing' }
  /** Ordered, and no debit of it is there (yet). */
  | { readonly kind: 'waiting'; readonly creditOrderNo: string }
  /** Its debit was taken; Alipay goes on asking the payer. `reason`: why not yet, as far as it was said. */
  | { readonly kind: 'paying'; readonly amountMinor: number; readonly reason: DeclineReason }
  | { readonly kind: 'paid'; readonly amountMinor: number; readonly tradeNo: string }
  /** Ended without a debit: final. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown'; readonly message: string };

/** The credit order alone: whether it is debited, only its trade says. */
export type CreditOrderState =
  | { readonly kind: 'there'; readonly status: (typeof orderStates)[number]; readonly creditOrderNo: string }
  | { readonly kind: 'unknown'; readonly message: string };

const numberSchema = z.string().regex(/^[0-9A-Za-z_-]{8,64}$/);

const creditOrderSchema = z.object({
  credit_biz_order_id: numberSchema,
  out_order_no: z.string().optional(),
  credit_agreement_id: z.string().optional(),
  /** The answer to a new order may go without. */
  order_status: z.enum(orderStates).default('INIT'),
});

const tradeSchema = z.object({
  trade_no: z.string().min(1),
  out_trade_no: z.string(),
  total_amount: z.string(),
});
const shownTradeSchema = tradeSchema.extend({ trade_status: z.enum(tradeStates) });

const agreementSchema = z.object({
  credit_agreement_id: z.string().optional(),
  out_agreement_no: z.string().optional(),
  agreement_status: z.enum(agreementStates),
});

/** How a credit order stands, by a proven answer about it: `number` is ours. What does not fit is `unknown`. */
export function creditOrderOf(body: unknown, known: AlipayRecord | null, number: string): CreditOrderState {
  const parsed = creditOrderSchema.safeParse(body);
  if (!parsed.success) return unknown('the answer is not a credit order as we know it');
  const {
    credit_biz_order_id: creditOrderNo,
    out_order_no: outOrderNo,
    credit_agreement_id: agreementId,
    order_status: status,
  } = parsed.data;
  const isOther =
    (outOrderNo !== undefined && outOrderNo !== number) ||
    (known !== null && known.creditOrderNo !== null && known.creditOrderNo !== creditOrderNo);
  if (isOther) return unknown('the answer is about another order');
  const expected = known?.create?.agreementId ?? null;
  if (expected !== null && agreementId !== undefined && agreementId !== expected)
    return unknown('the answer is about another person');
  return { kind: 'there', status, creditOrderNo };
}

/**
 * How the debit of a credit order stands, by a proven answer or notice about it. What does not fit is `unknown`, never
 * paid. One that is closed is ended only when we have ended it: Alipay says the same of one that was paid back in full.
 */
export function tradeStateOf(body: unknown, known: AlipayRecord | null, creditOrderNo: string): OrderState {
  const parsed = shownTradeSchema.safeParse(body);
  if (!parsed.success) return unknown('the answer is not a trade as we know it');
  const { trade_status: status, trade_no: tradeNo } = parsed.data;
  const taken = takenBy(parsed.data, known, creditOrderNo);
  if (taken.kind === 'unknown') return taken;
  switch (status) {
    case 'TRADE_SUCCESS':
    case 'TRADE_FINISHED':
      return { kind: 'paid', amountMinor: taken.amountMinor, tradeNo };
    case 'WAIT_BUYER_PAY':
      return taken;
    case 'TRADE_CLOSED':
      if (known?.paid) return { kind: 'paid', ...known.paid };
      return known?.stage === 'closing'
        ? { kind: 'ended' }
        : unknown('it is closed, not by us: it was ended, or paid back in full, in the console');
  }
}

/** That a debit was taken, by the proven answer to it; whether it came about, is not said. */
export function takenBy(
  body: unknown,
  known: AlipayRecord | null,
  creditOrderNo: string,
): Extract<OrderState, { kind: 'paying' | 'unknown' }> {
  const parsed = tradeSchema.safeParse(body);
  if (!parsed.success) return unknown('the answer is not a trade as we know it');
  if (parsed.data.out_trade_no !== creditOrderNo) return unknown('the answer is about another trade');
  const amountMinor = minorOf(parsed.data.total_amount);
  if (amountMinor === null) return unknown('its amount cannot be read');
  if (known?.pay && known.pay.amountMinor !== amountMinor)
    return unknown(`it debits ${amountMinor}, which it was never told to`);
  return { kind: 'paying', amountMinor, reason: known?.declinedFor ?? 'account.declined' };
}

/** How an agreement stands, by a proven answer about it; null: it does not say. */
export function agreementOf(body: unknown, agreementId: string): 'valid' | 'void' | null {
  const said = agreementSchema.safeParse(body).data;
  if (said === undefined || (said.credit_agreement_id ?? agreementId) !== agreementId) return null;
  return said.agreement_status === 'VALID' ? 'valid' : 'void';
}

/** Our number of the sign-up by which an agreement came about, by the same answer; null: it does not say. */
export function signUpOf(body: unknown): string | null {
  return agreementSchema.safeParse(body).data?.out_agreement_no ?? null;
}

function unknown(message: string): Extract<OrderState, { kind: 'unknown' }> {
  return { kind: 'unknown', message };
}
