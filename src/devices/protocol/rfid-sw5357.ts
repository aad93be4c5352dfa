import { z } from 'zod';
import { unreachable } from '../../shared/assert.ts';
import { bad, byteAt, bytesOfHex, decodeWhole, hexSchema, ResyncDecoder, sumOf, toHex } from './codec.ts';
import type { FrameStep, ProtocolCodec, StreamDecoder } from './codec.ts';
import { entryEpcSchema, isEpcSize, isWholeEpc, lengthFlagBit, lengthFlagSchema } from './inventory-entry.ts';

/**
 * UHF readers with heads `53 57` ("SW") and `43 54` ("CT"), 115200 8N1.
 *
 *   command  53 57 | LENh LENl | ADDR | CMD | DATA          | SUM      LEN = all bytes after itself, 3..1024
 *   reply    43 54 | LENh LENl | ADDR | CMD | STATUS | DATA | SUM      STATUS 01 ok, 00 failed (inventory: no tag)
 *
 * SUM = two's complement of the sum of all bytes before it: the whole frame adds up to 0.
 * A tag: len | type | ant | EPC | rssi, where len counts what follows it. 01 puts a 16-bit count before the tags, 45 (sent
 * unasked in active mode) the reader's serial number and an 8-bit count.
 * Source: "UHF RFID Reader User's Manual V2.0" (SWNet SDK), section 3 and 4.
 */
const hostHead = [0x53, 0x57] as const;
const deviceHead = [0x43, 0x54] as const;
const lenMax = 1024;
export const sw5357FrameMaxBytes = lenMax + 4;
/** ADDR CMD SUM, and ADDR CMD STATUS SUM. */
const commandLenMin = 3;
const replyLenMin = 4;
const dataMaxBytes = lenMax - 4;
const serialBytes = 7;
/** type ant rssi beside the EPC. */
const tagOverheadBytes = 3;
/** Most tags in one frame that are taken for tags. */
const tagMax = 200;

export const sw5357Cmd = {
  inventory: 0x01,
  getSystemInfo: 0x10,
  resetParams: 0x22,
  getParam: 0x23,
  setParam: 0x24,
  getFrequency: 0x3e,
  setFrequency: 0x3f,
  stop: 0x40,
  start: 0x41,
  activeTags: 0x45,
  heartbeat: 0xff,
} as const;

/** Addresses of single parameters. Work mode: 0 answer, 1 active, 2 trigger. Power in whole dBm. */
export const sw5357Param = { workMode: 0x02, power: 0x05 } as const;

/** The manual's table of command 3F. China and Korea are channels of its US raster (902.75 + 0.5·n MHz). */
export const sw5357Regions = {
  'china-900': { n1: 0x2c, n2: 0xa3 },
  us: { n1: 0x31, n2: 0x80 },
  europe: { n1: 0x4e, n2: 0x00 },
  korea: { n1: 0x29, n2: 0x9d },
} as const;

const u8 = z.number().int().min(0).max(0xff);
/** 0..254; 255 = any. */
const address = u8;

export const sw5357HostMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('inventory'), address }),
  z.object({ type: z.literal('getSystemInfo'), address }),
  z.object({ type: z.literal('resetParams'), address }),
  z.object({ type: z.literal('getParam'), address, param: u8 }),
  z.object({ type: z.literal('setParam'), address, param: u8, value: u8 }),
  z.object({ type: z.literal('getFrequency'), address }),
  z.object({ type: z.literal('setFrequency'), address, n1: u8, n2: u8 }),
  /** Ends and begins reading in active mode. */
  z.object({ type: z.literal('stop'), address }),
  z.object({ type: z.literal('start'), address }),
  /** Confirms active data; the manual: "not necessary". */
  z.object({ type: z.literal('confirmActive'), address }),
  z.object({ type: z.literal('rawCommand'), address, command: u8, data: hexSchema(0, dataMaxBytes + 1) }),
]);
export type Sw5357HostMessage = z.infer<typeof sw5357HostMessageSchema>;

const tagSchema = z.object({
  tagType: u8,
  antenna: u8,
  epc: entryEpcSchema,
  lengthFlag: lengthFlagSchema,
  /** As the reader gives it; the manual names no unit. */
  rssi: u8,
});
const serial = hexSchema(serialBytes, serialBytes);

export const sw5357DeviceMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tags'), address, tags: z.array(tagSchema).max(tagMax) }),
  z.object({ type: z.literal('activeTags'), address, serial, tags: z.array(tagSchema).max(tagMax) }),
  z.object({
    type: z.literal('systemInfo'),
    address,
    /** 14h = 1.4. */
    softwareVersion: u8,
    hardwareVersion: u8,
    serial,
  }),
  z.object({ type: z.literal('param'), address, param: u8, value: u8 }),
  z.object({ type: z.literal('frequency'), address, n1: u8, n2: u8 }),
  z.object({ type: z.literal('heartbeat'), address, serial }),
  /** A reply without data. To an inventory, 00 says that there is no tag. */
  z.object({ type: z.literal('status'), address, command: u8, status: u8 }),
  z.object({
    type: z.literal('rawReply'),
    address,
    command: u8,
    status: u8,
    data: hexSchema(1, dataMaxBytes),
  }),
]);
export type Sw5357DeviceMessage = z.infer<typeof sw5357DeviceMessageSchema>;
type Tag = z.infer<typeof tagSchema>;

export function encodeSw5357HostMessage(message: Sw5357HostMessage): Uint8Array {
  const [command, data] = hostFields(message);
  return envelope(hostHead, [message.address, command, ...data]);
}

export function encodeSw5357DeviceMessage(message: Sw5357DeviceMessage): Uint8Array {
  const [command, status, data] = deviceFields(message);
  return envelope(deviceHead, [message.address, command, status, ...data]);
}

/** Reader → host. */
export function sw5357DeviceDecoder(): StreamDecoder<Sw5357DeviceMessage> {
  return new ResyncDecoder(scanDevice, sw5357FrameMaxBytes);
}

/** Host → reader (for the simulated reader). */
export function sw5357HostDecoder(): StreamDecoder<Sw5357HostMessage> {
  return new ResyncDecoder(scanHost, sw5357FrameMaxBytes);
}

export const rfidSw5357Codec: ProtocolCodec<Sw5357HostMessage, Sw5357DeviceMessage> = {
  name: 'rfid-sw5357',
  hostMessageSchema: sw5357HostMessageSchema,
  deviceMessageSchema: sw5357DeviceMessageSchema,
  encodeHostMessage: encodeSw5357HostMessage,
  encodeDeviceMessage: encodeSw5357DeviceMessage,
  decodeHostFrame: (bytes) => decodeWhole(scanHost, bytes),
  decodeDeviceFrame: (bytes) => decodeWhole(scanDevice, bytes),
};

function hostFields(m: Sw5357HostMessage): [command: number, data: readonly number[]] {
  switch (m.type) {
    case 'getParam':
      return [sw5357Cmd.getParam, [m.param]];
    case 'setParam':
      return [sw5357Cmd.setParam, [m.param, m.value]];
    case 'setFrequency':
      return [sw5357Cmd.setFrequency, [m.n1, m.n2]];
    case 'confirmActive':
      return [sw5357Cmd.activeTags, []];
    case 'rawCommand':
      return [m.command, [...bytesOfHex(m.data)]];
    case 'inventory':
    case 'getSystemInfo':
    case 'resetParams':
    case 'getFrequency':
    case 'stop':
    case 'start':
      return [sw5357Cmd[m.type], []];
    default:
      return unreachable(m);
  }
}

function deviceFields(m: Sw5357DeviceMessage): [command: number, status: number, data: readonly number[]] {
  const { inventory, activeTags, getSystemInfo, getParam, getFrequency, heartbeat } = sw5357Cmd;
  switch (m.type) {
    case 'tags':
      return [inventory, 1, [m.tags.length >> 8, m.tags.length & 0xff, ...m.tags.flatMap(tagBytes)]];
    case 'activeTags':
      return [activeTags, 1, [...bytesOfHex(m.serial), m.tags.length, ...m.tags.flatMap(tagBytes)]];
    case 'systemInfo':
      return [getSystemInfo, 1, [m.softwareVersion, m.hardwareVersion, ...bytesOfHex(m.serial)]];
    case 'param':
      return [getParam, 1, [m.param, m.value]];
    case 'frequency':
      return [getFrequency, 1, [m.n1, m.n2]];
    case 'heartbeat':
      return [heartbeat, 1, [...bytesOfHex(m.serial)]];
    case 'status':
      return [m.command, m.status, []];
    case 'rawReply':
      return [m.command, m.status, [...bytesOfHex(m.data)]];
    default:
      return unreachable(m);
  }
}

interface Envelope {
  readonly address: number;
  readonly command: number;
  /** After the command: data of a command; status and data of a reply. */
  readonly rest: Uint8Array;
  readonly length: number;
}

/** The envelope that begins at the first byte. Decides as early as the bytes allow. */
function scanEnvelope(
  held: Uint8Array,
  head: readonly [number, number],
  lenMin: number,
): Envelope | Exclude<FrameStep<never>, { kind: 'frame' }> {
  const isHead = byteAt(held, 0) === head[0] && (held.length < 2 || byteAt(held, 1) === head[1]);
  if (!isHead) return { kind: 'bad', error: { code: 'codec.bad_head', message: 'another head' } };
  if (held.length < 4) return { kind: 'more' };
  const len = byteAt(held, 2) * 256 + byteAt(held, 3);
  if (len < lenMin || len > lenMax) {
    return { kind: 'bad', error: { code: 'codec.bad_length', message: `LEN ${len}` } };
  }
  const length = len + 4;
  if (held.length < length) return { kind: 'more' };
  if (sumOf(held.subarray(0, length)) !== 0) {
    return { kind: 'bad', error: { code: 'codec.bad_checksum', message: 'the sum is wrong' } };
  }
  return { address: byteAt(held, 4), command: byteAt(held, 5), rest: held.subarray(6, length - 1), length };
}

function scanDevice(held: Uint8Array): FrameStep<Sw5357DeviceMessage> {
  const found = scanEnvelope(held, deviceHead, replyLenMin);
  if ('kind' in found) return found;
  const { address, command, rest, length } = found;
  const [status, data] = [byteAt(rest, 0), rest.subarray(1)];
  if (data.length === 0) {
    return { kind: 'frame', length, message: { type: 'status', address, command, status } };
  }
  const known = status === 1 ? dataReplyOf(address, command, data) : undefined;
  const message = known ?? { type: 'rawReply' as const, address, command, status, data: toHex(data) };
  return { kind: 'frame', length, message };
}

/** `undefined` when the shape is not the manual's (kept raw). */
function dataReplyOf(address: number, command: number, data: Uint8Array): Sw5357DeviceMessage | undefined {
  const [first, second] = [byteAt(data, 0), byteAt(data, 1)];
  if (command === sw5357Cmd.inventory) {
    const tags = data.length < 2 ? undefined : tagList(data.subarray(2), first * 256 + second);
    return tags === undefined ? undefined : { type: 'tags', address, tags };
  }
  if (command === sw5357Cmd.activeTags && data.length > serialBytes) {
    const tags = tagList(data.subarray(serialBytes + 1), byteAt(data, serialBytes));
    const serialHex = toHex(data.subarray(0, serialBytes));
    return tags === undefined ? undefined : { type: 'activeTags', address, serial: serialHex, tags };
  }
  if (command === sw5357Cmd.getSystemInfo && data.length === serialBytes + 2) {
    const serialHex = toHex(data.subarray(2));
    return {
      type: 'systemInfo',
      address,
      softwareVersion: first,
      hardwareVersion: second,
      serial: serialHex,
    };
  }
  if (command === sw5357Cmd.heartbeat && data.length === serialBytes) {
    return { type: 'heartbeat', address, serial: toHex(data) };
  }
  if (data.length !== 2) return undefined;
  if (command === sw5357Cmd.getParam) return { type: 'param', address, param: first, value: second };
  if (command === sw5357Cmd.getFrequency) return { type: 'frequency', address, n1: first, n2: second };
  return undefined;
}

/** All whole, or else unusable ones among whole ones. */
function tagList(data: Uint8Array, count: number): Tag[] | undefined {
  const whole = entriesOf(data, count, false);
  if (whole !== undefined) return whole;
  const entries = entriesOf(data, count, true);
  return entries?.some(isWholeEpc) === true ? entries : undefined;
}

function entriesOf(data: Uint8Array, count: number, isLenient: boolean): Tag[] | undefined {
  if (count > tagMax) return undefined;
  const tags: Tag[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const hasFlag = (byteAt(data, at) & lengthFlagBit) !== 0;
    const size = (byteAt(data, at) & ~lengthFlagBit) - tagOverheadBytes;
    const end = at + 1 + size + tagOverheadBytes;
    const isWhole = !hasFlag && isEpcSize(size);
    if ((!isWhole && !isLenient) || size < 0 || end > data.length) return undefined;
    tags.push({
      tagType: byteAt(data, at + 1),
      antenna: byteAt(data, at + 2),
      epc: toHex(data.subarray(at + 3, end - 1)),
      ...(hasFlag ? { lengthFlag: true } : {}),
      rssi: byteAt(data, end - 1),
    });
    at = end;
  }
  return at === data.length ? tags : undefined;
}

function tagBytes(tag: Tag): number[] {
  const epc = bytesOfHex(tag.epc);
  const flag = tag.lengthFlag === undefined ? 0 : lengthFlagBit;
  return [(epc.length + tagOverheadBytes) | flag, tag.tagType, tag.antenna, ...epc, tag.rssi];
}

function scanHost(held: Uint8Array): FrameStep<Sw5357HostMessage> {
  const found = scanEnvelope(held, hostHead, commandLenMin);
  if ('kind' in found) return found;
  const { address, command, rest, length } = found;
  if (command === sw5357Cmd.heartbeat) return bad('codec.bad_field', 'FF is not a command');
  const message = commandOf(address, command, rest) ?? {
    type: 'rawCommand' as const,
    address,
    command,
    data: toHex(rest),
  };
  return { kind: 'frame', length, message };
}

const bareCommands = new Map<
  number,
  'inventory' | 'getSystemInfo' | 'resetParams' | 'getFrequency' | 'stop' | 'start' | 'confirmActive'
>([
  [sw5357Cmd.inventory, 'inventory'],
  [sw5357Cmd.getSystemInfo, 'getSystemInfo'],
  [sw5357Cmd.resetParams, 'resetParams'],
  [sw5357Cmd.getFrequency, 'getFrequency'],
  [sw5357Cmd.stop, 'stop'],
  [sw5357Cmd.start, 'start'],
  [sw5357Cmd.activeTags, 'confirmActive'],
]);

/** `undefined` when the shape is not the manual's (kept as a raw command). */
function commandOf(address: number, command: number, data: Uint8Array): Sw5357HostMessage | undefined {
  const [first, second] = [byteAt(data, 0), byteAt(data, 1)];
  if (data.length === 0) {
    const type = bareCommands.get(command);
    return type === undefined ? undefined : { type, address };
  }
  if (command === sw5357Cmd.getParam && data.length === 1) return { type: 'getParam', address, param: first };
  if (data.length !== 2) return undefined;
  if (command === sw5357Cmd.setParam) return { type: 'setParam', address, param: first, value: second };
  if (command === sw5357Cmd.setFrequency) return { type: 'setFrequency', address, n1: first, n2: second };
  return undefined;
}

function envelope(head: readonly number[], body: readonly number[]): Uint8Array {
  const len = body.length + 1;
  const bytes = Uint8Array.from([...head, len >> 8, len & 0xff, ...body, 0]);
  bytes[bytes.length - 1] = -sumOf(bytes) & 0xff;
  return bytes;
}
