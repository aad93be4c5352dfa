import { assign, setup } from 'xstate';
import { emptyBasket, makeBasket, makeBill, totalAtClose } from '../basket/basket.ts';
import { leastOf, moreThan, mostOf, quantityOf, sameQuantities } from '../recognition/inventory.ts';
import { type TotalName, type VisitLimits, reopenedMax, resumedMax, unlockAgainMax } from './limits.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { VisitContext, VisitEffect, VisitEvent } from './visit-model.ts';
import { memberCodePrefixes } from '../../shared/model/member.ts';

/** Before anything has happened. */
export const initialContext: VisitContext = {
  visitId: null,
  chargeId: null,
  purpose: 'visit',
  code: null,
  recognisedMemberId: null,
  member: null,
  baseline: null,
  taken: [],
  added: [],
  basket: emptyBasket,
  confirmed: null,
  reported: [],
  ajarLevel: 0,
  attended: null,
  afterAbandoned: [],
  reached: { taken: [], added: [] },
  shownAtClose: null,
  doorWasOpen: false,
  doorLost: false,
  unlockFailed: false,
  unlockAnswer: 'none',
  unlockedAgainCount: 0,
  recovered: false,
  resumedCount: 0,
  reopenedCount: 0,
  isOverdue: false,
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

/** So often a touch gives the receipt more time: a hand that leans on it does not keep it for ever. */
const receiptHeldMax = 20;

/** At this level of an open door the staff has been told. */
const abandonedLevel = 3;

type Args = { context: VisitContext; event: VisitEvent };

/** Only what belongs to the cabinet, not to the visit, outlives a visit. */
function cleared(context: VisitContext): VisitContext {
  return { ...initialContext, available: context.available, timerSeq: context.timerSeq };
}

function event<T extends VisitEvent['type']>(args: Args, type: T): Extract<VisitEvent, { type: T }> {
  if (args.event.type !== type) throw new Error(`expected ${type}, got ${args.event.type}`);
  return args.event as Extract<VisitEvent, { type: T }>;
}

/** A wait that begins now; a timer of the one before is out of date. */
function startedTimer(
  { timerSeq }: VisitContext,
  durationMs: number,
): Pick<VisitContext, 'timer' | 'timerSeq'> {
  return { timerSeq: timerSeq + 1, timer: { seq: timerSeq + 1, durationMs } };
}

/** The evidence says something else than before. */
function hasChanged(args: Args): boolean {
  const { taken, added } = event(args, 'evidence');
  return !sameQuantities(taken, args.context.taken) || !sameQuantities(added, args.context.added);
}

/** More was taken or put in than ever before: somebody is there. A tag that flaps says nothing new. */
function isNews(args: Args): boolean {
  const { taken, added } = event(args, 'evidence');
  const { reached } = args.context;
  return moreThan(taken, reached.taken).length + moreThan(added, reached.added).length > 0;
}

function isEnrolmentCode(args: Args): boolean {
  return event(args, 'codeScanned').code.startsWith(`${memberCodePrefixes.enrol}.`);
}

function beganBy(args: Args): Partial<VisitContext> {
  if (args.event.type === 'faceAccepted') return { recognisedMemberId: args.event.memberId };
  const { code } = event(args, 'codeScanned');
  // An enrolment code leads to the account wherever it is shown: no door opens by it.
  return { code, purpose: isEnrolmentCode(args) ? 'account' : args.context.purpose };
}

/** The actions and guards of the chart. Pure: an effect is data for main, an action only makes the next context. */
export function makeVisitSetup(limits: VisitLimits) {
  return setup({
    types: {
      context: {} as VisitContext,
      events: {} as VisitEvent,
    },
    actions: {
      effect: (_: unknown, _effect: VisitEffect) => undefined,
      /** Not the wait in total: another entry method does not begin it anew. */
      clear: assign(({ context }) => ({ ...cleared(context), total: context.total })),
      forAccount: assign({ purpose: 'account' }),
      stopTimer: assign({ timer: null }),
      startTimer: assign(({ context }, limit: keyof VisitLimits) => startedTimer(context, limits[limit])),
      /** Begins a wait in total, unless it is running already. */
      startTotal: assign(({ context }, of: TotalName) => {
        if (context.total?.of === of) return {};
        const seq = context.timerSeq + 1;
        return { timerSeq: seq, total: { seq, durationMs: limits[of], of } };
      }),
      stopTotal: assign({ total: null }),
      /** Staff is told: what leaves from now on is held, and a human looks at the charge. */
      becomeOverdue: assign(({ context }) => ({
        isOverdue: true,
        attended: context.attended ?? context.taken,
      })),
      /** After a restart with a visit in hand: the lock is waited for, not for ever. */
      waitForLock: assign(({ context }) => {
        if (context.visitId === null) return { timer: null };
        const wait = startedTimer(context, limits.lockSilentMs);
        if (context.total !== null) return wait;
        const seq = wait.timerSeq + 1;
        const total = { seq, durationMs: limits.recoverTotalMs, of: 'recoverTotalMs' as const };
        return { ...wait, timerSeq: seq, total };
      }),
      recordAvailability: assign((args: Args) => ({
        available: event(args, 'availabilityChanged').available,
      })),
      beginVisit: assign((args: Args) => {
        const { visitId, chargeId } =
          args.event.type === 'faceAccepted' ? args.event : event(args, 'codeScanned');
        return { ...cleared(args.context), ...beganBy(args), visitId, chargeId };
      }),
      recordRecognised: assign((args: Args) => ({
        recognisedMemberId: event(args, 'faceAccepted').memberId,
      })),
      recordMember: assign((args: Args) => ({ member: event(args, 'authorised').member, code: null })),
      recordRefusal: assign((args: Args) => ({
        refusedReason: (args.event.type === 'codeRefused' ? args.event : event(args, 'refused')).reason,
      })),
      recordForm: assign((args: Args) => {
        const { chargeId, skus } = event(args, 'formChanged');
        return { form: { chargeId, skus: [...skus], isWarned: false } };
      }),
      warnForm: assign(({ context: { form } }) => ({ form: form && { ...form, isWarned: true } })),
      unwarnForm: assign(({ context: { form } }) => ({ form: form && { ...form, isWarned: false } })),
      closeForm: assign({ form: null }),
      countReceiptHeld: assign(({ context }) => ({ receiptHeldCount: context.receiptHeldCount + 1 })),
      refuse: assign((_: Args, refusedReason: ReasonCode) => ({ refusedReason })),
      recordDoorOpened: assign((args: Args) => ({
        doorWasOpen: true,
        shownAtClose: null,
        openedAtMs: args.context.openedAtMs ?? event(args, 'door').atMs,
      })),
      recordReopened: assign(({ context }) => ({ reopenedCount: context.reopenedCount + 1 })),
      recordBaseline: assign((args: Args) => {
        const { inventory, atMs } = event(args, 'baseline');
        return { baseline: inventory, openedAtMs: atMs };
      }),
      recordUnlocked: assign({ unlockAnswer: 'opened' }),
      recordUnlockFailed: assign({ unlockFailed: true, unlockAnswer: 'failed' }),
      recordUnlockAgain: assign(({ context }) => ({
        unlockAnswer: 'none',
        unlockedAgainCount: context.unlockedAgainCount + 1,
      })),
      recordDoorLost: assign((args: Args) => ({ doorLost: event(args, 'door').door === 'unknown' })),
      /**
       * It has shut: what stood on the screen last is the most that is billed. A lock that was silent may say so of one and
       * the same closing again: while the door was not seen open since, what stood there the first time bounds it as well.
       */
      recordDoorClosed: assign((args: Args) => ({
        closedAtMs: event(args, 'door').atMs,
        doorLost: false,
        shownAtClose: leastOf(args.context.shownAtClose ?? args.context.taken, args.context.taken),
      })),
      /** After a restart nobody saw what was on screen when it shut: only what was known before limits the bill. */
      recordDoorFoundShut: assign((args: Args) => ({
        closedAtMs: event(args, 'door').atMs,
        doorLost: false,
      })),
      /** New evidence: a new revision of the basket. */
      applyEvidence: assign((args: Args) => {
        const { taken, added, unwatched = [] } = event(args, 'evidence');
        const { baseline, basket, reported, reached, attended } = args.context;
        if (baseline === null) return {};
        const left = mostOf(unwatched, attended === null ? [] : moreThan(taken, attended));
        const afterAbandoned = mostOf(args.context.afterAbandoned, left);
        const next = makeBasket(baseline, { taken, added }, reported, basket.revision + 1, afterAbandoned);
        return {
          taken: [...taken],
          added: [...added],
          basket: next,
          afterAbandoned,
          reached: { taken: mostOf(reached.taken, taken), added: mostOf(reached.added, added) },
        };
      }),
      withdrawConfirmation: assign({ confirmed: null }),
      beginShopping: assign({ confirmed: null, ajarLevel: 0 }),
      setAjarLevel: assign(({ context }: Args, ajarLevel: number) => {
        const attended = context.attended ?? (ajarLevel >= abandonedLevel ? context.taken : null);
        return { ajarLevel, attended };
      }),
      confirm: assign(({ context }) => ({ confirmed: context.taken, ajarLevel: 0 })),
      report: assign((args: Args) => {
        const { sku, wrong } = event(args, 'report');
        const { reported, basket } = args.context;
        const others = reported.filter((s) => s !== sku);
        const lines = basket.lines.map((l) => (l.sku === sku ? { ...l, reported: wrong } : l));
        return {
          reported: wrong ? [...others, sku] : others,
          basket: {
            ...basket,
            revision: basket.revision + 1,
            lines,
            totalMinor: totalAtClose(lines, args.context.afterAbandoned),
          },
        };
      }),
      /** Settles the bill from the final reading, or without one when the reader stayed silent. */
      makeBill: assign((args: Args) => {
        const { context } = args;
        const final = args.event.type === 'finalReading' ? args.event.reading : null;
        const baseline = context.baseline ?? { catalogVersion: '', products: [], lines: [] };
        return { bill: makeBill({ ...context, baseline, final, shown: context.taken }) };
      }),
      recordNothingCharged: assign(({ context }) => ({
        nothingChargedReason: nothingChargedReason(context),
      })),
      /** After a restart old evidence is read again. A confirmation stands only if the door had shut on it. */
      distrust: assign(({ context }) => ({
        confirmed: context.shownAtClose === null ? null : context.confirmed,
        ajarLevel: 0,
        doorLost: context.visitId !== null,
        recovered: context.visitId !== null,
        resumedCount: context.visitId === null ? 0 : context.resumedCount + 1,
        total: null,
        available: false,
      })),
    },
    guards: {
      isUnavailable: ({ context }: Args) => !context.available,
      becomesAvailable: (args: Args) => event(args, 'availabilityChanged').available,
      isDoorForced: (args: Args) => event(args, 'availabilityChanged').isDoorForced,
      doorOpen: (args: Args) => event(args, 'door').door === 'open',
      /** After a lock that was silent: that the door is open is seen now, and what belongs to an earlier closing is over. */
      doorOpenIsNews: (args: Args) =>
        event(args, 'door').door === 'open' &&
        (!args.context.doorWasOpen || args.context.shownAtClose !== null),
      doorClosed: (args: Args) => event(args, 'door').door === 'closed',
      doorLost: ({ context }: Args) => context.doorLost,
      mayUnlockAgain: ({ context }: Args) => mayUnlockAgain(context),
      /** Each command is answered once: a second answer to it begins no wait anew. */
      isAnswerDue: ({ context }: Args) => context.unlockAnswer === 'none',
      reopensTooOften: ({ context }: Args) => context.reopenedCount + 1 === reopenedMax,
      resumesTooOften: ({ context }: Args) =>
        context.visitId !== null && context.resumedCount + 1 === resumedMax,
      /** Once: the longer reading has not begun yet. */
      mayReadOn: ({ context }: Args) => context.timer?.durationMs !== limits.longCheckTimeoutMs,
      doorClosedNeverOpened: (args: Args) =>
        event(args, 'door').door === 'closed' && !args.context.doorWasOpen,
      isAjarLevel: ({ context }: Args, level: number) => context.ajarLevel === level,
      noVisit: ({ context }: Args) => context.visitId === null,
      evidenceChanged: (args: Args) => hasChanged(args),
      evidenceIsNews: (args: Args) => hasChanged(args) && isNews(args),
      isAbandoned: ({ context }: Args) => context.ajarLevel >= abandonedLevel,
      /** Goods that no catalogue knows are missing: they cannot be billed, nor named. */
      lacksUnknownGoods: ({ context, event: happened }: Args) => {
        const missing = happened.type === 'finalReading' ? happened.reading.absent : context.taken;
        return missing.some(({ sku }) => sku === null && quantityOf(context.baseline?.lines ?? [], sku) > 0);
      },
      confirmsWhatIsShown: (args: Args) => event(args, 'confirm').revision === args.context.basket.revision,
      lineExists: (args: Args) => {
        const { sku } = event(args, 'report');
        return args.context.basket.lines.some((l) => l.sku === sku);
      },
      reportsWrong: (args: Args) => event(args, 'report').wrong,
      visitRuns: ({ context }: Args) => context.visitId !== null,
      isEnrolmentCode,
      formInHand: ({ context }: Args) => context.form !== null,
      formNotWarned: ({ context }: Args) => context.form?.isWarned === false,
      isOwnCharge: (args: Args) => event(args, 'formChanged').chargeId === args.context.chargeId,
      mayHoldReceipt: ({ context }: Args) => context.receiptHeldCount < receiptHeldMax,
      isForAccount: ({ context }: Args) => context.purpose === 'account',
      byFace: (args: Args) => event(args, 'chooseAccount').by === 'face',
      billIsEmpty: ({ context }: Args) => nothingToSettle(context),
    },
  });
}

export type VisitSetup = ReturnType<typeof makeVisitSetup>;

/** Why a visit with an empty bill ended so. */
function nothingChargedReason(context: VisitContext): 'not_opened' | 'nothing_taken' | 'unlock_failed' {
  if (context.doorWasOpen) return 'nothing_taken';
  return context.unlockFailed || context.unlockedAgainCount > 0 ? 'unlock_failed' : 'not_opened';
}

/** The lock board has answered the last command, and the shopper has not asked for too many yet. */
export function mayUnlockAgain({ unlockAnswer, unlockedAgainCount }: VisitContext): boolean {
  return unlockAnswer !== 'none' && unlockedAgainCount < unlockAgainMax;
}

/**
 * True when there is nothing to bill and nothing for a human to look at. A door that was open (or may have been) while
 * the reader was lost is something to look at, though no goods can be named.
 */
function nothingToSettle({ bill, doorWasOpen, unlockFailed, recovered }: VisitContext): boolean {
  if (bill === null) return true;
  if (bill.lines.length + bill.heldLines.length > 0) return false;
  return bill.review.length === 0 || !(doorWasOpen || unlockFailed || recovered);
}
