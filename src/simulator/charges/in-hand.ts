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
    this.#begun.delete((message as { request: object }).request);
  };

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
      this.#begun.delete(key);
    }
  }

  /** Resolves when nothing is in hand any more. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isBusy()) turns = -1;
    }
  }

  #isBusy(): boolean {
    if (this.#begun.size === 0) return false;
    const fromMs = performance.now() - stalledAfterMs;
    for (const [key, beganMs] of this.#begun) {
      if (beganMs > fromMs) return true;
      this.#begun.delete(key);
    }
    return false;
  }
}
