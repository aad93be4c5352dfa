import dns from 'node:dns';
import type { FakeClock } from '../shared/clock.ts';

/** A name server that hangs costs a lookup glibc's two tries of 5 s; one that answers takes a moment. */
const hungMs = 10_000;
const answerMs = 30;
/** libuv works on half of its four threads' worth of lookups at once. */
const threadCount = 2;

/**
 * For tests: the name server of this process, in virtual time. Every name is this machine's. Lookups wait for one another as
 * they do in Node: a lookup that has begun goes on, whatever becomes of the socket that wanted it.
 */
export class NameServer {
  isHung = true;
  /** Hosts that were asked for, each time. */
  readonly asked: string[] = [];
  readonly #clock: FakeClock;
  readonly #waiting: (() => void)[] = [];
  #busyCount = 0;
  readonly #realLookup = dns.lookup;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    // Node's net module and ours take the function from here for each connection.
    dns.lookup = ((host: string, options: { all?: boolean }, done: (...given: unknown[]) => void) => {
      this.asked.push(host);
      this.#lookup((isFound) => {
        if (!isFound) done(Object.assign(new Error('EAI_AGAIN'), { code: 'EAI_AGAIN' }));
        else if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
        else done(null, '127.0.0.1', 4);
      });
    }) as typeof dns.lookup;
  }

  /** Lookups that have not ended. */
  get pendingCount(): number {
    return this.#waiting.length + this.#busyCount;
  }

  restore(): void {
    dns.lookup = this.#realLookup;
  }

  #lookup(done: (isFound: boolean) => void): void {
    this.#waiting.push(() => {
      this.#busyCount++;
      const { isHung } = this;
      this.#clock.after(isHung ? hungMs : answerMs, () => {
        this.#busyCount--;
        done(!isHung);
        this.#next();
      });
    });
    this.#next();
  }

  #next(): void {
    while (this.#busyCount < threadCount) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
    }
  }
}
