import { z } from 'zod';
import { unreachable } from '../../shared/assert.ts';
import { bad, byteAt, decodeWhole, hexByte, needMore, ResyncDecoder, xorOf } from './codec.ts';
import type { FrameStep, ProtocolCodec, StreamDecoder } from './codec.ts';
import { badXor, feedbackSchema, frameOf, withXor } from './lock-bytes.ts';

/**
 * "WKLY" cabinet lock board (frames begin with the letters). RS485, 9600 8N1, 12 or 24 channels, board address 0..31.
 *
 *   57 4B 4C 59 | LEN | ADDR | CMD | DATA | XOR      LEN = whole frame, XOR = of all bytes before it
 *
 *   80 open several at once (同时开多锁; two advised)   → n, ch..    ← status
 *   81 flash a channel's LED (通道闪烁)                → ch         ← status, ch
 *   82 open one (开单个锁)                             → ch         ← status, ch, lock state
 *   83 read one (查询单个门状态)                        → ch         ← status, ch, lock state
 *   84 read all (查询所有门状态)                        → –          ← status, n, lock state × n
 *   85 pushed on each change (状态上传)                             ← ch, lock state        (no status)
 *   86 open all (开所有门)                             → –          ← status
 *   87 open several one after another (逐一开多锁)      → n, ch..    ← status
 *   88 / 89 channel on / off (通道持续打开 / 关闭)       → ch         ← status, ch
 *
 * status 00 = done, FF = failed. Lock state 00 = open, 01 = closed by the vendor's demo, the other way round with other
 * wiring, FF = could not be read: here `feedback` 0, 1, null. A failed answer with the status alone is seen for 80 only;
 * it is taken for every command.
 * Sources: vendor demo lines quoted in public unit tests of a lock demo app (47269350190, 47169050810) and five more drivers.
 */
const head: readonly number[] = [0x57, 0x4b, 0x4c, 0x59];
const commandBytes = {
  openTogether: 0x80,
  flash: 0x81,
  openOne: 0x82,
  readOne: 0x83,
  readAll: 0x84,
  openAll: 0x86,
  openInTurn: 0x87,
  channelOn: 0x88,
  channelOff: 0x89,
} as const;
type Command = keyof typeof commandBytes;
const pushCommand = 0x85;
const statusDone = 0x00;
const statusFailed = 0xff;
const stateUnread = 0xff;

const addressMax = 31;
const channelMax = 24;
/** Head, LEN, ADDR, CMD and XOR. */
const frameMinBytes = 8;
/** "Read all" of 24 channels. */
export const wklyFrameMaxBytes = frameMinBytes + 2 + channelMax;
const dataOffset = 7;

const addressSchema = z.number().int().min(0).max(addressMax);
const channelSchema = z.number().int().min(1).max(channelMax);
const stateSchema = feedbackSchema.nullable();
/** True: status 00. */
const isDone = z.boolean();

export const wklyHostMessageSchema = z.union([
  z.object({
    type: z.enum(['openTogether', 'openInTurn']),
    address: addressSchema,
    channels: z.array(channelSchema).min(1).max(channelMax),
  }),
  z.object({
    type: z.enum(['flash', 'openOne', 'readOne', 'channelOn', 'channelOff']),
    address: addressSchema,
    channel: channelSchema,
  }),
  z.object({ type: z.enum(['readAll', 'openAll']), address: addressSchema }),
]);
export type WklyHostMessage = z.infer<typeof wklyHostMessageSchema>;

export const wklyDeviceMessageSchema = z.union([
  /** The answer to "open one": says that the board has tried, not that the door is open. */
  z.object({
    type: z.literal('opened'),
    address: addressSchema,
    isDone,
    channel: channelSchema,
    feedback: stateSchema,
  }),
  z.object({
    type: z.literal('state'),
    address: addressSchema,
    isDone,
    channel: channelSchema,
    feedback: stateSchema,
  }),
  /** Channel 1 first. */
  z.object({
    type: z.literal('allStates'),
    address: addressSchema,
    isDone,
    feedbacks: z.array(stateSchema).max(channelMax),
  }),
  /** Sent by the board on its own when a contact changes. */
  z.object({
    type: z.literal('pushed'),
    address: addressSchema,
    channel: channelSchema,
    feedback: stateSchema,
  }),
  /** The answers that name the channel and no state. */
  z.object({
    type: z.literal('channelDone'),
    command: z.enum(['flash', 'channelOn', 'channelOff']),
    address: addressSchema,
    isDone,
    channel: channelSchema,
  }),
  /** The answers that are a status only. */
  z.object({
    type: z.literal('done'),
    command: z.enum(['openTogether', 'openAll', 'openInTurn']),
    address: addressSchema,
    isDone,
  }),
  /** Status FF and nothing else, where more is usual. */
  z.object({
    type: z.literal('failed'),
    command: z.enum(['flash', 'openOne', 'readOne', 'readAll', 'channelOn', 'channelOff']),
    address: addressSchema,
  }),
]);
export type WklyDeviceMessage = z.infer<typeof wklyDeviceMessageSchema>;

/** Bytes of one request. The message must fit its schema. */
export function encodeWklyHostMessage(message: WklyHostMessage): Uint8Array {
  const command = commandBytes[message.type];
  if ('channels' in message) {
    return frame(message.address, command, [message.channels.length, ...message.channels]);
  }
  return frame(message.address, command, 'channel' in message ? [message.channel] : []);
}

/** Bytes of one answer or push. The message must fit its schema. */
export function encodeWklyDeviceMessage(message: WklyDeviceMessage): Uint8Array {
  const { address } = message;
  const status = 'isDone' in message && message.isDone ? statusDone : statusFailed;
  switch (message.type) {
    case 'opened':
    case 'state': {
      const command = message.type === 'opened' ? commandBytes.openOne : commandBytes.readOne;
      return frame(address, command, [status, message.channel, stateByte(message.feedback)]);
    }
    case 'allStates': {
      const states = message.feedbacks.map(stateByte);
      return frame(address, commandBytes.readAll, [status, states.length, ...states]);
    }
    case 'pushed':
      return frame(address, pushCommand, [message.channel, stateByte(message.feedback)]);
    case 'channelDone':
      return frame(address, commandBytes[message.command], [status, message.channel]);
    case 'done':
    case 'failed':
      return frame(address, commandBytes[message.command], [status]);
    default:
      return unreachable(message);
  }
}

/** Board → host. */
export function wklyDeviceDecoder(): StreamDecoder<WklyDeviceMessage> {
  return new ResyncDecoder((held) => scan(held, deviceMessageOf), wklyFrameMaxBytes);
}

/** Host → board (for the simulated board). */
export function wklyHostDecoder(): StreamDecoder<WklyHostMessage> {
  return new ResyncDecoder((held) => scan(held, hostMessageOf), wklyFrameMaxBytes);
}

export const lockWklyCodec: ProtocolCodec<WklyHostMessage, WklyDeviceMessage> = {
  name: 'lock-wkly',
  hostMessageSchema: wklyHostMessageSchema,
  deviceMessageSchema: wklyDeviceMessageSchema,
  encodeHostMessage: encodeWklyHostMessage,
  encodeDeviceMessage: encodeWklyDeviceMessage,
  decodeHostFrame: (bytes) => decodeWhole((held) => scan(held, hostMessageOf), bytes),
  decodeDeviceFrame: (bytes) => decodeWhole((held) => scan(held, deviceMessageOf), bytes),
};

/** What the fields of a whole frame with a right check say, or null when they do not fit the command. */
type Reader<M> = (address: number, command: number, data: readonly number[]) => M | null;

function scan<M>(held: Uint8Array, read: Reader<M>): FrameStep<M> {
  const wrongAt = head.findIndex((byte, i) => i < held.length && held[i] !== byte);
  if (wrongAt >= 0) return bad('codec.bad_head', `byte ${wrongAt} is ${hexByte(byteAt(held, wrongAt))}`);
  if (held.length <= head.length) return needMore;
  const length = byteAt(held, head.length);
  if (length < frameMinBytes || length > wklyFrameMaxBytes)
    return bad('codec.bad_length', `length ${length}`);
  if (held.length < length) return needMore;
  const whole = held.subarray(0, length);
  if (xorOf(whole.subarray(0, -1)) !== byteAt(whole, length - 1)) return badXor(whole);
  const [address = 0, command = 0] = whole.subarray(head.length + 1, dataOffset);
  if (address > addressMax) return bad('codec.bad_field', `board address ${address}`);
  const message = read(address, command, [...whole.subarray(dataOffset, -1)]);
  return message === null
    ? bad('codec.bad_field', `command ${hexByte(command)} with these data`)
    : frameOf(length, message);
}

function hostMessageOf(address: number, command: number, data: readonly number[]): WklyHostMessage | null {
  const type = commandOf(command);
  const [first, ...rest] = data;
  switch (type) {
    case undefined:
      return null;
    case 'openTogether':
    case 'openInTurn':
      return first === rest.length && first > 0 && rest.every(isChannel)
        ? { type, address, channels: rest }
        : null;
    case 'readAll':
    case 'openAll':
      return data.length === 0 ? { type, address } : null;
    default:
      return first !== undefined && rest.length === 0 && isChannel(first)
        ? { type, address, channel: first }
        : null;
  }
}

function deviceMessageOf(
  address: number,
  command: number,
  data: readonly number[],
): WklyDeviceMessage | null {
  if (command === pushCommand) {
    const [channel = 0, state = -1, ...more] = data;
    const feedback = feedbackOf(state);
    return isChannel(channel) && feedback !== undefined && more.length === 0
      ? { type: 'pushed', address, channel, feedback }
      : null;
  }
  const type = commandOf(command);
  const [status, ...rest] = data;
  if (type === undefined || (status !== statusDone && status !== statusFailed)) return null;
  const isOk = status === statusDone;
  if (type === 'openTogether' || type === 'openAll' || type === 'openInTurn') {
    return rest.length === 0 ? { type: 'done', command: type, address, isDone: isOk } : null;
  }
  if (rest.length === 0) return isOk ? null : { type: 'failed', command: type, address };
  if (type === 'readAll') return allStatesOf(address, isOk, rest);
  const [channel = 0, state, ...more] = rest;
  if (!isChannel(channel) || more.length > 0) return null;
  if (type !== 'openOne' && type !== 'readOne') {
    const answer = { type: 'channelDone', command: type, address, isDone: isOk, channel } as const;
    return state === undefined ? answer : null;
  }
  const feedback = feedbackOf(state ?? -1);
  if (feedback === undefined) return null;
  return { type: type === 'openOne' ? 'opened' : 'state', address, isDone: isOk, channel, feedback };
}

function allStatesOf(address: number, isOk: boolean, rest: readonly number[]): WklyDeviceMessage | null {
  const [count, ...states] = rest;
  const feedbacks = states.flatMap((state) => feedbackOf(state) ?? (state === stateUnread ? [null] : []));
  const isWhole = count === states.length && feedbacks.length === count && count <= channelMax;
  return isWhole ? { type: 'allStates', address, isDone: isOk, feedbacks } : null;
}

function commandOf(byte: number): Command | undefined {
  return (Object.keys(commandBytes) as Command[]).find((name) => commandBytes[name] === byte);
}

/** `undefined`: no lock state has this byte. */
function feedbackOf(state: number): 0 | 1 | null | undefined {
  if (state === stateUnread) return null;
  return state === 0 || state === 1 ? state : undefined;
}

function stateByte(feedback: 0 | 1 | null): number {
  return feedback ?? stateUnread;
}

function isChannel(n: number): boolean {
  return n >= 1 && n <= channelMax;
}

function frame(address: number, command: number, data: readonly number[]): Uint8Array {
  return withXor([...head, frameMinBytes + data.length, address, command, ...data]);
}
