import { expect, it } from 'vitest';
import { type DeviceHealth, type DoorState, doorOfAll } from '../../shared/model/device.ts';
import { DeviceStatus, areReady } from './device-status.ts';

const one = (
  id: string,
  state: DeviceHealth['state'],
  kind: DeviceHealth['kind'] = id.startsWith('lock') ? 'lock' : 'tag-reader',
): DeviceHealth => ({
  id,
  state,
  kind,
  ...{ lastSeenMs: null, errorCount: 0, resetCount: 0, detail: '' },
});

it('is ready when all of its kind are, whichever comes last', () => {
  const lock = one('lock-1', 'ready');
  expect(areReady([lock, one('upper', 'ready'), one('lower', 'ready')], 'tag-reader')).toBe(true);
  expect(areReady([lock, one('upper', 'ready'), one('lower', 'silent')], 'tag-reader')).toBe(false);
  expect(areReady([lock, one('upper', 'disconnected'), one('lower', 'ready')], 'tag-reader')).toBe(false);
  expect(areReady([one('upper', 'error'), lock], 'lock')).toBe(true);
});

it('a device of another kind, in whatever state, does not matter', () => {
  const ready = [one('lock-1', 'ready'), one('upper', 'ready')];
  for (const state of ['connecting', 'silent', 'disconnected', 'error'] as const) {
    const health = [...ready, one('light-1', state, 'light'), one('scale-1', state, 'scale')];
    expect([areReady(health, 'lock'), areReady(health, 'tag-reader')]).toEqual([true, true]);
  }
});

it('none at all is not ready', () => {
  expect(areReady([one('upper', 'ready')], 'lock')).toBe(false);
  expect(areReady([], 'lock')).toBe(false);
});

it('says what is behind "out of service": the device and the code of its failing calls', () => {
  const status = new DeviceStatus();
  const says = (...devices: DeviceHealth[]): void => status.update({ type: 'health', devices });
  expect(status.troubleBehind('lock_unreachable')).toEqual({ kind: 'lock', code: 'device.missing' });
  for (const [state, code] of [
    ['silent', 'device.timeout'],
    ['disconnected', 'device.disconnected'],
    ['connecting', 'device.disconnected'],
    ['error', 'device.protocol'],
  ] as const) {
    says(one('lock-1', 'ready'), one('upper', 'ready'), one('lower', state));
    expect(status.troubleBehind('reader_unreachable')).toEqual({ kind: 'tag-reader', code });
    expect(status.troubleBehind('lock_unreachable')).toBeNull();
    expect(status.troubleBehind('no_catalog')).toBeNull();
  }
  status.update({ type: 'hostGone' });
  expect(status.troubleBehind('lock_unreachable')).toEqual({ kind: 'lock', code: 'host.gone' });
});

it.each(['fault.slow', 'fault.line', 'fault.unreadable', 'fault.contact', 'fault.bolt'] as const)(
  'an error with a cause of its own (%s) is named by it, and by its state alone once that is another one',
  (fault) => {
    const status = new DeviceStatus();
    status.update({ type: 'health', devices: [{ ...one('upper', 'error'), fault }] });
    expect(status.troubleBehind('reader_unreachable')).toEqual({ kind: 'tag-reader', code: fault });
    status.update({ type: 'health', devices: [{ ...one('upper', 'silent'), fault }] });
    expect(status.troubleBehind('reader_unreachable')).toEqual({
      kind: 'tag-reader',
      code: 'device.timeout',
    });
  },
);

/** ADR 0190: what may sell while one of several bolts is stuck. */
type Door = readonly [state: DeviceHealth['state'], fault: DeviceHealth['fault'], door: DoorState];
const well: Door = ['ready', undefined, 'closed'];
it.each<[string, readonly Door[], readonly number[], boolean]>([
  ['both well', [well, well], [], true],
  ['takes no opening, seen shut', [well, ['error', 'fault.bolt', 'closed']], [2], true],
  ['takes no opening, seen open', [well, ['error', 'fault.bolt', 'open']], [], false],
  ['takes no opening, not seen', [well, ['error', 'fault.bolt', 'unknown']], [], false],
  ['never seen open', [well, ['error', 'fault.contact', 'closed']], [], false],
  ['no name', [well, ['error', undefined, 'closed']], [], false],
  ['silent', [well, ['silent', 'fault.bolt', 'closed']], [], false],
  ['unplugged', [well, ['disconnected', undefined, 'unknown']], [], false],
  ['still to come', [well, ['connecting', undefined, 'unknown']], [], false],
  ['tried again', [well, ['ready', 'fault.bolt', 'closed']], [], true],
  ['both take none', [1, 2].map(() => ['error', 'fault.bolt', 'closed'] as const), [], false],
  [
    'one stuck, another in doubt',
    [well, ['error', 'fault.bolt', 'closed'], ['error', 'fault.contact', 'closed']],
    [2],
    false,
  ],
  [
    'two of three',
    [['error', 'fault.bolt', 'closed'], well, ['error', 'fault.bolt', 'closed']],
    [1, 3],
    true,
  ],
])('of several doors, one of which %s', (_, each, stuck, isReady) => {
  const status = new DeviceStatus();
  const doors = each.map(([, , door]) => door);
  status.update({ type: 'door', door: doorOfAll(doors), doors, atMs: 1 });
  const devices = each.map(([state, fault], index) => {
    const lock = { ...one(`lock-${index + 1}`, state), door: index + 1 };
    return fault === undefined ? lock : { ...lock, fault };
  });
  status.update({ type: 'health', devices });
  expect([status.stuckDoors, status.isReady('lock')]).toEqual([stuck, isReady]);
});

it('the bolt of the only door is not set aside', () => {
  const status = new DeviceStatus();
  status.update({ type: 'door', door: 'closed', atMs: 1 });
  status.update({ type: 'health', devices: [{ ...one('lock-1', 'error'), fault: 'fault.bolt' }] });
  expect([status.stuckDoors, status.isReady('lock')]).toEqual([[], false]);
});
