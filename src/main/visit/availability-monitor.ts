import {
  type Availability,
  type AvailabilityEvent,
  type AvailabilityInputs,
  evaluateAvailability,
  initialAvailability,
  stepAvailability,
} from '../../core/availability/availability.ts';
import type { Clock } from '../../shared/clock.ts';
import type { OutOfServiceReason } from '../../shared/model/visit.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** How often the inputs are looked at again, ms. */
const evaluateEveryMs = 250;
/**
 * A device that is back within this time, ms, has sent nobody away: a cable that is pushed, a board that starts anew, a
 * machine that is busy. The bolt does not move without the lock, nor before the shelf is read, whatever the screen says.
 */
export const passingTroubleMs = 10_000;

/** Watches whether a visit may begin at this cabinet. What comes of it is up to its owner. */
export class AvailabilityMonitor {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #isInUse: () => boolean;
  readonly #inputs: () => AvailabilityInputs;
  readonly #beforeEvaluation: () => void;
  readonly #onEvaluated: (availability: Availability, hasChanged: boolean) => void;
  #availability = initialAvailability;
  #cancelNext: () => void = () => undefined;
  #stopped = false;
  /** Monotonic time since which a device that was there is not, ms; null: all are. */
  #troubleSinceMs: number | null = null;

  constructor(options: {
    clock: Clock;
    logger: Logger;
    /** Somebody stands before the screen and is in the middle of something. */
    isInUse: () => boolean;
    inputs: () => AvailabilityInputs;
    /** Done before each evaluation, every 250 ms at least. */
    beforeEvaluation: () => void;
    /** Called after each evaluation. */
    onEvaluated: (availability: Availability, hasChanged: boolean) => void;
  }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#isInUse = options.isInUse;
    this.#inputs = options.inputs;
    this.#beforeEvaluation = options.beforeEvaluation;
    this.#onEvaluated = options.onEvaluated;
  }

  get availability(): Availability {
    return this.#availability;
  }

  /** Looks at the inputs now, and again and again from now on. */
  evaluate(): void {
    if (this.#stopped) return;
    this.#cancelNext();
    this.#cancelNext = this.#clock.after(evaluateEveryMs, () => {
      this.evaluate();
    });
    this.#beforeEvaluation();
    const inputs = this.#inputs();
    const reason = evaluateAvailability(inputs);
    if (this.#isPassing(reason, inputs)) this.#onEvaluated(this.#availability, false);
    else this.#step({ type: 'evaluated', reason, atMs: this.#clock.nowMs() });
  }

  /** Nothing is sold until `endMaintenance`; a visit that runs goes on to its end. False: an update is being put in place. */
  startMaintenance(by: string): boolean {
    this.#step({ type: 'maintenanceStarted', by, atMs: this.#clock.nowMs() });
    return this.#availability.state === 'maintenance';
  }
  endMaintenance(): void {
    this.#step({ type: 'maintenanceEnded', atMs: this.#clock.nowMs() });
    this.evaluate();
  }
  /** Nothing is sold until `endUpdate`; a visit that runs goes on to its end. False: somebody of the staff is at work. */
  startUpdate(): boolean {
    this.#step({ type: 'updateStarted', atMs: this.#clock.nowMs() });
    return this.#availability.state === 'updating';
  }
  endUpdate(): void {
    this.#step({ type: 'updateEnded', atMs: this.#clock.nowMs() });
    this.evaluate();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelNext();
  }

  /** It has only just begun, may pass, and would send somebody away. */
  #isPassing(reason: OutOfServiceReason | null, { losesReadings }: AvailabilityInputs): boolean {
    // What visits in a row have shown does not pass by itself.
    if (losesReadings || (reason !== 'lock_unreachable' && reason !== 'reader_unreachable')) {
      this.#troubleSinceMs = null;
      return false;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#troubleSinceMs ??= nowMs;
    return (
      this.#availability.state === 'available' &&
      this.#isInUse() &&
      nowMs - this.#troubleSinceMs < passingTroubleMs
    );
  }

  #step(event: AvailabilityEvent): void {
    const before = this.#availability;
    this.#availability = stepAvailability(before, event);
    if (this.#availability !== before) this.#logger.info('availability.changed', { ...this.#availability });
    this.#onEvaluated(this.#availability, this.#availability !== before);
  }
}
