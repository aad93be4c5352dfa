import type { VoidReason } from '../../core/charge/charge-life.ts';
import type { RecordEffect, VisitEvent } from '../../core/visit/visit-model.ts';
import type { InventoryLine } from '../../core/recognition/inventory.ts';
import { phaseOf } from '../../core/visit/visit-phase.ts';
import type { Visit } from '../../core/visit/visit.ts';
import type { Alarm, AuthoriseRequest, VisitClosing } from '../../shared/api/operator.ts';
import { assert } from '../../shared/assert.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { PromotionOrder } from '../../shared/model/promotion.schema.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { DeviceFailure, DoorState, PollMode } from '../../shared/model/device.ts';
import { type Currency, amountMaxMinor, minor, zeroMinor } from '../../shared/money.ts';
import type { Random } from '../../shared/random.ts';
import { type Result } from '../../shared/result.ts';
import type { Authorisation } from './authoriser.ts';

/** What the visit's loop needs from the rest of main, so that tests can put the byte-level simulation in its place. */
export interface VisitPorts {
  readonly cabinetId: string;
  readonly devices: {
    /** The n-th of several, from 1; the only one without. */
    unlock(door?: number): Promise<Result<{ door: DoorState }, DeviceFailure>>;
    setPollMode(pollMode: PollMode): void;
  };
  catalog(): Catalog | null;
  /** All that is drawn up; left out: nothing. */
  promotions?(): PromotionOrder | null;
  enrolled(): boolean;
  /** The charge queue can write what it does; false while the database refuses. */
  canPersistCharges(): boolean;
  /** Never rejects: a failure is a reason that the shopper can be told. */
  authorise(request: AuthoriseRequest): Promise<Authorisation>;
  /** The operator's time, wall ms; null while it is not known. */
  operatorNowMs(): number | null;
  /** It was too warm inside for too long; left out: nobody looks at that. */
  isTooWarm?(): boolean;
  raiseAlarm(alarm: Alarm): void;
  /** A charge has just been committed: send it. */
  chargeSettled(): void;
  readonly random: Random;
}

/** Done, or why not; inside a transaction a failure undoes the whole of it. */
export type Recorded = Result<unknown, { code: string }>;

/** A visit as it was saved last. `savedAtMs`: wall time. */
export interface StoredVisitRow {
  readonly visitId: VisitId;
  /** Of its charge on record; null: there is none, or nobody can tell. */
  readonly currency: Currency | null;
  readonly state: unknown;
  readonly savedAtMs: number;
}

/** The database as the visit's loop sees it. All synchronous; all inside `transaction` commits or none of it. */
export interface VisitRecords {
  transaction(fn: () => Recorded): Recorded;
  /** Calls `undo` when the transaction that runs is undone; outside of one never (`Database.ifUndone`). */
  ifUndone(undo: () => void): void;
  /** Writes something of no meaning, to see whether the database takes it. */
  probe(): Recorded;
  /** Begins the journal of a visit with the visit as it was before the first event of the journal. */
  beginVisit(visitId: VisitId, visit: Visit): Recorded;
  /** The new state and the event that led to it. Null: only what the estimator remembers has changed. */
  saveVisit(step: {
    visitId: VisitId;
    visit: Visit;
    /** What the inventory estimator must remember to go on with it. */
    estimator: unknown;
    event: VisitEvent | null;
    /** To be taken up after a restart. */
    active: boolean;
  }): Recorded;
  /** The visit that had not ended when the program did, null: none; `state` as it was saved. */
  loadActive(): Result<StoredVisitRow | null, { code: string }>;
  /** Keeps a visit that cannot be read, as it is, for a human, so that the next one can begin. */
  quarantine(visitId: VisitId): Recorded;
  openCharge(charge: {
    chargeId: ChargeId;
    visitId: VisitId;
    memberId: string;
    memberDisplay: string;
    cabinetId: string;
    currency: Currency;
  }): Recorded;
  finaliseCharge(chargeId: ChargeId, body: ChargeBody): Recorded;
  /** Whoever took more than an offline visit may cost comes in next when the operator says so. `atMs`: the operator's time. */
  denyOffline(memberId: string, atMs: number): Recorded;
  voidCharge(chargeId: ChargeId, why: VoidReason): Recorded;
  /** How the visit has ended, for the operator. */
  closeVisit(visitId: VisitId, closing: VisitClosing): Recorded;
  /** Absent: nobody keeps a book of the goods. */
  readonly stock?: StockRecords;
  /** How many visits in a row have lost their final reading, as JSON text. */
  readonly lostReadings: {
    load(): Result<string | null, { code: string }>;
    keep(json: string): Recorded;
  };
  /** What is behind the shut door between two visits, as JSON text; absent: it is forgotten by a restart. */
  readonly goodsInDoubt?: {
    load(): Result<string | null, { code: string }>;
    keep(json: string): Recorded;
  };
}

/** What lies in the cabinet, as it is on record (main/stock); inside the transactions of a visit. */
export interface StockRecords {
  /** How many of each article are past their best-before day. */
  expired(): ReadonlyMap<string, number>;
  /** Tags of those, of articles each piece of which is known by its tag. */
  pastDay(): ReadonlyMap<string, ReadonlySet<string>>;
  /** The door is about to be opened: what lies there is counted, and what differs was so before. */
  before(who: string): Recorded;
  /** What has left, or may have, and what was put in. */
  after(taken: readonly { sku: string; count: number }[], added: readonly InventoryLine[]): Recorded;
}

/** Performs one record effect inside the transaction that commits the new state. */
export function recordEffect(
  records: VisitRecords,
  ports: VisitPorts,
  effect: RecordEffect,
  visit: Visit,
): Recorded {
  const phase = phaseOf(visit);
  assert('chargeId' in phase && 'member' in phase, 'a record effect belongs to an allowed visit');
  const { visitId, chargeId, member } = phase;
  const { cabinetId } = ports;
  if (phase.phase === 'nothingCharged') {
    const voided = records.voidCharge(chargeId, phase.reason);
    if (!voided.ok) return voided;
    const closedAtMs = closedAtMsOf(visit);
    const nothing = { chargeId, totalMinor: zeroMinor, heldMinor: zeroMinor, closedAtMs };
    return records.closeVisit(visitId, { ...nothing, ended: phase.reason });
  }
  assert('baseline' in phase, 'the bolt moves, and a bill is made, by a baseline');
  const { currency, promotions } = phase.baseline;
  if (effect.type === 'openCharge') {
    const { memberId, display: memberDisplay } = member;
    const counted = records.stock?.before(visitId);
    if (counted?.ok === false) return counted;
    return records.openCharge({ chargeId, visitId, memberId, memberDisplay, cabinetId, currency });
  }
  assert(phase.phase === 'charged', 'only a made bill is settled');
  const { openedAtMs, admission, maxMinor } = visit.context;
  if (admission !== null && phase.bill.totalMinor > (maxMinor ?? 0)) {
    const denied = records.denyOffline(member.memberId, admission.atMs);
    if (!denied.ok) return denied;
  }
  const closedAtMs = closedAtMsOf(visit);
  const { bill } = phase;
  const finalised = records.finaliseCharge(chargeId, {
    chargeId,
    visitId,
    cabinetId,
    memberId: member.memberId,
    currency,
    ...bill,
    confirmedByShopper: visit.context.confirmed !== null,
    openedAtMs: openedAtMs ?? 0,
    closedAtMs,
    ...(promotions !== undefined && { promotionsVersion: promotions.version }),
    ...(admission !== null && { admission }),
  });
  if (!finalised.ok) return finalised;
  const gone = [...bill.lines, ...bill.heldLines];
  const moved = records.stock?.after(gone, visit.context.basket.foreign);
  if (moved?.ok === false) return moved;
  const { totalMinor } = bill;
  const heldMinor = bill.heldLines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return records.closeVisit(visitId, {
    chargeId,
    ended: 'charge',
    totalMinor,
    closedAtMs,
    heldMinor: minor(Math.min(heldMinor, amountMaxMinor)),
  });
}

/** A clock that a restart has lost is no time: it did not shut before it was opened. */
function closedAtMsOf({ context }: Visit): number {
  const openedAtMs = context.openedAtMs ?? 0;
  return Math.max(context.closedAtMs ?? openedAtMs, openedAtMs);
}
