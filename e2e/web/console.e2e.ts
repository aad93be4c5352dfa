import { expect, test } from '@playwright/test';
import type { Browser } from 'playwright-core';
import type { OperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { startOperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { ConsoleCases } from '../../src/testkit/operator/console-cases.ts';
import { chromiumFile, chromiumMissing, openChromium } from './chromium.ts';
import { confirmOnServer, newDataDir } from './confirm-on-server.ts';
import { ConsoleVisitor } from './console-visitor.ts';

/** The support console in Debian's Chromium, as people use it, on one operator with real charges. */
test.describe.configure({ mode: 'serial' });
test.skip(chromiumFile() === undefined, chromiumMissing);

let operator: OperatorProcess;
let cases: ConsoleCases;
let browser: Browser;
let anna: ConsoleVisitor;
let ben: ConsoleVisitor;
const charge = { held: '', large: '', disputed: '' };

const dataDir = newDataDir();

test.beforeAll(async () => {
  operator = await startOperatorProcess(dataDir);
  cases = await ConsoleCases.enrol(operator);
  charge.disputed = await cases.disputed();
  await cases.stock('VISIT-1');
  await cases.settings();
  await cases.declined();
  charge.held = await cases.held(990, true);
  // The last: nobody is let in who owes so much.
  charge.large = await cases.held(26_000, true);
  browser = await openChromium();
});
test.afterAll(async () => {
  await browser.close();
  await operator.stop();
});

/** Opens an act of the charge that is shown, fills in why, and looks at what would come of it. */
async function preview(visitor: ConsoleVisitor, act: string, reason: string): Promise<void> {
  await visitor.button(act).click();
  const dialog = visitor.page.getByRole('dialog');
  const held = dialog.getByRole('checkbox');
  if ((await held.count()) > 0) await dialog.getByText('Iced coffee').click();
  await dialog.getByLabel('Reason').fill(reason);
  await visitor.button('See what happens').click();
  await expect(dialog.getByText('Look before you confirm')).toBeVisible();
}

test('the first administrator sets up an account with an authenticator, and invites others', async () => {
  anna = await ConsoleVisitor.open(browser, 'anna');
  await anna.accept(operator.consoleSetUp ?? '');
  // Nothing of the page was refused by its own policy.
  expect(anna.refused).toEqual([]);

  await anna.page.goto(`${operator.console}/staff`);
  ben = await anna.invite(browser, 'ben');
  // Whom the only administrator has invited is a second person once the server says so.
  operator = await confirmOnServer(operator, dataDir, 'ben');
  cases = await ConsoleCases.enrol(operator);
});

test('held goods are dropped from the queue, after a look at what happens', async () => {
  const { page } = anna;
  await page.goto(operator.console);
  await page.getByRole('link', { name: /^Held goods/ }).click();
  await expect(page).toHaveURL(/kinds=held_lines/);
  // The keys lead into the list and open what is there.
  await page.locator('body').click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page.getByRole('heading', { name: 'Search charges' })).toBeVisible();
  await page.goto(`${operator.console}/charges/${charge.held}`);
  await preview(anna, 'Do not charge held goods', 'seen in the pictures: put back');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Nothing else follows.')).toBeVisible();
  await anna.button('Do it').click();
  await expect(dialog.getByText('Done.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText('seen in the pictures: put back').first()).toBeVisible();
  await page.goto(`${operator.console}/queue?kinds=held_lines`);
  await expect(page.getByRole('row').filter({ hasText: '260.00' })).toHaveCount(1);
  await expect(page.getByRole('row').filter({ hasText: '9.90' })).toHaveCount(0);
});

test('above the limit a second person agrees', async () => {
  await anna.page.goto(`${operator.console}/charges/${charge.large}`);
  await preview(anna, 'Charge held goods too', 'the shopper says so on the phone');
  await expect(anna.page.getByText('somebody else has to agree')).toBeVisible();
  await anna.button('Hand it in for a second person').click();
  await expect(anna.page.getByText('Handed in.')).toBeVisible();
  await anna.page.goto(`${operator.console}/proposals`);
  await expect(anna.page.getByText('You proposed this')).toBeVisible();
  await expect(anna.button('Agree and do it')).toHaveCount(0);

  await ben.page.goto(`${operator.console}/proposals`);
  await ben.button('Agree and do it').click();
  await expect(ben.page.getByText('Done.')).toBeVisible();
  await ben.page.goto(`${operator.console}/charges/${charge.large}`);
  await expect(ben.page.getByText('the shopper says so on the phone').first()).toBeVisible();
});

test('of two who decide about one report the second is told, and nothing is done twice', async () => {
  for (const one of [anna, ben]) await one.page.goto(`${operator.console}/charges/${charge.disputed}`);
  await preview(anna, 'The report is not right', 'the pictures show that it was taken');
  await preview(ben, 'The report is right', 'the pictures show that it was put back');
  await ben.button('Do it').click();
  await expect(ben.page.getByText('Done.')).toBeVisible();
  await anna.button('Do it').click();
  await expect(anna.page.getByText('Nothing was done: it has changed', { exact: false })).toBeVisible();
  await anna.button('Cancel').click();
  // Behind it stands how it is now.
  await expect(anna.button('The report is not right')).toHaveCount(0);
});

test('support moves no money and takes no lists away', async () => {
  await ben.page.goto(`${operator.console}/charges/${charge.held}`);
  await expect(ben.page.getByRole('heading', { name: 'What you can do' })).toBeVisible();
  for (const act of ['Paid in another way', 'Debited at the provider'])
    await expect(ben.button(act)).toHaveCount(0);
  await ben.page.goto(`${operator.console}/search`);
  await expect(ben.page.getByRole('heading', { name: 'Search charges' })).toBeVisible();
  await expect(ben.page.getByRole('link', { name: /CSV/ })).toHaveCount(0);
  await expect(ben.page.getByRole('link', { name: 'Staff' })).toHaveCount(0);
});

test('a search is an address, and a file', async () => {
  const { page } = anna;
  await page.goto(`${operator.console}/search`);
  await page.getByLabel('Phone’s last digits').fill('0217');
  await anna.button('Search').click();
  await expect(page).toHaveURL(/phone=0217/);
  await expect(page.getByRole('row').filter({ hasText: '138****0217' })).toHaveCount(1);
  const href = (await page.getByRole('link', { name: /CSV/ }).getAttribute('href')) ?? '';
  expect(href).toBe('/api/charges.csv?phone=0217');
  const csv = await page.request.get(operator.console + href, {
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  // The head, what is found, and what it comes to.
  const [, row, all, ...others] = (await csv.text()).trim().split('\r\n');
  expect(row).toContain('138****0217');
  expect(all).toMatch(/^in all: 1,/);
  expect(others).toEqual([]);
});

test('a session that ends keeps what was typed', async () => {
  const { page } = anna;
  const paid = await cases.paid();
  await page.goto(`${operator.console}/charges/${paid}`);
  await anna.button('Refund').click();
  await page.getByLabel('Amount to pay back').fill('2.00');
  await page.getByLabel('Reason').fill('the can was warm, says the shopper');
  await page.context().clearCookies();
  await anna.button('See what happens').click();
  await expect(page.getByRole('heading', { name: 'Your session has ended' })).toBeVisible();
  await anna.signIn(1);
  await expect(page.getByText('the can was warm, says the shopper')).toBeVisible();
  await expect(page.getByText('Look before you confirm')).toBeVisible();
});

test('every place is whole for everybody: both languages, light and dark, wide and narrow', async () => {
  const places = [
    '/queue',
    '/search',
    '/visits',
    '/cabinets',
    '/cabinet?cabinetId=CAB-SH-0217',
    '/stock?cabinetId=CAB-SH-0217',
    '/settings?cabinetId=CAB-SH-0217',
    '/set-up',
    `/charges/${charge.disputed}`,
    '/proposals',
    '/staff',
    '/log',
    '/account',
  ];
  const found: string[] = [];
  for (const [width, language, theme] of [
    [1280, 'zh', 'day'],
    [390, 'en', 'day'],
    [390, 'zh', 'night'],
    [1280, 'en', 'night'],
  ] as const) {
    await anna.page.setViewportSize({ width, height: 844 });
    await anna.wear(language, theme);
    for (const place of places) {
      await anna.go(operator.console + place);
      for (const fault of await anna.findings())
        found.push(`${place} ${width} ${language} ${theme}: ${fault}`);
    }
  }
  expect(found).toEqual([]);
});
