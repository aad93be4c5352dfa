import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, concatBytes } from './codec.ts';
import { cutBytes, expectCalm } from '../../testkit/devices/codec-testing.ts';
import { withXor } from './lock-bytes.ts';
import { lockWklyCodec, wklyDeviceDecoder, wklyHostDecoder } from './lock-wkly.ts';
import type { WklyDeviceMessage, WklyHostMessage } from './lock-wkly.ts';

const address = fc.integer({ min: 0, max: 31 });
const channel = fc.integer({ min: 1, max: 24 });
const feedback = fc.constantFrom<0 | 1 | null>(0, 1, null);
const isDone = fc.boolean();

const hostMessage: fc.Arbitrary<WklyHostMessage> = fc.oneof(
  fc.record({
    type: fc.constantFrom('openTogether', 'openInTurn'),
    address,
    channels: fc.array(channel, { minLength: 1, maxLength: 24 }),
  }),
  fc.record({
    type: fc.constantFrom('flash', 'openOne', 'readOne', 'channelOn', 'channelOff'),
    address,
    channel,
  }),
  fc.record({ type: fc.constantFrom('readAll', 'openAll'), address }),
);
const deviceMessage: fc.Arbitrary<WklyDeviceMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('opened', 'state'), address, isDone, channel, feedback }),
  fc.record({
    type: fc.constant('allStates'),
    address,
    isDone,
    feedbacks: fc.array(feedback, { maxLength: 24 }),
  }),
  fc.record({ type: fc.constant('pushed'), address, channel, feedback }),
  fc.record({
    type: fc.constant('channelDone'),
    command: fc.constantFrom('flash', 'channelOn', 'channelOff'),
    address,
    isDone,
    channel,
  }),
  fc.record({
    type: fc.constant('done'),
    command: fc.constantFrom('openTogether', 'openAll', 'openInTurn'),
    address,
    isDone,
  }),
  fc.record({
    type: fc.constant('failed'),
    command: fc.constantFrom('flash', 'openOne', 'readOne', 'readAll', 'channelOn', 'channelOff'),
    address,
  }),
);

describe('WKLY frames', () => {
  it('decode what was encoded, host to board', () => {
    fc.assert(
      fc.property(hostMessage, (message) => {
        expect(lockWklyCodec.hostMessageSchema.safeParse(message).success).toBe(true);
        expect(lockWklyCodec.decodeHostFrame(lockWklyCodec.encodeHostMessage(message))).toEqual({
          ok: true,
          value: message,
        });
      }),
    );
  });

  it('decode what was encoded, board to host', () => {
    fc.assert(
      fc.property(deviceMessage, (message) => {
        expect(lockWklyCodec.deviceMessageSchema.safeParse(message).success).toBe(true);
        expect(lockWklyCodec.decodeDeviceFrame(lockWklyCodec.encodeDeviceMessage(message))).toEqual({
          ok: true,
          value: message,
        });
      }),
    );
  });

  it.each([
    ['', 'codec.too_short'],
    ['574B4C59', 'codec.too_short'],
    ['574B4C5909008201', 'codec.too_short'],
    ['574B4C590900820182', 'codec.bad_checksum'],
    ['574B4C59090082018300', 'codec.too_long'],
    ['574B4D590900820182', 'codec.bad_head'],
    ['574B4C5907008201', 'codec.bad_length'],
    ['574B4C59FF00820175', 'codec.bad_length'],
  ])('refuse %s with %s', (hex, code) => {
    expect(lockWklyCodec.decodeHostFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });

  // The check is right in these: what is refused is what they say.
  it.each([
    ['board 32', '574B4C5909208201'],
    ['channel 0', '574B4C5909008200'],
    ['channel 25', '574B4C5909008219'],
    ['command 99', '574B4C5909009901'],
    ['"2 channels", and one', '574B4C590A00800201'],
    ['"0 channels"', '574B4C5909008000'],
    ['open one without a channel', '574B4C59080082'],
  ])('refuse towards the board: %s', (_name, hex) => {
    expect(lockWklyCodec.decodeHostFrame(withXor([...bytesOfHex(hex)]))).toMatchObject({
      error: { code: 'codec.bad_field' },
    });
  });

  it.each([
    ['a status that is neither 00 nor FF', '574B4C590B0082010100'],
    ['a lock state that is neither 00, 01 nor FF', '574B4C590B0082000102'],
    ['a done answer without its channel', '574B4C5909008200'],
    ['fewer states than it says', '574B4C590C008400030001'],
    ['a push with a status', '574B4C590B0085000100'],
    ['what the host says', '574B4C59080084'],
  ])('refuse from the board: %s', (_name, hex) => {
    expect(lockWklyCodec.decodeDeviceFrame(withXor([...bytesOfHex(hex)]))).toMatchObject({
      error: { code: 'codec.bad_field' },
    });
  });
});

describe('WKLY streams', () => {
  it('come out whole at any cut', () => {
    fc.assert(
      fc.property(
        fc.array(deviceMessage, { maxLength: 6 }),
        fc.infiniteStream(fc.nat(9)),
        (messages, cuts) => {
          const decoder = wklyDeviceDecoder();
          const bytes = messages
            .map((m) => lockWklyCodec.encodeDeviceMessage(m))
            .reduce(concatBytes, new Uint8Array());
          expect(cutBytes(bytes, cuts).flatMap((part) => decoder.push(part))).toEqual(messages);
          expect(decoder.heldByteCount).toBe(0);
        },
      ),
    );
  });

  it('random bytes never throw, hold a bounded rest, and the next frame after the gap is found', () => {
    const state: WklyDeviceMessage = { type: 'pushed', address: 3, channel: 7, feedback: 1 };
    const open: WklyHostMessage = { type: 'openOne', address: 3, channel: 7 };
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(fc.constantFrom(0x57, 0x4b, 0x4c, 0x59, 0x22, 0x85), { maxLength: 300 })
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        expectCalm(wklyDeviceDecoder(), bytes, lockWklyCodec.encodeDeviceMessage(state), state, 34);
        expectCalm(wklyHostDecoder(), bytes, lockWklyCodec.encodeHostMessage(open), open, 34);
      }),
    );
  });

  it('a frame with one byte changed is never taken for the same message', () => {
    fc.assert(
      fc.property(deviceMessage, fc.nat(33), fc.integer({ min: 1, max: 255 }), (message, where, flip) => {
        const bytes = lockWklyCodec.encodeDeviceMessage(message);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const decoder = wklyDeviceDecoder();
        expect([...decoder.push(bytes), ...decoder.flush()]).toEqual([]);
      }),
    );
  });

  it('a cut head before a frame is skipped and counted', () => {
    const decoder = wklyDeviceDecoder();
    expect(decoder.push(bytesOfHex('FF574B574B4C590A0085010186'))).toEqual([
      { type: 'pushed', address: 0, channel: 1, feedback: 1 },
    ]);
    expect(decoder.stats.skippedByteCount).toBe(3);
  });
});
