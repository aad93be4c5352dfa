import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';

const linesMax = 100_000;
/** Of them the last ones are shown. */
const linesShown = 160;

/** What happened at one cabinet, line by line, for whoever reads a failed test. Bounded: the oldest lines go. */
export class EventLog {
  readonly #clock: Clock;
  readonly #lines: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(what: string): void {
    this.#lines.push(`${(this.#clock.monotonicMs() % 1_000_000).toFixed(0).padStart(7)}  ${what}`);
    if (this.#lines.length > linesMax) this.#lines.shift();
  }

  all(): readonly string[] {
    return this.#lines;
  }
  latest(): string {
    return this.#lines.slice(-linesShown).join('\n');
  }
  /** The lines around the first that has this word; empty: none has. */
  around(word: string): string {
    const at = this.#lines.findIndex((line) => line.includes(word));
    return at < 0 ? '' : this.#lines.slice(Math.max(at - linesShown / 4, 0), at + linesShown / 2).join('\n');
  }

  /** A logger of the program under test that writes here; what is for debugging is left out. */
  logger(): Logger {
    const write = (event: string, fields?: object): void => {
      this.record(`  ${event} ${fields === undefined ? '' : JSON.stringify(fields).slice(0, 160)}`);
    };
    return { debug: () => undefined, info: write, warn: write, error: write };
  }
}
