import type { Clock } from '../../shared/clock.ts';
import { fail } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import {
  featureTimeoutMs,
  noFeatures,
  openTimeoutMs,
  writeMaxBytes,
  writeQueueMaxBytes,
  writeTimeoutMs,
} from './transport.ts';
import type { Transport, TransportFailure } from './transport.ts';

type Outcome<T> = Result<T, TransportFailure>;

/**
 * What every transport does alike: it is opened once, within a bound; it sends one thing at a time, in the order of the calls,
 * each within a bound; it ends once and says so once; closing waits for what is under way. The native libraries below
 * have no such bounds, and end the process when a handle is closed under a running transfer.
 */
export abstract class TransportBase implements Transport {
  protected readonly clock: Clock;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  #connecting: Promise<unknown> = Promise.resolve();
  #released: Promise<void> | null = null;
  #endOpening: (why: TransportFailure) => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #waitingBytes = 0;
  #onData: (bytes: Uint8Array) => void = () => undefined;
  #onClosed: (why: TransportFailure) => void = () => undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  abstract get name(): string;

  /** Finds and opens the device. What it has opened so far is given back by `release`, also when it fails half way. */
  protected abstract connect(): Promise<Outcome<void>>;
  /** Hands bytes to the system. A failure ends the transport. */
  protected abstract send(bytes: Uint8Array): Promise<Outcome<void>>;
  /** Gives back all that `connect` has opened, after what is under way. Called once, after `connect` has returned. */
  protected abstract release(): Promise<void>;
  /** Nobody waits for `connect` any more: it may be cut short where that can be done. */
  protected abandon(): void {
    return;
  }
  /** Lets old bytes of the device drain away before the transport counts as open. */
  protected settle(): Promise<void> {
    return Promise.resolve();
  }
  /** Feature reports where there are any; a failure of theirs ends the transport only when it is `transport.closed`. */
  protected readonly features: {
    set(report: Uint8Array): Promise<Outcome<void>>;
    get(reportId: number, maxBytes: number): Promise<Outcome<Uint8Array>>;
  } | null = null;

  protected get isOver(): boolean {
    return this.#state === 'closed';
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onClosed(listener: (why: TransportFailure) => void): void {
    this.#onClosed = listener;
  }

  async open(signal: AbortSignal): Promise<Outcome<void>> {
    if (this.#state !== 'new') return fail('transport.closed', `${this.name}: a transport is opened once`);
    if (signal.aborted) return fail('transport.aborted', `${this.name}: aborted before it began`);
    this.#state = 'opening';
    const ended = new Promise<Outcome<void>>((resolve) => {
      this.#endOpening = (why) => {
        resolve({ ok: false, error: why });
      };
    });
    const abort = (): void => {
      this.#endOpening({ code: 'transport.aborted', message: `${this.name}: aborted` });
    };
    signal.addEventListener('abort', abort);
    const cancelTimer = this.clock.after(openTimeoutMs, () => {
      const message = `${this.name}: not open after ${openTimeoutMs} ms`;
      this.#endOpening({ code: 'transport.timeout', message });
    });
    const connecting = this.#connect();
    this.#connecting = connecting;
    const outcome = await Promise.race([connecting, ended]);
    cancelTimer();
    signal.removeEventListener('abort', abort);
    if (!outcome.ok) {
      this.#state = 'closed';
      void this.#release();
      return outcome;
    }
    if (this.isOver) return this.#notOpen();
    this.#state = 'open';
    return outcome;
  }

  async #connect(): Promise<Outcome<void>> {
    try {
      const connected = await this.connect();
      if (connected.ok && this.#state === 'opening') await this.settle();
      return connected;
    } catch (error) {
      return fail('transport.io', `${this.name}: ${messageOf(error)}`);
    }
  }

  write(bytes: Uint8Array): Promise<Outcome<void>> {
    if (bytes.length > writeMaxBytes || this.#waitingBytes + bytes.length > writeQueueMaxBytes) {
      return Promise.resolve(fail('transport.too_large', `${this.name}: ${bytes.length} bytes`));
    }
    this.#waitingBytes += bytes.length;
    const written = this.#inTurn('a write', writeTimeoutMs, async () => {
      const sent = await this.send(bytes);
      if (!sent.ok) this.lost(sent.error);
      return sent;
    });
    return written.finally(() => {
      this.#waitingBytes -= bytes.length;
    });
  }

  async sendFeature(report: Uint8Array): Promise<Outcome<void>> {
    const { features } = this;
    if (features === null) return noFeatures(this.name).sendFeature();
    if (report.length > writeMaxBytes)
      return fail('transport.too_large', `${this.name}: ${report.length} bytes`);
    return this.#inTurn('a feature report', featureTimeoutMs, () => features.set(report));
  }

  async getFeature(reportId: number, maxBytes: number): Promise<Outcome<Uint8Array>> {
    const { features } = this;
    if (features === null) return noFeatures(this.name).getFeature();
    if (maxBytes > writeMaxBytes) return fail('transport.too_large', `${this.name}: ${maxBytes} bytes`);
    const got = await this.#inTurn('a feature report', featureTimeoutMs, () =>
      features.get(reportId, maxBytes),
    );
    if (!got.ok || got.value.length <= maxBytes) return got;
    return fail('transport.bad_frame', `${this.name}: a feature report of ${got.value.length} bytes`);
  }

  /** After all that was asked before; what does not end in time ends the transport, so that it cannot happen later. */
  #inTurn<T>(what: string, timeoutMs: number, run: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    if (this.#state !== 'open') return Promise.resolve(this.#notOpen());
    return new Promise((resolve) => {
      const cancelTimer = this.clock.after(timeoutMs, () => {
        const message = `${this.name}: ${what} did not end within ${timeoutMs} ms`;
        this.lost({ code: 'transport.timeout', message });
        resolve(fail('transport.timeout', message));
      });
      const mine = this.#turn.then(() => (this.#state === 'open' ? run() : this.#notOpen()));
      this.#turn = mine
        .catch((error: unknown) => {
          const failure = fail('transport.io', `${this.name}: ${messageOf(error)}`);
          this.lost(failure.error);
          return failure;
        })
        .then((result) => {
          cancelTimer();
          resolve(result);
        });
    });
  }

  #notOpen(): ReturnType<typeof fail<'transport.closed'>> {
    return fail('transport.closed', `${this.name}: not open`);
  }

  /** Bytes (or one report) of the device. What comes before the transport is open is old and dropped. */
  protected received(bytes: Uint8Array): void {
    if (this.#state === 'open') this.#onData(bytes);
  }

  /** The transport has ended by itself. */
  protected lost(why: TransportFailure): void {
    if (this.#state === 'opening') this.#endOpening(why);
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    void this.#release();
    this.#onClosed(why);
  }

  close(): Promise<void> {
    const isNew = this.#state === 'new';
    this.#state = 'closed';
    this.#endOpening({ code: 'transport.closed', message: `${this.name}: closed while opening` });
    return isNew ? Promise.resolve() : this.#release();
  }

  /** Once, and only after `connect` has returned: a native open cannot be called off, what it still brings is given back. */
  #release(): Promise<void> {
    if (this.#released === null) this.abandon();
    this.#released ??= this.#connecting
      .then(() => this.release())
      .catch(() => {
        // It is gone already: there is nothing left to give back.
      });
    return this.#released;
  }
}

/** What a native library or Node threw, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
