import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { Clock } from '../../shared/clock.ts';
import { type Failure, type Result, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { StopCode } from './restarts.ts';
import { Restarts } from './restarts.ts';

/** The longest sleep, so that a clock that jumps forward (the operator's time, for faces) is noticed. */
const sleepMaxMs = 60_000;
/** So long nothing is sent after an item was put aside: a bug that meets every item makes no busy loop. */
const asidePauseMs = 1_000;

/** Says when the operator can be reached, and when not any more. */
export interface NetworkLink {
  onChange(listener: (online: boolean) => void): () => void;
}

/** Why a sender has stopped by itself. What it holds stays where it is on the disk; a new start goes on from there. */
export type SenderFailure = Failure<StopCode>;

/** A store that cannot be read or written: the sender stops and says so. */
type StoreResult<T> = Result<T, Failure<string>>;

/** What waits to be sent: on the disk or in memory, as the kind of message needs it. */
export interface Outbox<Item, Reply> {
  /** Takes up what the last run left; before the first item. */
  recover?(): StoreResult<unknown>;
  /** The next item that is due, by the sender's clock; null: none. */
  next(nowMs: number): StoreResult<Item | null>;
  /** When the next one falls due, by the sender's clock; null: none waits. */
  nextDueMs(): StoreResult<number | null>;
  /** The operator can be reached again: what waits because of it is due now. */
  networkIsBack(): StoreResult<unknown>;
  /** Before the first byte of one item leaves. */
  markSending?(item: Item): StoreResult<unknown>;
  /** Writes down what came of one item, and when to try again if it has to be. */
  record(item: Item, answer: Result<Reply, OperatorFailure>, isAborted: boolean): StoreResult<unknown>;
  /**
   * A bug ended the sending of this item: it is kept and tried again later, so that it does not hold up the others. Not
   * given: the sender stops.
   */
  putAside?(item: Item): StoreResult<unknown>;
}

export interface SenderOptions<Item, Reply> {
  /** For the log: `<name>.stopped`. */
  readonly name: string;
  readonly outbox: Outbox<Item, Reply>;
  /** One request; `signal` ends it. Never throws. */
  readonly send: (item: Item, signal: AbortSignal) => Promise<Result<Reply, OperatorFailure>>;
  /** For how long nothing at all is sent, ms; 0: not. */
  readonly pauseMs?: () => number;
  /** When the network is back, a request older than this was sent into the gap: it is aborted. Not given: none is. */
  readonly abortOlderThanMs?: number;
  readonly clock: Clock;
  readonly link: NetworkLink;
  /** Not given: what its store brings about passes by itself (restarts.ts), and a bug surfaces. */
  readonly onStopped?: ((failure: SenderFailure) => void) | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Brings what is in an outbox to the operator, one request at a time, until nothing is due; what came of one is recorded
 * before the next. Whether that survives the end of the program is the outbox's matter.
 */
export class Sender<Item, Reply> {
  readonly #options: SenderOptions<Item, Reply>;
  readonly #loop: RetryLoop;
  readonly #restarts: Restarts;
  #inFlight: { readonly abort: AbortController; readonly startedMs: number } | null = null;
  #cancelLink: () => void = () => undefined;

  constructor(options: SenderOptions<Item, Reply>) {
    this.#options = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#sendDue(),
      onBug: (bug) => this.#onBug(bug),
      sleepMaxMs,
    });
    this.#restarts = new Restarts({ clock: options.clock, start: () => this.start() });
  }

  get running(): boolean {
    return this.#loop.running;
  }
  /** Something is on its way to the operator at this moment. */
  get isSending(): boolean {
    return this.#inFlight !== null;
  }

  /** Takes up what the last run left, and begins. Nothing when it runs already. */
  start(): void {
    if (this.#loop.running) return;
    this.#loop.start(null);
    this.#guarded(() => {
      const recovered = this.#options.outbox.recover?.();
      if (recovered?.ok === false) {
        this.#fail('queue.storage', recovered.error.message);
        return;
      }
      this.#cancelLink = this.#options.link.onChange((online) => {
        if (online && this.#loop.running) this.#guarded(() => this.#networkIsBack());
      });
      this.wake();
    });
  }

  /** There may be something to send: look now. */
  wake(): void {
    this.#loop.wake();
  }

  /** Aborts the request that is under way and ends; resolves when its outcome is recorded. */
  async stop(): Promise<void> {
    const ended = this.#loop.stop();
    this.#restarts.cancel();
    this.#cancelLink();
    this.#inFlight?.abort.abort();
    await ended;
  }

  async #sendDue(): Promise<number | null> {
    const { outbox, clock, pauseMs = () => 0 } = this.#options;
    while (this.#loop.running) {
      const waitMs = pauseMs();
      if (waitMs > 0) return waitMs;
      const nowMs = clock.nowMs();
      const due = outbox.next(nowMs);
      if (!due.ok) return this.#fail('queue.storage', due.error.message);
      if (due.value === null) {
        const next = outbox.nextDueMs();
        if (!next.ok) return this.#fail('queue.storage', next.error.message);
        return next.value === null ? null : next.value - nowMs;
      }
      const recorded = await this.#sendOrPutAside(due.value);
      if (!recorded.ok) {
        const isStorage = recorded.error.code.startsWith('storage.');
        return this.#fail(isStorage ? 'queue.storage' : 'queue.bug', recorded.error.message);
      }
      if (recorded.value === 'put_aside') return asidePauseMs;
    }
    return null;
  }

  async #sendOrPutAside(item: Item): Promise<StoreResult<'sent' | 'put_aside'>> {
    const { name, outbox, logger } = this.#options;
    let bug: string;
    try {
      const recorded = await this.#sendOne(item);
      if (recorded.ok) return ok('sent');
      if (outbox.putAside === undefined || recorded.error.code.startsWith('storage.')) return recorded;
      bug = recorded.error.message;
    } catch (thrown) {
      if (outbox.putAside === undefined) throw thrown;
      bug = String(thrown);
    }
    logger?.error(`${name}.put_aside`, { bug });
    const aside = outbox.putAside(item);
    return aside.ok ? ok('put_aside') : aside;
  }

  async #sendOne(item: Item): Promise<StoreResult<unknown>> {
    const { outbox, send, clock } = this.#options;
    const marked = outbox.markSending?.(item);
    if (marked?.ok === false) return marked;
    const abort = new AbortController();
    this.#inFlight = { abort, startedMs: clock.monotonicMs() };
    const answer = await send(item, abort.signal).finally(() => {
      this.#inFlight = null;
    });
    return outbox.record(item, answer, abort.signal.aborted && !answer.ok);
  }

  #networkIsBack(): void {
    const { outbox, clock, abortOlderThanMs = Infinity } = this.#options;
    const reset = outbox.networkIsBack();
    if (!reset.ok) {
      this.#fail('queue.storage', reset.error.message);
      return;
    }
    const { abort, startedMs } = this.#inFlight ?? { abort: null, startedMs: 0 };
    if (clock.monotonicMs() - startedMs > abortOlderThanMs) abort?.abort();
    this.wake();
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (bug) {
      if (!this.#loop.running) return;
      void this.#loop.stop();
      this.#onBug(bug);
    }
  }

  /** Whoever listens decides; else the bug surfaces in a turn of its own, and nothing is silently never sent again. */
  #onBug(bug: unknown): void {
    this.#stopped('queue.bug', String(bug));
    if (this.#options.onStopped !== undefined) return;
    this.#options.clock.after(0, () => {
      throw bug;
    });
  }

  /** Stops with a word; it goes no further. */
  #fail(code: SenderFailure['code'], message: string): null {
    if (!this.#loop.running) return null;
    void this.#loop.stop();
    this.#stopped(code, message);
    return null;
  }

  #stopped(code: SenderFailure['code'], message: string): void {
    const { name, logger, onStopped } = this.#options;
    this.#cancelLink();
    logger?.error(`${name}.stopped`, { failure: code, message });
    if (onStopped !== undefined) onStopped({ code, message });
    else if (code === 'queue.storage') this.#restarts.note(code);
  }
}
