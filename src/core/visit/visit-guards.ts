import {
  type InventoryLine,
  moreThan,
  mostOf,
  quantityOf,
  sameQuantities,
} from '../recognition/inventory.ts';
import { isLeaving } from '../basket/basket.ts';
import { moreDoorsMax, reopenedMax, resumedMax, unlockAgainMax } from './limits.ts';
import { type VisitArgs, abandonedLevel, eventOf, isEnrolmentCode } from './visit-context.ts';
import type { VisitContext } from './visit-model.ts';

/** What the chart asks before it takes a way, by what the question is about. Each is pure. */

/** So often a touch gives the receipt more time: a hand that leans on it does not keep it for ever. */
const receiptHeldMax = 20;

/** Whether the cabinet may sell. */
export const availabilityGuards = {
  isUnavailable: ({ context }: VisitArgs) => !context.available,
  /** A code that would open the door. One for the account is as good as ever. */
  isClosedToCode: (args: VisitArgs) =>
    !args.context.available && args.context.purpose !== 'account' && !isEnrolmentCode(args),
  becomesAvailable: (args: VisitArgs) => eventOf(args, 'availabilityChanged').available,
  /** There is nothing to sell: no reason to let anybody in. */
  isNothingThere: (args: VisitArgs) => eventOf(args, 'baseline').inventory.lines.length === 0,
  isDoorForced: (args: VisitArgs) => eventOf(args, 'availabilityChanged').isDoorForced,
  /** The door is no part of what is going on, and nobody has broken it open: what the screen shows stays. */
  isApartFromDoor: (args: VisitArgs) =>
    args.context.purpose === 'account' && !eventOf(args, 'availabilityChanged').isDoorForced,
};

/**
 * The lock board has answered the last command, and the shopper has not asked for too many yet. Once nobody was watched, whoever
 * stands there need not be the shopper.
 */
export function mayUnlockAgain({ unlockAnswer, unlockedAgainCount, attended }: VisitContext): boolean {
  return unlockAnswer !== 'none' && unlockedAgainCount < unlockAgainMax && attended === null;
}

/** One of the doors of this cabinet, and not out of service. */
function isDoorInUse({ doorCount, stuckDoors }: VisitContext, door: number): boolean {
  return door <= doorCount && !stuckDoors.includes(door);
}

/** Whether this one of several doors may be unlocked now: it is shut, and for the rest as with unlocking once more. */
export function mayOpenAnother(context: VisitContext, door: number): boolean {
  const { doorCount, doors, unlockAnswer, moreDoorsCount, attended } = context;
  if (doorCount === 1 || !isDoorInUse(context, door) || (doors[door - 1] ?? 'closed') !== 'closed')
    return false;
  return unlockAnswer !== 'none' && moreDoorsCount < moreDoorsMax && attended === null;
}

/** One of several doors was unlocked, and was not seen open since. */
function awaitsPull({ context }: VisitArgs): boolean {
  return context.releasedDoors.length > 0;
}

/** The command was answered that was given last, and was not before. */
function isAnswerDue({ context, event }: VisitArgs): boolean {
  const { door } = event.type === 'unlockFailed' ? event : eventOf({ context, event }, 'unlocked');
  return context.unlockAnswer === 'none' && (door ?? null) === context.chosenDoor;
}

/** What lock and door say, and have said. */
export const doorGuards = {
  doorOpen: (args: VisitArgs) => eventOf(args, 'door').door === 'open',
  /** After a lock that was silent: that the door is open is seen now, and what belongs to an earlier closing is over. */
  endsEarlierClosing: (args: VisitArgs) =>
    eventOf(args, 'door').door === 'open' && args.context.shownAtClose !== null,
  doorOpenIsNews: (args: VisitArgs) => eventOf(args, 'door').door === 'open' && !args.context.doorWasOpen,
  doorClosed: (args: VisitArgs) => eventOf(args, 'door').door === 'closed',
  doorUnread: (args: VisitArgs) => eventOf(args, 'door').door === 'unknown',
  doorLost: ({ context }: VisitArgs) => context.doorLost,
  mayUnlockAgain: ({ context }: VisitArgs) => mayUnlockAgain(context),
  /** Each command is answered once: a second answer to it begins no wait anew. */
  isAnswerDue,
  reopensTooOften: ({ context }: VisitArgs) => context.reopenedCount + 1 === reopenedMax,
  resumesTooOften: ({ context }: VisitArgs) =>
    context.visitId !== null && context.resumedCount + 1 === resumedMax,
  /** A bolt may be out, and nobody has pulled yet. */
  doorClosedMayBePulled: (args: VisitArgs) =>
    eventOf(args, 'door').door === 'closed' && (!args.context.doorWasOpen || awaitsPull(args)),
  awaitsPull,
  /** Of several doors another one is open or shut than before. */
  doorsMoved: (args: VisitArgs) => {
    const { doors } = eventOf(args, 'door');
    return doors?.some((door, index) => door !== args.context.doors[index]) ?? false;
  },
  hasSeveralDoors: (args: VisitArgs) => (eventOf(args, 'baseline').doorCount ?? 1) > 1,
  isDoorInUse: (args: VisitArgs) => isDoorInUse(args.context, eventOf(args, 'openDoor').door),
  mayOpenAnother: (args: VisitArgs) => mayOpenAnother(args.context, eventOf(args, 'openDoor').door),
  /** The command that the board answers was for one more door, and nobody has pulled that yet. */
  isAnswerForAnother: (args: VisitArgs) => isAnswerDue(args) && awaitsPull(args),
  isAjarLevel: ({ context }: VisitArgs, level: number) => context.ajarLevel === level,
  /** Staff has not been told yet that nobody watches. */
  isAttended: ({ context }: VisitArgs) => context.attended === null,
  isAbandoned: ({ context }: VisitArgs) => context.ajarLevel >= abandonedLevel,
};

/** Something else is taken or put in than before. */
function goodsChanged(args: VisitArgs): boolean {
  const { taken, added } = eventOf(args, 'evidence');
  return !sameQuantities(taken, args.context.taken) || !sameQuantities(added, args.context.added);
}

/**
 * What nobody watched, by this evidence. Once the door was seen to shut, and until it is seen open, it never falls: what is
 * heard again adds nothing to the number that stood on the screen.
 */
export function unwatchedBy(args: VisitArgs): readonly InventoryLine[] {
  const { unwatched = [] } = eventOf(args, 'evidence');
  const { shownAtClose, unwatched: before } = args.context;
  return shownAtClose === null ? unwatched : mostOf(before, unwatched);
}

/** The evidence says something else than before: of the goods, or of how many of them nobody watched. */
function hasChanged(args: VisitArgs): boolean {
  return goodsChanged(args) || !sameQuantities(unwatchedBy(args), args.context.unwatched);
}

/** More was taken or put in than ever before: somebody is there. A tag that flaps says nothing new. */
function isNews(args: VisitArgs): boolean {
  const { taken, added } = eventOf(args, 'evidence');
  const { reached } = args.context;
  return moreThan(taken, reached.taken).length + moreThan(added, reached.added).length > 0;
}

/**
 * True when there is nothing to bill and nothing for a human to look at. A door that was open (or may have been) while
 * the reader was lost is something to look at, though no goods can be named.
 */
function nothingToSettle(context: VisitContext): boolean {
  const { bill, unlockFailed, recovered } = context;
  if (bill === null) return true;
  if (bill.lines.length + bill.heldLines.length > 0) return false;
  return bill.review.length === 0 || !(mayHaveBeenOpen(context) || unlockFailed || recovered);
}

/** The door was read as open, or was not read for a while. */
export function mayHaveBeenOpen({ doorWasOpen, doorWasUnread }: VisitContext): boolean {
  return doorWasOpen || doorWasUnread;
}

/** What has left the shelf, and what the shopper says of it. */
export const goodsGuards = {
  evidenceChanged: (args: VisitArgs) => hasChanged(args),
  goodsChanged,
  /** It is the same goods, and known by more or fewer sensors than before. */
  evidenceSettles: (args: VisitArgs) => {
    const { taken } = eventOf(args, 'evidence');
    const isOther = ({ sku }: InventoryLine): boolean =>
      isLeaving(taken, sku) !== isLeaving(args.context.taken, sku);
    return !hasChanged(args) && taken.some(isOther);
  },
  evidenceIsNews: (args: VisitArgs) => hasChanged(args) && isNews(args),
  /** Goods that no catalogue knows are missing: they cannot be billed, nor named. */
  lacksUnknownGoods: ({ context, event: happened }: VisitArgs) => {
    const missing = happened.type === 'finalReading' ? happened.reading.absent : context.taken;
    return missing.some(({ sku }) => sku === null && quantityOf(context.baseline?.lines ?? [], sku) > 0);
  },
  confirmsWhatIsShown: (args: VisitArgs) =>
    eventOf(args, 'confirm').revision === args.context.basket.revision,
  lineExists: (args: VisitArgs) => {
    const { sku } = eventOf(args, 'report');
    return args.context.basket.lines.some((l) => l.sku === sku);
  },
  reportsWrong: (args: VisitArgs) => eventOf(args, 'report').wrong,
  /** One question in a closing, whatever comes after it. */
  asksFirst: (args: VisitArgs) => eventOf(args, 'question').question !== null && !args.context.isAsked,
  takesQuestionBack: ({ context }: VisitArgs) => context.question !== null && context.answered === null,
  answersQuestion: (args: VisitArgs) => {
    const { sku, count, answer } = eventOf(args, 'answer');
    const { question, answered } = args.context;
    if (question === null || answered !== null) return false;
    return question.sku === sku && question.count === count && (answer !== 'other' || question.or !== null);
  },
  billIsEmpty: ({ context }: VisitArgs) => nothingToSettle(context),
};

/** Who stands there, for what, and what they have in hand. */
export const shopperGuards = {
  noVisit: ({ context }: VisitArgs) => context.visitId === null,
  visitRuns: ({ context }: VisitArgs) => context.visitId !== null,
  isEnrolmentCode,
  isForAccount: ({ context }: VisitArgs) => context.purpose === 'account',
  byFace: (args: VisitArgs) => eventOf(args, 'chooseAccount').by === 'face',
  mayShowCodeAgain: (args: VisitArgs) =>
    eventOf(args, 'chooseAccount').by === 'code' && args.context.form === null,
  formInHand: ({ context }: VisitArgs) => context.form !== null,
  formNotWarned: ({ context }: VisitArgs) => context.form?.isWarned === false,
  isOwnCharge: (args: VisitArgs) => eventOf(args, 'formChanged').chargeId === args.context.chargeId,
  mayHoldReceipt: ({ context }: VisitArgs) => context.receiptHeldCount < receiptHeldMax,
};
