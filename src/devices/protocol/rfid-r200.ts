import { unreachable } from '../../shared/assert.ts';
import {
  asciiBytes,
  bad,
  be16,
  byteAt,
  bytesOfHex,
  decodeWhole,
  ResyncDecoder,
  sumOf,
  toHex,
} from './codec.ts';
import type { FrameStep, ProtocolCodec, StreamDecoder } from './codec.ts';
import {
  rfidDeviceMessageSchema,
  rfidErrorNames,
  rfidHostMessageSchema,
  rfidInfoKinds,
  rfidParamMaxBytes,
  rfidRegionBytes,
  rfidRegionSchema,
} from './rfid-r200-messages.ts';
import type { RfidDeviceMessage, RfidHostMessage, RfidRegion } from './rfid-r200-messages.ts';

export { rfidNoTagError } from './rfid-r200-messages.ts';
export type { RfidDeviceMessage, RfidHostMessage, RfidRegion } from './rfid-r200-messages.ts';

/**
 * UHF reader modules R200 / YRM100 / JRD-4035 / MagicRF M100-QM100, 115200 8N1.
 *
 *   BB | type | cmd | PLh PLl | params (PL bytes) | sum | 7E        sum = low byte of type .. last param
 *   type 00 command, 01 reply, 02 notice (a tag was seen)
 *
 * BB and 7E occur inside the data: find BB, take the length, check 7E and the sum; on failure skip one byte only.
 * Sources: Unit-RFID-UHF-Protocol-EN.pdf (M100/QM100), MagicRF M100&QM100_Firmware_manual_cn.pdf,
 * https://electron.id/protocol/el-uhf-rmt01-protocol.
 */
const head = 0xbb;
const end = 0x7e;
const typeCommand = 0x00;
const typeReply = 0x01;
const typeNotice = 0x02;
/** Everything but the parameters: BB type cmd PL PL … sum 7E. */
const envelopeBytes = 7;
export const rfidFrameMaxBytes = rfidParamMaxBytes + envelopeBytes;

const cmd = {
  info: 0x03,
  setRegion: 0x07,
  getRegion: 0x08,
  getSelect: 0x0b,
  setSelect: 0x0c,
  getQuery: 0x0d,
  setQuery: 0x0e,
  setBaud: 0x11,
  setSelectMode: 0x12,
  pollOnce: 0x22,
  pollMany: 0x27,
  stop: 0x28,
  insertChannels: 0xa9,
  getChannel: 0xaa,
  setChannel: 0xab,
  setHopping: 0xad,
  setPower: 0xb6,
  getPower: 0xb7,
  setDemodulator: 0xf0,
  getDemodulator: 0xf1,
  error: 0xff,
} as const;

/** Commands whose reply is the single byte 00 = done. */
const acknowledged: readonly number[] = [
  cmd.setRegion,
  cmd.setSelect,
  cmd.setQuery,
  cmd.setSelectMode,
  cmd.stop,
  cmd.insertChannels,
  cmd.setChannel,
  cmd.setHopping,
  cmd.setPower,
  cmd.setDemodulator,
];

export function encodeRfidHostMessage(message: RfidHostMessage): Uint8Array {
  const [command, params] = hostFields(message);
  return envelope(typeCommand, command, params);
}

export function encodeRfidDeviceMessage(message: RfidDeviceMessage): Uint8Array {
  const [type, command, params] = deviceFields(message);
  return envelope(type, command, params);
}

/** Reader → host. */
export function rfidDeviceDecoder(): StreamDecoder<RfidDeviceMessage> {
  return new ResyncDecoder(scanDevice, rfidFrameMaxBytes);
}

/** Host → reader (for the simulated reader). */
export function rfidHostDecoder(): StreamDecoder<RfidHostMessage> {
  return new ResyncDecoder(scanHost, rfidFrameMaxBytes);
}

export const rfidR200Codec: ProtocolCodec<RfidHostMessage, RfidDeviceMessage> = {
  name: 'rfid-r200',
  hostMessageSchema: rfidHostMessageSchema,
  deviceMessageSchema: rfidDeviceMessageSchema,
  encodeHostMessage: encodeRfidHostMessage,
  encodeDeviceMessage: encodeRfidDeviceMessage,
  decodeHostFrame: (bytes) => decodeWhole(scanHost, bytes),
  decodeDeviceFrame: (bytes) => decodeWhole(scanDevice, bytes),
};

function hostFields(message: RfidHostMessage): [command: number, params: readonly number[]] {
  switch (message.type) {
    case 'getInfo':
      return [cmd.info, [rfidInfoKinds.indexOf(message.what)]];
    case 'pollMany':
      return [cmd.pollMany, [cmd.pollOnce, ...be16(message.count)]];
    case 'setRegion':
      return [cmd.setRegion, [rfidRegionBytes[message.region]]];
    case 'setPower':
      return [cmd.setPower, be16(message.centiDbm)];
    case 'setHopping':
      return [cmd.setHopping, [message.on ? 0xff : 0x00]];
    case 'setChannel':
      return [cmd.setChannel, [message.channel]];
    case 'insertChannels':
      return [cmd.insertChannels, [message.channels.length, ...message.channels]];
    case 'setQuery':
      return [cmd.setQuery, be16(message.query)];
    case 'setDemodulator':
      return [cmd.setDemodulator, demodulatorBytes(message)];
    case 'setSelect':
      return [cmd.setSelect, selectBytes(message)];
    case 'setSelectMode':
      return [cmd.setSelectMode, [message.mode]];
    case 'setBaud':
      return [cmd.setBaud, be16(message.hundredBaud)];
    case 'rawCommand':
      return [message.command, [...bytesOfHex(message.params)]];
    case 'pollOnce':
    case 'stop':
    case 'getRegion':
    case 'getPower':
    case 'getChannel':
    case 'getQuery':
    case 'getDemodulator':
    case 'getSelect':
      return [cmd[message.type], []];
    default:
      return unreachable(message);
  }
}

function deviceFields(
  message: RfidDeviceMessage,
): [type: number, command: number, params: readonly number[]] {
  switch (message.type) {
    case 'tag':
      return [
        typeNotice,
        message.notice,
        [message.rssiDbm & 0xff, ...be16(message.pc), ...bytesOfHex(message.epc), ...be16(message.crc)],
      ];
    case 'error':
      return [typeReply, cmd.error, [message.code, ...bytesOfHex(message.tail)]];
    case 'done':
      return [typeReply, message.command, [0]];
    case 'info':
      return [typeReply, cmd.info, [rfidInfoKinds.indexOf(message.what), ...asciiBytes(message.text)]];
    case 'region':
      return [typeReply, cmd.getRegion, [rfidRegionBytes[message.region]]];
    case 'power':
      return [typeReply, cmd.getPower, be16(message.centiDbm)];
    case 'channel':
      return [typeReply, cmd.getChannel, [message.channel]];
    case 'query':
      return [typeReply, cmd.getQuery, be16(message.query)];
    case 'demodulator':
      return [typeReply, cmd.getDemodulator, demodulatorBytes(message)];
    case 'select':
      return [typeReply, cmd.getSelect, selectBytes(message)];
    case 'rawReply':
      return [typeReply, message.command, [...bytesOfHex(message.params)]];
    case 'rawNotice':
      return [typeNotice, message.command, [...bytesOfHex(message.params)]];
    default:
      return unreachable(message);
  }
}

interface Envelope {
  readonly type: number;
  readonly command: number;
  readonly params: Uint8Array;
  readonly length: number;
}

/** The envelope that begins at the first byte. Decides as early as the bytes allow. */
function scanEnvelope(held: Uint8Array): Envelope | Exclude<FrameStep<never>, { kind: 'frame' }> {
  if (byteAt(held, 0) !== head) return { kind: 'bad', error: { code: 'codec.bad_head', message: 'not BB' } };
  const type = byteAt(held, 1);
  if (held.length > 1 && type > typeNotice) {
    return { kind: 'bad', error: { code: 'codec.bad_head', message: `frame type ${type}` } };
  }
  if (held.length < 5) return { kind: 'more' };
  const paramBytes = byteAt(held, 3) * 256 + byteAt(held, 4);
  if (paramBytes > rfidParamMaxBytes) {
    return { kind: 'bad', error: { code: 'codec.bad_length', message: `${paramBytes} parameter bytes` } };
  }
  const length = paramBytes + envelopeBytes;
  if (held.length < length) return { kind: 'more' };
  if (byteAt(held, length - 1) !== end) {
    return { kind: 'bad', error: { code: 'codec.bad_end', message: 'no 7E at the end' } };
  }
  if (sumOf(held.subarray(1, length - 2)) !== byteAt(held, length - 2)) {
    return { kind: 'bad', error: { code: 'codec.bad_checksum', message: 'the sum is wrong' } };
  }
  return { type, command: byteAt(held, 2), params: held.subarray(5, length - 2), length };
}

function scanDevice(held: Uint8Array): FrameStep<RfidDeviceMessage> {
  const found = scanEnvelope(held);
  if ('kind' in found) return found;
  if (found.type === typeCommand) return bad('codec.bad_head', 'a command, not a reply');
  const { command, params, length } = found;
  const message = found.type === typeNotice ? noticeOf(command, params) : replyOf(command, params);
  return { kind: 'frame', length, message };
}

function noticeOf(command: number, params: Uint8Array): RfidDeviceMessage {
  // RSSI(1) PC(2) EPC(n) CRC(2): n follows from PL; 12 bytes are not a given.
  if ((command === 0x22 || command === 0x27) && params.length >= 5 && params.length <= 5 + 62) {
    const rssi = byteAt(params, 0);
    return {
      type: 'tag',
      notice: command,
      rssiDbm: rssi > 127 ? rssi - 256 : rssi,
      pc: u16At(params, 1),
      epc: toHex(params.subarray(3, -2)),
      crc: u16At(params, params.length - 2),
    };
  }
  return { type: 'rawNotice', command, params: toHex(params) };
}

function replyOf(command: number, params: Uint8Array): RfidDeviceMessage {
  const first = byteAt(params, 0);
  if (command === cmd.error && params.length >= 1) {
    const name = rfidErrorNames[first] ?? 'other';
    return { type: 'error', code: first, name, tail: toHex(params.subarray(1)) };
  }
  if (acknowledged.includes(command) && params.length === 1 && first === 0) return { type: 'done', command };
  return valueReplyOf(command, params) ?? { type: 'rawReply', command, params: toHex(params) };
}

/** Replies that carry a value; `undefined` when the shape is not the manual's (kept as a raw reply). */
function valueReplyOf(command: number, params: Uint8Array): RfidDeviceMessage | undefined {
  const size = params.length;
  const first = byteAt(params, 0);
  if (command === cmd.info && size >= 1) {
    const what = rfidInfoKinds[first];
    const printable = params.subarray(1).every((b) => b >= 0x20 && b <= 0x7e);
    if (what === undefined || !printable) return undefined;
    return { type: 'info', what, text: String.fromCharCode(...params.subarray(1)) };
  }
  if (command === cmd.getRegion && size === 1) {
    const region = regionOf(first);
    return region === undefined ? undefined : { type: 'region', region };
  }
  if (command === cmd.getPower && size === 2) return { type: 'power', centiDbm: u16At(params, 0) };
  if (command === cmd.getChannel && size === 1) return { type: 'channel', channel: first };
  if (command === cmd.getQuery && size === 2) return { type: 'query', query: u16At(params, 0) };
  if (command === cmd.getDemodulator && size === 4) return { type: 'demodulator', ...demodulatorOf(params) };
  if (command === cmd.getSelect) {
    const select = selectOf(params);
    return select === undefined ? undefined : { type: 'select', ...select };
  }
  return undefined;
}

function scanHost(held: Uint8Array): FrameStep<RfidHostMessage> {
  const found = scanEnvelope(held);
  if ('kind' in found) return found;
  if (found.type !== typeCommand) return bad('codec.bad_head', 'not a command');
  const { command, params, length } = found;
  const message = commandOf(command, params) ?? { type: 'rawCommand', command, params: toHex(params) };
  return { kind: 'frame', length, message };
}

const bareCommands: ReadonlyMap<number, RfidHostMessage> = new Map(
  (
    [
      'pollOnce',
      'stop',
      'getRegion',
      'getPower',
      'getChannel',
      'getQuery',
      'getDemodulator',
      'getSelect',
    ] as const
  ).map((type) => [cmd[type], { type }]),
);

/** `undefined` when the shape is not the manual's (kept as a raw command). */
function commandOf(command: number, params: Uint8Array): RfidHostMessage | undefined {
  const size = params.length;
  const first = byteAt(params, 0);
  if (size === 0) return bareCommands.get(command);
  if (command === cmd.insertChannels && first === size - 1 && first <= 64) {
    return { type: 'insertChannels', channels: [...params.subarray(1)] };
  }
  if (command === cmd.setSelect) {
    const select = selectOf(params);
    return select === undefined ? undefined : { type: 'setSelect', ...select };
  }
  if (command === cmd.setDemodulator && size === 4) {
    return { type: 'setDemodulator', ...demodulatorOf(params) };
  }
  if (command === cmd.pollMany && size === 3 && first === cmd.pollOnce) {
    return { type: 'pollMany', count: u16At(params, 1) };
  }
  if (size === 2) return wordCommandOf(command, u16At(params, 0));
  if (size === 1) return byteCommandOf(command, first);
  return undefined;
}

function byteCommandOf(command: number, value: number): RfidHostMessage | undefined {
  if (command === cmd.info) {
    const what = rfidInfoKinds[value];
    return what === undefined ? undefined : { type: 'getInfo', what };
  }
  if (command === cmd.setRegion) {
    const region = regionOf(value);
    return region === undefined ? undefined : { type: 'setRegion', region };
  }
  if (command === cmd.setHopping && (value === 0x00 || value === 0xff)) {
    return { type: 'setHopping', on: value === 0xff };
  }
  if (command === cmd.setChannel) return { type: 'setChannel', channel: value };
  if (command === cmd.setSelectMode) return { type: 'setSelectMode', mode: value };
  return undefined;
}

function wordCommandOf(command: number, value: number): RfidHostMessage | undefined {
  if (command === cmd.setPower) return { type: 'setPower', centiDbm: value };
  if (command === cmd.setQuery) return { type: 'setQuery', query: value };
  if (command === cmd.setBaud) return { type: 'setBaud', hundredBaud: value };
  return undefined;
}

function envelope(type: number, command: number, params: readonly number[]): Uint8Array {
  const body = [type, command, ...be16(params.length), ...params];
  return Uint8Array.from([head, ...body, sumOf(Uint8Array.from(body)), end]);
}

interface Demodulator {
  readonly mixerGain: number;
  readonly ifGain: number;
  readonly threshold: number;
}

function demodulatorBytes(m: Demodulator): number[] {
  return [m.mixerGain, m.ifGain, ...be16(m.threshold)];
}

function demodulatorOf(params: Uint8Array): Demodulator {
  return { mixerGain: byteAt(params, 0), ifGain: byteAt(params, 1), threshold: u16At(params, 2) };
}

interface Select {
  readonly parameter: number;
  readonly pointer: number;
  readonly truncate: boolean;
  readonly mask: string;
}

/** SelParam(1) pointer in bits(4) mask length in bits(1) truncate(1: 00 off, 80 on) mask. */
function selectBytes(m: Select): number[] {
  const mask = bytesOfHex(m.mask);
  const pointer = [m.pointer >>> 24, (m.pointer >>> 16) & 0xff, (m.pointer >>> 8) & 0xff, m.pointer & 0xff];
  return [m.parameter, ...pointer, (mask.length * 8) & 0xff, m.truncate ? 0x80 : 0x00, ...mask];
}

function selectOf(params: Uint8Array): Select | undefined {
  const truncate = byteAt(params, 6);
  const mask = params.subarray(7);
  const wellFormed =
    params.length >= 7 &&
    mask.length <= 31 &&
    byteAt(params, 5) === mask.length * 8 &&
    (truncate === 0 || truncate === 0x80);
  if (!wellFormed) return undefined;
  const pointer = u16At(params, 1) * 0x10000 + u16At(params, 3);
  return { parameter: byteAt(params, 0), pointer, truncate: truncate === 0x80, mask: toHex(mask) };
}

function regionOf(byte: number): RfidRegion | undefined {
  return rfidRegionSchema.options.find((name) => rfidRegionBytes[name] === byte);
}

function u16At(bytes: Uint8Array, index: number): number {
  return byteAt(bytes, index) * 256 + byteAt(bytes, index + 1);
}
