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
  /** The output and input that the first door's lock hangs on, the next door's on the next; the others are open ends. */
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
  #lastDoors: readonly Door[];

  protected constructor(options: SerialLockBoardOptions, decoder: StreamDecoder<M>) {
    this.#options = options;
    this.#decoder = decoder;
    const doors = (): Door[] => options.world.doors.map(({ door }) => door);
    this.#lastDoors = doors();
    this.#stopWatching = options.world.onChange(() => {
      const before = this.#lastDoors;
      this.#lastDoors = doors();
      for (const [index, door] of this.#lastDoors.entries()) {
        const push = door === before[index] ? null : this.doorMoved(options.channel + index);
        if (push !== null) options.send(push);
      }
    });
  }

  /** Obeys. `null`: this board stays silent. */
  protected abstract act(message: M): BoardAnswer | null;
  /** What the board says by itself when the door on this channel has moved. */
  protected abstract doorMoved(channel: number): Uint8Array | null;

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
    const leaf = world.doors[channel - this.#options.channel];
    // An open end reads 0.
    if (leaf === undefined) return 0;
    if (leaf.door === 'closed') return closedFeedback;
    return closedFeedback === 1 ? 0 : 1;
  }

  /** Current on these outputs, for `ms` or as long as a plain pulse is. */
  protected energise(channels: readonly number[] | 'all', ms?: number): void {
    for (const door of this.#doorsOn(channels)) this.#options.world.energise(ms, door);
  }

  protected hold(channel: number, isOn: boolean): void {
    for (const door of this.#doorsOn([channel])) {
      if (isOn) this.#options.world.hold(door);
      else this.#options.world.releaseHold(door);
    }
  }

  /** The doors whose locks hang on these channels; none when the lock is stuck. */
  #doorsOn(channels: readonly number[] | 'all'): number[] {
    if (this.jammed) return [];
    const doors = this.#options.world.doors.map((_, index) => index + 1);
    return doors.filter((door) => channels === 'all' || channels.includes(this.#options.channel + door - 1));
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
