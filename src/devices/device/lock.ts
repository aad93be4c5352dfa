import { sleep } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DoorState, PollMode } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { TakeTurn } from '../transport/shared-line.ts';
import { BoardSession } from './board-session.ts';
import type { DoorEvents } from './board-session.ts';
import { deviceFail } from './driver.ts';
import type { Driver, DriverHealth, DriverTransport, RawDeviceState } from './driver.ts';
import { lockBoardOf } from './lock-boards.ts';
import type { BoardLockSpec, BoardNotice, LockBoard } from './lock-boards.ts';

/** 8A boards acknowledge an open after 0.5 s, older ones after 1 s (docs/hardware.md#8a). */
export const openReplyTimeoutMs = 1500;
/** One open frame, and one more when the first was not acknowledged. */
export const openAttemptMax = 2;
/** Where only a read can tell that the board lives: that many, before the open frame itself is tried again. */
const proofReadMax = 2;

/** What opens the door, whatever is behind it. */
export interface LockDriver extends Driver {
  readonly kind: 'lock';
  /** The last known state as this lock itself sees it. */
  readonly door: DoorState;
  setPollMode(pollMode: PollMode): void;
  unlock(): Promise<Result<{ door: DoorState }, DeviceFailure>>;
  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>>;
}

/**
 * The lock of one door on a lock board: opens it, and says whether the door is open.
 *
 * An unlock too many gives goods away. So a call writes the open frame once per attempt, at most `openAttemptMax`
 * times, only on the connection that was up when it was called, and never again after that call has returned. A
 * failure means "not known to have opened": the caller looks at the door.
 */
export class Lock implements LockDriver {
  readonly kind = 'lock';
  readonly #board: LockBoard;
  readonly #session: BoardSession;
  readonly #clock: Clock;
  /**
   * Whether the board was seen to acknowledge an open in the newer form on this connection: then nothing else is an
   * acknowledgement.
   */
  #acksAsNew = false;

  constructor(spec: BoardLockSpec, clock: Clock, events: DoorEvents, takeTurn?: TakeTurn) {
    this.#clock = clock;
    this.#board = lockBoardOf(spec);
    this.#session = new BoardSession({
      board: this.#board,
      closedFeedback: spec.closedFeedback,
      needsContact: spec.doorFrom !== 'sensor',
      clock,
      events,
      takeTurn,
    });
  }

  get door(): DoorState {
    return this.#session.door;
  }

  start(transport: DriverTransport): void {
    this.#acksAsNew = false;
    this.#session.start(transport);
  }

  stop(): void {
    this.#session.stop();
  }

  setPollMode(pollMode: PollMode): void {
    this.#session.setPollMode(pollMode);
  }

  health(): DriverHealth {
    return this.#session.health();
  }

  receive(bytes: Uint8Array): void {
    this.#session.receive(bytes);
  }

  readRawState(): Promise<Result<RawDeviceState, DeviceFailure>> {
    return this.#session.readRawState();
  }

  /** Asks the board now. Same errors as `unlock`. */
  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#session.readDoor();
  }

  /**
   * Sends the open frame and waits for the acknowledgement, which says only that the board took it (where a board gives
   * none: that it lives): whether the door opens is seen from the door events. Nothing is sent while the answer to an earlier
   * reading may be on its way that would pass for the acknowledgement: `lateReplyMaxMs` at most. Errors: `device.disconnected`,
   * `device.timeout`, `device.protocol`, `device.refused`, `device.busy`.
   */
  unlock(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#session.call(async (connection) => {
      // A board that is not heard may hang with its USB port: what is written then lies in the kernel's queue, and an
      // open frame in it would fire whenever the board comes back. So it has to answer first.
      if (!this.#session.isResponding) {
        const alive = await this.#session.read(connection);
        if (!alive.ok && alive.error.code !== 'device.refused') return alive;
      }
      if (this.#mayMistakeReading) await this.#session.lateRepliesOver();
      for (let attempt = 1; ; attempt++) {
        const reply = await this.#openOnce(connection);
        if (reply.ok) return ok({ door: this.#session.door });
        const mayRetry = reply.error.code === 'device.timeout' || reply.error.code === 'device.protocol';
        if (!mayRetry) return reply;
        if (attempt < openAttemptMax) continue;
        // A late acknowledgement must not pass for a reading of the door.
        if (this.#mayMistakeReading) await this.#session.lateRepliesOver();
        return reply;
      }
    });
  }

  /** Whether the answer to a reading may pass for an acknowledgement, and the other way round. */
  get #mayMistakeReading(): boolean {
    return this.#board.openReplyMayBeReading && !this.#acksAsNew;
  }

  async #openOnce(connection: number): Promise<Result<unknown, DeviceFailure>> {
    const { openFrame, readAfterOpenMs, openReplyMayEqualFrame } = this.#board;
    const opened = await this.#session.exchange<'taken' | 'maybe_echo'>(connection, {
      frame: openFrame,
      timeoutMs: openReplyTimeoutMs,
      replyMayEqualFrame: openReplyMayEqualFrame,
      matchReply: (notice) => this.#acknowledges(notice),
      resolveOnceWritten: readAfterOpenMs === null ? undefined : ok('taken'),
    });
    if (!opened.ok) return opened;
    if (readAfterOpenMs === null) {
      return opened.value === 'maybe_echo' ? this.#confirm(connection) : opened;
    }
    await sleep(this.#clock, readAfterOpenMs);
    return this.#proofRead(connection);
  }

  /** What came may be the open frame itself, given back by the line: a board that hears answers a read as well. */
  async #confirm(connection: number): Promise<Result<unknown, DeviceFailure>> {
    const reply = await this.#proofRead(connection);
    // It has shown now that it gives back what is written, so that was no acknowledgement.
    if (this.#session.lineEchoes) return deviceFail('device.protocol', 'only an echo of the request came');
    // A board that cannot read its contact has heard all the same.
    const hasHeard = reply.ok || reply.error.code === 'device.refused';
    if (hasHeard) {
      this.#acksAsNew = true;
      return ok();
    }
    if (this.#mayMistakeReading) await this.#session.lateRepliesOver();
    return reply;
  }

  async #proofRead(connection: number): Promise<Result<unknown, DeviceFailure>> {
    for (let read = 1; ; read++) {
      const reply = await this.#session.read(connection);
      const mayRetry =
        !reply.ok && (reply.error.code === 'device.timeout' || reply.error.code === 'device.protocol');
      if (!mayRetry || read === proofReadMax) return reply;
    }
  }

  #acknowledges(notice: BoardNotice): Result<'taken' | 'maybe_echo', DeviceFailure> | null {
    switch (notice.type) {
      case 'opened':
        if (notice.isOld && this.#acksAsNew) return null;
        if (notice.equalsRequest && this.#session.mayBeEcho) return ok('maybe_echo');
        this.#acksAsNew = !notice.isOld;
        return ok('taken');
      case 'refused':
        return notice.what === 'open' ? deviceFail('device.refused', 'the board could not open') : null;
      case 'contact':
        // Older boards acknowledge with head 80, as they answer a read; no answer to one is on its way here.
        return notice.mayAcknowledge && !this.#acksAsNew ? ok('taken') : null;
      case 'unrelated':
        return null;
    }
  }
}
