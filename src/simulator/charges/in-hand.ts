import { channel } from 'node:diagnostics_channel';

/** Real time that virtual time waits at most for what is in hand, ms: for what waits for virtual time itself. */
const stalledAfterMs = 2_000;
/** Turns of the event loop without anything in hand after which all is as quiet as it gets. */
const quietTurns = 2;

/**
 * What takes real time: questions to the database, requests of `fetch` to the providers' servers. While anything is in hand,
 * virtual time stands, so that no bound of the product falls due because this machine is slow.
 */
export class InHand {
  #count = 0;
  readonly #requests = new Set<object>();
  readonly #onBegin = (message: unknown): void => {
    this.#requests.add((message as { request: object }).request);
  };
  readonly #onEnd = (message: unknown): void => {
    this.#requests.delete((message as { request: object }).request);
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
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
    }
  }

  /** Resolves when nothing is in hand any more. */
  async quiet(): Promise<void> {
    const startMs = performance.now();
    for (let turns = 0; turns < quietTurns;) {
      await new Promise((resolve) => setImmediate(resolve));
      const isBusy = this.#count > 0 || this.#requests.size > 0;
      turns = isBusy ? 0 : turns + 1;
      if (isBusy && performance.now() - startMs > stalledAfterMs) return;
    }
  }
}
