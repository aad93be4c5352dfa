import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure } from '../../shared/model/device.ts';
import type { WeightReading } from '../../shared/model/scale.ts';
import type { Result } from '../../shared/result.ts';
import type { Driver } from './driver.ts';

/** Least time between two readings of one lane that are emitted; the newest is emitted when it is over. */
export const weightGapMs = 100;

export type Weight = Omit<WeightReading, 'lane' | 'atMs'>;
export const unknownWeight: Weight = { milligrams: null, stable: false, state: 'unknown' };

export interface ScaleEvents {
  weight(reading: WeightReading): void;
  healthChanged(): void;
}

/** What every scale can do. `lane` must be one of its own, else `device.missing`. */
export interface ScaleDriver extends Driver {
  readonly kind: 'scale';
  hasLane(lane: number): boolean;
  /**
   * What lies there counts as nothing from now on. Written once and never again. Errors: `device.disconnected`,
   * `device.timeout`, `device.protocol`, `device.refused` (the scale says no, or cannot), `device.busy`.
   */
  zero(lane: number): Promise<Result<void, DeviceFailure>>;
  /** What lies there is packaging: the weight counts from it. Same errors. */
  tare(lane: number): Promise<Result<void, DeviceFailure>>;
}

/** Emits the weight of one lane: only when it has changed, and not more often than each `weightGapMs`. */
export class WeightReporter {
  readonly #lane: number;
  readonly #clock: Clock;
  readonly #emit: ScaleEvents['weight'];
  #lastEmitted: Weight = unknownWeight;
  #lastEmittedMs = Number.NEGATIVE_INFINITY;
  #waiting: WeightReading | null = null;
  #cancel: () => void = () => undefined;

  constructor(lane: number, clock: Clock, emit: ScaleEvents['weight']) {
    this.#lane = lane;
    this.#clock = clock;
    this.#emit = emit;
  }

  report(weight: Weight): void {
    const atMs = this.#clock.monotonicMs();
    const reading = { lane: this.#lane, ...weight, atMs };
    this.#cancel();
    this.#waiting = null;
    if (isSame(weight, this.#lastEmitted)) return;
    // `unknown` is emitted at once.
    const waitMs = weight.state === 'unknown' ? 0 : this.#lastEmittedMs + weightGapMs - atMs;
    if (waitMs <= 0) {
      this.#send(reading);
      return;
    }
    this.#waiting = reading;
    this.#cancel = this.#clock.after(waitMs, () => {
      if (this.#waiting !== null) this.#send(this.#waiting);
    });
  }

  #send(reading: WeightReading): void {
    this.#waiting = null;
    this.#lastEmitted = reading;
    this.#lastEmittedMs = this.#clock.monotonicMs();
    this.#emit(reading);
  }
}

function isSame(a: Weight, b: Weight): boolean {
  return a.milligrams === b.milligrams && a.stable === b.stable && a.state === b.state;
}
