import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { fail } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import type { Database } from '../storage/database.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { CoolingKeeper, coolingTimes } from './cooling-keeper.ts';

const minute = 60_000;
const limit = { maxMilliC: 8_000, forMs: 30 * minute };
let clock: FakeClock;
let db: Database;
let remove: () => void;
let told: string[];
let keeper: CoolingKeeper;
const metaStore = (): Pick<MetaStore, 'get' | 'set'> => new MetaStore(db);
/** As at a start. */
function begin(over: { limit: typeof limit | null } = { limit }, meta = metaStore()): void {
  const nowMs = (): number => clock.nowMs();
  const operatingClock = { nowMs: () => clock.monotonicMs() };
  const tellStaff = (detail: string): void => void told.push(detail);
  const about = { clock, operatingClock, nowMs, tellStaff, logger: silentLogger };
  keeper = new CoolingKeeper({ ...about, ...over, meta });
  keeper.start();
}
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock();
  db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
  told = [];
  begin();
});
afterEach(() => {
  keeper.stop();
  db.close();
  remove();
});
const unread = 'temperature_not_read: there is a limit, and no thermometer that says anything';
const read = (milliCelsius: number, deviceId = 'thermometer-1'): void => {
  keeper.deviceEvent({ type: 'temperature', deviceId, milliCelsius, atMs: 0 });
};
async function readFor(minutes: number, milliCelsius: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    read(milliCelsius);
    await clock.advance(minute);
  }
}

test('too warm for too long: told, and nothing is sold, cold again or not, until somebody has looked', async () => {
  await readFor(14, 12_000);
  expect([told, keeper.isTooWarm]).toEqual([[], false]);
  await readFor(10, 12_000);
  expect([told, keeper.isTooWarm]).toEqual([['temperature_high: 12.0 C'], false]);
  await readFor(10, 12_000);
  expect(told).toEqual(['temperature_high: 12.0 C', 'goods_too_warm: 12.0 C']);
  expect(keeper.isTooWarm).toBe(true);
  expect(keeper.accept()).toBe(false);
  await readFor(5, 4_000);
  expect(keeper.isTooWarm).toBe(true);
  expect(keeper.accept()).toBe(true);
  expect(keeper.isTooWarm).toBe(false);
});

test('a limit that no thermometer watches is told, once for each spell; without a limit nothing is', async () => {
  await clock.advance(30 * minute);
  expect(told).toEqual([unread]);
  await readFor(5, 4_000);
  expect(told).toEqual([unread]);
  await clock.advance(30 * minute);
  expect(told).toEqual([unread, unread]);
  keeper.stop();
  told = [];
  begin({ limit: null });
  await clock.advance(30 * minute);
  expect(told).toEqual([]);
});

test('a restart undoes nothing: neither what is spoilt, nor the time that it was warm before', async () => {
  await readFor(20, 12_000);
  keeper.stop();
  begin();
  await readFor(12, 12_000);
  expect(keeper.isTooWarm).toBe(true);
  keeper.stop();
  begin();
  expect(keeper.isTooWarm).toBe(true);
});

test('what the disk did not take is written with the next reading', async () => {
  const disk = metaStore();
  let isFull = true;
  const full = (): ReturnType<MetaStore['set']> => fail('storage.io', 'no space');
  keeper.stop();
  begin({ limit }, { get: (key) => disk.get(key), set: (...of) => (isFull ? full() : disk.set(...of)) });
  await readFor(35, 12_000);
  expect(keeper.isTooWarm).toBe(true);
  isFull = false;
  await readFor(1, 12_000);
  keeper.stop();
  begin();
  expect(keeper.isTooWarm).toBe(true);
});

test('a thermometer that is torn off while it is warm makes nothing cold', async () => {
  await readFor(2, 12_000);
  await clock.advance(31 * minute);
  expect(keeper.isTooWarm).toBe(true);
});

test('one that is silent after a restart, and was warm before it, makes nothing cold either', async () => {
  await readFor(2, 12_000);
  keeper.stop();
  begin();
  await clock.advance(31 * minute);
  expect(keeper.isTooWarm).toBe(true);
  expect(told).toEqual([unread, 'temperature_high: not read', 'goods_too_warm: not read']);
});

test('nor does it with a colder one beside it', async () => {
  read(12_000, 'thermometer-2');
  await readFor(40, 4_000);
  expect(keeper.isTooWarm).toBe(true);
});

test('a limit that is taken away or raised makes nothing good; whoever has looked at the goods does', async () => {
  await readFor(31, 12_000);
  for (const other of [{ ...limit, maxMilliC: 30_000 }, null]) {
    keeper.stop();
    begin({ limit: other });
    await readFor(3, 12_000);
    expect([keeper.isTooWarm, keeper.view()?.isSpoilt]).toEqual([true, true]);
  }
  expect(keeper.accept()).toBe(true);
  expect(keeper.isTooWarm).toBe(false);
});

test('of two thermometers the warmer one counts', async () => {
  for (let i = 0; i < 32; i++) {
    read(3_000, 'thermometer-2');
    await readFor(1, 12_000);
  }
  expect(keeper.isTooWarm).toBe(true);
});

test('without a limit nothing is ever too warm', async () => {
  keeper.stop();
  begin({ limit: null });
  await readFor(60, 40_000);
  expect([told, keeper.isTooWarm]).toEqual([[], false]);
});

test('what was kept and cannot be read does not say that all is well', () => {
  unwrap(new MetaStore(db).set('cooling', 'nonsense'));
  begin();
  expect(keeper.isTooWarm).toBe(true);
});

test('the log has an end: a week of ten minutes each', async () => {
  for (let i = 0; i < coolingTimes.slotsKept + 50; i++) {
    read(4_000 + (i % 3));
    await clock.advance(coolingTimes.slotMs);
  }
  const text = unwrap(new MetaStore(db).get('temperature_log')) ?? '';
  expect((JSON.parse(text) as unknown[]).length).toBe(coolingTimes.slotsKept);
  expect(text.length).toBeLessThan(100_000);
  expect(keeper.view()).toMatchObject({ milliC: null, dayMinMilliC: 4_000, dayMaxMilliC: 4_002 });
});

test('"the last day" is of the last day, also after days in which nothing was read', async () => {
  read(19_000);
  await clock.advance(3 * 86_400_000);
  expect(keeper.view()).toMatchObject({ dayMinMilliC: null, dayMaxMilliC: null });
  read(4_000);
  expect(keeper.view()).toMatchObject({ dayMinMilliC: 4_000, dayMaxMilliC: 4_000 });
  const { week } = keeper.view() ?? {};
  expect(week?.high.filter((one) => one !== null)).toEqual([19_000, 4_000]);
});
