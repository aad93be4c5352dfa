import type { DoorState } from '../../shared/model/device.ts';
import type { OutOfServiceReason } from '../../shared/model/visit.ts';

/**
 * Whether a visit may begin at this cabinet. It says nothing about a visit that runs: none is ever interrupted by it.
 * `sinceMs`: wall time of the last change, for the record and the screen.
 */
export type Availability =
  | { readonly state: 'starting'; readonly sinceMs: number }
  | { readonly state: 'available'; readonly sinceMs: number }
  | { readonly state: 'outOfService'; readonly reason: OutOfServiceReason; readonly sinceMs: number }
  /** Somebody of the staff works at it: the door may be open, and nothing is sold. */
  | { readonly state: 'maintenance'; readonly by: string; readonly sinceMs: number }
  /** A new version of the program is being put in place. */
  | { readonly state: 'updating'; readonly sinceMs: number };

export type AvailabilityEvent = { readonly atMs: number } & (
  | { readonly type: 'evaluated'; readonly reason: OutOfServiceReason | null }
  | { readonly type: 'maintenanceStarted'; readonly by: string }
  | { readonly type: 'maintenanceEnded' }
  | { readonly type: 'updateStarted' }
  | { readonly type: 'updateEnded' }
);

export const initialAvailability: Availability = { state: 'starting', sinceMs: 0 };

/**
 * The next availability; the same object when nothing changes. Maintenance and update last until they are ended, whatever the devices
 * say meanwhile; neither begins during the other.
 */
export function stepAvailability(before: Availability, event: AvailabilityEvent): Availability {
  const sinceMs = event.atMs;
  const isHeld = before.state === 'maintenance' || before.state === 'updating';
  switch (event.type) {
    case 'maintenanceStarted':
      return isHeld ? before : { state: 'maintenance', by: event.by, sinceMs };
    case 'updateStarted':
      return isHeld ? before : { state: 'updating', sinceMs };
    case 'maintenanceEnded':
      return before.state === 'maintenance' ? { state: 'starting', sinceMs } : before;
    case 'updateEnded':
      return before.state === 'updating' ? { state: 'starting', sinceMs } : before;
    case 'evaluated':
      if (isHeld || reasonOf(before) === event.reason) return before;
      if (event.reason === null) return { state: 'available', sinceMs };
      if (event.reason === 'starting') return { state: 'starting', sinceMs };
      return { state: 'outOfService', reason: event.reason, sinceMs };
  }
}

/** The door is open, no visit explains it, and nobody of the staff is at work. */
export function isDoorForced(availability: Availability): boolean {
  return availability.state === 'outOfService' && availability.reason === 'door_open_without_visit';
}

/** What the screen of a cabinet that does not sell says of it. */
export function outOfServiceOf(availability: Availability): { reason: OutOfServiceReason; sinceMs: number } {
  return { reason: reasonOf(availability) ?? 'starting', sinceMs: availability.sinceMs };
}

function reasonOf(availability: Availability): OutOfServiceReason | null {
  if (availability.state === 'outOfService') return availability.reason;
  return availability.state === 'available' ? null : 'starting';
}

export interface AvailabilityInputs {
  storage: 'ok' | 'failed';
  enrolled: boolean;
  catalogLoaded: boolean;
  lockReady: boolean;
  readerReady: boolean;
  /** Visits in a row had no final reading, and it has not shown since that it can read on: known also after a start. */
  losesReadings: boolean;
  /** More tags are in stock than the final reading could ever tell of: what is taken would be found by nobody. */
  isOverCapacity: boolean;
  /** The shelf is read to the end, and there is nothing on it that anybody has heard. */
  isNothingHeard: boolean;
  /** It was too warm for too long inside, and nobody of the staff has looked at the goods since. */
  isTooWarm: boolean;
  door: DoorState;
  /** A visit is in hand that explains an open door. */
  visitRuns: boolean;
  /** Still within the grace time after the start, when a device that has not answered yet is no news. */
  starting: boolean;
}

/**
 * Why the cabinet cannot sell now, the gravest first; null when it can. Right after a start the devices are taken on
 * trust: nobody is let in before lock and shelf have really answered (visit state `preparing`).
 */
export function evaluateAvailability(f: AvailabilityInputs): OutOfServiceReason | null {
  if (f.storage === 'failed') return 'storage_failed';
  if (f.door === 'open' && !f.visitRuns) return 'door_open_without_visit';
  if (!f.enrolled) return f.starting ? 'starting' : 'not_enrolled';
  if (!f.catalogLoaded) return f.starting ? 'starting' : 'no_catalog';
  if (f.isTooWarm) return 'too_warm';
  if (f.losesReadings) return 'reader_unreachable';
  if (f.starting) return null;
  if (!f.lockReady || f.door === 'unknown') return 'lock_unreachable';
  if (!f.readerReady) return 'reader_unreachable';
  if (f.isNothingHeard) return 'nothing_heard';
  if (f.isOverCapacity) return 'too_many_tags';
  return null;
}
