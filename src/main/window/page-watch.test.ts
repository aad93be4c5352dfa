import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { PageWatch, pageWatchLimits } from './page-watch.ts';

let clock: FakeClock;
let hangs: number;
let answer: () => Promise<unknown>;
let watch: PageWatch;
const never = new Promise<never>(() => undefined);
beforeEach(() => {
  [clock, hangs] = [new FakeClock(), 0];
  answer = () => Promise.resolve(0);
  watch = new PageWatch({ clock, logger: silentLogger, ask: () => answer(), onHangs: () => hangs++ });
  watch.loaded();
});
const whole = pageWatchLimits.silentMaxMs + 2 * pageWatchLimits.everyMs;

test('a page that answers is left alone, also one that cannot be asked for a while', async () => {
  await clock.advance(10 * whole);
  answer = () => Promise.reject(new Error('loading'));
  await clock.advance(10 * whole);
  expect(hangs).toBe(0);
});

test('a page that answers nothing any more is said to hang, once, until it is there anew', async () => {
  await clock.advance(whole);
  answer = () => never;
  await clock.advance(10 * whole);
  expect(hangs).toBe(1);
  watch.loaded();
  answer = () => Promise.resolve(0);
  await clock.advance(whole);
  expect(hangs).toBe(1);
});

test('a page that was slow to answer is not', async () => {
  answer = () => new Promise((resolve) => clock.after(pageWatchLimits.silentMaxMs - 1, () => resolve(0)));
  await clock.advance(20 * whole);
  expect(hangs).toBe(0);
});

test('nothing is asked while there is no page', async () => {
  answer = () => never;
  await clock.advance(pageWatchLimits.everyMs);
  watch.stop();
  await clock.advance(10 * whole);
  expect(hangs).toBe(0);
});
