import { beforeEach, expect, test } from 'vitest';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { UsefulnessKeeper } from './usefulness-keeper.ts';

let stored: string | null;
let isFull: boolean;
let counts: Record<string, number>;
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
    logger: silentLogger,
  });
}
const pass = (...states: VisitStateName[]): void => {
  for (const state of states) keeper.onVisitChanged({ state });
};
/** A visit in which these say something. */
function visit(...useful: string[]): void {
  pass('identifyingByCode', 'preparing', 'unlocking', 'shopping');
  for (const id of useful) counts[id] = (counts[id] ?? 0) + 3;
  pass('checking', 'receipt', 'attract');
}
beforeEach(() => {
  [stored, isFull] = [null, false];
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
