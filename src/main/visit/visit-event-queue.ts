import type { Clock } from '../../shared/clock.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';

/** Most events that may wait while a commit fails. Only evidence comes often, and of it only the newest waits. */
const queueMax = 500;

/**
 * What waits to happen to the visit: one after another, in order, never two at once. An event that could not be
 * committed keeps its place and is tried again before anything else.
 */
export class VisitEventQueue {
  readonly #clock: Clock;
  readonly #retryMs: number;
  readonly #apply: (event: VisitEvent) => boolean;
  readonly #drained: () => void;
  readonly #waiting: VisitEvent[] = [];
  #draining = false;
  #retrying = false;
  #stopped = false;

  constructor(options: {
    clock: Clock;
    /** Pause before an event that could not be committed is tried again, ms. */
    retryMs: number;
    /** False: the event has not happened and must be tried again. May call `first`. */
    apply: (event: VisitEvent) => boolean;
    /** The queue is empty, or waits for a retry. */
    drained: () => void;
  }) {
    this.#clock = options.clock;
    this.#retryMs = options.retryMs;
    this.#apply = options.apply;
    this.#drained = options.drained;
  }

  /** A commit failed and its event waits for the next try. */
  get retrying(): boolean {
    return this.#retrying;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** At the end. False: too many wait, and this one is dropped. */
  add(event: VisitEvent): boolean {
    if (this.#stopped) return true;
    this.#dropOutdated(event.type);
    if (this.#waiting.length >= queueMax) return false;
    this.#waiting.push(event);
    this.#drain();
    return true;
  }

  /** Before all others: what follows at once from the event that is being applied. */
  first(event: VisitEvent): void {
    this.#waiting.unshift(event);
  }

  /**
   * Of what devices say again and again only the newest waits (a commit may fail for hours), unless something happened
   * in between: evidence from before the door was shut is not the same as evidence from after.
   */
  #dropOutdated(type: VisitEvent['type']): void {
    const fact = this.#waiting.findIndex((e) => e.type === 'availabilityChanged');
    if (type === 'availabilityChanged' && fact >= 0) this.#waiting.splice(fact, 1);
    const latest = this.#waiting.findLastIndex((e) => e.type !== 'availabilityChanged');
    if (type === 'evidence' && this.#waiting[latest]?.type === 'evidence') this.#waiting.splice(latest, 1);
  }

  #drain(): void {
    if (this.#draining || this.#retrying || this.#stopped) return;
    this.#draining = true;
    try {
      for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
        if (!this.#apply(event)) {
          // The commit failed while goods may leave: the same event is tried again before anything else.
          this.#waiting.unshift(event);
          this.#retrying = true;
          this.#clock.after(this.#retryMs, () => {
            this.#retrying = false;
            this.#drain();
          });
          break;
        }
      }
    } finally {
      this.#draining = false;
    }
    this.#drained();
  }
}
