import type { Clock } from '../../shared/clock.ts';
import { featureRequest } from '../../shared/report-framing.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Err, Result } from '../../shared/result.ts';
import { transportErrorCodes } from './transport.ts';
import type { Transport, TransportErrorCode, TransportFailure } from './transport.ts';

/**
 * A trace of one transport, one line an event: `<ms since open> <mark> <hex>`. Blank lines and lines that begin with `#` are
 * comments. A field capture replays as a test.
 *
 * | mark | |
 * |---|---|
 * | `=>` | written by the host |
 * | `<=` | received |
 * | `d<=` | first, where it is known: the HID report descriptor |
 * | `f=>` | feature report set by the host, id first |
 * | `f?` | feature report asked for: id, then u16 big-endian most bytes wanted |
 * | `f<=` | what came of the last `f=>` (the id alone: done) or `f?` (the report, id first) |
 * | `f!` | it failed; in the place of the hex: the code, without `transport.` |
 */
const fromHost = ['=>', 'f=>', 'f?'] as const;
const bytesFromDevice = ['<=', 'f<=', 'd<='] as const;
export type TraceLine =
  | {
      readonly atMs: number;
      readonly mark: (typeof fromHost)[number] | (typeof bytesFromDevice)[number];
      readonly bytes: Uint8Array;
    }
  | { readonly atMs: number; readonly mark: 'f!'; readonly code: TransportErrorCode };

/** Most lines of a trace that are kept or replayed. */
export const traceLineMax = 100_000;

export function formatTraceLine(line: TraceLine): string {
  if (line.mark === 'f!') return `${line.atMs} f! ${line.code.slice('transport.'.length)}`;
  const hex = Array.from(line.bytes, (b) => b.toString(16).padStart(2, '0').toUpperCase()).join(' ');
  return `${line.atMs} ${line.mark} ${hex}`;
}

export type TraceFailure = { code: 'trace.bad_line' | 'trace.too_long'; message: string };

export function parseTrace(text: string): Result<TraceLine[], TraceFailure> {
  const lines: TraceLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const line = parseTraceLine(trimmed);
    if (line === null) return fail('trace.bad_line', `line ${index + 1}`);
    if (lines.length >= traceLineMax) return fail('trace.too_long', `more than ${traceLineMax} lines`);
    lines.push(line);
  }
  return ok(lines);
}

function parseTraceLine(text: string): TraceLine | null {
  const [, ms = '', word = '', rest = ''] = /^(\d{1,12}) (\S+) (.+)$/.exec(text) ?? [];
  const atMs = Number(ms);
  if (word === 'f!') {
    const code = transportErrorCodes.find((one) => one === `transport.${rest}`);
    return code === undefined ? null : { atMs, mark: word, code };
  }
  const mark = [...fromHost, ...bytesFromDevice].find((one) => one === word);
  if (mark === undefined || !/^([0-9A-Fa-f]{2} ?)+$/.test(rest)) return null;
  return { atMs, mark, bytes: Uint8Array.from(rest.match(/[0-9A-Fa-f]{2}/g) ?? [], (h) => parseInt(h, 16)) };
}

/** Wraps any transport; hands every line to `sink`, at most `traceLineMax` of them, and says when it is closed. */
export function recordingTransport(
  inner: Transport,
  clock: Clock,
  sink: (line: string) => void,
  ended: () => void = () => undefined,
): Transport {
  let startMs = clock.monotonicMs();
  let lineCount = 0;
  const atMs = (): number => Math.round(clock.monotonicMs() - startMs);
  const note = (line: TraceLine): void => {
    if (++lineCount <= traceLineMax) sink(formatTraceLine(line));
  };
  const noteBytes = (mark: Exclude<TraceLine['mark'], 'f!'>, bytes: Uint8Array): void => {
    if (bytes.length > 0) note({ atMs: atMs(), mark, bytes });
  };
  const noteAnswer = (result: Result<unknown, TransportFailure>, bytes: Uint8Array): void => {
    if (result.ok) noteBytes('f<=', bytes);
    else note({ atMs: atMs(), mark: 'f!', code: result.error.code });
  };
  return {
    // Some know only once they are open what they are connected to.
    get name() {
      return inner.name;
    },
    get reportDescriptor() {
      return inner.reportDescriptor ?? null;
    },
    open: async (signal) => {
      startMs = clock.monotonicMs();
      const opened = await inner.open(signal);
      if (opened.ok) noteBytes('d<=', inner.reportDescriptor ?? Uint8Array.of());
      return opened;
    },
    write: (bytes) => {
      noteBytes('=>', bytes);
      return inner.write(bytes);
    },
    sendFeature: async (report) => {
      noteBytes('f=>', report);
      const result = await inner.sendFeature(report);
      noteAnswer(result, report.subarray(0, 1));
      return result;
    },
    getFeature: async (reportId, maxBytes) => {
      noteBytes('f?', featureRequest(reportId, maxBytes));
      const result = await inner.getFeature(reportId, maxBytes);
      noteAnswer(result, result.ok ? result.value : Uint8Array.of());
      return result;
    },
    close: () => inner.close().finally(ended),
    onData: (listener) => {
      inner.onData((bytes) => {
        noteBytes('<=', bytes);
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
 * was received comes back at the recorded distance from the line before it. The first difference ends the transport with
 * `transport.mismatch`, and every later write fails.
 */
export class ReplayTransport implements Transport {
  readonly name = 'replay';
  readonly reportDescriptor: Uint8Array | null = null;
  readonly #lines: readonly TraceLine[];
  readonly #clock: Clock;
  #next = 0;
  #isOpen = false;
  #cancelTimer: () => void = () => undefined;
  #answerFeature: (result: Result<Uint8Array, TransportFailure>) => void = () => undefined;
  #onData: (bytes: Uint8Array) => void = () => undefined;
  #onClosed: (why: TransportFailure) => void = () => undefined;

  constructor(lines: readonly TraceLine[], clock: Clock) {
    this.#lines = lines;
    this.#clock = clock;
    const [first] = lines;
    if (first?.mark !== 'd<=') return;
    this.reportDescriptor = first.bytes;
    this.#next = 1;
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
    return Promise.resolve(this.#take('=>', bytes));
  }

  async sendFeature(report: Uint8Array): Promise<Result<void, TransportFailure>> {
    const answer = await this.#feature('f=>', report);
    return answer.ok ? ok() : answer;
  }

  getFeature(reportId: number, maxBytes: number): Promise<Result<Uint8Array, TransportFailure>> {
    return this.#feature('f?', featureRequest(reportId, maxBytes));
  }

  #feature(mark: 'f=>' | 'f?', bytes: Uint8Array): Promise<Result<Uint8Array, TransportFailure>> {
    return new Promise((resolve) => {
      this.#answerFeature = resolve;
      const taken = this.#take(mark, bytes);
      if (!taken.ok) resolve(taken);
    });
  }

  /** The host does something: it must be what the next line says. */
  #take(mark: (typeof fromHost)[number], bytes: Uint8Array): Result<void, TransportFailure> {
    if (!this.#isOpen) return fail('transport.closed', 'not open');
    const line = this.#lines[this.#next];
    if (line?.mark !== mark || !sameBytes(line.bytes, bytes)) {
      const want = line === undefined ? 'the end' : formatTraceLine(line);
      const got = formatTraceLine({ atMs: 0, mark, bytes });
      const why = {
        code: 'transport.mismatch',
        message: `line ${this.#next + 1}: ${want}, got ${got}`,
      } as const;
      this.#end({ ok: false, error: why });
      this.#onClosed(why);
      return { ok: false, error: why };
    }
    this.#next++;
    this.#schedule(line.atMs);
    return ok();
  }

  close(): Promise<void> {
    this.#end(fail('transport.closed', 'closed'));
    return Promise.resolve();
  }

  #end(pending: Err<TransportFailure>): void {
    this.#isOpen = false;
    this.#cancelTimer();
    this.#answerFeature(pending);
  }

  #schedule(previousMs: number): void {
    const line = this.#lines[this.#next];
    if (line === undefined || fromHost.some((mark) => mark === line.mark)) return;
    this.#cancelTimer = this.#clock.after(line.atMs - previousMs, () => {
      this.#next++;
      this.#play(line);
      if (this.#isOpen) this.#schedule(line.atMs);
    });
  }

  #play(line: TraceLine): void {
    if (line.mark === '<=') this.#onData(line.bytes);
    else if (line.mark === 'f!') this.#answerFeature(fail(line.code, 'as recorded'));
    else this.#answerFeature(ok(line.bytes));
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
