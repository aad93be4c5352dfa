import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { fail } from '../shared/result.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { makeScratchFolder, mustOpen } from '../testkit/main/storage/scratch.ts';
import { unwrap } from '../testkit/unwrap.ts';
import { OperatingClock } from './operating-clock.ts';
import type { Database } from './storage/database.ts';
import { MetaStore } from './storage/meta-store.ts';

const hourMs = 3_600_000;
let clock: FakeClock;
let db: Database;
let meta: MetaStore;
let folder: string;
let remove: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  folder = scratch.path;
  clock = new FakeClock();
  db = mustOpen(join(folder, 'kaimen.db'), clock);
  meta = new MetaStore(db);
});
afterEach(() => {
  db.close();
  remove();
});
const open = () => unwrap(OperatingClock.open({ clock, database: db, logger: silentLogger }));
const start = (): OperatingClock => {
  const operating = open();
  operating.start();
  return operating;
};

test('it begins where the wall clock is, and goes on whatever becomes of that', async () => {
  const beganMs = clock.nowMs();
  const operating = start();
  expect(operating.nowMs()).toBe(beganMs);
  for (const jumpMs of [60 * hourMs, -500 * 24 * hourMs]) {
    clock.jumpWall(jumpMs);
    await clock.advance(hourMs);
  }
  expect(operating.nowMs()).toBe(beganMs + 2 * hourMs);
  operating.stop();
});

test.each([-500 * 24, 0, 60])(
  'over restarts it never goes back, nor on by more than minutes: clock set by %d h meanwhile',
  async (hours) => {
    let [lastMs, lastRanMs] = [clock.nowMs(), 0];
    for (const ranMs of [0, 1, 999, 1_001, 30_000, 59_999, 61_000, hourMs, 5_000]) {
      const operating = start();
      const beganMs = operating.nowMs();
      expect(beganMs).toBeGreaterThanOrEqual(lastMs);
      expect(beganMs - lastMs).toBeLessThanOrEqual(Math.min(Math.max(2 * lastRanMs, 2_000), 120_000));
      await clock.advance(ranMs);
      [lastMs, lastRanMs] = [operating.nowMs(), ranMs];
      expect(lastMs - beganMs).toBe(ranMs);
      operating.stop();
      clock.jumpWall(hours * hourMs);
    }
  },
);

test('it counts whole ms, of a clock that does not', () => {
  const half = { nowMs: () => 1_000, monotonicMs: () => 0.5, after: () => () => undefined };
  const operating = new OperatingClock({ clock: half, meta, beganMs: 1_000, logger: silentLogger });
  expect(operating.nowMs()).toBe(1_000);
});

test.each(['not a number', '-5', '1e9', '999999999999999', '9999999999999999'])(
  'what was kept is damaged (%s): it begins at the wall clock',
  (kept) => {
    unwrap(meta.set('operating_time', kept));
    expect(open().nowMs()).toBe(clock.nowMs());
  },
);

test('what was kept cannot be read: it does not begin, and what was kept stays', async () => {
  start().stop();
  await clock.advance(hourMs);
  const kept = unwrap(meta.get('operating_time'));
  db.close();
  expect(OperatingClock.open({ clock, database: db, logger: silentLogger })).toMatchObject({
    ok: false,
    error: { code: 'storage.io' },
  });
  db = mustOpen(join(folder, 'kaimen.db'), clock);
  expect(unwrap(new MetaStore(db).get('operating_time'))).toBe(kept);
});

test('a database that takes nothing does not stop it', async () => {
  const operating = new OperatingClock({
    clock,
    meta: { set: () => fail('storage.io', 'no') },
    beganMs: clock.nowMs(),
    logger: silentLogger,
  });
  operating.start();
  const beganMs = operating.nowMs();
  await clock.advance(hourMs);
  expect(operating.nowMs()).toBe(beganMs + hourMs);
  operating.stop();
});
