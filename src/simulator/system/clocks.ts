import { type Clock, systemClock } from '../../shared/clock.ts';

/**
 * The time that one turn of the event loop takes, at least so often all sockets are served. A request over a socket is some
 * turns away from its answer, so this is also the latency of everything; a tenth of the shortest wait that matters.
 */
const stepMs = 5;

interface Timer {
  readonly dueMs: number;
  readonly seq: number;
  readonly fn: () => void;
  isCancelled: boolean;
}

/**
 * One time for everything in a test: kiosk, devices, cabinet, network and operator. It passes as fast as the machine can
 * follow and never faster: each turn of the event loop is one step. All waits keep their length and their order, none is left
 * out, and nothing comes late because the machine is busy with something else.
 */
export class SteppedClock implements Clock {
  readonly #wallMs = systemClock.nowMs();
  /** A binary heap: the first to fall due is at the top. */
  readonly #heap: Timer[] = [];
  #elapsedMs = 0;
  #seq = 0;
  #next: NodeJS.Immediate;

  constructor() {
    this.#next = this.#plan();
  }
  nowMs(): number {
    return this.#wallMs + Math.floor(this.#elapsedMs);
  }
  monotonicMs(): number {
    return this.#elapsedMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    const dueMs = this.#elapsedMs + Math.max(delayMs, 0);
    const timer: Timer = { dueMs, seq: ++this.#seq, fn, isCancelled: false };
    push(this.#heap, timer);
    return () => {
      timer.isCancelled = true;
    };
  }
  /** Ends time. */
  stop(): void {
    clearImmediate(this.#next);
  }

  #plan(): NodeJS.Immediate {
    return setImmediate(() => {
      this.#step();
    });
  }

  #step(): void {
    const endMs = this.#elapsedMs + stepMs;
    this.#next = this.#plan();
    for (let first = this.#heap[0]; first !== undefined && first.dueMs <= endMs; first = this.#heap[0]) {
      pop(this.#heap);
      if (first.isCancelled) continue;
      this.#elapsedMs = Math.max(this.#elapsedMs, first.dueMs);
      first.fn();
    }
    this.#elapsedMs = endMs;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.seq < b.seq);
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.push(timer) - 1;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || !isBefore(timer, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const [l, r] = [heap[left], heap[right]];
    if (l === undefined) break;
    const [child, childAt] = r !== undefined && isBefore(r, l) ? [r, right] : [l, left];
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
}

/** The clock of one process that can be killed: then its timers never fire, and new ones are never set. */
export class KillableClock implements Clock {
  readonly #inner: Clock;
  readonly #timers = new Set<() => void>();
  #skippedMs = 0;
  #dead = false;

  constructor(inner: Clock) {
    this.#inner = inner;
  }
  nowMs(): number {
    return this.#inner.nowMs();
  }
  monotonicMs(): number {
    return this.#inner.monotonicMs() + this.#skippedMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    if (this.#dead) return () => undefined;
    const forget = this.#inner.after(delayMs, () => {
      this.#timers.delete(cancel);
      fn();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      forget();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Lets this process believe that it has been up for longer. Only before it has set a timer. */
  skip(ms: number): void {
    this.#skippedMs += ms;
  }
  kill(): void {
    this.#dead = true;
    for (const cancel of [...this.#timers]) cancel();
  }
}
