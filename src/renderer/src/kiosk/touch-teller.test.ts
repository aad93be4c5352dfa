import { expect, test } from 'vitest';
import { FakeClock } from '../../../shared/clock.ts';
import { TouchTeller } from './touch-teller.ts';

const everyMs = 10_000;

/** What is told, and when (ms from the start); `isHeard`: somebody wants to know. */
function teller({
  isHeard = () => true,
  isLateTold = true,
}: { isHeard?: () => boolean; isLateTold?: boolean } = {}) {
  const clock = new FakeClock();
  const toldMs: number[] = [];
  const tell = (): boolean => {
    if (isHeard()) toldMs.push(clock.monotonicMs());
    return isHeard();
  };
  const touches = new TouchTeller({ clock, everyMs, isLateTold, tell });
  return { clock, touches, toldMs };
}

test('a touch soon after one that was told is told, too, at the end of the pause', async () => {
  const { clock, touches, toldMs } = teller();
  touches.touched();
  await clock.advance(4_000);
  touches.touched();
  await clock.advance(60_000);
  expect(toldMs).toEqual([0, 10_000]);
});

test('one after whom nobody touched is told once', async () => {
  const { clock, touches, toldMs } = teller();
  touches.touched();
  await clock.advance(60_000);
  expect(toldMs).toEqual([0]);
});

test('a finger that never rests is told once in each pause, and no more', async () => {
  const { clock, touches, toldMs } = teller();
  for (let i = 0; i < 600; i++) {
    touches.touched();
    await clock.advance(100);
  }
  await clock.advance(60_000);
  expect(toldMs).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
});

test('a touch that nobody wanted to know of (a form says by itself that it is touched) delays no other', async () => {
  let isFormOpen = true;
  const { clock, touches, toldMs } = teller({ isHeard: () => !isFormOpen });
  touches.touched();
  isFormOpen = false;
  await clock.advance(5_000);
  touches.touched();
  expect(toldMs).toEqual([5_000]);
});

test('nothing is told of a screen that has gone', async () => {
  const { clock, touches, toldMs } = teller();
  touches.touched();
  touches.touched();
  touches.end();
  await clock.advance(60_000);
  expect(toldMs).toEqual([0]);
});

test('where a late word would open what was closed, it goes unsaid', async () => {
  const { clock, touches, toldMs } = teller({ isLateTold: false });
  touches.touched();
  await clock.advance(4_000);
  touches.touched();
  await clock.advance(60_000);
  touches.touched();
  expect(toldMs).toEqual([0, 64_000]);
});
