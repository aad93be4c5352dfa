import type { ServiceSession } from '../../core/service/session.ts';
import type { StaffMember } from '../../core/service/staff-list.ts';
import { mayDo } from '../../core/service/acts.ts';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import type { Clock } from '../../shared/clock.ts';
import type { IpcResult } from '../../shared/ipc/table.schema.ts';
import type { DoorState } from '../../shared/model/device.ts';
import type { TestOrder } from '../../shared/model/self-test.schema.ts';
import type { TestStep } from '../../shared/model/self-test.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import { staffNoSchema } from '../../shared/model/service.schema.ts';
import { type ServiceAct, type SignInRefusal, serviceActs } from '../../shared/model/service.ts';
import type { Random } from '../../shared/random.ts';
import { fail, ok } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MaintenanceKeeper } from './maintenance-keeper.ts';
import type { LetIn, ServiceAccess } from './service-access.ts';
import { type ServiceActs, hiddenInRecord } from './service-acts.ts';
import { SlicedCheck } from '../storage/sliced-check.ts';
import type { ServiceLog, ServiceLogAudit } from './service-log.ts';
import type { SelfTests } from './self-tests.ts';
import { ServiceSessions } from './service-session.ts';

/** Nobody types: the number pad goes, ms. */
export const padMaxMs = 45_000;
const refusedNotedAgainMs = 60_000;
/** What a service card says, and a one-time code as a QR: `KMS:<number>` or `KMS:<number>.<code>`. */
const cardForm = /^KMS:(\d{4,6})(?:\.(\d{20}))?$/;
const done: IpcResult<null> = ok(null);
/** In these nobody is in the middle of something. */
const idleStates: readonly VisitStateName[] = ['attract', 'outOfService'];

export interface ServiceControllerOptions {
  readonly access: ServiceAccess;
  readonly keeper: MaintenanceKeeper;
  readonly acts: ServiceActs;
  readonly tests: SelfTests;
  readonly log: ServiceLog;
  readonly visitState: () => VisitStateName;
  readonly door: () => DoorState;
  readonly isOnline: () => boolean;
  readonly clock: Clock;
  /** The operator's time, for the record. */
  readonly nowMs: () => number;
  readonly random: Pick<Random, 'bytes'>;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

interface Pad {
  readonly isChecking: boolean;
  readonly refusal: SignInRefusal | null;
  readonly staffNo: string | null;
}

/**
 * Service mode as it stands: closed, the number pad, a new PIN, or somebody signed in. Every call is judged here; the page says
 * what is wanted, and gets a picture of what is.
 */
export class ServiceController {
  readonly #o: ServiceControllerOptions;
  readonly #sessions: ServiceSessions;
  readonly #listeners: Listeners;
  #pad: Pad | null = null;
  /** Came in with a one-time code, and has to set a PIN before anything else. */
  #settingPin: { readonly member: StaffMember; readonly fault: string | null } | null = null;
  #wantsPinFor: ServiceAct | null = null;
  #isLogShown = false;
  /** Of each kind of refusal that costs nobody anything: when one was put on record last. */
  readonly #refusedNotedMs = new Map<string, number>();
  #cancelPad: () => void = () => undefined;
  readonly #logCheck: SlicedCheck<ServiceLogAudit>;
  #isLogBrokenTold = false;

  constructor(options: ServiceControllerOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
    this.#sessions = new ServiceSessions({
      clock: options.clock,
      random: options.random,
      roleOf: (staffNo) => options.access.memberOf(staffNo)?.role ?? null,
      onEnd: (session, why) => {
        this.#ended(session, why);
      },
    });
    this.#logCheck = new SlicedCheck({
      clock: options.clock,
      begin: () => options.log.audit(),
      onEnd: ({ brokenSeq }) => {
        if (brokenSeq !== null) this.#logBroken(String(brokenSeq));
      },
      onFailure: (error) => {
        options.logger.error('service.log_not_checked', { error });
      },
    });
    options.tests.onChange(() => {
      this.#changed();
    });
    options.acts.onChange(() => {
      this.#changed();
    });
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    // Before anything is added, which would hide it; the rest is looked at while the cabinet works.
    const isWhole = this.#o.log.isEndWhole();
    if (isWhole.ok && !isWhole.value) this.#logBroken('end');
    this.#logCheck.start();
    this.#o.keeper.start();
  }

  stop(): void {
    this.#cancelPad();
    this.#logCheck.stop();
    this.#sessions.end('stopped');
    this.#o.keeper.stop();
  }

  // The way in.

  /** The hidden touches were made; or, at the pad, somebody types: it stays. */
  knock(): IpcResult<null> {
    return this.#showPad(null);
  }

  /** True: it was a service card or code, for nobody else. */
  scanned(text: string): boolean {
    if (this.#o.tests.scanned()) return true;
    if (!text.startsWith('KMS:')) return false;
    const [, staffNo, code] = cardForm.exec(text.trim()) ?? [];
    if (staffNo === undefined || !this.#showPad(staffNo).ok) return true;
    if (code !== undefined) this.signIn(staffNo, code);
    return true;
  }

  /** Away from the pad; somebody who is at work leaves by `leave`. */
  close(): IpcResult<null> {
    if (this.#settingPin !== null || this.#sessions.current !== null) return fail('forbidden', 'signed in');
    this.#hidePad();
    return done;
  }

  signIn(staffNo: string, secret: string): IpcResult<null> {
    if (this.#pad === null || this.#pad.isChecking) return fail('stale', 'nobody is asked for a PIN');
    if (!staffNoSchema.safeParse(staffNo).success) return fail('bad_request', 'no staff number');
    const asked: Pad = { isChecking: true, refusal: null, staffNo };
    this.#setPad(asked);
    void this.#o.access.signIn(staffNo, secret).then((result) => {
      // On record and told whatever has become of the pad meanwhile.
      if (result.ok) this.#tellDuress(result.value);
      else this.#noteSignInRefused(staffNo, result.error.code);
      // It was typed at a pad that is gone: nobody at the next one comes in by it.
      if (this.#pad !== asked) return;
      if (!result.ok) {
        this.#setPad({ isChecking: false, refusal: result.error.code, staffNo });
        return;
      }
      const { member, how } = result.value;
      if (how !== 'code') this.#begin(member, how);
      else {
        this.#hidePad();
        this.#settingPin = { member, fault: null };
        this.#padTimer();
        this.#changed();
      }
    });
    return done;
  }

  setPin(pin: string, again: string): IpcResult<null> {
    const setting = this.#settingPin;
    if (setting === null) return fail('forbidden', 'nobody came in with a one-time code');
    void this.#o.access.setPin(setting.member, pin, again).then((set) => {
      if (this.#settingPin !== setting) return;
      if (!set.ok) {
        this.#settingPin = { member: setting.member, fault: set.error.code };
        this.#padTimer();
        this.#changed();
        return;
      }
      this.#settingPin = null;
      this.#begin(setting.member, 'code');
    });
    return done;
  }

  // Of a session.

  touch(sessionId: string): IpcResult<null> {
    return this.#sessions.touch(sessionId) ? done : notSignedIn;
  }

  leave(sessionId: string): IpcResult<null> {
    if (!this.#sessions.touch(sessionId)) return notSignedIn;
    this.#o.keeper.look();
    if (this.#o.keeper.whyNotLeave !== null) {
      this.#changed();
      return fail('stale', this.#o.keeper.whyNotLeave);
    }
    this.#sessions.end('left');
    return done;
  }

  confirmPin(sessionId: string, pin: string): IpcResult<null> {
    const session = this.#sessions.current;
    if (session === null || !this.#sessions.touch(sessionId)) return notSignedIn;
    void this.#o.access.confirm(session.staffNo, pin).then((result) => {
      if (result.ok) this.#tellDuress(result.value);
      if (result.ok && this.#sessions.confirmed(sessionId)) {
        this.#wantsPinFor = null;
        this.#changed();
        return;
      }
      this.#note(session.staffNo, 'pin_refused', { why: result.ok ? 'ended' : result.error.code });
      // Whoever does not know it is not who signed in.
      if (this.#sessions.current?.id === sessionId) this.#sessions.end('wrong_pin');
    });
    return done;
  }

  openDoor(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'openDoor', (session) => {
      this.#o.acts.openDoor(session.staffNo);
    });
  }
  acceptStock(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'acceptStock', (session) => {
      this.#o.acts.acceptStock(session.staffNo);
    });
  }
  acceptCooling(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'acceptCooling', (session) => {
      this.#o.acts.acceptCooling(session.staffNo);
    });
  }
  testDevice(sessionId: string, deviceId: string): IpcResult<null> {
    return this.#do(sessionId, 'testDevice', (session) => {
      this.#o.acts.testDevice(session.staffNo, deviceId);
    });
  }
  startTest(sessionId: string, order: TestOrder): IpcResult<null> {
    return this.#do(sessionId, 'selfTest', (session) => {
      this.#o.acts.selfTest(session.staffNo, order);
    });
  }
  answerTest(sessionId: string, step: TestStep, yes: boolean): IpcResult<null> {
    return this.#do(sessionId, 'selfTest', () => {
      this.#o.tests.answer(step, yes);
    });
  }
  setLight(sessionId: string, on: boolean): IpcResult<null> {
    return this.#do(sessionId, 'setLight', (session) => {
      this.#o.acts.setLight(session.staffNo, on);
    });
  }
  sendCharges(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'sendCharges', (session) => {
      this.#o.acts.sendCharges(session.staffNo);
    });
  }
  changePin(sessionId: string, pin: string, again: string): IpcResult<null> {
    return this.#do(sessionId, 'changePin', (session) => {
      const member = this.#o.access.memberOf(session.staffNo);
      if (member === null) return;
      this.#o.acts.run(session.staffNo, 'changePin', {}, async () => {
        const set = await this.#o.access.setPin(member, pin, again);
        return set.ok ? { outcome: 'done' } : { outcome: 'refused', detail: set.error.code };
      });
    });
  }
  readLog(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'readLog', (session) => {
      this.#isLogShown = true;
      this.#note(session.staffNo, 'readLog', {});
    });
  }

  // What devices and visit say.

  doorMoved(): void {
    this.#o.keeper.look();
    if (this.#isShown) this.#changed();
  }
  /** Devices, goods, charges or the network are not as they were. */
  somethingChanged(): void {
    if (this.#isShown) this.#changed();
  }
  /** A shopper is served: the pad goes. Who is signed in has the cabinet, and no visit begins. */
  visitChanged(): void {
    if (!idleStates.includes(this.#o.visitState()) && this.#sessions.current === null) this.#hidePad();
  }
  /** Roles may have changed, or somebody works here no more. */
  staffChanged(): void {
    this.#sessions.look();
    const setting = this.#settingPin;
    if (setting !== null && this.#o.access.memberOf(setting.member.staffNo) === null) this.#settingPin = null;
    this.#changed();
  }

  // The picture.

  get #isShown(): boolean {
    return this.#pad !== null || this.#settingPin !== null || this.#isAtWork;
  }
  get #isAtWork(): boolean {
    return this.#o.keeper.current !== null;
  }

  /** Null: closed. */
  view(): ServiceView | null {
    const { access, acts, keeper, door, isOnline } = this.#o;
    const session = this.#sessions.current;
    if (this.#settingPin !== null) {
      const { member, fault } = this.#settingPin;
      return { screen: 'newPin', name: member.name, fault: fault as never };
    }
    if (session === null) {
      const pad = this.#pad ?? (this.#isAtWork ? { isChecking: false, refusal: null, staffNo: null } : null);
      if (pad === null) return null;
      const common = { waitMs: Math.ceil(access.waitMs), needsCode: access.needsCode };
      return { screen: 'pad', ...pad, ...common, isAtWork: this.#isAtWork, door: door() };
    }
    const { id, name, role } = session;
    return {
      screen: 'open',
      sessionId: id,
      name,
      role,
      acts: serviceActs.filter((act) => mayDo(role, act)),
      door: door(),
      isUnbilled: keeper.isUnbilled,
      whyNotLeave: keeper.whyNotLeave,
      wantsPinFor: this.#wantsPinFor,
      last: acts.last,
      endsInMs: Math.round(this.#sessions.endsInMs),
      ...acts.overview((act) => mayDo(role, act)),
      isOnline: isOnline(),
      log: this.#isLogShown ? acts.logEntries() : null,
    };
  }

  #begin(member: StaffMember, how: string): void {
    this.#hidePad();
    const isIdle = idleStates.includes(this.#o.visitState());
    const session = isIdle && this.#o.keeper.begin(member.staffNo) ? this.#sessions.begin(member) : null;
    if (session === null) {
      this.#note('-', 'sign_in_refused', { staffNo: member.staffNo, why: 'busy' });
      if (isIdle) this.#setPad({ isChecking: false, refusal: 'busy', staffNo: null });
      return;
    }
    this.#o.acts.begin();
    // Whoever forces somebody may read the record with them.
    const said = how === 'duress' ? { how: 'pin', [hiddenInRecord]: true } : { how };
    if (!this.#note(member.staffNo, 'signed_in', { ...said, role: member.role })) {
      // What cannot be put on record is not begun.
      this.#sessions.end('not_on_record');
      return;
    }
    this.#changed();
  }

  #ended(session: ServiceSession, why: string): void {
    this.#wantsPinFor = null;
    this.#isLogShown = false;
    this.#o.tests.end();
    this.#note(session.staffNo, 'session_ended', { why });
    this.#o.keeper.sessionEnded();
    // Whoever it was has gone, and the cabinet is not shut.
    if (this.#isAtWork && why !== 'stopped') this.#o.tellStaff(`service_left_open: ${session.staffNo}`);
    this.#changed();
  }

  #do(sessionId: string, act: ServiceAct, perform: (session: ServiceSession) => void): IpcResult<null> {
    const judged = this.#sessions.judge(sessionId, act);
    if (!judged.ok) {
      const { code } = judged.error;
      const { current } = this.#sessions;
      if (code === 'fresh_pin') this.#wantsPinFor = act;
      else this.#noteRefused(current?.staffNo ?? '-', 'act_refused', { act, why: code });
      this.#changed();
      return fail('forbidden', code);
    }
    perform(judged.value);
    this.#changed();
    return done;
  }

  /** Once in each run of the program. */
  #logBroken(where: string): void {
    if (!this.#isLogBrokenTold) this.#o.tellStaff(`service_log_broken: ${where}`);
    this.#isLogBrokenTold = true;
  }

  /** To whoever forces them it looks as it always does. */
  #tellDuress({ member, how }: LetIn): void {
    if (how === 'duress') this.#o.tellStaff(`service_duress: ${member.staffNo}`);
  }

  /** Once a minute at most: a page that calls without end must not push out what was done. */
  #noteRefused(actor: string, what: string, data: Readonly<Record<string, unknown>>): void {
    const nowMs = this.#o.clock.monotonicMs();
    if (nowMs < (this.#refusedNotedMs.get(what) ?? -Infinity) + refusedNotedAgainMs) return;
    this.#refusedNotedMs.set(what, nowMs);
    this.#note(actor, what, data);
  }

  #noteSignInRefused(staffNo: string, why: SignInRefusal): void {
    // Waits are many, and say nothing new.
    if (why === 'wait') return;
    // Without a list nothing is a try, and no wait makes them few.
    if (why === 'no_list' || why === 'list_old') this.#noteRefused('-', 'sign_in_refused', { staffNo, why });
    else this.#note('-', 'sign_in_refused', { staffNo, why });
  }

  #showPad(staffNo: string | null): IpcResult<null> {
    if (this.#sessions.current !== null) return fail('stale', 'signed in');
    if (this.#settingPin !== null || (this.#pad !== null && staffNo === null)) {
      this.#padTimer();
      return done;
    }
    if (!idleStates.includes(this.#o.visitState())) return fail('stale', 'a shopper is served');
    if (this.#pad?.isChecking === true) return done;
    this.#setPad({ isChecking: false, refusal: null, staffNo });
    return done;
  }

  #setPad(pad: Pad): void {
    this.#pad = pad;
    this.#padTimer();
    this.#changed();
  }

  #hidePad(): void {
    this.#cancelPad();
    if (this.#pad === null && this.#settingPin === null) return;
    this.#pad = null;
    this.#settingPin = null;
    this.#changed();
  }

  #padTimer(): void {
    this.#cancelPad();
    this.#cancelPad = this.#o.clock.after(padMaxMs, () => {
      this.#hidePad();
    });
  }

  #note(actor: string, act: string, data: Readonly<Record<string, unknown>>): boolean {
    const noted = this.#o.log.append({ atMs: this.#o.nowMs(), actor, act, data });
    if (!noted.ok) this.#o.logger.error('service.not_logged', { act, error: noted.error });
    this.#o.logger.info(`service.${act}`, { actor });
    return noted.ok;
  }

  #changed(): void {
    this.#listeners.emit();
  }
}

const notSignedIn = fail('forbidden', 'no_session');
