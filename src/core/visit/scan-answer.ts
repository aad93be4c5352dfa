import type { ReasonCode } from '../../shared/model/charge.ts';
import type { ScanAnswer } from '../../shared/model/visit.ts';
import type { VisitEvent, VisitStateName } from './visit-model.ts';
import type { Visit } from './visit.ts';

/** What goes on instead, in a state in which a code lets nobody in; null: a code lets in. */
const answerIn: Readonly<Record<VisitStateName, ScanAnswer | null>> = {
  recovering: 'recovering',
  outOfService: 'closed',
  attract: null,
  identifyingByCode: null,
  identifyingByFace: null,
  authorising: 'checking_code',
  account: 'account',
  refused: null,
  preparing: 'door_opening',
  choosingDoor: 'door_opening',
  unlocking: 'door_opening',
  shopping: 'door_open',
  confirmed: 'door_open',
  ajar: 'door_open',
  checking: 'counting',
  receipt: null,
  nothingCharged: null,
};

/**
 * What the screen says to a scan, besides where it led: nobody who holds a code before the scanner is left without an
 * answer. Null: it led to another screen, which is the answer, or the event was no scan.
 */
export function answerToScan(
  before: Visit,
  after: Visit,
  event: VisitEvent,
): { why: ScanAnswer; reason: ReasonCode | null } | null {
  if (event.type !== 'codeScanned' && event.type !== 'codeRefused') return null;
  if (before.state !== after.state) return null;
  const why = before.context.form === null ? answerIn[before.state] : 'form';
  // What stands there stays, for nobody can be let in.
  if (why === null && event.type === 'codeScanned' && !before.context.available)
    return { why: 'closed', reason: null };
  // A receipt is not taken away by a bus ticket, and "refused" once more looks as it did.
  if (why === null && event.type === 'codeRefused') return { why: 'refused', reason: event.reason };
  return { why: why ?? 'refused', reason: null };
}
