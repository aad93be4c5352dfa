import { and, eq, isNotNull } from 'drizzle-orm';
import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import { textOfWindow } from '../../shared/model/update-window.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { pinnedAloneMax, updateAlonePercentMax } from '../limits.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import { cabinet } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { reachOf } from './roll-out.ts';
import {
  type OrderBody,
  changeOrder,
  countToldAlone,
  newestOrder,
  pauseUpdates,
  withdrawRelease,
} from './update-orders.ts';

const dayMs = 86_400_000;
export type UpdateAct = Extract<
  ConsoleAct,
  { readonly kind: 'order_update' | 'pause_updates' | 'withdraw_release' | 'unpin_cabinet' }
>;

/** What people decide about updates, in the transaction of the act. */
export async function decideUpdate(
  parts: { readonly db: Db; readonly clock: Clock },
  act: UpdateAct,
): Promise<Result<unknown, ApiFailure>> {
  const { db, clock } = parts;
  const fleet = await newestOrder(db, null);
  switch (act.kind) {
    case 'order_update': {
      const { release, percent, windows, days, cabinetId } = act;
      if (fleet?.withdrawn.includes(release) === true)
        return fail('conflict', `${release} was withdrawn: make a newer one`);
      if (cabinetId !== null && !(await isEnrolled(db, cabinetId)))
        return fail('not_found', 'no such cabinet is enrolled');
      const expiresAtMs = clock.nowMs() + days * dayMs;
      return ok(await changeOrder(parts, cabinetId, { release, percent, windows, expiresAtMs }));
    }
    case 'pause_updates':
      if ((fleet?.isPaused ?? false) === act.isPaused) return fail('conflict', 'it is so already');
      if (!act.isPaused && fleet !== null && fleet.expiresAtMs <= clock.nowMs())
        return fail('conflict', 'it has ended: order it anew');
      return ok(await pauseUpdates(parts, act.isPaused));
    case 'withdraw_release':
      if (fleet?.withdrawn.includes(act.release) === true) return fail('conflict', 'it is so already');
      return ok(await withdrawRelease(parts, act.release));
    case 'unpin_cabinet': {
      const own = await newestOrder(db, act.cabinetId);
      if (own === null || own.isPinEnded) return fail('conflict', 'it follows the fleet');
      return ok(await changeOrder(parts, act.cabinetId, { isPinEnded: true }));
    }
    default:
      return unreachable(act);
  }
}

async function isEnrolled(db: Db, cabinetId: string): Promise<boolean> {
  const isIt = and(eq(cabinet.cabinetId, cabinetId), isNotNull(cabinet.enrolledAtMs));
  return (await db.$count(cabinet, isIt)) === 1;
}

/** What is wanted of the fleet or one cabinet as people read it, and at how many; nobody changes it before `tx` has ended. */
export async function lockUpdates(
  tx: Db,
  act: UpdateAct,
): Promise<{ readonly name: string; readonly state: Record<string, unknown> }> {
  await lockOneAtATime(tx, 'updateOrders');
  const fleet = await newestOrder(tx, null);
  const reach = await reachOf(tx, fleet);
  const cabinetId = 'cabinetId' in act ? act.cabinetId : null;
  if (cabinetId === null) return { name: 'updates', state: { ...saidOf(fleet), ...reach } };
  const own = await newestOrder(tx, cabinetId);
  const isPinned = own !== null && !own.isPinEnded;
  const others = { othersPinned: isPinned ? reach.pinned - 1 : reach.pinned };
  const told = 'release' in act ? { toldAlone: await countToldAlone(tx, act.release, cabinetId) } : {};
  const state = { ...saidOf(isPinned ? own : null), isPinned, ...others, ...told };
  return { name: `cabinet:${cabinetId}`, state };
}

function saidOf(order: OrderBody | null): Record<string, unknown> {
  if (order === null) return { release: null };
  const { release, percent, windows, isPaused, withdrawn, expiresAtMs } = order;
  return { release, percent, windows: windows.map(textOfWindow), isPaused, withdrawn, endsAtMs: expiresAtMs };
}

/**
 * What brings another version to more than a few cabinets is decided by two; what holds one back, never: whoever sees that it is
 * no good stops it alone. What has ended was agreed to until then: given again it is an order like any other.
 */
export function isUpdateForTwo(
  act: UpdateAct,
  state: Readonly<Record<string, unknown>>,
  nowMs: number,
): boolean {
  if (act.kind !== 'order_update') return false;
  const { percent, cabinets, othersPinned, toldAlone, endsAtMs } = state;
  const release = Number(endsAtMs) > nowMs ? state['release'] : null;
  // Also those that were pinned to it one after the other and follow the fleet again: they run it.
  if (act.cabinetId !== null)
    return release !== act.release && Math.max(Number(othersPinned), Number(toldAlone)) >= pinnedAloneMax;
  const isLess = release === act.release && act.percent <= Number(percent);
  return cabinets !== 0 && !isLess && act.percent > updateAlonePercentMax;
}
