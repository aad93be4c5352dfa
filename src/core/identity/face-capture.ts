import type { Descriptor, FaceReport, FrameProblem } from '../../shared/model/face.schema.ts';
import { templateFrameCount, templateFrameMin } from './face-match.ts';
import { livenessThresholds } from '../../shared/model/face.ts';

export const captureLimits = {
  /** From the first frame to the last one that is taken. */
  budgetMs: 30_000,
  /**
   * At most this many frames of one pose (`samePoseYaw`). Who keeps still gives three, enough when the time is over.
   */
  perPoseCount: 3,
  samePoseYaw: 0.03,
  /** The capture ends when this many of the last three usable frames look like a picture of a face. */
  pictureFrameCount: 2,
  pictureWindow: 3,
} as const;

/** Taking the frames that a template is made of. */
export interface FaceCapture {
  readonly taken: readonly { readonly descriptor: Descriptor; readonly yaw: number }[];
  /** Of the last usable frames, oldest first. */
  readonly liveness: readonly number[];
}
export const emptyCapture: FaceCapture = { taken: [], liveness: [] };

export type CaptureVerdict =
  | { readonly kind: 'looking'; readonly guide: FrameProblem | 'hold' | 'turn_a_little' }
  | { readonly kind: 'done' }
  | { readonly kind: 'ended'; readonly why: 'time' | 'not_alive' };

/** One frame more, or none (`report` null: only time has passed). With the time over, three frames will do. */
export function stepCapture(
  before: FaceCapture,
  elapsedMs: number,
  report: FaceReport | null,
): { capture: FaceCapture; verdict: CaptureVerdict } {
  if (elapsedMs >= captureLimits.budgetMs) {
    const enough = before.taken.length >= templateFrameMin;
    return { capture: before, verdict: enough ? { kind: 'done' } : { kind: 'ended', why: 'time' } };
  }
  const looking = (guide: FrameProblem | 'hold' | 'turn_a_little', capture = before) => {
    return { capture, verdict: { kind: 'looking', guide } } as const;
  };
  const [problem] = report?.problems ?? [];
  if (problem !== undefined) return looking(problem);
  if (report === null || report.face === null || report.descriptor === null) return looking('no_face');
  const alive = report.liveness ?? 0;
  const liveness = [...before.liveness, alive].slice(-captureLimits.pictureWindow);
  const seen: FaceCapture = { ...before, liveness };
  const pictures = liveness.filter((one) => !(one >= livenessThresholds.refuse)).length;
  if (pictures >= captureLimits.pictureFrameCount) {
    return { capture: seen, verdict: { kind: 'ended', why: 'not_alive' } };
  }
  const { yaw } = report.face;
  if (isTaken(seen, yaw)) return looking('turn_a_little', seen);
  if (!(alive >= livenessThresholds.pass)) return looking('hold', seen);
  const taken = [...seen.taken, { descriptor: report.descriptor, yaw }];
  const capture = { ...seen, taken };
  if (taken.length >= templateFrameCount) return { capture, verdict: { kind: 'done' } };
  return looking(isTaken(capture, yaw) ? 'turn_a_little' : 'hold', capture);
}

function isTaken({ taken }: FaceCapture, yaw: number): boolean {
  const same = taken.filter((one) => !(Math.abs(one.yaw - yaw) >= captureLimits.samePoseYaw));
  return same.length >= captureLimits.perPoseCount;
}
