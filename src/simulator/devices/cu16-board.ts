import { unreachable } from '../../shared/assert.ts';
import {
  cu16HostDecoder,
  cu16LockMax,
  encodeCu16DeviceMessage,
} from '../../devices/protocol/lock-kerong-cu16.ts';
import type { Cu16DeviceMessage, Cu16HostMessage } from '../../devices/protocol/lock-kerong-cu16.ts';
import { SerialLockBoard } from './serial-lock-board.ts';
import type { BoardAnswer, SerialLockBoardOptions } from './serial-lock-board.ts';

/** 14 bytes at 19200 baud are 7 ms; the rest is the board's own time. */
export const cu16ReadReplyMs = 10;
/** Board 15 in the address: all boards. */
const allBoards = 15;

/** A KERONG KR-CU16, as the other end of its wire. Answers reads only: "no useful reply" to an unlock is none here. */
export class Cu16Board extends SerialLockBoard<Cu16HostMessage> {
  readonly #options: SerialLockBoardOptions;

  constructor(options: SerialLockBoardOptions) {
    super(options, cu16HostDecoder());
    this.#options = options;
  }

  protected act(message: Cu16HostMessage): BoardAnswer | null {
    const board = this.#options.boardAddress;
    const isForAll = message.type === 'readAll' && message.board === allBoards;
    // Another board on the same bus is meant.
    if (message.board !== board && !isForAll) return null;
    switch (message.type) {
      case 'read':
        return this.#state('state');
      case 'readAll':
        return this.#state('stateOfAll');
      case 'unlock':
        this.energise([message.lock]);
        return null;
      case 'unlockAll':
        this.energise('all');
        return null;
      case 'setUnlockTime':
      case 'askUnlockTime':
      case 'delayedUnlock':
        // Their data are not documented: this board does not know them.
        return null;
      default:
        return unreachable(message);
    }
  }

  /** It never speaks unasked. */
  protected doorMoved(): null {
    return null;
  }

  #state(type: 'state' | 'stateOfAll'): BoardAnswer {
    const make = (): Cu16DeviceMessage => {
      const hooks = Array.from({ length: cu16LockMax }, (_, i) => i + 1);
      const set = hooks.filter((lock) => this.feedback(lock) === 1);
      return { type, board: this.#options.boardAddress, lock: 1, hooks: set, infrared: [] };
    };
    return { afterMs: cu16ReadReplyMs, make: () => encodeCu16DeviceMessage(make()) };
  }
}
