import { channel } from 'node:diagnostics_channel';

/**
 * Real time that virtual time waits at most for one thing in hand, ms: it may wait for virtual time itself, or be lost with a
 * program that was killed. From then on it counts no more.
 */
const stalledAfterMs = 3_000;
/** Turns of the event loop without anything in hand after which all is as quiet as it gets. */
const quietTurns = 2;

/**
 * What takes real time: questions to the database, requests of `fetch` to the providers' servers. While anything is in hand,
 * virtual time stands, so that no bound of the product falls due because this machine is slow.
 */
export class InHand {
  /** When each thing began, real time, ms. */
  readonly #begun = new Map<object, number>();
  readonly #onBegin = (message: unknown): void => {
    this.#begun.set((message as { request: object }).request, performance.now());
  };
  readonly #onEnd = (message: unknown): void => {
    this.#end((message as { request: object }).request);
  };
  /** Told when nothing is in hand any more. */
  #onIdle: () => void = () => undefined;

  /** Watches the requests of Node's own `fetch` in this process (undici's diagnostics channels), until `close`. */
  constructor() {
    channel('undici:request:create').subscribe(this.#onBegin);
    for (const name of ['undici:request:trailers', 'undici:request:error'])
      channel(name).subscribe(this.#onEnd);
  }

  close(): void {
    channel('undici:request:create').unsubscribe(this.#onBegin);
    for (const name of ['undici:request:trailers', 'undici:request:error'])
      channel(name).unsubscribe(this.#onEnd);
  }

  /** Counts as in hand until it has ended. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const key = {};
    this.#begun.set(key, performance.now());
    try {
      return await work();
    } finally {
      this.#end(key);
    }
  }

  /** Resolves when nothing is in hand any more. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#begun.size > 0) {
        await this.#idleOrStalled();
        turns = -1;
      }
    }
  }

  #end(key: object): void {
    this.#begun.delete(key);
    if (this.#begun.size === 0) this.#onIdle();
  }

  /** Waits without a turn of the event loop for each look: whoever is at work has the processor for itself. */
  #idleOrStalled(): Promise<void> {
    const oldestMs = Math.min(...this.#begun.values());
    const leftMs = Math.max(oldestMs + stalledAfterMs - performance.now(), 1);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#forgetStalled();
        resolve();
      }, leftMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #forgetStalled(): void {
    const fromMs = performance.now() - stalledAfterMs;
    for (const [key, beganMs] of this.#begun) if (beganMs <= fromMs) this.#begun.delete(key);
  }
}
