import {
  type Availability,
  type AvailabilityInputs,
  isDoorForced,
} from '../../core/availability/availability.ts';
import { readMemberCode } from '../../core/identity/member-code.ts';
import { inNumber } from '../../core/visit/visit-actions.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import { type InventoryLine, leastOf } from '../../core/recognition/inventory.ts';
import type { InventoryEstimator, Observation } from '../../core/recognition/inventory-estimator.ts';
import { type VisitEvent, isRecordEffect } from '../../core/visit/visit-model.ts';
import { type Visit, type VisitChart, mustSurvive } from '../../core/visit/visit.ts';
import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import {
  type ChargeId,
  type VisitId,
  idRandomByteCount,
  makeChargeId,
  makeVisitId,
} from '../../shared/ids.ts';
import type { DeviceHealth, DeviceTrouble, DoorState } from '../../shared/model/device.ts';
import type { StockMark } from '../../shared/model/visit.ts';
import type { AnsweredScan } from '../../shared/model/visit.schema.ts';
import { ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import { operatorClock } from '../operator/operator-clock.ts';
import { AvailabilityAlarms } from './availability-alarms.ts';
import { AvailabilityMonitor } from './availability-monitor.ts';
import { DeviceStatus } from './device-status.ts';
import { HeldUp } from './held-up.ts';
import { LostReadings } from './lost-readings.ts';
import { restoreVisit } from './restore-visit.ts';
import { ScanAnswers } from './scan-answers.ts';
import { ShelfReader } from './shelf-reader.ts';
import { ShelfWatch } from './shelf-watch.ts';
import { VisitEventQueue } from './visit-event-queue.ts';
import { VisitEffects } from './visit-effects.ts';
import type { VisitPorts, VisitRecords } from './visit-records.ts';
import { VisitRecorder } from './visit-recorder.ts';
import { VisitWait } from './visit-wait.ts';

/** After the start, devices get this long before their absence is news. */
const startGraceMs = 15_000;
/** After the staff has shut the door the shelf is read closely for so long, so that what they have changed is counted, ms. */
const staffCountMs = 30_000;

/**
 * Runs the visit: one queue, one event at a time. For each event the chart decides; the new state, its records and what
 * staff is told are committed in one transaction; only then are the other effects performed. If the commit fails, the
 * event has not happened: before the bolt has moved the shopper is refused, afterwards the same event is tried again until
 * it holds.
 */
export class VisitLoop {
  readonly #chart: VisitChart;
  readonly #ports: VisitPorts;
  readonly #clock: Clock;
  /** The cabinet's: a stored visit is as old as this says, for its stamp is of it too (restore-visit.ts). */
  readonly #ownClock: Clock;
  readonly #logger: Logger;
  readonly #visitListeners: Listeners<Visit>;
  readonly #changeListeners: Listeners;
  readonly #devices = new DeviceStatus();
  readonly #shelf: ShelfReader;
  readonly #shelfWatch: ShelfWatch;
  readonly #lostReadings: LostReadings;
  readonly #recorder: VisitRecorder;
  readonly #effects: VisitEffects;
  readonly #monitor: AvailabilityMonitor;
  readonly #availabilityAlarms: AvailabilityAlarms;
  readonly #queue: VisitEventQueue;
  readonly #startedMs: number;
  /** Monotonic: when the staff has shut the door last. */
  #staffShutMs = Number.NEGATIVE_INFINITY;
  /** Monotonic: until then the staff wants it read closely. */
  #closeUntilMs = Number.NEGATIVE_INFINITY;
  #visit: Visit;
  /** What the listeners were last called with. */
  #lastEmitted: Visit;
  readonly #heldUp: HeldUp;
  readonly #scanAnswers = new ScanAnswers();
  /** Events that nothing in the visit has answered to. */
  readonly #unanswered = new WeakSet<VisitEvent>();
  /** The wait in hand; and the one in total, which runs on beside it whatever begins anew. */
  readonly #wait: VisitWait;
  readonly #total: VisitWait;

  constructor(options: {
    chart: VisitChart;
    ports: VisitPorts;
    records: VisitRecords;
    /** Makes lines of goods out of what the sensors report. */
    estimator: InventoryEstimator;
    clock: Clock;
    logger: Logger;
  }) {
    this.#chart = options.chart;
    this.#ports = options.ports;
    // All that the visit has on record, and tells, is in the operator's time as far as that is known.
    const clock = operatorClock(options.clock, () => options.ports.operatorNowMs());
    this.#clock = clock;
    this.#ownClock = options.clock;
    this.#heldUp = new HeldUp({
      clock,
      onUnwatched: () => {
        this.dispatch({ type: 'unrecorded' });
      },
    });
    const waits = this.#heldUp.clock;
    this.#wait = new VisitWait(waits, (seq) => {
      this.dispatch({ type: 'timer', seq });
    });
    this.#total = new VisitWait(waits, (seq) => {
      this.dispatch({ type: 'overdue', seq });
    });
    this.#logger = options.logger;
    this.#visitListeners = new Listeners(options.clock);
    this.#changeListeners = new Listeners(options.clock);
    this.#shelf = new ShelfReader({
      clock: waits,
      devices: this.#devices,
      estimator: options.estimator,
      expired: () => options.records.stock?.expired() ?? new Map(),
      pastDay: () => options.records.stock?.pastDay() ?? new Map(),
      promotions: () => options.ports.promotions?.() ?? null,
      isReaderFit: () => this.#devices.isReady('tag-reader') && !this.#lostReadings.isOut,
      visit: () => this.#visit,
      dispatch: (event) => this.dispatch(this.#inTime(event)),
    });
    const { records, ports, logger } = options;
    this.#shelfWatch = new ShelfWatch({
      shelf: this.#shelf,
      goodsInDoubt: records.goodsInDoubt,
      clock,
      logger,
      door: () => this.#devices.door,
      visitRuns: () => mustSurvive(this.#visit),
      isStaffAtWork: () => this.isStaffAtWork,
      reportVanished: (visitId) => {
        this.#effects.raiseAlarm('device_fault', { visitId, detail: 'goods_vanished' });
      },
      reportFoundAgain: (visitId) => {
        this.#effects.raiseAlarm('device_fault', { visitId, detail: 'goods_found_again' });
      },
      reportAtOdds: (lane) => {
        this.#effects.raiseAlarm('device_fault', { visitId: null, detail: `scale_at_odds:${lane}` });
      },
      onChange: () => {
        this.#changeListeners.emit();
      },
    });
    // Of the estimator, beside the visit: after a restart it goes on with the same goods.
    const memory = (): unknown => this.#shelf.memory();
    this.#recorder = new VisitRecorder({ records, ports, clock, logger, memory });
    this.#lostReadings = new LostReadings({ records, clock, logger });
    this.#effects = new VisitEffects({
      ports,
      lostReadings: this.#lostReadings,
      ifUndone: (undo) => {
        records.ifUndone(undo);
      },
      shelf: this.#shelf,
      clock,
      logger,
      visit: () => this.#visit,
      dispatch: (event) => this.dispatch(this.#inTime(event)),
    });
    this.#availabilityAlarms = new AvailabilityAlarms({
      clock,
      raise: (kind, about) => {
        this.#effects.raiseAlarm(kind, about);
      },
    });
    this.#monitor = new AvailabilityMonitor({
      clock,
      logger,
      isInUse: () => !['attract', 'outOfService', 'recovering'].includes(this.#visit.state),
      inputs: () => this.#availabilityInputs(),
      beforeEvaluation: () => this.#beforeEvaluation(),
      onEvaluated: (availability, hasChanged) => this.#onAvailability(availability, hasChanged),
    });
    this.#startedMs = options.clock.monotonicMs();
    this.#visit = this.#lastEmitted = this.#chart.start();
    this.#queue = new VisitEventQueue({
      clock: options.clock,
      retryMs: visitLimits.commitRetryMs,
      lateMs: visitLimits.commitLateMs,
      apply: (event) => this.#apply(event),
      drained: () => {
        const hasChanged = this.#visit !== this.#lastEmitted;
        const isAnswerNew = this.#scanAnswers.takeNews();
        if (!hasChanged && !isAnswerNew) return;
        this.#lastEmitted = this.#visit;
        this.#heldUp.show(inNumber(this.#visit.context));
        if (hasChanged) this.#visitListeners.emit(this.#visit);
        this.#changeListeners.emit();
      },
    });
  }

  get visit(): Visit {
    return this.#visit;
  }
  /** Whether a visit may begin; service mode, and updates once there are any, take the cabinet out of service by it. */
  get availability(): AvailabilityMonitor {
    return this.#monitor;
  }
  /** How long the current wait has been running, ms. */
  get timerElapsedMs(): number {
    return this.#clock.monotonicMs() - this.#wait.startedMs;
  }
  /** As the lock last said; `unknown` while nobody can tell. */
  get door(): DoorState {
    return this.#devices.door;
  }
  /** Each of several doors, the first one first. */
  get doors(): readonly DoorState[] {
    return this.#devices.doors ?? [this.#devices.door];
  }
  get readerTrouble(): boolean {
    return !this.#shelf.isAlive;
  }
  /** Of which products there is no or one piece, as the shelf was read last between visits. */
  get stock(): Readonly<Record<string, StockMark>> {
    return this.#shelfWatch.stock;
  }
  /** What lies inside, by SKU, as the shelf was read between visits; null: not settled. */
  get stockCounts(): ReadonlyMap<string, number> | null {
    return this.#shelf.counts;
  }
  /** The tags of those. */
  get stockTags(): ReadonlyMap<string, readonly string[]> | null {
    return this.#shelf.tags;
  }
  /** Somebody of the staff is at work: nothing is sold, and what leaves is theirs. */
  get isStaffAtWork(): boolean {
    return this.#monitor.availability.state === 'maintenance';
  }
  /** What devices have said last of themselves. */
  get deviceHealth(): readonly DeviceHealth[] {
    return this.#devices.health;
  }
  /** Staff says that the shelf is right as it is: what has fallen silent so far is no news. */
  acceptShelf(): void {
    this.#shelf.acceptVanished();
  }
  /** For staff: the shelf is read without a pause for so long from now on, while they are at work. */
  readClosely(ms: number): void {
    this.#closeUntilMs = this.#clock.monotonicMs() + ms;
    this.#choosePollMode();
  }
  /** For staff: the device because of which nothing is sold now. */
  get deviceTrouble(): DeviceTrouble | null {
    const { availability } = this.#monitor;
    if (availability.state !== 'outOfService') return null;
    const { reason } = availability;
    const trouble = this.#devices.troubleBehind(reason);
    if (trouble !== null || reason !== 'reader_unreachable' || !this.#lostReadings.isOut) return trouble;
    return { kind: 'tag-reader', code: 'fault.unreadable' };
  }
  /** The last scan that led to no other screen. */
  get scanAnswer(): AnsweredScan | null {
    return this.#scanAnswers.last;
  }

  /**
   * Calls the listener with each new state of the visit; nothing of a turn of the queue before its last. Returns the
   * way to stop it.
   */
  onVisitChanged(listener: (visit: Visit) => void): () => void {
    return this.#visitListeners.add(listener);
  }
  /** As `onVisitChanged`, and also when only what is shown beside the visit has changed (`readerTrouble`). */
  onChange(listener: () => void): () => void {
    return this.#changeListeners.add(listener);
  }

  /** Takes up the visit that a restart interrupted, if there is one, and begins to look at the world. */
  start(): void {
    this.#heldUp.start();
    this.#takeUpStoredVisit();
    this.#monitor.evaluate();
  }

  /**
   * Until the database has said whether a visit was interrupted, and one that cannot be read is out of the way of the
   * next, nothing is sold; it is asked again and again.
   */
  #takeUpStoredVisit(): void {
    const tell = (visitId: VisitId): void => {
      this.#effects.raiseAlarm('device_fault', { visitId, detail: 'visit_unreadable' });
    };
    this.#recorder.load((row) => {
      const restored = restoreVisit(row, {
        chart: this.#chart,
        shelf: this.#shelf,
        nowMs: this.#ownClock.nowMs(),
      });
      if (!restored.ok) return restored;
      this.#visit = restored.value;
      this.#heldUp.watch(true);
      this.#logger.info('visit.resumed', { visitId: row.visitId });
      this.dispatch({ type: 'resumed' });
      this.#dispatchDoor();
      return ok();
    }, tell);
  }

  stop(): void {
    this.#queue.stop();
    this.#heldUp.stop();
    this.#wait.stop();
    this.#total.stop();
    this.#monitor.stop();
    this.#availabilityAlarms.stop();
    this.#effects.stop();
  }

  // What people do.

  /** Answers false when the basket on screen was not the current one any more. */
  confirm(revision: number): boolean {
    if (revision !== this.#visit.context.basket.revision) return false;
    const answer = this.dispatch({ type: 'confirm', revision });
    return answer !== 'unanswered' && this.#visit.context.confirmed !== null;
  }

  /** Bytes of a code, from the scanner. Form and date are checked here, the rest by the operator. */
  scanned(text: string): void {
    const code = readMemberCode(text, this.#ports.operatorNowMs());
    const event: VisitEvent = code.ok
      ? { type: 'codeScanned', code: text, ...this.#newIds(this.#clock.nowMs()) }
      : { type: 'codeRefused', reason: code.error.code };
    if (!this.#queue.retrying && !this.isTooLate) {
      this.dispatch(event);
      return;
    }
    // The disk refuses, and the queue tries its first event again; or it has blocked everything for a while. A code that waited
    // behind that would open the door for whoever stands there then. So it is answered at once, as one that led nowhere.
    this.#scanAnswers.answer(this.#visit, this.#visit, event);
    this.#scanAnswers.takeNews();
    this.#changeListeners.emit();
  }

  /** Everything was held up: what is told now may have come so long ago that it lets nobody in any more. */
  get isTooLate(): boolean {
    return this.#heldUp.isTooLate;
  }

  /** An answer that lets somebody in, and was held up on its way here: whoever it is about may be gone. */
  #inTime(event: VisitEvent): VisitEvent {
    const letsIn = event.type === 'authorised' || event.type === 'baseline';
    return letsIn && this.isTooLate ? { type: 'refused', reason: 'system.storage_fault' } : event;
  }

  /** A face was recognised, by `main/face`, and not too late. */
  recognised(memberId: string): void {
    this.dispatch({ type: 'faceAccepted', memberId, ...this.#newIds(this.#clock.nowMs()) });
  }

  #newIds(nowMs: number): { visitId: VisitId; chargeId: ChargeId } {
    return {
      visitId: makeVisitId(nowMs, this.#ports.random.bytes(idRandomByteCount)),
      chargeId: makeChargeId(nowMs, this.#ports.random.bytes(idRandomByteCount)),
    };
  }

  // What devices say.

  deviceEvent(event: DeviceEvent): void {
    this.#heldUp.look();
    const troubleBefore = this.deviceTrouble?.code;
    this.#devices.update(event);
    if (this.deviceTrouble?.code !== troubleBefore) this.#changeListeners.emit();
    this.#shelf.observe(event);
    if (event.type === 'health' && mustSurvive(this.#visit)) this.#lostReadings.observe(event.devices);
    switch (event.type) {
      case 'door':
      case 'hostGone':
        this.#dispatchDoor();
        this.#monitor.evaluate();
        break;
      case 'health':
        this.#monitor.evaluate();
        break;
      case 'code':
        this.scanned(event.text);
        break;
      case 'tags':
      case 'weight':
        // Evidence: the shelf reader says what it changes.
        break;
      case 'temperature':
      case 'hostStarted':
        break;
      default:
        unreachable(event);
    }
  }

  /** A camera inside sees something, or nothing. */
  seen(observation: Extract<Observation, { kind: 'image' }>): void {
    this.#shelf.see(observation);
  }

  /**
   * A door that shuts behind a commit that failed, or while one held everything up: the visit hears of it later, and what stood
   * on the screen bounds the bill.
   */
  #dispatchDoor(): void {
    const { door, doors } = this.#devices;
    if (door === 'closed' && this.isStaffAtWork) this.#staffShutMs = this.#clock.monotonicMs();
    const shown = door === 'closed' ? this.#shownBehind() : null;
    const each = doors && { doors };
    this.dispatch({
      type: 'door',
      door,
      ...each,
      atMs: this.#clock.nowMs(),
      ...(shown && { inNumber: shown }),
    });
    if (door !== 'closed' && this.#heldUp.isUnwatched) this.dispatch({ type: 'unrecorded' });
  }

  /** What was in the number as that happened which is told late; null: nothing is late. */
  #shownBehind(): readonly InventoryLine[] | null {
    const before = this.#heldUp.shown;
    if (before === null && !this.#queue.retrying) return null;
    const lines = inNumber(this.#visit.context);
    return before === null ? lines : leastOf(before, lines);
  }

  /** Something outside changed that decides whether the cabinet can sell (catalogue, enrolment). */
  availabilityInputsChanged(): void {
    this.#monitor.evaluate();
  }

  // The queue.

  /** `unanswered`: nothing in the visit answers to it now, or too much waits; it is lost, and whoever meant it must be told. */
  dispatch(event: VisitEvent): 'unanswered' | undefined {
    if (this.#queue.retrying && this.#isVoidLater(event)) return 'unanswered';
    if (movesBolt(event) && this.isTooLate) return 'unanswered';
    if (!this.#queue.add(event)) {
      this.#logger.error('visit.queue_full', { dropped: event.type });
      return 'unanswered';
    }
    return this.#unanswered.delete(event) ? 'unanswered' : undefined;
  }

  /** A touch that must not wait behind a commit that failed. */
  #isVoidLater(event: VisitEvent): boolean {
    // It would move the bolt later, for whoever stands there then.
    if (movesBolt(event)) return true;
    // Nothing on the screen asks for it now: later something may.
    const isOfBasket = event.type === 'confirm' || event.type === 'report';
    return isOfBasket && !this.#chart.step(this.#visit, event).handled;
  }

  /** False when the commit failed and the event must be tried again. */
  #apply(event: VisitEvent): boolean {
    const before = this.#visit;
    const hasHappened = this.#step(before, event);
    if (hasHappened) this.#scanAnswers.answer(before, this.#visit, event);
    return hasHappened;
  }

  #step(before: Visit, event: VisitEvent): boolean {
    const beganMs = this.#clock.monotonicMs();
    const step = this.#chart.step(before, event);
    if (!step.handled) {
      if (event.type === 'evidence') return this.#recorder.keepMemory(before);
      this.#logger.debug('visit.unhandled', { type: event.type, state: before.state });
      return this.#leaveUnanswered(event);
    }
    // The door has opened again behind it: the closing by which this would end the visit is over, and another one will.
    if (mustSurvive(before) && !mustSurvive(step.visit) && this.#queue.opensLater) {
      return this.#leaveUnanswered(event);
    }
    const records = step.effects.filter(isRecordEffect);
    const tell = (): void => {
      this.#effects.tell(step.effects, step.visit);
    };
    if (records.length > 0 || mustSurvive(before) || mustSurvive(step.visit)) {
      if (!this.#recorder.commit({ before, visit: step.visit, event }, records, tell)) {
        // A visit that is on record: the event is tried again. Else nothing is lost but a shopper's way in.
        // And a touch that moves the bolt: later it would do so for whoever stands there then.
        if (mustSurvive(before)) return movesBolt(event) && this.#leaveUnanswered(event);
        this.#queue.first({ type: 'refused', reason: 'system.storage_fault' });
        return true;
      }
    } else tell();
    this.#visit = step.visit;
    if (before.state !== step.visit.state) {
      this.#logger.info('visit.state', { from: before.state, to: step.visit.state, on: event.type });
      this.#entered(step.visit);
    }
    this.#wait.goOn(before.context.timer, step.visit.context.timer);
    this.#total.goOn(before.context.total, step.visit.context.total);
    this.#heldUp.watch(mustSurvive(step.visit));
    const isLate = this.#clock.monotonicMs() - beganMs > visitLimits.entryLateMs;
    for (const effect of step.effects) {
      // The commit took its time: the bolt stays where it is, for whoever it was meant for may be gone.
      if (isLate && effect.type === 'unlock') this.#queue.first({ ...effect, type: 'unlockFailed' });
      else this.#effects.perform(effect);
    }
    return true;
  }

  /** It has had its turn, and nothing came of it. */
  #leaveUnanswered(event: VisitEvent): true {
    this.#unanswered.add(event);
    return true;
  }

  #entered(visit: Visit): void {
    this.#choosePollMode();
    this.#shelf.onStateEntered(visit.state);
    // An open door needs another explanation from now on.
    if (['attract', 'receipt', 'nothingCharged'].includes(visit.state)) this.#monitor.evaluate();
  }

  /** After a start the reader's rhythm is learned first, so that the first shopper's basket is as quick as any. */
  #choosePollMode(): void {
    const isActive =
      this.#chart.isPolledActively(this.#visit) ||
      this.#starting ||
      this.#lostReadings.isOut ||
      this.#isCountingForStaff;
    this.#ports.devices.setPollMode(isActive ? 'active' : 'idle');
  }

  get #isCountingForStaff(): boolean {
    const isLately = this.#clock.monotonicMs() - this.#staffShutMs < staffCountMs;
    if (!this.isStaffAtWork) return false;
    return this.#clock.monotonicMs() < this.#closeUntilMs || (isLately && this.stockCounts === null);
  }

  // Whether a visit may begin.

  #onAvailability(availability: Availability, hasChanged: boolean): void {
    const available = availability.state === 'available';
    const { state, context } = this.#visit;
    // After a start, and with a visit that was taken up, the visit does not know yet.
    if (hasChanged || state === 'recovering' || context.available !== available) {
      this.dispatch({ type: 'availabilityChanged', available, isDoorForced: isDoorForced(availability) });
    }
    const isOnTrial = this.#devices.isOnTrial || this.#lostReadings.isOnTrial;
    this.#availabilityAlarms.note(availability, { hasChanged, isOnTrial, visit: this.#visit });
    if (hasChanged) this.#changeListeners.emit();
  }

  #beforeEvaluation(): void {
    this.#shelfWatch.look();
    this.#lostReadings.look(this.#devices.isReady('tag-reader') && this.#shelf.isAlive);
    this.#probeStorage();
    this.#choosePollMode();
  }

  /**
   * A visit in hand tries its own commit again; without one nothing else would ever notice that there is room again.
   */
  #probeStorage(): void {
    if (this.#queue.retrying || !this.#recorder.isProbeDue) return;
    if (this.#recorder.hasLoaded) this.#recorder.probe();
    else this.#takeUpStoredVisit();
  }

  get #starting(): boolean {
    return this.#clock.monotonicMs() - this.#startedMs < startGraceMs;
  }

  #availabilityInputs(): AvailabilityInputs {
    return {
      storage: this.#recorder.isOk && this.#ports.canPersistCharges() ? 'ok' : 'failed',
      enrolled: this.#ports.enrolled(),
      catalogLoaded: this.#ports.catalog() !== null,
      lockReady: this.#devices.isReady('lock'),
      readerReady: this.#devices.isReady('tag-reader') && this.#shelf.isUseful,
      losesReadings: this.#lostReadings.isOut,
      isOverCapacity: this.#shelfWatch.capacity === 'beyond',
      isNothingHeard: this.#shelfWatch.isEmpty,
      isTooWarm: this.#ports.isTooWarm?.() ?? false,
      door: this.#devices.door,
      visitRuns: mustSurvive(this.#visit),
      starting: this.#starting,
    };
  }
}

/** A touch that moves a bolt. */
function movesBolt(event: VisitEvent): boolean {
  return event.type === 'unlockAgain' || event.type === 'openDoor';
}
