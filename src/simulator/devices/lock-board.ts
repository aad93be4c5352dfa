import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { encodeLockDeviceMessage, lockHostDecoder } from '../../devices/protocol/lock-8a.ts';
import type { LockDeviceMessage, LockHostMessage } from '../../devices/protocol/lock-8a.ts';
import type { Door, World } from '../world.ts';
import type { Emulator } from './line.ts';

export interface LockBoardOptions {
  readonly clock: Clock;
  readonly world: World;
  /** One whole frame towards the kiosk. */
  readonly send: (frame: Uint8Array) => void;
  /** DIP switches. */
  readonly boardAddress: number;
  /** The output and input that the door's lock hangs on; the other channels are open ends. */
  readonly channel: number;
  /** What the feedback input reads while the door is shut ("上锁短路": 1). */
  readonly closedFeedback: 0 | 1;
  /** Head of the report that the board sends by itself when the door moves; `null` = this board sends none. */
  readonly pushHead: 0x81 | 0x82 | null;
  /** Time until the acknowledgement of an open: about 0.5 s by the vendor's text. */
  readonly openReplyMs: number;
}

/** Status bytes of "read all": an 8-channel board answers three (capture in Open-Locker PR 237). */
export const lockGroupCount = 3;
/** 5 bytes each way at 9600 baud are 10.4 ms; the rest is the board's own time. */
export const lockReadReplyMs = 15;
/** Requests that wait while the board is busy; what is more is lost. */
const requestsMax = 8;

/** A lock board of the "8A" family, as the other end of its wire. */
export class LockBoard implements Emulator {
  readonly #options: LockBoardOptions;
  readonly #decoder = lockHostDecoder({ groupCount: lockGroupCount });
  readonly #stopWatching: () => void;
  #queue: LockHostMessage[] = [];
  #busy = false;
  #cancelReply: () => void = () => undefined;
  #lastDoor: Door;
  /** The lock is stuck: the board answers as ever, the bolt does not move. */
  jammed = false;

  constructor(options: LockBoardOptions) {
    this.#options = options;
    this.#lastDoor = options.world.door;
    this.#stopWatching = options.world.onChange(() => {
      this.#doorMayHaveMoved();
    });
  }

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

  /** One request at a time: act at once, answer after the board's time. */
  #next(): void {
    if (this.#busy) return;
    const message = this.#queue.shift();
    if (message === undefined) return;
    const answer = this.#act(message);
    if (answer === null) {
      this.#next();
      return;
    }
    this.#busy = true;
    this.#cancelReply = this.#options.clock.after(answer.afterMs, () => {
      this.#busy = false;
      this.#options.send(encodeLockDeviceMessage(answer.make()));
      this.#next();
    });
  }

  /** Obeys. The answer is made when it is sent: its feedback is that of then. `null`: this board stays silent. */
  #act(message: LockHostMessage): { afterMs: number; make: () => LockDeviceMessage } | null {
    const { boardAddress: address, openReplyMs } = this.#options;
    if (message.type === 'askAddress') {
      return { afterMs: lockReadReplyMs, make: () => ({ type: 'ownAddress', address }) };
    }
    // Another board on the same bus is meant.
    if (message.address !== address) return null;
    switch (message.type) {
      case 'openOne':
      case 'hold':
      case 'release': {
        const { channel } = message;
        this.#drive(message);
        return {
          afterMs: openReplyMs,
          make: () => ({ type: 'opened', address, channel, feedback: this.#feedback(channel) }),
        };
      }
      case 'openAll': {
        this.#drive(message);
        const make = (): LockDeviceMessage => ({
          type: 'opened',
          address,
          channel: 0,
          feedback: this.#feedback(this.#options.channel),
        });
        return { afterMs: openReplyMs, make };
      }
      case 'openSeveral':
        // "Some boards send none" (hardware.md): this one is such a board.
        this.#drive(message);
        return null;
      case 'readOne': {
        const { channel } = message;
        return {
          afterMs: lockReadReplyMs,
          make: () => ({ type: 'feedback', address, channel, feedback: this.#feedback(channel) }),
        };
      }
      case 'readAll':
        return { afterMs: lockReadReplyMs, make: () => this.#allFeedback() };
      default:
        return unreachable(message);
    }
  }

  #drive(
    message: Extract<LockHostMessage, { type: 'openOne' | 'hold' | 'release' | 'openAll' | 'openSeveral' }>,
  ): void {
    const { world, channel } = this.#options;
    const meant =
      message.type === 'openAll' ||
      (message.type === 'openSeveral' ? message.channels.includes(channel) : message.channel === channel);
    if (!meant || this.jammed) return;
    if (message.type === 'hold') world.hold();
    else if (message.type === 'release') world.releaseHold();
    else if (message.type === 'openOne' && message.seconds !== undefined)
      world.energise(message.seconds * 1000);
    else world.energise();
  }

  #feedback(channel: number): 0 | 1 {
    const { closedFeedback, world } = this.#options;
    // An open end reads 0.
    if (channel !== this.#options.channel) return 0;
    if (world.door === 'closed') return closedFeedback;
    return closedFeedback === 1 ? 0 : 1;
  }

  #allFeedback(): LockDeviceMessage {
    const { boardAddress, channel } = this.#options;
    const channels = this.#feedback(channel) === 1 ? [channel] : [];
    return { type: 'allFeedback', address: boardAddress, groupCount: lockGroupCount, channels };
  }

  #doorMayHaveMoved(): void {
    const { world, pushHead, boardAddress, channel, send } = this.#options;
    if (world.door === this.#lastDoor) return;
    this.#lastDoor = world.door;
    if (pushHead === null) return;
    const feedback = this.#feedback(channel);
    send(
      encodeLockDeviceMessage({ type: 'pushed', head: pushHead, address: boardAddress, channel, feedback }),
    );
  }
}

/** The last byte is the XOR. */
export function spoilLockCheck(frame: Uint8Array): Uint8Array {
  return frame.map((byte, i) => (i === frame.length - 1 ? byte ^ 0x01 : byte));
}
