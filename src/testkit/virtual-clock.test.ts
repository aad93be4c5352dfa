import { afterEach, expect, it } from 'vitest';
import { sleep } from '../shared/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock = new VirtualClock();
afterEach(() => {
  clock.stop();
  clock = new VirtualClock();
});

it('goes from timer to timer, in the order in which they fall due, the older one first', async () => {
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name} ${clock.monotonicMs()}`);
  clock.after(3_600_000, note('hour'));
  clock.after(5, note('a'));
  clock.after(5, note('b'));
  clock.after(0.5, note('first'));
  await sleep(clock, 3_600_001);
  expect(fired).toEqual(['first 0.5', 'a 5', 'b 5', 'hour 3600000']);
});

it('lets what a timer has set off be done before the next one fires', async () => {
  const order: string[] = [];
  clock.after(1, () => {
    void Promise.resolve()
      .then(() => new Promise(setImmediate))
      .then(() => order.push('done'));
  });
  clock.after(1, () => order.push('next'));
  await sleep(clock, 2);
  expect(order).toEqual(['done', 'next']);
});

it('never fires what was cancelled, also by a timer of the same moment', async () => {
  const fired: string[] = [];
  clock.after(1, () => {
    cancel();
    fired.push('one');
  });
  const cancel = clock.after(1, () => fired.push('two'));
  await sleep(clock, 5);
  expect(fired).toEqual(['one']);
});

it('begins on the same day in every run', () => {
  expect(clock.nowMs()).toBe(Date.UTC(2026, 0, 1));
});
