import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { BackgroundJobs } from '../background-jobs.ts';
import { faceExpiry } from './face-expiry.ts';
import { type FaceVault, expireMax } from './face-vault.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** The vault answers so, one after the other; says how often it was asked by then, and what was logged as an error. */
async function afterAnswers(answers: readonly ReturnType<FaceVault['expire']>[], afterMs: number) {
  const clock = new FakeClock();
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (event: string) => errors.push(event) };
  let count = 0;
  const vault = { expire: () => answers[count++] ?? ok(0) };
  const job = faceExpiry(vault, () => clock.nowMs(), logger);
  const jobs = new BackgroundJobs({ jobs: [job], quiescence: { activity: () => null }, clock, logger });
  jobs.start();
  await clock.advance(afterMs);
  jobs.stop();
  return { count, errors };
}

test('once an hour while nothing is to be done', async () => {
  expect(await afterAnswers([], 3 * hourMs)).toEqual({ count: 3, errors: [] });
});

test('a look that fails is told, and made again in a minute', async () => {
  const failed = fail('vault.full', 'stands for any failure');
  expect(await afterAnswers([failed, failed], hourMs + 2 * minuteMs)).toEqual({
    count: 3,
    errors: ['vault.not_expired', 'vault.not_expired'],
  });
});

test('many are deleted one part after the other, without an hour in between', async () => {
  expect((await afterAnswers([ok(expireMax), ok(expireMax)], hourMs + 2 * minuteMs)).count).toBe(3);
});

test('clocks that do not agree are not asked again at once', async () => {
  expect((await afterAnswers([fail('vault.clock_doubtful', '')], hourMs + 30 * minuteMs)).count).toBe(1);
});
