import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { QueuePause } from './queue-pause.ts';

const setUp = () => {
  const clock = new FakeClock();
  return { clock, pause: new QueuePause(clock, () => 0.5) };
};

test('each request in a row that comes to nothing makes it longer; a useful answer begins anew', () => {
  const { pause } = setUp();
  expect(pause.waitMs).toBeLessThanOrEqual(0);
  const waits = [0, 1, 2].map(() => {
    pause.unanswered();
    return pause.waitMs;
  });
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(new Set(waits).size).toBe(3);
  // What was begun goes on to its end: an answer to one request is no word for all.
  pause.answered();
  expect(pause.waitMs).toBe(waits[2]);
  pause.unanswered();
  expect(pause.waitMs).toBe(waits[0]);
});

test('the operator may ask for more', () => {
  const { pause } = setUp();
  pause.unanswered(60_000);
  expect(pause.waitMs).toBeGreaterThanOrEqual(60_000);
});

test('the return of the network ends it, and what was tried before has not been tried', async () => {
  const { clock, pause } = setUp();
  pause.unanswered(60_000);
  await clock.advance(1_000);
  const triedMs = clock.nowMs();
  expect(pause.attemptsOf({ attempts: 7, triedMs })).toBe(7);
  await clock.advance(1_000);
  pause.linkIsBack();
  expect(pause.waitMs).toBeLessThanOrEqual(0);
  expect(pause.linkBackMs).toBe(clock.nowMs());
  expect(pause.attemptsOf({ attempts: 7, triedMs })).toBe(0);
  expect(pause.attemptsOf({ attempts: 0, triedMs: null })).toBe(0);
  await clock.advance(1);
  expect(pause.attemptsOf({ attempts: 1, triedMs: clock.nowMs() })).toBe(1);
});
