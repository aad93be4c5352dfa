import { expect, test } from '@playwright/test';
import { AppHarness } from '../src/testkit/app/app-harness.ts';

/** Keys that nobody at the screen has typed: a scanner in keyboard mode that is read raw, a keyboard that was plugged in. */

let harness: AppHarness;
test.beforeAll(async () => {
  harness = await AppHarness.open();
  await harness.launch();
});
test.afterAll(async () => {
  await harness.close();
});

/** As the system's keyboard hands keys over to the window (Playwright's own go by main). */
async function typed(keys: readonly string[]): Promise<void> {
  await harness.app?.evaluate(({ BrowserWindow }, keyCodes) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    for (const keyCode of keyCodes)
      for (const type of ['keyDown', 'keyUp'] as const) contents?.sendInputEvent({ type, keyCode });
  }, keys);
}

test('a code before a scanner that types takes back nothing that a shopper has reported', async () => {
  await harness.screen.waitScreen('attract');
  await harness.cabinet.present();
  await harness.screen.waitScreen('unlocking');
  await harness.cabinet.pull();
  await harness.screen.waitScreen('shopping');
  await harness.cabinet.take('chocolate-bar');
  await harness.cabinet.take('orange-juice');
  const { window } = harness.screen;
  const total = window.getByTestId('basket-total');
  await expect(total).toContainText('16.30');
  await harness.screen.tap('line-report-chocolate-bar');
  await expect(total).toContainText('8.80');
  // The touch guard takes what is pressed again.
  await window.waitForTimeout(1_500);
  await window.evaluate(() => {
    addEventListener('keydown', (event) => {
      document.documentElement.dataset['keySeen'] = event.key;
    });
  });
  await typed(['K', 'M', '1', '.', 'Return', 'Tab', 'Space']);
  await window.waitForTimeout(1_000);
  await expect(total).toContainText('8.80');
  expect(await window.evaluate(() => document.documentElement.dataset['keySeen'] ?? null)).toBeNull();
});
