import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { SettingsOrder, SettingsReport } from '../../shared/model/settings-order.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { SettingsFollower, followAgainMs } from './settings-follower.ts';
import { SettingsStore } from './settings-store.ts';
import { SettingsVersions } from './settings-versions.ts';

let raw: Record<string, unknown>;
let isFull: boolean;
let order: SettingsOrder | null;
let clock: FakeClock;
let told: string[];
let reports: SettingsReport[];
let listener: () => void;
let versions: SettingsVersions;
let follower: SettingsFollower;

/** As after a restart: the file stays. */
function start(): void {
  const file = {
    read: () => structuredClone(raw),
    write: (to: Record<string, unknown>) => {
      if (isFull) throw new Error('ENOSPC');
      raw = structuredClone(to);
    },
  };
  versions = new SettingsVersions(unwrap(SettingsStore.open(file, clock)), () => clock.nowMs());
  follower = new SettingsFollower({
    ...{ versions, clock, logger: silentLogger, nowMs: () => clock.nowMs() },
    orders: {
      current: () => order,
      onChange: (one) => {
        listener = one;
        return () => undefined;
      },
    },
    report: (report) => void reports.push(report),
    tellStaff: (detail) => void told.push(detail),
  });
  versions.start();
  follower.start();
}
beforeEach(() => {
  [raw, isFull, order, clock] = [{ cabinetId: 'K' }, false, null, new FakeClock()];
  [told, reports] = [[], []];
});
afterEach(() => {
  follower.stop();
});
const orderOf = (version: number, changes: SettingsOrder['changes'], over: Partial<SettingsOrder> = {}) => ({
  ...{ version, changes, seenVersion: 0, by: 'anna', cabinetId: 'K' },
  ...{ issuedAtMs: 0, expiresAtMs: clock.nowMs() + 86_400_000, ...over },
});

test('an order is followed once, whatever is restarted, and what became of it is told', () => {
  start();
  expect(reports.at(-1)).toMatchObject({ version: 0, answer: null, values: { soundPercent: 100 } });
  order = orderOf(7, { soundPercent: 30 });
  listener();
  expect(reports.at(-1)).toMatchObject({ version: 1, answer: { version: 7, done: ['soundPercent'] } });
  unwrap(versions.change({ soundPercent: 90 }, 1, '4410'));
  const count = reports.length;
  follower.stop();
  start();
  expect(versions.values.soundPercent).toBe(90);
  expect(reports).toHaveLength(count + 1);
  listener();
  expect(reports, 'nothing new').toHaveLength(count + 1);
});

test('an order that arrived before the power went is followed at the start; one that has ended is not', () => {
  order = orderOf(7, { soundPercent: 30 });
  start();
  expect(versions.values.soundPercent).toBe(30);
  order = orderOf(8, { soundPercent: 60 }, { expiresAtMs: clock.nowMs() });
  listener();
  expect(versions.values.soundPercent).toBe(30);
});

test('the disk is full: it is tried again, and not told as done until then', async () => {
  start();
  isFull = true;
  order = orderOf(7, { soundPercent: 30 });
  listener();
  expect(reports.at(-1)?.answer).toBeNull();
  isFull = false;
  await clock.advance(followAgainMs);
  expect(reports.at(-1)).toMatchObject({ answer: { version: 7 }, values: { soundPercent: 30 } });
});

test('an order that it cannot read changes nothing, staff is told once, and the operator why', () => {
  start();
  order = orderOf(7, { soundPercent: 30, colour: 'red' });
  listener();
  listener();
  expect(versions.values.soundPercent).toBe(100);
  expect(told).toEqual(['settings_order_refused: unknown: colour']);
  expect(reports.at(-1)?.answer).toMatchObject({ version: 7, refused: 'unknown: colour' });
});
