import { assign } from 'xstate';
import { makeBasket, makeBill, numberOf, heldBackOf } from '../basket/basket.ts';
import { forShopper } from '../pricing/pricing.ts';
import {
  type BaselineInventory,
  type Estimate,
  type InventoryLine,
  leastOf,
  moreThan,
  mostOf,
  sumOf,
} from '../recognition/inventory.ts';
import { assert } from '../../shared/assert.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { TotalName, VisitLimits } from './limits.ts';
import { type VisitArgs, abandonedLevel, cleared, eventOf, isEnrolmentCode } from './visit-context.ts';
import { mayHaveBeenOpen, unwatchedBy } from './visit-guards.ts';
import type { VisitContext, VisitEvent } from './visit-model.ts';

/** What the chart's actions make of a visit's context, by what they are about. Each is pure. */

/** An action that changes what is known, and does nothing else. */
const change = <P extends string | number | undefined = undefined>(
  next: (args: VisitArgs, param: P) => Partial<VisitContext>,
) => assign<VisitContext, VisitEvent, P, VisitEvent, never>((args, param) => next(args, param));

/** A wait that begins now; a timer of the one before is out of date. */
function startedTimer(
  { timerSeq }: VisitContext,
  durationMs: number,
): Pick<VisitContext, 'timer' | 'timerSeq'> {
  return { timerSeq: timerSeq + 1, timer: { seq: timerSeq + 1, durationMs } };
}

/** How long is waited: for one thing (`timer`), and for all attempts together (`total`). */
export const waitActions = (limits: VisitLimits) => ({
  stopTimer: change(() => ({ timer: null })),
  startTimer: change(({ context }, limit: keyof VisitLimits) => startedTimer(context, limits[limit])),
  /** Begins a wait in total, unless it is running already. */
  startTotal: change(({ context }, of: TotalName) => {
    if (context.total?.of === of) return {};
    const seq = context.timerSeq + 1;
    return { timerSeq: seq, total: { seq, durationMs: limits[of], of } };
  }),
  stopTotal: change(() => ({ total: null })),
  /** Staff is told: what leaves from now on is held, and a human looks at the charge. */
  becomeOverdue: change(({ context }) => ({
    isOverdue: true,
    attended: attendedSoFar(context),
  })),
  /** After a restart with a visit in hand: the lock is waited for, not for ever. */
  waitForLock: change(({ context }) => {
    if (context.visitId === null) return { timer: null };
    const wait = startedTimer(context, limits.lockSilentMs);
    if (context.total !== null) return wait;
    const seq = wait.timerSeq + 1;
    const total = { seq, durationMs: limits.recoverTotalMs, of: 'recoverTotalMs' as const };
    return { ...wait, timerSeq: seq, total };
  }),
});

function beganBy(args: VisitArgs): Partial<VisitContext> {
  if (args.event.type === 'faceAccepted') return { recognisedMemberId: args.event.memberId };
  const { code } = eventOf(args, 'codeScanned');
  // An enrolment code leads to the account wherever it is shown: no door opens by it.
  return { code, purpose: isEnrolmentCode(args) ? 'account' : args.context.purpose };
}

/** Who stands there, and whether they may shop. */
export const shopperActions = {
  /** Not the wait in total: another entry method does not begin it anew. */
  clear: change(({ context }) => ({ ...cleared(context), total: context.total })),
  forAccount: change(() => ({ purpose: 'account' })),
  recordAvailability: change((args) => ({
    available: eventOf(args, 'availabilityChanged').available,
  })),
  beginVisit: change((args) => {
    const { visitId, chargeId } =
      args.event.type === 'faceAccepted' ? args.event : eventOf(args, 'codeScanned');
    return { ...cleared(args.context), ...beganBy(args), visitId, chargeId };
  }),
  recordRecognised: change((args) => ({
    recognisedMemberId: eventOf(args, 'faceAccepted').memberId,
  })),
  recordMember: change((args) => {
    const { member, maxMinor = null, admission = null } = eventOf(args, 'authorised');
    return { member, maxMinor, admission, code: null };
  }),
  recordRefusal: change((args) => ({
    refusedReason: (args.event.type === 'codeRefused' ? args.event : eventOf(args, 'refused')).reason,
  })),
  refuse: change((_, refusedReason: ReasonCode) => ({ refusedReason })),
};

/** What a message of the door says of each of several. One that is seen open has been pulled. */
function doorsIn(args: VisitArgs): Partial<VisitContext> {
  const { doors } = eventOf(args, 'door');
  if (doors === undefined) return {};
  const { context } = args;
  const releasedDoors = context.releasedDoors.filter((one) => doors[one - 1] !== 'open');
  // What is open has opened, whatever the board will say to it.
  const isPulled = context.chosenDoor !== null && doors[context.chosenDoor - 1] === 'open';
  return { doors: [...doors], releasedDoors, ...(isPulled && { unlockAnswer: 'opened' }) };
}

/** This door is to be unlocked now; null: the only one. Of several it is waited for until it is pulled. */
function releasedNow(
  { releasedDoors }: VisitContext,
  door: number | null,
): Pick<VisitContext, 'releasedDoors' | 'unlockAnswer'> {
  const others = releasedDoors.filter((one) => one !== door);
  return { releasedDoors: door === null ? others : [...others, door], unlockAnswer: 'none' };
}

function chosenDoor(args: VisitArgs): Pick<VisitContext, 'chosenDoor' | 'releasedDoors' | 'unlockAnswer'> {
  const { door } = eventOf(args, 'openDoor');
  return { chosenDoor: door, ...releasedNow(args.context, door) };
}

/** What lock and door have said. */
export const doorActions = {
  recordDoorChosen: change((args) => chosenDoor(args)),
  recordAnotherDoor: change((args) => ({
    ...chosenDoor(args),
    moreDoorsCount: args.context.moreDoorsCount + 1,
  })),
  recordDoors: change((args) => doorsIn(args)),
  /** What belongs to an earlier closing is over: it bounds the number on the screen no more. */
  recordDoorOpened: change((args) => {
    const { shownAtClose, basket, openedAtMs } = args.context;
    return {
      ...doorsIn(args),
      doorWasOpen: true,
      shownAtClose: null,
      basket: shownAtClose === null ? basket : nextBasket({ ...args.context, shownAtClose: null }),
      openedAtMs: openedAtMs ?? eventOf(args, 'door').atMs,
    };
  }),
  recordDoorUnread: change(() => ({ doorWasUnread: true })),
  recordReopened: change(({ context }) => ({ reopenedCount: context.reopenedCount + 1 })),
  recordUnlocked: change(() => ({ unlockAnswer: 'opened' })),
  recordUnlockFailed: change(() => ({ unlockFailed: true, unlockAnswer: 'failed' })),
  recordUnlockAgain: change(({ context }) => ({
    ...releasedNow(context, context.chosenDoor),
    unlockedAgainCount: context.unlockedAgainCount + 1,
  })),
  recordDoorLost: change((args) => ({
    ...doorsIn(args),
    doorLost: eventOf(args, 'door').door === 'unknown',
  })),
  /**
   * It has shut: what stood on the screen last is the most that is billed. A lock that was silent may say so of one and
   * the same closing again: while the door was not seen open since, what stood there the first time bounds it as well.
   */
  recordDoorClosed: change((args) => {
    const { context } = args;
    const { atMs, inNumber } = eventOf(args, 'door');
    const shownAtClose = leastOf(context.shownAtClose ?? context.taken, context.taken);
    const closed = { ...doorsIn(args), closedAtMs: atMs, doorLost: false, shownAtClose };
    if (inNumber === undefined) return closed;
    // It waited for the disk: what has been put on record since then stood on no screen when it shut.
    const bounded = leastOf(shownAtClose, sumOf(inNumber, heldBackOf(context)));
    return { ...closed, shownAtClose: bounded, basket: nextBasket({ ...context, shownAtClose: bounded }) };
  }),
  /**
   * Nobody was seen to pull. Where no door was open before either, no list stood on the screen, so that nothing is billed that
   * no human has looked at.
   */
  recordNeverPulled: change(({ context }) => ({
    releasedDoors: [],
    shownAtClose: context.doorWasOpen ? context.shownAtClose : [],
  })),
  /** After a restart nobody saw what was on screen when it shut: only what was known before limits the bill. */
  recordDoorFoundShut: change((args) => ({
    ...doorsIn(args),
    closedAtMs: eventOf(args, 'door').atMs,
    doorLost: false,
  })),
  /** After a restart old evidence is read again. A confirmation stands only if the door had shut on it. */
  distrust: change(({ context }) => ({
    confirmed: context.shownAtClose === null ? null : context.confirmed,
    ajarLevel: 0,
    doorLost: context.visitId !== null,
    recovered: context.visitId !== null,
    resumedCount: context.visitId === null ? 0 : context.resumedCount + 1,
    total: null,
    available: false,
  })),
};

/** Why a visit with an empty bill ended so. */
function nothingChargedReason(context: VisitContext): 'not_opened' | 'nothing_taken' | 'unlock_failed' {
  if (mayHaveBeenOpen(context)) return 'nothing_taken';
  return context.unlockFailed || context.unlockedAgainCount > 0 ? 'unlock_failed' : 'not_opened';
}

/** What has left while somebody watched. */
function watchedOf({ taken, unwatched }: Pick<VisitContext, 'taken' | 'unwatched'>): InventoryLine[] {
  return moreThan(taken, unwatched);
}

/** What had left watched when nobody watched any more: from the first time on. */
function attendedSoFar(context: VisitContext): InventoryLine[] {
  return context.attended ?? watchedOf(context);
}

/** What stands on the screen and is not in its number: it left unattended, or after the closing that bounds the bill. */
function notInNumber(context: VisitContext): InventoryLine[] {
  const { taken, shownAtClose } = context;
  return sumOf(heldBackOf(context), shownAtClose === null ? [] : moreThan(taken, shownAtClose));
}

/** What the number on the screen is made of. */
export function inNumber(context: VisitContext): InventoryLine[] {
  const { taken, reported } = context;
  const counted = taken.filter(({ sku }) => sku === null || !reported.includes(sku));
  return moreThan(counted, notInNumber(context));
}

/** A new revision of the basket, by what is known now. */
function nextBasket(context: VisitContext): VisitContext['basket'] {
  const { baseline, taken, added, reported, basket } = context;
  if (baseline === null) return basket;
  return makeBasket(baseline, { taken, added }, reported, basket.revision + 1, notInNumber(context));
}

/** New evidence: a new revision of the basket. */
function withEvidence(
  { taken, added }: Estimate,
  unwatched: readonly InventoryLine[],
  context: VisitContext,
): Partial<VisitContext> {
  const { reached, attended } = context;
  if (context.baseline === null) return {};
  const left = attended === null ? [] : moreThan(moreThan(taken, unwatched), attended);
  const afterAbandoned = mostOf(context.afterAbandoned, left);
  const now = { taken: [...taken], added: [...added], afterAbandoned, unwatched: [...unwatched] };
  return {
    ...now,
    basket: nextBasket({ ...context, ...now }),
    reached: { taken: mostOf(reached.taken, taken), added: mostOf(reached.added, added) },
  };
}

/** With the promotions alone that are for whoever stands there. */
function forMember(baseline: BaselineInventory, { member }: VisitContext): BaselineInventory {
  const { promotions } = baseline;
  if (promotions === undefined) return baseline;
  return { ...baseline, promotions: forShopper(promotions, { means: member?.means ?? null }) };
}

/** What has left the shelf, what the shopper says of it, and the bill. */
export const goodsActions = {
  recordBaseline: change((args) => {
    const { inventory, atMs, doorCount = 1, stuckDoors = [] } = eventOf(args, 'baseline');
    const baseline = forMember(inventory, args.context);
    return { baseline, openedAtMs: atMs, doorCount, stuckDoors: [...stuckDoors] };
  }),
  applyEvidence: change((args) => {
    return withEvidence(eventOf(args, 'evidence'), unwatchedBy(args), args.context);
  }),
  /** The door is shut: what is heard again adds nothing to the number that stood on the screen. */
  applyEvidenceAfterClose: change((args) => {
    const evidence = eventOf(args, 'evidence');
    return withEvidence(evidence, mostOf(args.context.unwatched, evidence.unwatched ?? []), args.context);
  }),
  /** The list is the same, and whoever confirms it confirms the same. */
  settleEvidence: change((args) => {
    const { context } = args;
    const taken = [...eventOf(args, 'evidence').taken];
    const { revision } = context.basket;
    return { taken, basket: { ...nextBasket({ ...context, taken }), revision } };
  }),
  withdrawConfirmation: change(() => ({ confirmed: null })),
  beginShopping: change(() => ({ confirmed: null, ajarLevel: 0 })),
  /** Nobody watches any more: what leaves from now on is held, until the visit ends. */
  becomeUnattended: change(({ context }) => ({ attended: attendedSoFar(context) })),
  setAjarLevel: change(({ context }, ajarLevel: number) => {
    return ajarLevel < abandonedLevel ? { ajarLevel } : { ajarLevel, attended: attendedSoFar(context) };
  }),
  confirm: change(({ context }) => ({ confirmed: context.taken, ajarLevel: 0 })),
  report: change((args) => {
    const { sku, wrong } = eventOf(args, 'report');
    const { reported, basket } = args.context;
    const others = reported.filter((s) => s !== sku);
    const lines = basket.lines.map((l) => (l.sku === sku ? { ...l, reported: wrong } : l));
    return {
      reported: wrong ? [...others, sku] : others,
      basket: {
        ...basket,
        revision: basket.revision + 1,
        ...numberOf(lines, notInNumber(args.context)),
      },
    };
  }),
  /** A closing begins: what was asked in the one before is void. */
  forgetQuestion: change(() => ({ question: null, isAsked: false, answered: null })),
  recordQuestion: change((args) => {
    const { question } = eventOf(args, 'question');
    return { question: question && { ...question }, isAsked: true };
  }),
  takeQuestionBack: change(() => ({ question: null })),
  recordAnswer: change((args) => ({ answered: eventOf(args, 'answer').answer })),
  /** Settles the bill from the final reading, or without one when the reader stayed silent. */
  makeBill: change((args) => {
    const { context } = args;
    const final = args.event.type === 'finalReading' ? args.event.reading : null;
    const { baseline } = context;
    assert(baseline !== null, 'the bolt moves by a baseline');
    return { bill: makeBill({ ...context, baseline, final, shown: context.taken }) };
  }),
  recordNothingCharged: change(({ context }) => ({
    nothingChargedReason: nothingChargedReason(context),
  })),
};

/** A form that somebody fills in, and a receipt that somebody holds. */
export const receiptActions = {
  recordForm: change((args) => {
    const { chargeId, skus } = eventOf(args, 'formChanged');
    return { form: { chargeId, skus: [...skus], isWarned: false } };
  }),
  warnForm: change(({ context: { form } }) => ({ form: form && { ...form, isWarned: true } })),
  unwarnForm: change(({ context: { form } }) => ({ form: form && { ...form, isWarned: false } })),
  closeForm: change(() => ({ form: null })),
  countReceiptHeld: change(({ context }) => ({ receiptHeldCount: context.receiptHeldCount + 1 })),
};
