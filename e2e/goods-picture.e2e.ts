import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Browser } from 'playwright-core';
import { AppHarness } from '../src/testkit/app/app-harness.ts';
import { keptPicturePath } from '../src/shared/model/goods-picture.ts';
import { chromiumFile, chromiumMissing, openChromium } from './web/chromium.ts';
import { ConsoleVisitor } from './web/console-visitor.ts';

/** An operator's own goods: from a spreadsheet and a picture in the console to the cabinet's screen. */
test.skip(chromiumFile() === undefined, chromiumMissing);

const sample = JSON.parse(
  readFileSync(new URL('../resources/catalog/sample-catalog.json', import.meta.url), 'utf8'),
) as { tags: { epc: string; sku: string }[] };

let harness: AppHarness;
let browser: Browser;
test.beforeAll(async () => {
  harness = await AppHarness.open();
  browser = await openChromium();
});
test.afterAll(async () => {
  await browser.close();
  await harness.close();
});

test('a picture that was sent with the spreadsheet stands on the cabinet’s screen', async () => {
  const anna = await ConsoleVisitor.open(browser, 'anna');
  await anna.accept(harness.pages.consoleSetUp ?? '');
  const { page } = anna;
  const drawn = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 1200, height: 900 });
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    context.fillStyle = '#0b7f5e';
    context.fillRect(0, 0, 1200, 900);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  const epcs = sample.tags.filter(({ sku }) => sku === 'cola-can').map(({ epc }) => epc);
  const sheet = `sku,name_zh,name_en,price,weight_g,epc\ncola-can,自家可乐,House cola,3.80,352,${epcs.join(' ')}\n`;
  const [spreadsheet, pictures] = [
    page.locator('input[type=file]').first(),
    page.locator('input[type=file]').last(),
  ];
  await spreadsheet.setInputFiles({ name: 'goods.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet) });
  await pictures.setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('none') });
  await anna.button('Try it').click();
  await expect(page.getByText('“broken.png” cannot be read as a picture')).toBeVisible();
  const buffer = Buffer.from(drawn, 'base64');
  await pictures.setInputFiles({ name: 'Cola-Can.png', mimeType: 'image/png', buffer });
  await anna.button('Try it').click();
  await anna.button('Put it in force').click();
  const dialog = anna.dialog();
  await dialog.getByLabel('Reason').fill('our own goods');
  await dialog.getByRole('button', { name: 'See what happens' }).click();
  // No cabinet is there yet: nobody pays by it, and one person decides.
  await dialog.getByRole('button', { name: 'Do it' }).click();
  await expect(dialog.getByText('Done.')).toBeVisible();

  await harness.launch();
  const { window } = harness.screen;
  await expect(window.getByText('自家可乐').first()).toBeVisible();
  const picture = window.locator(`img[src^="${keptPicturePath}sha-"]`).first();
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 120_000 })
    .toBe(640);
});
