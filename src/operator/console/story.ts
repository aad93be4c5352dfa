import { and, desc, eq, or } from 'drizzle-orm';
import type { z } from 'zod';
import type { visitStorySchema } from '../../shared/console/visits.schema.ts';
import type { Story, StoryEntry } from '../../shared/console/work.schema.ts';
import { storyEntriesMax } from '../../shared/console/work.schema.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { reasonCodeSchema } from '../../shared/model/charge.schema.ts';
import { chargeIdOf, findVisit } from '../charges/charge-by-hand.ts';
import { madeByHand } from '../charges/by-hand-records.ts';
import { readLines } from '../charges/charge-lines.ts';
import { ceilingMinorOf, dueMinorOf } from '../debits/debit-life.ts';
import type { ChargeRow } from '../debits/debit-store.ts';
import { readDisputedSkus } from '../disputes/disputes.ts';
import { shelfStory } from '../evidence/evidence.ts';
import {
  alarm,
  charge,
  chargeEvent,
  debitAttempt,
  difference,
  dispute,
  disputeLine,
  earlyResolution,
  incident,
  member,
  memberMessage,
  memberNotice,
  refund,
  staffAct,
  visit,
  visitClosing,
  visitOrder,
} from '../storage/schema.ts';
import { seenVersionOf } from '../staff/seen-version.ts';
import type { Db } from '../storage/storage.ts';
import type { ConsoleFailure } from './errors.ts';
import { consoleFailureOf } from './errors.ts';

/** All that is on record of a visit and its charge, on one time line, as the tables have it: nothing is told anew. */
export async function readStory(db: Db, chargeId: string): Promise<Result<Story, ConsoleFailure>> {
  const [row] = await db.select().from(charge).where(eq(charge.chargeId, chargeId));
  if (row === undefined) return fail('not_found', 'no such charge');
  // A handful at once: each waits for the database alone, and there are twenty.
  const [[person], linesOf, disputedOf, byHand, parts] = await Promise.all([
    db.select().from(member).where(eq(member.memberId, row.memberId)),
    readLines(db, [chargeId]),
    readDisputedSkus(db, [row]),
    madeByHand(db, row),
    Promise.all([
      ...[ofVisit(db, row), ofDoor(row), shelfStory(db, row), ofMoney(db, row), ofPeople(db, row)],
    ]),
  ]);
  const [lines, disputed] = [linesOf(chargeId), disputedOf(chargeId)];
  // No cabinet has told of a door, or sent it, where people have made it.
  const isTold = ({ type }: StoryEntry): boolean => byHand === null || !ofCabinet.has(type);
  const entries = parts
    .flat()
    .filter(isTold)
    .sort((a, b) => a.atMs - b.atMs);
  const { memberId } = row;
  return ok({
    charge: {
      ...row,
      ...{ display: person?.display ?? '', phoneLastDigits: person?.phoneLastDigits ?? null },
      version: versionOf(row),
      dueMinor: dueMinorOf(row),
      ceilingMinor: ceilingMinorOf(row),
      reviewReasons: reasonCodeSchema.array().parse(JSON.parse(row.reviewReasons)),
      ...{ lines: lines.lines, heldLines: lines.heldLines, disputedSkus: [...disputed] },
    },
    member:
      person === undefined
        ? null
        : {
            ...{ memberId, display: person.display, phoneLastDigits: person.phoneLastDigits },
            standing: person.standing,
          },
    entries: entries.slice(-storyEntriesMax),
  });
}

const ofCabinet: ReadonlySet<StoryEntry['type']> = new Set([
  'door_opened',
  'door_closed',
  'shelf',
  'received',
]);

/**
 * What a decision depends on, as one short text: whoever has seen another one has seen something else. That it was asked for
 * once more, with the same in the end, is nothing else.
 */
export function versionOf(row: ChargeRow): string {
  const { state, reason, review, totalMinor, heldMinor, disputedMinor, contestedMinor, approvedMinor } = row;
  const { paidMinor, debitedMinor, refundDueMinor, awaitsCabinet, collectionEnded, resolvedAtMs, inDoubt } =
    row;
  const seen = [
    ...[state, reason, review, totalMinor, heldMinor, disputedMinor, contestedMinor, approvedMinor],
    ...[paidMinor, debitedMinor, refundDueMinor, awaitsCabinet, collectionEnded, resolvedAtMs],
    // An open charge goes in and out of doubt by itself.
    state === 'needs_attention' && inDoubt,
  ];
  return seenVersionOf(JSON.stringify(seen));
}

const entry = (
  atMs: number,
  type: StoryEntry['type'],
  what: string,
  detail = '',
  more: Partial<Pick<StoryEntry, 'amountMinor' | 'actor'>> = {},
): StoryEntry => ({ atMs, type, what, detail, amountMinor: null, actor: null, ...more });

/** The same of a visit of which no charge has come, under the number that its charge would have. */
export async function readVisitStory(
  db: Db,
  of: { readonly cabinetId: string; readonly visitId: VisitId },
): Promise<Result<z.output<typeof visitStorySchema>, ConsoleFailure>> {
  const found = await findVisit(db, of);
  if (!found.ok) return { ok: false, error: consoleFailureOf(found.error) };
  const { cabinetId, visitId, memberId } = found.value;
  const its = { cabinetId, visitId, memberId, chargeId: chargeIdOf(found.value) };
  const parts = await Promise.all([ofVisit(db, its), shelfStory(db, its), ofPeople(db, its)]);
  const entries = parts.flat().sort((a, b) => a.atMs - b.atMs);
  return ok({ entries: entries.slice(-storyEntriesMax) });
}

function ofDoor({ openedAtMs, closedAtMs, confirmedByShopper }: ChargeRow): StoryEntry[] {
  return [
    entry(openedAtMs, 'door_opened', ''),
    entry(closedAtMs, 'door_closed', confirmedByShopper ? 'confirmed' : 'not_confirmed'),
  ];
}

type OfVisit = Pick<ChargeRow, 'cabinetId' | 'visitId' | 'memberId' | 'chargeId'>;

/** How it began and ended, and alarms, as the cabinet has told them. */
async function ofVisit(db: Db, { visitId, cabinetId }: OfVisit): Promise<StoryEntry[]> {
  const isIt = and(eq(visit.visitId, visitId), eq(visit.cabinetId, cabinetId));
  const visits = await db.select().from(visit).where(isIt);
  const isItsEnd = and(eq(visitClosing.visitId, visitId), eq(visitClosing.cabinetId, cabinetId));
  const closings = await db.select().from(visitClosing).where(isItsEnd);
  const isItsAlarm = and(eq(alarm.visitId, visitId), eq(alarm.cabinetId, cabinetId));
  const alarms = await db.select().from(alarm).where(isItsAlarm).limit(storyEntriesMax);
  return [
    ...visits.map((one) => {
      const how = one.offlinePolicyVersion === null ? one.entryMethod : `${one.entryMethod}, offline`;
      return entry(one.atMs, 'admission', one.allowed ? 'allowed' : 'refused', how);
    }),
    ...closings.map((one) =>
      entry(one.receivedAtMs, 'closing', one.ended, '', { amountMinor: one.totalMinor }),
    ),
    ...alarms.map((one) => entry(one.atMs, 'alarm', one.kind, one.detail)),
  ];
}

/** Events of the charge, calls to the provider, refunds, bills. */
async function ofMoney(db: Db, { chargeId, firstAtMs, totalMinor }: ChargeRow): Promise<StoryEntry[]> {
  const events = await db
    .select()
    .from(chargeEvent)
    .where(eq(chargeEvent.chargeId, chargeId))
    .orderBy(desc(chargeEvent.id))
    .limit(storyEntriesMax);
  const attempts = await db
    .select()
    .from(debitAttempt)
    .where(eq(debitAttempt.chargeId, chargeId))
    .orderBy(desc(debitAttempt.id))
    .limit(storyEntriesMax);
  const orders = await db.select().from(visitOrder).where(eq(visitOrder.orderId, chargeId));
  const refunds = await db.select().from(refund).where(eq(refund.chargeId, chargeId));
  const differences = await db.select().from(difference).where(eq(difference.orderId, chargeId));
  return [
    entry(firstAtMs, 'received', '', '', { amountMinor: totalMinor }),
    // The tables are read newest first, and of the same moment the older one comes first.
    ...events.reverse().map((one) => entry(one.atMs, 'charge_event', one.kind, one.detail)),
    ...attempts.reverse().map((one) => {
      const often = one.count > 1 ? `${one.state}, ${one.count} times` : one.state;
      return entry(one.startedAtMs, 'debit_attempt', one.call, `${one.provider}: ${often}`);
    }),
    ...orders.map((one) => entry(one.openedAtMs, 'order', one.state, one.provider)),
    ...refunds.map(({ madeAtMs, state, detail, amountMinor }) =>
      entry(madeAtMs, 'refund', state, detail, { amountMinor }),
    ),
    ...differences.map((one) => entry(one.foundAtMs, 'difference', one.kind, one.detail)),
  ];
}

/** What the shopper has said and was told, what is listed, what people have decided and done. */
async function ofPeople(db: Db, { chargeId, cabinetId, visitId, memberId }: OfVisit): Promise<StoryEntry[]> {
  const isIts = and(eq(dispute.chargeId, chargeId), eq(dispute.cabinetId, cabinetId));
  const disputes = await db
    .select({ atMs: dispute.receivedAtMs, disputeId: dispute.disputeId, sku: disputeLine.sku })
    .from(dispute)
    .innerJoin(disputeLine, eq(disputeLine.disputeId, dispute.disputeId))
    .where(isIts)
    .limit(storyEntriesMax);
  const isTold = and(eq(memberNotice.memberId, memberId), eq(memberNotice.ref, chargeId));
  const notices = await db.select().from(memberNotice).where(isTold);
  const isOfVisit = and(eq(memberMessage.visitId, visitId), eq(memberMessage.cabinetId, cabinetId));
  const isAbout = or(eq(memberMessage.chargeId, chargeId), isOfVisit);
  const written = await db.select().from(memberMessage).where(isAbout).limit(storyEntriesMax);
  const isListed = and(eq(incident.chargeId, chargeId), eq(incident.cabinetId, cabinetId));
  const incidents = await db.select().from(incident).where(isListed).limit(storyEntriesMax);
  const early = await db.select().from(earlyResolution).where(eq(earlyResolution.chargeId, chargeId));
  const acts = await db.select().from(staffAct).where(eq(staffAct.subject, chargeId)).limit(storyEntriesMax);
  return [
    ...disputes.map(({ atMs, sku, disputeId }) => entry(atMs, 'dispute', sku, disputeId)),
    ...notices.map(({ atMs, kind, amountMinor }) => entry(atMs, 'notice', kind, '', { amountMinor })),
    ...written.map(({ madeAtMs, template, body, actor }) =>
      entry(madeAtMs, 'notice', `message_${template}`, body, { actor }),
    ),
    ...incidents.flatMap(({ atMs, kind, detail, amountMinor, actor, resolution, resolvedAtMs }) => [
      entry(atMs, 'incident', kind, detail, { amountMinor }),
      ...(resolvedAtMs === null
        ? []
        : [entry(resolvedAtMs, 'incident_closed', kind, resolution ?? '', { actor })]),
    ]),
    ...early.map(({ atMs, decision, reason, amountMinor, actor }) =>
      entry(atMs, 'decision', decision, reason ?? '', { amountMinor, actor }),
    ),
    ...acts.map(({ atMs, act, reason, actor }) => entry(atMs, 'act', act, reason, { actor })),
  ];
}
