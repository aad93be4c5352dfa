import type { Clock } from '../../shared/clock.ts';
import type { StreamDecoder } from '../../devices/protocol/codec.ts';
import type { Door, World } from '../world.ts';
import type { Emulator } from './line.ts';

export interface SerialLockBoardOptions {
  readonly clock: Clock;
  readonly world: World;
  /** One whole frame towards the kiosk. */
  readonly send: (frame: Uint8Array) => void;
  /** DIP switches. */
  readonly boardAddress: number;
  /** The output and input that the door's lock hangs on; the other channels are open ends. */
  readonly channel: number;
  /** What the feedback input reads while the door is shut. */
  readonly closedFeedback: 0 | 1;
}

/** What all lock boards are to the cabinet. */
export interface LockEmulator extends Emulator {
  /** The lock is stuck (or hangs on nothing): the board answers as ever, the bolt does not move. */
  jammed: boolean;
  close(): void;
}

/** An answer is made when it is sent: what it says of the contact is that of then. */
export interface BoardAnswer {
  readonly afterMs: number;
  readonly make: () => Uint8Array;
}

/** 5 to 11 bytes each way at 9600 baud are 10 to 20 ms; the rest is the board's own time. */
export const lockReadReplyMs = 15;
/** Requests that wait while the board is busy; what is more is lost. */
const requestsMax = 8;

/** A lock board at the other end of its wire: one request at a time, acts at once, answers after its own time. */
export abstract class SerialLockBoard<M> implements LockEmulator {
  jammed = false;
  readonly #options: SerialLockBoardOptions;
  readonly #decoder: StreamDecoder<M>;
  readonly #stopWatching: () => void;
  #queue: M[] = [];
  #busy = false;
  #cancelReply: () => void = () => undefined;
  #lastDoor: Door;

  protected constructor(options: SerialLockBoardOptions, decoder: StreamDecoder<M>) {
    this.#options = options;
    this.#decoder = decoder;
    this.#lastDoor = options.world.door;
    this.#stopWatching = options.world.onChange(() => {
      if (options.world.door === this.#lastDoor) return;
      this.#lastDoor = options.world.door;
      const push = this.doorMoved();
      if (push !== null) options.send(push);
    });
  }

  /** Obeys. `null`: this board stays silent. */
  protected abstract act(message: M): BoardAnswer | null;
  /** What the board says by itself when the door has moved. */
  protected abstract doorMoved(): Uint8Array | null;

  receive(bytes: Uint8Array): void {
    for (const message of this.#decoder.push(bytes)) {
      if (this.#queue.length < requestsMax) this.#queue.push(message);
    }
    this.#next();
  }

  powerOff(): void {
    this.#decoder.reset();
    this.#queue = [];
    this.#busy = false;
    this.#cancelReply();
  }

  close(): void {
    this.powerOff();
    this.#stopWatching();
  }

  protected feedback(channel: number): 0 | 1 {
    const { closedFeedback, world } = this.#options;
    // An open end reads 0.
    if (channel !== this.#options.channel) return 0;
    if (world.door === 'closed') return closedFeedback;
    return closedFeedback === 1 ? 0 : 1;
  }

  /** Current on these outputs, for `ms` or as long as a plain pulse is. */
  protected energise(channels: readonly number[] | 'all', ms?: number): void {
    if (this.#drives(channels)) this.#options.world.energise(ms);
  }

  protected hold(channel: number, isOn: boolean): void {
    if (!this.#drives([channel])) return;
    if (isOn) this.#options.world.hold();
    else this.#options.world.releaseHold();
  }

  #drives(channels: readonly number[] | 'all'): boolean {
    return !this.jammed && (channels === 'all' || channels.includes(this.#options.channel));
  }

  #next(): void {
    if (this.#busy) return;
    const message = this.#queue.shift();
    if (message === undefined) return;
    const answer = this.act(message);
    if (answer === null) {
      this.#next();
      return;
    }
    this.#busy = true;
    this.#cancelReply = this.#options.clock.after(answer.afterMs, () => {
      this.#busy = false;
      this.#options.send(answer.make());
      this.#next();
    });
  }
}
