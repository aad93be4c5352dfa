import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { StreamDecoder } from '../protocol/codec.ts';
import { deviceFail } from './driver.ts';
import type { DriverTransport } from './driver.ts';

export interface LineRequest<M> {
  readonly frame: Uint8Array;
  readonly accepts: (message: M) => boolean;
  readonly timeoutMs: number;
}

/**
 * Question and answer on a half-duplex line: one request in flight, each written once and only on the connection it was made
 * on. What comes and answers nothing is counted and dropped.
 */
export class RequestLine<M> {
  readonly #clock: Clock;
  readonly #decoder: StreamDecoder<M>;
  readonly #quietGapMs: number;
  #transport: DriverTransport | null = null;
  #pending: { accepts: (message: M) => boolean; settle: (result: Result<M, DeviceFailure>) => void } | null =
    null;
  #cancelGap: () => void = () => undefined;
  #failureCount = 0;
  #unrelatedCount = 0;

  /** `quietGapMs`: a frame that is not whole after this much silence never will be. */
  constructor(clock: Clock, decoder: StreamDecoder<M>, quietGapMs: number) {
    this.#clock = clock;
    this.#decoder = decoder;
    this.#quietGapMs = quietGapMs;
  }

  /** Failed exchanges, answers to nothing, wrong checksums. Only grows. */
  get errorCount(): number {
    return this.#failureCount + this.#unrelatedCount + this.#decoder.stats.badChecksumCount;
  }

  get isOpen(): boolean {
    return this.#transport !== null;
  }

  start(transport: DriverTransport): void {
    assert(this.#transport === null, 'a line is started once per connection');
    this.#transport = transport;
    this.#decoder.reset();
  }

  stop(reason: string): void {
    this.#transport = null;
    this.#cancelGap();
    this.#pending?.settle(deviceFail('device.disconnected', reason));
  }

  receive(bytes: Uint8Array): void {
    this.#handle(this.#decoder.push(bytes));
    this.#cancelGap();
    if (this.#decoder.heldByteCount === 0) return;
    this.#cancelGap = this.#clock.after(this.#quietGapMs, () => {
      this.#handle(this.#decoder.flush());
    });
  }

  abort(reason: string): void {
    this.#transport?.abort(reason);
  }

  /** `device.protocol`: something came, but not the answer; `device.timeout`: nothing came. */
  exchange(request: LineRequest<M>): Promise<Result<M, DeviceFailure>> {
    const transport = this.#transport;
    if (transport === null)
      return Promise.resolve(deviceFail('device.disconnected', 'the connection was lost'));
    assert(this.#pending === null, 'one request at a time');
    // What is left of an earlier answer must not become the head of this one.
    this.#decoder.reset();
    const noiseBefore = this.#noise();
    return new Promise((resolve) => {
      let isWritten = false;
      const settle = (result: Result<M, DeviceFailure>): void => {
        if (this.#pending !== pending) return;
        this.#pending = null;
        cancelTimer();
        if (!result.ok) this.#failureCount++;
        resolve(result);
      };
      const pending = { accepts: request.accepts, settle };
      this.#pending = pending;
      const cancelTimer = this.#clock.after(request.timeoutMs, () => {
        if (isWritten) {
          settle(notAnswered(this.#noise() > noiseBefore));
          return;
        }
        // Still in a driver's queue: close, so that it does not go out at a time when nobody waits for the answer.
        settle(deviceFail('device.disconnected', 'the request could not be written'));
        transport.abort('a write has stalled');
      });
      void transport.write(request.frame).then((written) => {
        isWritten = written.ok;
        if (written.ok) return;
        settle(deviceFail('device.disconnected', `not written: ${written.error.message}`));
        transport.abort(written.error.message);
      });
    });
  }

  #handle(messages: readonly M[]): void {
    for (const message of messages) {
      if (this.#pending?.accepts(message) === true) this.#pending.settle(ok(message));
      else this.#unrelatedCount++;
    }
  }

  /** Grows with everything that arrives and is no valid answer. */
  #noise(): number {
    return this.#unrelatedCount + this.#decoder.stats.skippedByteCount + this.#decoder.heldByteCount;
  }
}

function notAnswered(gotOtherBytes: boolean): ReturnType<typeof deviceFail> {
  return gotOtherBytes
    ? deviceFail('device.protocol', 'something came, but not the answer')
    : deviceFail('device.timeout', 'no answer');
}
