import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { until } from '../src/testkit/until.ts';
import { Finger } from './fixtures/finger.ts';

/** Fingers and codes at the wrong moment in the course of a visit. By position on the real screen, by real touches. */

let harness: AppHarness;
let finger: Finger;
test.beforeAll(async () => {
  harness = await AppHarness.open();
  finger = new Finger(harness.screen);
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

const page = () => harness.screen.window;
/** Longer than any answer to a touch takes: what did not happen by then does not happen. */
const afterwards = () => page().waitForTimeout(1_000);

async function toReceipt(sku = 'cola-can', price = '3.50'): Promise<void> {
  await harness.screen.waitScreen('attract');
  await harness.cabinet.present();
  await harness.screen.waitScreen('unlocking');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  await harness.cabinet.take(sku);
  await expect(page().getByTestId('basket-total')).toContainText(price);
  await harness.cabinet.shut();
  await finger.waitUntilTaken('receipt');
}
/** A code before the scanner is answered in words; the screen stays. */
async function scanIsAnswered(screen: string, words: string): Promise<void> {
  // The words of an earlier scan are gone first.
  await expect(page().getByTestId('toast-scan')).toHaveCount(0);
  await harness.cabinet.present('M1002');
  await expect(page().getByTestId('toast-scan')).toContainText(words);
  await expect(page().getByTestId(`screen-${screen}`)).toBeVisible();
}
const secondsLeft = async (): Promise<number> => {
  const label = await page().getByTestId('action-finish').getByRole('timer').getAttribute('aria-label');
  return Number(/\d+/.exec(label ?? '')?.[0]);
};

test('a code before the scanner while unlocking and shopping has a visible answer', async () => {
  await harness.screen.waitScreen('attract');
  await harness.cabinet.present();
  await harness.screen.waitScreen('unlocking');
  await scanIsAnswered('unlocking', '已经在开门');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  await scanIsAnswered('shopping', '门开着');
  await harness.cabinet.shut();
  await harness.screen.waitScreen('nothing_charged');
  await harness.screen.tap('action-finish');
});

test('a code before the scanner in "my account" and out of service has one, too', async () => {
  await finger.waitUntilTaken('attract');
  await harness.journeys.openAccount();
  await scanIsAnswered('account', '请先返回再扫');
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
  await harness.cabinet.post('door', { action: 'force' });
  await harness.screen.waitScreen('out_of_service');
  await scanIsAnswered('out_of_service', '现在不能开门');
  await harness.cabinet.shut();
  await harness.screen.waitScreen('attract');
});

for (const apartMs of [150, 300]) {
  test(`a double tap (${apartMs} ms) on "my purchases" stays on the list`, async () => {
    await finger.waitUntilTaken('attract');
    await harness.journeys.openAccount();
    await finger.waitUntilTaken('account');
    await finger.touchTwice(await finger.placeOf('action-purchases'), apartMs);
    await harness.screen.waitFacePhase('purchases');
    await afterwards();
    expect(await harness.screen.currentFacePhase()).toMatchObject({ phase: 'purchases' });
    await harness.screen.tap('action-menu');
    await harness.screen.waitFacePhase('menu');
    await harness.screen.tap('action-cancel');
    await harness.screen.waitScreen('attract');
  });
}

test('a touch of the receipt gives it more time', async () => {
  await toReceipt();
  expect(await secondsLeft()).toBeLessThanOrEqual(12);
  await finger.touch(await finger.placeOf('basket-total'));
  await until('more time', async () => ((await secondsLeft()) > 40 ? true : null));
  await harness.screen.tap('action-finish');
});

test('a double tap (450 ms) on the right part of "done" ends on the start screen', async () => {
  await toReceipt();
  await finger.touchTwice(await finger.placeOf('action-finish', 0.95), 450);
  await afterwards();
  await expect(page().getByTestId('screen-attract')).toBeVisible();
});

test('a code before the scanner takes no half-filled report away, and the next shopper inherits nothing', async () => {
  await toReceipt();
  await harness.screen.tap('action-language');
  await harness.screen.tap('action-dispute');
  await harness.screen.tap('dispute-line-cola-can');
  await scanIsAnswered('receipt', 'somebody is not finished');
  await expect(page().getByTestId('action-dispute-send')).toBeEnabled();
  await harness.screen.tap('action-dispute-back');
  await harness.screen.tap('action-finish');
  await harness.screen.waitScreen('attract');
  await expect(page().getByTestId('action-choose-code')).toContainText('扫码开门');
});

test('a receipt gives way to the next shopper’s code, in the language of the house', async () => {
  await toReceipt('milk-box', '4.50');
  await harness.screen.tap('action-language');
  await harness.cabinet.present('M1002');
  await harness.screen.waitScreen('unlocking');
  await expect(page().getByTestId('action-language')).toContainText('English');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  await harness.cabinet.shut();
  await harness.screen.waitScreen('nothing_charged');
  await harness.screen.tap('action-finish');
});

test('a long press is one press, and opens nothing', async () => {
  await finger.waitUntilTaken('attract');
  await finger.touch(await finger.placeOf('action-choose-code'), 1_500);
  await afterwards();
  await expect(page().getByTestId('screen-identifying')).toBeVisible();
  await harness.screen.tap('action-cancel');
});

test('without a camera a face is offered once: then the code is the primary, and no second try', async () => {
  await finger.waitUntilTaken('attract');
  await harness.journeys.chooseFace();
  await harness.screen.waitFacePhase('ended');
  await harness.screen.find('action-choose-code');
  await afterwards();
  for (const page of harness.app?.windows() ?? [])
    await expect(page.getByTestId('action-start-face')).toHaveCount(0);
  await harness.screen.tap('action-cancel');
});

test('without a network "open with code" leads on only within a policy; a refused scan has one way on', async () => {
  await harness.screen.waitScreen('attract');
  await harness.cabinet.network('cut');
  await until('offline', async () => ((await harness.screen.isOnline()) ? null : true));
  // The policy may have come before the network went, or not; it cannot come now.
  const opens = await harness.screen.opensOffline();
  // As somebody who has seen that: the screen takes no touch in the moment in which it changes.
  await afterwards();
  await finger.touch(await finger.placeOf('action-choose-code'));
  await afterwards();
  if (opens) await harness.screen.waitScreen('identifying');
  else await expect(page().getByTestId('screen-attract')).toContainText('网络不通');
  // Whom a policy, had it come, does not name: who was let in before may be named by it.
  await harness.cabinet.present('M1003');
  await harness.screen.waitScreen('refused');
  // The primary leads back, not to another scan that would end the same.
  await expect(page().getByTestId('action-cancel')).toHaveClass(/bg-jade/);
  await harness.screen.tap('action-cancel');
  await harness.screen.waitScreen('attract');
  await harness.cabinet.network('up');
  await until('online', async () => ((await harness.screen.isOnline()) ? true : null));
});
