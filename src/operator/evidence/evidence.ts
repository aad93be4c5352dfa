import { and, asc, countDistinct, eq, sql, sum } from 'drizzle-orm';
import { lockNamedThing } from '../storage/locks.ts';
import type { EvidencePart } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ShelfDetail, StoryEntry } from '../../shared/console/work.schema.ts';
import type { VisitId } from '../../shared/ids.ts';
import { type ShelfEvent, shelfEventSchema } from '../../shared/model/evidence.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import { type ApiFailure, tooManyOfKind } from '../http/errors.ts';
import { charge, evidencePart, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';
import { wishStory } from './wishes.ts';

/** Of one visit so much is taken, bytes: what a cabinet keeps of one, twice. */
const visitBytesMax = 1024 * 1024;
/** Visits of one cabinet and day that it may tell of. */
export const evidenceVisitsMax = 100;
const dayMs = 86_400_000;
const retryAfterS = 3_600;

interface EvidenceOptions {
  readonly db: Db;
  readonly clock: Clock;
}

/**
 * Keeps a part of what the shelf was seen to do. What is there already stays as it came first. `not_found`: neither the visit
 * nor its charge is known of this cabinet (yet).
 */
export async function receiveEvidence(
  { db, clock }: EvidenceOptions,
  signer: Signer,
  { visitId, part }: { readonly visitId: VisitId; readonly part: string },
  { chargeId, why, isLast, dropped, events }: EvidencePart,
): Promise<Result<void, ApiFailure>> {
  const { cabinetId } = signer;
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    // One after the other: what is counted below holds until this part is there.
    await lockNamedThing(tx, `evidence ${cabinetId}`);
    if (!(await isKnown(tx, cabinetId, visitId, chargeId)))
      return fail('not_found', 'neither the visit nor its charge is known');
    const isOfVisit = and(eq(evidencePart.cabinetId, cabinetId), eq(evidencePart.visitId, visitId));
    const length = sum(sql`octet_length(${evidencePart.events})`).mapWith(Number);
    const [kept] = await tx.select({ length }).from(evidencePart).where(isOfVisit);
    const text = JSON.stringify(events);
    const keptBytes = kept?.length ?? 0;
    if (keptBytes + Buffer.byteLength(text) > visitBytesMax)
      return fail('too_large', 'no more of this visit is taken');
    const receivedAtMs = clock.nowMs();
    if (keptBytes === 0 && (await visitsToday(tx, cabinetId, receivedAtMs)) >= evidenceVisitsMax)
      return tooManyOfKind('too many visits today', retryAfterS);
    await tx
      .insert(evidencePart)
      .values({
        ...{ cabinetId, visitId, part: Number(part), chargeId, why, isLast, dropped },
        ...{ events: text, receivedAtMs },
      })
      .onConflictDoNothing();
    return ok();
  });
}

async function isKnown(tx: Db, cabinetId: string, visitId: VisitId, chargeId: string): Promise<boolean> {
  const isVisit = and(eq(visit.visitId, visitId), eq(visit.cabinetId, cabinetId), eq(visit.allowed, true));
  const visits = await tx.select({ visitId: visit.visitId }).from(visit).where(isVisit).limit(1);
  if (visits.length > 0) return true;
  const isCharge = and(
    eq(charge.chargeId, chargeId),
    eq(charge.visitId, visitId),
    eq(charge.cabinetId, cabinetId),
  );
  const charges = await tx.select({ chargeId: charge.chargeId }).from(charge).where(isCharge).limit(1);
  return charges.length > 0;
}

async function visitsToday(tx: Db, cabinetId: string, nowMs: number): Promise<number> {
  const isToday = and(
    eq(evidencePart.cabinetId, cabinetId),
    isWithin(evidencePart.receivedAtMs, nowMs, dayMs),
  );
  const [today] = await tx
    .select({ visits: countDistinct(evidencePart.visitId) })
    .from(evidencePart)
    .where(isToday);
  return today?.visits ?? 0;
}

/** Events of one visit that a story shows at most: the last ones, which are nearest to the bill. */
const storyEventsMax = 200;

/** What the shelf was seen to do, for the time line of a charge. */
export async function shelfStory(
  db: Db,
  { cabinetId, visitId }: { readonly cabinetId: string; readonly visitId: string },
): Promise<StoryEntry[]> {
  const parts = await db
    .select()
    .from(evidencePart)
    .where(and(eq(evidencePart.cabinetId, cabinetId), eq(evidencePart.visitId, visitId)))
    .orderBy(asc(evidencePart.part));
  const events = parts.flatMap((one) => shelfEventSchema.array().parse(JSON.parse(one.events)));
  const shown = events.slice(-storyEventsMax).map(entryOf);
  const last = parts.at(-1);
  const left = events.length - shown.length + (last?.dropped ?? 0);
  const wish = await wishStory(db, { cabinetId, visitId }, last?.isLast === true ? last.receivedAtMs : null);
  const [first] = shown;
  if (first === undefined || (left === 0 && last?.isLast === true)) return [...shown, ...wish];
  // Of a message that is still on its way nobody knows how much is in it.
  const what = last?.isLast === true ? 'left_out' : 'more_to_come';
  return [{ ...first, what, detail: JSON.stringify({ count: left }) }, ...shown, ...wish];
}

function entryOf(event: ShelfEvent): StoryEntry {
  const { what, detail } = saidOf(event);
  return {
    atMs: event.atMs,
    type: 'shelf',
    what,
    detail: JSON.stringify(detail),
    amountMinor: null,
    actor: null,
  };
}

/** The page has words for each (`shelfDetailSchema`). */
function saidOf(event: ShelfEvent): { what: string; detail: ShelfDetail } {
  switch (event.kind) {
    case 'door':
      return { what: `door_${event.door}`, detail: {} };
    case 'tags':
      return {
        what: event.gone.length > 0 ? 'tags_silent' : 'tags_heard',
        detail: { count: event.gone.length > 0 ? event.gone.length : event.came.length, heard: event.heard },
      };
    case 'weight':
      return { what: 'weight', detail: { lane: event.lane, milligrams: event.milligrams } };
    case 'device':
      return { what: event.isReady ? 'device_ready' : 'device_lost', detail: { device: event.deviceId } };
    case 'picture':
      return { what: `picture_${event.when}`, detail: { device: event.deviceId, jpeg: event.jpeg } };
    case 'lines':
      return { what: 'lines', detail: { taken: event.taken, added: event.added } };
  }
}
