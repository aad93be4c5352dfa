import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { trendsViewSchema } from '../../shared/model/trends.schema.ts';
import type { TrendName } from '../../shared/model/trends.ts';
import { TrendLog, trendTimes } from './trend-log.ts';

const { sampleEveryMs, slotMs, slotsKept } = trendTimes;
let clock: FakeClock;
let kept: string | null;
let answerMs: number | null;
let queue: { count: number; oldestMs: number | null } | null;
let salesCount: number;
let log: TrendLog;
const make = (): TrendLog =>
  new TrendLog({
    meta: {
      get: () => ({ ok: true, value: kept }),
      set: (_, text) => {
        kept = text;
        return { ok: true, value: undefined };
      },
    },
    queue: () => queue,
    answerMs: () => answerMs,
    sales: () => {
      salesCount++;
      return null;
    },
    clock,
    nowMs: () => clock.nowMs(),
  });
beforeEach(() => {
  clock = new FakeClock(1_000_000 * slotMs);
  [kept, answerMs, queue, salesCount] = [null, 40, { count: 0, oldestMs: null }, 0];
  log = make();
  log.start();
});
afterEach(() => {
  log.stop();
});

const reads = (count: number): void => {
  const one = { epc: 'E2', rssiDbm: null, atMs: 0 };
  log.deviceEvent({ type: 'tags', reads: Array.from({ length: count }, () => one), atMs: 0 });
};
const now = (name: TrendName) => {
  const { day } = trendsViewSchema.parse(log.view(false)).charts.find((one) => one.name === name) ?? {};
  return [day?.low.at(-1), day?.high.at(-1)];
};

test('each minute is measured, and half an hour has the least and the most of it', async () => {
  reads(600);
  queue = { count: 2, oldestMs: clock.nowMs() - 3_600_000 };
  await clock.advance(sampleEveryMs);
  reads(60);
  [queue, answerMs] = [{ count: 5, oldestMs: clock.nowMs() - 7_200_000 }, 900];
  await clock.advance(sampleEveryMs);
  expect([now('reads'), now('queue'), now('queueAge'), now('answer')]).toEqual([
    [1, 10],
    [2, 5],
    [61, 121],
    [40, 900],
  ]);
});

test('what was not measured is a gap, not a zero', async () => {
  [queue, answerMs] = [null, null];
  await clock.advance(sampleEveryMs);
  for (const name of ['reads', 'queue', 'queueAge', 'answer'] as const)
    expect(now(name)).toEqual([null, null]);
  reads(0);
  await clock.advance(sampleEveryMs);
  expect(now('reads')).toEqual([0, 0]);
});

test('a restart keeps what was measured, and what cannot be read begins anew', async () => {
  reads(120);
  await clock.advance(sampleEveryMs);
  log.stop();
  log = make();
  expect(now('reads')).toEqual([2, 2]);
  kept = '[{"atMs":1,"bands":[[1,2]]}]';
  log = make();
  expect(now('reads')).toEqual([null, null]);
});

test('it holds a week, and writes once for each half hour', async () => {
  await clock.advance((slotsKept + 10) * slotMs);
  expect((JSON.parse(kept ?? '[]') as unknown[]).length).toBe(slotsKept);
  const before = kept;
  await clock.advance(slotMs - 2 * sampleEveryMs);
  expect(kept).toBe(before);
  await clock.advance(2 * sampleEveryMs);
  expect(kept).not.toBe(before);
});

test('what was sold is counted for whoever may see it, once a minute at most', async () => {
  log.view(false);
  expect(salesCount).toBe(0);
  log.view(true);
  log.view(true);
  expect(salesCount).toBe(1);
  await clock.advance(trendTimes.salesFreshMs);
  log.view(true);
  expect(salesCount).toBe(2);
});
