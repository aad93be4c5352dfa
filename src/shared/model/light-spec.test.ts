import { describe, expect, test } from 'vitest';
import { cabinetDevicesSchema } from './device.ts';

interface Relay {
  readonly relayId?: string;
  readonly match?: object;
  readonly tcp?: number;
}
const ids = { vendorId: 0x16c0, productId: 0x05df };
function transportOf({ match, tcp }: Relay): object {
  if (tcp !== undefined) return { kind: 'tcp', host: 'cabinet', port: tcp, framing: 'report' };
  return { kind: 'hid', match: { ...ids, ...match } };
}
function relay(kind: 'lock' | 'light', one: Relay): object {
  const lockOnly = kind === 'lock' ? { pulseMs: 500 } : {};
  const { relayId } = one;
  return { kind, protocol: 'relay-dcttech', channel: 1, transport: transportOf(one), relayId, ...lockOnly };
}
/** Null: taken. */
function refusal(...devices: object[]): string | null {
  const parsed = cabinetDevicesSchema.safeParse({ simulated: false, devices });
  return parsed.success ? null : parsed.error.issues.map(({ message }) => message).join(' | ');
}
const pair = (lock: Relay, light: Relay): string | null =>
  refusal(relay('lock', lock), relay('light', light));

describe('a light on the board of the lock is refused', () => {
  test.each<[string, Relay, Relay]>([
    ['the same match', { match: { product: 'USBRelay2' } }, { match: { product: 'USBRelay2' } }],
    ['the same match, other ids', { relayId: 'AAAAA' }, { relayId: 'BBBBB' }],
    ['a match that says less', { match: { product: 'USBRelay2' } }, {}],
    ['nothing in common', { match: { product: 'USBRelay2' } }, { match: { portPath: '1-2' } }],
    [
      'the same id, other products',
      { relayId: 'AAAAA', match: { product: 'USBRelay2' } },
      { relayId: 'AAAAA', match: { product: 'USBRelay8' } },
    ],
    ['the port alone', { match: { portPath: '1-1' } }, { match: { portPath: '1-2' } }],
    [
      'the port, and one id',
      { relayId: 'AAAAA', match: { portPath: '1-1' } },
      { match: { portPath: '1-2' } },
    ],
    ['another interface of one device', { match: { interface: 0 } }, { match: { interface: 1 } }],
    ['the same address', { tcp: 1 }, { tcp: 1 }],
  ])('%s', (_name, lock, light) => {
    expect(pair(lock, light)).toContain("the light may be on the lock's relay board");
    expect(refusal(relay('light', light), relay('lock', lock))).not.toBeNull();
  });
});

describe('a light on a board of its own is taken', () => {
  test.each<[string, Relay, Relay]>([
    ['another product', { match: { product: 'USBRelay2' } }, { match: { product: 'USBRelay1' } }],
    ['another serial number', { match: { serialNumber: 'A' } }, { match: { serialNumber: 'B' } }],
    [
      'another port, and ids',
      { relayId: 'AAAAA', match: { portPath: '1-1' } },
      { relayId: 'BBBBB', match: { portPath: '1-2' } },
    ],
    ['another address', { tcp: 1 }, { tcp: 2 }],
    ['another way', { tcp: 1 }, {}],
  ])('%s', (_name, lock, light) => {
    expect(pair(lock, light)).toBeNull();
  });

  test('a lock that is no relay may be reached in any way; no lock at all', () => {
    const lock = { kind: 'lock', protocol: 'lock-8a', boardAddress: 1, channel: 1, closedFeedback: 1 };
    const light = relay('light', { tcp: 1 });
    expect(refusal({ ...lock, transport: transportOf({ tcp: 2 }) }, light)).toBeNull();
    expect(refusal(light)).toBeNull();
  });
});

test('each relay lock counts, and there is one light at most', () => {
  const [first, second] = [relay('lock', { tcp: 1 }), relay('lock', { tcp: 2 })];
  expect(refusal(first, second, relay('light', { tcp: 2 }))).not.toBeNull();
  expect(refusal(relay('light', { tcp: 1 }), relay('light', { tcp: 2 }))).toBe(
    'a cabinet has one light at most',
  );
});

test.each([{ channel: 0 }, { channel: 9 }, { relayId: 'ABCD' }, { protocol: 'lock-8a' }])(
  'no light: %j',
  (wrong) => {
    expect(refusal({ ...relay('light', {}), ...wrong })).not.toBeNull();
  },
);
