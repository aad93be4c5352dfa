import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBytes, expectCalm } from '../../testkit/devices/codec-testing.ts';
import { bytesOfHex, concatBytes } from './codec.ts';
import { crc16 } from './crc16.ts';
import {
  modbusDeviceDecoder,
  modbusFrameMaxBytes,
  modbusHostDecoder,
  scaleModbusCodec,
} from './scale-modbus.ts';
import type { ModbusDeviceMessage, ModbusHostMessage } from './scale-modbus.ts';

const word = fc.integer({ min: 0, max: 0xffff });
const unit = fc.integer({ min: 1, max: 247 });
const unitOrAll = fc.integer({ min: 0, max: 247 });
const readFunction = fc.constantFrom<3 | 4>(3, 4);

const hostMessage: fc.Arbitrary<ModbusHostMessage> = fc.oneof(
  fc.record({
    type: fc.constant('readRegisters'),
    unit,
    function: readFunction,
    register: word,
    count: fc.integer({ min: 1, max: 125 }),
  }),
  fc.record({ type: fc.constant('writeRegister'), unit: unitOrAll, register: word, value: word }),
  fc.record({
    type: fc.constant('writeRegisters'),
    unit: unitOrAll,
    register: word,
    values: fc.array(word, { minLength: 1, maxLength: 123 }),
  }),
);

const deviceMessage: fc.Arbitrary<ModbusDeviceMessage> = fc.oneof(
  fc.record({
    type: fc.constant('registers'),
    unit,
    function: readFunction,
    values: fc.array(word, { minLength: 1, maxLength: 125 }),
  }),
  fc.record({ type: fc.constant('registerWritten'), unit, register: word, value: word }),
  fc.record({
    type: fc.constant('registersWritten'),
    unit,
    register: word,
    count: fc.integer({ min: 1, max: 123 }),
  }),
  fc.record({
    type: fc.constant('exception'),
    unit,
    function: fc.integer({ min: 1, max: 0x7f }),
    code: fc.constant(2),
    name: fc.constant('illegal_register'),
  }),
);

describe('Modbus frames', () => {
  it('CRC-16/Modbus of "123456789" is 4B37', () => {
    expect(crc16(new TextEncoder().encode('123456789'), 0xa001)).toBe(0x4b37);
  });

  it('decode what was encoded, both ways, within the longest frame', () => {
    fc.assert(
      fc.property(hostMessage, deviceMessage, (host, device) => {
        expect(scaleModbusCodec.hostMessageSchema.safeParse(host).success).toBe(true);
        expect(scaleModbusCodec.deviceMessageSchema.safeParse(device).success).toBe(true);
        const request = scaleModbusCodec.encodeHostMessage(host);
        const answer = scaleModbusCodec.encodeDeviceMessage(device);
        expect(Math.max(request.length, answer.length)).toBeLessThanOrEqual(modbusFrameMaxBytes);
        expect(scaleModbusCodec.decodeHostFrame(request)).toEqual({ ok: true, value: host });
        expect(scaleModbusCodec.decodeDeviceFrame(answer)).toEqual({ ok: true, value: device });
      }),
    );
  });

  it.each([
    ['', 'codec.too_short'],
    ['01', 'codec.too_short'],
    ['010304000000', 'codec.too_short'],
    ['01030400000084FA51', 'codec.bad_checksum'],
    ['01030400000084FA5000', 'codec.too_long'],
    ['00030400000084FA50', 'codec.bad_head'], // nobody answers as 0
    ['F8030400000084FA50', 'codec.bad_head'], // 248
    ['012B0400000084FA50', 'codec.bad_head'], // function 43
    ['0103FF', 'codec.bad_length'],
    ['01030020F0', 'codec.bad_field'], // no register at all
    ['010303000000458E', 'codec.bad_field'], // one and a half
  ])('answer %s is refused with %s', (hex, code) => {
    expect(scaleModbusCodec.decodeDeviceFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });

  it.each([
    ['000300500002C41A', 'codec.bad_head'], // a read of all
    ['010300500002C41B', 'codec.bad_checksum'],
    ['01030050000045DB', 'codec.bad_field'], // no register
    ['01030050007E04', 'codec.too_short'],
    ['0110', 'codec.too_short'],
  ])('request %s is refused with %s', (hex, code) => {
    expect(scaleModbusCodec.decodeHostFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });

  it('an exception names its reason, an unknown one is "other"', () => {
    const busy = { type: 'exception', unit: 1, function: 3, code: 6, name: 'busy' } as const;
    expect(scaleModbusCodec.decodeDeviceFrame(scaleModbusCodec.encodeDeviceMessage(busy))).toEqual({
      ok: true,
      value: busy,
    });
    const odd = scaleModbusCodec.encodeDeviceMessage({ ...busy, code: 77 });
    expect(scaleModbusCodec.decodeDeviceFrame(odd)).toMatchObject({ value: { code: 77, name: 'other' } });
  });
});

describe('Modbus streams', () => {
  it('come out whole at any cut', () => {
    fc.assert(
      fc.property(
        fc.array(deviceMessage, { maxLength: 6 }),
        fc.infiniteStream(fc.nat(20)),
        (messages, cuts) => {
          const decoder = modbusDeviceDecoder();
          const bytes = messages
            .map((m) => scaleModbusCodec.encodeDeviceMessage(m))
            .reduce(concatBytes, new Uint8Array());
          expect(cutBytes(bytes, cuts).flatMap((part) => decoder.push(part))).toEqual(messages);
          expect(decoder.stats.skippedByteCount).toBe(0);
        },
      ),
    );
  });

  it('random bytes never throw, hold a bounded rest, and the next frame after the gap is found', () => {
    const request: ModbusHostMessage = {
      type: 'readRegisters',
      unit: 7,
      function: 3,
      register: 82,
      count: 2,
    };
    const answer: ModbusDeviceMessage = { type: 'registers', unit: 7, function: 3, values: [1, 2] };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
        const answerBytes = scaleModbusCodec.encodeDeviceMessage(answer);
        const requestBytes = scaleModbusCodec.encodeHostMessage(request);
        expectCalm(modbusDeviceDecoder(), noise, answerBytes, answer, modbusFrameMaxBytes);
        expectCalm(modbusHostDecoder(), noise, requestBytes, request, modbusFrameMaxBytes);
      }),
    );
  });

  it('a frame with one byte changed is never taken for a message of the same length', () => {
    fc.assert(
      fc.property(deviceMessage, fc.nat(254), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const bytes = scaleModbusCodec.encodeDeviceMessage(message);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ flip;
        const read = scaleModbusCodec.decodeDeviceFrame(bytes);
        expect(read.ok).toBe(false);
      }),
    );
  });
});
