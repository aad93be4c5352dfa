import { beforeEach, expect, test } from 'vitest';
import type { GoodsOrder } from '../../shared/model/goods-view.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { FakeView } from '../../testkit/main/window/fake-view.ts';
import { shelfCamera } from '../../testkit/core/seen-shelf.ts';
import { GoodsViewKeeper, goodsViewOpenMax } from './goods-view-keeper.ts';

let views: FakeView[];
let order: GoodsOrder | null;
let goneCount: number;
let keeper: GoodsViewKeeper;

beforeEach(() => {
  [views, order, goneCount] = [[], null, 0];
  keeper = new GoodsViewKeeper({
    logger: silentLogger,
    order: () => order,
    gallery: () => ({ headVersion: 'x', articles: [], empty: [] }),
    onGone: () => void goneCount++,
    open: (gone) => {
      const view = new FakeView(gone);
      views.push(view);
      return view;
    },
  });
});

function become(nonce: string | null, phase: GoodsOrder['phase'] = 'before'): void {
  const cameras = [{ camera: shelfCamera, stood: null, teaches: [] }];
  order = nonce === null ? null : { nonce: nonce.repeat(22), phase, round: 0, cameras };
  keeper.orderChanged();
}
const open = (): FakeView[] => views.filter(({ isOpen }) => isOpen);

test('at rest there is none; one for each visit, which is a fresh one', () => {
  keeper.orderChanged();
  expect(views).toEqual([]);
  become('a');
  keeper.loaded();
  become('a', 'open');
  expect(open()).toHaveLength(1);
  expect(views[0]!.sent).toEqual(['gallery', 'order', 'order']);
  become('b');
  expect(views).toHaveLength(2);
  expect(open()).toEqual([views[1]]);
  become(null);
  expect(open()).toEqual([]);
});

test('one that dies is told of and opened again, but not for ever; what an old one says changes nothing', () => {
  become('a');
  for (let n = 0; n < 10; n++) open()[0]?.gone('crashed');
  expect(views).toHaveLength(goodsViewOpenMax);
  expect(goneCount).toBe(goodsViewOpenMax);
  expect(open()).toEqual([]);
  views[0]!.gone('late');
  expect(goneCount).toBe(goodsViewOpenMax);
  become('b');
  expect(open()).toHaveLength(1);
});
