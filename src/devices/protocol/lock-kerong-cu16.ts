import { z } from 'zod';
import { bad, byteAt, bytesOfHex, decodeWhole, hexByte, hexSchema, needMore } from './codec.ts';
import { ResyncDecoder, sumOf, toHex } from './codec.ts';
import type { FrameStep, ProtocolCodec, StreamDecoder } from './codec.ts';
import { channelsOf, frameOf, groupsOf } from './lock-bytes.ts';

/**
 * KERONG KR-CU16: 16 locks on one board. RS485, 19200 8N1 (factory setting).
 *
 *   02 ADDR CMD 03 SUM                     SUM = low byte of the sum of all bytes before it
 *   02 ADDR CMD D1 D2 D3 D4 03 SUM         the two state replies
 *
 * ADDR: high nibble = board 0..15, low nibble = lock 0..15 (here 1..16).
 *
 *   30 read one board          ← 35 D1..D4     certain
 *   31 unlock one lock         ← nothing that can be relied on: read (30) after 25 ms or more     certain
 *   32 read all boards (ADDR F0)  ← 36 D1..D4 from each     certain; that 36 has the layout of 35 is inferred
 *   33 unlock all of the board                 likely
 *   37 unlock time ← 38; 39 delayed unlock     named in three drivers, their data nowhere: 0 to 4 raw bytes are taken.
 *      38 towards the board is what one driver sends after each unlock to end its busy state.
 *
 * D1, D2 = hooks of locks 1-8, 9-16 (bit 1 = locked, factory wiring); D3, D4 = infrared "something inside".
 * Sources: github jin0949/KR-CU16_locker; public drivers 13460101697, 13436445946, 49024987326, 23562674642.
 */
const startByte = 0x02;
const endByte = 0x03;
const hostCommands = {
  read: 0x30,
  unlock: 0x31,
  readAll: 0x32,
  unlockAll: 0x33,
  setUnlockTime: 0x37,
  askUnlockTime: 0x38,
  delayedUnlock: 0x39,
} as const;
type HostType = keyof typeof hostCommands;
const deviceCommands = { state: 0x35, stateOfAll: 0x36, unlockTime: 0x38 } as const;

export const cu16LockMax = 16;
const boardMax = 15;
const shortFrameBytes = 5;
const rawMaxBytes = 4;
export const cu16FrameMaxBytes = shortFrameBytes + rawMaxBytes;

const place = {
  board: z.number().int().min(0).max(boardMax),
  /** The low nibble and one. Commands for the whole board carry 1. */
  lock: z.number().int().min(1).max(cu16LockMax),
};
const rawSchema = hexSchema(0, rawMaxBytes);
const locksSchema = z
  .array(z.number().int().min(1).max(cu16LockMax))
  .refine((list) => list.every((lock, i) => lock > (list[i - 1] ?? 0)), { message: 'locks must ascend' });

export const cu16HostMessageSchema = z.union([
  z.object({ type: z.enum(['read', 'unlock', 'readAll', 'unlockAll']), ...place }),
  z.object({
    type: z.enum(['setUnlockTime', 'askUnlockTime', 'delayedUnlock']),
    ...place,
    dataHex: rawSchema,
  }),
]);
export type Cu16HostMessage = z.infer<typeof cu16HostMessageSchema>;

export const cu16DeviceMessageSchema = z.union([
  z.object({
    type: z.enum(['state', 'stateOfAll']),
    ...place,
    /** Locks whose hook bit is 1, ascending. */
    hooks: locksSchema,
    /** Locks whose infrared bit is 1, ascending. */
    infrared: locksSchema,
  }),
  z.object({ type: z.literal('unlockTime'), ...place, dataHex: rawSchema }),
]);
export type Cu16DeviceMessage = z.infer<typeof cu16DeviceMessageSchema>;

/** Bytes of one request. The message must fit its schema. */
export function encodeCu16HostMessage(message: Cu16HostMessage): Uint8Array {
  return frame(message, hostCommands[message.type], 'dataHex' in message ? bytesOfHex(message.dataHex) : []);
}

/** Bytes of one reply. The message must fit its schema. */
export function encodeCu16DeviceMessage(message: Cu16DeviceMessage): Uint8Array {
  const data =
    message.type === 'unlockTime'
      ? bytesOfHex(message.dataHex)
      : [...groupsOf(message.hooks, 2), ...groupsOf(message.infrared, 2)];
  return frame(message, deviceCommands[message.type], data);
}

/** Board → host. */
export function cu16DeviceDecoder(): StreamDecoder<Cu16DeviceMessage> {
  return new ResyncDecoder(scanDevice, cu16FrameMaxBytes);
}

/** Host → board (for the simulated board). */
export function cu16HostDecoder(): StreamDecoder<Cu16HostMessage> {
  return new ResyncDecoder(scanHost, cu16FrameMaxBytes);
}

export const lockKerongCu16Codec: ProtocolCodec<Cu16HostMessage, Cu16DeviceMessage> = {
  name: 'lock-kerong-cu16',
  hostMessageSchema: cu16HostMessageSchema,
  deviceMessageSchema: cu16DeviceMessageSchema,
  encodeHostMessage: encodeCu16HostMessage,
  encodeDeviceMessage: encodeCu16DeviceMessage,
  decodeHostFrame: (bytes) => decodeWhole(scanHost, bytes),
  decodeDeviceFrame: (bytes) => decodeWhole(scanDevice, bytes),
};

interface Fields {
  readonly board: number;
  readonly lock: number;
  readonly data: Uint8Array;
}

function scanDevice(held: Uint8Array, atGap: boolean): FrameStep<Cu16DeviceMessage> {
  const command = byteAt(held, 2);
  switch (command) {
    case deviceCommands.state:
    case deviceCommands.stateOfAll: {
      const type = command === deviceCommands.state ? 'state' : 'stateOfAll';
      return envelope(held, rawMaxBytes, ({ board, lock, data }) => {
        const hooks = channelsOf([...data.subarray(0, 2)]);
        return { type, board, lock, hooks, infrared: channelsOf([...data.subarray(2)]) };
      });
    }
    case deviceCommands.unlockTime:
      return rawFrame(held, atGap, ({ board, lock, data }) => {
        return { type: 'unlockTime', board, lock, dataHex: toHex(data) };
      });
    default:
      return unknown(held, command);
  }
}

function scanHost(held: Uint8Array, atGap: boolean): FrameStep<Cu16HostMessage> {
  const command = byteAt(held, 2);
  const type = (Object.keys(hostCommands) as HostType[]).find((name) => hostCommands[name] === command);
  switch (type) {
    case undefined:
      return unknown(held, command);
    case 'setUnlockTime':
    case 'askUnlockTime':
    case 'delayedUnlock':
      return rawFrame(held, atGap, ({ board, lock, data }) => ({ type, board, lock, dataHex: toHex(data) }));
    default:
      return envelope(held, 0, ({ board, lock }) => ({ type, board, lock }));
  }
}

function unknown(held: Uint8Array, command: number): FrameStep<never> {
  if (byteAt(held, 0) !== startByte) return bad('codec.bad_head', `begins with ${hexByte(byteAt(held, 0))}`);
  return held.length < 3 ? needMore : bad('codec.bad_field', `command ${hexByte(command)}`);
}

/** A frame with exactly so many data bytes. */
function envelope<M>(held: Uint8Array, dataBytes: number, make: (fields: Fields) => M): FrameStep<M> {
  if (byteAt(held, 0) !== startByte) return bad('codec.bad_head', `begins with ${hexByte(byteAt(held, 0))}`);
  const length = shortFrameBytes + dataBytes;
  if (held.length < length) return needMore;
  if (byteAt(held, length - 2) !== endByte) return bad('codec.bad_end', 'no 03 before the sum');
  const want = sumOf(held.subarray(0, length - 1));
  if (want !== byteAt(held, length - 1)) {
    return bad('codec.bad_checksum', `sum ${hexByte(byteAt(held, length - 1))}, not ${hexByte(want)}`);
  }
  const address = byteAt(held, 1);
  const data = held.slice(3, length - 2);
  return frameOf(length, make({ board: address >> 4, lock: (address & 0x0f) + 1, data }));
}

/** A frame whose data length nobody documents: the shortest that ends with 03 and the right sum. */
function rawFrame<M>(held: Uint8Array, atGap: boolean, make: (fields: Fields) => M): FrameStep<M> {
  let worst: FrameStep<M> = needMore;
  for (let dataBytes = 0; dataBytes <= rawMaxBytes; dataBytes++) {
    const step = envelope(held, dataBytes, make);
    if (step.kind === 'frame') return step;
    if (step.kind === 'more') return atGap ? worst : needMore;
    worst = step;
  }
  return worst;
}

function frame(
  at: { readonly board: number; readonly lock: number },
  command: number,
  data: Iterable<number>,
): Uint8Array {
  const body = [startByte, (at.board << 4) | (at.lock - 1), command, ...data, endByte];
  return Uint8Array.from([...body, sumOf(Uint8Array.from(body))]);
}
