import { and, asc, count, eq, ne, not, or, sql } from 'drizzle-orm';
import type { AuthoriseReply, ChargeReply } from '../../shared/api/operator.ts';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeBody, ChargeLine } from '../../shared/model/charge.schema.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { PaymentMeans } from '../../shared/model/member.ts';
import type { FrozenPromotions } from '../../shared/model/promotion.schema.ts';
import type { Currency } from '../../shared/money.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import { pricesOf } from '../fleet/catalog-prices.ts';
import type { Policy } from '../limits.ts';
import { capDayMs, chargeAgeMaxMs, chargesWithoutVisitMax, chargesWithoutVisitPerMs } from '../limits.ts';
import type { FaceStanding } from '../members/face-enrolments.ts';
import { faceStandingAt } from '../members/face-enrolments.ts';
import { cabinet, charge, member, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';
import type { IncidentKind } from '../support/incidents.ts';
import type { OfflineProof, OfflineVerdict } from '../visits/offline-admission.ts';
import { admitOffline } from '../visits/offline-admission.ts';
import { type PricedVisit, compareWithAny, pricedVisitsOf, promotionsOfVisits } from './promotion-check.ts';

/** What the operator knows itself about a new charge. */
export interface ChargeFacts {
  readonly nowMs: number;
  /** When this cabinet was told "allowed" for this visit and this member; null: never. */
  readonly allowedAtMs: number | null;
  /** How the member came in: by code, or by a face as it stood then; null: it was not enrolled. */
  readonly entry: 'code' | FaceStanding | null;
  /** The most that the cabinet was told this visit may cost, minor units; null: it was never told. */
  readonly toldMaxMinor: number | null;
  /** What became of a visit that was let in offline; null: it brings no proof of that, or needs none. */
  readonly offline: OfflineVerdict | null;
  /** The visit has a charge with another id already. */
  readonly charged: boolean;
  /** Of the operator. */
  readonly currency: string;
  /** Prices at which these goods may have been sold, minor units. */
  readonly pricesOf: (sku: string) => readonly number[];
  /** What was on when the door was opened, by each of what its cabinet may have been told; null: nothing. */
  readonly promotions: readonly (FrozenPromotions | null)[];
  /** Charged within the last day in the operator's currency, without this one, minor units. */
  readonly memberDayMinor: number;
  readonly cabinetDayMinor: number;
  /** Of the account that the member has; null: not our member. */
  readonly provider: string | null;
}

/**
 * Locks the rows of visit, cabinet and member, so that charges of one of them are judged one after the other. A visit that was
 * let in offline, and whose proof holds, is a visit from here on.
 */
export async function readFacts(
  db: Db,
  options: { readonly clock: Clock; readonly catalog: ServedCatalog; readonly policy: Policy },
  body: ChargeBody,
  proof: OfflineProof | null,
): Promise<ChargeFacts> {
  const { clock, catalog } = options;
  const { cabinetId, memberId } = body;
  const { currency } = catalog.catalog;
  await db.select().from(cabinet).where(eq(cabinet.cabinetId, cabinetId)).for('no key update');
  const offline = await admitOffline(db, options, body, proof);
  const { allowedAtMs, entry, toldMaxMinor, means, charged } = await readVisit(db, body);
  const promotions = await promotionsOfVisits(db, pricedVisitsOf(body, allowedAtMs, means));
  const [account] = await db.select().from(member).where(eq(member.memberId, memberId)).for('no key update');
  return {
    nowMs: clock.nowMs(),
    allowedAtMs,
    entry,
    toldMaxMinor,
    offline,
    charged,
    currency,
    pricesOf: await pricesOf(
      db,
      clock,
      catalog.catalog,
      allLinesOf(body).map(({ sku }) => sku),
    ),
    promotions,
    memberDayMinor: await chargedMinor(db, clock, currency, eq(charge.memberId, memberId)),
    cabinetDayMinor: await chargedMinor(db, clock, currency, eq(charge.cabinetId, cabinetId)),
    provider: account?.provider ?? null,
  };
}

async function readVisit(
  db: Db,
  body: ChargeBody,
): Promise<
  Pick<ChargeFacts, 'allowedAtMs' | 'entry' | 'toldMaxMinor' | 'charged'> & Pick<PricedVisit, 'means'>
> {
  const [allowed] = await db
    .select({
      atMs: visit.atMs,
      entryMethod: visit.entryMethod,
      enrolmentId: visit.enrolmentId,
      faceStanding: visit.faceStanding,
      reply: visit.reply,
    })
    .from(visit)
    .where(
      and(
        eq(visit.visitId, body.visitId),
        eq(visit.cabinetId, body.cabinetId),
        eq(visit.memberId, body.memberId),
        eq(visit.purpose, 'visit'),
        eq(visit.allowed, true),
      ),
    )
    // Who has shown a code as well has shown a code.
    .orderBy(asc(visit.entryMethod))
    .limit(1)
    .for('update');
  // Only this cabinet's: another one's charge for the same visit id is its own matter.
  const isOther = and(
    eq(charge.visitId, body.visitId),
    eq(charge.cabinetId, body.cabinetId),
    ne(charge.chargeId, body.chargeId),
  );
  const others = await db.select({ chargeId: charge.chargeId }).from(charge).where(isOther).limit(1);
  const charged = others.length > 0;
  if (allowed === undefined)
    return { allowedAtMs: null, entry: null, toldMaxMinor: null, means: null, charged };
  const { atMs, entryMethod, enrolmentId, faceStanding } = allowed;
  const { cabinetId, memberId } = body;
  const toldMaxMinor = toldMaxOf(allowed.reply);
  const means = toldMeansOf(allowed.reply);
  // An instance from before, which still runs beside this one, does not write down how the face stood.
  const entry =
    entryMethod === 'code'
      ? 'code'
      : (faceStanding ?? (await faceStandingAt(db, { cabinetId, memberId, enrolmentId, atMs })));
  return { allowedAtMs: atMs, entry, toldMaxMinor, means, charged };
}

export function toldMaxOf(reply: string): number | null {
  return allowedBy(reply)?.visitMaxMinor ?? null;
}

/** By what the member pays, as the cabinet was told when they were let in. */
export function toldMeansOf(reply: string): PaymentMeans | null {
  return allowedBy(reply)?.member.means ?? null;
}

/** A row that cannot be read says nothing, and holds up no charge. */
function allowedBy(reply: string): Extract<AuthoriseReply, { decision: 'allowed' }> | null {
  try {
    const told = authoriseReplySchema.parse(JSON.parse(reply));
    return told.decision === 'allowed' ? told : null;
  } catch {
    return null;
  }
}

/** Not held as it came; that all of it was reported since does not make it one that was. */
const wasTaken = or(ne(charge.state, 'needs_attention'), eq(charge.reason, 'recognition.line_reported'));

/** Which charges count in a day's sum: of the last day, in this currency alone, as a sum over several is none. */
export function countsInDay(clock: Clock, currency: Currency) {
  return and(eq(charge.currency, currency), isWithin(charge.firstAtMs, clock.nowMs(), capDayMs), wasTaken);
}

async function chargedMinor(
  db: Db,
  clock: Clock,
  currency: Currency,
  whose: ReturnType<typeof eq>,
): Promise<number> {
  const [found] = await db
    .select({ sumMinor: sql`coalesce(sum(${charge.totalMinor}), 0)`.mapWith(Number) })
    .from(charge)
    .where(and(whose, countsInDay(clock, currency)));
  return found?.sumMinor ?? 0;
}

/** The operator itself has let this member in for this charge, and for no other one; else it is held, whatever it says. */
export function isVisitKnown({ allowedAtMs, entry, charged }: ChargeFacts): boolean {
  return allowedAtMs !== null && entry !== null && !charged;
}

/**
 * This cabinet has sent as many charges without a known visit in a day as it may. After `readFacts`, so that they are
 * counted one after the other.
 */
export async function hasManyWithoutVisit(db: Db, clock: Clock, cabinetId: string): Promise<boolean> {
  const isLately = isWithin(charge.firstAtMs, clock.nowMs(), chargesWithoutVisitPerMs);
  const [lately] = await db
    .select({ charges: count() })
    .from(charge)
    .where(and(eq(charge.cabinetId, cabinetId), isLately, not(charge.visitKnown)));
  return lately !== undefined && lately.charges >= chargesWithoutVisitMax;
}

export interface ChargeVerdict {
  readonly state: ChargeReply['state'];
  readonly reason: ReasonCode | null;
  readonly review: boolean;
  readonly incident: IncidentKind | null;
  /** What the incident says beside the visit, our own words; left out: nothing. */
  readonly detail?: string;
}

/**
 * What becomes of a new charge: debited as usual, or held for a human. A held charge is kept and never debited by
 * itself.
 */
export function evaluateCharge(body: ChargeBody, policy: Policy, facts: ChargeFacts): ChargeVerdict {
  const held = (reason: ReasonCode, incident: IncidentKind | null): ChargeVerdict => ({
    state: 'needs_attention',
    reason,
    review: true,
    incident,
  });
  const { offline } = facts;
  if (offline?.outcome === 'refused')
    return { ...held(offline.reason, offline.incident), detail: offline.detail };
  if (facts.allowedAtMs === null) return held('system.rejected', 'charge_without_visit');
  if (facts.entry === null) return held('system.rejected', 'face_not_enrolled');
  if (facts.charged) return held('system.conflict', 'second_charge_for_visit');
  // A sum in another currency is another sum.
  if (body.currency !== facts.currency) return held('system.rejected', 'foreign_currency');
  // Before all that leaves it to people: what is held they may have debited as it stands there.
  const prices = comparePrices(allLinesOf(body), facts);
  const discounts = compareWithAny(body, facts.promotions);
  if (prices === 'dearer' || discounts === 'dearer') return held('system.rejected', 'price_differs');
  if (body.review.includes('recognition.reader_lost') && !body.confirmedByShopper)
    return held('recognition.reader_lost', null);
  const caps = capsFor(facts, policy);
  const isOverLimit = body.totalMinor > (facts.toldMaxMinor ?? policy.visitMaxMinor);
  // What stands behind it is the cabinet's word alone.
  if (facts.entry === 'claimed' && body.totalMinor > caps.visitMaxMinor)
    return held('system.rejected', 'visit_over_limit');
  if (body.lines.length === 0) return held(body.review[0] ?? 'recognition.differs_from_confirmed', null);
  const oldestMs = facts.nowMs - chargeAgeMaxMs;
  if (facts.allowedAtMs < oldestMs || body.closedAtMs < oldestMs)
    return held('system.rejected', 'charge_too_old');
  if (facts.memberDayMinor + body.totalMinor > caps.memberDayMaxMinor)
    return held('system.rejected', 'member_day_cap');
  if (facts.cabinetDayMinor + body.totalMinor > policy.cabinetDayMaxMinor)
    return held('system.rejected', 'cabinet_day_cap');
  const isCheaper = prices === 'cheaper' || discounts === 'cheaper';
  // The shopper was told while the door was open, and has taken it: all of it is debited, and people know.
  const concern = offline?.concern ?? null;
  const hasParts = body.heldLines.length > 0 || body.review.length > 0;
  const review = hasParts || isCheaper || isOverLimit || concern !== null;
  // Nothing to debit, and providers do not take an order of zero.
  const state = body.totalMinor === 0 ? 'paid' : 'accepted';
  return {
    state,
    reason: null,
    review,
    ...(concern === null
      ? { incident: isCheaper ? 'price_differs' : isOverLimit ? 'visit_over_limit' : null }
      : { incident: 'offline_beyond_policy', detail: concern }),
  };
}

/**
 * A face that is known by the cabinet's word alone counts for less; not in a visit from before, whose cabinet was told that
 * it may cost more.
 */
function capsFor(
  { entry, toldMaxMinor }: Pick<ChargeFacts, 'entry' | 'toldMaxMinor'>,
  policy: Policy,
): Pick<Policy, 'visitMaxMinor' | 'memberDayMaxMinor'> {
  const isFromBefore = toldMaxMinor !== null && toldMaxMinor > policy.claimedVisitMaxMinor;
  if (entry !== 'claimed' || isFromBefore) return policy;
  return {
    visitMaxMinor: Math.min(policy.visitMaxMinor, policy.claimedVisitMaxMinor),
    memberDayMaxMinor: Math.min(policy.memberDayMaxMinor, policy.claimedDayMaxMinor),
  };
}

/** What is billed, and what people may bill. */
export function allLinesOf({ lines, heldLines }: Pick<ChargeBody, 'lines' | 'heldLines'>): ChargeLine[] {
  return [...lines, ...heldLines];
}

/** `dearer`: some line costs more than it ever did lately, also goods that are in no catalogue. */
function comparePrices(
  lines: readonly ChargeLine[],
  facts: Pick<ChargeFacts, 'pricesOf'>,
): 'same' | 'cheaper' | 'dearer' {
  const differing = lines.filter(({ sku, unitPriceMinor }) => !facts.pricesOf(sku).includes(unitPriceMinor));
  const isDearer = differing.some(
    ({ sku, unitPriceMinor }) => unitPriceMinor > Math.max(0, ...facts.pricesOf(sku)),
  );
  if (isDearer) return 'dearer';
  return differing.length > 0 ? 'cheaper' : 'same';
}
