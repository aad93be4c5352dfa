import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DeviceSpec, DoorState } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { encodeLockHostMessage, lockDeviceDecoder } from '../protocol/lock-8a.ts';
import type { LockDeviceMessage } from '../protocol/lock-8a.ts';
import { deviceFail } from './driver.ts';
import type { Driver, DriverHealth, DriverLink } from './driver.ts';

export type LockSpec = Extract<DeviceSpec, { kind: 'lock' }>;

/** The board acknowledges an open after 0.5 s, older ones after 1 s (hardware notes §1.1; Open-Locker waits 1500 ms). */
export const openReplyTimeoutMs = 1500;
/** One open frame, and one more when the first was not acknowledged. */
export const openAttemptMax = 2;
/** A status reply takes 10 ms on the wire; the vendor advises to allow 100 to 200. */
export const readReplyTimeoutMs = 500;
export const doorPollMs = { watch: 100, rest: 500 } as const;
/** Least pause between the end of one poll and the next request, so that a slow board is not flooded. */
const pollPauseMinMs = 20;
/** A frame that is not whole after this much silence never will be. Wider than on the wire: USB and TCP deliver in lumps. */
export const quietGapMs = 50;
/** Polls in a row without an answer until the lock counts as silent and the door as unknown. */
export const silentPollCount = 3;
/** Silence after which the connection is made anew (loss of sync, hung adapter). */
export const silentReconnectMs = 5000;
/** How long the answer to a request that timed out may still turn up. */
const lateReplyMaxMs = 2000;
/** Calls that may wait for their turn. */
export const waitingCallMax = 4;

export interface LockEvents {
  door(door: DoorState, atMs: number): void;
  healthChanged(): void;
}

interface Pending {
  accepts(message: LockDeviceMessage): boolean;
  settle(result: Result<LockDeviceMessage, DeviceFailure>): void;
}

/**
 * The lock of one door on an 8A board: opens it, and says whether the door is open.
 *
 * The dangerous one. An unlock writes the open frame once per attempt, at most `openAttemptMax` times, only on the
 * connection that was up when it was called, and never again after that call has returned. A failure means "not known
 * to have opened": the caller looks at the door.
 */
export class Lock implements Driver {
  readonly kind = 'lock';
  readonly #spec: LockSpec;
  readonly #clock: Clock;
  readonly #events: LockEvents;
  readonly #decoder = lockDeviceDecoder();
  #link: DriverLink | null = null;
  #connection = 0;
  #pending: Pending | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #waitingCount = 0;
  #pace: 'watch' | 'rest' = 'rest';
  #cancelPoll: () => void = () => undefined;
  #cancelGap: () => void = () => undefined;
  #door: DoorState = 'unknown';
  #state: DriverHealth['state'] = 'connecting';
  #missedPolls = 0;
  #lastSeenMs: number | null = null;
  #startedMs = 0;
  #failureCount = 0;
  #strayCount = 0;
  /** Reads that timed out and whose answer may still come: it must not pass for an open's acknowledgement. */
  #lateReplies = 0;
  #lateRepliesUntilMs = 0;
  /** Whether this board was seen to acknowledge an open with head 8A: then nothing else is an acknowledgement. */
  #acksWith8a = false;

  constructor(spec: LockSpec, clock: Clock, events: LockEvents) {
    this.#spec = spec;
    this.#clock = clock;
    this.#events = events;
  }

  /** The last known state; `unknown` until a reading has come on this connection. */
  get door(): DoorState {
    return this.#door;
  }

  start(link: DriverLink): void {
    assert(this.#link === null, 'a lock is started once per connection');
    this.#link = link;
    this.#connection++;
    this.#decoder.reset();
    this.#missedPolls = 0;
    this.#lateReplies = 0;
    this.#startedMs = this.#clock.monotonicMs();
    this.#setState('connecting');
    this.#schedulePoll(0);
  }

  stop(): void {
    if (this.#link === null) return;
    this.#link = null;
    this.#cancelPoll();
    this.#cancelGap();
    this.#pending?.settle(deviceFail('device.disconnected', 'the lock board went away'));
    this.#setDoor('unknown');
    this.#setState('connecting');
  }

  farewell(): null {
    return null;
  }

  setPace(pace: 'watch' | 'rest'): void {
    if (pace === this.#pace) return;
    this.#pace = pace;
    if (this.#link !== null && pace === 'watch' && this.#waitingCount === 0) this.#schedulePoll(0);
  }

  health(): DriverHealth {
    return {
      state: this.#state,
      lastSeenMs: this.#lastSeenMs,
      errorCount: this.#failureCount + this.#strayCount + this.#decoder.stats.badChecksumCount,
      resetCount: 0,
      detail: this.#state === 'silent' ? 'the lock board does not answer' : '',
    };
  }

  /**
   * Sends the open frame and waits for the acknowledgement, which says only that the board took it: whether the door
   * opens is seen from the door events. Errors: `device.disconnected`, `device.timeout`, `device.protocol`, `device.busy`.
   */
  unlock(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#exclusive(async (connection) => {
      for (let attempt = 1; ; attempt++) {
        const reply = await this.#exchange(connection, {
          frame: encodeLockHostMessage({ type: 'openOne', ...this.#place() }),
          accepts: (message) => this.#acknowledgesOpen(message),
          timeoutMs: openReplyTimeoutMs,
        });
        if (reply.ok) return ok({ door: this.#door });
        const mayRetry = reply.error.code === 'device.timeout' || reply.error.code === 'device.protocol';
        if (!mayRetry || attempt === openAttemptMax) return reply;
      }
    });
  }

  /** Asks the board now. Same errors as `unlock`. */
  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#exclusive((connection) => this.#read(connection));
  }

  receive(bytes: Uint8Array): void {
    this.#handle(this.#decoder.push(bytes));
    this.#cancelGap();
    if (this.#decoder.heldByteCount === 0) return;
    this.#cancelGap = this.#clock.after(quietGapMs, () => {
      this.#handle(this.#decoder.flush());
    });
  }

  #place(): { address: number; channel: number } {
    return { address: this.#spec.boardAddress, channel: this.#spec.channel };
  }

  #handle(messages: readonly LockDeviceMessage[]): void {
    for (const message of messages) {
      if (!this.#isOurs(message)) {
        this.#strayCount++;
        continue;
      }
      this.#seen();
      // A push may come at any moment, also between a request and its reply: it never settles a request.
      if (message.type === 'pushed') this.#setDoor(this.#doorOf(message.feedback));
      else if (this.#pending?.accepts(message) === true) this.#pending.settle(ok(message));
      else this.#strayCount++;
    }
  }

  #isOurs(message: LockDeviceMessage): boolean {
    return (
      (message.type === 'opened' || message.type === 'feedback' || message.type === 'pushed') &&
      message.address === this.#spec.boardAddress &&
      message.channel === this.#spec.channel
    );
  }

  #acknowledgesOpen(message: LockDeviceMessage): boolean {
    if (message.type === 'opened') {
      this.#acksWith8a = true;
      return true;
    }
    // Older boards acknowledge with head 80, as they answer a read. The late answer to a read looks the same.
    if (message.type !== 'feedback' || this.#acksWith8a) return false;
    if (this.#lateReplies > 0 && this.#clock.monotonicMs() < this.#lateRepliesUntilMs) {
      this.#lateReplies--;
      return false;
    }
    return true;
  }

  /** One call at a time (the bus is half duplex); a call dies with the connection it was made on. */
  async #exclusive<T>(
    run: (connection: number) => Promise<Result<T, DeviceFailure>>,
  ): Promise<Result<T, DeviceFailure>> {
    if (this.#link === null) return deviceFail('device.disconnected', 'the lock board is not connected');
    if (this.#waitingCount >= waitingCallMax) return deviceFail('device.busy', 'too many calls wait');
    const connection = this.#connection;
    this.#waitingCount++;
    const mine = this.#turn.then(() => run(connection));
    this.#turn = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waitingCount--;
    }
  }

  #exchange(
    connection: number,
    request: { frame: Uint8Array; accepts: Pending['accepts']; timeoutMs: number },
  ): Promise<Result<LockDeviceMessage, DeviceFailure>> {
    const link = this.#link;
    if (link === null || connection !== this.#connection) {
      return Promise.resolve(deviceFail('device.disconnected', 'the connection was lost before the request'));
    }
    assert(this.#pending === null, 'one request at a time');
    // What is left of an earlier answer must not become the head of this one.
    this.#decoder.reset();
    const noiseBefore = this.#noise();
    return new Promise((resolve) => {
      let isWritten = false;
      const settle = (result: Result<LockDeviceMessage, DeviceFailure>): void => {
        if (this.#pending !== pending) return;
        this.#pending = null;
        cancelTimer();
        if (!result.ok) this.#failureCount++;
        resolve(result);
      };
      const pending: Pending = { accepts: request.accepts, settle };
      this.#pending = pending;
      const cancelTimer = this.#clock.after(request.timeoutMs, () => {
        settle(this.#timedOut(link, isWritten, this.#noise() > noiseBefore));
      });
      void link.write(request.frame).then((written) => {
        isWritten = written.ok;
        if (written.ok) return;
        settle(deviceFail('device.disconnected', `not written: ${written.error.message}`));
        link.giveUp(written.error.message);
      });
    });
  }

  #timedOut(link: DriverLink, isWritten: boolean, heardSomething: boolean): ReturnType<typeof deviceFail> {
    if (!isWritten) {
      // Still in a driver's queue: close, so that the frame does not go out at a time when nobody waits for it.
      link.giveUp('a write has stalled');
      return deviceFail('device.disconnected', 'the request could not be written');
    }
    return heardSomething
      ? deviceFail('device.protocol', 'the board answered, but not to this')
      : deviceFail('device.timeout', 'no answer from the lock board');
  }

  /** Grows with everything that arrives and is no valid answer. */
  #noise(): number {
    return this.#strayCount + this.#decoder.stats.skippedByteCount + this.#decoder.heldByteCount;
  }

  async #read(connection: number): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    const reply = await this.#exchange(connection, {
      frame: encodeLockHostMessage({ type: 'readOne', ...this.#place() }),
      accepts: (message) => message.type === 'feedback',
      timeoutMs: readReplyTimeoutMs,
    });
    if (!reply.ok) {
      if (reply.error.code === 'device.timeout' || reply.error.code === 'device.protocol') {
        this.#lateReplies++;
        this.#lateRepliesUntilMs = this.#clock.monotonicMs() + lateReplyMaxMs;
      }
      return reply;
    }
    assert(reply.value.type === 'feedback', 'only feedback answers a read');
    this.#setDoor(this.#doorOf(reply.value.feedback));
    return ok({ door: this.#door });
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
    if (this.#waitingCount === 0) {
      const reply = await this.readDoor();
      if (connection !== this.#connection || this.#link === null) return;
      this.#notePoll(reply.ok);
    }
    const tookMs = this.#clock.monotonicMs() - startMs;
    this.#schedulePoll(Math.max(doorPollMs[this.#pace] - tookMs, pollPauseMinMs));
  }

  #notePoll(answered: boolean): void {
    if (answered) {
      this.#missedPolls = 0;
      return;
    }
    this.#missedPolls++;
    if (this.#missedPolls >= silentPollCount) {
      this.#setDoor('unknown');
      this.#setState('silent');
    }
    const sinceMs = Math.max(this.#lastSeenMs ?? 0, this.#startedMs);
    if (this.#clock.monotonicMs() - sinceMs >= silentReconnectMs) this.#link?.giveUp('no answer');
  }

  #seen(): void {
    this.#lastSeenMs = this.#clock.monotonicMs();
    this.#setState('ready');
  }

  #doorOf(feedback: 0 | 1): DoorState {
    return feedback === this.#spec.closedFeedback ? 'closed' : 'open';
  }

  #setDoor(door: DoorState): void {
    if (door === this.#door) return;
    this.#door = door;
    this.#events.door(door, this.#clock.monotonicMs());
  }

  #setState(state: DriverHealth['state']): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.healthChanged();
  }
}
