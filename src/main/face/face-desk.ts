import type { Visit } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import type { FaceReport } from '../../shared/model/face.ts';
import type { AccountView, CameraState, FaceView } from '../../shared/model/face-view.ts';
import type { Member } from '../../shared/model/member.ts';
import { type Result, fail } from '../../shared/result.ts';
import type { Logger } from '../platform/logger.ts';
import type { FrameFailure } from './camera-run.ts';
import { FaceAccount } from './face-account.ts';
import { FaceIdentification } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';

/** A face that nobody has used for so long is deleted: notice and consent say so in words, so it is no setting. */
const unusedDays = 90;
/** Between two looks for faces that nobody has used for too long. */
const expireEveryMs = 3_600_000;

export interface FaceDeskOptions {
  readonly vault: FaceVault;
  readonly settings: {
    readonly camera: string | null;
    readonly challengeAlways: boolean;
  };
  readonly clock: Clock;
  /** The operator's wall time, as far as it is known: deletion for age needs two clocks that agree. */
  readonly operatorNowMs: () => number | null;
  readonly logger: Logger;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly random: () => number;
  readonly onRecognised: (memberId: string) => void;
  /** Nobody is there any more. */
  readonly onGone: () => void;
  /** Somebody is busy: the screen stays. */
  readonly onActive: () => void;
  readonly onChange: () => void;
}

/** Faces, as the visit needs them: what is behind the face screen and behind "my data", each only while it is on screen. */
export class FaceDesk {
  readonly identification: FaceIdentification;
  readonly account: FaceAccount;
  readonly #o: FaceDeskOptions;
  #open: 'looking' | 'account' | null = null;
  #cancelExpiry: () => void = () => undefined;

  constructor(options: FaceDeskOptions) {
    this.#o = options;
    const { vault, clock, logger, randomBytes, random, onChange, onActive } = options;
    const settings = { ...options.settings, unusedDays };
    const common = { vault, settings, clock, logger, randomBytes, random, onChange };
    this.identification = new FaceIdentification({
      ...common,
      onAccepted: options.onRecognised,
      onGone: options.onGone,
    });
    this.account = new FaceAccount({ ...common, onActive });
  }

  start(): void {
    this.#expire();
  }

  stop(): void {
    this.#cancelExpiry();
    this.#leave();
  }

  /** The camera is wanted, by what is on screen right now; the window gives it to the page at no other time. */
  get cameraWanted(): boolean {
    return (
      (this.#open === 'looking' && 'camera' in this.identification.view()) ||
      (this.#open === 'account' && 'camera' in this.account.view())
    );
  }

  /** Told of every state of the visit. */
  follow({ state, context }: Visit, phoneDigits: string | null): void {
    const wanted = state === 'looking' || state === 'account' ? state : null;
    if (wanted === this.#open) return;
    this.#leave();
    this.#open = wanted;
    if (wanted === 'looking') this.identification.open();
    if (wanted === 'account' && context.member !== null) this.#openAccount(context.member, phoneDigits);
  }

  faceView(): FaceView {
    return this.identification.view();
  }
  accountView(): AccountView {
    return this.account.view();
  }

  frame(nonce: string, report: FaceReport): Result<null, FrameFailure> {
    return this.#part?.frame(nonce, report) ?? fail('stale', 'no camera is wanted');
  }
  camera(nonce: string, state: CameraState): Result<null, FrameFailure> {
    return this.#part?.camera(nonce, state) ?? fail('stale', 'no camera is wanted');
  }

  get #part(): FaceIdentification | FaceAccount | null {
    if (this.#open === null) return null;
    return this.#open === 'looking' ? this.identification : this.account;
  }

  #expire(): void {
    const { vault, clock, operatorNowMs } = this.#o;
    this.#cancelExpiry = clock.after(expireEveryMs, () => {
      vault.expire(operatorNowMs(), unusedDays);
      this.#expire();
    });
  }

  #openAccount({ memberId, display }: Member, phoneDigits: string | null): void {
    this.account.open({ memberId, display, phoneDigits });
  }

  #leave(): void {
    if (this.#open === 'looking') this.identification.close();
    if (this.#open === 'account') this.account.close();
    this.#open = null;
  }
}
