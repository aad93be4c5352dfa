import { expect, test } from 'vitest';
import { FakeClock, sleep } from '../clock.ts';
import { withTimeout } from './with-timeout.ts';

test('an answer in time, and none', async () => {
  const clock = new FakeClock();
  const inTime = withTimeout(
    clock,
    100,
    sleep(clock, 99).then(() => 'answer'),
  );
  const late = withTimeout(clock, 100, sleep(clock, 101));
  await clock.advance(200);
  expect(await inTime).toEqual({ ok: true, value: 'answer' });
  expect(await late).toMatchObject({ ok: false, error: { code: 'timed_out' } });
});

test('a rejection passes through; one that comes too late is dropped', async () => {
  const clock = new FakeClock();
  await expect(withTimeout(clock, 100, Promise.reject(new Error('no')))).rejects.toThrow('no');
  const late = withTimeout(
    clock,
    100,
    sleep(clock, 200).then(() => Promise.reject(new Error('late'))),
  );
  await clock.advance(300);
  expect(await late).toMatchObject({ ok: false });
});
