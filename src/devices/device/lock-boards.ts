import type { DeviceSpec } from '../../shared/model/device.ts';
import type { StreamDecoder } from '../protocol/codec.ts';
import { encodeLockHostMessage, lockDeviceDecoder } from '../protocol/lock-8a.ts';
import { cu16DeviceDecoder, encodeCu16HostMessage } from '../protocol/lock-kerong-cu16.ts';
import { encodeWklyHostMessage, wklyDeviceDecoder } from '../protocol/lock-wkly.ts';
import type { FrameDecoder } from './conversation.ts';

/** All that differs between the lock boards: which bytes ask, and what the bytes that come mean to this one door. */

export type BoardLockSpec = Exclude<Extract<DeviceSpec, { kind: 'lock' }>, { protocol: 'relay-dcttech' }>;
export type DoorSensorSpec = Extract<DeviceSpec, { kind: 'door-sensor' }>;

/** What one frame from the board means. */
export type BoardNotice =
  /** The door's contact. `isPush`: nobody asked. `mayAcknowledge`: an old board's answer to an open looks the same. */
  | {
      readonly type: 'contact';
      readonly feedback: 0 | 1;
      readonly isPush: boolean;
      readonly mayAcknowledge: boolean;
    }
  /**
   * The open frame was taken; says nothing about the door. `isOld`: in the form that older boards use. `equalsRequest`: an
   * echo of the open frame would be the same bytes.
   */
  | { readonly type: 'opened'; readonly isOld: boolean; readonly equalsRequest: boolean }
  /** The board says that it could not. */
  | { readonly type: 'refused'; readonly what: 'open' | 'read' }
  /** Another board, another channel, or nothing that was asked for. */
  | { readonly type: 'unrelated' };

/** A board that is only read. */
export interface ContactBoard {
  /** What the bytes mean; every frame gives one notice. */
  readonly decoder: FrameDecoder<BoardNotice>;
  readonly readFrame: Uint8Array;
}

/** A board that moves the bolt as well. */
export interface LockBoard extends ContactBoard {
  readonly openFrame: Uint8Array;
  /**
   * null: the board acknowledges an open. Else it answers nothing useful, and a read this long after it is the
   * answer.
   */
  readonly readAfterOpenMs: number | null;
  /** Some acknowledgement of an open equals its frame byte for byte. */
  readonly openReplyMayEqualFrame: boolean;
  /** Some acknowledgement of an open looks like the answer to a reading, or is one. */
  readonly openReplyMayBeReading: boolean;
}

/** KERONG: read 25 ms or more after an unlock; a little more for lumps on the way. */
const cu16SettleMs = 40;

export function lockBoardOf(spec: BoardLockSpec): LockBoard {
  const at = { ...spec, feedbackChannel: spec.feedbackChannel ?? spec.channel };
  switch (spec.protocol) {
    case 'lock-8a':
      return {
        ...contact8a(at),
        openFrame: encodeLockHostMessage({
          type: 'openOne',
          address: spec.boardAddress,
          channel: spec.channel,
        }),
        readAfterOpenMs: null,
        openReplyMayEqualFrame: true,
        openReplyMayBeReading: at.channel === at.feedbackChannel,
      };
    case 'lock-wkly':
      return {
        ...contactWkly(at),
        openFrame: encodeWklyHostMessage({
          type: 'openOne',
          address: spec.boardAddress,
          channel: spec.channel,
        }),
        readAfterOpenMs: null,
        openReplyMayEqualFrame: false,
        openReplyMayBeReading: false,
      };
    case 'lock-kerong-cu16':
      return {
        ...contactCu16(at),
        openFrame: encodeCu16HostMessage({ type: 'unlock', board: spec.boardAddress, lock: spec.channel }),
        readAfterOpenMs: cu16SettleMs,
        openReplyMayEqualFrame: false,
        openReplyMayBeReading: true,
      };
  }
}

export function contactBoardOf(spec: DoorSensorSpec): ContactBoard {
  // A sensor's board opens nothing, so no acknowledgement is meant for it.
  const at = { boardAddress: spec.boardAddress, channel: null, feedbackChannel: spec.channel };
  switch (spec.protocol) {
    case 'lock-8a':
      return contact8a(at);
    case 'lock-wkly':
      return contactWkly(at);
    case 'lock-kerong-cu16':
      return contactCu16(at);
  }
}

interface At {
  readonly boardAddress: number;
  /** The output that the lock hangs on; null: none is used. */
  readonly channel: number | null;
  readonly feedbackChannel: number;
}

const unrelated: BoardNotice = { type: 'unrelated' };

function contact8a({ boardAddress, channel, feedbackChannel }: At): ContactBoard {
  return board(
    lockDeviceDecoder(),
    encodeLockHostMessage({ type: 'readOne', address: boardAddress, channel: feedbackChannel }),
    (message) => {
      if (message.type === 'allFeedback' || message.type === 'ownAddress') return unrelated;
      if (message.address !== boardAddress) return unrelated;
      const { feedback } = message;
      const isLock = message.channel === channel;
      const isContact = message.channel === feedbackChannel;
      switch (message.type) {
        case 'opened':
          // The contact's 1 is sent as 11, which is also what asks for the opening.
          return isLock ? { type: 'opened', isOld: false, equalsRequest: feedback === 1 } : unrelated;
        case 'pushed':
          return isContact ? { type: 'contact', feedback, isPush: true, mayAcknowledge: false } : unrelated;
        case 'feedback':
          if (isContact) return { type: 'contact', feedback, isPush: false, mayAcknowledge: isLock };
          return isLock ? { type: 'opened', isOld: true, equalsRequest: false } : unrelated;
      }
    },
  );
}

function contactWkly({ boardAddress, channel, feedbackChannel }: At): ContactBoard {
  return board(
    wklyDeviceDecoder(),
    encodeWklyHostMessage({ type: 'readOne', address: boardAddress, channel: feedbackChannel }),
    (message) => {
      if (message.address !== boardAddress) return unrelated;
      switch (message.type) {
        case 'opened':
          if (message.channel !== channel) return unrelated;
          return message.isDone
            ? { type: 'opened', isOld: false, equalsRequest: false }
            : { type: 'refused', what: 'open' };
        case 'failed':
          // The status alone: whichever of the two was asked for, and one request is under way at a time.
          if (message.command === 'readOne') return { type: 'refused', what: 'read' };
          return message.command === 'openOne' && channel !== null
            ? { type: 'refused', what: 'open' }
            : unrelated;
        case 'state':
        case 'pushed': {
          const { feedback } = message;
          const isPush = message.type === 'pushed';
          if (message.channel !== feedbackChannel) return unrelated;
          if (feedback !== null && (message.type === 'pushed' || message.isDone)) {
            return { type: 'contact', feedback, isPush, mayAcknowledge: false };
          }
          // A push that could not read its contact says nothing; the next poll does.
          return isPush ? unrelated : { type: 'refused', what: 'read' };
        }
        default:
          return unrelated;
      }
    },
  );
}

function contactCu16({ boardAddress, feedbackChannel }: At): ContactBoard {
  return board(
    cu16DeviceDecoder(),
    encodeCu16HostMessage({ type: 'read', board: boardAddress, lock: 1 }),
    (message) => {
      if (message.type !== 'state' || message.board !== boardAddress) return unrelated;
      const feedback = message.hooks.includes(feedbackChannel) ? 1 : 0;
      return { type: 'contact', feedback, isPush: false, mayAcknowledge: false };
    },
  );
}

/** The board whose frames come out of `decoder` and mean what `interpret` says. */
function board<M>(
  decoder: StreamDecoder<M>,
  readFrame: Uint8Array,
  interpret: (message: M) => BoardNotice,
): ContactBoard {
  return {
    readFrame,
    decoder: {
      push: (bytes) => decoder.push(bytes).map(interpret),
      flush: () => decoder.flush().map(interpret),
      reset: () => {
        decoder.reset();
      },
      stats: decoder.stats,
      get heldByteCount() {
        return decoder.heldByteCount;
      },
    },
  };
}
