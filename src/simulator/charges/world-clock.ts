import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { InHand } from './in-hand.ts';

interface Timer {
  readonly dueMs: number;
  readonly seq: number;
  readonly fn: () => void;
  isCancelled: boolean;
}

/** The morning of a Sunday in Shanghai: the providers' test servers begin at it, too. */
export const worldStartMs = Date.UTC(2026, 10, 29, 4);

/** Real time that is waited at most for what comes from outside while no timer is set: so often so long, ms. */
const idleMax = 600;
const idleMs = 50;

/**
 * One time for cabinets, network, operator and providers. It goes from one timer to the next, as fast as the machine follows,
 * and stands while anything real is in hand.
 */
export class WorldClock implements Clock {
  readonly #inHand: InHand;
  readonly #onPassed: (ms: number) => void;
  /** A binary heap: the next one first. */
  readonly #heap: Timer[] = [];
  #elapsedMs = 0;
  #seq = 0;

  /** `onPassed`: told of each step, ms, for clocks of others. */
  constructor(inHand: InHand, onPassed: (ms: number) => void = () => undefined) {
    this.#inHand = inHand;
    this.#onPassed = onPassed;
  }

  nowMs(): number {
    return worldStartMs + Math.floor(this.#elapsedMs);
  }
  monotonicMs(): number {
    return this.#elapsedMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    const dueMs = this.#elapsedMs + Math.max(delayMs, 0);
    const timer: Timer = { dueMs, seq: ++this.#seq, fn, isCancelled: false };
    this.#push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Lets time pass until this work has ended, and gives what came of it. */
  async during<T>(work: Promise<T>): Promise<T> {
    const state = { isOver: false };
    const end = (): void => {
      state.isOver = true;
    };
    work.then(end, end);
    for (let idle = 0; ;) {
      await this.#inHand.quiet();
      if (state.isOver) return work;
      if (this.#fireNext()) idle = 0;
      else {
        // There is nothing that time could bring: what is waited for comes from outside.
        assert(++idle < idleMax, 'what is waited for has a timer, or is in hand');
        await new Promise((resolve) => setTimeout(resolve, idleMs));
      }
    }
  }

  #fireNext(): boolean {
    for (;;) {
      const timer = this.#pop();
      if (timer === undefined) return false;
      if (timer.isCancelled) continue;
      const before = this.nowMs();
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
      const passedMs = this.nowMs() - before;
      if (passedMs > 0) this.#onPassed(passedMs);
      timer.fn();
      return true;
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.seq < b.seq);
}

/** The clock of one machine: its wall time may be set, as a flat battery or a technician does. */
export class SetClock implements Clock {
  readonly #world: Clock;
  /** So far its wall time is from the true one, ms. */
  offMs = 0;

  constructor(world: Clock) {
    this.#world = world;
  }
  nowMs(): number {
    return this.#world.nowMs() + this.offMs;
  }
  monotonicMs(): number {
    return this.#world.monotonicMs();
  }
  after(delayMs: number, fn: () => void): () => void {
    return this.#world.after(delayMs, fn);
  }
}
