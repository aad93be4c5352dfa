import { beforeEach, expect, test } from 'vitest';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { UsefulnessKeeper } from './usefulness-keeper.ts';

let stored: string | null;
let isFull: boolean;
let counts: Record<string, number>;
let nowMs: number;
let keeper: UsefulnessKeeper;
const device = (id: string, kind: DeviceHealth['kind'], usefulCount?: number): DeviceHealth => ({
  ...{ id, kind, state: 'ready', lastSeenMs: 0, errorCount: 0, resetCount: 0, detail: '' },
  ...(usefulCount !== undefined && { usefulCount }),
});
/** As after a restart: the device program counts from nothing. */
function start(running = '1.0.0'): void {
  counts = { reader: 0, scanner: 0 };
  keeper = new UsefulnessKeeper({
    meta: {
      get: () => ok(stored),
      set: (_, value) => {
        if (isFull) return fail('storage.io', 'full');
        stored = value;
        return ok();
      },
    },
    running,
    devices: () => [
      device('reader', 'tag-reader', counts['reader']),
      device('scanner', 'code-scanner', counts['scanner']),
      device('light', 'light'),
    ],
    clock: { monotonicMs: () => nowMs },
    logger: silentLogger,
  });
}
const pass = (...states: VisitStateName[]): void => {
  for (const state of states) keeper.onVisitChanged({ state, context: { refusedReason: null } });
};
/** A visit in which these say something. */
function visit(...useful: string[]): void {
  pass('identifyingByCode', 'preparing', 'unlocking', 'shopping');
  for (const id of useful) counts[id] = (counts[id] ?? 0) + 3;
  pass('checking', 'receipt', 'attract');
}
beforeEach(() => {
  [stored, isFull, nowMs] = [null, false, 0];
  start();
  pass('recovering', 'attract');
});

test('each device counts in the visits in which it said something; nothing that was never opened is one', () => {
  expect(keeper.report()).toBeNull();
  visit('reader', 'scanner');
  visit('reader');
  pass('identifyingByCode', 'refused', 'attract');
  expect(keeper.report()).toEqual({
    ...{ version: '1.0.0', visits: 2, visitsBefore: 0 },
    devices: [
      { id: 'reader', kind: 'tag-reader', useful: 2, usefulBefore: 0 },
      { id: 'scanner', kind: 'code-scanner', useful: 1, usefulBefore: 0 },
    ],
  });
});

test('a visit with a restart in it is not counted, those before and after it are', () => {
  visit('reader');
  pass('identifyingByCode', 'unlocking', 'shopping');
  start();
  pass('recovering', 'shopping', 'checking', 'receipt', 'attract');
  expect(keeper.report()).toMatchObject({ visits: 1 });
  visit('reader');
  expect(keeper.report()).toMatchObject({ visits: 2, devices: [{ useful: 2 }, {}] });
});

test('an update in between: twenty of before beside the first of the new one, however long those take', () => {
  for (let i = 0; i < 20; i++) visit('reader', 'scanner');
  start('1.1.0');
  pass('attract');
  for (let i = 0; i < 5; i++) visit('reader');
  // For weeks nobody comes, and it is restarted each night.
  for (let i = 0; i < 14; i++) {
    start('1.1.0');
    pass('attract');
  }
  visit('reader');
  expect(keeper.report()).toMatchObject({
    ...{ version: '1.1.0', visits: 6, visitsBefore: 20 },
    devices: [
      { useful: 6, usefulBefore: 20 },
      { useful: 0, usefulBefore: 20 },
    ],
  });
});

test('the device program that starts anew in a visit does not make a useful device useless', () => {
  visit('reader');
  pass('identifyingByCode', 'unlocking', 'shopping');
  counts['reader'] = 1;
  pass('checking', 'receipt', 'attract');
  expect(keeper.report()).toMatchObject({ visits: 2, devices: [{ useful: 2 }, {}] });
});

test('a full disk loses counts and stops nothing; what cannot be read is none', () => {
  isFull = true;
  visit('reader');
  expect(keeper.report()).toMatchObject({ visits: 1 });
  [isFull, stored] = [false, '{"version":'];
  start();
  expect(keeper.report()).toBeNull();
});

/** As many visits as are judged, one an hour, then the next version. */
function shopThenUpdate(): void {
  for (let i = 0; i < 20; i++) {
    nowMs += hourMs;
    visit('reader');
  }
  start('1.1.0');
  pass('recovering', 'attract');
}
const hourMs = 3_600_000;

test('nobody comes with a new version: told day by day, over restarts, by the hours that it ran', () => {
  shopThenUpdate();
  expect(keeper.report()).toMatchObject({ visits: 0, quiet: { hours: 0, usualHours: 19, turnedAway: 0 } });
  for (let hour = 0; hour < 96; hour++) {
    nowMs += hourMs;
    expect(keeper.report()?.quiet?.hours).toBe(24 * Math.floor((hour + 1) / 24));
    if (hour % 12 === 0) start('1.1.0');
  }
  // Not counted of the devices: there was a restart in it. But somebody was let in.
  visit('reader');
  expect(keeper.report()).toMatchObject({ visits: 0, quiet: { hours: 0 } });
});

test('whoever is turned away for a cause that is not theirs counts once; let in, they are forgotten', () => {
  shopThenUpdate();
  const refuse = (refusedReason: 'system.operator_error' | 'account.declined'): void => {
    pass('identifyingByCode');
    for (let i = 0; i < 3; i++) keeper.onVisitChanged({ state: 'refused', context: { refusedReason } });
    pass('attract');
  };
  refuse('system.operator_error');
  refuse('account.declined');
  refuse('system.operator_error');
  expect(keeper.report()?.quiet).toMatchObject({ turnedAway: 2 });
  visit();
  expect(keeper.report()?.quiet).toMatchObject({ turnedAway: 0 });
});

test('what an older program kept of it is gone on with, and tells nothing of hours', () => {
  for (let i = 0; i < 20; i++) visit('reader');
  const { version, first, latest, before } = JSON.parse(stored ?? '') as Record<string, unknown>;
  stored = JSON.stringify({ version, first, latest, before });
  start('1.1.0');
  expect(keeper.report()).toBeNull();
  pass('attract');
  visit('reader');
  expect(keeper.report()).toMatchObject({ visitsBefore: 20 });
  expect(keeper.report()).not.toHaveProperty('quiet');
});
