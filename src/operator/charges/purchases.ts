import { and, desc, eq, ne, sql } from 'drizzle-orm';
import type { PurchasesReply, PurchasesRequest } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Refund } from '../../shared/model/purchase.schema.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import { minor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { StoredLines } from './charge-lines.ts';
import { readLines } from './charge-lines.ts';
import { isAttemptOut, replyFor } from './charge-reply.ts';
import { isOfMember } from './of-member.ts';
import { isCollectionOver } from '../debits/collection-schedule.ts';
import type { PaymentLook } from '../debits/payment-look.ts';
import { readDisputedSkus } from '../disputes/disputes.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { GoesBack } from '../refunds/refund-records.ts';
import { goesByItself } from '../refunds/refund-plan.ts';
import { goesBackOf } from '../refunds/refund-records.ts';
import { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { accountOf } from '../visits/authorise.ts';

export interface PurchasesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  readonly paymentLook: PaymentLook;
}

export type Purchase = PurchasesReply['purchases'][number];
type ChargeRow = typeof charge.$inferSelect;

/**
 * The newest purchases, and those that are not paid, at any cabinet, of the member who is in "my data" at this one. The cabinet names its visit and no member, so it
 * learns of nobody but who has shown a code there a short time ago; `forbidden` for every other visit, whatever it is.
 * What is the member's by a cabinet's word alone is not told, and takes no other purchase's place. What may have been paid
 * at its provider meanwhile is asked for there first.
 */
export async function listPurchases(
  options: PurchasesOptions,
  cabinetId: string,
  { visitId }: PurchasesRequest,
): Promise<Result<PurchasesReply, ApiFailure>> {
  const { db, clock } = options;
  const memberId = await accountOf(db, clock, cabinetId, visitId);
  if (memberId === null) return fail('forbidden', 'not a visit for "my data" that is open here');
  return ok({ purchases: await purchasesOf(options, () => readNewest(db, memberId)) });
}

/** The same for somebody who is known to be this member. */
export function purchasesOfMember(options: PurchasesOptions, memberId: string): Promise<Purchase[]> {
  return purchasesOf(options, () => readNewest(options.db, memberId));
}

/** One of them, however old it is; null: none of this member's. */
export async function purchaseOfMember(
  options: PurchasesOptions,
  memberId: string,
  chargeId: ChargeId,
): Promise<Purchase | null> {
  const isIt = and(eq(charge.chargeId, chargeId), eq(charge.memberId, memberId), isOfMember);
  const [found] = await purchasesOf(options, () => options.db.select().from(charge).where(isIt));
  return found ?? null;
}

/** What may have been paid meanwhile is asked for first. */
async function purchasesOf(options: PurchasesOptions, read: () => Promise<ChargeRow[]>): Promise<Purchase[]> {
  const { db } = options;
  const before = await read();
  const rows = (await options.paymentLook.look(before)) ? await read() : before;
  const linesOf = await readLines(
    db,
    rows.map(({ chargeId }) => chargeId),
  );
  const disputedOf = await readDisputedSkus(db, rows);
  const backOf = await goesBackOf(db, rows);
  const open = [...backOf].filter(([, { openMinor }]) => openMinor > 0).map(([chargeId]) => chargeId);
  const byItself = await goesByItself(db, options.providers.payingBack, open);
  const purchases = rows.map((row) => {
    const { chargeId } = row;
    const refund = refundOf(backOf.get(chargeId), byItself.has(chargeId));
    return {
      ...purchaseOf(row, linesOf(chargeId), disputedOf(chargeId), options.providers),
      ...(refund !== null && { refund }),
    };
  });
  return purchases;
}

/** While something is under way that is told, and who does it; then what has gone back in all, and when the last of it did. */
function refundOf(back: GoesBack | undefined, isNext: boolean): Refund | null {
  if (back === undefined) return null;
  const { openMinor, sinceMs, isOut, doneMinor, doneAtMs } = back;
  const by = isOut || isNext ? 'system' : 'support';
  return openMinor > 0 || doneAtMs === null
    ? { stage: 'under_way', amountMinor: minor(openMinor), atMs: sinceMs, by }
    : { stage: 'done', amountMinor: minor(doneMinor), atMs: doneAtMs };
}

/** By our own clock: a cabinet whose clock is wrong must not push the others out. */
async function readNewest(db: Db, memberId: string): Promise<ChargeRow[]> {
  const isTheirs = and(eq(charge.memberId, memberId), isOfMember);
  const newestFirst = [desc(charge.firstAtMs), desc(charge.chargeId)];
  // What is not paid is there to be seen, and a debt to be paid, however much was bought since.
  const isDebtFirst = sql`not (${charge.state} = 'collecting' or ${charge.collectionEnded})`;
  const isUnpaid = and(isTheirs, ne(charge.state, 'paid'));
  const unpaid = await db
    .select()
    .from(charge)
    .where(isUnpaid)
    .orderBy(isDebtFirst, ...newestFirst)
    .limit(purchasesMax / 2);
  const newest = await db
    .select()
    .from(charge)
    .where(isTheirs)
    .orderBy(...newestFirst)
    .limit(purchasesMax);
  const others = newest.filter(({ chargeId }) => !unpaid.some((row) => row.chargeId === chargeId));
  return [...unpaid, ...others]
    .slice(0, purchasesMax)
    .sort((a, b) => b.firstAtMs - a.firstAtMs || (a.chargeId < b.chargeId ? 1 : -1));
}

function purchaseOf(
  row: ChargeRow,
  { lines, heldLines }: StoredLines,
  disputed: ReadonlySet<string>,
  providers: ProviderRegistry,
): Purchase {
  const { chargeId, state, reason, totalMinor: billedMinor, resolved } = replyFor(row);
  const collecting = state === 'collecting' && !isAttemptOut(row);
  return {
    chargeId,
    cabinetId: row.cabinetId,
    atMs: row.closedAtMs,
    currency: row.currency,
    lines: [...lines],
    heldLines: [...heldLines],
    totalMinor: minor(row.totalMinor),
    billedMinor,
    state,
    reason,
    resolved,
    inReview: row.review,
    disputed: lines.map(({ sku }) => sku).filter((sku) => disputed.has(sku)),
    nextTryAtMs: collecting && isTriedNext(row) ? row.nextAttemptAtMs : null,
    means: collecting ? (providers.find(row.provider)?.means ?? undefined) : undefined,
    payUrl: collecting ? providers.payUrl(row.provider, chargeId) : null,
  };
}

/** The account is asked when it is looked at next: not where its member or the provider acts, nor where its collection ends. */
function isTriedNext({
  waitsForShopper,
  collectedByProvider,
  collectingSinceMs,
  nextAttemptAtMs,
}: ChargeRow): boolean {
  if (waitsForShopper || collectedByProvider || nextAttemptAtMs === null) return false;
  return collectingSinceMs === null || !isCollectionOver(collectingSinceMs, nextAttemptAtMs);
}
