import { z } from 'zod';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Bill, BillFailure, BillLine } from './bill.ts';

/**
 * Stripe's balance transactions (GET /v1/balance_transactions, `expand[]=data.source`): what moved our balance. Payouts, fees
 * and adjustments are no movement of an order, but for those of a chargeback: their source is its dispute. Amounts are in the
 * currency of the balance's account, which may be another than the charge's, so both are taken from the source.
 * docs.stripe.com/api/balance_transactions, docs.stripe.com/refunds (failed refunds); not met in the wild by this program.
 */
const sourceSchema = z.object({
  id: z.string(),
  object: z.string().nullish(),
  amount: z.number().int().nonnegative(),
  /** Of a charge: what was taken of what had been held. */
  amount_captured: z.number().int().nonnegative().nullish(),
  currency: z.string(),
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .transform((metadata) => metadata ?? {}),
  payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
});
const transactionSchema = z.object({
  id: z.string().min(1),
  type: z.string(),
  /** What it has done to the balance. */
  amount: z.number().int(),
  currency: z.string(),
  created: z.number().int(),
  source: z.unknown(),
});
const pageSchema = z.object({
  object: z.literal('list'),
  has_more: z.boolean(),
  data: z.array(transactionSchema),
});
type Transaction = z.infer<typeof transactionSchema>;

const kindOfType: Readonly<Record<string, BillLine['kind'] | undefined>> = {
  charge: 'payment',
  payment: 'payment',
  refund: 'refund',
  payment_refund: 'refund',
  // A card that was closed meanwhile: the money is ours again, and its payer has nothing.
  refund_failure: 'refund_failed',
};

/** What it is of an order; undefined: nothing. Its type alone does not tell a chargeback from other adjustments. */
function kindOf({ type, amount, source }: Transaction): BillLine['kind'] | undefined {
  const isDispute = (source as { object?: unknown } | null | undefined)?.object === 'dispute';
  if (isDispute) return amount < 0 ? 'chargeback' : 'chargeback_reversed';
  return kindOfType[type];
}

/** A line, and the intent by which a refund that was made in Stripe's own pages is led back to its order. */
interface StripeLine extends BillLine {
  readonly intentId: string;
}

/** A page of the list, as Stripe sends it. */
interface StripePage {
  readonly lines: readonly StripeLine[];
  /** Where the next page begins; null: this was the last. */
  readonly after: string | null;
}

/** `orderKey`: under which our number stands in the metadata. `bill_damaged`: not of this shape. */
function parsePage(page: unknown, orderKey: string): Result<StripePage, BillFailure> {
  const parsed = pageSchema.safeParse(page);
  if (!parsed.success) return fail('bill_damaged', 'no page of balance transactions');
  const { data, has_more: hasMore } = parsed.data;
  const last = data.at(-1);
  if (hasMore && last === undefined) return fail('bill_damaged', 'more pages behind an empty one');
  const lines: StripeLine[] = [];
  for (const transaction of data) {
    const kind = kindOf(transaction);
    if (kind === undefined) continue;
    const line = lineOf(transaction, kind, orderKey);
    if (line === null) return fail('bill_damaged', `the source of ${transaction.id} cannot be read`);
    lines.push(line);
  }
  return ok({ lines, after: hasMore ? (last?.id ?? null) : null });
}

function lineOf(
  { id: transactionId, amount: movedMinor, currency: ofBalance, created, source }: Transaction,
  kind: BillLine['kind'],
  orderKey: string,
): StripeLine | null {
  const parsed = sourceSchema.safeParse(source);
  if (!parsed.success) return null;
  const { id, currency, metadata, payment_intent: intent } = parsed.data;
  const intentId = typeof intent === 'string' ? intent : (intent?.id ?? '');
  // One dispute may move money several times, and not all of it.
  const isDispute = parsed.data.object === 'dispute';
  const isPart = isDispute && ofBalance === currency;
  return {
    kind,
    orderId: metadata[orderKey] ?? (intentId === '' ? id : intentId),
    ref: isDispute ? transactionId : id,
    amountMinor: isPart ? Math.abs(movedMinor) : (parsed.data.amount_captured ?? parsed.data.amount),
    currency: currency.toUpperCase(),
    atMs: created * 1_000,
    intentId,
  };
}

/**
 * All pages, asked for one after the other. `orderKey`: under which our number stands in the metadata; what has none there is
 * led to it by the intent of a payment of the same bill, else it stands under the intent. `pagesMax`: more is `bill_too_large`.
 */
export async function readStripePages(
  ask: (after: string | null) => Promise<Result<unknown, BillFailure>>,
  orderKey: string,
  pagesMax: number,
): Promise<Result<Bill, BillFailure>> {
  const lines: StripeLine[] = [];
  let after: string | null = null;
  for (let count = 0; count < pagesMax; count++) {
    const asked = await ask(after);
    if (!asked.ok) return asked;
    const page = parsePage(asked.value, orderKey);
    if (!page.ok) return page;
    lines.push(...page.value.lines);
    ({ after } = page.value);
    if (after === null) return ok({ lines: underOurNumbers(lines) });
  }
  return fail('bill_too_large', `more than ${pagesMax} pages`);
}

function underOurNumbers(lines: readonly StripeLine[]): BillLine[] {
  const payments = lines.filter((line) => line.kind === 'payment' && line.intentId !== '');
  const orderOf = new Map(payments.map((line) => [line.intentId, line.orderId]));
  return lines.map(({ intentId, ...line }) => ({
    ...line,
    orderId: line.orderId === intentId ? (orderOf.get(intentId) ?? intentId) : line.orderId,
  }));
}
