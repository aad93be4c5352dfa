import type { DoorState } from '../../shared/model/device.ts';
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

/** Why nobody may leave service mode now; null: they may. An unread door is not a shut one. */
export function whyNotLeave(door: DoorState): 'door_open' | 'door_unknown' | null {
  if (door === 'closed') return null;
  return door === 'open' ? 'door_open' : 'door_unknown';
}

/** Whether it is over: nobody is signed in any more, and the door is shut. */
export function isMaintenanceOver(hasSession: boolean, door: DoorState): boolean {
  return !hasSession && door === 'closed';
}
