import { unreachable } from '../../shared/assert.ts';
import { encodeWklyDeviceMessage, wklyHostDecoder } from '../../devices/protocol/lock-wkly.ts';
import type { WklyDeviceMessage, WklyHostMessage } from '../../devices/protocol/lock-wkly.ts';
import { lockReadReplyMs, SerialLockBoard } from './serial-lock-board.ts';
import type { BoardAnswer, SerialLockBoardOptions } from './serial-lock-board.ts';

export interface WklyBoardOptions extends SerialLockBoardOptions {
  /** Whether the board reports door movements by itself (85); the vendor's text says that it does. */
  readonly pushes: boolean;
  /** Time until the answer to an open; not in the vendor's text. */
  readonly openReplyMs: number;
}

export const wklyChannelCount = 12;

/** A lock board of the "WKLY" family, as the other end of its wire: 12 channels. */
export class WklyBoard extends SerialLockBoard<WklyHostMessage> {
  readonly #options: WklyBoardOptions;

  constructor(options: WklyBoardOptions) {
    super(options, wklyHostDecoder());
    this.#options = options;
  }

  protected act(message: WklyHostMessage): BoardAnswer | null {
    const { boardAddress: address, openReplyMs } = this.#options;
    // Another board on the same bus is meant.
    if (message.address !== address) return null;
    switch (message.type) {
      case 'openOne':
      case 'readOne':
        return this.#openOrRead(message.type, message.channel);
      case 'openTogether':
      case 'openInTurn': {
        const command = message.type;
        const isDone = message.channels.every((channel) => channel <= wklyChannelCount);
        if (isDone) this.energise(message.channels);
        return reply(openReplyMs, () => ({ type: 'done', command, address, isDone }));
      }
      case 'openAll':
        this.energise('all');
        return reply(openReplyMs, () => ({ type: 'done', command: 'openAll', address, isDone: true }));
      case 'readAll':
        return reply(lockReadReplyMs, () => {
          const feedbacks = Array.from({ length: wklyChannelCount }, (_, i) => this.feedback(i + 1));
          return { type: 'allStates', address, isDone: true, feedbacks };
        });
      case 'flash':
      case 'channelOn':
      case 'channelOff': {
        const { type: command, channel } = message;
        const isDone = channel <= wklyChannelCount;
        if (isDone && command !== 'flash') this.hold(channel, command === 'channelOn');
        return reply(lockReadReplyMs, () => ({ type: 'channelDone', command, address, isDone, channel }));
      }
      default:
        return unreachable(message);
    }
  }

  protected doorMoved(channel: number): Uint8Array | null {
    const { pushes, boardAddress: address } = this.#options;
    if (!pushes) return null;
    return encodeWklyDeviceMessage({ type: 'pushed', address, channel, feedback: this.feedback(channel) });
  }

  #openOrRead(command: 'openOne' | 'readOne', channel: number): BoardAnswer {
    const { boardAddress: address, openReplyMs } = this.#options;
    const isOpen = command === 'openOne';
    if (channel > wklyChannelCount) {
      return reply(lockReadReplyMs, () => ({ type: 'failed', command, address }));
    }
    if (isOpen) this.energise([channel]);
    return reply(isOpen ? openReplyMs : lockReadReplyMs, () => {
      const feedback = this.feedback(channel);
      return { type: isOpen ? 'opened' : 'state', address, isDone: true, channel, feedback };
    });
  }
}

function reply(afterMs: number, make: () => WklyDeviceMessage): BoardAnswer {
  return { afterMs, make: () => encodeWklyDeviceMessage(make()) };
}
