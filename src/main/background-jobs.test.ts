import { expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { BackgroundJobs } from './background-jobs.ts';
import type { Activity, QuietOptions } from './quiescence.ts';

function setUp(): { clock: FakeClock; runs: string[]; goingOn: Activity[]; jobs: BackgroundJobs } {
  const clock = new FakeClock();
  const runs: string[] = [];
  const goingOn: Activity[] = [];
  const quiescence = {
    activity: ({ ignore = [] }: QuietOptions = {}) => goingOn.find((one) => !ignore.includes(one)) ?? null,
  };
  const jobs = new BackgroundJobs({
    jobs: [
      { name: 'a', everyMs: 1_000, retryMs: 100, quiet: {}, run: () => void runs.push('a') },
      {
        name: 'b',
        everyMs: 3_000,
        retryMs: 100,
        quiet: { ignore: ['door'] },
        run: () => void runs.push('b'),
      },
    ],
    quiescence,
    clock,
    logger: silentLogger,
  });
  return { clock, runs, goingOn, jobs };
}

test('each at its own pace, until it is stopped', async () => {
  const { clock, runs, jobs } = setUp();
  jobs.start();
  await clock.advance(3_050);
  expect(runs.toSorted()).toEqual(['a', 'a', 'a', 'b']);
  jobs.stop();
  await clock.advance(60_000);
  expect(runs).toHaveLength(4);
});

test('not while something goes on that the job minds; soon after it', async () => {
  const { clock, runs, goingOn, jobs } = setUp();
  jobs.start();
  goingOn.push('door');
  await clock.advance(3_050);
  expect(runs).toEqual(['b']);
  goingOn.pop();
  await clock.advance(150);
  expect(runs).toEqual(['b', 'a']);
});
