import { expect, test } from 'vitest';
import { FakeClock, sleep } from '../clock.ts';
import { RetryLoop } from './retry-loop.ts';

function make(turn: (count: number) => number | null | Promise<number | null>, sleepMaxMs?: number) {
  const clock = new FakeClock();
  const bugs: unknown[] = [];
  const turns: number[] = [];
  const loop = new RetryLoop({
    clock,
    turn: () => {
      turns.push(clock.monotonicMs());
      return turn(turns.length);
    },
    onBug: (bug) => bugs.push(bug),
    ...(sleepMaxMs === undefined ? {} : { sleepMaxMs }),
  });
  return { clock, loop, turns, bugs };
}

test('turns come after as long as the one before has said, or when woken', async () => {
  const { clock, loop, turns } = make((count) => (count < 3 ? count * 100 : null));
  loop.start();
  await clock.advance(1000);
  expect(turns).toEqual([0, 100, 300]);
  loop.wake();
  await clock.advance(1000);
  expect(turns).toEqual([0, 100, 300, 1000]);
});

test('may begin later, and sleeps no longer than its bound', async () => {
  const { clock, loop, turns } = make(() => 100_000, 60_000);
  loop.start(50);
  await clock.advance(130_000);
  expect(turns).toEqual([50, 60_050, 120_050]);
});

test('never two turns at once; a wake during one makes one more follow, however often it comes', async () => {
  let running = 0;
  const { clock, loop, turns } = make(async () => {
    expect(++running).toBe(1);
    await sleep(clock, 100);
    running--;
    return null;
  });
  loop.start();
  await clock.advance(10);
  loop.wake();
  loop.wake();
  await clock.advance(1000);
  expect(turns).toEqual([0, 100]);
});

test('stops, when the turn that runs has ended, and may start again', async () => {
  const { clock, loop, turns } = make(async () => {
    await sleep(clock, 100);
    return 1;
  });
  loop.start();
  await clock.advance(10);
  let stopped = false;
  void loop.stop().then(() => (stopped = true));
  loop.wake();
  await clock.advance(10);
  expect(stopped).toBe(false);
  await clock.advance(1000);
  expect([stopped, turns.length, loop.running]).toEqual([true, 1, false]);
  loop.start();
  await clock.advance(1);
  expect(turns.length).toBe(2);
});

test('a turn that throws ends it, with a word', async () => {
  const { clock, loop, turns, bugs } = make((count) => {
    if (count === 2) throw new Error('bug');
    return 10;
  });
  loop.start();
  await clock.advance(1000);
  expect([turns.length, loop.running, bugs.map(String)]).toEqual([2, false, ['Error: bug']]);
});
