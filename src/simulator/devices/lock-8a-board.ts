import { unreachable } from '../../shared/assert.ts';
import { encodeLockDeviceMessage, lockHostDecoder } from '../../devices/protocol/lock-8a.ts';
import type { LockDeviceMessage, LockHostMessage } from '../../devices/protocol/lock-8a.ts';
import { lockReadReplyMs, SerialLockBoard } from './serial-lock-board.ts';
import type { BoardAnswer, SerialLockBoardOptions } from './serial-lock-board.ts';

export interface Lock8aBoardOptions extends SerialLockBoardOptions {
  /** Head of the report that the board sends by itself when the door moves; `null` = this board sends none. */
  readonly pushHead: 0x81 | 0x82 | null;
  /** Time until the acknowledgement of an open: about 0.5 s by the vendor's text. */
  readonly openReplyMs: number;
}

/** Status bytes of "read all": an 8-channel board answers three (capture in Open-Locker PR 237). */
export const lockGroupCount = 3;

/** A lock board of the "8A" family, as the other end of its wire. */
export class Lock8aBoard extends SerialLockBoard<LockHostMessage> {
  /** Channels whose openings it does not hear: their outputs are dead. Their contacts are read as ever. */
  readonly deadOutputs = new Set<number>();
  readonly #options: Lock8aBoardOptions;

  constructor(options: Lock8aBoardOptions) {
    super(options, lockHostDecoder({ groupCount: lockGroupCount }));
    this.#options = options;
  }

  protected act(message: LockHostMessage): BoardAnswer | null {
    const { boardAddress: address, openReplyMs } = this.#options;
    if (message.type === 'askAddress') return reply(lockReadReplyMs, () => ({ type: 'ownAddress', address }));
    // Another board on the same bus is meant.
    if (message.address !== address) return null;
    switch (message.type) {
      case 'openOne':
      case 'hold':
      case 'release': {
        const { channel } = message;
        if (this.deadOutputs.has(channel)) return null;
        if (message.type === 'openOne') {
          this.energise([channel], message.seconds === undefined ? undefined : message.seconds * 1000);
        } else this.hold(channel, message.type === 'hold');
        return reply(openReplyMs, () => {
          return { type: 'opened', address, channel, feedback: this.feedback(channel) };
        });
      }
      case 'openAll':
        this.energise('all');
        return reply(openReplyMs, () => {
          return { type: 'opened', address, channel: 0, feedback: this.feedback(this.#options.channel) };
        });
      case 'openSeveral':
        // "Some boards send none" (docs/hardware.md#8a): this one is such a board.
        this.energise(message.channels);
        return null;
      case 'readOne': {
        const { channel } = message;
        return reply(lockReadReplyMs, () => {
          return { type: 'feedback', address, channel, feedback: this.feedback(channel) };
        });
      }
      case 'readAll':
        return reply(lockReadReplyMs, () => this.#allFeedback());
      default:
        return unreachable(message);
    }
  }

  protected doorMoved(channel: number): Uint8Array | null {
    const { pushHead: head, boardAddress: address } = this.#options;
    if (head === null) return null;
    const feedback = this.feedback(channel);
    return encodeLockDeviceMessage({ type: 'pushed', head, address, channel, feedback });
  }

  #allFeedback(): LockDeviceMessage {
    const { boardAddress } = this.#options;
    const all = Array.from({ length: 8 * lockGroupCount }, (_, i) => i + 1);
    const channels = all.filter((channel) => this.feedback(channel) === 1);
    return { type: 'allFeedback', address: boardAddress, groupCount: lockGroupCount, channels };
  }
}

function reply(afterMs: number, make: () => LockDeviceMessage): BoardAnswer {
  return { afterMs, make: () => encodeLockDeviceMessage(make()) };
}

/** The last byte is the check, on all lock boards. */
export function spoilLockCheck(frame: Uint8Array): Uint8Array {
  return frame.map((byte, i) => (i === frame.length - 1 ? byte ^ 0x01 : byte));
}
