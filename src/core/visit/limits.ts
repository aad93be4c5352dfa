import { finalReadingMaxMs, finalReadingMs } from '../../shared/reading-capacity.ts';

/** Every wait of a visit. Units in the names. Those of the open door: docs/decisions/0017-unseen-door-is-open.md. */
export const visitLimits = {
  /** Long enough to find the phone, open the member's app and scan the cabinet's code with it. */
  identifyTimeoutMs: 60_000,
  /** "My data" without a touch. */
  accountIdleMs: 60_000,
  authoriseTimeoutMs: 3_000,
  baselineTimeoutMs: 3_000,
  /** Where there are several doors: to say which one. */
  chooseDoorMs: 20_000,
  /** From the unlock command until the door must have been pulled. */
  openDoorTimeoutMs: 15_000,
  /** Door open and nothing moves: calm words … */
  ajarAfterMs: 90_000,
  /** … after this much more a sound … */
  ajarSoundAfterMs: 30_000,
  /** … and then the staff is told; what leaves from here on is not billed without a human. */
  ajarStaffAfterMs: 60_000,
  checkTimeoutMs: finalReadingMs,
  /** After a restart the reader's rhythm has to be learned again first. */
  recoveredCheckTimeoutMs: 8_000,
  /** A reader that is heard and cannot tell yet reads on for so long (shared/reading-capacity.ts). */
  longCheckTimeoutMs: finalReadingMaxMs,
  /** The one question after the door has shut: whoever does not answer has gone, and people look. */
  questionMs: 15_000,
  /** After a restart with a visit in hand: a lock that does not answer for so long is told to the staff. */
  lockSilentMs: 60_000,
  /** A commit that failed (disk full) is tried again after this. */
  commitRetryMs: 1_000,
  /** What happens while commits have been failing for so long stands on no screen: nobody counts as watching the door. */
  commitLateMs: 10_000,
  /** Held up for longer than this (the disk blocks), the program shows nothing of what happens meanwhile. */
  heldUpMs: 500,
  /** What the disk took so long to take lets nobody in any more: somebody else may stand there. */
  entryLateMs: 5_000,
  receiptMs: 12_000,
  /** The receipt stays this long after a touch. */
  receiptHoldMs: 60_000,
  /** A form without a touch: warned … */
  formIdleMs: 60_000,
  /** … and after this much more cleared from the screen (EN 301 549, WCAG 2.2.1: at least 20 s to go on). */
  formWarnedMs: 30_000,
  nothingChargedMs: 6_000,
  refusedMs: 12_000,
  /**
   * What begins a wait anew (a touch, a bad code, a contact that flaps) does so within a total, counted from the first
   * beginning. In front of the screen the start screen follows; after a restart the door counts as the lock said last.
   */
  identifyTotalMs: 300_000,
  accountTotalMs: 1_800_000,
  refusedTotalMs: 120_000,
  doneTotalMs: 1_800_000,
  recoverTotalMs: 90_000,
  /** From the first opening of the door: then staff is told, and a human looks at the charge. */
  openTotalMs: 1_200_000,
} as const;
/** The waits in total: as `visitLimits` has them. */
export const totalNames = [
  'identifyTotalMs',
  'accountTotalMs',
  'refusedTotalMs',
  'doneTotalMs',
  'recoverTotalMs',
  'openTotalMs',
] as const satisfies readonly (keyof typeof visitLimits)[];
export type TotalName = (typeof totalNames)[number];

/** So often the shopper may have the door unlocked once more: a bolt that still holds then needs a human. */
export const unlockAgainMax = 2;
/** So often a visit may have a door unlocked beside its first: more is a game. */
export const moreDoorsMax = 12;
/** A door that opens again so often while the shelf is read is a contact that flaps, or a game: staff is told. */
export const reopenedMax = 20;
/** A program that has to start so often in the course of one visit does not get to its end: staff is told. */
export const resumedMax = 5;

export type VisitLimits = Record<keyof typeof visitLimits, number>;
