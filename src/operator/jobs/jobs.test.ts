import { expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { Metrics } from '../operations/metrics.ts';
import { LoopJobs } from './jobs.ts';

const hourMs = 3_600_000;

function loopOf(run: (signal: AbortSignal) => Promise<void>) {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const jobs = new LoopJobs({
    jobs: [{ name: 'tidy', minute: 5, run }],
    clock,
    logger: silentLogger,
    metrics,
  });
  return { clock, metrics, jobs };
}

it('runs each job every hour, also after one that failed, and counts both', async () => {
  let count = 0;
  const { clock, jobs, metrics } = loopOf(() =>
    ++count === 1 ? Promise.reject(new Error('not now')) : Promise.resolve(),
  );
  jobs.start();
  await clock.advance(hourMs - 1);
  expect(count).toBe(0);
  await clock.advance(1);
  expect(count).toBe(1);
  await clock.advance(2 * hourMs);
  expect(count).toBe(3);
  await jobs.stop();
  await clock.advance(2 * hourMs);
  expect(count).toBe(3);
  const text = await metrics.text(null);
  expect(text).toContain('kaimen_job_seconds_count{job="tidy",outcome="failed"} 1');
  expect(text).toContain('kaimen_job_seconds_count{job="tidy",outcome="done"} 2');
});

it('tells a job that runs that the service ends, and waits for it', async () => {
  const { clock, jobs } = loopOf(
    (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  );
  jobs.start();
  await clock.advance(hourMs);
  await jobs.stop();
});
