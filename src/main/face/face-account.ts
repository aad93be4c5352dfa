import type { FaceOutcome } from '../../core/identity/face-decision.ts';
import { capacityLevel } from '../../core/identity/face-capacity.ts';
import { type FaceCapture, emptyCapture, stepCapture } from '../../core/identity/face-capture.ts';
import { type FaceTemplate, enrolFace, templateFrameCount } from '../../core/identity/face-match.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EnrolmentId, VisitId } from '../../shared/ids.ts';
import { idRandomByteCount, makeEnrolmentId } from '../../shared/ids.ts';
import type {
  CameraOrder,
  CameraState,
  EnrolEnd,
  FaceDataAction,
  FaceDataView,
  FaceGuide,
} from '../../shared/model/face-view.schema.ts';
import { faceConsentVersion } from '../../shared/model/face-view.ts';
import type { FaceReport } from '../../shared/model/face.schema.ts';
import type { Random } from '../../shared/random.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { CameraSession, type FrameFailure, stale } from './camera-session.ts';
import type { CameraTurn } from './camera-turn.ts';
import { FaceMatchSession } from './face-match-session.ts';
import type { FaceVault, VaultFailure } from './face-vault.ts';
import { recordsText } from './records-text.ts';

/** Entries of the processing record that go to the screen. */
export const recordsShownMax = 100;
/** The visit is told that somebody is active at most this often while a face is before the camera. */
const activeEveryMs = 1_000;
const dayMs = 86_400_000;

/** `internal`: the vault's file did not take it; `bad_request`: consent to another text than the one in force. */
export type AccountFailure = FrameFailure | Failure<'internal'>;

export interface AccountMember {
  readonly memberId: string;
  /** `face`: the operator was not asked, so this member may only read and delete. */
  readonly by: 'code' | 'face';
  /** As the operator sent it; empty when it was not asked. */
  readonly display: string;
  /** The last four digits of the phone, as the operator has them. */
  readonly phoneDigits: string | null;
  /** The visit in which an enrolment code was shown; null, or left out: none was, so no face can be given. */
  readonly enrolVisitId?: VisitId | null;
}

export interface FaceAccountOptions {
  readonly vault: FaceVault;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly settings: {
    readonly camera: string | null;
    readonly challengeAlways: boolean;
    /** A face that is not used for so many days is deleted. */
    readonly unusedDays: number;
  };
  /** How the camera stands; left out: upright. */
  readonly turn?: CameraTurn;
  /** Asks the operator, who alone can tell whether the member wants it. Never rejects. */
  readonly enrolFace: (enrolmentId: EnrolmentId, visitId: VisitId) => Promise<Result<null, OperatorFailure>>;
  readonly onChange: () => void;
  /** Somebody is there and does something. */
  readonly onActive: () => void;
}

type Shown = Exclude<FaceDataView, { phase: 'capture' | 'trial' }>;
type State =
  | { readonly phase: 'capture'; readonly camera: CameraSession; capture: FaceCapture; guide: FaceGuide }
  | { readonly phase: 'trial'; readonly camera: CameraSession; readonly session: FaceMatchSession }
  /** The operator is asked; the camera is off. */
  | { readonly phase: 'asking' }
  | { readonly phase: 'shown'; readonly view: Shown };

const nothing: Shown = { phase: 'menu', face: null, recordCount: 0 };

/**
 * The part of the account about the face: give a face, take it away, see what was done with it; to give one, the
 * member must have been identified by code. A face goes into the vault only after it was recognised in a trial, so
 * that whoever leaves in the middle has left nothing.
 */
export class FaceAccount {
  readonly #options: FaceAccountOptions;
  #member: AccountMember | null = null;
  #state: State = { phase: 'shown', view: nothing };
  #lastEmitted = '';
  /** In this visit the member has looked at the record already: one entry is enough. */
  #isLookNoted = false;
  #activeMs = -Infinity;

  constructor(options: FaceAccountOptions) {
    this.#options = options;
  }

  /** Shows the menu of this member. An error: the vault cannot be read, and the screen stays closed. */
  open(member: AccountMember): Result<void, VaultFailure> {
    this.close();
    const menu = this.#menuOf(member.memberId);
    if (!menu.ok) return menu;
    this.#member = member;
    this.#isLookNoted = false;
    this.#become({ phase: 'shown', view: menu.value });
    return ok();
  }

  /** The screen is gone; a face that was being taken is forgotten. */
  close(): void {
    this.#member = null;
    this.#become({ phase: 'shown', view: nothing });
  }

  /** `stale`: nothing that this screen offers. */
  act(action: FaceDataAction): Result<null, AccountFailure> {
    const member = this.#member;
    if (member === null) return fail('stale', 'nobody is there');
    this.#active(true);
    const phase = this.view().phase;
    switch (action.do) {
      case 'menu':
        return this.#showMenu(member);
      case 'enrol':
        if (member.by === 'face' || (phase !== 'menu' && phase !== 'enrol_ended')) return notNow();
        return this.#askConsent(member);
      case 'agree':
        return phase === 'consent' ? this.#agree(member, action.consentVersion) : notNow();
      case 'withdraw': {
        const view = this.view();
        if (view.phase !== 'menu' || view.face === null) return notNow();
        return this.#show({ phase: 'withdraw' });
      }
      case 'confirmWithdraw':
        return phase === 'withdraw' || phase === 'withdraw_failed' ? this.#withdraw(member) : notNow();
      case 'records':
        return phase === 'menu' ? this.#showRecords(member) : notNow();
    }
  }

  frame(nonce: string, report: FaceReport): Result<null, FrameFailure> {
    return this.#camera?.frame(nonce, report) ?? stale();
  }

  camera(nonce: string, state: CameraState): Result<null, FrameFailure> {
    return this.#camera?.state(nonce, state) ?? stale();
  }

  /** What the camera is to do now; null: nothing. */
  get order(): CameraOrder | null {
    return this.#camera?.order ?? null;
  }

  get #camera(): CameraSession | null {
    return 'camera' in this.#state ? this.#state.camera : null;
  }

  view(): FaceDataView {
    const state = this.#state;
    switch (state.phase) {
      case 'shown':
        return state.view;
      case 'asking':
        return { phase: 'trial', guide: 'hold' };
      case 'trial':
        return { phase: 'trial', guide: state.session.guide };
      case 'capture': {
        const { guide, capture } = state;
        const counts = { takenCount: capture.taken.length, wantedCount: templateFrameCount };
        return { phase: 'capture', guide, ...counts };
      }
    }
  }

  #menuOf(memberId: string): Result<Shown, VaultFailure> {
    const info = this.#options.vault.info(memberId);
    if (!info.ok) return info;
    const records = this.#options.vault.records(memberId, 1);
    if (!records.ok) return records;
    const recordCount = records.value.count;
    if (info.value === null) return ok({ phase: 'menu', face: null, recordCount });
    const { enrolledAtMs, lastUsedAtMs, consentVersion } = info.value;
    const sinceMs = Math.max(enrolledAtMs, lastUsedAtMs ?? 0);
    const expiresAtMs = sinceMs + this.#options.settings.unusedDays * dayMs;
    return ok({
      phase: 'menu',
      face: { enrolledAtMs, lastUsedAtMs, expiresAtMs, consentVersion },
      recordCount,
    });
  }

  #showMenu(member: AccountMember): Result<null, AccountFailure> {
    const menu = this.#menuOf(member.memberId);
    return menu.ok ? this.#show(menu.value) : this.#failed('menu', menu.error);
  }

  #showRecords({ memberId, display }: AccountMember): Result<null, AccountFailure> {
    if (!this.#isLookNoted) {
      const noted = this.#options.vault.record(memberId, {
        kind: 'exported',
        consentVersion: null,
        atMs: this.#options.clock.nowMs(),
      });
      if (!noted.ok) return this.#failed('records', noted.error);
      this.#isLookNoted = true;
    }
    const records = this.#options.vault.records(memberId, recordsShownMax);
    if (!records.ok) return this.#failed('records', records.error);
    const { count, newest } = records.value;
    return this.#show({
      phase: 'records',
      records: [...newest],
      count,
      ...recordsText(display, count, newest),
    });
  }

  #withdraw({ memberId }: AccountMember): Result<null, AccountFailure> {
    const done = this.#options.vault.withdraw(memberId, this.#options.clock.nowMs());
    if (!done.ok) this.#options.logger.error('face.not_withdrawn', { error: done.error });
    return this.#show({ phase: done.ok ? 'withdrawn' : 'withdraw_failed' });
  }

  /** Without an enrolment code, and when the vault takes nobody new, the screen says so before it asks for consent. */
  #askConsent({ memberId, enrolVisitId = null }: AccountMember): Result<null, AccountFailure> {
    const { vault } = this.#options;
    if (enrolVisitId === null) return this.#end('needs_code');
    const info = vault.info(memberId);
    const enrolled = vault.enrolledCount();
    if (!info.ok) return this.#failed('enrol', info.error);
    if (!enrolled.ok) return this.#failed('enrol', enrolled.error);
    if (info.value === null && capacityLevel(enrolled.value) === 'full') return this.#end('full');
    return this.#show({ phase: 'consent', consentVersion: faceConsentVersion });
  }

  #agree(member: AccountMember, consentVersion: string): Result<null, AccountFailure> {
    if (consentVersion !== faceConsentVersion) return fail('bad_request', 'consent to another text');
    const noted = this.#options.vault.record(member.memberId, {
      kind: 'consented',
      consentVersion,
      atMs: this.#options.clock.nowMs(),
    });
    if (!noted.ok) return this.#failed('agree', noted.error);
    let startedMs: number | null = null;
    const step = (report: FaceReport | null): void => {
      startedMs ??= this.#options.clock.monotonicMs();
      this.#capture(member, this.#options.clock.monotonicMs() - startedMs, report);
    };
    const camera = this.#openCamera('enrol', step);
    this.#become({ phase: 'capture', camera, capture: emptyCapture, guide: 'starting' });
    return ok(null);
  }

  #capture(member: AccountMember, elapsedMs: number, report: FaceReport | null): void {
    const state = this.#state;
    if (state.phase !== 'capture') return;
    const { capture, verdict } = stepCapture(state.capture, elapsedMs, report);
    state.capture = capture;
    if (verdict.kind === 'looking') {
      // Between two frames there is nothing new to say.
      if (report !== null) state.guide = verdict.guide;
      this.#emitIfChanged();
    } else if (verdict.kind === 'ended') this.#end(verdict.why);
    else this.#try(member, capture);
  }

  /** Would the door recognise this face? Only then it is stored. */
  #try(member: AccountMember, { taken }: FaceCapture): void {
    const { vault, settings, random, clock } = this.#options;
    const descriptors = taken.map(({ descriptor }) => descriptor);
    const template = enrolFace(vault.gallery(), member.memberId, descriptors);
    if (!template.ok) {
      this.#options.logger.info('face.not_enrolled', { error: { ...template.error, message: '' } });
      this.#end(endOf(template.error.code));
      return;
    }
    const others = vault.gallery().filter(({ memberId }) => memberId !== member.memberId);
    const gallery = [...others, template.value];
    const { challengeAlways } = settings;
    const session = new FaceMatchSession({ gallery: () => gallery, challengeAlways, random, clock });
    const camera = this.#openCamera('identify', (report) => {
      const outcome = report === null ? session.tick() : session.frame(report);
      if (outcome === null) this.#emitIfChanged();
      else this.#tried(member, template.value, outcome);
    });
    this.#become({ phase: 'trial', camera, session });
  }

  #tried(member: AccountMember, template: FaceTemplate, outcome: FaceOutcome): void {
    if (outcome.kind !== 'accepted' || outcome.memberId !== member.memberId) {
      const isPicture = outcome.kind === 'offer_code' && outcome.why === 'not_alive';
      this.#end(isPicture ? 'not_alive' : 'trial_failed');
      return;
    }
    void this.#keep(member, template);
  }

  /** Into the vault once the operator has agreed; a face that it has not heard of would open nothing. */
  async #keep(member: AccountMember, template: FaceTemplate): Promise<void> {
    const { vault, clock, random, enrolFace, logger } = this.#options;
    const { memberId, phoneDigits, enrolVisitId = null } = member;
    assert(enrolVisitId !== null, 'nobody consents without an enrolment code');
    const startedMs = clock.nowMs();
    const enrolmentId = makeEnrolmentId(startedMs, random.bytes(idRandomByteCount));
    const prepared = vault.prepareEnrolment(memberId, enrolmentId, startedMs);
    if (!prepared.ok) {
      logger.error('face.not_kept', { error: prepared.error });
      this.#end('failed');
      return;
    }
    const asking: State = { phase: 'asking' };
    this.#become(asking);
    const agreed = await enrolFace(enrolmentId, enrolVisitId);
    // Whoever has left meanwhile has left nothing.
    const isStillThere = this.#state === asking;
    if (!agreed.ok || !isStillThere) {
      if (!agreed.ok) logger.warn('face.enrolment_not_confirmed', { error: agreed.error.code });
      vault.abandonEnrolment(enrolmentId);
      if (isStillThere && !agreed.ok) this.#end(isNo(agreed.error) ? 'refused' : 'offline');
      return;
    }
    const consentVersion = faceConsentVersion;
    const stored = vault.put({ template, phoneDigits, consentVersion, enrolmentId, atMs: clock.nowMs() });
    if (!stored.ok) {
      vault.abandonEnrolment(enrolmentId);
      this.#options.logger.error('face.not_kept', { error: stored.error });
      this.#end(stored.error.code === 'vault.full' ? 'full' : 'failed');
      return;
    }
    this.#options.logger.info('face.enrolled');
    this.#show({ phase: 'enrolled' });
  }

  #openCamera(purpose: 'enrol' | 'identify', step: (report: FaceReport | null) => void): CameraSession {
    const { settings, turn, clock, logger, random } = this.#options;
    return new CameraSession({
      purpose,
      camera: settings.camera,
      turn,
      clock,
      logger,
      random,
      onFrame: (report) => {
        if (report.face !== null) this.#active(false);
        step(report);
      },
      onTick: () => step(null),
      onTrouble: (why) => this.#end(why),
    });
  }

  #end(why: EnrolEnd): Result<null, never> {
    this.#options.logger.info('face.enrol_ended', { why });
    return this.#show({ phase: 'enrol_ended', why });
  }

  #failed(what: string, error: VaultFailure): Result<null, AccountFailure> {
    this.#options.logger.error('face.account_failed', { what, error });
    return fail('internal', 'the vault did not answer');
  }

  #active(byTouch: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (!byTouch && nowMs - this.#activeMs < activeEveryMs) return;
    this.#activeMs = nowMs;
    this.#options.onActive();
  }

  #show(view: Shown): Result<null, never> {
    this.#become({ phase: 'shown', view });
    return ok(null);
  }

  #become(next: State): void {
    this.#camera?.stop();
    this.#state = next;
    this.#emitIfChanged();
  }

  /** Calls `onChange` only when the view has changed: most frames change nothing on screen. */
  #emitIfChanged(): void {
    const emitted = JSON.stringify([this.view(), this.order?.nonce]);
    if (emitted === this.#lastEmitted) return;
    this.#lastEmitted = emitted;
    if (this.#member !== null) this.#options.onChange();
  }
}

function notNow(): Result<null, AccountFailure> {
  return fail('stale', 'not now');
}

/** The operator has answered, and does not agree; anything else says nothing. */
function isNo({ code }: OperatorFailure): boolean {
  return code === 'operator.unauthenticated' || code === 'operator.refused' || code === 'operator.conflict';
}

function endOf(code: Extract<ReturnType<typeof enrolFace>, { ok: false }>['error']['code']): EnrolEnd {
  if (code === 'face.already_enrolled') return 'already_enrolled';
  return code === 'face.not_one_person' ? 'not_one_person' : 'failed';
}
