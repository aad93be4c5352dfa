import { emptyBasket } from '../basket/basket.ts';
import { memberCodePrefixes } from '../../shared/model/member.ts';
import type { VisitContext, VisitEvent } from './visit-model.ts';

/** What actions and guards of the chart are given. */
export interface VisitArgs {
  readonly context: VisitContext;
  readonly event: VisitEvent;
}

/** Before anything has happened. */
export const initialContext: VisitContext = {
  visitId: null,
  chargeId: null,
  purpose: 'visit',
  code: null,
  recognisedMemberId: null,
  member: null,
  maxMinor: null,
  admission: null,
  baseline: null,
  taken: [],
  added: [],
  basket: emptyBasket,
  confirmed: null,
  reported: [],
  ajarLevel: 0,
  attended: null,
  afterAbandoned: [],
  unwatched: [],
  reached: { taken: [], added: [] },
  shownAtClose: null,
  doorCount: 1,
  stuckDoors: [],
  chosenDoor: null,
  releasedDoors: [],
  moreDoorsCount: 0,
  doors: [],
  doorWasOpen: false,
  doorWasUnread: false,
  doorLost: false,
  unlockFailed: false,
  unlockAnswer: 'none',
  unlockedAgainCount: 0,
  recovered: false,
  resumedCount: 0,
  reopenedCount: 0,
  isOverdue: false,
  question: null,
  isAsked: false,
  answered: null,
  bill: null,
  refusedReason: null,
  nothingChargedReason: null,
  openedAtMs: null,
  closedAtMs: null,
  available: false,
  form: null,
  receiptHeldCount: 0,
  timer: null,
  timerSeq: 0,
  total: null,
};

/** At this level of an open door the staff has been told. */
export const abandonedLevel = 3;

/** Only what belongs to the cabinet, not to the visit, outlives a visit. */
export function cleared(context: VisitContext): VisitContext {
  return { ...initialContext, available: context.available, timerSeq: context.timerSeq };
}

/** The event of that kind; another one here is a bug. */
export function eventOf<T extends VisitEvent['type']>(
  args: VisitArgs,
  type: T,
): Extract<VisitEvent, { type: T }> {
  if (args.event.type !== type) throw new Error(`expected ${type}, got ${args.event.type}`);
  return args.event as Extract<VisitEvent, { type: T }>;
}

/** A code that leads to the account, wherever it is shown. */
export function isEnrolmentCode(args: VisitArgs): boolean {
  return eventOf(args, 'codeScanned').code.startsWith(`${memberCodePrefixes.enrol}.`);
}
