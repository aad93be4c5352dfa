import {
  type Availability,
  type AvailabilityEvent,
  type AvailabilityInputs,
  evaluateAvailability,
  initialAvailability,
  stepAvailability,
} from '../../core/availability/availability.ts';
import type { Clock } from '../../shared/clock.ts';

/** How often the inputs are looked at again, ms. */
const evaluateEveryMs = 250;

/** Watches whether a visit may begin at this cabinet. What comes of it is up to its owner. */
export class AvailabilityMonitor {
  readonly #clock: Clock;
  readonly #inputs: () => AvailabilityInputs;
  readonly #beforeEvaluation: () => void;
  readonly #onEvaluated: (availability: Availability, hasChanged: boolean) => void;
  #availability = initialAvailability;
  #cancelNext: () => void = () => undefined;
  #stopped = false;

  constructor(options: {
    clock: Clock;
    inputs: () => AvailabilityInputs;
    /** Done before each evaluation, every 250 ms at least. */
    beforeEvaluation: () => void;
    /** Called after each evaluation. */
    onEvaluated: (availability: Availability, hasChanged: boolean) => void;
  }) {
    this.#clock = options.clock;
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
    this.#step({
      type: 'evaluated',
      reason: evaluateAvailability(this.#inputs()),
      atMs: this.#clock.nowMs(),
    });
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

  #step(event: AvailabilityEvent): void {
    const before = this.#availability;
    this.#availability = stepAvailability(before, event);
    this.#onEvaluated(this.#availability, this.#availability !== before);
  }
}
