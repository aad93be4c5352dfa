import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';

/** Most events that may wait while a commit fails. Only evidence comes often, and of it only the newest waits. */
const queueMax = 500;

/** What has a place however many wait: each says something of all that comes after it. */
const kept: ReadonlySet<VisitEvent['type']> = new Set(['door', 'unrecorded']);

/** What changes nothing about what evidence means. */
const passing: ReadonlySet<VisitEvent['type']> = new Set([
  'availabilityChanged',
  'active',
  'readingContinues',
]);

/** What the shelf says of a closing. */
const ofClosing: ReadonlySet<VisitEvent['type']> = new Set(['finalReading', 'readingContinues']);

/**
 * What waits to happen to the visit: one after another, in order, never two at once. An event that could not be
 * committed keeps its place and is tried again before anything else. What waits behind it is applied late, and must mean
 * then what it meant when it came: once commits have been failing for too long, `unrecorded` stands before what evidence
 * says, so that the waits that should have ended meanwhile need not be known.
 */
export class VisitEventQueue {
  readonly #clock: Clock;
  readonly #retryMs: number;
  readonly #lateMs: number;
  readonly #apply: (event: VisitEvent) => boolean;
  readonly #drained: () => void;
  readonly #waiting: VisitEvent[] = [];
  #draining = false;
  #retrying = false;
  /** Since when something waits for a commit (which may take long to fail), monotonic, ms; null: nothing does. */
  #behindSinceMs: number | null = null;
  #stopped = false;

  constructor(options: {
    clock: Clock;
    /** Pause before an event that could not be committed is tried again, ms. */
    retryMs: number;
    /** Something has waited for so long: what comes now is `unrecorded`, ms. */
    lateMs: number;
    /** False: the event has not happened and must be tried again. May call `first`. */
    apply: (event: VisitEvent) => boolean;
    /** The queue is empty, or waits for a retry. */
    drained: () => void;
  }) {
    this.#clock = options.clock;
    this.#retryMs = options.retryMs;
    this.#lateMs = options.lateMs;
    this.#apply = options.apply;
    this.#drained = options.drained;
  }

  /** A commit failed and its event waits for the next try. */
  get retrying(): boolean {
    return this.#retrying;
  }

  /** Behind what is being applied it waits to be told that the door has opened, or is out of sight. */
  get opensLater(): boolean {
    return this.#waiting.some((event) => event.type === 'door' && event.door !== 'closed');
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * At the end. False: too many wait, and one is dropped; never one that says that the door has opened or shut, as
   * long as anything else waits. What is said of a closing that such an event is about to end would be taken for the
   * next one, and is left out.
   */
  add(event: VisitEvent): boolean {
    if (this.#stopped || this.#isKnown(event)) return true;
    if (ofClosing.has(event.type) && this.opensLater) return true;
    if (event.type === 'evidence') this.#markIfLate();
    this.#dropOutdated(event.type);
    const isWhole = this.#push(event);
    this.#drain();
    return isWhole;
  }

  #push(event: VisitEvent): boolean {
    const isFull = this.#waiting.length >= queueMax;
    if (isFull && !this.#makeRoomFor(event)) return false;
    this.#waiting.push(event);
    return !isFull;
  }

  /** Once for each time that the door has moved: shut, it says nothing. */
  #markIfLate(): void {
    const sinceMs = this.#behindSinceMs;
    if (sinceMs === null || this.#clock.monotonicMs() - sinceMs < this.#lateMs) return;
    if (this.#waiting.findLast(({ type }) => kept.has(type))?.type === 'unrecorded') return;
    this.#push({ type: 'unrecorded' });
  }

  /** The doors as they are said to be already by what waits. */
  #isKnown(event: VisitEvent): boolean {
    if (event.type !== 'door') return false;
    const last = this.#waiting.findLast((e) => e.type === 'door');
    // Of several doors each: while one stands open all of them together are open, whatever the others do.
    return last?.type === 'door' && last.door === event.door && isDeepStrictEqual(last.doors, event.doors);
  }

  /**
   * The first event is being tried and keeps its place. What is no edge of the door goes first; of edges alone, two in
   * the middle that cancel each other out.
   */
  #makeRoomFor({ type }: VisitEvent): boolean {
    if (!kept.has(type)) return false;
    const other = this.#waiting.findIndex((e, index) => index > 0 && !kept.has(e.type));
    if (other > 0) this.#waiting.splice(other, 1);
    else this.#waiting.splice(Math.floor(queueMax / 2), 2);
    return true;
  }

  /** Before all others: what follows at once from the event that is being applied. */
  first(event: VisitEvent): void {
    this.#waiting.unshift(event);
  }

  /**
   * Of what devices say again and again only the newest waits (a commit may fail for hours), unless the door moved in
   * between: evidence from before it was shut is not the same as evidence from after. What people do in between stays,
   * and so does the evidence that they saw.
   */
  #dropOutdated(type: VisitEvent['type']): void {
    if (type === 'availabilityChanged' || type === 'active') {
      const same = this.#waiting.findIndex((e) => e.type === type);
      if (same >= 0) this.#waiting.splice(same, 1);
    }
    if (type !== 'evidence') return;
    const latest = this.#waiting.findLastIndex(({ type: other }) => !passing.has(other));
    if (this.#waiting[latest]?.type === 'evidence') this.#waiting.splice(latest, 1);
  }

  #drain(): void {
    if (this.#draining || this.#retrying || this.#stopped) return;
    this.#draining = true;
    try {
      for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
        const beganMs = this.#clock.monotonicMs();
        if (!this.#apply(event)) {
          // The commit failed while goods may leave: the same event is tried again before anything else.
          this.#waiting.unshift(event);
          this.#retrying = true;
          this.#behindSinceMs ??= beganMs;
          this.#markIfLate();
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
    if (this.#waiting.length === 0) this.#behindSinceMs = null;
    this.#drained();
  }
}
