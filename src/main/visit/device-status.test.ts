import { expect, it } from 'vitest';
import type { DeviceHealth } from '../../shared/model/device.ts';
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
