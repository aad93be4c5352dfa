import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, concatBytes, toHex } from './codec.ts';
import { cutBytes, expectCalm } from '../../testkit/devices/codec-testing.ts';
import {
  crc16Mcrf4xx,
  rfidUhfReader18Codec,
  uhf18DeviceDecoder,
  uhf18FrameMaxBytes,
  uhf18HostDecoder,
} from './rfid-uhfreader18.ts';
import type { Uhf18DeviceMessage, Uhf18HostMessage } from './rfid-uhfreader18.ts';

const u8 = fc.integer({ min: 0, max: 0xff });
const type = <T extends string>(...names: T[]): { type: fc.Arbitrary<T>; address: fc.Arbitrary<number> } => ({
  type: fc.constantFrom(...names),
  address: u8,
});
const hex = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength, maxLength }).map(toHex);
const workMode = { readMode: u8, modeState: u8, memInven: u8, firstAdr: u8, wordNum: u8, tagTime: u8 };

const hostMessage = fc.oneof(
  fc.record(type('inventory', 'inventorySingle', 'getInfo', 'getWorkMode', 'stop')),
  fc.record({ ...type('inventoryTid'), start: u8, words: u8 }),
  fc.record({
    ...type('inventoryNew'),
    q: u8,
    session: u8,
    target: u8,
    antenna: u8,
    scanTime100Ms: u8,
  }),
  fc.record({ ...type('setFrequency'), maxFre: u8, minFre: u8 }),
  fc.record({ ...type('setAddress'), newAddress: u8 }),
  fc.record({ ...type('setScanTime'), scanTime100Ms: u8 }),
  fc.record({ ...type('setBaud'), code: u8 }),
  fc.record({ ...type('setPower'), powerDbm: u8 }),
  fc.record({ ...type('setWorkMode'), ...workMode }),
  fc.record({ ...type('setReadMode'), readMode: u8 }),
  fc.record({ ...type('rawCommand'), command: fc.constantFrom(0x02, 0x03, 0x33), data: hex(0, 251) }),
) as fc.Arbitrary<Uhf18HostMessage>;

const epc = fc.integer({ min: 1, max: 31 }).chain((words) => hex(words * 2, words * 2));
const epc96 = hex(12, 12);
const oldTags = fc.record({
  ...type('tags'),
  command: fc.constantFrom<1 | 15>(1, 15),
  status: fc.integer({ min: 1, max: 4 }),
  form: fc.constant('old' as const),
  antenna: fc.constant(null),
  tags: fc.array(fc.record({ epc: epc96, rssi: fc.constant(null) }), { maxLength: 19 }),
});
const newTags = fc.record({
  ...type('tags'),
  command: fc.constantFrom<1 | 15>(1, 15),
  status: fc.integer({ min: 1, max: 4 }),
  form: fc.constant('new' as const),
  antenna: fc.nat(7).map((bit) => 1 << bit),
  tags: fc.array(fc.record({ epc: epc96, rssi: u8 }), { maxLength: 17 }),
});
const otherDevice = fc.oneof(
  fc.record({
    ...type('pushed'),
    form: fc.constant('new' as const),
    antenna: fc.nat(7).map((bit) => 1 << bit),
    epc,
    rssi: u8,
  }),
  fc.record({
    ...type('info'),
    version: fc.tuple(u8, u8),
    readerType: u8,
    tagProtocols: u8,
    maxFre: u8,
    minFre: u8,
    powerDbm: u8,
    scanTime100Ms: u8,
    tail: hex(0, 16),
  }),
  fc.record({ ...type('workMode'), wiegand: hex(4, 4), ...workMode, accuracy: u8, offsetTime: u8 }),
  fc.record({
    ...type('status'),
    command: u8,
    status: fc.constant(0xfb),
    name: fc.constant('no_tag'),
  }),
  fc.record({ ...type('rawReply'), command: fc.constantFrom(0x02, 0x33), status: u8, data: hex(1, 250) }),
) as fc.Arbitrary<Uhf18DeviceMessage>;

const sample: Uhf18DeviceMessage = {
  type: 'tags',
  address: 0,
  command: 1,
  status: 1,
  form: 'old',
  antenna: null,
  tags: [{ epc: 'E284361100001000094944AA', rssi: null }],
};
const decode = rfidUhfReader18Codec.decodeDeviceFrame.bind(rfidUhfReader18Codec);
const encode = rfidUhfReader18Codec.encodeDeviceMessage.bind(rfidUhfReader18Codec);

describe('UHFReader18 frames', () => {
  it('use CRC-16/MCRF4XX (check value of the catalogue of CRCs)', () => {
    expect(crc16Mcrf4xx(new TextEncoder().encode('123456789'))).toBe(0x6f91);
  });

  it('decode what was encoded, host to reader', () => {
    fc.assert(
      fc.property(hostMessage, (message) => {
        expect(rfidUhfReader18Codec.hostMessageSchema.safeParse(message).success).toBe(true);
        const bytes = rfidUhfReader18Codec.encodeHostMessage(message);
        expect(rfidUhfReader18Codec.decodeHostFrame(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('decode what was encoded, reader to host', () => {
    fc.assert(
      fc.property(otherDevice, (message) => {
        expect(rfidUhfReader18Codec.deviceMessageSchema.safeParse(message).success).toBe(true);
        expect(decode(encode(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it.each([
    ['old', oldTags],
    ['new', newTags],
  ] as const)('with the profile, inventory data of the %s form comes out as it went in', (form, tags) => {
    fc.assert(
      fc.property(tags as fc.Arbitrary<Uhf18DeviceMessage>, (message) => {
        expect(rfidUhfReader18Codec.deviceMessageSchema.safeParse(message).success).toBe(true);
        expect(uhf18DeviceDecoder(form).push(encode(message))).toEqual([message]);
        // Without it the form is a guess, but never one that changes the bytes.
        const guessed = decode(encode(message));
        expect(guessed.ok && toHex(encode(guessed.value))).toBe(toHex(encode(message)));
      }),
    );
  });

  it('the form is found from the structure: real frames of both', () => {
    // A new-form frame of a live reader, its CRC put right (github Timereversal/rfidtime, comments of packet.go).
    const body = '150001030101' + '0CE28068940000400A9D22A9EB' + '5D';
    const crc = crc16Mcrf4xx(bytesOfHex(body));
    const frame = bytesOfHex(body + toHex(Uint8Array.of(crc & 0xff, crc >> 8)));
    expect(decode(frame)).toEqual({
      ok: true,
      value: {
        type: 'tags',
        address: 0,
        command: 1,
        status: 3,
        form: 'new',
        antenna: 1,
        tags: [{ epc: 'E28068940000400A9D22A9EB', rssi: 0x5d }],
      },
    });
    expect(decode(encode(sample))).toEqual({ ok: true, value: sample });
    // Pushed tags: old (the manual's example) and new.
    expect(decode(bytesOfHex('1100EE00E2000017001402661670' + '6B488337'))).toMatchObject({
      value: { type: 'pushed', form: 'old', epc: 'E20000170014026616706B48' },
    });
  });

  it('a blank, an odd and a flagged tag do not cost their neighbours', () => {
    const blank = '2500010101030C3036142C8C008F80000532445000510C3036142C8C008F8000053245520488';
    const decoded = decode(bytesOfHex(blank));
    expect(decoded).toMatchObject({
      value: {
        type: 'tags',
        form: 'new',
        tags: [{ epc: '3036142C8C008F8000053244' }, { epc: '' }, { epc: '3036142C8C008F8000053245' }],
      },
    });
    expect(decoded.ok && toHex(encode(decoded.value))).toBe(blank);
    const whole = '0CE28068940000400A9D22A9EB';
    for (const bad of ['00', '03112233', '8C3036142C8C008F8000053244']) {
      const data = `02${bad}${whole}`;
      const raw = encode({ type: 'rawReply', address: 0, command: 1, status: 1, data });
      const found = uhf18DeviceDecoder('old').push(raw);
      expect(found).toMatchObject([{ type: 'tags', tags: [{}, { epc: whole.slice(2) }] }]);
      expect(found.map((one) => toHex(encode(one)))).toEqual([toHex(raw)]);
    }
  });

  it('data that is neither form is kept raw, never taken for tags', () => {
    const raw = (data: string): Uint8Array =>
      encode({ type: 'rawReply', address: 0, command: 1, status: 1, data });
    for (const data of ['020C00', '0101', '0103112233', '030101AA', `01010D${'00'.repeat(13)}55`]) {
      expect(decode(raw(data))).toMatchObject({ value: { type: 'rawReply', data } });
    }
  });

  it.each([
    ['0400', 'codec.bad_length'],
    ['0500', 'codec.too_short'],
    ['03002100', 'codec.bad_length'],
    ['050001FBF23C', 'codec.bad_checksum'],
    ['050001FBF23D00', 'codec.too_long'],
    ['', 'codec.too_short'],
  ])('refuse %s with %s', (text, code) => {
    expect(decode(bytesOfHex(text))).toMatchObject({ error: { code } });
  });

  it('EE is no command', () => {
    const pushed = encode({ type: 'status', address: 0, command: 0xee, status: 0, name: 'ok' });
    expect(rfidUhfReader18Codec.decodeHostFrame(pushed)).toMatchObject({
      error: { code: 'codec.bad_field' },
    });
  });
});

describe('UHFReader18 streams', () => {
  it('come out whole at any cut', () => {
    fc.assert(
      fc.property(
        fc.array(otherDevice, { maxLength: 8 }),
        fc.infiniteStream(fc.nat(40)),
        (messages, cuts) => {
          const decoder = uhf18DeviceDecoder();
          const bytes = messages.map(encode).reduce(concatBytes, new Uint8Array());
          expect(cutBytes(bytes, cuts).flatMap((part) => decoder.push(part))).toEqual(messages);
          expect(decoder.heldByteCount).toBe(0);
        },
      ),
    );
  });

  it('random bytes never throw, hold a bounded rest, and the next frame after the gap is found', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (noise) => {
        expectCalm(uhf18DeviceDecoder(), noise, encode(sample), sample, uhf18FrameMaxBytes);
        const stop: Uhf18HostMessage = { type: 'stop', address: 0 };
        const frame = rfidUhfReader18Codec.encodeHostMessage(stop);
        expectCalm(uhf18HostDecoder(), noise, frame, stop, uhf18FrameMaxBytes);
      }),
    );
  });

  it('a damaged frame is lost, the ones after it are not', () => {
    const frame = encode(sample);
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const hurt = frame.slice();
        hurt[at] = (hurt[at] ?? 0) ^ flip;
        const decoder = uhf18DeviceDecoder();
        // A damaged length may swallow what follows until it is reached: enough good frames must follow.
        const good = Array.from({ length: 14 }, () => frame).reduce(concatBytes, new Uint8Array());
        const out = [...decoder.push(concatBytes(hurt, good)), ...decoder.flush()];
        expect(out).toHaveLength(14);
        for (const message of out) expect(message).toEqual(sample);
      }),
    );
  });
});
