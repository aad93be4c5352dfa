import { assert } from '../../shared/assert.ts';
import { sleep } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceFault } from '../../shared/model/device.ts';
import type { Err, Result } from '../../shared/result.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import type { StreamDecoder } from '../protocol/codec.ts';
import type { TransportFailure } from '../transport/transport.ts';
import { deviceFail } from './driver.ts';
import { EchoFilter } from './echo-filter.ts';
import type { DriverHealth, DriverTransport } from './driver.ts';

/** A frame that is not whole after this much silence never will be. Wider than on the wire: USB and TCP deliver in lumps. */
export const quietGapMs = 50;
/** Silence after which a connection is made anew (loss of sync, hung adapter), where the device has no bound of its own. */
export const silentReconnectMs = 5000;
/** An echo comes as it is written: 5 ms for a frame at 9600 Bd, an adapter's 16, and room for lumps. Boards acknowledge later. */
const echoMaxMs = 60;
/** How long after a request its answer may still turn up, ms. */
export const lateReplyMaxMs = 2000;
/**
 * Requests so soon after each other, each answered so soon, ms. Where the answers are of requests further back, they come as
 * far apart as the requests do: the next one so long after the last request, at most.
 */
const quickEveryMs = 150;
const quickReplyMs = 100;
const quickLateMaxMs = quickEveryMs + quickReplyMs;
/** A feature report of a low-speed device takes some ms; a transport that needs longer than this is aborted. */
const featureMaxMs = 500;

/** What a message is that no request takes for its reply. */
export type UnsolicitedKind =
  /** Sent without being requested, as it may be. */
  | 'push'
  /** Of this device, but nothing waits for it (a late or doubled reply): counted, and a sign of life. */
  | 'unexpected'
  /** Not of this device, or it makes no sense: counted, and no sign of life. */
  | 'unrelated';

export type FrameDecoder<M> = Pick<StreamDecoder<M>, 'push' | 'flush' | 'reset' | 'heldByteCount' | 'stats'>;

export interface ConversationOptions<M> {
  /** What speaks at the other end, for the texts of failures: `the lock board`. */
  readonly name: string;
  readonly clock: Clock;
  readonly decoder: FrameDecoder<M>;
  /** On a line that carries one thing at a time what is left of an earlier answer is dropped before each request. */
  readonly isHalfDuplex: boolean;
  /** The line may give back what was just written (RS485); as a rule those that carry one thing at a time. */
  readonly mayEcho?: boolean;
  readonly silentReconnectMs?: number;
  /** Asked about each message that no request has taken. */
  classify(message: M): UnsolicitedKind;
  /** A reply, a push or an unexpected message has come; before the request that it answers is resolved. */
  received?(message: M, kind: 'reply' | Exclude<UnsolicitedKind, 'unrelated'>): void;
  /** State or detail of `health()` are others than before. */
  healthChanged(): void;
}

export interface Request<M, T> {
  readonly frame: Uint8Array;
  readonly timeoutMs: number;
  /** What this message does to the request; null: it is no reply to it. */
  matchReply(message: M): Result<T, DeviceFailure> | null;
  /** Called in the turn of the reply's last byte: a push behind it in the same bytes is newer than what it says. */
  onReply?(value: T): void;
  /**
   * The true reply may equal the request byte for byte. On a line that is known to echo the first such one is the echo;
   * where `mayBeEcho` the caller has to confirm it by a request whose reply differs, and ask `lineEchoes` after that.
   */
  readonly replyMayEqualFrame?: boolean;
  /** Nothing useful is answered: done with this as soon as it is written. */
  readonly resolveOnceWritten?: Result<T, DeviceFailure> | undefined;
}

interface Pending<M> {
  /** What to do to resolve the request with this message; null: it is no reply to it. */
  tryResolve(message: M): (() => void) | null;
  fail(failure: Err<DeviceFailure>): void;
}

/**
 * The conversation with one device over one connection after the other: one request in flight, each written once and only
 * on the connection that was up when it was made; pushes and late replies told apart from replies; silence, noise and what
 * health says of them. What a request is, and what a message means, is said by the device's own file.
 */
export class Conversation<M> {
  readonly #options: ConversationOptions<M>;
  readonly #clock: Clock;
  #transport: DriverTransport | null = null;
  #connection = 0;
  #pending: Pending<M> | null = null;
  readonly #echo = new EchoFilter();
  /**
   * What requests whose reply cannot equal them have shown of this line. One that echoes goes on to: an echo that noise has
   * spoilt says nothing else.
   */
  #lineEchoes: boolean | null = null;
  #writtenMs = 0;
  #cancelGap: () => void = () => undefined;
  #wake: () => void = () => undefined;
  #state: DriverHealth['state'] = 'connecting';
  #detail = '';
  #fault: DeviceFault | undefined;
  #lastSeenMs: number | null = null;
  #usefulCount = 0;
  #startedMs = 0;
  #failureCount = 0;
  #unrelatedCount = 0;
  /** Until then an answer may come that nothing waits for any more; a new connection does not shorten it. */
  #lateUntilMs = Number.NEGATIVE_INFINITY;
  /** Since then all requests and answers were quick, and nothing came unasked for. */
  #quickSinceMs = Number.NEGATIVE_INFINITY;

  constructor(options: ConversationOptions<M>) {
    this.#options = options;
    this.#clock = options.clock;
  }

  start(transport: DriverTransport): void {
    assert(this.#transport === null, 'a conversation is started once per connection');
    this.#transport = transport;
    this.#connection++;
    this.#options.decoder.reset();
    this.#expectEcho(null);
    this.#lineEchoes = null;
    this.#startedMs = this.#clock.monotonicMs();
    this.setState('connecting', '');
  }

  /** The connection is gone: what is pending fails with `device.disconnected`, what sleeps wakes. Idempotent. */
  stop(): void {
    if (this.#transport === null) return;
    this.#transport = null;
    this.#cancelGap();
    this.#pending?.fail(this.disconnected());
    this.#wake();
    this.setState('connecting', '');
  }

  /** The number of this connection, or of the last one. */
  get connection(): number {
    return this.#connection;
  }

  get isOpen(): boolean {
    return this.#transport !== null;
  }

  /** Whether this very connection is still up. */
  isUp(connection: number): boolean {
    return this.isOpen && connection === this.#connection;
  }

  /** It answers: something of it came on this connection, and it has not gone silent since. */
  get isResponding(): boolean {
    return this.#state === 'ready';
  }

  get detail(): string {
    return this.#detail;
  }

  /** Whether this line gives back what is written, as far as has been seen on this connection. */
  get lineEchoes(): boolean {
    return this.#lineEchoes === true;
  }

  /**
   * Whether a reply that equals its request and comes now may be its echo: the line is not known, or it comes as quickly. On
   * a line that is known to echo the echo has been taken out before.
   */
  get mayBeEcho(): boolean {
    if (this.#lineEchoes === true) return false;
    return this.#lineEchoes === null || this.#clock.monotonicMs() - this.#writtenMs < echoMaxMs;
  }

  health(): DriverHealth {
    const { badChecksumCount } = this.#options.decoder.stats;
    return {
      state: this.#state,
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#failureCount + this.#unrelatedCount + badChecksumCount,
      usefulCount: this.#usefulCount,
      resetCount: 0,
      detail: this.#detail,
      ...(this.#fault !== undefined && { fault: this.#fault }),
    };
  }

  setState(state: DriverHealth['state'], detail: string, fault?: DeviceFault): void {
    this.#fault = fault;
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#options.healthChanged();
  }

  /** Counts something that went wrong without a failed exchange. */
  countFailure(): void {
    this.#failureCount++;
  }

  /** The device has shown that it lives by other means than a frame. */
  noteSeen(): void {
    this.#lastSeenMs = this.#clock.monotonicMs();
  }

  receive(bytes: Uint8Array): void {
    const { decoder } = this.#options;
    const { before, after } = this.#echo.push(bytes);
    this.#handle(decoder.push(before));
    if (after !== null) {
      this.#lineEchoes = true;
      // What is cut off before an echo is noise, or the beginning of the echo itself.
      decoder.reset();
      this.#handle(decoder.push(after));
    }
    this.#cancelGap();
    if (decoder.heldByteCount + this.#echo.heldByteCount === 0) return;
    this.#cancelGap = this.#clock.after(quietGapMs, () => {
      this.#handle(decoder.push(this.#echo.flush()));
      this.#handle(decoder.flush());
    });
  }

  /** Ends this connection; a new one is made after the back-off. */
  abort(reason: string): void {
    this.#transport?.abort(reason);
  }

  /** Ends the connection when nothing valid has come on it for so long. */
  abortWhenSilent(): void {
    const sinceMs = Math.max(this.#lastSeenMs ?? 0, this.#startedMs);
    const boundMs = this.#options.silentReconnectMs ?? silentReconnectMs;
    if (this.#clock.monotonicMs() - sinceMs >= boundMs) this.abort('no answer');
  }

  /** Writes a frame that nothing waits for; a write that fails ends the connection. */
  send(frame: Uint8Array): void {
    const transport = this.#transport;
    this.#expectEcho(this.lineEchoes ? frame : null);
    void transport?.write(frame).then((written) => {
      if (!written.ok && this.#transport === transport) transport.abort(written.error.message);
    });
  }

  /**
   * One request and what it comes to, on the given connection; never repeated. Errors: `device.disconnected`,
   * `device.timeout` (nothing came), `device.protocol` (something came, but not the answer), and what `matchReply` says.
   */
  exchange<T>(
    request: Request<M, T>,
    connection: number = this.#connection,
  ): Promise<Result<T, DeviceFailure>> {
    const transport = this.#transport;
    if (transport === null || connection !== this.#connection) return Promise.resolve(this.disconnected());
    assert(this.#pending === null, 'one request at a time');
    if (this.#options.isHalfDuplex) this.#options.decoder.reset();
    const isTelling = request.replyMayEqualFrame !== true;
    this.#expectEcho(isTelling || this.lineEchoes ? request.frame : null);
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#writtenMs > quickEveryMs) this.#notQuick();
    this.#writtenMs = nowMs;
    const noiseBefore = this.#noise();
    // What answers this request may be the late answer to one before it, and its own comes late then.
    const isUncertain = this.lateReplyMs > 0;
    return new Promise((resolve) => {
      let isWritten = false;
      const settle = (result: Result<T, DeviceFailure>, isAnswered = false): void => {
        if (this.#pending !== pending) return;
        this.#pending = null;
        cancelTimer();
        if (!isAnswered || this.#clock.monotonicMs() - nowMs > quickReplyMs) this.#notQuick();
        if (isUncertain || !isAnswered) this.#lateUntilMs = this.#nextLateUntilMs();
        if (result.ok && isTelling) this.#lineEchoes ??= false;
        this.#expectEcho(null);
        if (!result.ok) this.#failureCount++;
        else if (result !== request.resolveOnceWritten) request.onReply?.(result.value);
        resolve(result);
      };
      const pending: Pending<M> = {
        tryResolve: (message) => {
          const result = request.matchReply(message);
          if (result === null) return null;
          return () => {
            settle(result, true);
          };
        },
        fail: settle,
      };
      this.#pending = pending;
      const cancelTimer = this.#clock.after(request.timeoutMs, () => {
        settle(this.#notAnswered(isWritten, this.#noise() > noiseBefore));
        // Still in a driver's queue: it must not go out at a time when nobody waits for the answer.
        if (!isWritten) transport.abort('a write has stalled');
      });
      void transport.write(request.frame).then((written) => {
        isWritten = written.ok;
        if (written.ok) {
          if (request.resolveOnceWritten !== undefined) settle(request.resolveOnceWritten, true);
          return;
        }
        settle(deviceFail('device.disconnected', `not written: ${written.error.message}`));
        transport.abort(written.error.message);
      });
    });
  }

  /**
   * One feature report, either way. One that hangs ends the connection: it must not switch anything at a time when nobody
   * waits for it. Errors: `device.disconnected`, `device.timeout`, `device.protocol` (the device refuses the report).
   */
  async exchangeFeature<T>(
    run: (transport: DriverTransport) => Promise<Result<T, TransportFailure>>,
  ): Promise<Result<T, DeviceFailure>> {
    const [transport, connection] = [this.#transport, this.#connection];
    if (transport === null) return this.disconnected();
    const result = await withTimeout(this.#clock, featureMaxMs, run(transport));
    if (!this.isUp(connection)) return this.disconnected();
    if (!result.ok) {
      transport.abort('a feature report has stalled');
      return deviceFail('device.timeout', `${this.#options.name} did not answer in time`);
    }
    if (result.value.ok) return result.value;
    const { code, message } = result.value.error;
    if (code === 'transport.io') return deviceFail('device.protocol', message);
    transport.abort(message);
    return deviceFail('device.disconnected', message);
  }

  /**
   * How long from now the answer to a request that was not answered in time may still turn up, ms; 0: what comes next is the
   * answer to what is asked next.
   */
  get lateReplyMs(): number {
    return Math.max(this.#lateUntilMs - this.#clock.monotonicMs(), 0);
  }

  /**
   * Waits until no late answer can come any more, `lateReplyMaxMs` at most, or the connection has ended. Nothing may be
   * requested meanwhile.
   */
  async lateRepliesOver(): Promise<void> {
    while (this.isOpen && this.lateReplyMs > 0) await this.sleep(this.lateReplyMs);
  }

  /** Waits, whatever happens. */
  pause(delayMs: number): Promise<void> {
    return sleep(this.#clock, delayMs);
  }

  /** Until the time is over, `wake` is called or the connection ends. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends `sleep`; nothing when nobody sleeps. */
  wake(): void {
    this.#wake();
  }

  disconnected(): ReturnType<typeof deviceFail> {
    return deviceFail('device.disconnected', `${this.#options.name} is not connected`);
  }

  #expectEcho(frame: Uint8Array | null): void {
    const { isHalfDuplex, mayEcho } = this.#options;
    this.#echo.expect((mayEcho ?? isHalfDuplex) ? frame : null, this.lineEchoes);
  }

  /** An answer that was late itself has come within `lateReplyMaxMs`: a run that is longer leaves the ones in its wake alone. */
  #nextLateUntilMs(): number {
    const isLongQuick = this.#writtenMs - this.#quickSinceMs >= lateReplyMaxMs;
    return this.#writtenMs + (isLongQuick ? quickLateMaxMs : lateReplyMaxMs);
  }

  #notQuick(): void {
    this.#quickSinceMs = this.#clock.monotonicMs();
  }

  #handle(messages: readonly M[]): void {
    for (const message of messages) {
      const resolvePending = this.#pending?.tryResolve(message) ?? null;
      const kind = resolvePending === null ? this.#options.classify(message) : 'reply';
      if (kind === 'unexpected' || kind === 'unrelated') this.#unrelatedCount++;
      if (kind === 'unrelated') continue;
      if (kind === 'unexpected' && this.lateReplyMs > 0) {
        // So answers are late, and there may be more of them.
        this.#notQuick();
        this.#lateUntilMs = this.#nextLateUntilMs();
      }
      this.#lastSeenMs = this.#clock.monotonicMs();
      this.#usefulCount++;
      this.#options.received?.(message, kind);
      resolvePending?.();
    }
  }

  #notAnswered(isWritten: boolean, cameOther: boolean): ReturnType<typeof deviceFail> {
    const { name } = this.#options;
    if (!isWritten) return deviceFail('device.disconnected', 'the request could not be written');
    return cameOther
      ? deviceFail('device.protocol', `${name} answered, but not to this`)
      : deviceFail('device.timeout', `no answer from ${name}`);
  }

  /** Grows with everything that arrives and is no valid answer. */
  #noise(): number {
    const { stats, heldByteCount } = this.#options.decoder;
    const echoCount = this.#echo.heldByteCount + Number(this.#echo.hasEchoed);
    return this.#unrelatedCount + stats.skippedByteCount + heldByteCount + echoCount;
  }
}

/** A decoder for transports that keep the borders of reports: each is a message, or is counted and dropped. */
export function reportDecoder<M>(
  decode: (report: Uint8Array) => Result<M, { code: string }>,
): FrameDecoder<M> {
  const stats = { frameCount: 0, skippedByteCount: 0, badChecksumCount: 0 };
  return {
    stats,
    heldByteCount: 0,
    reset: () => undefined,
    flush: () => [],
    push: (report) => {
      const message = decode(report);
      if (message.ok) {
        stats.frameCount++;
        return [message.value];
      }
      stats.badChecksumCount++;
      return [];
    },
  };
}
