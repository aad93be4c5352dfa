import type { Clock } from '../../shared/clock.ts';
import { fail } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { noFeatures } from './transport.ts';
import type { Transport, TransportFailure } from './transport.ts';

/** A line on which nothing came for so long is dead for all: as long as one board alone is given (conversation.ts), ms. */
const lineAliveMs = 5_000;

/** Runs something while nobody else on the line does; what waits is served in its order. */
export type TakeTurn = <T>(run: () => Promise<T>) => Promise<T>;

/** One of those who share a line. */
export interface LineSeat {
  /** A new connection over the line: the line itself is opened with the first. */
  makeTransport(): Transport;
  readonly takeTurn: TakeTurn;
}

/**
 * One line (a serial port) with several devices on it, such as the locks of two doors on one board: a port can be opened
 * once, and carries one question at a time. What comes while somebody has the turn is for them (a door that tells of itself
 * just then is read with the next poll); what comes unasked for is for all, and each tells by address and channel what is theirs. When it ends, it ends for all; whoever hears nothing gives up
 * its own connection while others are heard, and the whole line when nobody is.
 */
export class SharedLine {
  readonly #clock: Clock;
  readonly #make: () => Transport;
  readonly #taps = new Set<Tap>();
  #line: Line | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #holder: Seat | null = null;
  #closing: Promise<void> = Promise.resolve();

  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, make: () => Transport) {
    this.#clock = clock;
    this.#make = make;
  }

  seat(): LineSeat {
    const seat: Seat = {};
    return {
      makeTransport: () => new Tap(this, seat),
      takeTurn: (run) => this.#takeTurn(seat, run),
    };
  }

  async open(tap: Tap, signal: AbortSignal): Promise<Result<void, TransportFailure>> {
    await this.#closing;
    if (tap.isClosed) return fail('transport.closed', 'closed before it was open');
    this.#taps.add(tap);
    this.#line ??= this.#connect(signal);
    const line = this.#line;
    const opened = await line.opened;
    if (!opened.ok) {
      this.#taps.delete(tap);
      if (this.#line === line) this.#line = null;
      return opened;
    }
    // It may have ended while this one waited for it.
    if (!this.#taps.has(tap)) return fail('transport.closed', 'the line has ended');
    tap.name = line.transport.name;
    return opened;
  }

  write(tap: Tap, bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    if (this.#line === null || !this.#taps.has(tap)) {
      return Promise.resolve(fail('transport.closed', 'the line is closed'));
    }
    return this.#line.transport.write(bytes);
  }

  close(tap: Tap): Promise<void> {
    const line = this.#line;
    if (!this.#taps.delete(tap) || line === null) return this.#closing;
    const isHeard = this.#clock.monotonicMs() - this.#heardMs < lineAliveMs;
    if (this.#taps.size > 0 && isHeard) return Promise.resolve();
    this.#line = null;
    this.#closing = line.transport.close();
    this.#end({ code: 'transport.closed', message: 'closed by another device of the same line' });
    return this.#closing;
  }

  #connect(signal: AbortSignal): Line {
    const transport = this.#make();
    transport.onData((bytes) => {
      this.#heardMs = this.#clock.monotonicMs();
      for (const tap of [...this.#taps]) {
        if (this.#holder === null || tap.seat === this.#holder) tap.receive(bytes);
      }
    });
    transport.onClosed((why) => {
      if (this.#line?.transport !== transport) return;
      this.#line = null;
      this.#end(why);
    });
    return { transport, opened: transport.open(signal) };
  }

  #end(why: TransportFailure): void {
    const left = [...this.#taps];
    this.#taps.clear();
    for (const tap of left) tap.ended(why);
  }

  #takeTurn<T>(seat: Seat, run: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      this.#holder = seat;
      try {
        return await run();
      } finally {
        this.#holder = null;
      }
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

interface Line {
  readonly transport: Transport;
  readonly opened: Promise<Result<void, TransportFailure>>;
}

/** Who shares the line, whatever connection they are on. */
type Seat = object;

class Tap implements Transport {
  name = 'shared line';
  readonly seat: Seat;
  isClosed = false;
  readonly #line: SharedLine;
  #onData: (bytes: Uint8Array) => void = () => undefined;
  #onClosed: (why: TransportFailure) => void = () => undefined;
  readonly sendFeature = noFeatures(this.name).sendFeature;
  readonly getFeature = noFeatures(this.name).getFeature;

  constructor(line: SharedLine, seat: Seat) {
    this.#line = line;
    this.seat = seat;
  }

  open(signal: AbortSignal): Promise<Result<void, TransportFailure>> {
    return this.#line.open(this, signal);
  }

  write(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    return this.#line.write(this, bytes);
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#onClosed = () => undefined;
    this.#onData = () => undefined;
    return this.#line.close(this);
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onClosed(listener: (why: TransportFailure) => void): void {
    this.#onClosed = listener;
  }

  receive(bytes: Uint8Array): void {
    this.#onData(bytes);
  }

  ended(why: TransportFailure): void {
    this.#onClosed(why);
  }
}
