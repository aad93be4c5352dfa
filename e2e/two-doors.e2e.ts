import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { until } from '../src/testkit/until.ts';

/** A purchase over both doors of a cabinet, on the real screen: one visit, one charge. */

let harness: AppHarness;
test.beforeAll(async () => {
  harness = await AppHarness.open({ simulator: { doorCount: 2 } });
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

const page = () => harness.screen.window;
const doorOnScreen = (door: number) => page().getByTestId(`door-${door}`);
/** An article that lies behind this door: the upper half of the shelves is behind the first. */
async function articleBehind(door: number): Promise<string> {
  const { goods, shelfCount } = await harness.cabinet.state();
  const isThere = (shelf: number | null): boolean =>
    shelf !== null && Math.ceil((shelf * 2) / shelfCount) === door;
  const found = goods.find(({ shelf, sku }) => sku !== null && isThere(shelf));
  if (found?.sku == null) throw new Error(`nothing behind door ${door}`);
  return found.sku;
}

test('left door, then the right one: both baskets on one bill, and the doors stand on the screen', async () => {
  await harness.screen.waitScreen('attract');
  await harness.cabinet.present();
  await harness.screen.waitScreen('choosing_door');
  expect((await harness.cabinet.state()).bolt).toBe('locked');
  await harness.screen.tap('action-open-door-1');
  await harness.cabinet.pull(1);
  await harness.screen.waitScreen('shopping');
  await harness.cabinet.take(await articleBehind(1));
  await expect(page().locator('[data-testid^="line-report-"]')).toHaveCount(1);
  await harness.screen.tap('action-open-door-2');
  await harness.cabinet.pull(2);
  await expect(doorOnScreen(2)).toHaveAttribute('data-state', 'open');
  await harness.cabinet.take(await articleBehind(2));
  await expect(page().locator('[data-testid^="line-report-"]')).toHaveCount(2);
  await harness.cabinet.shut(1);
  await expect(doorOnScreen(1)).toHaveAttribute('data-state', 'closed');
  await harness.screen.tap('action-confirm');
  await harness.cabinet.shut(2);
  await harness.screen.waitScreen('receipt');
  await until('one charge, debited once', async () => {
    const charges = await harness.operator.charges();
    return charges.length === 1 && charges[0]?.debitCount === 1;
  });
});
