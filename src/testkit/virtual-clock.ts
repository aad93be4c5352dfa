import type { Clock } from '../shared/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly seq: number;
  readonly fn: () => void;
  isCancelled: boolean;
}

/** The first of January 2026, 00:00 UTC: a run does not depend on the day on which it is run. */
const startWallMs = Date.UTC(2026, 0, 1);
/** A request to a server in this process takes a turn of the event loop; before time goes on it has been answered. */
const turnsPerTimer = 2;

/**
 * One time for everything in a test: kiosk, devices, cabinet, network and operator. It jumps from one timer to the next, in
 * the order in which they fall due, as fast as the machine can follow. All waits keep their length and their order, so
 * nothing depends on how busy the machine is. What runs on it must wait on this clock alone: no sockets, no timers of Node.
 */
export class VirtualClock implements Clock {
  /** The last one falls due first: cut off with `pop`. */
  readonly #timers: Timer[] = [];
  #elapsedMs = 0;
  #seq = 0;
  #turnsLeft = turnsPerTimer;
  #turn: NodeJS.Immediate | null = null;
  #isStopped = false;

  nowMs(): number {
    return startWallMs + Math.floor(this.#elapsedMs);
  }
  monotonicMs(): number {
    return this.#elapsedMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    const dueMs = this.#elapsedMs + Math.max(delayMs, 0);
    const timer: Timer = { dueMs, seq: ++this.#seq, fn, isCancelled: false };
    this.#timers.splice(this.#placeOf(dueMs), 0, timer);
    this.#wake();
    return () => {
      timer.isCancelled = true;
    };
  }
  /** Ends time: nothing that waits will ever happen. */
  stop(): void {
    this.#isStopped = true;
    if (this.#turn !== null) clearImmediate(this.#turn);
  }

  /** Index before all timers that fall due no later: among equals the older one comes first. */
  #placeOf(dueMs: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.dueMs ?? 0) > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #wake(): void {
    if (this.#isStopped || this.#turn !== null) return;
    this.#turn = setImmediate(() => {
      this.#turn = null;
      this.#step();
    });
  }

  #step(): void {
    if (--this.#turnsLeft <= 0) {
      this.#turnsLeft = turnsPerTimer;
      this.#fireNext();
    }
    if (this.#timers.length > 0) this.#wake();
  }

  #fireNext(): void {
    for (;;) {
      const timer = this.#timers.pop();
      if (timer === undefined) return;
      if (timer.isCancelled) continue;
      this.#elapsedMs = timer.dueMs;
      timer.fn();
      return;
    }
  }
}
