import { createHash } from 'node:crypto';
import { and, desc, eq } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import { idRandomByteCount, makeChargeId } from '../../shared/ids.ts';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import type { ChargeBody, ChargeLine } from '../../shared/model/charge.schema.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import { disputedIn, lockCharge } from '../disputes/disputes.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import { pricesWithin, shownFrom } from '../fleet/catalog-prices.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { Policy } from '../limits.ts';
import { chargeAgeMaxMs, visitSilentMs } from '../limits.ts';
import { tellMember } from '../members/notices.ts';
import { plainText } from '../storage/plain-text.ts';
import { wasPutBackWithin } from '../storage/put-back.ts';
import { charge, chargeByHand, chargeEvent, chargeLine, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { earlyResolutionOf } from '../support/early-resolution.ts';
import { chargeHasCome, saidOfVisit } from '../visits/closings.ts';
import { releaseWithCharge } from '../visits/order-records.ts';
import { storeLines } from './charge-lines.ts';
import { evaluateCharge, readFacts, toldMeansOf } from './evaluate-charge.ts';
import { atLowestPrice } from './promotion-check.ts';
import { newChargeRow } from './new-charge-row.ts';

export interface ByHandParts {
  /** A transaction: all of it or nothing. */
  readonly db: Db;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
  /** How long a charge that may still come by itself is waited for, ms; left out: until people are told of its absence. */
  readonly waitMs?: number;
}

/** What people say was taken in a visit. */
export interface ByHandRequest {
  readonly cabinetId: string;
  readonly visitId: VisitId;
  readonly goods: readonly { readonly sku: string; readonly count: number }[];
  readonly by: string;
  readonly reason: string;
}

type VisitRow = typeof visit.$inferSelect;
type ChargeRow = typeof charge.$inferSelect;

/**
 * The number of a visit's charge: the one that its cabinet has named when the member was let in, so that the provider and we know
 * both as one, whatever comes later. Of a cabinet from before, which names none: always the same one, made of the visit's.
 */
export function chargeIdOf({ cabinetId, visitId, chargeId, atMs }: VisitRow): ChargeId {
  if (chargeId !== null) return chargeId as ChargeId;
  const digest = createHash('sha256').update(`${cabinetId}\n${visitId}`).digest();
  return makeChargeId(atMs, digest.subarray(0, idRandomByteCount));
}

/** The visit that somebody was let in for at this cabinet; `not_found`: nobody was; `conflict`: several were. */
export async function findVisit(
  db: Db,
  { cabinetId, visitId }: Pick<ByHandRequest, 'cabinetId' | 'visitId'>,
): Promise<Result<VisitRow, ApiFailure>> {
  const isIt = and(eq(visit.cabinetId, cabinetId), eq(visit.visitId, visitId));
  const isAllowed = and(eq(visit.purpose, 'visit'), eq(visit.allowed, true));
  const [row, ...more] = await db.select().from(visit).where(and(isIt, isAllowed));
  if (row === undefined) return fail('not_found', 'nobody was let in for this visit');
  return more.some(({ memberId }) => memberId !== row.memberId)
    ? fail('conflict', 'several people were let in under this number')
    : ok(row);
}

/**
 * Charges what was taken in a visit of which no charge has come, under the number that its charge would have had: as if it had
 * come and waited, and people had decided to debit it. So it is judged like any other, debited, collected and paid back by the
 * same ways, and once: what its cabinet sends later under this number changes nothing (`originalHasCome`), and a second charge of
 * the visit under another one is held. The same request for a visit that has been charged is a `conflict`. Call it in a
 * transaction, and wake the debit worker after.
 */
export async function makeChargeByHand(
  parts: ByHandParts,
  request: ByHandRequest,
): Promise<Result<ChargeRow, ApiFailure>> {
  const { db, clock, policy } = parts;
  const found = await findVisit(db, request);
  if (!found.ok) return found;
  const chargeId = chargeIdOf(found.value);
  await lockCharge(db, chargeId);
  const drawn = await bodyOf(parts, found.value, request);
  if (!drawn.ok) return drawn;
  const body = drawn.value;
  const refused = await whyNot(parts, found.value, body);
  if (refused !== null) return refused;
  const facts = await readFacts(db, parts, body, null);
  const verdict = evaluateCharge(body, policy, facts);
  if (verdict.state !== 'accepted')
    return fail('conflict', `held by itself: ${verdict.incident ?? verdict.reason ?? verdict.state}`);
  if (facts.provider === null) return fail('conflict', 'the member has no account that could be debited');
  const mostMinor = facts.toldMaxMinor ?? policy.visitMaxMinor;
  if (body.totalMinor > mostMinor) return fail('bad_request', `the visit allowed no more than ${mostMinor}`);
  const said = await saidOfVisit(db, body);
  const row = await insertHeld(parts, body, facts.provider);
  if (row === null) return fail('conflict', 'its number is taken by another charge');
  await chargeHasCome(db, clock, row, said);
  const [by, reason] = [plainText(request.by), plainText(request.reason)];
  const { cabinetId, visitId, memberId, currency, totalMinor: amountMinor } = body;
  const detail = JSON.stringify({ by, reason });
  await db.insert(chargeByHand).values({
    ...{ chargeId, cabinetId, visitId, actor: by, reason, madeAtMs: clock.nowMs() },
  });
  await db.insert(chargeEvent).values({ chargeId, atMs: clock.nowMs(), kind: 'made_by_hand', detail });
  const event = { type: 'resolved', by, decision: 'debit', amountMinor, reason } as const;
  const decided = await storeDebitEvent(db, clock, row, event, 0);
  assert(decided.ok, 'what waits for people, and costs something, may be debited');
  await releaseWithCharge(db, clock, decided.value);
  await tellMember(db, clock, {
    ...{ memberId, kind: 'charged_by_hand', ref: chargeId, cabinetId, amountMinor, currency },
  });
  return ok(decided.value);
}

/** The bill: goods at the lowest price that may have been shown in the visit, under today's name or the one on the last bill. */
async function bodyOf(
  { db, catalog }: ByHandParts,
  row: VisitRow,
  { goods }: ByHandRequest,
): Promise<Result<ChargeBody, ApiFailure>> {
  const { currency, products } = catalog.catalog;
  const skus = goods.map(({ sku }) => sku);
  if (new Set(skus).size !== skus.length) return fail('bad_request', 'an article stands twice');
  const prices = await pricesWithin(db, currency, shownFrom(row.atMs), skus);
  const gone = skus.filter((sku) => !products.some((one) => one.sku === sku));
  const nameOf = await namesOnBills(db, gone);
  const lines: ChargeLine[] = [];
  for (const { sku, count } of goods) {
    const priceMinor = prices.get(sku);
    if (priceMinor === undefined) return fail('bad_request', `${sku} was not sold when the visit began`);
    if (priceMinor * count > amountMaxMinor) return fail('bad_request', `${sku}: more than can be charged`);
    const name = products.find((one) => one.sku === sku)?.name ?? nameOf(sku);
    lines.push({
      sku,
      name,
      count,
      unitPriceMinor: minor(priceMinor),
      amountMinor: minor(priceMinor * count),
    });
  }
  const { cabinetId, visitId, memberId, atMs } = row;
  const visited = { cabinetId, currency, allowedAtMs: atMs, means: toldMeansOf(row.reply) };
  const { lines: priced, promotionsVersion } = await atLowestPrice(db, lines, visited);
  const totalMinor = priced.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (totalMinor > amountMaxMinor) return fail('bad_request', 'more than can be charged');
  if (totalMinor === 0)
    return fail('bad_request', 'all of it may have been free then: nothing is to be paid');
  return ok({
    ...{
      chargeId: chargeIdOf(row),
      visitId: visitId as VisitId,
      cabinetId,
      memberId,
      currency,
      lines: [...priced],
    },
    ...{ totalMinor: minor(totalMinor), heldLines: [], review: [], confirmedByShopper: false },
    ...{ openedAtMs: atMs, closedAtMs: atMs },
    ...(promotionsVersion !== null && { promotionsVersion }),
  });
}

/** What goods were called on the last bill that they were on; those that were on none by their number. */
export async function namesOnBills(db: Db, skus: readonly string[]): Promise<(sku: string) => LocalText> {
  const names = new Map<string, LocalText>();
  for (const sku of skus) {
    const [last] = await db
      .select({ name: chargeLine.name })
      .from(chargeLine)
      .where(eq(chargeLine.sku, sku))
      .orderBy(desc(chargeLine.chargeId))
      .limit(1);
    if (last !== undefined) names.set(sku, localTextSchema.parse(JSON.parse(last.name)));
  }
  return (sku) => names.get(sku) ?? { zh: sku, en: sku };
}

/**
 * Until when the charge of a visit may still come by itself, wall ms; null: it is waited for no more. `ended`: as its cabinet has
 * said; null: nothing was heard.
 */
export function awaitedUntilMs(
  { ended, atMs }: { readonly ended: string | null; readonly atMs: number },
  nowMs: number,
  waitMs = visitSilentMs,
): number | null {
  const mayCome = ended === null || ended === 'charge' || ended === 'left_open';
  // By a clock that was ahead it may lie in the future.
  return mayCome && Math.abs(nowMs - atMs) < waitMs ? atMs + waitMs : null;
}

/** What a charge that comes by itself is not asked: its visit may still go on, and people may have said something else. */
async function whyNot(
  { db, clock, waitMs = visitSilentMs }: ByHandParts,
  { cabinetId, visitId, atMs }: VisitRow,
  body: ChargeBody,
): Promise<Result<never, ApiFailure> | null> {
  const isItsOwn = and(eq(charge.visitId, visitId), eq(charge.cabinetId, cabinetId));
  const [charged] = await db.select({ chargeId: charge.chargeId }).from(charge).where(isItsOwn).limit(1);
  if (charged !== undefined) return fail('conflict', `the visit has been charged: ${charged.chargeId}`);
  if ((await earlyResolutionOf(db, body)) !== null)
    return fail(
      'conflict',
      'people have decided about this charge before: it was paid otherwise, or need not be',
    );
  if ((await disputedIn(db, body)) !== null)
    return fail(
      'conflict',
      'the member has reported lines of a charge that has not come: decide about that one',
    );
  const { closing } = await saidOfVisit(db, body);
  if (awaitedUntilMs({ ended: closing?.ended ?? null, atMs }, clock.nowMs(), waitMs) !== null)
    return fail(
      'conflict',
      'its charge may still come by itself: wait until nothing was heard for two hours',
    );
  return null;
}

/** As one that waits for people. Null: another charge has this number. */
async function insertHeld(
  { db, clock }: ByHandParts,
  body: ChargeBody,
  provider: string,
): Promise<ChargeRow | null> {
  const canonical = canonicalJson(body);
  const bodyHash = createHash('sha256').update(canonical).digest('hex');
  const verdict = {
    state: 'needs_attention',
    reason: 'system.conflict',
    review: false,
    incident: null,
  } as const;
  // What was on record since a backup may have been debited: then the provider is asked first.
  const mayBeDebited = await wasPutBackWithin(db, clock, chargeAgeMaxMs);
  const judged = { body, canonical, bodyHash, verdict, provider, mayBeDebited };
  const row = newChargeRow({ ...judged, disputedMinor: null, visitKnown: true }, clock.nowMs());
  const [inserted] = await db.insert(charge).values(row).onConflictDoNothing().returning();
  if (inserted === undefined) return null;
  await storeLines(db, body);
  return inserted;
}
