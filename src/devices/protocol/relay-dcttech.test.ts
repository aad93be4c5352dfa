import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex } from './codec.ts';
import { decodeRelayState, relayDcttechCodec } from './relay-dcttech.ts';
import type { RelayDeviceMessage, RelayHostMessage } from './relay-dcttech.ts';

const relay = fc.integer({ min: 1, max: 8 });
const id = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 5, maxLength: 5 })
  .map((codes) => String.fromCharCode(...codes));
const hostMessage: fc.Arbitrary<RelayHostMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('on', 'off'), relay }),
  fc.record({ type: fc.constantFrom('allOn', 'allOff', 'setupRead', 'setupWrite') }),
  fc.record({ type: fc.constant('setId'), id }),
);
const state: fc.Arbitrary<RelayDeviceMessage> = fc.record({
  type: fc.constant('state'),
  hasReportId: fc.boolean(),
  id,
  spare: fc.integer({ min: 0, max: 255 }),
  on: fc.uniqueArray(relay).map((list) => list.sort((a, b) => a - b)),
});

describe('relay reports', () => {
  it('decode what was encoded, both ways', () => {
    fc.assert(
      fc.property(hostMessage, state, (request, answer) => {
        expect(relayDcttechCodec.hostMessageSchema.safeParse(request).success).toBe(true);
        expect(relayDcttechCodec.deviceMessageSchema.safeParse(answer).success).toBe(true);
        expect(relayDcttechCodec.decodeHostFrame(relayDcttechCodec.encodeHostMessage(request))).toEqual({
          ok: true,
          value: request,
        });
        expect(relayDcttechCodec.decodeDeviceFrame(relayDcttechCodec.encodeDeviceMessage(answer))).toEqual({
          ok: true,
          value: answer,
        });
      }),
    );
  });

  it('a state without the report id in front, with a byte left over at the end, is the same state', () => {
    expect(decodeRelayState(bytesOfHex('505355495300000100'))).toEqual(
      decodeRelayState(bytesOfHex('5053554953000001')),
    );
  });

  it.each([
    ['', 'codec.too_short'],
    ['00FF010000000000', 'codec.too_short'],
    ['00FF0100000000000000', 'codec.too_long'],
    ['01FF01000000000000', 'codec.bad_head'],
    ['00FF00000000000000', 'codec.bad_field'],
    ['00FF09000000000000', 'codec.bad_field'],
    ['00FF01010000000000', 'codec.bad_field'],
    ['00FB01000000000000', 'codec.bad_field'],
    ['00FA41424300440000', 'codec.bad_field'],
  ])('refuse %s with %s', (hex, code) => {
    expect(relayDcttechCodec.decodeHostFrame(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });

  it.each([
    ['', 'codec.too_short'],
    ['50535549530000', 'codec.too_short'],
    ['0050535549530000', 'codec.too_short'],
    ['00505355495300000100', 'codec.too_long'],
    ['50535549530000010000', 'codec.too_long'],
    ['000000000000000000', 'codec.bad_field'],
    ['005053554953010001', 'codec.bad_end'],
  ])('refuse the state %s with %s', (hex, code) => {
    expect(decodeRelayState(bytesOfHex(hex))).toMatchObject({ error: { code } });
  });

  it('random bytes never throw, and what is taken fits the schema', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const answer = decodeRelayState(bytes);
        if (answer.ok)
          expect(relayDcttechCodec.deviceMessageSchema.safeParse(answer.value).success).toBe(true);
        const request = relayDcttechCodec.decodeHostFrame(bytes);
        if (request.ok) expect(relayDcttechCodec.encodeHostMessage(request.value)).toEqual(bytes);
      }),
    );
  });
});
