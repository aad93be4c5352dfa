import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, concatBytes, toHex } from './codec.ts';
import { cutBytes, expectCalm } from '../../testkit/devices/codec-testing.ts';
import { cu16DeviceDecoder, cu16HostDecoder, lockKerongCu16Codec } from './lock-kerong-cu16.ts';
import type { Cu16DeviceMessage, Cu16HostMessage } from './lock-kerong-cu16.ts';

const place = { board: fc.integer({ min: 0, max: 15 }), lock: fc.integer({ min: 1, max: 16 }) };
const locks = fc.uniqueArray(fc.integer({ min: 1, max: 16 })).map((list) => list.sort((a, b) => a - b));
const state: fc.Arbitrary<Cu16DeviceMessage> = fc.record({
  type: fc.constantFrom('state', 'stateOfAll'),
  ...place,
  hooks: locks,
  infrared: locks,
});
const plain: fc.Arbitrary<Cu16HostMessage> = fc.record({
  type: fc.constantFrom('read', 'unlock', 'readAll', 'unlockAll'),
  ...place,
});
// The end of raw data cannot be told from the end of the frame when they look the same; 03 is left out.
const dataHex = fc
  .uint8Array({ maxLength: 4 })
  .filter((bytes) => !bytes.includes(3))
  .map(toHex);
const hostMessage = fc.oneof(
  plain,
  fc.record({
    type: fc.constantFrom('setUnlockTime', 'askUnlockTime', 'delayedUnlock'),
    ...place,
    dataHex,
  }),
);
const deviceMessage = fc.oneof(
  state,
  fc.record({ type: fc.constant('unlockTime' as const), ...place, dataHex }),
);

describe('CU16 frames', () => {
  it('decode what was encoded, host to board', () => {
    fc.assert(
      fc.property(hostMessage, (message) => {
        expect(lockKerongCu16Codec.hostMessageSchema.safeParse(message).success).toBe(true);
        expect(lockKerongCu16Codec.decodeHostFrame(lockKerongCu16Codec.encodeHostMessage(message))).toEqual({
          ok: true,
          value: message,
        });
      }),
    );
  });

  it('decode what was encoded, board to host', () => {
    fc.assert(
      fc.property(deviceMessage, (message) => {
        expect(lockKerongCu16Codec.deviceMessageSchema.safeParse(message).success).toBe(true);
        expect(
          lockKerongCu16Codec.decodeDeviceFrame(lockKerongCu16Codec.encodeDeviceMessage(message)),
        ).toEqual({ ok: true, value: message });
      }),
    );
  });

  it.each([
    ['', 'codec.too_short'],
    ['0200', 'codec.too_short'],
    ['02003103', 'codec.too_short'],
    ['0200310337', 'codec.bad_checksum'],
    ['020031033600', 'codec.too_long'],
    ['0300310337', 'codec.bad_head'],
    ['0200310437', 'codec.bad_end'],
    ['020040034 5'.replace(' ', ''), 'codec.bad_field'],
    ['020035FFFF00000338', 'codec.bad_field'], // what a board says, not what it hears
  ])('refuse %s with %s', (hex, code) => {
    expect(lockKerongCu16Codec.decodeHostFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });

  it('refuse from the board: a cut state, a request', () => {
    for (const [hex, code] of [
      ['020035FFFF000003', 'codec.too_short'],
      ['0200310336', 'codec.bad_field'],
    ] as const) {
      expect(lockKerongCu16Codec.decodeDeviceFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
    }
  });

  it('a set unlock time of 3 data bytes, as some board may have it, keeps its bytes', () => {
    const bytes = lockKerongCu16Codec.encodeHostMessage({
      type: 'setUnlockTime',
      board: 2,
      lock: 1,
      dataHex: '0064FF',
    });
    expect(toHex(bytes)).toBe('0220370064FF03BF');
  });
});

describe('CU16 streams', () => {
  it('come out whole at any cut', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 6 }), fc.infiniteStream(fc.nat(6)), (messages, cuts) => {
        const decoder = cu16DeviceDecoder();
        const bytes = messages
          .map((m) => lockKerongCu16Codec.encodeDeviceMessage(m))
          .reduce(concatBytes, new Uint8Array());
        expect(cutBytes(bytes, cuts).flatMap((part) => decoder.push(part))).toEqual(messages);
        expect(decoder.heldByteCount).toBe(0);
      }),
    );
  });

  it('random bytes never throw, hold a bounded rest, and the next frame after the gap is found', () => {
    const all: Cu16DeviceMessage = { type: 'state', board: 3, lock: 1, hooks: [1, 2], infrared: [16] };
    const open: Cu16HostMessage = { type: 'unlock', board: 3, lock: 7 };
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(fc.constantFrom(0x02, 0x03, 0x35, 0x38, 0x00), { maxLength: 300 })
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        expectCalm(cu16DeviceDecoder(), bytes, lockKerongCu16Codec.encodeDeviceMessage(all), all, 9);
        expectCalm(cu16HostDecoder(), bytes, lockKerongCu16Codec.encodeHostMessage(open), open, 9);
      }),
    );
  });

  it('a frame with one byte changed is never taken for the same message', () => {
    fc.assert(
      fc.property(state, fc.nat(8), fc.integer({ min: 1, max: 255 }), (message, at, flip) => {
        const bytes = lockKerongCu16Codec.encodeDeviceMessage(message);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const decoder = cu16DeviceDecoder();
        expect([...decoder.push(bytes), ...decoder.flush()]).not.toContainEqual(message);
      }),
    );
  });

  it('garbage directly before a frame is skipped byte by byte and counted', () => {
    const decoder = cu16DeviceDecoder();
    expect(decoder.push(bytesOfHex('FF0202020035FEFF00000337'))).toMatchObject([{ type: 'state', board: 0 }]);
    expect(decoder.stats.skippedByteCount).toBe(3);
  });
});
