import {
  type FaceMatchAttempt,
  type FaceOutcome,
  type FaceVerdict,
  faceLimits,
  startMatchAttempt,
  stepMatchAttempt,
} from '../../core/identity/face-decision.ts';
import { type FaceTemplate, isSomebodyElse, matchFace } from '../../core/identity/face-match.ts';
import type { Clock } from '../../shared/clock.ts';
import type { FaceGuide } from '../../shared/model/face-view.schema.ts';
import type { Descriptor, FaceReport } from '../../shared/model/face.schema.ts';
import type { Random } from '../../shared/random.ts';

/** "Once more" stays for this long, so that it can be read, unless there is something else to say. */
const tryAgainShownMs = 1_000;

export interface FaceMatchSessionOptions {
  readonly gallery: () => readonly FaceTemplate[];
  readonly challengeAlways: boolean;
  readonly random: Random;
  readonly clock: Clock;
}

/** One attempt to recognise a face, decided by core/identity; its time runs from the first frame. */
export class FaceMatchSession {
  readonly #options: FaceMatchSessionOptions;
  #attempt: FaceMatchAttempt | null = null;
  #guide: FaceGuide = 'starting';
  #guideSinceMs = 0;
  #lastDescriptor: Descriptor | null = null;
  #changedFaces = 0;

  constructor(options: FaceMatchSessionOptions) {
    this.#options = options;
  }

  get guide(): FaceGuide {
    return this.#guide;
  }

  /** 0 to 1: frames that count, of those that are needed at least. */
  get progress(): number {
    return Math.min((this.#attempt?.usableFrames ?? 0) / faceLimits.agreeFrameCount, 1);
  }

  /** People that were before the camera in this attempt: another place in the picture, or another face at the same one. */
  get peopleCount(): number {
    return (this.#attempt?.trackCount ?? 0) + this.#changedFaces;
  }

  get started(): boolean {
    return this.#attempt !== null;
  }

  /** The outcome, if this frame brings it. */
  frame(report: FaceReport): FaceOutcome | null {
    const { descriptor, problems } = report;
    const compared =
      descriptor !== null && problems.length === 0 ? matchFace(this.#options.gallery(), descriptor) : null;
    const match = compared?.ok === true ? compared.value : null;
    const tracksBefore = this.#attempt?.trackCount ?? 0;
    const verdict = this.#step({ report, match });
    const isSameTrack = this.#attempt?.trackCount === tracksBefore;
    if (match !== null && descriptor !== null) {
      const last = this.#lastDescriptor;
      if (isSameTrack && last !== null && isSomebodyElse(last, descriptor)) this.#changedFaces++;
      this.#lastDescriptor = descriptor;
    }
    if (verdict.kind === 'looking') this.#show(verdict.problem ?? 'hold');
    else if (verdict.kind === 'look_again') this.#show('look_again');
    else if (verdict.kind === 'challenge') this.#show(verdict.challenge);
    return outcomeOf(verdict);
  }

  /** The outcome that the mere passing of time brings. */
  tick(): FaceOutcome | null {
    return this.#attempt === null ? null : outcomeOf(this.#step(null));
  }

  #step(frame: Parameters<typeof stepMatchAttempt>[2]): FaceVerdict {
    const { clock, challengeAlways, random } = this.#options;
    const nowMs = clock.monotonicMs();
    const before =
      this.#attempt ?? startMatchAttempt({ atMs: nowMs, challengeAlways, random: random.unit() });
    const { attempt, verdict } = stepMatchAttempt(before, nowMs, frame);
    this.#attempt = attempt;
    return verdict;
  }

  #show(guide: FaceGuide): void {
    const nowMs = this.#options.clock.monotonicMs();
    const unread = this.#guide === 'look_again' && nowMs - this.#guideSinceMs < tryAgainShownMs;
    if (guide === 'hold' && unread) return;
    if (guide !== this.#guide) this.#guideSinceMs = nowMs;
    this.#guide = guide;
  }
}

function outcomeOf(verdict: FaceVerdict): FaceOutcome | null {
  const { kind } = verdict;
  return kind === 'looking' || kind === 'look_again' || kind === 'challenge' ? null : verdict;
}
