import type { DoorState } from '../../shared/model/device.ts';
import type { OutOfServiceReason } from '../../shared/model/visit.ts';

export interface ServiceFacts {
  storage: 'ok' | 'failed' | 'newer';
  enrolled: boolean;
  catalogLoaded: boolean;
  lockReady: boolean;
  readerReady: boolean;
  /** The shelf has been listened to long enough for a baseline. */
  shelfKnown: boolean;
  door: DoorState;
  /** A visit is in hand that explains an open door. */
  visitRuns: boolean;
  /** Still within the grace time after the start, when missing devices are not news yet. */
  starting: boolean;
}

/** Why the cabinet cannot sell now, the gravest first; null when it can. Money and goods come before convenience. */
export function serviceReason(f: ServiceFacts): OutOfServiceReason | null {
  if (f.storage === 'newer') return 'storage_newer';
  if (f.storage === 'failed') return 'storage_failed';
  if (f.door === 'open' && !f.visitRuns) return 'door_open_without_visit';
  if (!f.lockReady || f.door === 'unknown') return f.starting ? 'starting' : 'lock_unreachable';
  if (!f.readerReady) return f.starting ? 'starting' : 'reader_unreachable';
  if (!f.enrolled) return f.starting ? 'starting' : 'not_enrolled';
  if (!f.catalogLoaded) return f.starting ? 'starting' : 'no_catalog';
  if (!f.shelfKnown) return 'starting';
  return null;
}
