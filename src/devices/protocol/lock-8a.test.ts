import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, concatBytes, toHex } from './codec.ts';
import { lock8aCodec, lockDeviceDecoder, lockHostDecoder } from './lock-8a.ts';
import type { LockDeviceMessage, LockHostMessage } from './lock-8a.ts';
import { cutBytes, expectCalm } from '../../testkit/devices/codec-testing.ts';

const address = fc.integer({ min: 1, max: 99 });
const channel = fc.integer({ min: 1, max: 50 });
const feedback = fc.constantFrom<0 | 1>(0, 1);
const place = { address, channel };
const channelSet = fc.integer({ min: 1, max: 7 }).chain((groupCount) =>
  fc.record({
    address,
    groupCount: fc.constant(groupCount),
    channels: fc
      .uniqueArray(fc.integer({ min: 1, max: groupCount * 8 }))
      .map((list) => list.sort((a, b) => a - b)),
  }),
);

const hostMessage: fc.Arbitrary<LockHostMessage> = fc.oneof(
  fc.record({ type: fc.constant('openOne'), ...place }),
  fc.record({ type: fc.constant('openOne'), ...place, seconds: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ type: fc.constant('openAll'), address }),
  channelSet.map((set): LockHostMessage => ({ type: 'openSeveral', ...set })),
  fc.record({ type: fc.constantFrom('readOne', 'hold', 'release'), ...place }),
  fc.record({ type: fc.constant('readAll'), address }),
  fc.record({ type: fc.constant('askAddress') }),
);

const shortReply: fc.Arbitrary<LockDeviceMessage> = fc.oneof(
  fc.record({ type: fc.constant('opened'), address, channel: fc.integer({ min: 0, max: 50 }), feedback }),
  fc.record({ type: fc.constant('feedback'), ...place, feedback }),
  fc.record({ type: fc.constant('pushed'), head: fc.constantFrom(0x81, 0x82), ...place, feedback }),
  fc.record({ type: fc.constant('ownAddress'), address }),
);
const deviceMessage = fc.oneof(
  shortReply,
  channelSet.map((set): LockDeviceMessage => ({ type: 'allFeedback', ...set })),
);

describe('8A frames', () => {
  it('decode what was encoded, host to board', () => {
    fc.assert(
      fc.property(hostMessage, (message) => {
        expect(lock8aCodec.hostMessageSchema.safeParse(message).success).toBe(true);
        expect(lock8aCodec.decodeHostFrame(lock8aCodec.encodeHostMessage(message))).toEqual({
          ok: true,
          value: message,
        });
      }),
    );
  });

  it('decode what was encoded, board to host', () => {
    fc.assert(
      fc.property(deviceMessage, (message) => {
        expect(lock8aCodec.deviceMessageSchema.safeParse(message).success).toBe(true);
        expect(lock8aCodec.decodeDeviceFrame(lock8aCodec.encodeDeviceMessage(message))).toEqual({
          ok: true,
          value: message,
        });
      }),
    );
  });

  it.each([
    ['', 'codec.too_short'],
    ['8A01', 'codec.too_short'],
    ['8A0101119C', 'codec.bad_checksum'],
    ['8A010111038C', 'codec.bad_checksum'],
    ['8A0101119B00', 'codec.too_long'],
    ['070101119B', 'codec.bad_head'],
    ['8A00011 19A', 'codec.bad_field'], // board 0
    ['8A0133 11A9', 'codec.bad_field'], // channel 51
    ['8A010112 98', 'codec.bad_field'], // neither 11 nor …
  ])('refuse %s with %s', (hex, code) => {
    expect(lock8aCodec.decodeHostFrame(bytesOfHex(hex.replaceAll(' ', '')))).toMatchObject({
      error: { code },
    });
  });

  it('refuse a feedback byte that is neither 00 nor 11', () => {
    expect(lock8aCodec.decodeDeviceFrame(bytesOfHex('8001012 2A2'.replaceAll(' ', '')))).toMatchObject({
      error: { code: 'codec.bad_field' },
    });
  });
});

describe('8A streams', () => {
  it('come out whole at any cut', () => {
    fc.assert(
      fc.property(fc.array(shortReply, { maxLength: 8 }), fc.infiniteStream(fc.nat(6)), (messages, cuts) => {
        const decoder = lockDeviceDecoder();
        const bytes = messages
          .map((m) => lock8aCodec.encodeDeviceMessage(m))
          .reduce(concatBytes, new Uint8Array());
        const out = cutBytes(bytes, cuts).flatMap((part) => decoder.push(part));
        expect([...out, ...decoder.flush()]).toEqual(messages);
      }),
    );
  });

  it('a read-all reply comes out at the gap, or by the length of the profile', () => {
    const reply = bytesOfHex('800100000033B2');
    const message = { type: 'allFeedback', address: 1, groupCount: 3, channels: [] };
    const byGap = lockDeviceDecoder();
    expect(byGap.push(reply)).toEqual([]);
    expect(byGap.flush()).toEqual([message]);
    const byProfile = lockDeviceDecoder({ groupCount: 3 });
    expect(byProfile.push(reply.subarray(0, 6))).toEqual([]);
    expect(byProfile.push(reply.subarray(6))).toEqual([message]);
  });

  it('a long reply whose first five bytes look like a short one needs the profile, and with it is right', () => {
    // 80 01 B2 00 33 X: as a short frame "channel B2" is impossible; 80 01 22 11 B2 … is a valid short frame.
    const message: LockDeviceMessage = {
      type: 'allFeedback',
      address: 1,
      groupCount: 3,
      channels: [2, 5, 6, 8, 9, 13, 18, 22],
    };
    const bytes = lock8aCodec.encodeDeviceMessage(message);
    expect(toHex(bytes.subarray(0, 5))).toBe('80012211B2');
    expect(lockDeviceDecoder({ groupCount: 3 }).push(bytes)).toEqual([message]);
  });

  it('a short reply among long ones comes out at the gap', () => {
    const decoder = lockDeviceDecoder({ groupCount: 3 });
    expect(decoder.push(bytesOfHex('8001011191'))).toEqual([]);
    expect(decoder.flush()).toEqual([{ type: 'feedback', address: 1, channel: 1, feedback: 1 }]);
  });

  it('open several without a profile waits for the gap', () => {
    const decoder = lockHostDecoder();
    expect(decoder.push(bytesOfHex('900102020293'))).toEqual([]);
    expect(decoder.flush()).toEqual([
      { type: 'openSeveral', address: 1, groupCount: 3, channels: [2, 10, 18] },
    ]);
  });

  it('random bytes never throw, hold a bounded rest, and the next frame after the gap is found', () => {
    const good: LockDeviceMessage = { type: 'feedback', address: 3, channel: 7, feedback: 1 };
    const open: LockHostMessage = { type: 'openOne', address: 3, channel: 7 };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        expectCalm(lockDeviceDecoder(), noise, lock8aCodec.encodeDeviceMessage(good), good, 11);
        expectCalm(lockHostDecoder(), noise, lock8aCodec.encodeHostMessage(open), open, 11);
      }),
    );
  });

  it('a frame with one byte changed is never taken for the same message', () => {
    fc.assert(
      fc.property(shortReply, fc.nat(4), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const bytes = lock8aCodec.encodeDeviceMessage(message);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const decoder = lockDeviceDecoder();
        expect([...decoder.push(bytes), ...decoder.flush()]).not.toContainEqual(message);
      }),
    );
  });

  it('garbage directly before a frame is skipped byte by byte and counted', () => {
    const decoder = lockDeviceDecoder();
    expect(decoder.push(bytesOfHex('FF008A8A0101119B'))).toEqual([
      { type: 'opened', address: 1, channel: 1, feedback: 1 },
    ]);
    expect(decoder.stats.skippedByteCount).toBe(3);
  });
});
