import type { DoorState } from '../../shared/model/device.ts';
import type { LeaveRefusal } from '../../shared/model/service.ts';
import type { VisitStateName } from '../visit/visit-model.ts';

/**
 * That somebody works at the cabinet, as it is kept on the disk from before the door may be opened: `by` names who. A restart
 * finds it and goes on out of service, until the door is seen shut.
 */
export interface Maintenance {
  readonly by: string;
  readonly sinceMs: number;
}

/**
 * Whether the bolt may move for the staff: only when the visit itself stands still. One that is under way goes on to its end,
 * and its door is the shopper's.
 */
export function mayOpenForStaff(maintenance: Maintenance | null, visit: VisitStateName): boolean {
  return maintenance !== null && visit === 'outOfService';
}

/** So long the bolt may be loose after it was released, if nobody opens the door, ms: longer than any lock holds it. */
export const boltLooseMaxMs = 20_000;

/**
 * Why nobody may leave service mode now; null: they may. An unread door is not a shut one, and one that is shut before a loose
 * bolt can be pulled open by whoever comes next.
 */
export function whyNotLeave(door: DoorState, isBoltLoose: boolean): LeaveRefusal | null {
  if (door === 'open') return 'door_open';
  if (door !== 'closed') return 'door_unknown';
  return isBoltLoose ? 'bolt_loose' : null;
}

/** Whether it is over: nobody is signed in any more, and the cabinet is shut. */
export function isMaintenanceOver(hasSession: boolean, door: DoorState, isBoltLoose: boolean): boolean {
  return !hasSession && whyNotLeave(door, isBoltLoose) === null;
}
