import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { PinPad } from '../../shared/model/pin-pad.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { FakeView } from '../../testkit/main/window/fake-view.ts';
import { PinViewKeeper, pinViewLoadMaxMs } from './pin-view-keeper.ts';

let clock: FakeClock;
let views: FakeView[];
let lostCount: number;
let keeper: PinViewKeeper;

beforeEach(() => {
  clock = new FakeClock();
  [views, lostCount] = [[], 0];
  keeper = new PinViewKeeper({
    clock,
    logger: silentLogger,
    display: () => ({ language: 'zh', largeText: false }),
    onLost: () => void lostCount++,
    open: (gone) => {
      const view = new FakeView(gone);
      views.push(view);
      return view;
    },
  });
});

const pad = (padId: number, isChecking = false): PinPad => ({
  ...{ padId, isChecking, isUnbilled: false, screen: 'confirm', name: 'Li', act: 'readLog' },
});
const open = (): FakeView[] => views.filter(({ isOpen }) => isOpen);

test('there is none until something is asked for, one while it is, none afterwards', () => {
  keeper.update(null);
  expect(views).toEqual([]);
  keeper.update(pad(1));
  expect(open()).toHaveLength(1);
  keeper.loaded();
  keeper.update(pad(1, true));
  expect(views[0]!.sent).toEqual(['display', 'pad', 'pad']);
  keeper.update(null);
  expect(open()).toEqual([]);
  expect(views).toHaveLength(1);
});

test('what was typed at one pad is gone at the next: each has a view of its own', () => {
  keeper.update(pad(1));
  keeper.update(pad(2));
  expect(open()).toEqual([views[1]]);
});

test('one that dies, or whose page does, is closed and told of, and opened again for the next pad alone', () => {
  keeper.update(pad(1));
  views[0]!.gone('crashed');
  expect([open(), lostCount]).toEqual([[], 1]);
  keeper.update(null);
  keeper.update(pad(2));
  keeper.lost('page navigates');
  expect([open(), lostCount]).toEqual([[], 2]);
  views[0]!.gone('late');
  keeper.lost('nothing is there');
  expect(lostCount).toBe(2);
});

test('one that does not come up does not lie over the screen for ever', async () => {
  keeper.update(pad(1));
  await clock.advance(pinViewLoadMaxMs);
  expect([open(), lostCount]).toEqual([[], 1]);
  keeper.update(null);
  keeper.update(pad(2));
  keeper.loaded();
  await clock.advance(pinViewLoadMaxMs);
  expect([open().length, lostCount]).toEqual([1, 1]);
  keeper.stop();
  expect(open()).toEqual([]);
});
