import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DoorState, PollMode } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Err, Result } from '../../shared/result.ts';
import { CallQueue } from './call-queue.ts';
import { deviceFail } from './driver.ts';
import type { DriverHealth, DriverTransport } from './driver.ts';
import type { BoardNotice, ContactBoard } from './lock-boards.ts';

/** A status reply takes 10 ms on the wire; the vendor advises to allow 100 to 200. */
export const readReplyTimeoutMs = 500;
export const doorPollMs = { active: 100, idle: 500 } as const;
/** Least pause between the end of one poll and the next request, so that a slow board is not flooded. */
const pollPauseMinMs = 20;
/** A frame that is not whole after this much silence never will be. Wider than on the wire: USB and TCP deliver in lumps. */
export const quietGapMs = 50;
/** Polls in a row without an answer until the board counts as silent and the door as unknown. */
export const silentPollCount = 3;
/** Silence after which the connection is made anew (loss of sync, hung adapter). */
export const silentReconnectMs = 5000;
/** How long the answer to a request that timed out may still turn up. */
const lateReplyMaxMs = 2000;

export interface DoorEvents {
  door(door: DoorState, atMs: number): void;
  healthChanged(): void;
}

export interface SessionOptions {
  readonly board: ContactBoard;
  readonly closedFeedback: 0 | 1;
  /** False: the door is seen elsewhere, so a board that cannot read its contact is as good as any. */
  readonly needsContact: boolean;
  readonly clock: Clock;
  readonly events: DoorEvents;
}

export interface Request<T> {
  readonly frame: Uint8Array;
  readonly timeoutMs: number;
  /** What this notice does to the request; null: nothing. Never asked about pushes. */
  matchReply(notice: BoardNotice): Result<T, DeviceFailure> | null;
  /** Nothing useful is answered: done with this as soon as it is written. */
  readonly onceWritten?: Result<T, DeviceFailure> | undefined;
}

interface Pending {
  /** False: this notice is not its answer. */
  tryResolve(notice: BoardNotice): boolean;
  fail(failure: Err<DeviceFailure>): void;
}

/**
 * The conversation with one lock board: one request at a time, the door's contact polled and pushed. A request is written
 * once, on the connection that was up when its call was made; what comes late settles nothing but itself.
 */
export class BoardSession {
  readonly #options: SessionOptions;
  readonly #board: ContactBoard;
  readonly #clock: Clock;
  readonly #calls = new CallQueue();
  #transport: DriverTransport | null = null;
  #connection = 0;
  #pending: Pending | null = null;
  #pollMode: PollMode = 'idle';
  #cancelPoll: () => void = () => undefined;
  #cancelGap: () => void = () => undefined;
  #door: DoorState = 'unknown';
  #state: DriverHealth['state'] = 'connecting';
  #detail = '';
  #missedPolls = 0;
  #lastSeenMs: number | null = null;
  #startedMs = 0;
  #failureCount = 0;
  #unrelatedCount = 0;
  /** Reads that timed out and whose answer may still come: it must not pass for an open's acknowledgement. */
  #lateReplies = 0;
  #lateRepliesUntilMs = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#board = options.board;
    this.#clock = options.clock;
  }

  /** The last known state; `unknown` until a reading has come on this connection. */
  get door(): DoorState {
    return this.#door;
  }

  /** It answers: it was heard on this connection, and has not gone silent since. */
  get isResponding(): boolean {
    return this.#state === 'ready';
  }

  start(transport: DriverTransport): void {
    assert(this.#transport === null, 'a session is started once per connection');
    this.#transport = transport;
    this.#connection++;
    this.#board.decoder.reset();
    this.#missedPolls = 0;
    this.#lateReplies = 0;
    this.#startedMs = this.#clock.monotonicMs();
    this.#setState('connecting', '');
    this.#schedulePoll(0);
  }

  stop(): void {
    if (this.#transport === null) return;
    this.#transport = null;
    this.#cancelPoll();
    this.#cancelGap();
    this.#pending?.fail(deviceFail('device.disconnected', 'the lock board went away'));
    this.#setDoor('unknown');
    this.#setState('connecting', '');
  }

  setPollMode(pollMode: PollMode): void {
    if (pollMode === this.#pollMode) return;
    this.#pollMode = pollMode;
    if (this.#transport !== null && pollMode === 'active' && this.#calls.count === 0) this.#schedulePoll(0);
  }

  health(): DriverHealth {
    return {
      state: this.#state,
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#failureCount + this.#unrelatedCount + this.#board.decoder.stats.badChecksumCount,
      resetCount: 0,
      detail: this.#detail,
    };
  }

  receive(bytes: Uint8Array): void {
    this.#handle(this.#board.push(bytes));
    this.#cancelGap();
    if (this.#board.decoder.heldByteCount === 0) return;
    this.#cancelGap = this.#clock.after(quietGapMs, () => {
      this.#handle(this.#board.flush());
    });
  }

  /** Asks the board now. Errors: `device.disconnected`, `device.timeout`, `device.protocol`, `device.refused`, `device.busy`. */
  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.call((connection) => this.read(connection));
  }

  /** One call at a time (the bus is half duplex); a call dies with the connection it was made on. */
  call<T>(run: (connection: number) => Promise<Result<T, DeviceFailure>>): Promise<Result<T, DeviceFailure>> {
    if (this.#transport === null) {
      return Promise.resolve(deviceFail('device.disconnected', 'the lock board is not connected'));
    }
    const connection = this.#connection;
    return this.#calls.run(() => run(connection));
  }

  /** Within a call: one request and what it comes to. Never repeated. */
  exchange<T>(connection: number, request: Request<T>): Promise<Result<T, DeviceFailure>> {
    const transport = this.#transport;
    if (transport === null || connection !== this.#connection) {
      return Promise.resolve(deviceFail('device.disconnected', 'the connection was lost before the request'));
    }
    assert(this.#pending === null, 'one request at a time');
    // What is left of an earlier answer must not become the head of this one.
    this.#board.decoder.reset();
    const noiseBefore = this.#noise();
    return new Promise((resolve) => {
      let isWritten = false;
      const settle = (result: Result<T, DeviceFailure>): void => {
        if (this.#pending !== pending) return;
        this.#pending = null;
        cancelTimer();
        if (!result.ok) this.#failureCount++;
        resolve(result);
      };
      const pending: Pending = {
        tryResolve: (notice) => {
          const result = request.matchReply(notice);
          if (result !== null) settle(result);
          return result !== null;
        },
        fail: settle,
      };
      this.#pending = pending;
      const cancelTimer = this.#clock.after(request.timeoutMs, () => {
        settle(this.#timedOut(transport, isWritten, this.#noise() > noiseBefore));
      });
      void transport.write(request.frame).then((written) => {
        isWritten = written.ok;
        if (written.ok) {
          if (request.onceWritten !== undefined) settle(request.onceWritten);
          return;
        }
        settle(deviceFail('device.disconnected', `not written: ${written.error.message}`));
        transport.abort(written.error.message);
      });
    });
  }

  /** Within a call: reads the contact. `mustBeFresh`: an answer that an earlier read may be waiting for is passed over. */
  async read(connection: number, mustBeFresh = false): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    const lateBefore = this.#lateReplies;
    const reply = await this.exchange(connection, {
      frame: this.#board.readFrame,
      timeoutMs: readReplyTimeoutMs,
      matchReply: (notice) => {
        if (notice.type === 'refused' && notice.what === 'read') {
          return deviceFail('device.refused', 'the board cannot read its contact');
        }
        if (notice.type !== 'contact' || (mustBeFresh && this.consumesLateReply())) return null;
        // Now, and not once the waiting call goes on: a push behind it in the same bytes is newer.
        this.#setDoor(notice.feedback === this.#options.closedFeedback ? 'closed' : 'open');
        return ok();
      },
    });
    if (reply.ok) return ok({ door: this.#door });
    const isUnanswered = reply.error.code === 'device.timeout' || reply.error.code === 'device.protocol';
    // Where one was passed over, it may as well have been this one's own.
    if (isUnanswered && this.#lateReplies === lateBefore) {
      this.#lateReplies++;
      this.#lateRepliesUntilMs = this.#clock.monotonicMs() + lateReplyMaxMs;
    }
    return reply;
  }

  /** Whether a read's answer that comes now may be that of a read which timed out; counted as such then. */
  consumesLateReply(): boolean {
    if (this.#lateReplies === 0 || this.#clock.monotonicMs() >= this.#lateRepliesUntilMs) return false;
    this.#lateReplies--;
    return true;
  }

  #handle(notices: readonly BoardNotice[]): void {
    for (const notice of notices) {
      if (notice.type === 'unrelated') {
        this.#unrelatedCount++;
        continue;
      }
      this.#lastSeenMs = this.#clock.monotonicMs();
      if (notice.type !== 'refused') this.#setState('ready', '');
      // A push may come at any moment, also between a request and its reply: it never settles a request.
      if (notice.type === 'contact' && notice.isPush) {
        this.#setDoor(notice.feedback === this.#options.closedFeedback ? 'closed' : 'open');
        continue;
      }
      if (this.#pending?.tryResolve(notice) !== true) this.#unrelatedCount++;
    }
  }

  #timedOut(
    transport: DriverTransport,
    isWritten: boolean,
    gotOtherBytes: boolean,
  ): ReturnType<typeof deviceFail> {
    if (!isWritten) {
      // Still in a driver's queue: close, so that the frame does not go out at a time when nobody waits for it.
      transport.abort('a write has stalled');
      return deviceFail('device.disconnected', 'the request could not be written');
    }
    return gotOtherBytes
      ? deviceFail('device.protocol', 'the board answered, but not to this')
      : deviceFail('device.timeout', 'no answer from the lock board');
  }

  /** Grows with everything that arrives and is no valid answer. */
  #noise(): number {
    const { stats, heldByteCount } = this.#board.decoder;
    return this.#unrelatedCount + stats.skippedByteCount + heldByteCount;
  }

  #schedulePoll(delayMs: number): void {
    this.#cancelPoll();
    this.#cancelPoll = this.#clock.after(delayMs, () => {
      void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    const connection = this.#connection;
    const startMs = this.#clock.monotonicMs();
    // A waiting call goes first; it hears from the board as well.
    if (this.#calls.count === 0) {
      const reply = await this.readDoor();
      if (connection !== this.#connection || this.#transport === null) return;
      this.#notePoll(reply);
    }
    const tookMs = this.#clock.monotonicMs() - startMs;
    this.#schedulePoll(Math.max(doorPollMs[this.#pollMode] - tookMs, pollPauseMinMs));
  }

  #notePoll(reply: Result<unknown, DeviceFailure>): void {
    const isBlind = !reply.ok && reply.error.code === 'device.refused';
    if (reply.ok || (isBlind && !this.#options.needsContact)) {
      this.#missedPolls = 0;
      this.#setState('ready', '');
      return;
    }
    this.#missedPolls++;
    if (this.#missedPolls >= silentPollCount) {
      this.#setDoor('unknown');
      this.#setState(
        isBlind ? 'error' : 'silent',
        isBlind ? reply.error.message : 'the lock board does not answer',
      );
    }
    const sinceMs = Math.max(this.#lastSeenMs ?? 0, this.#startedMs);
    if (this.#clock.monotonicMs() - sinceMs >= silentReconnectMs) this.#transport?.abort('no answer');
  }

  #setDoor(door: DoorState): void {
    if (door === this.#door) return;
    this.#door = door;
    this.#options.events.door(door, this.#clock.monotonicMs());
  }

  #setState(state: DriverHealth['state'], detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#options.events.healthChanged();
  }
}
