import { type Minor, amountMaxMinor, minor } from '../money.ts';
import type { ActsWhen, ReasonCode, ReceiptStatus } from './charge.ts';
import { causeOf, receiptStatuses } from './charge.ts';
import type { ChargeLine } from './charge.schema.ts';
import { isFreeBill, reportFateOf, reportedMinorOf } from './charge-lines.ts';
import type { ShownResolution, ShownResolutionHow } from './resolution.ts';

/** As the money of a charge is told: where it is, or how it was put right where that says more. */
export const toldStatuses = [...receiptStatuses, 'settled', 'refunded'] as const;
export type ToldStatus = (typeof toldStatuses)[number];

/** All that is known of the money of one charge, as it comes from main. */
export interface MoneyFacts {
  readonly status: ReceiptStatus;
  readonly reason: ReasonCode | null;
  readonly lines: readonly Pick<ChargeLine, 'sku' | 'amountMinor' | 'discounts'>[];
  readonly heldLines: readonly Pick<ChargeLine, 'amountMinor'>[];
  /** SKUs of lines that the shopper has reported. */
  readonly disputed: readonly string[];
  /** SKUs of lines of a report that the operator does not take: nobody looks at it; left out: none. */
  readonly refused?: readonly string[] | undefined;
  /** Sum of the lines. */
  readonly totalMinor: Minor;
  /** What was debited, or is to be. */
  readonly billedMinor: Minor;
  readonly resolved: ShownResolution | null;
  /** Staff has something of it to look at still, such as a report; left out: nobody has told. */
  readonly inReview?: boolean | undefined;
  /** There is a place to pay it now, for the phone; left out: none is known. */
  readonly mayPay?: boolean | undefined;
  /** The operator was asked since, and has not answered; left out: it has. */
  readonly isOld?: boolean | undefined;
}

/**
 * Nothing of the report is open any more: what was reported was not debited; the money goes back, all of it or a part; it
 * does not; staff has looked at what was debited, and more is not known; or the operator does not take the report.
 */
const reportEnds = ['decided', 'refunded', 'refundedInPart', 'denied', 'checked', 'notTaken'] as const;
type ReportEnd = (typeof reportEnds)[number];
export const reportFates = ['beforePaid', 'afterPaid', 'notDebited', ...reportEnds] as const;
export type ReportFate = ReturnType<typeof reportFateOf> | ReportEnd;

/**
 * What a screen says about the money of one charge: each title, chip, note, number, mark and button is one of these, and
 * of nothing else. So none of them can deny another.
 */
export interface ToldMoney {
  /** Title, chip, sign and note. */
  readonly status: ToldStatus;
  /** Why, and what helps; null: nothing that agrees with the status. */
  readonly reason: ReasonCode | null;
  /** What was debited, or is to be; 0 where no amount is named. */
  readonly amountMinor: Minor;
  /** How the amount is called where it stands beside another total; null: it does not. */
  readonly beside: 'billed' | 'toBill' | null;
  /** What becomes of the report; null: there is none. */
  readonly report: ReportFate | null;
  /** The report is still to be looked at. */
  readonly isReportOpen: boolean;
  /** Staff looks at it because nobody knows whether it was debited: nothing may be said of that. */
  readonly mayBeCharged: boolean;
  /** What becomes of the lines that were held: to be looked at, debited with the rest, in part, or not; null: there are none. */
  readonly held: 'held' | 'counted' | 'part' | 'dropped' | null;
  readonly heldMinor: Minor;
  /** How it was put right, in words that agree with the status. */
  readonly resolved: ShownResolution | null;
  /** It can be paid here, now. */
  readonly mayPay: boolean;
  /** When the next thing happens, and with that who acts; null: nothing is to come. */
  readonly when: ActsWhen | null;
}

/** The one place where it is decided what is said of the money of a charge. Total: any facts, also such as deny each other. */
export function toldMoneyOf(facts: MoneyFacts): ToldMoney {
  const status = statusOf(facts);
  const held = heldOf(facts, status);
  const amountMinor = status === 'nothing' ? minor(0) : facts.billedMinor;
  const report = reportOf(facts, status, held);
  const isReportOpen = report !== null && !reportEnds.some((end) => end === report);
  const mayPay = status === 'collecting' && facts.mayPay === true;
  const reason = facts.reason !== null && agrees(facts.reason, status, facts.resolved) ? facts.reason : null;
  return {
    status,
    reason,
    amountMinor,
    beside: amountMinor === facts.totalMinor ? null : besideOf[status],
    report,
    isReportOpen,
    mayBeCharged: status === 'review' && isUnknown(facts),
    held,
    heldMinor: heldMinorOf(facts),
    resolved:
      facts.resolved === null
        ? null
        : { ...facts.resolved, how: howOf(facts.resolved.how, facts, status, held) },
    mayPay,
    when: whenOf(status, reason, {
      // Decided, and then more was debited all the same: somebody pays it back.
      isLookedAt: isReportOpen || held === 'held' || (facts.resolved !== null && facts.inReview === true),
      mayPay,
      isOld: facts.isOld === true,
    }),
  };
}

/** As `toldMoneyOf`, where no more is known than this: nobody is asked for nothing, and nothing is paid or on its way. */
export function toldStatusOf<Status extends ToldStatus>(
  status: Status,
  billedMinor: Minor,
): Status | 'nothing' | 'review' {
  if (billedMinor > 0) return status;
  if (status === 'paid' || status === 'settled') return 'nothing';
  return status === 'sending' || status === 'follows' || status === 'collecting' ? 'review' : status;
}

/**
 * What the words of a reason promise: that it goes on by itself, when the shopper acts, after staff has looked; or something
 * about a part of the goods. Exhaustive by type: a new code does not compile until it is here.
 */
const promises: Readonly<Record<ReasonCode, 'itself' | 'shopper' | 'staff' | 'part'>> = {
  'network.unreachable': 'itself',
  'network.timeout': 'itself',
  'network.offline_time_unknown': 'itself',
  'network.offline_no_policy': 'itself',
  'network.offline_cabinet_cap': 'itself',
  'network.offline_face_list_old': 'itself',
  'system.operator_error': 'itself',
  'system.provider_error': 'itself',
  'system.rejected': 'staff',
  'system.conflict': 'staff',
  'system.device_fault': 'staff',
  'system.storage_fault': 'staff',
  'account.declined': 'shopper',
  'account.insufficient_funds': 'shopper',
  'account.expired_card': 'shopper',
  'account.authentication_required': 'shopper',
  'account.suspended': 'shopper',
  'account.unpaid_charges': 'shopper',
  'account.limit_reached': 'staff',
  'account.code_unknown': 'staff',
  'account.code_expired': 'staff',
  'account.code_replayed': 'staff',
  'account.code_malformed': 'staff',
  'account.face_not_enrolled': 'staff',
  'account.offline_unverified': 'staff',
  'account.offline_denied': 'staff',
  'account.offline_member_cap': 'staff',
  'recognition.reader_lost': 'part',
  'recognition.differs_from_confirmed': 'part',
  'recognition.door_left_open': 'part',
  'recognition.line_reported': 'part',
  'recognition.expired': 'part',
};

const agreeing: Readonly<Record<ToldStatus, readonly (typeof promises)[ReasonCode][]>> = {
  nothing: [],
  sending: ['part'],
  paid: ['part'],
  follows: ['itself', 'shopper', 'part'],
  collecting: ['shopper', 'part'],
  review: ['staff', 'part'],
  settled: [],
  refunded: [],
};

const besideOf: Readonly<Record<ToldStatus, ToldMoney['beside']>> = {
  nothing: null,
  sending: 'toBill',
  paid: 'billed',
  follows: 'toBill',
  collecting: 'toBill',
  review: null,
  settled: null,
  refunded: null,
};

function agrees(reason: ReasonCode, status: ToldStatus, resolved: ShownResolution | null): boolean {
  const promise = promises[reason];
  // What was decided needs no more looking at.
  return agreeing[status].includes(promise) && !(promise === 'part' && resolved !== null);
}

function statusOf(facts: MoneyFacts): ToldStatus {
  const { status, reason, billedMinor, heldLines, resolved } = facts;
  if (status === 'nothing' || isForNothing(facts)) return 'nothing';
  if (status === 'paid' && resolved?.how === 'refunded') return 'refunded';
  if (billedMinor === 0 && resolved !== null) return 'nothing';
  if (billedMinor === 0) return heldLines.length > 0 ? 'review' : toldStatusOf(status, billedMinor);
  // Somebody has looked.
  if (status === 'review' && resolved !== null) return 'follows';
  if (status === 'paid' && resolved?.how === 'settled') return 'settled';
  // A debit is out, and nobody knows how it went: what the shopper would pay beside it could be the second one.
  if (status === 'collecting' && reason !== null && promises[reason] === 'itself') return 'follows';
  const isOnItsWay = status === 'sending' || status === 'follows';
  return isOnItsWay && reason !== null && promises[reason] === 'staff' && resolved === null
    ? 'review'
    : status;
}

/** A free visit: whether its charge has arrived or not, nobody is asked for anything, and nobody has to decide. */
function isForNothing({ lines, heldLines, totalMinor, reason }: MoneyFacts): boolean {
  const isAllFree = heldLines.every(({ amountMinor }) => amountMinor === 0) && isFreeBill(lines, totalMinor);
  return isAllFree && (reason === null || promises[reason] !== 'staff');
}

function whenOf(
  status: ToldStatus,
  reason: ReasonCode | null,
  { isLookedAt, mayPay, isOld }: Readonly<Record<'isLookedAt' | 'mayPay' | 'isOld', boolean>>,
): ActsWhen | null {
  switch (status) {
    case 'review':
      return 'working_days';
    case 'collecting':
      if (!mayPay) return 'when_shopper_acts';
      return isOld ? 'unless_shopper_has_paid' : 'when_shopper_pays';
    case 'sending':
    case 'follows':
      if (reason === null || promises[reason] === 'part') return 'on_its_own_soon';
      if (promises[reason] === 'shopper') return 'when_shopper_acts';
      return causeOf(reason) === 'network' ? 'when_network_returns' : 'on_its_own_soon';
    case 'nothing':
    case 'paid':
    case 'settled':
      return isLookedAt ? 'working_days' : null;
    case 'refunded':
      return null;
  }
}

function heldOf(facts: MoneyFacts, status: ToldStatus): ToldMoney['held'] {
  const { lines, disputed, heldLines, resolved, billedMinor, totalMinor } = facts;
  if (heldLines.length === 0) return null;
  if (status === 'nothing') return 'dropped';
  if (resolved === null) return 'held';
  if (resolved.how !== 'lines_released' && billedMinor <= totalMinor) return 'dropped';
  // What is missing for all of them may be a line that was reported and taken off the bill.
  const missingMinor = totalMinor + heldMinorOf(facts) - billedMinor;
  return missingMinor <= reportedMinorOf(lines, disputed) ? 'counted' : 'part';
}

function reportOf(facts: MoneyFacts, status: ToldStatus, held: ToldMoney['held']): ReportFate | null {
  const { disputed, refused = [], resolved, billedMinor, totalMinor } = facts;
  if (disputed.length === 0 && refused.length === 0) return null;
  if (status === 'refunded') return 'refunded';
  // Nobody will look at it unless the shopper turns to somebody, whatever became of other lines.
  if (refused.length > 0) return status === 'nothing' ? 'decided' : 'notTaken';
  if (status === 'nothing') return resolved === null ? 'notDebited' : 'decided';
  const releasedMinor = Math.max(billedMinor - totalMinor, 0);
  const countedMinor = held === 'counted' ? heldMinorOf(facts) : held === 'part' ? releasedMinor : 0;
  const named = { ...facts, totalMinor: capped(totalMinor + countedMinor) };
  const hasReported = reportFateOf({ ...named, status: 'paid' }, billedMinor) === 'afterPaid';
  if (resolved !== null && !hasReported) return 'decided';
  const end = endOfPaid(facts);
  if (end !== null) return end;
  return reportFateOf(named, billedMinor);
}

/** Decisions that are about what was reported. */
const endOfWord: Partial<Record<ShownResolutionHow, ReportEnd>> = {
  refunded_in_part: 'refundedInPart',
  dispute_denied: 'denied',
};

/** What a decision about what is paid makes of the report; null: there is none, or somebody looks at it still (again). */
function endOfPaid({ status, resolved, inReview }: MoneyFacts): ReportEnd | null {
  if (status !== 'paid' || resolved === null) return null;
  const end = endOfWord[resolved.how] ?? null;
  // Where nobody has told, only such a word is surely about the report: other decisions may have been before it.
  const isClosed = inReview === undefined ? end !== null : !inReview;
  return isClosed ? (end ?? 'checked') : null;
}

/** A human looks, although the reason is one after which a debit is tried: how it went nobody could find out. */
function isUnknown({ status, reason, billedMinor }: MoneyFacts): boolean {
  return status === 'review' && billedMinor > 0 && reason !== null && promises[reason] === 'itself';
}

function heldMinorOf({ heldLines }: MoneyFacts): Minor {
  return capped(heldLines.reduce((sum, { amountMinor }) => sum + amountMinor, 0));
}

function capped(amount: number): Minor {
  return minor(Math.min(amount, amountMaxMinor));
}

/** Decisions whose words speak of an end that is not this one are told without them. */
function howOf(
  how: ShownResolutionHow,
  { billedMinor, totalMinor }: MoneyFacts,
  status: ToldStatus,
  held: ToldMoney['held'],
): ShownResolutionHow {
  switch (how) {
    case 'settled':
    case 'refunded':
      return status === how ? how : 'other';
    case 'voided':
      return status === 'nothing' ? how : 'other';
    case 'refunded_in_part':
    case 'dispute_denied':
    case 'debited':
      return status === 'paid' ? how : 'other';
    case 'written_off':
      return status === 'nothing' || (status === 'paid' && billedMinor < totalMinor) ? how : 'other';
    case 'lines_released':
      return held === 'counted' ? how : 'other';
    case 'lines_dropped':
      return held === 'counted' ? 'other' : how;
    case 'adjusted':
      // While an attempt is in doubt its own amount stands there.
      return billedMinor < totalMinor ? how : 'other';
    case 'other':
      return how;
  }
}
