import { type FaceOutcome, answerDigits } from '../../core/identity/face-decision.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { Clock } from '../../shared/clock.ts';
import type {
  CameraOrder,
  CameraState,
  FaceAction,
  FaceEnd,
  FaceView,
} from '../../shared/model/face-view.schema.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import type { Random } from '../../shared/random.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RateLimiter } from './rate-limiter.ts';
import { CameraSession, type FrameFailure, stale } from './camera-session.ts';
import type { CameraTurn } from './camera-turn.ts';
import { FaceMatchSession } from './face-match-session.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { FaceVault } from './face-vault.ts';

/** Failed attempts in any minute: many more than a family in front of the cabinet makes. */
export const attemptLimit = { max: 12, perMs: 60_000 } as const;
/** Wrong digits on this cabinet, in any hour: after that the code takes their place. */
export const wrongDigitsLimit = { max: 3, perMs: 3_600_000 } as const;

export interface FaceIdentificationOptions {
  readonly vault: FaceVault;
  /** Where it is kept how often somebody has tried. */
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly settings: { readonly camera: string | null; readonly challengeAlways: boolean };
  /** How the camera stands; left out: upright. */
  readonly turn?: CameraTurn;
  /** It is this member; on record already. The screen is over. */
  readonly onAccepted: (memberId: string) => void;
  /** What is told now may have come so long ago that somebody else stands there; left out: it never does. */
  readonly isTooLate?: () => boolean;
  /** Nobody stands there any more. The screen is over. */
  readonly onGone: () => void;
  /** Somebody is there and does something. */
  readonly onActive?: () => void;
  readonly onChange: () => void;
}

type State =
  | { readonly phase: 'closed' | 'notice' }
  | { readonly phase: 'looking'; readonly camera: CameraSession; readonly session: FaceMatchSession }
  | { readonly phase: 'digits'; readonly asked: Extract<FaceOutcome, { kind: 'ask_digits' }> }
  | { readonly phase: 'ended'; readonly why: FaceEnd };

/** Behind the face screen: notice, camera, answer. The page sees instructions only; who it is stays here. */
export class FaceIdentification {
  readonly #options: FaceIdentificationOptions;
  readonly #attempts: RateLimiter;
  readonly #wrongDigits: RateLimiter;
  /** When the act or the frame came that is in hand, monotonic, ms: all that it writes takes its time before a door opens. */
  #cameMs = 0;
  #state: State = { phase: 'closed' };
  #lastEmitted = '';

  constructor(options: FaceIdentificationOptions) {
    this.#options = options;
    this.#attempts = new RateLimiter({ ...options, limit: attemptLimit, key: 'face_looks' });
    this.#wrongDigits = new RateLimiter({ ...options, limit: wrongDigitsLimit, key: 'wrong_digits' });
  }

  /** The screen is there: the notice, and no camera yet. */
  open(): void {
    this.#become({ phase: 'notice' });
  }

  /** From the end of an attempt back to the notice, where another one is begun by a touch. False: there was no end. */
  showNoticeAgain(): boolean {
    if (this.#state.phase !== 'ended') return false;
    this.open();
    return true;
  }

  /** The screen is gone; whatever was under way comes to nothing. */
  close(): void {
    this.#become({ phase: 'closed' });
  }

  /** The program ends. */
  stop(): void {
    this.close();
    this.#attempts.stop();
    this.#wrongDigits.stop();
  }

  act(action: FaceAction): Result<null, FrameFailure> {
    this.#cameMs = this.#options.clock.monotonicMs();
    const state = this.#state;
    switch (action.do) {
      case 'start':
        if (state.phase !== 'notice' && state.phase !== 'ended') return fail('stale', 'not now');
        this.#options.onActive?.();
        this.#start();
        return ok(null);
      case 'digits':
        if (state.phase !== 'digits') return fail('stale', 'no digits were asked for');
        this.#options.onActive?.();
        this.#answer(state.asked, action.digits);
        return ok(null);
    }
  }

  frame(nonce: string, report: FaceReport): Result<null, FrameFailure> {
    return this.#state.phase === 'looking' ? this.#state.camera.frame(nonce, report) : stale();
  }

  camera(nonce: string, state: CameraState): Result<null, FrameFailure> {
    return this.#state.phase === 'looking' ? this.#state.camera.state(nonce, state) : stale();
  }

  /** What the camera is to do now; null: nothing. */
  get order(): CameraOrder | null {
    return this.#state.phase === 'looking' ? this.#state.camera.order : null;
  }

  view(): FaceView {
    const state = this.#state;
    switch (state.phase) {
      case 'closed':
      case 'notice':
        return { phase: 'notice' };
      case 'looking': {
        const { guide, progress } = state.session;
        return { phase: 'looking', guide, progress };
      }
      case 'digits':
        return { phase: 'digits' };
      case 'ended':
        return { phase: 'ended', why: state.why };
    }
  }

  #start(): void {
    if (!this.#attempts.isAllowed()) {
      this.#end('rate_limited');
      return;
    }
    const { vault, settings, turn, clock, logger, random } = this.#options;
    const { challengeAlways } = settings;
    const session = new FaceMatchSession({ gallery: () => vault.gallery(), challengeAlways, random, clock });
    const camera = new CameraSession({
      purpose: 'identify',
      camera: settings.camera,
      turn,
      clock,
      logger,
      random,
      onFrame: (report) => {
        this.#cameMs = clock.monotonicMs();
        // An attempt that the shopper leaves half-way counts, too.
        if (!session.started) this.#attempts.consume();
        const before = session.peopleCount;
        const outcome = session.frame(report);
        if (before > 0 && session.peopleCount > before && !this.#countOneMore()) return;
        this.#settle(outcome);
      },
      onTick: () => {
        this.#cameMs = clock.monotonicMs();
        this.#settle(session.tick());
      },
      onTrouble: (why) => this.#end(why),
    });
    this.#become({ phase: 'looking', camera, session });
  }

  /** Somebody else stands before the camera, within the same look: a try of their own. False: that is one too many. */
  #countOneMore(): boolean {
    const isAllowed = this.#attempts.isAllowed();
    if (isAllowed) this.#attempts.consume();
    else this.#end('rate_limited');
    return isAllowed;
  }

  #settle(outcome: FaceOutcome | null): void {
    if (outcome === null) this.#emitIfChanged();
    else if (outcome.kind === 'accepted') this.#accept(outcome.memberId, outcome.challenged);
    else if (outcome.kind === 'ask_digits') this.#askDigits(outcome);
    else if (outcome.kind === 'offer_code') this.#end(outcome.why);
    else {
      this.close();
      this.#options.onGone();
    }
  }

  #askDigits(asked: Extract<FaceOutcome, { kind: 'ask_digits' }>): void {
    const info = this.#options.vault.info(asked.memberId);
    const canTell = info.ok && info.value?.hasDigits === true && this.#wrongDigits.isAllowed();
    if (canTell) this.#become({ phase: 'digits', asked });
    else this.#end('not_recognised');
  }

  #answer(asked: Extract<FaceOutcome, { kind: 'ask_digits' }>, digits: string): void {
    // On record before they are compared: a plug that is pulled at the answer makes no try free.
    if (!this.#wrongDigits.consume()) {
      this.#end('face_off');
      return;
    }
    const answer = answerDigits(asked, this.#options.vault.digitsAre(asked.memberId, digits));
    if (answer.kind === 'accepted') {
      this.#wrongDigits.refund();
      this.#accept(answer.memberId, answer.challenged);
      return;
    }
    this.#end(answer.why);
  }

  #accept(memberId: string, challenged: boolean): void {
    const { vault, clock, logger, onAccepted, isTooLate } = this.#options;
    const recorded = vault.touch(memberId, clock.nowMs());
    if (recorded.ok) this.#attempts.refund();
    const tookMs = clock.monotonicMs() - this.#cameMs;
    if (!recorded.ok || tookMs > visitLimits.entryLateMs || isTooLate?.() === true) {
      // A use that cannot be put on record, or only late, does not count: no door opens for it.
      logger.error('face.use_not_recorded', { error: recorded.ok ? `it took ${tookMs} ms` : recorded.error });
      this.#end('face_off');
      return;
    }
    logger.info('face.accepted', { challenged });
    this.close();
    onAccepted(memberId);
  }

  #end(why: FaceEnd): void {
    this.#options.logger.info('face.ended', { why });
    this.#become({ phase: 'ended', why });
  }

  #become(next: State): void {
    if (this.#state.phase === 'looking') this.#state.camera.stop();
    this.#state = next;
    this.#emitIfChanged();
  }

  /** Calls `onChange` only when the view has changed: most frames change nothing on screen. */
  #emitIfChanged(): void {
    const emitted = JSON.stringify([this.view(), this.order?.nonce]);
    if (emitted === this.#lastEmitted) return;
    this.#lastEmitted = emitted;
    if (this.#state.phase !== 'closed') this.#options.onChange();
  }
}
