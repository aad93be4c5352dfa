import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { fail } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { memoryMeta } from '../../testkit/main/storage/memory-meta.ts';
import { RateLimiter } from './rate-limiter.ts';

/** Three an hour, over restarts. */
const limit = { max: 3, perMs: 3_600_000 };
let clock: FakeClock;
let meta: ReturnType<typeof memoryMeta>;
beforeEach(() => {
  clock = new FakeClock();
  meta = memoryMeta();
});
const start = (from = meta): RateLimiter =>
  new RateLimiter({ limit, meta: from, key: 'wrong_digits', clock, logger: silentLogger });

function useUp(limiter: RateLimiter): void {
  for (let i = 0; i < limit.max; i++) expect(limiter.consume()).toBe(true);
  expect(limiter.isAllowed()).toBe(false);
}

test('without a restart an hour is an hour, whatever the wall clock does', async () => {
  const limiter = start();
  useUp(limiter);
  clock.jumpWall(10 * limit.perMs);
  await clock.advance(limit.perMs - 1);
  expect(limiter.isAllowed()).toBe(false);
  clock.jumpWall(-100 * limit.perMs);
  await clock.advance(1);
  expect(limiter.isAllowed()).toBe(true);
});

test.each([1_000, 1_900, 15_000, 63_000, 119_000, 600_000, 3_500_000])(
  'a plug that is pulled after each run of %i ms ends no hour early, and none lasts for ever',
  async (runMs) => {
    let limiter = start();
    useUp(limiter);
    let ranMs = 0;
    while (!limiter.isAllowed() && ranMs < 10 * limit.perMs) {
      await clock.advance(runMs);
      ranMs += runMs;
      if (limiter.isAllowed()) break;
      limiter.stop();
      clock.jumpWall(ranMs % 2 === 0 ? 86_400_000 : -86_400_000);
      limiter = start();
    }
    expect(ranMs).toBeGreaterThanOrEqual(limit.perMs);
    expect(ranMs).toBeLessThanOrEqual(2 * limit.perMs + runMs);
  },
);

test('what was taken back does not count after a restart', () => {
  const limiter = start();
  useUp(limiter);
  limiter.refund();
  limiter.stop();
  expect(start().isAllowed()).toBe(true);
});

test('nothing is written down any more once nothing counts', async () => {
  let writes = 0;
  const counted = { ...meta, set: (...args: Parameters<typeof meta.set>) => (writes++, meta.set(...args)) };
  const limiter = start(counted);
  await clock.advance(limit.perMs);
  expect(writes).toBe(0);
  limiter.consume();
  await clock.advance(2 * limit.perMs);
  expect(writes).toBeLessThan(70);
  expect(meta.get('wrong_digits')).toMatchObject({ value: '[]' });
});

test.each([
  ['no JSON', '{'],
  ['no list', '7'],
  ['too many', '[1,1,1,1]'],
  ['from the future', '[-5]'],
])('what cannot be read (%s) counts as used up for an hour, and not for longer', async (_, value) => {
  meta.set('wrong_digits', value);
  const limiter = start();
  expect(limiter.isAllowed()).toBe(false);
  await clock.advance(limit.perMs);
  expect(limiter.isAllowed()).toBe(true);
});

test('a disk that takes nothing: said, and it counts all the same in this run', () => {
  const limiter = start({ ...meta, set: () => fail('storage.io', 'full') });
  for (let i = 0; i < limit.max; i++) expect(limiter.consume()).toBe(false);
  expect(limiter.isAllowed()).toBe(false);
});
