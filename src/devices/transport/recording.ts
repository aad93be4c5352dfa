import type { Clock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Transport, TransportFailure } from './transport.ts';

/**
 * A trace of one link, one line an event: `<ms since open> => <hex>` written by the host, `<ms> <= <hex>` received.
 * Blank lines and lines that begin with `#` are comments. A field capture replays as a test.
 */
export interface TraceLine {
  readonly atMs: number;
  readonly toDevice: boolean;
  readonly bytes: Uint8Array;
}

/** Most lines of a trace that are kept or replayed. */
export const traceLineMax = 100_000;

export function formatTraceLine(line: TraceLine): string {
  const hex = Array.from(line.bytes, (b) => b.toString(16).padStart(2, '0').toUpperCase()).join(' ');
  return `${line.atMs} ${line.toDevice ? '=>' : '<='} ${hex}`;
}

export type TraceFailure = { code: 'trace.bad_line' | 'trace.too_long'; message: string };

export function parseTrace(text: string): Result<TraceLine[], TraceFailure> {
  const lines: TraceLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = /^(\d{1,12}) (=>|<=) ((?:[0-9A-Fa-f]{2} ?)+)$/.exec(line);
    if (match === null) return fail('trace.bad_line', `line ${index + 1}`);
    if (lines.length >= traceLineMax) return fail('trace.too_long', `more than ${traceLineMax} lines`);
    const bytes = Uint8Array.from((match[3] ?? '').match(/[0-9A-Fa-f]{2}/g) ?? [], (h) => parseInt(h, 16));
    lines.push({ atMs: Number(match[1]), toDevice: match[2] === '=>', bytes });
  }
  return ok(lines);
}

/** Wraps any transport; hands every line to `sink`, at most `traceLineMax` of them. */
export function recordingTransport(inner: Transport, clock: Clock, sink: (line: string) => void): Transport {
  let startMs = clock.monotonicMs();
  let lineCount = 0;
  const note = (toDevice: boolean, bytes: Uint8Array): void => {
    if (bytes.length === 0 || ++lineCount > traceLineMax) return;
    sink(formatTraceLine({ atMs: Math.round(clock.monotonicMs() - startMs), toDevice, bytes }));
  };
  return {
    name: inner.name,
    open: (signal) => {
      startMs = clock.monotonicMs();
      return inner.open(signal);
    },
    write: (bytes) => {
      note(true, bytes);
      return inner.write(bytes);
    },
    close: () => inner.close(),
    onData: (listener) => {
      inner.onData((bytes) => {
        note(false, bytes);
        listener(bytes);
      });
    },
    onClosed: (listener) => {
      inner.onClosed(listener);
    },
  };
}

/**
 * Plays the device from a trace, strictly: the host must write exactly the recorded bytes in the recorded order; what
 * was received comes back at the recorded distance from the line before it. The first difference ends the link with
 * `transport.mismatch`, and every later write fails.
 */
export class ReplayTransport implements Transport {
  readonly name = 'replay';
  readonly #lines: readonly TraceLine[];
  readonly #clock: Clock;
  #next = 0;
  #isOpen = false;
  #cancelTimer: () => void = () => undefined;
  #onData: (bytes: Uint8Array) => void = () => undefined;
  #onClosed: (why: TransportFailure) => void = () => undefined;

  constructor(lines: readonly TraceLine[], clock: Clock) {
    this.#lines = lines;
    this.#clock = clock;
  }

  /** Whether every line has been played. */
  get isDone(): boolean {
    return this.#next === this.#lines.length;
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onClosed(listener: (why: TransportFailure) => void): void {
    this.#onClosed = listener;
  }

  open(): Promise<Result<void, TransportFailure>> {
    this.#isOpen = true;
    this.#schedule(0);
    return Promise.resolve(ok());
  }

  write(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    if (!this.#isOpen) return Promise.resolve(fail('transport.closed', 'not open'));
    const line = this.#lines[this.#next];
    if (line?.toDevice !== true || !sameBytes(line.bytes, bytes)) {
      const want = line === undefined ? 'the end' : formatTraceLine(line);
      const got = formatTraceLine({ atMs: 0, toDevice: true, bytes });
      const why = {
        code: 'transport.mismatch',
        message: `line ${this.#next + 1}: ${want}, got ${got}`,
      } as const;
      this.#isOpen = false;
      this.#cancelTimer();
      this.#onClosed(why);
      return Promise.resolve({ ok: false, error: why });
    }
    this.#next++;
    this.#schedule(line.atMs);
    return Promise.resolve(ok());
  }

  close(): Promise<void> {
    this.#isOpen = false;
    this.#cancelTimer();
    return Promise.resolve();
  }

  #schedule(previousMs: number): void {
    const line = this.#lines[this.#next];
    if (line === undefined || line.toDevice) return;
    this.#cancelTimer = this.#clock.after(line.atMs - previousMs, () => {
      this.#next++;
      this.#onData(line.bytes);
      if (this.#isOpen) this.#schedule(line.atMs);
    });
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
