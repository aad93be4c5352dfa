import { type VisitPhaseOf, phaseOf } from '../../core/visit/visit-phase.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import type {
  CameraOrder,
  CameraState,
  FaceDataView,
  FaceView,
} from '../../shared/model/face-view.schema.ts';
import type { CameraRotation } from '../../shared/model/camera-rotation.ts';
import type { Random } from '../../shared/random.ts';
import { type Result, fail } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { CameraLight } from './camera-light.ts';
import type { FrameFailure } from './camera-session.ts';
import { CameraTurn } from './camera-turn.ts';
import { type AccountMember, FaceAccount, type FaceAccountOptions } from './face-account.ts';
import { FaceIdentification, type FaceIdentificationOptions } from './face-identification.ts';
import { unusedDays } from './face-expiry.ts';
import type { FaceVault } from './face-vault.ts';

export interface FaceControllerOptions {
  readonly vault: FaceVault;
  /** Where it is kept how often somebody has tried. */
  readonly meta: FaceIdentificationOptions['meta'];
  readonly settings: {
    readonly camera: string | null;
    readonly rotation?: CameraRotation | null;
    readonly challengeAlways: boolean;
  };
  /** Puts how the camera stands into the settings; false: they were not written. */
  readonly keepRotation?: (rotation: CameraRotation) => boolean;
  /** What staff has to look at. */
  readonly tellStaff?: (detail: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly onRecognised: (memberId: string) => void;
  /** See FaceIdentificationOptions. */
  readonly isTooLate?: () => boolean;
  /** Nobody is there any more. */
  readonly onGone: () => void;
  /** Somebody is busy: the screen stays. */
  readonly onActive: () => void;
  readonly onChange: () => void;
  /** The light at the camera; nothing where there is none. */
  readonly setLight: (on: boolean) => void;
  /** The last four digits of the phone of whoever was let in for this visit; null: not known. */
  readonly phoneDigitsOf: (visitId: VisitId) => string | null;
  /** Whoever was let in for this visit has shown an enrolment code. */
  readonly mayEnrolIn: (visitId: VisitId) => boolean;
  /** Asks the operator whether a face may be kept. */
  readonly enrolFace: FaceAccountOptions['enrolFace'];
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

  constructor(options: FaceControllerOptions) {
    this.#options = options;
    const { vault, clock, logger, random, onActive } = options;
    this.#light = new CameraLight({
      clock,
      isWanted: () => this.cameraOrder !== null,
      setLight: options.setLight,
    });
    const onChange = (): void => {
      this.#light.update();
      options.onChange();
    };
    const settings = { ...options.settings, unusedDays };
    const turn = new CameraTurn({
      configured: options.settings.rotation ?? null,
      keep: (rotation) => options.keepRotation?.(rotation) ?? false,
      logger,
      tellStaff: (detail) => options.tellStaff?.(detail),
    });
    const common = { vault, settings, turn, clock, logger, random, onChange };
    this.identification = new FaceIdentification({
      ...common,
      meta: options.meta,
      onActive,
      onAccepted: options.onRecognised,
      ...(options.isTooLate && { isTooLate: options.isTooLate }),
      onGone: options.onGone,
    });
    this.account = new FaceAccount({ ...common, onActive, enrolFace: options.enrolFace });
  }

  stop(): void {
    this.#close();
    this.identification.stop();
    this.#light.update();
  }

  /** What the camera is to do for what is on screen right now; the face view has it at no other time. Null: off. */
  get cameraOrder(): CameraOrder | null {
    return this.#activePart?.order ?? null;
  }

  /** Call on each change of the visit. */
  onVisitChanged(visit: Visit): void {
    this.#show(visit);
    this.#light.update();
  }

  #show(visit: Visit): void {
    const { state } = visit;
    const wanted = state === 'identifyingByFace' || state === 'account' ? state : null;
    if (wanted === this.#screen) return;
    this.#close();
    this.#screen = wanted;
    if (wanted === 'identifyingByFace') this.identification.open();
    if (wanted !== 'account') return;
    const phase = phaseOf(visit);
    assert(phase.phase === 'account', 'the account is of somebody');
    this.#openAccount(this.#memberOf(phase));
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

  /** Whose account it is: the member as the operator named them, or the one that the cabinet itself recognised. */
  #memberOf(account: VisitPhaseOf<'account'>): AccountMember {
    if (account.by === 'face') {
      return { memberId: account.memberId, by: 'face', display: '', phoneDigits: null };
    }
    const { visitId } = account;
    const { memberId, display } = account.member;
    const phoneDigits = this.#options.phoneDigitsOf(visitId);
    const enrolVisitId = this.#options.mayEnrolIn(visitId) ? visitId : null;
    return { memberId, by: 'code', display, phoneDigits, enrolVisitId };
  }
}
