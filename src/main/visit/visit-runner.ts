import { takeBaseline } from '../../core/basket/baseline-inventory.ts';
import { readMemberCode } from '../../core/identity/member-code.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import { type AvailabilityInputs, evaluateAvailability } from '../../core/availability/availability.ts';
import type { Credential, VisitEffect, VisitEvent, VisitStateName } from '../../core/visit/visit-model.ts';
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
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { DeviceHealth, DoorState } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { areReady } from './device-readiness.ts';
import { ShelfWatch } from './shelf-watch.ts';
import { VisitEventQueue } from './visit-event-queue.ts';
import { type VisitPorts, type VisitRecords, recordEffect } from './visit-records.ts';

/** After the start, devices get this long before their absence is news. */
const startGraceMs = 15_000;
/** A reading answers with what it has this long before the visit's own time-out. */
const forceBeforeMs = 200;
/** How often the slow facts (devices, baseline) are looked at again, ms. */
const evaluateEveryMs = 250;
/** After a commit that failed with nobody here, a small write shows whether the database takes anything again. */
const storageProbeEveryMs = 1_000;

/** States in which goods may be on the move: devices are watched closely. */
const closelyWatched: readonly VisitStateName[] = [
  'recovering',
  'identifyingByCode',
  'identifyingByFace',
  'authorising',
  'preparing',
  'unlocking',
  'shopping',
  'confirmed',
  'ajar',
  'checking',
  // The shelf as the shopper left it is the baseline of the next one, who may be waiting already.
  'receipt',
  'nothingCharged',
];

/**
 * Runs the visit: one queue, one event at a time. For each event the chart decides; the new state and its records are
 * committed in one transaction; only then are the other effects performed. If the commit fails, the event has not
 * happened: before the bolt has moved the shopper is refused, afterwards the same event is tried again until it holds.
 */
export class VisitRunner {
  readonly #chart: VisitChart;
  readonly #ports: VisitPorts;
  readonly #records: VisitRecords;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #visitListeners: Listeners<Visit>;
  readonly #changeListeners: Listeners<void>;
  readonly #watch: ShelfWatch;
  readonly #queue: VisitEventQueue;
  readonly #startedMs: number;
  #visit: Visit;
  /** What the listeners were last called with. */
  #lastEmitted: Visit;
  #readerWasAlive = false;
  #storageOk = true;
  /** The database has answered whether a visit was interrupted. */
  #takenUp = false;
  #storageTriedMs = 0;
  #timerStartedMs = 0;
  #cancelTimer: () => void = () => undefined;
  #cancelEvaluation: () => void = () => undefined;
  #door: DoorState = 'unknown';
  #health: readonly DeviceHealth[] = [];
  #baselineWanted = false;
  #finalMark: number | null = null;
  #stopped = false;

  constructor(options: {
    chart: VisitChart;
    ports: VisitPorts;
    records: VisitRecords;
    clock: Clock;
    logger: Logger;
  }) {
    this.#chart = options.chart;
    this.#ports = options.ports;
    this.#records = options.records;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#visitListeners = new Listeners(options.clock);
    this.#changeListeners = new Listeners(options.clock);
    this.#watch = new ShelfWatch(options.clock);
    this.#startedMs = options.clock.monotonicMs();
    this.#visit = this.#lastEmitted = this.#chart.start();
    this.#queue = new VisitEventQueue({
      clock: options.clock,
      retryMs: visitLimits.commitRetryMs,
      apply: (event) => this.#apply(event),
      drained: () => {
        if (this.#visit === this.#lastEmitted) return;
        this.#lastEmitted = this.#visit;
        this.#visitListeners.emit(this.#visit);
        this.#changeListeners.emit();
      },
    });
  }

  get visit(): Visit {
    return this.#visit;
  }
  /** How long the current wait has been running, ms. */
  get timerElapsedMs(): number {
    return this.#clock.monotonicMs() - this.#timerStartedMs;
  }
  get readerTrouble(): boolean {
    return !this.#watch.alive;
  }
  /** No shopper is being served: an update or a restart would hurt nobody. */
  get idle(): boolean {
    return !mustSurvive(this.#visit);
  }

  /** Calls the listener with each new state of the visit; nothing of a turn of the queue before its last. Returns the way to stop it. */
  onVisitChanged(listener: (visit: Visit) => void): () => void {
    return this.#visitListeners.add(listener);
  }
  /** As `onVisitChanged`, and also when only what is shown beside the visit has changed (`readerTrouble`). */
  onChange(listener: () => void): () => void {
    return this.#changeListeners.add(listener);
  }

  /** Takes up the visit that a restart interrupted, if there is one, and begins to look at the world. */
  start(): void {
    this.#takeUpStoredVisit();
    this.#evaluateAvailability();
  }

  /**
   * Until the database has said whether a visit was interrupted, and one that cannot be read is out of the way of the next, nothing is sold;
   * it is asked again and again.
   */
  #takeUpStoredVisit(): void {
    const stored = this.#records.loadActive();
    let failure = stored.ok ? null : stored.error;
    if (stored.ok && stored.value !== null) {
      const restored = this.#chart.restore(stored.value.state);
      if (restored.ok) {
        this.#visit = restored.value;
        this.#logger.info('visit.resumed', { visitId: restored.value.context.visitId });
        this.dispatch({ type: 'door', door: this.#door, atMs: this.#clock.nowMs() });
      } else {
        // Kept in the journal for a human; its charge stays open on record and shows up as unsettled.
        const quarantined = this.#records.quarantine(stored.value.visitId, stored.value.state);
        if (!quarantined.ok) failure = quarantined.error;
        this.#logger.error('visit.unreadable', { error: restored.error.message.slice(0, 300) });
      }
    }
    this.#takenUp = this.#storageOk = failure === null;
    this.#storageTriedMs = this.#clock.monotonicMs();
    if (failure !== null) this.#logger.error('visit.not_loaded', { error: failure });
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.stop();
    this.#cancelTimer();
    this.#cancelEvaluation();
  }

  // What people do.

  /** Answers false when the basket on screen was not the current one any more. */
  confirm(revision: number): boolean {
    if (revision !== this.#visit.context.basket.revision) return false;
    this.dispatch({ type: 'confirm', revision });
    return this.#visit.context.confirmed !== null;
  }

  /** Bytes of a code, from the scanner. Form and date are checked here, the rest by the operator. */
  scanned(text: string): void {
    const nowMs = this.#clock.nowMs();
    const code = readMemberCode(text, nowMs);
    if (!code.ok) {
      this.dispatch({ type: 'codeRefused', reason: code.error.code });
      return;
    }
    this.dispatch({ type: 'codeScanned', code: text, ...this.#newIds(nowMs) });
  }

  /** A face was recognised, by `main/face`. */
  recognised(memberId: string): void {
    this.dispatch({ type: 'faceAccepted', memberId, ...this.#newIds(this.#clock.nowMs()) });
  }

  #newIds(nowMs: number): { visitId: VisitId; chargeId: ChargeId } {
    return {
      visitId: makeVisitId(nowMs, this.#ports.randomBytes(idRandomByteCount)),
      chargeId: makeChargeId(nowMs, this.#ports.randomBytes(idRandomByteCount)),
    };
  }

  // What devices say.

  deviceEvent(event: DeviceEvent): void {
    switch (event.type) {
      case 'door':
        // Every report of a shut door that follows another one: it may have been open in between.
        if (event.door === 'closed' && this.#door !== 'closed') this.#watch.doorShut();
        this.#door = event.door;
        this.dispatch({ type: 'door', door: event.door, atMs: this.#clock.nowMs() });
        this.#evaluateAvailability();
        break;
      case 'tags':
        this.#watch.observe(event);
        this.#onShelfChanged();
        break;
      case 'code':
        this.scanned(event.text);
        break;
      case 'health':
        this.#health = event.devices;
        this.#evaluateAvailability();
        break;
      case 'hostGone':
        this.#door = 'unknown';
        this.#health = [];
        this.dispatch({ type: 'door', door: 'unknown', atMs: this.#clock.nowMs() });
        this.#evaluateAvailability();
        break;
      case 'hostStarted':
        break;
      case 'weight':
        // Baskets are by tags. A scale is watched (its health) and nothing is sold by weight.
        break;
      default:
        unreachable(event);
    }
  }

  /** Something outside changed that decides whether the cabinet can sell (catalogue, enrolment). */
  availabilityInputsChanged(): void {
    this.#evaluateAvailability();
  }

  // The queue.

  dispatch(event: VisitEvent): void {
    if (!this.#queue.add(event)) this.#logger.error('visit.queue_full', { dropped: event.type });
  }

  /** False when the commit failed and the event must be tried again. */
  #apply(event: VisitEvent): boolean {
    const before = this.#visit;
    const step = this.#chart.step(before, event);
    if (!step.handled) {
      this.#logger.debug('visit.unhandled', { type: event.type, state: before.state });
      return true;
    }
    const records = step.effects.filter((e) => e.kind === 'record');
    if (records.length > 0 || mustSurvive(before) || mustSurvive(step.visit)) {
      if (!this.#commit(step.visit, event, records)) {
        if (mustSurvive(before)) return false;
        this.#queue.first({ type: 'refused', reason: 'system.storage_fault' });
        return true;
      }
    }
    this.#visit = step.visit;
    if (before.state !== step.visit.state) {
      this.#logger.info('visit.state', { from: before.state, to: step.visit.state, on: event.type });
      this.#entered(step.visit.state);
    }
    this.#runTimer(before, step.visit);
    for (const effect of step.effects) this.#perform(effect);
    return true;
  }

  #commit(visit: Visit, event: VisitEvent, effects: readonly VisitEffect[]): boolean {
    const committed = this.#records.transaction(() => {
      const { visitId } = visit.context;
      if (visitId !== null) {
        const saved = this.#records.saveVisit(visitId, visit, event, mustSurvive(visit));
        if (!saved.ok) return saved;
      }
      for (const effect of effects) {
        const recorded = recordEffect(this.#records, this.#ports, effect, visit);
        if (!recorded.ok) return recorded;
      }
      return ok();
    });
    this.#storageOk = committed.ok;
    this.#storageTriedMs = this.#clock.monotonicMs();
    if (!committed.ok) this.#logger.error('visit.commit_failed', { on: event.type, error: committed.error });
    return committed.ok;
  }

  #entered(state: VisitStateName): void {
    this.#choosePollMode();
    if (state !== 'checking') this.#finalMark = null;
    if (state !== 'preparing') this.#baselineWanted = false;
    if (state === 'settling') this.#queue.first({ type: 'settled' });
    if (state === 'attract' || state === 'receipt' || state === 'nothingCharged')
      this.#evaluateAvailability();
  }

  /** After a start the reader's rhythm is learned first, so that the first shopper's basket is as quick as any. */
  #choosePollMode(): void {
    const close = closelyWatched.includes(this.#visit.state) || this.#starting;
    this.#ports.devices.setPollMode(close ? 'active' : 'idle');
  }

  #runTimer(before: Visit, after: Visit): void {
    const timer = after.context.timer;
    if (timer?.seq === before.context.timer?.seq) return;
    this.#cancelTimer();
    if (timer === null) return;
    this.#timerStartedMs = this.#clock.monotonicMs();
    this.#cancelTimer = this.#clock.after(timer.durationMs, () => {
      this.dispatch({ type: 'timer', seq: timer.seq });
    });
  }

  // Effects.

  #perform(effect: VisitEffect): void {
    switch (effect.kind) {
      case 'record':
        if (effect.record === 'settle') this.#ports.chargeSettled();
        break;
      case 'authorise':
        void this.#authorise(effect.by);
        break;
      case 'takeBaseline':
        this.#baselineWanted = true;
        this.#atLatest(() => {
          this.#tryBaseline(true);
        });
        this.#tryBaseline(false);
        break;
      case 'unlock':
        void this.#unlock();
        break;
      case 'finalReading':
        this.#beginFinalReading();
        break;
      case 'alarm':
        this.#logger.warn('alarm', { kind: effect.alarm });
        this.#ports.raiseAlarm({
          kind: effect.alarm,
          visitId: this.#visit.context.visitId,
          atMs: this.#clock.nowMs(),
          detail: this.#visit.state,
        });
        break;
      default:
        unreachable(effect);
    }
  }

  async #authorise(by: Credential): Promise<void> {
    const { visitId } = this.#visit.context;
    if (visitId === null) return;
    const asked = 'code' in by ? by : { faceOf: by.recognisedMemberId };
    const answer = await this.#ports.authorise({ visitId, ...asked });
    // The shopper may have gone on meanwhile: an answer counts only for the visit that asked.
    if (this.#visit.context.visitId !== visitId) return;
    if ('member' in answer) this.dispatch({ type: 'authorised', member: answer.member });
    else this.dispatch({ type: 'refused', reason: answer.reason satisfies ReasonCode });
  }

  async #unlock(): Promise<void> {
    const { visitId } = this.#visit.context;
    const result = await this.#ports.devices.unlock();
    if (this.#visit.context.visitId !== visitId) return;
    if (result.ok) {
      this.dispatch({ type: 'unlocked' });
      return;
    }
    this.#logger.error('unlock.failed', { code: result.error.code });
    this.dispatch({ type: 'unlockFailed' });
  }

  #beginFinalReading(): void {
    const mark = this.#watch.mark();
    this.#finalMark = mark;
    this.#atLatest(() => {
      if (this.#finalMark === mark) this.#tryFinalReading(true);
    });
  }

  /** Runs `fn` shortly before the current wait of the visit ends, if that wait is still the current one. */
  #atLatest(fn: () => void): void {
    const { timer } = this.#visit.context;
    if (timer === null) return;
    this.#clock.after(timer.durationMs - forceBeforeMs, () => {
      if (this.#visit.context.timer?.seq === timer.seq) fn();
    });
  }

  #tryFinalReading(force: boolean): void {
    const { baseline: shelf } = this.#visit.context;
    if (this.#finalMark === null || shelf === null) return;
    const reading = this.#watch.final(shelf, this.#finalMark, force);
    if (reading !== null) this.dispatch({ type: 'finalReading', reading });
  }

  // Evidence and facts.

  /** The shelf counts as read once the lock answers, the door is shut and the reader has settled every tag. */
  #tryBaseline(force: boolean): void {
    const catalog = this.#ports.catalog();
    if (
      !this.#baselineWanted ||
      catalog === null ||
      this.#door !== 'closed' ||
      !areReady(this.#health, 'lock')
    )
      return;
    const present = this.#watch.baseline(force);
    if (present === null) return;
    this.#baselineWanted = false;
    this.dispatch({ type: 'baseline', inventory: takeBaseline(present, catalog), atMs: this.#clock.nowMs() });
  }

  #onShelfChanged(): void {
    const catalog = this.#ports.catalog();
    const { baseline: shelf, taken } = this.#visit.context;
    if (this.#baselineWanted) this.#tryBaseline(false);
    if (shelf === null || !mustSurvive(this.#visit)) return;
    this.dispatch({
      type: 'evidence',
      evidence: this.#watch.evidence(shelf, taken),
      catalog: catalog ?? { tags: [], products: [] },
    });
    this.#tryFinalReading(false);
  }

  #evaluateAvailability(): void {
    if (this.#stopped) return;
    this.#cancelEvaluation();
    this.#cancelEvaluation = this.#clock.after(evaluateEveryMs, () => {
      this.#evaluateAvailability();
    });
    if (this.#readerWasAlive !== this.#watch.alive) {
      this.#readerWasAlive = this.#watch.alive;
      this.#changeListeners.emit();
    }
    this.#probeStorage();
    this.#choosePollMode();
    const reason = evaluateAvailability(this.#availabilityInputs());
    const { state, context } = this.#visit;
    if (reason === context.outOfServiceReason && state !== 'recovering') return;
    this.dispatch({ type: 'availabilityChanged', reason, atMs: this.#clock.nowMs() });
  }

  /** A visit in hand tries its own commit again; without one nothing else would ever notice that there is room again. */
  #probeStorage(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#storageOk || this.#queue.retrying || nowMs - this.#storageTriedMs < storageProbeEveryMs) return;
    this.#storageTriedMs = nowMs;
    if (this.#takenUp) this.#storageOk = this.#records.probe().ok;
    else this.#takeUpStoredVisit();
  }

  get #starting(): boolean {
    return this.#clock.monotonicMs() - this.#startedMs < startGraceMs;
  }

  #availabilityInputs(): AvailabilityInputs {
    return {
      storage: this.#storageOk && this.#ports.canPersistCharges() ? 'ok' : 'failed',
      enrolled: this.#ports.enrolled(),
      catalogLoaded: this.#ports.catalog() !== null,
      lockReady: areReady(this.#health, 'lock'),
      readerReady: areReady(this.#health, 'tag-reader'),
      door: this.#door,
      visitRuns: mustSurvive(this.#visit),
      starting: this.#starting,
    };
  }
}
