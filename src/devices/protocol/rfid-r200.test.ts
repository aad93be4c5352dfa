import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, concatBytes, toHex } from './codec.ts';
import { cutBytes, expectCalm } from '../../testkit/devices/codec-testing.ts';
import { rfidDeviceDecoder, rfidHostDecoder, rfidR200Codec } from './rfid-r200.ts';
import type { RfidDeviceMessage, RfidHostMessage } from './rfid-r200.ts';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const hex = (maxLength: number): fc.Arbitrary<string> => fc.uint8Array({ maxLength }).map(toHex);
const region = fc.constantFrom('china-900', 'us', 'europe', 'china-800', 'korea');
const what = fc.constantFrom('hardware', 'software', 'maker');
const demodulator = { mixerGain: u8, ifGain: u8, threshold: u16 };
const select = {
  parameter: u8,
  pointer: fc.integer({ min: 0, max: 0xffffffff }),
  truncate: fc.boolean(),
  mask: hex(31),
};
const type = <T extends string>(...names: T[]): { type: fc.Arbitrary<T> } => ({
  type: fc.constantFrom(...names),
});

const hostMessage = fc.oneof(
  fc.record({
    ...type(
      'pollOnce',
      'stop',
      'getRegion',
      'getPower',
      'getChannel',
      'getQuery',
      'getDemodulator',
      'getSelect',
    ),
  }),
  fc.record({ ...type('getInfo'), what }),
  fc.record({ ...type('pollMany'), count: u16 }),
  fc.record({ ...type('setRegion'), region }),
  fc.record({ ...type('setPower'), centiDbm: u16 }),
  fc.record({ ...type('setHopping'), on: fc.boolean() }),
  fc.record({ ...type('setChannel'), channel: u8 }),
  fc.record({ ...type('insertChannels'), channels: fc.array(u8, { maxLength: 64 }) }),
  fc.record({ ...type('setQuery'), query: u16 }),
  fc.record({ ...type('setDemodulator'), ...demodulator }),
  fc.record({ ...type('setSelect'), ...select }),
  fc.record({ ...type('setSelectMode'), mode: u8 }),
  fc.record({ ...type('setBaud'), hundredBaud: u16 }),
  fc.record({ ...type('rawCommand'), command: fc.constantFrom(0x39, 0x49, 0x65, 0x82), params: hex(255) }),
) as fc.Arbitrary<RfidHostMessage>;

const tag = fc.record({
  ...type('tag'),
  notice: fc.constantFrom<0x22 | 0x27>(0x22, 0x27),
  rssiDbm: fc.integer({ min: -128, max: 127 }),
  pc: u16,
  epc: hex(62),
  crc: u16,
});
const deviceMessage = fc.oneof(
  tag,
  fc.record({
    ...type('error'),
    code: fc.constant(0x16),
    name: fc.constant('wrong_password'),
    tail: hex(254),
  }),
  fc.record({ ...type('done'), command: fc.constantFrom(0x07, 0x0c, 0x28, 0xad, 0xb6) }),
  fc.record({
    ...type('info'),
    what,
    text: fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
      maxLength: 254,
    }),
  }),
  fc.record({ ...type('region'), region }),
  fc.record({ ...type('power'), centiDbm: u16 }),
  fc.record({ ...type('channel'), channel: u8 }),
  fc.record({ ...type('query'), query: u16 }),
  fc.record({ ...type('demodulator'), ...demodulator }),
  fc.record({ ...type('select'), ...select }),
  fc.record({ ...type('rawReply'), command: fc.constantFrom(0x39, 0x49), params: hex(255) }),
  fc.record({ ...type('rawNotice'), command: fc.constant(0x33), params: hex(255) }),
) as fc.Arbitrary<RfidDeviceMessage>;

const sample: RfidDeviceMessage = {
  type: 'tag',
  notice: 0x22,
  rssiDbm: -60,
  pc: 0x3000,
  epc: 'E200001D7315016521408FC6',
  crc: 0xb83e,
};

describe('R200 frames', () => {
  it('decode what was encoded, host to reader', () => {
    fc.assert(
      fc.property(hostMessage, (message) => {
        expect(rfidR200Codec.hostMessageSchema.safeParse(message).success).toBe(true);
        const bytes = rfidR200Codec.encodeHostMessage(message);
        expect(rfidR200Codec.decodeHostFrame(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('decode what was encoded, reader to host', () => {
    fc.assert(
      fc.property(deviceMessage, (message) => {
        expect(rfidR200Codec.deviceMessageSchema.safeParse(message).success).toBe(true);
        const bytes = rfidR200Codec.encodeDeviceMessage(message);
        expect(rfidR200Codec.decodeDeviceFrame(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  it.each([
    ['AA00220000227E', 'codec.bad_head'],
    ['BB03220000257E', 'codec.bad_head'], // type 3
    ['BB022200', 'codec.too_short'],
    ['BB0222FFFF227E', 'codec.bad_length'],
    ['BB01FF000115167F', 'codec.bad_end'],
    ['BB01FF000115177E', 'codec.bad_checksum'],
    ['BB01FF000115167E7E', 'codec.too_long'],
    // A misprint of the English manual: the multi-poll notice with sum EF.
    ['BB02270011C9340030751FEB705C5904E3D50D703A76EF7E', 'codec.bad_checksum'],
  ])('refuse %s with %s', (hexText, code) => {
    expect(rfidR200Codec.decodeDeviceFrame(bytesOfHex(hexText))).toMatchObject({ error: { code } });
  });

  it('refuse the misprinted "set channel"', () => {
    expect(rfidR200Codec.decodeHostFrame(bytesOfHex('BB00AB000101AC7E'))).toMatchObject({
      error: { code: 'codec.bad_checksum' },
    });
  });

  it('takes the EPC length from PL: 4, 12 and 62 bytes', () => {
    for (const size of [4, 12, 62]) {
      const message = { ...sample, epc: 'BB'.repeat(size - 1) + '7E' } as RfidDeviceMessage;
      const bytes = rfidR200Codec.encodeDeviceMessage(message);
      expect(rfidDeviceDecoder().push(bytes)).toEqual([message]);
    }
  });
});

describe('R200 streams', () => {
  it('come out whole at any cut', () => {
    fc.assert(
      fc.property(
        fc.array(deviceMessage, { maxLength: 8 }),
        fc.infiniteStream(fc.nat(40)),
        (messages, cuts) => {
          const decoder = rfidDeviceDecoder();
          const bytes = messages
            .map((m) => rfidR200Codec.encodeDeviceMessage(m))
            .reduce(concatBytes, new Uint8Array());
          expect(cutBytes(bytes, cuts).flatMap((part) => decoder.push(part))).toEqual(messages);
          expect(decoder.heldByteCount).toBe(0);
        },
      ),
    );
  });

  it('random bytes never throw, hold a bounded rest, and the next frame after the gap is found', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (noise) => {
        expectCalm(rfidDeviceDecoder(), noise, rfidR200Codec.encodeDeviceMessage(sample), sample, 262);
        const stop: RfidHostMessage = { type: 'stop' };
        expectCalm(rfidHostDecoder(), noise, rfidR200Codec.encodeHostMessage(stop), stop, 262);
      }),
    );
  });

  it('a damaged frame costs itself only: the ones after it come out without a gap', () => {
    const frame = rfidR200Codec.encodeDeviceMessage(sample);
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const hurt = frame.slice();
        hurt[at] = (hurt[at] ?? 0) ^ flip;
        const decoder = rfidDeviceDecoder();
        // A damaged length may swallow what follows until its bound is reached: enough good frames must follow.
        const good = Array.from({ length: 14 }, () => frame).reduce(concatBytes, new Uint8Array());
        const out = decoder.push(concatBytes(hurt, good));
        const same = out.filter((m) => JSON.stringify(m) === JSON.stringify(sample));
        expect(same.length).toBeGreaterThanOrEqual(1);
        expect(out.at(-1)).toEqual(sample);
      }),
    );
  });

  it('a cut frame is dropped at the quiet gap, and what it had swallowed comes out', () => {
    const decoder = rfidDeviceDecoder();
    const frame = rfidR200Codec.encodeDeviceMessage(sample);
    // A stated length of 200 holds the good frame back …
    expect(decoder.push(concatBytes(bytesOfHex('BB022200C8'), frame))).toEqual([]);
    // … until the line is quiet.
    expect(decoder.flush()).toEqual([sample]);
    expect(decoder.stats.skippedByteCount).toBe(5);
  });

  it('counts wrong sums', () => {
    const decoder = rfidDeviceDecoder();
    decoder.push(bytesOfHex('BB01FF000115177E'));
    expect(decoder.stats.badChecksumCount).toBe(1);
  });
});
