import { type SQL, and, count, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import type { ResolveIncidentRequest } from '../../shared/api/development-routes.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { dueMinorOf } from '../debits/debit-life.ts';
import type { ApiFailure } from '../http/errors.ts';
import { incidentDetailMaxLength, incidentsOfKindMax, incidentsOfKindPerMs } from '../limits.ts';
import { plainText } from '../storage/plain-text.ts';
import type { incidentKinds } from '../storage/schema.ts';
import type { charge } from '../storage/schema.ts';
import { incident, refund } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

export type IncidentKind = Exclude<(typeof incidentKinds)[number], 'refund_due'>;

/** Who brings a thing about, and so what bounds how many of its kind there are. */
export type IncidentBound =
  /** A cabinet alone, by what it sends: so many of a kind are listed, a cabinet and day. */
  | 'cabinet_day'
  /**
   * Reports of one charge: one open one, that says all. It takes the place of the one before, which is closed: so nobody
   * closes what they have not read.
   */
  | 'charge_open'
  /** The cabinets together, by what they count or may do: while one stands open, it says all that the next would. */
  | 'one_open'
  /** People: one for each decision of theirs. */
  | 'decision'
  /** Money: the provider's answer to a debit, or that there is none. */
  | 'debit'
  /** A member, who ends an agreement: one for each end (members/agreement-end-incidents.ts). */
  | 'agreement_end';

/**
 * Only what is listed as a cabinet's doing can be crowded out by one: what people decided and where money went cannot. (What is
 * to be paid back has a way of its own: `listRefundDue`.)
 */
export const incidentBounds: Readonly<Record<IncidentKind, IncidentBound>> = {
  charge_conflict: 'cabinet_day',
  charge_asked: 'cabinet_day',
  by_hand_differs: 'decision',
  decision_not_applied: 'decision',
  decision_lost: 'cabinet_day',
  charge_without_visit: 'cabinet_day',
  offline_not_proven: 'cabinet_day',
  offline_code_replayed: 'cabinet_day',
  offline_beyond_policy: 'cabinet_day',
  second_charge_for_visit: 'cabinet_day',
  visit_over_limit: 'cabinet_day',
  foreign_currency: 'cabinet_day',
  price_differs: 'cabinet_day',
  charge_too_old: 'cabinet_day',
  record_differs: 'cabinet_day',
  database_put_back: 'cabinet_day',
  face_not_enrolled: 'cabinet_day',
  member_day_cap: 'cabinet_day',
  cabinet_day_cap: 'cabinet_day',
  provider_rejected: 'debit',
  underpaid: 'debit',
  paid_unreadable: 'debit',
  debit_unanswered: 'debit',
  collection_ended: 'debit',
  enrol_with_other_key: 'cabinet_day',
  dispute_conflict: 'cabinet_day',
  dispute_of_decided: 'charge_open',
  decision_not_heard: 'charge_open',
  late_paid: 'debit',
  closing_conflict: 'cabinet_day',
  closing_differs: 'cabinet_day',
  visit_silent: 'cabinet_day',
  charge_missing: 'cabinet_day',
  order_not_closed: 'debit',
  agreement_end_unanswered: 'agreement_end',
  agreement_end_given_up: 'agreement_end',
  faces_near_limit: 'one_open',
  faces_at_limit: 'one_open',
  offline_risk_high: 'one_open',
};

/**
 * Puts something on the list that a human reads. `detail` is our own text, never the sender's. What its bound
 * (`incidentBounds`) has no room for is not listed; what is about a charge is with that charge all the same. Of `one_open`,
 * and of one charge, one at a time is to be added.
 */
export async function addIncident(
  db: Db,
  clock: Clock,
  kind: IncidentKind,
  cabinetId: string,
  chargeId: string | null,
  detail: string,
  account: { readonly memberId: string; readonly provider: string } | null = null,
): Promise<void> {
  const nowMs = clock.nowMs();
  const row = { atMs: nowMs, kind, cabinetId, chargeId, detail, ...account };
  const bound = incidentBounds[kind];
  if (bound === 'one_open') {
    const isOpen = and(eq(incident.kind, kind), isNull(incident.resolvedAtMs));
    if ((await countOf(db, isOpen)) > 0) return;
  } else if (bound === 'charge_open') {
    assert(chargeId !== null, 'it is about a charge');
    const before = await closeOpen(db, clock, kind, { cabinetId, chargeId });
    row.detail = [...before.map((one) => one.detail), detail].join('; ').slice(-incidentDetailMaxLength);
  } else if (bound === 'cabinet_day') {
    const isLately = and(
      eq(incident.cabinetId, cabinetId),
      eq(incident.kind, kind),
      isWithin(incident.atMs, nowMs, incidentsOfKindPerMs),
    );
    const listed = await countOf(db, isLately);
    if (listed >= incidentsOfKindMax) return;
    if (listed === incidentsOfKindMax - 1) row.detail = `${detail}; more of this kind are not listed today`;
  }
  await db.insert(incident).values(row);
}

/**
 * Keeps the list true about what is to be paid back of a charge: by so much more, or less when people have decided about
 * what was reported, minor units. One open one says the whole sum that nobody has paid back yet, and takes the place of the
 * one before; with nothing left of it that one is closed. One that people have closed is paid back, and no more part of it.
 * `perhapsBefore`: the report may have been here, and have been paid back, before this database was put back. `said`: why there
 * is less, for what is closed by it. `note`: for the list, why the operator does not pay it back by itself; then also where
 * the sum stays.
 */
export async function listRefundDue(
  db: Db,
  clock: Clock,
  row: Pick<
    typeof charge.$inferSelect,
    'cabinetId' | 'chargeId' | 'paidMinor' | 'totalMinor' | 'disputedMinor' | 'approvedMinor'
  >,
  moreMinor: number,
  {
    perhapsBefore = false,
    note,
    said,
  }: { readonly perhapsBefore?: boolean; readonly note?: string; readonly said?: string } = {},
): Promise<void> {
  if (moreMinor === 0 && note === undefined) return;
  const kind = 'refund_due';
  const { cabinetId, chargeId, paidMinor } = row;
  // One without a number was listed by an instance from before, which still runs beside this one: it stays as it is.
  const before = await closeOpen(db, clock, kind, row, { which: isNotNull(incident.amountMinor), said });
  const amountMinor = before.reduce((sum, one) => sum + (one.amountMinor ?? 0), moreMinor);
  if (amountMinor <= 0) return;
  const isPerhaps = perhapsBefore || before.some((one) => one.detail.includes(perhapsPaidBack));
  const marks = [...(isPerhaps ? [perhapsPaidBack] : []), ...before.flatMap(byHandMarksIn).slice(-1)];
  const sums = `pay back ${amountMinor}: paid ${paidMinor ?? 0}, due ${dueMinorOf(row)}`;
  const detail = [sums, ...marks, ...(note === undefined ? [] : [`; ${note}`])].join('');
  await db.insert(incident).values({ atMs: clock.nowMs(), kind, cabinetId, chargeId, detail, amountMinor });
}

/**
 * People have decided that more stays paid than is due: they have paid back by hand what was too much, and need only close
 * what is listed of it.
 */
export async function notePaidByHand(
  tx: Db,
  { cabinetId, chargeId }: Pick<typeof charge.$inferSelect, 'cabinetId' | 'chargeId'>,
): Promise<void> {
  const isOpen = and(
    eq(incident.kind, 'refund_due'),
    eq(incident.chargeId, chargeId),
    eq(incident.cabinetId, cabinetId),
    isNull(incident.resolvedAtMs),
    isNotNull(incident.amountMinor),
  );
  await tx
    .update(incident)
    .set({ detail: sql`${incident.detail} || '; ' || ${incident.amountMinor} || ${paidByHand}::text` })
    .where(isOpen);
}

/** What stands on the list to be paid back of a charge, without what counts as paid back by hand. */
export async function listedRefundMinor(
  tx: Db,
  { cabinetId, chargeId }: Pick<typeof charge.$inferSelect, 'cabinetId' | 'chargeId'>,
): Promise<number> {
  const isOpen = and(
    eq(incident.kind, 'refund_due'),
    eq(incident.chargeId, chargeId),
    eq(incident.cabinetId, cabinetId),
    isNull(incident.resolvedAtMs),
    sql`position(${paidByHand} in ${incident.detail}) = 0`,
  );
  const rows = await tx.select({ amountMinor: incident.amountMinor }).from(incident).where(isOpen);
  return rows.reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0), 0);
}

const perhapsPaidBack =
  '; reported long before it came here: perhaps told before and paid back, look at the provider first';
/** After how much of what is listed that is: what is added later is no part of it. */
const paidByHand = ' counts as paid back by hand, as was decided';
const byHandMark = new RegExp(`; ?[0-9]*${paidByHand}`, 'g');
const byHandMarksIn = ({ detail }: { readonly detail: string }): string[] => detail.match(byHandMark) ?? [];
/** Within what is listed: what has one of these goes back through people alone (refunds/refund-plan.ts). */
export const peoplesMarks: readonly string[] = [perhapsPaidBack, paidByHand];

/** Closes what is open of a kind about a charge, because a later one says it, or nothing is left of it; oldest first. */
export async function closeOpen(
  db: Db,
  clock: Clock,
  kind: (typeof incidentKinds)[number],
  { cabinetId, chargeId }: { readonly cabinetId: string; readonly chargeId: string },
  { which, said }: { readonly which?: SQL; readonly said?: string | undefined } = {},
): Promise<(typeof incident.$inferSelect)[]> {
  const isOpen = and(
    eq(incident.kind, kind),
    eq(incident.chargeId, chargeId),
    eq(incident.cabinetId, cabinetId),
    isNull(incident.resolvedAtMs),
    which,
  );
  const change = {
    actor: 'operator',
    resolution: said ?? 'said by a later one, if any',
    resolvedAtMs: clock.nowMs(),
  };
  const closed = await db.update(incident).set(change).where(isOpen).returning();
  return closed.sort((a, b) => a.id - b.id);
}

/** Closes what is open of these kinds about a charge: it has been put right without people. */
export async function closeByItself(
  db: Db,
  clock: Clock,
  kinds: readonly (typeof incidentKinds)[number][],
  { cabinetId, chargeId }: { readonly cabinetId: string; readonly chargeId: string },
  resolution: string,
): Promise<void> {
  const isOpen = and(
    inArray(incident.kind, [...kinds]),
    eq(incident.chargeId, chargeId),
    eq(incident.cabinetId, cabinetId),
    isNull(incident.resolvedAtMs),
  );
  await db.update(incident).set({ actor: 'operator', resolution, resolvedAtMs: clock.nowMs() }).where(isOpen);
}

async function countOf(db: Db, which: SQL | undefined): Promise<number> {
  const [found] = await db.select({ incidents: count() }).from(incident).where(which);
  return found?.incidents ?? 0;
}

/**
 * Closes an incident, once: the first resolution stands, the same again is the same answer. `not_found`: no such incident;
 * `conflict`: somebody else has closed it, or with other words; or it is to be paid back, and the operator is just doing so
 * (refunds/): whoever pays it back by hand meanwhile pays twice.
 */
export async function resolveIncident(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  id: number,
  request: ResolveIncidentRequest,
): Promise<Result<typeof incident.$inferSelect, ApiFailure>> {
  const actor = plainText(request.actor);
  const resolution = plainText(request.resolution);
  return db.transaction(async (tx) => {
    const isIt = eq(incident.id, id);
    const [found] = await tx.select().from(incident).where(isIt).for('update');
    if (found === undefined) return fail('not_found', 'no such incident');
    if (found.resolvedAtMs === null) {
      const outId = found.kind === 'refund_due' ? await refundOut(tx, found.chargeId ?? '') : null;
      if (outId !== null) return fail('conflict', `the operator pays it back by itself: refund ${outId}`);
      await tx.update(incident).set({ actor, resolution, resolvedAtMs: clock.nowMs() }).where(isIt);
    }
    const [row = found] = await tx.select().from(incident).where(isIt);
    return row.actor === actor && row.resolution === resolution
      ? ok(row)
      : fail('conflict', `resolved by ${row.actor ?? ''} already`);
  });
}

/** The refund of this charge that its provider was asked for, and that has not ended; null: there is none. */
export async function refundOut(tx: Db, chargeId: string): Promise<string | null> {
  const isOut = and(eq(refund.chargeId, chargeId), inArray(refund.state, ['asked', 'pending']));
  const [out] = await tx.select({ refundId: refund.refundId }).from(refund).where(isOut);
  return out?.refundId ?? null;
}
