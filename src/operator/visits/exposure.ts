import { and, eq, gt, inArray, isNotNull, ne, notExists, or, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Currency } from '../../shared/money.ts';
import { isOfMember } from '../charges/of-member.ts';
import type { Policy } from '../limits.ts';
import { chargeAgeMaxMs } from '../limits.ts';
import { dueMinor } from '../storage/due-minor.ts';
import { charge, incident, visit, visitClosing } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

/** What one member owes or may come to owe, over all cabinets. */
export interface Exposure {
  /**
   * Minor units: open visits (their reserve), what their cabinets say follows, debits that are to be made, in doubt or being
   * collected, and what waits for a
   * human: held, or disputed and neither paid nor decided about.
   */
  readonly sumMinor: number;
  /** Charges that are being collected, in whatever currency. */
  readonly collectingCount: number;
  /** Of them: whose collection has ended, so that only the member or people can end them. */
  readonly endedCount: number;
  /** What of both the member can pay now: in collection, and no attempt is out (as charges/purchases.ts tells). */
  readonly payable: { readonly sumMinor: number; readonly count: number; readonly endedCount: number };
  /** Cabinets where the member is let in and neither a charge nor a report of the end has come from yet. */
  readonly openVisitCount: number;
}

/**
 * Within a transaction that holds the member's row, so that cabinets which ask at the same moment see each other's visits.
 * The sum is of this currency alone, for a sum over several is none: a charge in another one waits for a human
 * (evaluate-charge.ts), is of the time before the operator changed its own, or was released. In collection it counts.
 * Charges that are the member's by a cabinet's word alone count nothing.
 */
export async function exposureOf(
  db: Db,
  clock: Clock,
  policy: Policy,
  memberId: string,
  currency: Currency,
): Promise<Exposure> {
  // The visits first: one whose charge comes in between is counted twice then, and never not at all.
  const openVisitCount = await countOpenVisits(db, clock, policy, memberId);
  const saidMinor = await saidToFollow(db, clock, policy, memberId);
  const { owed, mayOwe, isInDebt, isEnded } = owedSql(clock, policy);
  const isSame = eq(charge.currency, currency);
  // As isAttemptOut (charges/charge-reply.ts).
  const isAttemptOut = sql`(${charge.inDoubt} and not ${charge.collectedByProvider})`;
  const isPayable = sql`${isInDebt} and not ${isAttemptOut}`;
  const [found] = await db
    .select({
      sumMinor: sql`coalesce(sum(${owed}) filter (where ${isSame}), 0)`.mapWith(Number),
      collectingCount: sql`count(*) filter (where ${isInDebt})`.mapWith(Number),
      endedCount: sql`count(*) filter (where ${isEnded})`.mapWith(Number),
      payableMinor: sql`coalesce(sum(${dueMinor}) filter (where ${isPayable} and ${isSame}), 0)`.mapWith(
        Number,
      ),
      payableCount: sql`count(*) filter (where ${isPayable})`.mapWith(Number),
      payableEnded: sql`count(*) filter (where ${isPayable} and ${isEnded})`.mapWith(Number),
    })
    .from(charge)
    .where(and(eq(charge.memberId, memberId), isOfMember, mayOwe));
  return {
    sumMinor: (found?.sumMinor ?? 0) + saidMinor + openVisitCount * policy.visitReserveMinor,
    collectingCount: found?.collectingCount ?? 0,
    endedCount: found?.endedCount ?? 0,
    payable: {
      sumMinor: found?.payableMinor ?? 0,
      count: found?.payableCount ?? 0,
      endedCount: found?.payableEnded ?? 0,
    },
    openVisitCount,
  };
}

/**
 * What each row of `charge` counts: what is due of it, what may be owed for it (both minor units), which rows may owe, and
 * which are debts (as isDebt in debits/debit-life.ts), some of them past their collection.
 */
function owedSql(clock: Clock, policy: Policy) {
  const { state, heldMinor, contestedMinor, approvedMinor, askedMinor, paidMinor } = charge;
  // A report alone lowers nothing here: what is due as if there were none, until a human has decided.
  const unreported = sql`(${dueMinor} + ${contestedMinor})`;
  const undecidedHeld = sql`case when ${approvedMinor} is null then ${heldMinor} else 0 end`;
  const isHeldLately = isWithin(charge.firstAtMs, clock.nowMs(), policy.heldCountsMs);
  const held = sql`case when ${isHeldLately} then ${undecidedHeld} else 0 end`;
  // What was reported after it was paid, or paid all the same, is money that came.
  const isPaidLately = isWithin(charge.paidAtMs, clock.nowMs(), policy.heldCountsMs);
  const unpaidContested = sql`greatest(least(${contestedMinor}, ${unreported} - ${paidMinor}), 0)`;
  const contested = sql`case when ${isPaidLately} then ${unpaidContested} else 0 end`;
  const waiting = sql`greatest(${unreported} + ${undecidedHeld} - coalesce(${paidMinor}, 0), 0)`;
  // Held because its cabinet says what cannot be: that keeps nobody out whom it names.
  const isImplausible = sql`${charge.reason} = 'system.rejected'`;
  const forPeople = sql`case when ${isImplausible}
    then least(${waiting}, ${policy.visitReserveMinor}) else ${waiting} end`;
  const owed = sql`case ${state}
    when 'needs_attention' then ${forPeople}
    when 'paid' then ${held} + ${contested}
    else greatest(${unreported}, case when ${charge.inDoubt} then ${askedMinor} else 0 end) + ${held} end`;
  const mayOwe = or(
    ne(state, 'paid'),
    and(gt(heldMinor, 0), isHeldLately),
    and(gt(contestedMinor, 0), isPaidLately),
  );
  const isEnded = sql`(${charge.collectionEnded} and ${state} = 'needs_attention')`;
  const isInDebt = sql`(${state} = 'collecting' or ${isEnded})`;
  return { state, owed, mayOwe, isInDebt, isEnded };
}

/**
 * Members who are shut out by what their charges count, as far as that is not open visits or held goods of what was paid: a
 * subquery of their ids. For lists of many; whether one of them is let in `exposureOf` says.
 */
export function membersInDebt(db: Db, clock: Clock, policy: Policy, currency: Currency) {
  const { state, owed, isInDebt, isEnded } = owedSql(clock, policy);
  const sumMinor = sql`coalesce(sum(${owed}) filter (where ${eq(charge.currency, currency)}), 0)`;
  const debts = sql`count(*) filter (where ${isInDebt})`;
  const ended = sql`count(*) filter (where ${isEnded} and ${policy.endedDebtLocks}::boolean)`;
  return db
    .select({ memberId: charge.memberId })
    .from(charge)
    .where(and(isOfMember, ne(state, 'paid')))
    .groupBy(charge.memberId)
    .having(
      sql`${sumMinor} >= ${policy.unpaidMaxMinor} or ${debts} >= ${policy.unpaidMaxCount} or ${ended} > 0`,
    );
}

/**
 * One a cabinet, the last: it has one door, so whoever is let in anew has left before. A visit that never comes to a charge
 * is not counted for ever.
 */
async function countOpenVisits(db: Db, clock: Clock, policy: Policy, memberId: string): Promise<number> {
  const newest = db
    .selectDistinctOn([visit.cabinetId], { cabinetId: visit.cabinetId, visitId: visit.visitId })
    .from(visit)
    .where(
      and(
        eq(visit.memberId, memberId),
        eq(visit.purpose, 'visit'),
        eq(visit.allowed, true),
        isWithin(visit.atMs, clock.nowMs(), policy.visitReserveMs),
      ),
    )
    .orderBy(visit.cabinetId, sql`${visit.id} desc`)
    .as('newest');
  const isCharged = db
    .select({ one: sql`1` })
    .from(charge)
    .where(and(eq(charge.visitId, newest.visitId), eq(charge.cabinetId, newest.cabinetId)));
  const isClosed = db
    .select({ one: sql`1` })
    .from(visitClosing)
    .where(and(eq(visitClosing.visitId, newest.visitId), eq(visitClosing.cabinetId, newest.cabinetId)));
  const [open] = await db
    .select({ count: sql`count(*)`.mapWith(Number) })
    .from(newest)
    .where(and(notExists(isCharged), notExists(isClosed)));
  return open?.count ?? 0;
}

/**
 * What the cabinets of this member's visits say is charged or held, and has not come, minor units, for as long as held goods
 * count; of one that cannot say what was taken, says more than the visit was to cost, or has sent nothing since, as much as an
 * open visit: whoever has a stolen key can say anything. It counts until the charge comes, people have closed what they were
 * told of it, or it is so old that no charge is debited by itself any more.
 */
async function saidToFollow(db: Db, clock: Clock, policy: Policy, memberId: string): Promise<number> {
  const { visitId, cabinetId, chargeId, ended, totalMinor, heldMinor, receivedAtMs } = visitClosing;
  const isCharged = db
    .select({ one: sql`1` })
    .from(charge)
    .where(and(eq(charge.visitId, visitId), eq(charge.cabinetId, cabinetId)));
  const isSettledByPeople = db
    .select({ one: sql`1` })
    .from(incident)
    .where(
      and(
        eq(incident.kind, 'charge_missing'),
        eq(incident.cabinetId, cabinetId),
        eq(incident.chargeId, chargeId),
        isNotNull(incident.resolvedAtMs),
      ),
    );
  const isMembers = and(
    eq(visit.memberId, memberId),
    eq(visit.purpose, 'visit'),
    eq(visit.allowed, true),
    isWithin(visit.atMs, clock.nowMs(), chargeAgeMaxMs),
    inArray(ended, ['charge', 'left_open']),
  );
  const sumMinor = sql`(${totalMinor}::bigint + ${heldMinor})`;
  const toldMaxMinor = sql`(${visit.reply}::jsonb ->> 'visitMaxMinor')::bigint`;
  const isBelieved = and(
    eq(ended, 'charge'),
    sql`${sumMinor} <= ${toldMaxMinor}`,
    isWithin(receivedAtMs, clock.nowMs(), policy.heldCountsMs),
  );
  const said = sql`case when ${isBelieved} then ${sumMinor} else ${policy.visitReserveMinor}::bigint end`;
  const [found] = await db
    .select({ sumMinor: sql`coalesce(sum(${said}), 0)`.mapWith(Number) })
    .from(visit)
    .innerJoin(visitClosing, and(eq(visitId, visit.visitId), eq(cabinetId, visit.cabinetId)))
    .where(and(isMembers, notExists(isCharged), notExists(isSettledByPeople)));
  return found?.sumMinor ?? 0;
}
