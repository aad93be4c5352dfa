import { z } from 'zod';
import { unreachable } from '../../shared/assert.ts';
import { bad, byteAt, decodeWhole, hexByte, needMore, ResyncDecoder, xorOf } from './codec.ts';
import type { FrameStep, ProtocolCodec, StreamDecoder } from './codec.ts';
import { badXor, channelsOf, feedbackSchema, frameOf, groupsOf, withXor } from './lock-bytes.ts';

/**
 * "8A" cabinet lock board: 广州硕铭 485锁控板通讯协议 (2021 / 2024A1) and its many clones. RS485, 9600 8N1.
 *
 *   open one            → 8A AA CC 11 X          ← 8A AA CC SS X   (older 8-way boards answer with head 80)
 *   open for s seconds  → 8A AA CC 11 SS X       (s = 1..9; without it the pulse is 300 ms)
 *   open all            → 8A AA 00 11 X          ← one 5-byte reply, channel 00
 *   open several        → 90 AA S1..Sn X         (bit maps 1-8, 9-16, …; lowest group first)
 *   read one            → 80 AA CC 33 X          ← 80 AA CC SS X
 *   read all            → 80 AA 00 33 X          ← 80 AA Sn .. S2 S1 33 X   (HIGHEST group first)
 *   hold / release      → 9A AA CC 11 X / 9B AA CC 11 X
 *   ask own address     → 80 01 00 99 18         ← 80 01 addr 99 X          (one board on the bus)
 *   pushed door report                           ← 82 AA CC SS X   (another make: head 81)
 *
 * AA = board address 1..99, CC = channel 1..50, X = XOR of all bytes before it, SS = feedback contact: 11 or 00.
 * What 11 means (bolt in or out) is wiring, so the codec says `feedback: 1 | 0` and never "open" or "closed".
 */
const openHead = 0x8a;
const readHead = 0x80;
const openSeveralHead = 0x90;
const holdHead = 0x9a;
const releaseHead = 0x9b;
const pushHeads: readonly number[] = [0x81, 0x82];
const openMark = 0x11;
const readMark = 0x33;
const addressMark = 0x99;
const feedbackSet = 0x11;

const addressMax = 99;
const channelMax = 50;
/** 50 channels are 7 bytes of 8: the longest "read all" reply has 11 bytes. */
const groupMax = 7;
const shortFrameBytes = 5;
export const lockFrameMaxBytes = groupMax + 4;

const addressSchema = z.number().int().min(1).max(addressMax);
const channelSchema = z.number().int().min(1).max(channelMax);
const groupCountSchema = z.number().int().min(1).max(groupMax);

function channelSetSchema<T extends 'openSeveral' | 'allFeedback'>(type: T) {
  return z
    .object({
      type: z.literal(type),
      address: addressSchema,
      /** Bytes of 8 channels on the wire; what the board has, not what it needs. */
      groupCount: groupCountSchema,
      /** Channels whose bit is 1, ascending. */
      channels: z
        .array(
          z
            .number()
            .int()
            .min(1)
            .max(groupMax * 8),
        )
        .max(groupMax * 8),
    })
    .refine((m) => m.channels.every((c, i) => c <= m.groupCount * 8 && c > (m.channels[i - 1] ?? 0)), {
      message: 'channels must ascend and fit into the groups',
    });
}

export const lockHostMessageSchema = z.union([
  z.object({
    type: z.literal('openOne'),
    address: addressSchema,
    channel: channelSchema,
    /** Pulse length; absent = the board's own (300 ms). */
    seconds: z.number().int().min(1).max(9).optional(),
  }),
  z.object({ type: z.literal('openAll'), address: addressSchema }),
  channelSetSchema('openSeveral'),
  z.object({ type: z.literal('readOne'), address: addressSchema, channel: channelSchema }),
  z.object({ type: z.literal('readAll'), address: addressSchema }),
  z.object({ type: z.literal('hold'), address: addressSchema, channel: channelSchema }),
  z.object({ type: z.literal('release'), address: addressSchema, channel: channelSchema }),
  z.object({ type: z.literal('askAddress') }),
]);
export type LockHostMessage = z.infer<typeof lockHostMessageSchema>;

export const lockDeviceMessageSchema = z.union([
  /** Head 8A: the acknowledgement of an open; channel 0 = all. Says that the frame came, not that the door is open. */
  z.object({
    type: z.literal('opened'),
    address: addressSchema,
    channel: z.number().int().min(0).max(channelMax),
    feedback: feedbackSchema,
  }),
  /** Head 80: the answer to "read one", and of older boards to "open one" as well. */
  z.object({
    type: z.literal('feedback'),
    address: addressSchema,
    channel: channelSchema,
    feedback: feedbackSchema,
  }),
  channelSetSchema('allFeedback'),
  /** Sent by the board on its own when a contact changes. */
  z.object({
    type: z.literal('pushed'),
    head: z.union([z.literal(0x81), z.literal(0x82)]),
    address: addressSchema,
    channel: channelSchema,
    feedback: feedbackSchema,
  }),
  z.object({ type: z.literal('ownAddress'), address: addressSchema }),
]);
export type LockDeviceMessage = z.infer<typeof lockDeviceMessageSchema>;

/** Bytes of one request. The message must fit its schema. */
export function encodeLockHostMessage(message: LockHostMessage): Uint8Array {
  switch (message.type) {
    case 'openOne':
      return withXor([
        openHead,
        message.address,
        message.channel,
        openMark,
        ...(message.seconds === undefined ? [] : [message.seconds]),
      ]);
    case 'openAll':
      return withXor([openHead, message.address, 0, openMark]);
    case 'openSeveral':
      return withXor([openSeveralHead, message.address, ...groupsOf(message.channels, message.groupCount)]);
    case 'readOne':
      return withXor([readHead, message.address, message.channel, readMark]);
    case 'readAll':
      return withXor([readHead, message.address, 0, readMark]);
    case 'hold':
      return withXor([holdHead, message.address, message.channel, openMark]);
    case 'release':
      return withXor([releaseHead, message.address, message.channel, openMark]);
    case 'askAddress':
      return withXor([readHead, 1, 0, addressMark]);
    default:
      return unreachable(message);
  }
}

/** Bytes of one answer or push. The message must fit its schema. */
export function encodeLockDeviceMessage(message: LockDeviceMessage): Uint8Array {
  switch (message.type) {
    case 'opened':
      return withXor([openHead, message.address, message.channel, feedbackByte(message.feedback)]);
    case 'feedback':
      return withXor([readHead, message.address, message.channel, feedbackByte(message.feedback)]);
    case 'pushed':
      return withXor([message.head, message.address, message.channel, feedbackByte(message.feedback)]);
    case 'allFeedback':
      return withXor([
        readHead,
        message.address,
        ...groupsOf(message.channels, message.groupCount).reverse(),
        readMark,
      ]);
    case 'ownAddress':
      return withXor([readHead, 1, message.address, addressMark]);
    default:
      return unreachable(message);
  }
}

export interface LockDecoderOptions {
  /**
   * Status bytes in the long frames ("read all" reply, "open several"), from the board's profile. The lengths do not
   * follow from the bytes (33 and the heads occur inside the bit maps) nor from the channel count (an 8-channel board
   * answers 3 status bytes). Without it long frames are taken only when the quiet gap delimits them: `flush()`.
   */
  readonly groupCount?: number | undefined;
}

/** Board → host. Short frames come out at once; for "read all" replies see `LockDecoderOptions.groupCount`. */
export function lockDeviceDecoder(options: LockDecoderOptions = {}): StreamDecoder<LockDeviceMessage> {
  return new ResyncDecoder((held, atGap) => scanDevice(held, atGap, options.groupCount), lockFrameMaxBytes);
}

/** Host → board (for the simulated board). */
export function lockHostDecoder(options: LockDecoderOptions = {}): StreamDecoder<LockHostMessage> {
  return new ResyncDecoder((held, atGap) => scanHost(held, atGap, options.groupCount), lockFrameMaxBytes);
}

export const lock8aCodec: ProtocolCodec<LockHostMessage, LockDeviceMessage> = {
  name: 'lock-8a',
  hostMessageSchema: lockHostMessageSchema,
  deviceMessageSchema: lockDeviceMessageSchema,
  encodeHostMessage: encodeLockHostMessage,
  encodeDeviceMessage: encodeLockDeviceMessage,
  decodeHostFrame: (bytes) => decodeWhole((held) => scanHost(held, true, undefined), bytes),
  decodeDeviceFrame: (bytes) => decodeWhole((held) => scanDevice(held, true, undefined), bytes),
};

function scanDevice(
  held: Uint8Array,
  atGap: boolean,
  groupCount: number | undefined,
): FrameStep<LockDeviceMessage> {
  const head = byteAt(held, 0);
  if (head !== openHead && head !== readHead && !pushHeads.includes(head)) {
    return bad('codec.bad_head', `no board frame begins with ${hexByte(head)}`);
  }
  if (head !== readHead) {
    return held.length < shortFrameBytes ? needMore : shortDeviceFrame(held);
  }
  if (groupCount !== undefined && !atGap) {
    // The profile's length is asked first: the first 5 bytes of a long reply may look like a short one.
    if (held.length < groupCount + 4) return needMore;
    const long = longReply(held.subarray(0, groupCount + 4));
    return long.kind === 'frame' ? long : shortDeviceFrame(held);
  }
  if (held.length < shortFrameBytes) return needMore;
  if (atGap && held.length > shortFrameBytes) {
    const long = longReply(held);
    if (long.kind === 'frame') return long;
  }
  const short = shortDeviceFrame(held);
  if (short.kind === 'bad' && !atGap && mayBecomeLong(held)) return needMore;
  return short;
}

/** Without a profile only the gap can tell: hold as long as a long reply could still be on its way. */
function mayBecomeLong(held: Uint8Array): boolean {
  const address = byteAt(held, 1);
  return address >= 1 && address <= addressMax;
}

function shortDeviceFrame(held: Uint8Array): FrameStep<LockDeviceMessage> {
  const frame = held.subarray(0, shortFrameBytes);
  const [head = 0, address = 0, channel = 0, status = 0, check = 0] = frame;
  if (xorOf(frame.subarray(0, 4)) !== check) return badXor(frame);
  if (head === readHead && status === readMark) return longReply(frame);
  if (head === readHead && status === addressMark) {
    return address === 1 && isAddress(channel)
      ? frameOf(shortFrameBytes, { type: 'ownAddress', address: channel })
      : bad('codec.bad_field', 'not an address reply');
  }
  if (!isAddress(address)) return bad('codec.bad_field', `board address ${address}`);
  if (status !== 0 && status !== feedbackSet) return bad('codec.bad_field', `feedback ${hexByte(status)}`);
  const feedback = status === feedbackSet ? 1 : 0;
  if (head === openHead) {
    return channel <= channelMax
      ? frameOf(shortFrameBytes, { type: 'opened', address, channel, feedback })
      : bad('codec.bad_field', `channel ${channel}`);
  }
  if (!isChannel(channel)) return bad('codec.bad_field', `channel ${channel}`);
  if (head === readHead) return frameOf(shortFrameBytes, { type: 'feedback', address, channel, feedback });
  return frameOf(shortFrameBytes, {
    type: 'pushed',
    head: head === 0x81 ? 0x81 : 0x82,
    address,
    channel,
    feedback,
  });
}

/** `80 AA Sn .. S1 33 X`, exactly these bytes. */
function longReply(frame: Uint8Array): FrameStep<LockDeviceMessage> {
  const groupCount = frame.length - 4;
  if (groupCount < 1) return needMore;
  if (groupCount > groupMax) return bad('codec.bad_length', `${groupCount} status bytes`);
  if (byteAt(frame, frame.length - 2) !== readMark) return bad('codec.bad_field', 'no 33 before the check');
  if (xorOf(frame.subarray(0, -1)) !== byteAt(frame, frame.length - 1)) return badXor(frame);
  const address = byteAt(frame, 1);
  if (!isAddress(address)) return bad('codec.bad_field', `board address ${address}`);
  const channels = channelsOf([...frame.subarray(2, -2)].reverse());
  return frameOf(frame.length, { type: 'allFeedback', address, groupCount, channels });
}

function scanHost(
  held: Uint8Array,
  atGap: boolean,
  groupCount: number | undefined,
): FrameStep<LockHostMessage> {
  const head = byteAt(held, 0);
  if (head === openSeveralHead) return openSeveralFrame(held, atGap, groupCount);
  if (head !== openHead && head !== readHead && head !== holdHead && head !== releaseHead) {
    return bad('codec.bad_head', `no request begins with ${hexByte(head)}`);
  }
  if (held.length < shortFrameBytes) return needMore;
  const [, address = 0, channel = 0, mark = 0, last = 0] = held;
  if (xorOf(held.subarray(0, 4)) === last) return shortHostFrame(head, address, channel, mark);
  // "Open for s seconds" has one more byte. Never ambiguous: the check of the 5-byte form is 80 or above, s is 1..9.
  if (head === openHead && mark === openMark && last >= 1 && last <= 9) {
    if (held.length < shortFrameBytes + 1) return needMore;
    if (xorOf(held.subarray(0, 5)) !== byteAt(held, 5)) return badXor(held.subarray(0, 6));
    return isAddress(address) && isChannel(channel)
      ? frameOf(6, { type: 'openOne', address, channel, seconds: last })
      : bad('codec.bad_field', `address ${address}, channel ${channel}`);
  }
  return badXor(held.subarray(0, shortFrameBytes));
}

function shortHostFrame(
  head: number,
  address: number,
  channel: number,
  mark: number,
): FrameStep<LockHostMessage> {
  if (head === readHead && address === 1 && channel === 0 && mark === addressMark) {
    return frameOf(shortFrameBytes, { type: 'askAddress' });
  }
  if (!isAddress(address)) return bad('codec.bad_field', `board address ${address}`);
  if (mark !== (head === readHead ? readMark : openMark))
    return bad('codec.bad_field', `mark ${hexByte(mark)}`);
  if (channel === 0 && head === openHead) return frameOf(shortFrameBytes, { type: 'openAll', address });
  if (channel === 0 && head === readHead) return frameOf(shortFrameBytes, { type: 'readAll', address });
  if (!isChannel(channel)) return bad('codec.bad_field', `channel ${channel}`);
  if (head === openHead) return frameOf(shortFrameBytes, { type: 'openOne', address, channel });
  if (head === readHead) return frameOf(shortFrameBytes, { type: 'readOne', address, channel });
  return frameOf(shortFrameBytes, { type: head === holdHead ? 'hold' : 'release', address, channel });
}

function openSeveralFrame(
  held: Uint8Array,
  atGap: boolean,
  groupCount: number | undefined,
): FrameStep<LockHostMessage> {
  if (groupCount === undefined && !atGap) return needMore;
  const length = groupCount === undefined ? held.length : groupCount + 3;
  const groups = length - 3;
  if (groups < 1 || held.length < length) return needMore;
  if (groups > groupMax) return bad('codec.bad_length', `${groups} channel bytes`);
  const frame = held.subarray(0, length);
  if (xorOf(frame.subarray(0, -1)) !== byteAt(frame, length - 1)) return badXor(frame);
  const address = byteAt(frame, 1);
  if (!isAddress(address)) return bad('codec.bad_field', `board address ${address}`);
  const channels = channelsOf([...frame.subarray(2, -1)]);
  return frameOf(length, { type: 'openSeveral', address, groupCount: groups, channels });
}

function feedbackByte(feedback: 0 | 1): number {
  return feedback === 1 ? feedbackSet : 0;
}

function isAddress(n: number): boolean {
  return n >= 1 && n <= addressMax;
}

function isChannel(n: number): boolean {
  return n >= 1 && n <= channelMax;
}
