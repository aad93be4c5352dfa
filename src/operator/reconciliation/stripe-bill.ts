import { z } from 'zod';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Bill, BillFailure, BillLine } from './bill.ts';

/**
 * Stripe's balance transactions (GET /v1/balance_transactions, `expand[]=data.source`): what moved our balance. Payouts, fees
 * and adjustments are no movement of an order. Amounts are in the currency of the balance's account, which may be another than
 * the charge's, so both are taken from the source. docs.stripe.com/api/balance_transactions; not met in the wild by this program.
 */
const sourceSchema = z.object({
  id: z.string(),
  amount: z.number().int().nonnegative(),
  currency: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
});
const transactionSchema = z.object({
  id: z.string().min(1),
  type: z.string(),
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
};

/** A page of the list, as Stripe sends it. */
export interface StripePage {
  readonly lines: readonly BillLine[];
  /** Where the next page begins; null: this was the last. */
  readonly after: string | null;
}

/** `orderOf`: our number of a payment's metadata and intent; null: not ours. `bill_damaged`: not of this shape. */
export function parseStripePage(
  page: unknown,
  orderOf: (metadata: Readonly<Record<string, string>>, paymentIntent: string) => string | null,
): Result<StripePage, BillFailure> {
  const parsed = pageSchema.safeParse(page);
  if (!parsed.success) return fail('bill_damaged', 'no page of balance transactions');
  const { data, has_more: hasMore } = parsed.data;
  const last = data.at(-1);
  if (hasMore && last === undefined) return fail('bill_damaged', 'more pages behind an empty one');
  const lines: BillLine[] = [];
  for (const transaction of data) {
    const kind = kindOfType[transaction.type];
    if (kind === undefined) continue;
    const line = lineOf(transaction, kind, orderOf);
    if (line === null) return fail('bill_damaged', `the source of ${transaction.id} cannot be read`);
    lines.push(line);
  }
  return ok({ lines, after: hasMore ? (last?.id ?? null) : null });
}

function lineOf(
  { created, source }: Transaction,
  kind: BillLine['kind'],
  orderOf: (metadata: Readonly<Record<string, string>>, paymentIntent: string) => string | null,
): BillLine | null {
  const parsed = sourceSchema.safeParse(source);
  if (!parsed.success) return null;
  const { id, amount, currency, metadata, payment_intent: intent } = parsed.data;
  const intentId = typeof intent === 'string' ? intent : (intent?.id ?? '');
  const orderId = orderOf(metadata, intentId) ?? (intentId === '' ? id : intentId);
  return {
    kind,
    orderId,
    ref: id,
    amountMinor: amount,
    currency: currency.toUpperCase(),
    atMs: created * 1_000,
  };
}

/** All pages, asked for one after the other; `pagesMax`: more is `bill_too_large`. */
export async function readStripePages(
  ask: (after: string | null) => Promise<Result<unknown, BillFailure>>,
  orderOf: (metadata: Readonly<Record<string, string>>, paymentIntent: string) => string | null,
  pagesMax: number,
): Promise<Result<Bill, BillFailure>> {
  const lines: BillLine[] = [];
  let after: string | null = null;
  for (let count = 0; count < pagesMax; count++) {
    const asked = await ask(after);
    if (!asked.ok) return asked;
    const page = parseStripePage(asked.value, orderOf);
    if (!page.ok) return page;
    lines.push(...page.value.lines);
    ({ after } = page.value);
    if (after === null) return ok({ lines });
  }
  return fail('bill_too_large', `more than ${pagesMax} pages`);
}
