import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DoorState, PollMode } from '../../shared/model/device.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { TakeTurn } from '../transport/shared-line.ts';
import { CallQueue } from './call-queue.ts';
import { Conversation } from './conversation.ts';
import type { Request } from './conversation.ts';
import { deviceFail } from './driver.ts';
import type { DriverHealth, DriverTransport, RawDeviceState } from './driver.ts';
import type { BoardNotice, ContactBoard } from './lock-boards.ts';

/** A status reply takes 10 ms on the wire; the vendor advises to allow 100 to 200. */
export const readReplyTimeoutMs = 500;
export const doorPollMs = { active: 100, idle: 500 } as const;
/** Least pause between the end of one poll and the next request, so that a slow board is not flooded. */
const pollPauseMinMs = 20;
/** Polls in a row without an answer until the board counts as silent and the door as unknown. */
export const silentPollCount = 3;

export interface DoorEvents {
  /** `unreadMs`: how long ago it was read before that; undefined: not on this connection. */
  door(door: DoorState, atMs: number, unreadMs: number | undefined): void;
  healthChanged(): void;
}

export interface SessionOptions {
  readonly board: ContactBoard;
  readonly closedFeedback: 0 | 1;
  /** False: the door is seen elsewhere, so a board that cannot read its contact is as good as any. */
  readonly needsContact: boolean;
  readonly clock: Clock;
  readonly events: DoorEvents;
  /** Runs a call while no other device on the same line does; absent: the line is this board's alone. */
  readonly takeTurn?: TakeTurn | undefined;
}

/** The conversation with one lock board: calls one after another, the door's contact polled and pushed. */
export class BoardSession {
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #conversation: Conversation<BoardNotice>;
  readonly #calls = new CallQueue();
  #pollMode: PollMode = 'idle';
  #cancelPoll: () => void = () => undefined;
  #door: DoorState = 'unknown';
  /** When the contact was last read, or told of itself; null: not since the door is unknown. */
  #lastReadMs: number | null = null;
  #missedPolls = 0;

  constructor(options: SessionOptions) {
    const { board, clock, events } = options;
    this.#options = options;
    this.#clock = clock;
    this.#conversation = new Conversation({
      name: 'the lock board',
      clock,
      decoder: board.decoder,
      isHalfDuplex: true,
      classify: (notice) => {
        if (notice.type === 'unrelated') return 'unrelated';
        return isPush(notice) ? 'push' : 'unexpected';
      },
      received: (notice) => {
        if (notice.type !== 'refused') this.#conversation.setState('ready', '');
        if (isPush(notice)) this.#setContact(notice.feedback);
      },
      healthChanged: () => {
        events.healthChanged();
      },
    });
  }

  /** The last known state; `unknown` until a reading has come on this connection. */
  get door(): DoorState {
    return this.#door;
  }

  get isResponding(): boolean {
    return this.#conversation.isResponding;
  }

  /** See `Conversation`. */
  get lineEchoes(): boolean {
    return this.#conversation.lineEchoes;
  }

  /** See `Conversation`. */
  get mayBeEcho(): boolean {
    return this.#conversation.mayBeEcho;
  }

  start(transport: DriverTransport): void {
    this.#missedPolls = 0;
    this.#conversation.start(transport);
    this.#schedulePoll(0);
  }

  stop(): void {
    if (!this.#conversation.isOpen) return;
    this.#cancelPoll();
    this.#conversation.stop();
    this.#setDoor('unknown');
  }

  setPollMode(pollMode: PollMode): void {
    if (pollMode === this.#pollMode) return;
    this.#pollMode = pollMode;
    if (this.#conversation.isOpen && pollMode === 'active' && this.#calls.count === 0) this.#schedulePoll(0);
  }

  health(): DriverHealth {
    return this.#conversation.health();
  }

  receive(bytes: Uint8Array): void {
    this.#conversation.receive(bytes);
  }

  /**
   * Reads the contact now. Errors: `device.disconnected`, `device.timeout`, `device.protocol`, `device.refused`,
   * `device.busy`.
   */
  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.call((connection) => this.read(connection));
  }

  /** The contact as the board reports it, and what it means with the configured polarity. Errors as with `readDoor`. */
  async readRawState(): Promise<Result<RawDeviceState, DeviceFailure>> {
    const read = await this.readDoor();
    if (!read.ok) return read;
    const { closedFeedback } = this.#options;
    const { door } = read.value;
    return ok({ feedback: door === 'closed' ? closedFeedback : 1 - closedFeedback, door });
  }

  /** One call at a time (the bus is half duplex); a call dies with the connection it was made on. */
  call<T>(run: (connection: number) => Promise<Result<T, DeviceFailure>>): Promise<Result<T, DeviceFailure>> {
    const { isOpen, connection } = this.#conversation;
    if (!isOpen) return Promise.resolve(this.#conversation.disconnected());
    const { takeTurn } = this.#options;
    return this.#calls.run(() =>
      takeTurn === undefined ? run(connection) : takeTurn(() => run(connection)),
    );
  }

  /** Within a call: one request and what it comes to. Never repeated. A push never resolves it. */
  exchange<T>(connection: number, request: Request<BoardNotice, T>): Promise<Result<T, DeviceFailure>> {
    return this.#conversation.exchange(
      {
        ...request,
        matchReply: (notice) => (isPush(notice) ? null : request.matchReply(notice)),
      },
      connection,
    );
  }

  /**
   * Within a call: reads the contact. Where an answer to an earlier reading is still on its way, that one is taken: it says as
   * well how the door is, and that the board lives.
   */
  async read(connection: number): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    const reply = await this.exchange<0 | 1>(connection, {
      frame: this.#options.board.readFrame,
      timeoutMs: readReplyTimeoutMs,
      matchReply: (notice) => {
        if (notice.type === 'refused' && notice.what === 'read') {
          return deviceFail('device.refused', 'the board cannot read its contact');
        }
        return notice.type === 'contact' ? ok(notice.feedback) : null;
      },
      onReply: (feedback) => {
        this.#setContact(feedback);
      },
    });
    return reply.ok ? ok({ door: this.#door }) : reply;
  }

  /** Within a call: see `Conversation`. */
  lateRepliesOver(): Promise<void> {
    return this.#conversation.lateRepliesOver();
  }

  #schedulePoll(delayMs: number): void {
    this.#cancelPoll();
    this.#cancelPoll = this.#clock.after(delayMs, () => {
      void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    const { connection } = this.#conversation;
    const startMs = this.#clock.monotonicMs();
    let pauseMs = pollPauseMinMs;
    // A waiting call goes first; its answer shows as well that the board lives.
    if (this.#calls.count === 0) {
      const reply = await this.readDoor();
      if (!this.#conversation.isUp(connection)) return;
      this.#notePoll(reply);
      // At rest the line comes to order by itself, so that no opening has to wait for it.
      if (reply.ok && this.#pollMode === 'idle') pauseMs = Math.max(pauseMs, this.#conversation.lateReplyMs);
    }
    const tookMs = this.#clock.monotonicMs() - startMs;
    this.#schedulePoll(Math.max(doorPollMs[this.#pollMode] - tookMs, pauseMs));
  }

  #notePoll(reply: Result<unknown, DeviceFailure>): void {
    const isBlind = !reply.ok && reply.error.code === 'device.refused';
    if (reply.ok || (isBlind && !this.#options.needsContact)) {
      this.#missedPolls = 0;
      this.#conversation.setState('ready', '');
      return;
    }
    this.#missedPolls++;
    if (this.#missedPolls >= silentPollCount) {
      this.#setDoor('unknown');
      this.#conversation.setState(
        isBlind ? 'error' : 'silent',
        isBlind ? reply.error.message : 'the lock board does not answer',
        isBlind ? 'fault.contact' : undefined,
      );
    }
    this.#conversation.abortWhenSilent();
  }

  #setContact(feedback: 0 | 1): void {
    this.#setDoor(feedback === this.#options.closedFeedback ? 'closed' : 'open');
  }

  #setDoor(door: DoorState): void {
    const nowMs = this.#clock.monotonicMs();
    const unreadMs = this.#lastReadMs === null ? undefined : nowMs - this.#lastReadMs;
    this.#lastReadMs = door === 'unknown' ? null : nowMs;
    if (door === this.#door) return;
    this.#door = door;
    this.#options.events.door(door, nowMs, unreadMs);
  }
}

/** A push may come at any moment, also between a request and its reply. */
function isPush(notice: BoardNotice): notice is Extract<BoardNotice, { type: 'contact' }> {
  return notice.type === 'contact' && notice.isPush;
}
