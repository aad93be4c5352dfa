import { z } from 'zod';
import { collectionStates, orderStates, stateDescriptions } from './codes.ts';
import { parseWechatTime } from './wechat-time.ts';
import type { WechatConfig } from './wechat-config.ts';

const amount = z.number().int().min(0);

/** An order as answers and notices of payment show it; only what we judge by. */
const orderSchema = z.object({
  out_order_no: z.string(),
  mchid: z.string(),
  appid: z.string(),
  service_id: z.string(),
  openid: z.string().optional(),
  state: z.enum(orderStates),
  state_description: z.enum(stateDescriptions).nullish(),
  total_amount: amount.nullish(),
  time_range: z.object({ start_time: z.string().optional() }).nullish(),
  collection: z
    .object({
      state: z.enum(collectionStates),
      total_amount: amount.optional(),
      paying_amount: amount.optional(),
      paid_amount: amount.optional(),
      details: z.array(z.object({ transaction_id: z.string().optional() })).nullish(),
    })
    .nullish(),
});

/** How an order stands at WeChat. Amounts in fen. */
export type OrderState =
  /** It is not there, or not yet. */
  | { readonly kind: 'missing' }
  /** Waits for its payer's confirmation, which we do not ask for: it can never be debited so. */
  | { readonly kind: 'unconfirmed' }
  /** Under way, and nothing was asked for. `startedAtMs`: wall time; null: not said. */
  | { readonly kind: 'waiting'; readonly startedAtMs: number | null }
  /** Completed; WeChat goes on asking the payer. */
  | { readonly kind: 'paying'; readonly amountMinor: number }
  | { readonly kind: 'paid'; readonly amountMinor: number; readonly transactionId: string | null }
  /** Cancelled or expired: final, and nothing was debited. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown'; readonly message: string };

/** What an answer has to fit. */
export interface Expected {
  readonly number: string;
  /** Who pays; null: not known. */
  readonly openid: string | null;
  /** Sums that it was ever told to collect; empty: not known. */
  readonly askedMinor: readonly number[];
  readonly merchant: Pick<WechatConfig, 'mchid' | 'appid' | 'serviceId'>;
}

/** How an order stands, by a proven answer about it. What does not fit is `unknown`, never paid. */
export function orderStateOf(body: unknown, expected: Expected): OrderState {
  const parsed = orderSchema.safeParse(body);
  if (!parsed.success) return unknown('the answer is not an order as we know it');
  const order = parsed.data;
  const { merchant, number, openid } = expected;
  if (order.out_order_no !== number) return unknown('the answer is about another order');
  if (
    order.mchid !== merchant.mchid ||
    order.appid !== merchant.appid ||
    order.service_id !== merchant.serviceId
  )
    return unknown('the answer is about another merchant or service');
  if (openid !== null && order.openid !== undefined && order.openid !== openid)
    return unknown('the answer is about another person');
  switch (order.state) {
    case 'CREATED':
      return { kind: 'unconfirmed' };
    case 'REVOKED':
    case 'EXPIRED':
      return { kind: 'ended' };
    case 'DOING':
    case 'DONE':
      return collectedState(order, expected.askedMinor);
  }
}

/** By the triple of state, description and collection. */
function collectedState(
  { state, state_description: description, total_amount: total, collection, time_range }: Order,
  askedMinor: readonly number[],
): OrderState {
  const isWaiting = state === 'DOING' && description === 'USER_CONFIRM' && (collection ?? null) === null;
  if (isWaiting) return { kind: 'waiting', startedAtMs: parseWechatTime(time_range?.start_time) };
  if (state === 'DOING' && description !== 'MCH_COMPLETE') return unknown('it is neither open nor completed');
  if (state === 'DONE' && collection?.state !== 'USER_PAID') return unknown('it is done, but not paid');
  const amountMinor = total ?? collection?.total_amount;
  if (amountMinor === undefined) return unknown('it is completed without an amount');
  if (collection?.total_amount !== undefined && collection.total_amount !== amountMinor)
    return unknown('its amounts contradict each other');
  if (askedMinor.length > 0 && !askedMinor.includes(amountMinor))
    return unknown(`it collects ${amountMinor}, which it was never told to`);
  if (collection?.state !== 'USER_PAID') return { kind: 'paying', amountMinor };
  if (collection.paid_amount !== amountMinor || (collection.paying_amount ?? 0) !== 0)
    return unknown(`it says paid, with ${collection.paid_amount ?? 'nothing'} of ${amountMinor}`);
  const transactionId = collection.details?.find((detail) => detail.transaction_id)?.transaction_id ?? null;
  return { kind: 'paid', amountMinor, transactionId };
}

type Order = z.infer<typeof orderSchema>;

const unknown = (message: string): OrderState => ({ kind: 'unknown', message });
