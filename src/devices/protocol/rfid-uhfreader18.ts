import { unreachable } from '../../shared/assert.ts';
import { bad, byteAt, bytesOfHex, decodeWhole, ResyncDecoder, toHex } from './codec.ts';
import type { FrameStep, ProtocolCodec, StreamDecoder } from './codec.ts';
import { isEpcSize, isWholeEpc, lengthFlagBit } from './inventory-entry.ts';
import {
  isOneBit,
  uhf18DeviceMessageSchema,
  uhf18FrameTagMax,
  uhf18HostMessageSchema,
  uhf18StatusNames,
} from './rfid-uhfreader18-messages.ts';
import type { Uhf18DeviceMessage, Uhf18Form, Uhf18HostMessage } from './rfid-uhfreader18-messages.ts';

export type { Uhf18DeviceMessage, Uhf18Form, Uhf18HostMessage } from './rfid-uhfreader18-messages.ts';

/**
 * UHF readers UHFReader18 / Chafon / 288 family, 57600 8N1 (9600 and 115200 occur).
 *
 *   command  Len | Adr | Cmd   | Data          | CRC low | CRC high        Len = all bytes after itself
 *   reply    Len | Adr | reCmd | Status | Data | CRC low | CRC high
 *
 * CRC-16/MCRF4XX over Len … Data. There is no head: any byte may be a length, so a place counts as a frame only when the
 * CRC fits, and what cannot become one is dropped at the quiet gap (the manual: bytes of a frame are less than 15 ms apart).
 *
 * Inventory data has two shapes. Without a profile the shape is taken from the structure: the old one when counts and
 * lengths come out exactly, else the new one (whose antenna byte has one bit set); else the reply is kept raw. Both fit
 * only when bytes of an EPC look like lengths by chance; a profile (`form`) rules that out.
 * Sources: "UHF RFID Reader UHFReader18 User's Manual V2.0"; UHF RFID Reader Command Manual (confirmed on a reader);
 * https://www.manualshelf.com/manual/sid/ur-008/user-s-manual-english/page-75.html (newer form).
 */
export const uhf18FrameMaxBytes = 256;
/** Adr Cmd CRC CRC, and Adr reCmd Status CRC CRC. */
const commandLenMin = 4;
const replyLenMin = 5;
const infoBytes = 8;
const infoTailMaxBytes = 16;
const workModeBytes = 12;

export const uhf18Cmd = {
  inventory: 0x01,
  inventorySingle: 0x0f,
  getInfo: 0x21,
  setFrequency: 0x22,
  setAddress: 0x24,
  setScanTime: 0x25,
  setBaud: 0x28,
  setPower: 0x2f,
  setWorkMode: 0x35,
  getWorkMode: 0x36,
  setReadMode: 0x76,
  stop: 0x93,
  pushed: 0xee,
} as const;

/**
 * Band and channels of each region. Bits 7-6 of MaxFre and MinFre are the band: 0/1 China (920.125 + 0.25·n MHz, 0..19),
 * 0/2 US (902.75 + 0.5·n, 0..49), 0/3 Korea (917.1 + 0.2·n, 0..31), 1/0 Europe (865.1 + 0.2·n, 0..14).
 */
export const uhf18Regions = {
  'china-900': { maxFre: 0x13, minFre: 0x40 },
  us: { maxFre: 0x31, minFre: 0x80 },
  korea: { maxFre: 0x1f, minFre: 0xc0 },
  europe: { maxFre: 0x4e, minFre: 0x00 },
} as const;

/** CRC-16/MCRF4XX: preset FFFF, polynomial 1021 reflected (8408), no final XOR. */
export function crc16Mcrf4xx(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0x8408;
  }
  return crc;
}

export function encodeUhf18HostMessage(message: Uhf18HostMessage): Uint8Array {
  const [command, data] = hostFields(message);
  return envelope([message.address, command, ...data]);
}

export function encodeUhf18DeviceMessage(message: Uhf18DeviceMessage): Uint8Array {
  const [command, status, data] = deviceFields(message);
  return envelope([message.address, command, status, ...data]);
}

/** Reader → host. `form`: the shape that the profile knows; absent: by structure. */
export function uhf18DeviceDecoder(form?: Uhf18Form): StreamDecoder<Uhf18DeviceMessage> {
  return new ResyncDecoder((held) => scanDevice(held, form), uhf18FrameMaxBytes);
}

/** Host → reader (for the simulated reader). */
export function uhf18HostDecoder(): StreamDecoder<Uhf18HostMessage> {
  return new ResyncDecoder(scanHost, uhf18FrameMaxBytes);
}

export const rfidUhfReader18Codec: ProtocolCodec<Uhf18HostMessage, Uhf18DeviceMessage> = {
  name: 'rfid-uhfreader18',
  hostMessageSchema: uhf18HostMessageSchema,
  deviceMessageSchema: uhf18DeviceMessageSchema,
  encodeHostMessage: encodeUhf18HostMessage,
  encodeDeviceMessage: encodeUhf18DeviceMessage,
  decodeHostFrame: (bytes) => decodeWhole(scanHost, bytes),
  decodeDeviceFrame: (bytes) => decodeWhole((held) => scanDevice(held), bytes),
};

function hostFields(m: Uhf18HostMessage): [command: number, data: readonly number[]] {
  switch (m.type) {
    case 'inventoryTid':
      return [uhf18Cmd.inventory, [m.start, m.words]];
    case 'inventoryNew':
      return [uhf18Cmd.inventory, [m.q, m.session, m.target, m.antenna, m.scanTime100Ms]];
    case 'setFrequency':
      return [uhf18Cmd.setFrequency, [m.maxFre, m.minFre]];
    case 'setAddress':
      return [uhf18Cmd.setAddress, [m.newAddress]];
    case 'setScanTime':
      return [uhf18Cmd.setScanTime, [m.scanTime100Ms]];
    case 'setBaud':
      return [uhf18Cmd.setBaud, [m.code]];
    case 'setPower':
      return [uhf18Cmd.setPower, [m.powerDbm]];
    case 'setWorkMode':
      return [uhf18Cmd.setWorkMode, workModeData(m)];
    case 'setReadMode':
      return [uhf18Cmd.setReadMode, [m.readMode]];
    case 'rawCommand':
      return [m.command, [...bytesOfHex(m.data)]];
    case 'inventory':
    case 'inventorySingle':
    case 'getInfo':
    case 'getWorkMode':
    case 'stop':
      return [uhf18Cmd[m.type], []];
    default:
      return unreachable(m);
  }
}

function deviceFields(m: Uhf18DeviceMessage): [command: number, status: number, data: readonly number[]] {
  switch (m.type) {
    case 'tags': {
      const tags = m.tags.flatMap(({ epc, rssi, lengthFlag }) => {
        const flag = lengthFlag === undefined ? 0 : lengthFlagBit;
        return [(epc.length / 2) | flag, ...bytesOfHex(epc), ...(rssi === null ? [] : [rssi])];
      });
      const antenna = m.antenna === null ? [] : [m.antenna];
      return [m.command, m.status, [...antenna, m.tags.length, ...tags]];
    }
    case 'pushed':
      return m.antenna === null || m.rssi === null
        ? [uhf18Cmd.pushed, 0, [...bytesOfHex(m.epc)]]
        : [uhf18Cmd.pushed, 0, [m.antenna, ...sized(m.epc), m.rssi]];
    case 'info': {
      const { readerType, tagProtocols, maxFre, minFre, powerDbm, scanTime100Ms } = m;
      const fields = [readerType, tagProtocols, maxFre, minFre, powerDbm, scanTime100Ms];
      return [uhf18Cmd.getInfo, 0, [...m.version, ...fields, ...bytesOfHex(m.tail)]];
    }
    case 'workMode':
      return [
        uhf18Cmd.getWorkMode,
        0,
        [...bytesOfHex(m.wiegand), ...workModeData(m), m.accuracy, m.offsetTime],
      ];
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

function scanEnvelope(
  held: Uint8Array,
  lenMin: number,
): Envelope | Exclude<FrameStep<never>, { kind: 'frame' }> {
  const len = byteAt(held, 0);
  if (len < lenMin) {
    return { kind: 'bad', error: { code: 'codec.bad_length', message: `Len ${len} is below ${lenMin}` } };
  }
  const length = len + 1;
  if (held.length < length) return { kind: 'more' };
  const crc = byteAt(held, length - 2) + byteAt(held, length - 1) * 256;
  if (crc16Mcrf4xx(held.subarray(0, length - 2)) !== crc) {
    return { kind: 'bad', error: { code: 'codec.bad_checksum', message: 'the CRC is wrong' } };
  }
  return {
    address: byteAt(held, 1),
    command: byteAt(held, 2),
    rest: held.subarray(3, length - 2),
    length,
  };
}

function scanDevice(held: Uint8Array, form?: Uhf18Form): FrameStep<Uhf18DeviceMessage> {
  const found = scanEnvelope(held, replyLenMin);
  if ('kind' in found) return found;
  const { address, command, rest, length } = found;
  const [status, data] = [byteAt(rest, 0), rest.subarray(1)];
  if (data.length === 0) {
    const name = uhf18StatusNames[status] ?? 'other';
    return { kind: 'frame', length, message: { type: 'status', address, command, status, name } };
  }
  const message = dataReplyOf(found, status, data, form) ?? {
    type: 'rawReply' as const,
    address,
    command,
    status,
    data: toHex(data),
  };
  return { kind: 'frame', length, message };
}

/** Replies that carry data; `undefined` when the shape is not the manual's (kept raw). */
function dataReplyOf(
  { address, command }: Envelope,
  status: number,
  data: Uint8Array,
  form: Uhf18Form | undefined,
): Uhf18DeviceMessage | undefined {
  if ((command === 0x01 || command === 0x0f) && status >= 1 && status <= 4) {
    const tags = inventoryTags(data, form);
    return tags === undefined ? undefined : { type: 'tags', address, command, status, ...tags };
  }
  if (status !== 0) return undefined;
  if (command === uhf18Cmd.pushed) return pushedOf(address, data, form);
  if (
    command === uhf18Cmd.getInfo &&
    data.length >= infoBytes &&
    data.length <= infoBytes + infoTailMaxBytes
  ) {
    return {
      type: 'info',
      address,
      version: [byteAt(data, 0), byteAt(data, 1)],
      readerType: byteAt(data, 2),
      tagProtocols: byteAt(data, 3),
      maxFre: byteAt(data, 4),
      minFre: byteAt(data, 5),
      powerDbm: byteAt(data, 6),
      scanTime100Ms: byteAt(data, 7),
      tail: toHex(data.subarray(infoBytes)),
    };
  }
  if (command === uhf18Cmd.getWorkMode && data.length === workModeBytes) {
    return {
      type: 'workMode',
      address,
      wiegand: toHex(data.subarray(0, 4)),
      ...workModeOf(data.subarray(4, 10)),
      accuracy: byteAt(data, 10),
      offsetTime: byteAt(data, 11),
    };
  }
  return undefined;
}

type TagFields = Pick<Extract<Uhf18DeviceMessage, { type: 'tags' }>, 'form' | 'antenna' | 'tags'>;

/** Whole tags in either form come before a list with unusable ones in either. */
function inventoryTags(data: Uint8Array, form: Uhf18Form | undefined): TagFields | undefined {
  for (const isLenient of [false, true]) {
    const found =
      (form === 'new' ? undefined : oldTags(data, isLenient)) ??
      (form === 'old' ? undefined : newTags(data, isLenient));
    if (found?.tags.some(isWholeEpc) === true || (found !== undefined && !isLenient)) return found;
  }
  return undefined;
}

/** num, (len, EPC)*, or `undefined` when the counts do not come out. */
function oldTags(data: Uint8Array, isLenient: boolean): TagFields | undefined {
  const tags = tagList(data, 1, { count: byteAt(data, 0), hasRssi: false, isLenient });
  return tags === undefined ? undefined : { form: 'old', antenna: null, tags };
}

/** ant, num, (len, EPC, rssi)*, or `undefined` when the counts do not come out. */
function newTags(data: Uint8Array, isLenient: boolean): TagFields | undefined {
  const antenna = byteAt(data, 0);
  if (data.length < 2 || !isOneBit(antenna)) return undefined;
  const tags = tagList(data, 2, { count: byteAt(data, 1), hasRssi: true, isLenient });
  return tags === undefined ? undefined : { form: 'new', antenna, tags };
}

function tagList(
  data: Uint8Array,
  start: number,
  layout: { readonly count: number; readonly hasRssi: boolean; readonly isLenient: boolean },
): TagFields['tags'] | undefined {
  const { count, hasRssi, isLenient } = layout;
  if (count > uhf18FrameTagMax) return undefined;
  const tags: TagFields['tags'] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const hasFlag = (byteAt(data, at) & lengthFlagBit) !== 0;
    const size = byteAt(data, at) & ~lengthFlagBit;
    const end = at + 1 + size + (hasRssi ? 1 : 0);
    const isWhole = !hasFlag && isEpcSize(size);
    if ((!isWhole && !isLenient) || at >= data.length || end > data.length) return undefined;
    const epc = toHex(data.subarray(at + 1, at + 1 + size));
    const rssi = hasRssi ? byteAt(data, end - 1) : null;
    tags.push(hasFlag ? { epc, rssi, lengthFlag: true } : { epc, rssi });
    at = end;
  }
  return at === data.length ? tags : undefined;
}

function pushedOf(
  address: number,
  data: Uint8Array,
  form: Uhf18Form | undefined,
): Uhf18DeviceMessage | undefined {
  const size = byteAt(data, 1);
  const antenna = byteAt(data, 0);
  if (form !== 'old' && size === data.length - 3 && isEpcSize(size) && isOneBit(antenna)) {
    const epc = toHex(data.subarray(2, -1));
    return { type: 'pushed', address, form: 'new', antenna, epc, rssi: byteAt(data, data.length - 1) };
  }
  if (form === 'new' || !isEpcSize(data.length)) return undefined;
  return { type: 'pushed', address, form: 'old', antenna: null, epc: toHex(data), rssi: null };
}

function scanHost(held: Uint8Array): FrameStep<Uhf18HostMessage> {
  const found = scanEnvelope(held, commandLenMin);
  if ('kind' in found) return found;
  const { address, command, rest, length } = found;
  if (command === uhf18Cmd.pushed) return bad('codec.bad_field', 'EE is not a command');
  const message = commandOf(address, command, rest) ?? {
    type: 'rawCommand' as const,
    address,
    command,
    data: toHex(rest),
  };
  return { kind: 'frame', length, message };
}

const bareCommands = new Map<number, 'inventory' | 'inventorySingle' | 'getInfo' | 'getWorkMode' | 'stop'>(
  (['inventory', 'inventorySingle', 'getInfo', 'getWorkMode', 'stop'] as const).map((type) => [
    uhf18Cmd[type],
    type,
  ]),
);

/** `undefined` when the shape is not the manual's (kept as a raw command). */
function commandOf(address: number, command: number, data: Uint8Array): Uhf18HostMessage | undefined {
  const [first, second] = [byteAt(data, 0), byteAt(data, 1)];
  if (data.length === 0) {
    const type = bareCommands.get(command);
    return type === undefined ? undefined : { type, address };
  }
  if (data.length === 1) return byteCommandOf(address, command, first);
  if (command === uhf18Cmd.setFrequency && data.length === 2) {
    return { type: 'setFrequency', address, maxFre: first, minFre: second };
  }
  if (command === uhf18Cmd.inventory && data.length === 2) {
    return { type: 'inventoryTid', address, start: first, words: second };
  }
  if (command === uhf18Cmd.inventory && data.length === 5) {
    const [target, antenna, scanTime100Ms] = [byteAt(data, 2), byteAt(data, 3), byteAt(data, 4)];
    return { type: 'inventoryNew', address, q: first, session: second, target, antenna, scanTime100Ms };
  }
  if (command === uhf18Cmd.setWorkMode && data.length === 6) {
    return { type: 'setWorkMode', address, ...workModeOf(data) };
  }
  return undefined;
}

function byteCommandOf(address: number, command: number, value: number): Uhf18HostMessage | undefined {
  if (command === uhf18Cmd.setAddress) return { type: 'setAddress', address, newAddress: value };
  if (command === uhf18Cmd.setScanTime) return { type: 'setScanTime', address, scanTime100Ms: value };
  if (command === uhf18Cmd.setBaud) return { type: 'setBaud', address, code: value };
  if (command === uhf18Cmd.setPower) return { type: 'setPower', address, powerDbm: value };
  if (command === uhf18Cmd.setReadMode) return { type: 'setReadMode', address, readMode: value };
  return undefined;
}

type WorkMode = Omit<Extract<Uhf18HostMessage, { type: 'setWorkMode' }>, 'type' | 'address'>;

function workModeData(m: WorkMode): number[] {
  return [m.readMode, m.modeState, m.memInven, m.firstAdr, m.wordNum, m.tagTime];
}

function workModeOf(data: Uint8Array): WorkMode {
  const [readMode, modeState, memInven] = [byteAt(data, 0), byteAt(data, 1), byteAt(data, 2)];
  const [firstAdr, wordNum, tagTime] = [byteAt(data, 3), byteAt(data, 4), byteAt(data, 5)];
  return { readMode, modeState, memInven, firstAdr, wordNum, tagTime };
}

/** Length byte and bytes of a hex field. */
function sized(hex: string): number[] {
  const bytes = bytesOfHex(hex);
  return [bytes.length, ...bytes];
}

function envelope(body: readonly number[]): Uint8Array {
  const head = Uint8Array.from([body.length + 2, ...body]);
  const crc = crc16Mcrf4xx(head);
  return Uint8Array.from([...head, crc & 0xff, crc >> 8]);
}
