import type { VisitContext } from '../../core/visit/visit-model.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import type { CameraState, FaceDataView, FaceView } from '../../shared/model/face-view.schema.ts';
import { type Result, fail } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { CameraLight } from './camera-light.ts';
import type { FrameFailure } from './camera-session.ts';
import { type AccountMember, FaceAccount } from './face-account.ts';
import { FaceIdentification } from './face-identification.ts';
import type { FaceVault } from './face-vault.ts';

/** A face that nobody has used for so long is deleted: notice and consent say so in words, so it is no setting. */
const unusedDays = 90;
/** Between two checks for faces that nobody has used for too long. */
const expireEveryMs = 3_600_000;
/** Deferred by this while somebody is served: erasing rewrites the whole file, which blocks the process. */
const expireAgainMs = 60_000;

export interface FaceControllerOptions {
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
  /** The light at the camera; nothing where there is none. */
  readonly setLight: (on: boolean) => void;
}

/**
 * Faces, as the visit needs them: the face screen and the face part of the account, each open only while it is on
 * screen.
 */
export class FaceController {
  readonly identification: FaceIdentification;
  readonly account: FaceAccount;
  readonly #options: FaceControllerOptions;
  readonly #light: CameraLight;
  #screen: 'identifyingByFace' | 'account' | null = null;
  /** Somebody is being served. */
  #busy = false;
  #cancelExpiry: () => void = () => undefined;

  constructor(options: FaceControllerOptions) {
    this.#options = options;
    const { vault, clock, logger, randomBytes, random, onActive } = options;
    this.#light = new CameraLight({
      clock,
      isWanted: () => this.cameraWanted,
      setLight: options.setLight,
    });
    const onChange = (): void => {
      this.#light.update();
      options.onChange();
    };
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
    this.#expireIn(expireEveryMs);
  }

  stop(): void {
    this.#cancelExpiry();
    this.#close();
    this.#light.update();
  }

  /** The camera is wanted, by what is on screen right now; the window gives it to the page at no other time. */
  get cameraWanted(): boolean {
    return (
      (this.#screen === 'identifyingByFace' && 'camera' in this.identification.view()) ||
      (this.#screen === 'account' && 'camera' in this.account.view())
    );
  }

  /** Call on each change of the visit. */
  onVisitChanged(visit: Visit, phoneDigits: string | null): void {
    this.#show(visit, phoneDigits);
    this.#light.update();
  }

  #show({ state, context }: Visit, phoneDigits: string | null): void {
    this.#busy = state !== 'attract' && state !== 'outOfService';
    const wanted = state === 'identifyingByFace' || state === 'account' ? state : null;
    if (wanted === this.#screen) return;
    this.#close();
    this.#screen = wanted;
    if (wanted === 'identifyingByFace') this.identification.open();
    if (wanted === 'account') this.#openAccount(memberOf(context, phoneDigits));
  }

  faceView(): FaceView {
    return this.identification.view();
  }
  accountView(): FaceDataView {
    return this.account.view();
  }

  frame(nonce: string, report: FaceReport): Result<null, FrameFailure> {
    return this.#activePart?.frame(nonce, report) ?? fail('stale', 'no camera is wanted');
  }
  camera(nonce: string, state: CameraState): Result<null, FrameFailure> {
    return this.#activePart?.camera(nonce, state) ?? fail('stale', 'no camera is wanted');
  }

  get #activePart(): FaceIdentification | FaceAccount | null {
    if (this.#screen === null) return null;
    return this.#screen === 'identifyingByFace' ? this.identification : this.account;
  }

  #expireIn(afterMs: number): void {
    const { vault, clock, operatorNowMs } = this.#options;
    this.#cancelExpiry = clock.after(afterMs, () => {
      if (!this.#busy) vault.expire(operatorNowMs(), unusedDays);
      this.#expireIn(this.#busy ? expireAgainMs : expireEveryMs);
    });
  }

  #openAccount(member: AccountMember): void {
    const opened = this.account.open(member);
    if (opened.ok) return;
    // The menu would claim that no face is stored, and the vault cannot be read.
    this.#options.logger.error('face.account_closed', { error: opened.error });
    this.#options.onGone();
  }

  #close(): void {
    if (this.#screen === 'identifyingByFace') this.identification.close();
    if (this.#screen === 'account') this.account.close();
    this.#screen = null;
  }
}

/** Whose account it is: the member as the operator named them, or the one that the cabinet itself recognised. */
function memberOf({ recognisedMemberId, member }: VisitContext, phoneDigits: string | null): AccountMember {
  if (recognisedMemberId !== null)
    return { memberId: recognisedMemberId, by: 'face', display: '', phoneDigits: null };
  assert(member !== null, 'nobody reaches the account unidentified');
  const { memberId, display } = member;
  return { memberId, by: 'code', display, phoneDigits };
}
