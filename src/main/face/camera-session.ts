import { isDescriptor } from '../../core/identity/face-match.ts';
import type { Clock } from '../../shared/clock.ts';
import type { CameraOrder, CameraState } from '../../shared/model/face-view.schema.ts';
import type { CameraTrouble } from '../../shared/model/face-view.ts';
import type { EmbedderName } from '../../shared/model/face.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import type { Random } from '../../shared/random.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { CameraTurn } from './camera-turn.ts';

/** The model that is asked for; everybody enrolled with another one would have to enrol anew. */
const embedder: EmbedderName = 'fr-feature-512';
const nonceByteCount = 16;

export const cameraLimits = {
  /** From the order until the camera is live. */
  startMs: 10_000,
  /**
   * From a live camera to the first frame, or from one word that the view is still at it to the next: a cold worker loads
   * its models meanwhile, step by step. Longer than the view's own bound of one step (20 s, face-client.ts), so that the
   * view's word comes first and a slow board is not called out of order.
   */
  firstFrameMs: 30_000,
  /**
   * Frames came, and neither one nor a word that the view is still at it comes any more. Longer than the view itself takes
   * to notice a picture that stands still, and than a frame takes on a machine that is busy with something else.
   */
  silenceMs: 4_000,
  /** So often the view may say that it is still at it between two frames: more than a worker's start has steps. */
  workingMax: 30,
  /** Frames sooner after each other are dropped: nothing here needs more than 20 a second. */
  frameEveryMs: 50,
  tickMs: 200,
} as const;

/** `stale`: not of the camera order that holds now; `bad_request`: not what a worker says of a frame. */
export type FrameFailure = Failure<'stale' | 'bad_request'>;

export interface CameraSessionOptions {
  readonly purpose: CameraOrder['purpose'];
  readonly camera: string | null;
  /** How the camera stands; left out: upright. */
  readonly turn?: CameraTurn | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  /** A frame to look at; the run may be stopped in it. */
  readonly onFrame: (report: FaceReport) => void;
  /** Time has passed, with frames coming. */
  readonly onTick: () => void;
  /** No picture to be had; the run is over. */
  readonly onTrouble: (why: CameraTrouble) => void;
}

/**
 * One order for the camera, from the nonce to the end: takes frames and states with its nonce only, no more frames than are
 * of use, and notices what does not come.
 */
export class CameraSession {
  readonly order: CameraOrder;
  readonly #options: CameraSessionOptions;
  /** What is waited for, since when, and what it is called when it does not come. */
  #waiting: { sinceMs: number; maxMs: number; why: CameraTrouble };
  #stage: 'starting' | 'live' | 'frames' = 'starting';
  #takenMs = -Infinity;
  #workingCount = 0;
  #complained = false;
  #cancelTick: () => void = () => undefined;
  #over = false;

  constructor(options: CameraSessionOptions) {
    this.#options = options;
    const { purpose, camera, turn, clock, random } = options;
    const nonce = Buffer.from(random.bytes(nonceByteCount)).toString('base64url');
    const rotation = turn?.rotation ?? 0;
    this.order =
      rotation === 0 ? { nonce, purpose, embedder, camera } : { nonce, purpose, embedder, camera, rotation };
    this.#waiting = { sinceMs: clock.monotonicMs(), maxMs: cameraLimits.startMs, why: 'busy' };
    this.#tickLater();
  }

  frame(nonce: string, report: FaceReport): Result<null, FrameFailure> {
    if (this.#isStale(nonce)) return stale();
    const { descriptor, problems } = report;
    const usable = descriptor !== null && problems.length === 0;
    if (usable && (descriptor.model !== embedder || !isDescriptor(descriptor))) {
      if (!this.#complained) this.#options.logger.warn('face.frame_refused', { model: descriptor.model });
      this.#complained = true;
      return fail('bad_request', 'not a descriptor of the model that was asked for');
    }
    const nowMs = this.#options.clock.monotonicMs();
    this.#stage = 'frames';
    this.#workingCount = 0;
    this.#waiting = { sinceMs: nowMs, maxMs: cameraLimits.silenceMs, why: 'frozen' };
    if (nowMs - this.#takenMs < cameraLimits.frameEveryMs) return ok(null);
    this.#takenMs = nowMs;
    this.#options.turn?.frame(report);
    this.#options.onFrame(report);
    return ok(null);
  }

  state(nonce: string, state: CameraState): Result<null, FrameFailure> {
    if (this.#isStale(nonce)) return stale();
    if (state === 'working') this.#stillAtIt();
    else if (state !== 'live') this.#trouble(state);
    else if (this.#stage === 'starting') {
      this.#stage = 'live';
      const sinceMs = this.#options.clock.monotonicMs();
      this.#waiting = { sinceMs, maxMs: cameraLimits.firstFrameMs, why: 'face_off' };
    }
    return ok(null);
  }

  #stillAtIt(): void {
    if (this.#stage === 'starting' || this.#workingCount >= cameraLimits.workingMax) return;
    this.#workingCount++;
    this.#waiting = { ...this.#waiting, sinceMs: this.#options.clock.monotonicMs() };
  }

  /** From here on everything with its nonce is stale. */
  stop(): void {
    if (!this.#over) this.#options.turn?.ended();
    this.#over = true;
    this.#cancelTick();
  }

  #isStale(nonce: string): boolean {
    return this.#over || nonce !== this.order.nonce;
  }

  #tickLater(): void {
    const { clock, onTick } = this.#options;
    this.#cancelTick = clock.after(cameraLimits.tickMs, () => {
      const { sinceMs, maxMs, why } = this.#waiting;
      if (clock.monotonicMs() - sinceMs >= maxMs) {
        this.#trouble(why);
        return;
      }
      this.#tickLater();
      if (this.#stage === 'frames') onTick();
    });
  }

  #trouble(why: CameraTrouble): void {
    this.stop();
    this.#options.logger.warn('face.camera_trouble', { why });
    this.#options.onTrouble(why);
  }
}

export function stale(): Result<null, FrameFailure> {
  return fail('stale', 'not the camera order that holds');
}
