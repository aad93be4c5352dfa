import type { DoorState } from '../../shared/model/device.ts';
import type { OutOfServiceReason } from '../../shared/model/visit.ts';

export interface AvailabilityInputs {
  storage: 'ok' | 'failed';
  enrolled: boolean;
  catalogLoaded: boolean;
  lockReady: boolean;
  readerReady: boolean;
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
  if (f.starting) return null;
  if (!f.lockReady || f.door === 'unknown') return 'lock_unreachable';
  if (!f.readerReady) return 'reader_unreachable';
  return null;
}
