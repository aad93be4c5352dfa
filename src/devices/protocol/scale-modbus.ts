import { z } from 'zod';
import { unreachable } from '../../shared/assert.ts';
import { bad, be16, byteAt, decodeWhole, needMore, ResyncDecoder } from './codec.ts';
import type { FrameStep, ProtocolCodec, StreamDecoder } from './codec.ts';
import { crc16 } from './crc16.ts';

/**
 * Modbus RTU as load-cell transmitters speak it (Modbus Application Protocol V1.1b3, Modbus over Serial Line V1.02),
 * RS485, mostly 9600 8N1. Numbers are big-endian, the CRC (CRC-16/Modbus) low byte first.
 *
 *   read registers    → unit 03|04 REG REG COUNT COUNT crc crc           ← unit 03|04 BYTES data.. crc crc
 *   write one         → unit 06 REG REG VALUE VALUE crc crc              ← the same bytes
 *   write several     → unit 10 REG REG COUNT COUNT BYTES data.. crc crc ← unit 10 REG REG COUNT COUNT crc crc
 *   refused                                                              ← unit (function | 80) CODE crc crc
 *
 * Unit 1..247; a write to unit 0 is for all and is not answered. An answer does not say which register was read: only the
 * order of the conversation tells. Which register is the weight differs by maker: see the register map of the device.
 */
const readHolding = 0x03;
const readInput = 0x04;
const writeOne = 0x06;
const writeSeveral = 0x10;
const exceptionBit = 0x80;
const crcPolynomial = 0xa001;

const unitMax = 247;
const readWordMax = 125;
const writeWordMax = 123;
const fixedBytes = 8;
const exceptionBytes = 5;
/** Unit, function, byte count, 125 registers, CRC; the longest write is as long to the byte. */
export const modbusFrameMaxBytes = 255;

const word = z.number().int().min(0).max(0xffff);
const unit = z.number().int().min(1).max(unitMax);
const unitOrAll = z.number().int().min(0).max(unitMax);
const readFunction = z.union([z.literal(readHolding), z.literal(readInput)]);

export const modbusHostMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('readRegisters'),
    unit,
    function: readFunction,
    register: word,
    count: z.number().int().min(1).max(readWordMax),
  }),
  z.object({ type: z.literal('writeRegister'), unit: unitOrAll, register: word, value: word }),
  z.object({
    type: z.literal('writeRegisters'),
    unit: unitOrAll,
    register: word,
    values: z.array(word).min(1).max(writeWordMax),
  }),
]);
export type ModbusHostMessage = z.infer<typeof modbusHostMessageSchema>;

const exceptionNames: Readonly<Record<number, string>> = {
  1: 'illegal_function',
  2: 'illegal_register',
  3: 'illegal_value',
  4: 'device_failure',
  5: 'acknowledged_later',
  6: 'busy',
  8: 'memory_parity',
};

export const modbusDeviceMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('registers'),
    unit,
    function: readFunction,
    values: z.array(word).min(1).max(readWordMax),
  }),
  z.object({ type: z.literal('registerWritten'), unit, register: word, value: word }),
  z.object({
    type: z.literal('registersWritten'),
    unit,
    register: word,
    count: z.number().int().min(1).max(writeWordMax),
  }),
  z.object({
    type: z.literal('exception'),
    unit,
    /** The function that was asked for. */
    function: z.number().int().min(1).max(0x7f),
    code: z.number().int().min(0).max(255),
    /** For people; ignored when encoding. */
    name: z.string().max(32),
  }),
]);
export type ModbusDeviceMessage = z.infer<typeof modbusDeviceMessageSchema>;

/** Bytes of one request. The message must fit its schema. */
export function encodeModbusHostMessage(message: ModbusHostMessage): Uint8Array {
  switch (message.type) {
    case 'readRegisters':
      return withCrc([message.unit, message.function, ...be16(message.register), ...be16(message.count)]);
    case 'writeRegister':
      return withCrc([message.unit, writeOne, ...be16(message.register), ...be16(message.value)]);
    case 'writeRegisters': {
      const data = message.values.flatMap(be16);
      const place = [...be16(message.register), ...be16(message.values.length)];
      return withCrc([message.unit, writeSeveral, ...place, data.length, ...data]);
    }
    default:
      return unreachable(message);
  }
}

/** Bytes of one answer. The message must fit its schema. */
export function encodeModbusDeviceMessage(message: ModbusDeviceMessage): Uint8Array {
  switch (message.type) {
    case 'registers': {
      const data = message.values.flatMap(be16);
      return withCrc([message.unit, message.function, data.length, ...data]);
    }
    case 'registerWritten':
      return withCrc([message.unit, writeOne, ...be16(message.register), ...be16(message.value)]);
    case 'registersWritten':
      return withCrc([message.unit, writeSeveral, ...be16(message.register), ...be16(message.count)]);
    case 'exception':
      return withCrc([message.unit, message.function | exceptionBit, message.code]);
    default:
      return unreachable(message);
  }
}

/** Transmitter → host. */
export function modbusDeviceDecoder(): StreamDecoder<ModbusDeviceMessage> {
  return new ResyncDecoder(scanDevice, modbusFrameMaxBytes);
}

/** Host → transmitter (for the simulated one). */
export function modbusHostDecoder(): StreamDecoder<ModbusHostMessage> {
  return new ResyncDecoder(scanHost, modbusFrameMaxBytes);
}

export const scaleModbusCodec: ProtocolCodec<ModbusHostMessage, ModbusDeviceMessage> = {
  name: 'scale-modbus',
  hostMessageSchema: modbusHostMessageSchema,
  deviceMessageSchema: modbusDeviceMessageSchema,
  encodeHostMessage: encodeModbusHostMessage,
  encodeDeviceMessage: encodeModbusDeviceMessage,
  decodeHostFrame: (bytes) => decodeWhole(scanHost, bytes),
  decodeDeviceFrame: (bytes) => decodeWhole(scanDevice, bytes),
};

function scanDevice(held: Uint8Array): FrameStep<ModbusDeviceMessage> {
  const at = byteAt(held, 0);
  if (at < 1 || at > unitMax) return bad('codec.bad_head', `unit ${at}`);
  if (held.length < 3) return held.length === 2 && deviceLength(held) === 0 ? badFunction(held) : needMore;
  const length = deviceLength(held);
  if (length === 0) return badFunction(held);
  const frame = checked(held, length);
  if ('kind' in frame) return frame;
  const message = deviceMessageOf(frame);
  return message === null
    ? bad('codec.bad_field', 'not a number of registers')
    : { kind: 'frame', length, message };
}

/** Bytes of the answer that begins here; 0 = no such function. The third byte may not be there yet. */
function deviceLength(held: Uint8Array): number {
  const code = byteAt(held, 1);
  if (code === readHolding || code === readInput) return byteAt(held, 2) + 5;
  if (code === writeOne || code === writeSeveral) return fixedBytes;
  return code > exceptionBit ? exceptionBytes : 0;
}

function deviceMessageOf(frame: Uint8Array): ModbusDeviceMessage | null {
  const [at = 0, code = 0, third = 0] = frame;
  if (code === readHolding || code === readInput) {
    if (third === 0 || third % 2 !== 0) return null;
    return { type: 'registers', unit: at, function: code, values: wordsOf(frame.subarray(3, 3 + third)) };
  }
  const [register = 0, value = 0] = wordsOf(frame.subarray(2, 6));
  if (code === writeOne) return { type: 'registerWritten', unit: at, register, value };
  if (code === writeSeveral) {
    const isCount = value >= 1 && value <= writeWordMax;
    return isCount ? { type: 'registersWritten', unit: at, register, count: value } : null;
  }
  const name = exceptionNames[third] ?? 'other';
  return { type: 'exception', unit: at, function: code & ~exceptionBit, code: third, name };
}

function scanHost(held: Uint8Array): FrameStep<ModbusHostMessage> {
  const [at = 0, code = 0] = held;
  if (at > unitMax) return bad('codec.bad_head', `unit ${at}`);
  if (held.length < 2) return needMore;
  const isWrite = code === writeOne || code === writeSeveral;
  if (!isWrite && code !== readHolding && code !== readInput) return badFunction(held);
  if (!isWrite && at === 0) return bad('codec.bad_head', 'nobody answers a read of all');
  if (code === writeSeveral && held.length < 7) return needMore;
  const length = code === writeSeveral ? byteAt(held, 6) + 9 : fixedBytes;
  const frame = checked(held, length);
  if ('kind' in frame) return frame;
  const message = hostMessageOf(frame);
  return message === null
    ? bad('codec.bad_field', 'not a number of registers')
    : { kind: 'frame', length, message };
}

function hostMessageOf(frame: Uint8Array): ModbusHostMessage | null {
  const [at = 0, code = 0] = frame;
  const [register = 0, value = 0] = wordsOf(frame.subarray(2, 6));
  if (code === readHolding || code === readInput) {
    const isCount = value >= 1 && value <= readWordMax;
    return isCount ? { type: 'readRegisters', unit: at, function: code, register, count: value } : null;
  }
  if (code === writeOne) return { type: 'writeRegister', unit: at, register, value };
  const isCount = value >= 1 && value <= writeWordMax && byteAt(frame, 6) === value * 2;
  return isCount
    ? { type: 'writeRegisters', unit: at, register, values: wordsOf(frame.subarray(7, 7 + value * 2)) }
    : null;
}

/** The first `length` bytes, if they are there and their CRC is right. */
function checked(
  held: Uint8Array,
  length: number,
): Uint8Array | Exclude<FrameStep<never>, { kind: 'frame' }> {
  if (length > modbusFrameMaxBytes) {
    return { kind: 'bad', error: { code: 'codec.bad_length', message: `${length} bytes` } };
  }
  if (held.length < length) return { kind: 'more' };
  const frame = held.subarray(0, length);
  const want = crc16(frame.subarray(0, -2), crcPolynomial);
  const got = byteAt(frame, length - 2) + byteAt(frame, length - 1) * 256;
  if (want !== got)
    return { kind: 'bad', error: { code: 'codec.bad_checksum', message: 'the CRC is wrong' } };
  return frame;
}

function badFunction(held: Uint8Array): FrameStep<never> {
  return bad('codec.bad_head', `function ${byteAt(held, 1)}`);
}

function withCrc(bytes: readonly number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(bytes), crcPolynomial);
  return Uint8Array.from([...bytes, crc & 0xff, crc >> 8]);
}

function wordsOf(bytes: Uint8Array): number[] {
  return Array.from(
    { length: bytes.length / 2 },
    (_, i) => byteAt(bytes, i * 2) * 256 + byteAt(bytes, i * 2 + 1),
  );
}
