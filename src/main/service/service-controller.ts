import type { ServiceSession } from '../../core/service/session.ts';
import type { StaffMember } from '../../core/service/staff-list.ts';
import { mayDo, needsPin } from '../../core/service/acts.ts';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import type { Clock } from '../../shared/clock.ts';
import type { IpcResult } from '../../shared/ipc/table.schema.ts';
import type { GoodsOrder } from '../../shared/model/goods-order.schema.ts';
import type { DoorState } from '../../shared/model/device.ts';
import type { TestOrder } from '../../shared/model/self-test.schema.ts';
import type { TestStep } from '../../shared/model/self-test.ts';
import type { ServiceOrder } from '../../shared/model/service-order.schema.ts';
import type { PinPad } from '../../shared/model/pin-pad.schema.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import { type LeaveRefusal, type ServiceAct, serviceActs } from '../../shared/model/service.ts';
import type { Random } from '../../shared/random.ts';
import { fail, ok } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MaintenanceKeeper } from './maintenance-keeper.ts';
import type { LetIn, ServiceAccess } from './service-access.ts';
import { type ServiceActs, hiddenInRecord } from './service-acts.ts';
import { ServiceEntry } from './service-entry.ts';
import type { ServiceLog } from './service-log.ts';
import { ServiceNotes } from './service-notes.ts';
import type { SelfTests } from './self-tests.ts';
import { ServiceSessions } from './service-session.ts';
import { SessionPad } from './session-pad.ts';

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
  /** Each, the first one first. */
  readonly doors: () => readonly DoorState[];
  readonly isOnline: () => boolean;
  readonly clock: Clock;
  /** The operator's time, for the record. */
  readonly nowMs: () => number;
  readonly random: Pick<Random, 'bytes'>;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * Service mode as it stands: closed, the number pad, a new PIN, or somebody signed in. Every call is judged here; the page says
 * what is wanted, and gets a picture of what is. Of the number pad, which is the PIN view's, it gets none.
 */
export class ServiceController {
  readonly #o: ServiceControllerOptions;
  readonly #sessions: ServiceSessions;
  readonly #listeners: Listeners;
  readonly #notes: ServiceNotes;
  readonly #entry: ServiceEntry;
  readonly #pad: SessionPad;
  /** In the middle of a session; before one the way in knows it. */
  #isPadLost = false;
  #isLogShown = false;

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
    this.#notes = new ServiceNotes(options);
    let lastPadId = 0;
    const ofPads = {
      nextPadId: () => ++lastPadId,
      clock: options.clock,
      onChange: () => {
        this.#changed();
      },
    };
    this.#entry = new ServiceEntry({
      access: options.access,
      notes: this.#notes,
      isIdle: () => this.#isIdle,
      isSignedIn: () => this.#sessions.current !== null,
      begin: (member, how) => {
        this.#begin(member, how);
      },
      ...ofPads,
    });
    this.#pad = new SessionPad({
      access: options.access,
      acts: options.acts,
      notes: this.#notes,
      sessions: this.#sessions,
      ...ofPads,
    });
    options.tests.onChange(() => {
      this.#changed();
    });
    options.acts.onLeaving((then) => {
      this.#sessions.end('left');
      then();
    });
    options.acts.onChange(() => {
      this.#changed();
    });
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    this.#notes.start();
    this.#o.keeper.start();
  }

  stop(): void {
    this.#entry.stop();
    this.#notes.stop();
    this.#sessions.end('stopped');
    this.#o.keeper.stop();
  }

  // The way in (service-entry.ts), and the pad of whoever is in (session-pad.ts).

  knock(): IpcResult<null> {
    return this.#entry.knock();
  }
  /** Somebody types: the pad stays. */
  typed(): IpcResult<null> {
    return this.#pad.isShown ? this.#pad.typed() : this.#entry.knock();
  }
  /** True: it was for the staff, for nobody else. */
  scanned(text: string): boolean {
    if (this.#o.tests.scanned() || this.#entry.scanned(text)) return true;
    if (this.#sessions.current === null || !this.#o.acts.scanned(text)) return false;
    this.#changed();
    return true;
  }
  /** Away from the pad. */
  close(): IpcResult<null> {
    if (!this.#pad.isShown) return this.#entry.close();
    this.#pad.end();
    return done;
  }
  /** Away from what says that the pad was lost: all that the page may close. */
  putAway(): IpcResult<null> {
    return this.#entry.isLost ? this.#entry.close() : fail('forbidden', 'the pad is not of the page');
  }
  /** What showed the pad has died, or the page below it. */
  padLost(): void {
    if (this.#sessions.current === null) {
      this.#entry.lost();
      return;
    }
    this.#isPadLost = true;
    this.#pad.end();
  }
  signIn(staffNo: string, secret: string): IpcResult<null> {
    return this.#entry.signIn(staffNo, secret);
  }
  setPin(pin: string, again: string): IpcResult<null> {
    return this.#pad.isShown ? this.#pad.setPin(pin, again) : this.#entry.setPin(pin, again);
  }
  /** The PIN of whoever is signed in, for the act that the pad names. */
  confirmPin(pin: string): IpcResult<null> {
    return this.#pad.confirm(pin);
  }

  // Of a session.

  touch(sessionId: string): IpcResult<null> {
    return this.#sessions.touch(sessionId) ? done : notSignedIn;
  }

  leave(sessionId: string): IpcResult<null> {
    if (!this.#sessions.touch(sessionId)) return notSignedIn;
    this.#o.keeper.look();
    const why = this.#whyNotLeave;
    if (why !== null) {
      this.#changed();
      return fail('stale', why);
    }
    this.#sessions.end('left');
    return done;
  }

  openDoor(sessionId: string, door?: number): IpcResult<null> {
    return this.#do(sessionId, 'openDoor', (session) => this.#o.acts.openDoor(session.staffNo, door));
  }
  acceptStock(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'acceptStock', (session) => this.#o.acts.acceptStock(session.staffNo));
  }
  goods(sessionId: string, order: GoodsOrder): IpcResult<null> {
    return this.#do(sessionId, order.act, (session) => this.#o.acts.goods(session.staffNo, order));
  }
  acceptCooling(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'acceptCooling', (session) => this.#o.acts.acceptCooling(session.staffNo));
  }
  testDevice(sessionId: string, deviceId: string): IpcResult<null> {
    return this.#do(sessionId, 'testDevice', (session) => this.#o.acts.testDevice(session.staffNo, deviceId));
  }
  startTest(sessionId: string, order: TestOrder): IpcResult<null> {
    return this.#do(sessionId, 'selfTest', (session) => this.#o.acts.selfTest(session.staffNo, order));
  }
  answerTest(sessionId: string, step: TestStep, yes: boolean): IpcResult<null> {
    return this.#do(sessionId, 'selfTest', () => {
      this.#o.tests.answer(step, yes);
      return true;
    });
  }
  setLight(sessionId: string, on: boolean): IpcResult<null> {
    return this.#do(sessionId, 'setLight', (session) => this.#o.acts.setLight(session.staffNo, on));
  }
  sendCharges(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'sendCharges', (session) => this.#o.acts.sendCharges(session.staffNo));
  }
  changePin(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'changePin', (session) => {
      this.#pad.askNewPin(session);
      return true;
    });
  }
  order(sessionId: string, order: ServiceOrder): IpcResult<null> {
    return this.#do(sessionId, order.act, (session) => this.#o.acts.order(session.staffNo, order));
  }
  readLog(sessionId: string): IpcResult<null> {
    return this.#do(sessionId, 'readLog', (session) => {
      this.#isLogShown = true;
      this.#notes.note(session.staffNo, 'readLog', {});
      return true;
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
    if (!this.#isIdle && this.#sessions.current === null) this.#entry.hide();
  }
  /** Roles may have changed, or somebody works here no more. */
  staffChanged(): void {
    this.#sessions.look();
    this.#entry.staffChanged();
    this.#changed();
  }

  // The picture.

  get #isShown(): boolean {
    return this.#entry.isShown || this.#isAtWork;
  }
  get #isIdle(): boolean {
    return idleStates.includes(this.#o.visitState());
  }
  get #isAtWork(): boolean {
    return this.#o.keeper.current !== null;
  }

  get #whyNotLeave(): LeaveRefusal | null {
    return this.#o.keeper.whyNotLeave ?? this.#o.acts.whyNotLeave;
  }

  /** What the PIN view draws; null: there is none. Never while a visit runs. */
  padView(): PinPad | null {
    const { keeper, door } = this.#o;
    if (this.#sessions.current !== null) return this.#pad.view(keeper.isUnbilled);
    const entry = this.#entry.view(this.#isAtWork);
    return entry?.screen === 'signIn' ? { ...entry, door: door() } : entry;
  }

  /** Of the page; null: closed. */
  view(): ServiceView | null {
    const { acts, keeper, door, doors, isOnline } = this.#o;
    const session = this.#sessions.current;
    if (session === null) {
      const { isLost } = this.#entry;
      if (!isLost && this.padView() === null) return null;
      return { screen: 'covered', isPadLost: isLost, isAtWork: this.#isAtWork, door: door() };
    }
    const { id, name, role } = session;
    return {
      screen: 'open',
      sessionId: id,
      name,
      role,
      acts: serviceActs.filter((act) => mayDo(role, act)),
      door: door(),
      doors: doors().length > 1 ? [...doors()] : [],
      isUnbilled: keeper.isUnbilled,
      whyNotLeave: this.#whyNotLeave,
      isPadLost: this.#isPadLost,
      last: acts.last,
      isBusy: acts.isBusy,
      endsInMs: Math.round(this.#sessions.endsInMs),
      ...acts.overview((act) => mayDo(role, act)),
      isOnline: isOnline(),
      log: this.#isLogShown ? acts.logEntries() : null,
    };
  }

  #begin(member: StaffMember, how: LetIn['how']): void {
    this.#entry.hide();
    const isIdle = this.#isIdle;
    const session = isIdle && this.#o.keeper.begin(member.staffNo) ? this.#sessions.begin(member) : null;
    if (session === null) {
      this.#notes.note('-', 'sign_in_refused', { staffNo: member.staffNo, why: 'busy' });
      if (isIdle) this.#entry.refuse('busy');
      return;
    }
    this.#o.acts.begin();
    // Whoever forces somebody may read the record with them.
    const said = how === 'duress' ? { how: 'pin', [hiddenInRecord]: true } : { how };
    if (!this.#notes.note(member.staffNo, 'signed_in', { ...said, role: member.role })) {
      // What cannot be put on record is not begun.
      this.#sessions.end('not_on_record');
      return;
    }
    this.#changed();
  }

  #ended(session: ServiceSession, why: string): void {
    this.#pad.end();
    this.#isPadLost = false;
    this.#isLogShown = false;
    this.#o.tests.end();
    this.#o.acts.end();
    this.#notes.note(session.staffNo, 'session_ended', { why });
    this.#o.keeper.sessionEnded();
    // Whoever it was has gone, and the cabinet is not shut.
    if (this.#isAtWork && why !== 'stopped') this.#o.tellStaff(`service_left_open: ${session.staffNo}`);
    this.#changed();
  }

  /**
   * `perform`: false, and nothing is done, while another act is under way. What wants the PIN is asked for first, by main, in
   * its own words, and then done as it was ordered; while somebody is asked nothing else is begun.
   */
  #do(
    sessionId: string,
    act: ServiceAct,
    perform: (session: ServiceSession) => boolean,
    hasPin = false,
  ): IpcResult<null> {
    const judged = this.#sessions.judge(sessionId, act, hasPin);
    const { current } = this.#sessions;
    if (!judged.ok && judged.error.code !== 'pin') {
      const { code } = judged.error;
      this.#notes.refused(current?.staffNo ?? '-', 'act_refused', { act, why: code });
      this.#changed();
      return fail('forbidden', code);
    }
    if (this.#pad.isShown) return fail('stale', 'somebody is asked for a PIN');
    this.#isPadLost = false;
    if (!judged.ok) {
      if (current === null || !needsPin(act)) return notSignedIn;
      if (this.#o.acts.isBusy) return fail('stale', 'busy');
      this.#pad.askPin(current, act, () => {
        this.#do(sessionId, act, perform, true);
      });
      return fail('forbidden', 'pin');
    }
    const isBegun = perform(judged.value);
    this.#changed();
    return isBegun ? done : fail('stale', 'busy');
  }

  #changed(): void {
    this.#listeners.emit();
  }
}

const notSignedIn = fail('forbidden', 'no_session');
