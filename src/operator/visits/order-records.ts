import { and, eq, inArray, isNotNull, ne, notInArray, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { chargeAgeMaxMs, orderLeaseMs, orderLookAgainMs, providerTimeoutMs } from '../limits.ts';
import type { BeforeDoor } from '../providers/provider.ts';
import { charge, providerOrder, visit, visitClosing, visitOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { closeByItself } from '../support/incidents.ts';

export type OrderRow = typeof visitOrder.$inferSelect;

/** The order of one cabinet's visit: nobody else's number leads to it. */
export interface OrderOfVisit {
  readonly orderId: string;
  readonly cabinetId: string;
  readonly visitId: string;
}

export function isOrderOf({ orderId, cabinetId, visitId }: OrderOfVisit) {
  return and(
    eq(visitOrder.orderId, orderId),
    eq(visitOrder.cabinetId, cabinetId),
    eq(visitOrder.visitId, visitId),
  );
}

/** Nothing will be debited by it: it is closed now. Nothing where there is none. */
export async function releaseOrder(tx: Db, clock: Clock, order: OrderOfVisit): Promise<void> {
  await release(tx, clock, isOrderOf(order));
}

/**
 * What has become of the charge of an order: the first time, and each time that it changes. With nothing to be debited by itself
 * (any more) its order is looked at now (`leaseOrder`); else what was opened at another provider, whose account the member had
 * before: nothing comes of that any more.
 */
export async function releaseWithCharge(
  tx: Db,
  clock: Clock,
  row: typeof charge.$inferSelect,
  before?: typeof charge.$inferSelect,
): Promise<void> {
  const { chargeId: orderId, cabinetId, visitId, provider } = row;
  const isElsewhere = isLetGo(row) ? undefined : ne(visitOrder.provider, provider ?? '');
  const isNews = before === undefined || (isLetGo(row) && (!isLetGo(before) || before.state !== row.state));
  if (!isNews) return;
  if (isLetGo(row)) await takeOnRecord(tx, clock, row);
  await release(tx, clock, and(isOrderOf({ orderId, cabinetId, visitId }), isElsewhere));
}

/**
 * What a debit has opened, or may have, by itself (at a door where nobody could be asked, or after the order was closed) is to
 * be closed like what was opened before the door: an attempt that ended without a debit may have left it open.
 */
async function takeOnRecord(tx: Db, clock: Clock, row: typeof charge.$inferSelect): Promise<void> {
  const { chargeId: orderId, cabinetId, visitId, memberId, provider } = row;
  if (provider === null) return;
  const isKnown = and(eq(providerOrder.orderId, orderId), eq(providerOrder.provider, provider));
  const [known] = await tx.select({ orderId: providerOrder.orderId }).from(providerOrder).where(isKnown);
  if (known === undefined) return;
  const isEnded = and(
    isOrderOf({ orderId, cabinetId, visitId }),
    eq(visitOrder.provider, provider),
    inArray(visitOrder.state, ['closed', 'failed']),
  );
  assert(isEnded !== undefined, 'a condition of several is one');
  const openedAtMs = clock.nowMs();
  const open = { state: 'open' as const, dueAtMs: openedAtMs, failureCount: 0 };
  await tx
    .insert(visitOrder)
    .values({ ...open, orderId, provider, cabinetId, visitId, memberId, openedAtMs, leaseCount: 0 })
    .onConflictDoUpdate({ target: visitOrder.orderId, set: open, setWhere: isEnded });
}

/** Nothing is debited by itself, and nothing that was asked for before may still be. */
function isLetGo({ state, inDoubt, debitedMinor }: ChargeEnd): boolean {
  if (inDoubt) return false;
  return state === 'needs_attention' || (state === 'paid' && (debitedMinor ?? 0) === 0);
}
type ChargeEnd = Pick<typeof charge.$inferSelect, 'state' | 'inDoubt' | 'debitedMinor'>;

async function release(tx: Db, clock: Clock, which: ReturnType<typeof and>): Promise<void> {
  const { dueAtMs } = visitOrder;
  await tx
    .update(visitOrder)
    .set({ dueAtMs: sql`least(${dueAtMs}, ${clock.nowMs()}::bigint)` })
    .where(and(which, isNotNull(dueAtMs)));
}

/**
 * Puts the order of a visit on record before its provider is asked. Null: it is not to be asked: it is open already, or the
 * number is another visit's, or a charge's that is here, or its cabinet has said already that nothing comes of the visit: what
 * is asked once more, or has waited, may come after its own end. The row of the visit is locked, as the report of its end and
 * its charge lock it: whichever is second sees the first.
 */
export async function recordOrder(
  tx: Db,
  clock: Clock,
  order: OrderOfVisit & Pick<OrderRow, 'memberId' | 'provider'>,
  closeAfterMs: number,
): Promise<OrderRow | null> {
  const { cabinetId, visitId } = order;
  const isOf = and(eq(visit.visitId, visitId), eq(visit.cabinetId, cabinetId), eq(visit.purpose, 'visit'));
  await tx.select({ id: visit.id }).from(visit).where(isOf).for('update');
  const isOver = and(
    eq(visitClosing.visitId, visitId),
    eq(visitClosing.cabinetId, cabinetId),
    notInArray(visitClosing.ended, ['charge', 'left_open']),
  );
  const over = await tx.select({ visitId: visitClosing.visitId }).from(visitClosing).where(isOver);
  if (over.length > 0) return null;
  const isTaken = eq(charge.chargeId, order.orderId);
  const taken = await tx.select({ chargeId: charge.chargeId }).from(charge).where(isTaken).limit(1);
  if (taken.length > 0) return null;
  const openedAtMs = clock.nowMs();
  const times = { openedAtMs, dueAtMs: openedAtMs + closeAfterMs };
  await tx
    .insert(visitOrder)
    .values({ ...order, ...times, state: 'asked', failureCount: 0, leaseCount: 0 })
    .onConflictDoNothing();
  const [row] = await tx.select().from(visitOrder).where(isOrderOf(order));
  return row?.state === 'asked' && row.memberId === order.memberId ? row : null;
}

/** The provider has answered. Nothing where it was released meanwhile and has ended. */
export async function noteOpen(db: Db, order: OrderOfVisit): Promise<void> {
  await db
    .update(visitOrder)
    .set({ state: 'open' })
    .where(and(isOrderOf(order), eq(visitOrder.state, 'asked')));
}

/** Where it was closed while the provider was still being asked to open it, it may be open all the same: it is closed once more. */
export async function closeAgain(db: Db, clock: Clock, order: OrderOfVisit): Promise<void> {
  await db
    .update(visitOrder)
    .set({ state: 'open', dueAtMs: clock.nowMs() })
    .where(and(isOrderOf(order), eq(visitOrder.state, 'closed')));
}

/** The provider refuses it: the visit was not allowed after all, and what may be there of the order is closed. `reply`: JSON. */
export async function noteRefused(db: Db, clock: Clock, order: OrderOfVisit, reply: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx
      .update(visit)
      .set({ allowed: false, reply, watchAtMs: null })
      .where(
        and(
          eq(visit.visitId, order.visitId),
          eq(visit.cabinetId, order.cabinetId),
          eq(visit.chargeId, order.orderId),
        ),
      );
    await tx
      .update(visitOrder)
      .set({ state: 'refused', dueAtMs: clock.nowMs() })
      .where(and(isOrderOf(order), isNotNull(visitOrder.dueAtMs)));
  });
}

/**
 * Takes an order that is due for `orderLeaseMs`. Null: it is not to be closed (now): its charge is here and was debited, or may
 * be debited still by itself; or somebody else has it in hand. What people have in hand holds no money meanwhile: it may take
 * them days, and what they decide to debit is debited anew. An order that holds none (`beforeDoorOf`, by the provider's name)
 * stays for them until nobody would hear of its visit any more.
 */
export async function leaseOrder(
  db: Db,
  clock: Clock,
  orderId: string,
  isDue: OrderDue,
  beforeDoorOf: (provider: string) => BeforeDoor | null,
): Promise<OrderRow | null> {
  return db.transaction(async (tx) => {
    const isIt = and(eq(visitOrder.orderId, orderId), isDue);
    const [row] = await tx.select().from(visitOrder).where(isIt).for('update', { skipLocked: true });
    if (row === undefined) return null;
    const [come] = await tx
      .select({ state: charge.state, inDoubt: charge.inDoubt, debitedMinor: charge.debitedMinor })
      .from(charge)
      // Another provider is asked for it where the member has changed the account meanwhile: nothing comes of this order then.
      .where(and(eq(charge.chargeId, orderId), eq(charge.provider, row.provider)));
    const nowMs = clock.nowMs();
    const change = come === undefined ? leased(row, nowMs) : withCharge(row, come, nowMs, beforeDoorOf);
    const [changed] = await tx.update(visitOrder).set(change).where(isIt).returning();
    if ('state' in change) await listedNoMore(tx, clock, row);
    return 'leaseCount' in change ? (changed ?? null) : null;
  });
}
type OrderDue = ReturnType<typeof and>;

/** It has an end, of whatever kind: what people were told of it before is old. */
export async function listedNoMore(tx: Db, clock: Clock, { orderId, cabinetId }: OrderRow): Promise<void> {
  const about = { cabinetId, chargeId: orderId };
  await closeByItself(tx, clock, ['order_not_closed'], about, 'it has ended, or a later one says it');
}

const leased = ({ leaseCount }: OrderRow, nowMs: number) => ({
  dueAtMs: nowMs + orderLeaseMs,
  leaseCount: leaseCount + 1,
});

/** What is to be done about an order that is due when its charge is here. */
function withCharge(
  row: OrderRow,
  come: ChargeEnd,
  nowMs: number,
  beforeDoorOf: (provider: string) => BeforeDoor | null,
) {
  if (!come.inDoubt && (come.debitedMinor ?? 0) > 0) return { state: 'debited' as const, dueAtMs: null };
  if (!isLetGo(come)) return { dueAtMs: nowMs + orderLookAgainMs };
  const beforeDoor = beforeDoorOf(row.provider);
  const keptMs = beforeDoor?.holdsMoney === false ? beforeDoor.closeSilentAfterMs : 0;
  const keptUntilMs = Math.min(row.openedAtMs, nowMs) + keptMs;
  const isKept = come.state === 'needs_attention' && nowMs < keptUntilMs;
  return isKept ? { dueAtMs: keptUntilMs } : leased(row, nowMs);
}

/** No wait is longer: what is due later was written while the clock was ahead. */
export const orderDueMaxMs = Math.max(chargeAgeMaxMs, orderLookAgainMs, orderLeaseMs) + providerTimeoutMs;
