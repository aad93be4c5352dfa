import type { FaceBox, FaceReport, FrameProblem } from '../../shared/model/face.schema.ts';
import type { Challenge } from '../../shared/model/face-view.ts';
import { type ChallengeState, startChallenge, stepChallenge } from './face-challenge.ts';
import type { FaceMatch } from './face-match.ts';
import { isTooDarkToSee, livenessThresholds } from '../../shared/model/face.ts';

/** Waits and counts of one identification by face. */
export const faceLimits = {
  /** From the first frame to the answer, whatever it is … */
  budgetMs: 5_000,
  /** … but for fewer pictures than this in that time: a machine that is slow or busy looks for longer … */
  budgetFrameCount: 12,
  /** … up to this. */
  budgetMaxMs: 15_000,
  /** Pictures with no face in them for this long, and at least so many in a row: the shopper has left. */
  goneAfterMs: 3_000,
  goneFrameCount: 4,
  /** A face that was not seen for this long is a new one when it comes back … */
  trackGapMaxMs: 1_000,
  /** … unless there was no picture in between that could have shown it: a slow machine looks at one a second or less. */
  pictureGapMaxMs: 2_500,
  /** So many of the last `windowFrameCount` frames of one track must agree. */
  agreeFrameCount: 2,
  windowFrameCount: 3,
  /** A try is over after this many usable frames; after this many failed tries another way is offered. */
  tryFrameCount: 3,
  tryCount: 2,
  /** The boxes of one face in two frames overlap by at least this (intersection over union). */
  sameFaceOverlapMin: 0.3,
} as const;

export type FaceVerdict =
  /** Go on; with a problem the screen gives one instruction. */
  | { readonly kind: 'looking'; readonly problem: FrameProblem | null }
  /** Not sure: the same again. */
  | { readonly kind: 'look_again' }
  | { readonly kind: 'challenge'; readonly challenge: Challenge }
  | FaceOutcome;

export type FaceOutcome =
  | {
      readonly kind: 'accepted';
      readonly memberId: string;
      readonly score: number;
      readonly challenged: boolean;
    }
  /** Somebody like this member: the last four digits of the phone decide (`answerDigits`). */
  | { readonly kind: 'ask_digits'; readonly memberId: string; readonly score: number }
  | { readonly kind: 'offer_code'; readonly why: OfferCodeReason }
  | { readonly kind: 'gone' };

export type OfferCodeReason =
  | 'not_recognised'
  /** Looks like a picture of a face. */
  | 'not_alive'
  | 'challenge_failed'
  | 'digits_wrong'
  | 'time';

interface SeenFrame {
  readonly report: FaceReport;
  readonly match: FaceMatch | null;
}

/** One attempt to recognise a face: up to `tryCount` tries, then a challenge, digits or the code. */
export interface FaceMatchAttempt {
  readonly startedMs: number;
  readonly lastFaceMs: number;
  /** Pictures in a row up to this one that had no face in them; one that is too dark begins the row anew. */
  readonly emptyCount: number;
  /** Pictures that were looked at, whatever was in them. */
  readonly frameCount: number;
  /** The visit may become expensive: an active challenge whatever the liveness says. */
  readonly challengeAlways: boolean;
  /** 0 to 1: which challenge, if it comes to one. */
  readonly random: number;
  readonly track: FaceBox | null;
  /** Faces that were before the camera one after the other: each that is not where the one before was is a new one. */
  readonly trackCount: number;
  /** The last frames of this track, usable or not, oldest first. */
  readonly window: readonly SeenFrame[];
  /** Usable frames in the current try; tries that failed. */
  readonly usableFrames: number;
  readonly failedTries: number;
  readonly challenge: (ChallengeState & { readonly memberId: string; readonly score: number }) | null;
}

export interface FaceStep {
  readonly attempt: FaceMatchAttempt;
  readonly verdict: FaceVerdict;
}

export function startMatchAttempt(options: {
  atMs: number;
  challengeAlways: boolean;
  random: number;
}): FaceMatchAttempt {
  const { atMs, challengeAlways, random } = options;
  return {
    startedMs: atMs,
    lastFaceMs: atMs,
    frameCount: 0,
    emptyCount: 0,
    challengeAlways,
    random,
    track: null,
    trackCount: 0,
    window: [],
    usableFrames: 0,
    failedTries: 0,
    challenge: null,
  };
}

/**
 * One frame more (`match` is null when it had no descriptor), or none (`frame` null: only time has passed). An outcome
 * is final: the attempt ends with it. Times are monotonic ms.
 */
export function stepMatchAttempt(
  last: FaceMatchAttempt,
  atMs: number,
  frame: { report: FaceReport; match: FaceMatch | null } | null,
): FaceStep {
  if (isTimeOver(last, atMs)) return stepTo(last, { kind: 'offer_code', why: 'time' });
  if (frame === null) return stepTo(last, { kind: 'looking', problem: 'no_face' });
  const { face } = frame.report;
  const isDark = isTooDarkToSee(frame.report);
  const emptyCount = isDark ? 1 : last.emptyCount + 1;
  const before = {
    ...last,
    frameCount: last.frameCount + 1,
    emptyCount: face === null ? emptyCount : 0,
  };
  if (isDark) return stepTo(before, { kind: 'looking', problem: 'too_dark' });
  if (face === null) {
    const long = atMs - before.lastFaceMs >= faceLimits.goneAfterMs;
    const gone = long && before.emptyCount >= faceLimits.goneFrameCount;
    return gone ? stepTo(before, { kind: 'gone' }) : stepTo(before, { kind: 'looking', problem: 'no_face' });
  }
  const isFaceInLast = last.frameCount > 0 && last.emptyCount === 0;
  const same =
    before.track !== null &&
    atMs - before.lastFaceMs <= (isFaceInLast ? faceLimits.pictureGapMaxMs : faceLimits.trackGapMaxMs) &&
    overlap(before.track, face.box) >= faceLimits.sameFaceOverlapMin;
  const kept = same ? before : { ...before, window: [], usableFrames: 0, challenge: null };
  const usable = frame.report.problems.length === 0 && frame.match !== null;
  const attempt: FaceMatchAttempt = {
    ...kept,
    lastFaceMs: atMs,
    track: face.box,
    trackCount: before.trackCount + (same ? 0 : 1),
    window: [...kept.window, frame].slice(-faceLimits.windowFrameCount),
    usableFrames: kept.usableFrames + (usable ? 1 : 0),
  };
  if (countSpoof(attempt) >= faceLimits.agreeFrameCount)
    return stepTo(attempt, { kind: 'offer_code', why: 'not_alive' });
  if (attempt.challenge !== null) return duringChallenge(attempt, attempt.challenge, frame);
  return decide(attempt, frame);
}

function isTimeOver({ startedMs, frameCount }: FaceMatchAttempt, atMs: number): boolean {
  const elapsedMs = atMs - startedMs;
  const enough = frameCount >= faceLimits.budgetFrameCount;
  return elapsedMs >= (enough ? faceLimits.budgetMs : faceLimits.budgetMaxMs);
}

/** The answer to the last four digits: right → the member it was asked for; one try, then the code. */
export function answerDigits(
  asked: Extract<FaceOutcome, { kind: 'ask_digits' }>,
  right: boolean,
): Extract<FaceOutcome, { kind: 'accepted' | 'offer_code' }> {
  return right
    ? { kind: 'accepted', memberId: asked.memberId, score: asked.score, challenged: false }
    : { kind: 'offer_code', why: 'digits_wrong' };
}

function decide(attempt: FaceMatchAttempt, frame: SeenFrame): FaceStep {
  const agreed = agreement(attempt, 'accept');
  if (agreed !== null) {
    const sure = agreed.aliveCount >= faceLimits.agreeFrameCount;
    if (sure && !attempt.challengeAlways) {
      const { memberId, score } = agreed;
      return stepTo(attempt, { kind: 'accepted', memberId, score, challenged: false });
    }
    // Doubtful liveness: the third frame may still settle it.
    const full = attempt.window.length >= faceLimits.windowFrameCount;
    if (sure || full) return challenge(attempt, agreed, frame);
  }
  const [problem] = frame.report.problems;
  if (attempt.usableFrames < faceLimits.tryFrameCount)
    return stepTo(attempt, { kind: 'looking', problem: problem ?? null });
  return afterFailedTry(
    { ...attempt, failedTries: attempt.failedTries + 1, usableFrames: 0, window: [] },
    attempt,
  );
}

/** A try has failed: try once more; then whoever may be a member is asked for the digits; anybody else for the code. */
function afterFailedTry(attempt: FaceMatchAttempt, seen: FaceMatchAttempt): FaceStep {
  if (attempt.failedTries < faceLimits.tryCount) return stepTo(attempt, { kind: 'look_again' });
  const maybe = agreement(seen, 'uncertain');
  const alive = maybe !== null && maybe.aliveCount >= faceLimits.agreeFrameCount;
  if (maybe === null || !alive || attempt.challengeAlways) {
    return stepTo(attempt, { kind: 'offer_code', why: 'not_recognised' });
  }
  return stepTo(attempt, { kind: 'ask_digits', memberId: maybe.memberId, score: maybe.score });
}

interface Agreement {
  readonly memberId: string;
  /** The lowest similarity of the frames that agree. */
  readonly score: number;
  /** How many of them are certainly of a living face. */
  readonly aliveCount: number;
}

/**
 * The member that enough frames of the window are of; none of them looks like a picture. `uncertain` takes frames that
 * would be accepted as well.
 */
function agreement(attempt: FaceMatchAttempt, atLeast: 'accept' | 'uncertain'): Agreement | null {
  const groups = new Map<string, { scores: number[]; aliveCount: number }>();
  for (const { report, match } of attempt.window) {
    if (match === null || match.kind === 'stranger' || !(livenessOf(report) >= livenessThresholds.refuse))
      continue;
    if (atLeast === 'accept' && match.kind !== 'accept') continue;
    const group = groups.get(match.memberId) ?? { scores: [], aliveCount: 0 };
    group.scores.push(match.score);
    if (livenessOf(report) >= livenessThresholds.pass) group.aliveCount++;
    groups.set(match.memberId, group);
  }
  for (const [memberId, { scores, aliveCount }] of groups) {
    if (scores.length >= faceLimits.agreeFrameCount)
      return { memberId, score: Math.min(...scores), aliveCount };
  }
  return null;
}

/** Asks for something, from how the face is in this frame; if the frame is no good for that, in the next one. */
function challenge(attempt: FaceMatchAttempt, agreed: Agreement, { report }: SeenFrame): FaceStep {
  const [problem] = report.problems;
  if (report.face === null || problem !== undefined) {
    return stepTo(attempt, { kind: 'looking', problem: problem ?? null });
  }
  const { memberId, score } = agreed;
  const asked = { ...startChallenge(attempt.random, report.face), memberId, score };
  return stepTo({ ...attempt, challenge: asked }, { kind: 'challenge', challenge: asked.challenge });
}

/** While something is asked of the shopper it must stay the same face, and be that member again at the end. */
function duringChallenge(
  attempt: FaceMatchAttempt,
  asked: NonNullable<FaceMatchAttempt['challenge']>,
  { report, match }: SeenFrame,
): FaceStep {
  if (report.face === null) return stepTo(attempt, { kind: 'looking', problem: 'no_face' });
  const others = attempt.window.filter((seen) => isOther(seen.match, asked.memberId));
  if (others.length >= faceLimits.agreeFrameCount) {
    return stepTo(attempt, { kind: 'offer_code', why: 'challenge_failed' });
  }
  const next = { ...asked, ...stepChallenge(asked, report.face) };
  const { memberId, score } = asked;
  const confirmed =
    match !== null && !isOther(match, memberId) && livenessOf(report) >= livenessThresholds.refuse;
  if (next.done && confirmed) return stepTo(attempt, { kind: 'accepted', memberId, score, challenged: true });
  return stepTo({ ...attempt, challenge: next }, { kind: 'challenge', challenge: asked.challenge });
}

function isOther(match: FaceMatch | null, memberId: string): boolean {
  return match !== null && (match.kind === 'stranger' || match.memberId !== memberId);
}

function countSpoof(attempt: FaceMatchAttempt): number {
  return attempt.window.filter(
    ({ report }) => report.liveness !== null && !(report.liveness >= livenessThresholds.refuse),
  ).length;
}

function livenessOf(report: FaceReport): number {
  return report.liveness ?? 0;
}

function overlap(a: FaceBox, b: FaceBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const common = Math.max(width, 0) * Math.max(height, 0);
  return common / (a.width * a.height + b.width * b.height - common);
}

function stepTo(attempt: FaceMatchAttempt, verdict: FaceVerdict): FaceStep {
  return { attempt, verdict };
}
