import { expect, it } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { StretchedClock } from './stretched-clock.ts';

it('passes as much slower as it is told', async () => {
  const base = new FakeClock();
  const clock = new StretchedClock(2, base);
  const startMs = clock.nowMs();
  await base.advance(100);
  expect(clock.monotonicMs()).toBe(50);
  clock.stretch(10);
  await base.advance(100);
  expect(clock.monotonicMs()).toBe(60);
  expect(clock.nowMs() - startMs).toBe(60);
});

it('what waits already goes on at the new pace, slower or quicker, and fires once', async () => {
  const base = new FakeClock();
  const clock = new StretchedClock(1, base);
  const fired: string[] = [];
  clock.after(100, () => fired.push(`one at ${clock.monotonicMs()}`));
  clock.after(200, () => fired.push(`two at ${clock.monotonicMs()}`));
  const cancel = clock.after(150, () => fired.push('cancelled'));
  await base.advance(50);
  clock.stretch(4);
  await base.advance(199);
  expect(fired).toEqual([]);
  cancel();
  await base.advance(1);
  expect(fired).toEqual(['one at 100']);
  clock.stretch(1);
  await base.advance(1000);
  expect(fired).toEqual(['one at 100', 'two at 200']);
});
