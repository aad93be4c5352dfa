import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import { challenges } from '../../shared/model/face-view.ts';
import {
  type FaceMatchAttempt,
  type FaceVerdict,
  answerDigits,
  faceLimits,
  startMatchAttempt,
  stepMatchAttempt,
} from './face-decision.ts';
import type { FaceMatch } from './face-match.ts';
import { darkReport, emptyReport, reportOf } from '../../testkit/core/faces.ts';

interface Seen {
  report: FaceReport;
  match: FaceMatch | null;
}
const everyMs = 100;

const accept: FaceMatch = { kind: 'accept', memberId: 'M1', score: 0.8 };
const uncertain: FaceMatch = { kind: 'uncertain', memberId: 'M1', score: 0.5 };
const stranger: FaceMatch = { kind: 'stranger', score: 0.2 };
const seen = (match: FaceMatch | null, report: FaceReport = reportOf()): Seen => ({ report, match });
const unusable = seen(null, reportOf({}, 0, ['blurred']));
const nobody = seen(null, emptyReport);
const dark = seen(null, darkReport);

/** Verdicts of one frame after the other, up to and with the first outcome. */
function play(
  frames: readonly (Seen | null)[],
  options: Partial<Parameters<typeof startMatchAttempt>[0]> = {},
): FaceVerdict[] {
  let look: FaceMatchAttempt = startMatchAttempt({ atMs: 0, challengeAlways: false, random: 0, ...options });
  const verdicts: FaceVerdict[] = [];
  for (const [i, frame] of frames.entries()) {
    const step = stepMatchAttempt(look, i * everyMs, frame);
    verdicts.push(step.verdict);
    look = step.attempt;
    if (isOutcome(step.verdict)) break;
  }
  return verdicts;
}
const isOutcome = ({ kind }: FaceVerdict): boolean => !['looking', 'look_again', 'challenge'].includes(kind);
const kinds = (verdicts: readonly FaceVerdict[]): string[] => verdicts.map(({ kind }) => kind);
const repeat = (frame: Seen | null, count: number): (Seen | null)[] =>
  new Array<Seen | null>(count).fill(frame);

describe('a face that is known', () => {
  it('is accepted on the second of two frames that agree, at the lower of their scores', () => {
    expect(play([seen(accept), seen({ ...accept, score: 0.7 })])).toEqual([
      { kind: 'looking', problem: null },
      { kind: 'accepted', memberId: 'M1', score: 0.7, challenged: false },
    ]);
  });
  it('is accepted on two of three', () => {
    expect(kinds(play([seen(accept), seen(stranger), seen(accept)])).at(-1)).toBe('accepted');
    expect(kinds(play([seen(accept), unusable, seen(accept)])).at(-1)).toBe('accepted');
  });
  it('is not accepted on two frames further apart, of two people or of two tracks', () => {
    const elsewhere = reportOf({ box: { x: 0, y: 120, width: 150, height: 150 } });
    expect(kinds(play([seen(accept), unusable, unusable, seen(accept)])).at(-1)).toBe('looking');
    expect(kinds(play([seen(accept), seen({ ...accept, memberId: 'M2' })])).at(-1)).toBe('looking');
    expect(kinds(play([seen(accept), seen(accept, elsewhere)])).at(-1)).toBe('looking');
  });
  it('of another track after a second without a face', () => {
    const gap = repeat(nobody, 11);
    expect(kinds(play([seen(accept), ...gap, seen(accept)])).at(-1)).toBe('looking');
    expect(kinds(play([seen(accept), nobody, seen(accept)])).at(-1)).toBe('accepted');
  });
});

describe('a face that is not certain', () => {
  it('is looked at again, then asked for the digits', () => {
    const verdicts = play(repeat(seen(uncertain), 10));
    expect(kinds(verdicts)).toEqual(['looking', 'looking', 'look_again', 'looking', 'looking', 'ask_digits']);
    const asked = verdicts.at(-1);
    if (asked?.kind !== 'ask_digits') throw new Error('not asked');
    expect(answerDigits(asked, true)).toMatchObject({ kind: 'accepted', memberId: 'M1', score: 0.5 });
    expect(answerDigits(asked, false)).toEqual({ kind: 'offer_code', why: 'digits_wrong' });
  });
  it('is offered the code instead when a challenge is always asked for, or when it may be a picture', () => {
    const offered = { kind: 'offer_code', why: 'not_recognised' };
    expect(play(repeat(seen(uncertain), 10), { challengeAlways: true }).at(-1)).toEqual(offered);
    expect(play(repeat(seen(uncertain, reportOf({}, 0.7)), 10)).at(-1)).toEqual(offered);
  });
  it('is offered the code when nobody knows it', () => {
    expect(play(repeat(seen(stranger), 10)).at(-1)).toEqual({ kind: 'offer_code', why: 'not_recognised' });
  });
});

describe('liveness', () => {
  it('below one half on two frames: the code, however much alike', () => {
    const print = seen(accept, reportOf({}, 0.1));
    expect(play([print, print])).toEqual([
      { kind: 'looking', problem: null },
      { kind: 'offer_code', why: 'not_alive' },
    ]);
  });
  it('in doubt: a challenge on the third frame', () => {
    const doubt = seen(accept, reportOf({}, 0.7));
    expect(kinds(play(repeat(doubt, 3)))).toEqual(['looking', 'looking', 'challenge']);
    expect(kinds(play([doubt, seen(accept), seen(accept)])).at(-1)).toBe('accepted');
  });
  it('a challenge always above the amount set by the operator, one of three by chance', () => {
    const asked = [0, 0.4, 0.99].map((random) =>
      play(repeat(seen(accept), 2), { challengeAlways: true, random }).at(-1),
    );
    expect(asked).toEqual(challenges.map((challenge) => ({ kind: 'challenge', challenge })));
  });
});

describe('an active challenge', () => {
  const turned = (yaw: number): Seen => seen(null, reportOf({ yaw }, 0, ['turned_away']));
  const start = repeat(seen(accept), 2);
  const last = (frames: readonly (Seen | null)[], random: number): FaceVerdict | undefined =>
    play([...start, ...frames], { challengeAlways: true, random }).at(-1);
  const accepted = { kind: 'accepted', memberId: 'M1', score: 0.8, challenged: true };

  it('blink: eyes closed and open again', () => {
    const closed = seen(accept, reportOf({ eyeOpenness: 0.18 }));
    expect(last([closed, seen(accept)], 0)).toEqual(accepted);
    expect(last([seen(accept), seen(accept)], 0)).toMatchObject({ kind: 'challenge' });
  });
  it('turn: to the asked side and back', () => {
    expect(last([turned(0.35), turned(0.4), seen(accept)], 0.4)).toEqual(accepted);
    expect(last([turned(-0.35), turned(-0.4), seen(accept)], 0.9)).toEqual(accepted);
    expect(last([turned(-0.35), turned(-0.4), seen(accept)], 0.4)).toMatchObject({ kind: 'challenge' });
    // One frame may be a slip of the landmarks.
    expect(last([turned(0.35), seen(accept)], 0.4)).toMatchObject({ kind: 'challenge' });
  });
  it('fails when it is somebody else in the end, and does not survive a change of track', () => {
    const other = seen({ kind: 'accept', memberId: 'M2', score: 0.9 });
    expect(last([turned(0.35), turned(0.4), other, other], 0.4)).toEqual({
      kind: 'offer_code',
      why: 'challenge_failed',
    });
    const away = seen(accept, reportOf({ box: { x: 0, y: 120, width: 150, height: 150 } }));
    expect(last([turned(0.35), turned(0.4), away], 0.4)).toEqual({ kind: 'looking', problem: null });
  });
  it('ends with the budget', () => {
    expect(last(repeat(seen(accept), 60), 0)).toEqual({ kind: 'offer_code', why: 'time' });
  });
});

describe('nobody there', () => {
  it('after 3 s: back; where no frame comes nobody has been seen to leave', () => {
    expect(play(repeat(nobody, 40))).toHaveLength(faceLimits.goneAfterMs / everyMs + 1);
    expect(play(repeat(nobody, 40)).at(-1)).toEqual({ kind: 'gone' });
    expect(kinds(play(repeat(null, 40)))).not.toContain('gone');
    const waited = play(repeat(null, 400));
    expect(waited.at(-1)).toEqual({ kind: 'offer_code', why: 'time' });
    expect(waited).toHaveLength(faceLimits.budgetMaxMs / everyMs + 1);
  });
  it('is not known of a picture too dark to find a face in: light is asked for, at last the code offered', () => {
    const verdicts = play(repeat(dark, 60));
    expect(verdicts[0]).toEqual({ kind: 'looking', problem: 'too_dark' });
    expect(verdicts.at(-1)).toEqual({ kind: 'offer_code', why: 'time' });
    expect(verdicts).toHaveLength(faceLimits.budgetMs / everyMs + 1);
    const litUp = [...repeat(dark, 40), ...repeat(nobody, faceLimits.goneFrameCount - 2)];
    expect(kinds(play([...litUp, seen(accept), seen(accept)])).at(-1)).toBe('accepted');
    expect(play([...litUp, nobody, nobody]).at(-1)).toEqual({ kind: 'gone' });
  });
  it('for a second is another face when one comes, also when it was dark meanwhile', () => {
    expect(kinds(play([seen(accept), ...repeat(dark, 11), seen(accept)])).at(-1)).toBe('looking');
  });
  it('one instruction for a frame that is no good, and the code when the time is over', () => {
    const verdicts = play(repeat(unusable, 60));
    expect(verdicts[0]).toEqual({ kind: 'looking', problem: 'blurred' });
    expect(verdicts.at(-1)).toEqual({ kind: 'offer_code', why: 'time' });
    expect(verdicts).toHaveLength(faceLimits.budgetMs / everyMs + 1);
  });
});

describe('a slow machine', () => {
  it('does not take one picture without a face, three seconds after the start, for a shopper who has left', () => {
    const late = [...repeat(null, 4_000 / everyMs), nobody];
    expect(play([...late, ...repeat(unusable, 1)]).map(({ kind }) => kind)).not.toContain('gone');
    expect(play([...late, ...repeat(nobody, faceLimits.goneFrameCount)]).at(-1)).toEqual({ kind: 'gone' });
  });
  it('looks at as many pictures as a quick one before the time is over, for at most so long', () => {
    const slow = (frameEvery: number): number =>
      play(Array.from({ length: 400 }, (_, i) => (i % frameEvery === 0 ? unusable : null))).length - 1;
    expect(slow(1) * everyMs).toBe(faceLimits.budgetMs);
    // Each picture half a second: twelve of them take longer than the budget.
    const every = 500 / everyMs;
    expect(slow(every) * everyMs).toBeGreaterThan(faceLimits.budgetMs);
    expect(slow(every) / every).toBeLessThanOrEqual(faceLimits.budgetFrameCount);
    expect(slow(2_000 / everyMs) * everyMs).toBe(faceLimits.budgetMaxMs);
  });
  it('knows the same face from one picture to the next, though they are seconds apart', () => {
    const gap = new Array<Seen | null>(2_000 / everyMs - 1).fill(null);
    expect(play([seen(accept), ...gap, seen(accept)]).at(-1)).toMatchObject({ kind: 'accepted' });
    const tooLong = new Array<Seen | null>(3_000 / everyMs).fill(null);
    expect(play([seen(accept), ...tooLong, seen(accept)]).at(-1)).toMatchObject({ kind: 'looking' });
  });
});

describe('whatever comes before the camera', () => {
  const match = fc.constantFrom<FaceMatch>(
    // Mostly the same member, so that some are accepted.
    ...new Array<FaceMatch>(12).fill(accept),
    { ...accept, memberId: 'M2' },
    uncertain,
    { ...uncertain, memberId: 'M2' },
    stranger,
  );
  const usable = fc.tuple(
    match,
    fc.constantFrom(0.1, 0.7, 0.7, 0.95, 0.95, 0.95),
    fc.constantFrom(0, 0.35, -0.35),
    fc.constantFrom(0.3, 0.15),
  );
  const frame = fc.oneof(
    {
      weight: 8,
      arbitrary: usable.map(([m, live, yaw, eyeOpenness]) => seen(m, reportOf({ yaw, eyeOpenness }, live))),
    },
    fc.constantFrom(unusable, nobody, null),
  );
  const options = fc.record({
    challengeAlways: fc.boolean(),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });

  it('is accepted only on two of three frames that agree, alive, and after a challenge where one is due', () => {
    let acceptedCount = 0;
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 60 }), options, (frames, o) => {
        const verdicts = play(frames, o);
        const verdict = verdicts.at(-1);
        if (verdict?.kind !== 'accepted') return true;
        acceptedCount++;
        const reached = frames.slice(0, verdicts.length);
        const agrees = (f: Seen | null): boolean =>
          f?.match?.kind === 'accept' &&
          f.match.memberId === verdict.memberId &&
          (f.report.liveness ?? 0) >= 0.5;
        const windows = reached.map((_, i) => reached.slice(Math.max(i - 2, 0), i + 1));
        // Nobody and no frame do not take a place in the window.
        const there = reached.filter((f) => f !== null && f.report.face !== null);
        const dense = there.map((_, i) => there.slice(Math.max(i - 2, 0), i + 1));
        const agreed = [...windows, ...dense].some((w) => w.filter(agrees).length >= 2);
        const alive = reached.filter((f) => agrees(f) && (f?.report.liveness ?? 0) >= 0.9).length >= 2;
        const asked = verdicts.some(({ kind }) => kind === 'challenge');
        return agreed && (verdict.challenged ? asked : alive && !o.challengeAlways);
      }),
      { numRuns: 2000, seed: 1 },
    );
    // The property has something to say.
    expect(acceptedCount).toBeGreaterThan(200);
  });

  it('has an outcome within the budget', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 52, maxLength: 60 }), options, (frames, o) => {
        const verdicts = play(frames, o);
        const last = verdicts.at(-1);
        return (
          last !== undefined && isOutcome(last) && (verdicts.length - 1) * everyMs <= faceLimits.budgetMs
        );
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});
