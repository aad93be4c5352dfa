import { expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { StartUp, startAgain } from './start-up.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
class App {
  startCount = 0;
  stopCount = 0;
  start(): void {
    this.startCount++;
  }
  stop(): Promise<void> {
    this.stopCount++;
    return Promise.resolve();
  }
}

function world(): {
  clock: FakeClock;
  state: { inService: boolean };
  opened: App[];
  shown: App[];
  sign: App;
  up: StartUp<App>;
} {
  const clock = new FakeClock();
  const state = { inService: false };
  const opened: App[] = [];
  const shown: App[] = [];
  const sign = new App();
  const up = new StartUp({
    open: () => {
      opened.push(new App());
      return { app: opened.at(-1)!, isInService: state.inService };
    },
    standIn: () => sign,
    onChange: (app) => shown.push(app),
    clock,
    logger: silent,
  });
  up.start();
  return { clock, state, opened, shown, sign, up };
}

test('trouble that passes after 6 s: in service by itself', async () => {
  const { clock, state, opened, shown, up } = world();
  await clock.advance(6_000);
  state.inService = true;
  await clock.advance(6_000);
  expect(up.app).toBe(opened.at(-1));
  expect(up.app.startCount).toBe(1);
  expect(shown.at(-1)).toBe(up.app);
  // And it stays so.
  const count = opened.length;
  await clock.advance(3_600_000);
  expect(opened.length).toBe(count);
});

test('trouble that stays for a day is not pressed, and passes within the longest wait', async () => {
  const { clock, state, opened, up } = world();
  await clock.advance(86_400_000);
  expect(opened.length).toBeLessThan(86_400_000 / startAgain.capMs + 10);
  state.inService = true;
  await clock.advance(startAgain.capMs);
  expect(up.app.startCount).toBe(1);
});

test('at once in service: nothing is tried again; the end ends the tries', async () => {
  const { clock, opened, up } = world();
  await up.stop();
  const count = opened.length;
  await clock.advance(86_400_000);
  expect(opened.length).toBe(count);
  expect(opened.at(-1)!.stopCount).toBe(1);
});

test('what it stands on fails: stopped, opened anew, in service again', async () => {
  const { clock, state, opened, up } = world();
  state.inService = true;
  await clock.advance(startAgain.capMs);
  const before = up.app;
  up.restart();
  up.restart();
  await clock.advance(startAgain.capMs);
  expect(before.stopCount).toBe(1);
  expect(up.app).not.toBe(before);
  expect([up.app, opened.at(-1)?.startCount, up.app.stopCount]).toEqual([opened.at(-1), 1, 0]);
});

test('nobody is invited by the last picture of what is closed, however long it takes to open again', async () => {
  const { clock, state, shown, sign, up } = world();
  state.inService = true;
  await clock.advance(startAgain.capMs);
  const before = up.app;
  up.restart();
  expect([up.app, shown.at(-1)]).toEqual([sign, sign]);
  await clock.advance(startAgain.capMs);
  expect(up.app).not.toBe(sign);
  expect(shown.at(-1)).toBe(up.app);
  up.restart();
  await up.stop();
  expect([before.stopCount, shown.at(-1)]).toEqual([1, sign]);
});

test('one that fails again and again is opened ever more slowly; not any more once the app has ended', async () => {
  const { clock, state, opened, up } = world();
  state.inService = true;
  await clock.advance(startAgain.capMs);
  for (let i = 0; i < 86_400; i++) {
    up.restart();
    await clock.advance(1_000);
  }
  expect(opened.length).toBeLessThan(86_400_000 / startAgain.capMs + 20);
  await up.stop();
  const count = opened.length;
  up.restart();
  await clock.advance(startAgain.capMs * 2);
  expect(opened.length).toBe(count);
});

test('after a while in service the next trouble is a new one', async () => {
  const { clock, state, opened, up } = world();
  await clock.advance(86_400_000);
  state.inService = true;
  await clock.advance(startAgain.capMs * 2);
  const count = opened.length;
  up.restart();
  await clock.advance(startAgain.firstMs);
  expect(opened.length).toBe(count + 1);
});

test('what fails while it is opened calls for opening it anew: one app is in service then, not two', async () => {
  const clock = new FakeClock();
  const inService: App[] = [];
  let isDiskWell = false;
  const up: StartUp<App> = new StartUp({
    open: () => {
      const app = new App();
      if (isDiskWell) inService.push(app);
      // As the database does: a moment later.
      else clock.after(0, () => up.restart());
      return { app, isInService: isDiskWell };
    },
    standIn: () => new App(),
    onChange: () => undefined,
    clock,
    logger: silent,
  });
  up.start();
  await clock.advance(500);
  isDiskWell = true;
  await clock.advance(startAgain.capMs * 2);
  expect(inService).toEqual([up.app]);
});
