import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, concatBytes, toHex } from './codec.ts';
import { cutBytes, expectCalm } from '../../testkit/devices/codec-testing.ts';
import {
  rfidSw5357Codec,
  sw5357DeviceDecoder,
  sw5357FrameMaxBytes,
  sw5357HostDecoder,
} from './rfid-sw5357.ts';
import type { Sw5357DeviceMessage, Sw5357HostMessage } from './rfid-sw5357.ts';

const u8 = fc.integer({ min: 0, max: 0xff });
const type = <T extends string>(...names: T[]): { type: fc.Arbitrary<T>; address: fc.Arbitrary<number> } => ({
  type: fc.constantFrom(...names),
  address: u8,
});
const hex = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength, maxLength }).map(toHex);
const tag = fc.record({
  tagType: u8,
  antenna: u8,
  epc: fc.integer({ min: 1, max: 31 }).chain((words) => hex(words * 2, words * 2)),
  rssi: u8,
});

const hostMessage = fc.oneof(
  fc.record(
    type('inventory', 'getSystemInfo', 'resetParams', 'getFrequency', 'stop', 'start', 'confirmActive'),
  ),
  fc.record({ ...type('getParam'), param: u8 }),
  fc.record({ ...type('setParam'), param: u8, value: u8 }),
  fc.record({ ...type('setFrequency'), n1: u8, n2: u8 }),
  fc.record({ ...type('rawCommand'), command: fc.constantFrom(0x02, 0x20, 0x21), data: hex(0, 1021) }),
) as fc.Arbitrary<Sw5357HostMessage>;

const deviceMessage = fc.oneof(
  fc.record({ ...type('tags'), tags: fc.array(tag, { maxLength: 15 }) }),
  fc.record({ ...type('activeTags'), serial: hex(7, 7), tags: fc.array(tag, { maxLength: 15 }) }),
  fc.record({ ...type('systemInfo'), softwareVersion: u8, hardwareVersion: u8, serial: hex(7, 7) }),
  fc.record({ ...type('param'), param: u8, value: u8 }),
  fc.record({ ...type('frequency'), n1: u8, n2: u8 }),
  fc.record({ ...type('heartbeat'), serial: hex(7, 7) }),
  fc.record({ ...type('status'), command: u8, status: u8 }),
  fc.record({ ...type('rawReply'), command: fc.constantFrom(0x02, 0x20), status: u8, data: hex(1, 1020) }),
) as fc.Arbitrary<Sw5357DeviceMessage>;

const sample: Sw5357DeviceMessage = {
  type: 'tags',
  address: 0,
  tags: [{ tagType: 1, antenna: 2, epc: 'E2002067551602701270920F', rssi: 0x49 }],
};
const decode = rfidSw5357Codec.decodeDeviceFrame.bind(rfidSw5357Codec);
const encode = rfidSw5357Codec.encodeDeviceMessage.bind(rfidSw5357Codec);

describe('53 57 frames', () => {
  it('decode what was encoded, host to reader', () => {
    fc.assert(
      fc.property(hostMessage, (message) => {
        expect(rfidSw5357Codec.hostMessageSchema.safeParse(message).success).toBe(true);
        const bytes = rfidSw5357Codec.encodeHostMessage(message);
        expect(rfidSw5357Codec.decodeHostFrame(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('decode what was encoded, reader to host', () => {
    fc.assert(
      fc.property(deviceMessage, (message) => {
        expect(rfidSw5357Codec.deviceMessageSchema.safeParse(message).success).toBe(true);
        expect(decode(encode(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  // UHF RFID Reader User's Manual V2.0, section 4: examples beside those of the golden frames.
  it.each([
    [
      '4354000D0010011411C3DD938E1701232A',
      { type: 'systemInfo', softwareVersion: 0x14, hardwareVersion: 0x11, serial: 'C3DD938E170123' },
    ],
    ['43540006002301051E1C', { type: 'param', param: 5, value: 30 }],
    ['43540006003E01299D5E', { type: 'frequency', n1: 0x29, n2: 0x9d }],
    ['4354000B01FF012301020304050625', { type: 'heartbeat', serial: '23010203040506' }],
    [
      '4354002C004501C4DD938E170123020F0102E2002075601001820480E064330F0103E3002075601001820480E0643407',
      {
        type: 'activeTags',
        serial: 'C4DD938E170123',
        tags: [
          { tagType: 1, antenna: 2, epc: 'E2002075601001820480E064', rssi: 0x33 },
          { tagType: 1, antenna: 3, epc: 'E3002075601001820480E064', rssi: 0x34 },
        ],
      },
    ],
  ])('%s', (text, message) => {
    expect(decode(bytesOfHex(text))).toMatchObject({ ok: true, value: message });
  });

  it.each([
    ['535700 04FF23052B', { type: 'getParam', param: 5 }],
    ['53570003FF2232', { type: 'resetParams' }],
    ['53570005FF3F318062', { type: 'setFrequency', n1: 0x31, n2: 0x80 }],
    ['53570003FF450F', { type: 'confirmActive' }],
    ['5357000AFF020102060000000042', { type: 'rawCommand', command: 2, data: '01020600000000' }],
  ])('%s', (text, message) => {
    expect(rfidSw5357Codec.decodeHostFrame(bytesOfHex(text.replace(' ', '')))).toMatchObject({
      ok: true,
      value: message,
    });
  });

  it.each([
    ['4353000400010064', 'codec.bad_head'],
    ['435400', 'codec.too_short'],
    ['4354000300010165', 'codec.bad_length'],
    ['435404010001', 'codec.bad_length'],
    ['4354000400010065', 'codec.bad_checksum'],
    ['435400040001006400', 'codec.too_long'],
    // A misprint of the manual: the length counts one byte too many.
    ['4354000501E00182', 'codec.too_short'],
  ])('refuse %s with %s', (text, code) => {
    expect(decode(bytesOfHex(text))).toMatchObject({ error: { code } });
  });

  it('a blank, an odd and a flagged tag do not cost their neighbours', () => {
    const whole = '0F0102E2002067551602701270920F49';
    for (const bad of ['03010249', '0601021122334A', '8F0102E2002067551602701270920F49']) {
      const frame = encode({
        type: 'rawReply',
        address: 0,
        command: 1,
        status: 1,
        data: `0002${bad}${whole}`,
      });
      const message = decode(frame);
      expect(message).toMatchObject({
        value: { type: 'tags', tags: [{}, { epc: 'E2002067551602701270920F' }] },
      });
      expect(message.ok && toHex(encode(message.value))).toBe(toHex(frame));
    }
  });

  it('tags whose count or lengths do not come out are kept raw', () => {
    for (const data of ['0001', '00020F0102E2002067551602701270920F49', '0001040102E249', '00010F0102']) {
      const frame = encode({ type: 'rawReply', address: 0, command: 1, status: 1, data });
      expect(decode(frame)).toMatchObject({ value: { type: 'rawReply', data } });
    }
  });
});

describe('53 57 streams', () => {
  it('come out whole at any cut', () => {
    fc.assert(
      fc.property(
        fc.array(deviceMessage, { maxLength: 8 }),
        fc.infiniteStream(fc.nat(60)),
        (messages, cuts) => {
          const decoder = sw5357DeviceDecoder();
          const bytes = messages.map(encode).reduce(concatBytes, new Uint8Array());
          expect(cutBytes(bytes, cuts).flatMap((part) => decoder.push(part))).toEqual(messages);
          expect(decoder.heldByteCount).toBe(0);
        },
      ),
    );
  });

  it('random bytes never throw, hold a bounded rest, and the next frame after the gap is found', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (noise) => {
        expectCalm(sw5357DeviceDecoder(), noise, encode(sample), sample, sw5357FrameMaxBytes);
        const stop: Sw5357HostMessage = { type: 'stop', address: 255 };
        const frame = rfidSw5357Codec.encodeHostMessage(stop);
        expectCalm(sw5357HostDecoder(), noise, frame, stop, sw5357FrameMaxBytes);
      }),
    );
  });

  const lengthAt = [2, 3];
  const hurtThenGood = (at: number, flip: number, goodCount: number): Sw5357DeviceMessage[] => {
    const frame = encode(sample);
    const hurt = frame.slice();
    hurt[at] = (hurt[at] ?? 0) ^ flip;
    const decoder = sw5357DeviceDecoder();
    const good = Array.from({ length: goodCount }, () => frame).reduce(concatBytes, new Uint8Array());
    return [...decoder.push(concatBytes(hurt, good)), ...decoder.flush()];
  };

  it('a damaged frame is lost, the ones after it are not', () => {
    const place = fc.nat(encode(sample).length - 1).filter((at) => !lengthAt.includes(at));
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (at, flip) => {
        expect(hurtThenGood(at, flip, 5)).toEqual([sample, sample, sample, sample, sample]);
      }),
    );
  });

  it('a damaged length may swallow what it covers (its sum is one byte), nothing after that', () => {
    for (const at of lengthAt) {
      for (let flip = 1; flip < 256; flip++) {
        const out = hurtThenGood(at, flip, 12);
        expect(out.at(-1)).toEqual(sample);
        expect(out.filter(({ type }) => type === 'tags').every((one) => isDeepStrictEqual(one, sample))).toBe(
          true,
        );
      }
    }
  });
});
