import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Browser } from 'playwright-core';
import { OperatorClient } from '../../src/testkit/app/operator-client.ts';
import type { OperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { startOperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { pngOf, sheetWithPictures } from '../../src/testkit/operator/sheet-pictures.ts';
import { fillQueue } from '../../src/testkit/operator/fill-queue.ts';
import { ConsoleCases } from '../../src/testkit/operator/console-cases.ts';
import { chromiumFile, chromiumMissing, openChromium } from './chromium.ts';
import { confirmOnServer, newDataDir } from './confirm-on-server.ts';
import { enrolFleet, inTurnCount, orderedPercent, orderedRelease } from './fleet-of-updates.ts';
import { ConsoleVisitor } from './console-visitor.ts';

/** Cases as support has them, each to its end, in Debian's Chromium: on the phone, in the console, and at the provider. */
test.describe.configure({ mode: 'serial' });
test.skip(chromiumFile() === undefined, chromiumMissing);

let operator: OperatorProcess;
let cases: ConsoleCases;
let browser: Browser;
let anna: ConsoleVisitor;
let ben: ConsoleVisitor;

// Two people from 20.00 on: one visit of theirs may come to 60.00.
const settings = { SECOND_PERSON_ABOVE_MINOR: '2000' };
const dataDir = newDataDir();

test.beforeAll(async () => {
  operator = await startOperatorProcess(dataDir, false, settings);
  cases = await ConsoleCases.enrol(operator);
  browser = await openChromium();
  anna = await ConsoleVisitor.open(browser, 'anna');
  await anna.accept(operator.consoleSetUp ?? '');
});
test.afterAll(async () => {
  await browser.close();
  await operator.stop();
});

/** As whoever has to touch it sees it: by day and by night, wide and narrow. In Chinese: `npm run screens console`. */
async function findingsOf(visitor: ConsoleVisitor): Promise<string[]> {
  const found: string[] = [];
  for (const width of [1280, 390]) {
    await visitor.page.setViewportSize({ width, height: 844 });
    for (const theme of ['day', 'night'] as const) {
      await visitor.page.evaluate((to) => {
        document.documentElement.dataset['theme'] = to;
      }, theme);
      for (const fault of await visitor.findings()) found.push(`${width} ${theme}: ${fault}`);
    }
  }
  await visitor.page.setViewportSize({ width: 1280, height: 844 });
  return found;
}

test('first contact: the first administrator is led through what is missing, to a cabinet’s token', async () => {
  const { page } = anna;
  await expect(page.getByRole('heading', { name: 'Set-up', level: 1 })).toBeVisible();
  await expect(
    page.getByText('There is no default password').or(page.getByText('second administrator')),
  ).toBeVisible();

  const file = page.locator('input[type=file]').first();
  const tryIt = async (name: string, content: string | Buffer): Promise<void> => {
    await file.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
    await anna.button('Try it').click();
  };
  const head = 'sku,name_zh,price,weight_g\n';
  // A picture with another name.
  await tryIt('goods.csv', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  await expect(page.getByText('This file cannot be read. Nothing was changed.')).toBeVisible();
  await tryIt('goods.csv', `${head}tea,茶,4.50,500\ntea,茶,4.50,500\nmilk,奶,4元5,1.5kg\negg,=1+1,1,60\n`);
  for (const text of [
    'row 3, number: stands in row 2 already',
    'row 4, price: “4元5” is no price',
    'row 4, weight: “1.5kg” is no weight',
    'row 5, name: “=1+1” begins as a formula does',
  ])
    await expect(page.getByText(text)).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  const many = Array.from({ length: 49_999 }, (_none, at) => `s${at},商品,1.00,10`).join('\n');
  await tryIt('goods.csv', head + many);
  await expect(page.getByText('too many articles: a cabinet knows 500 at most')).toBeVisible();
  // Photos in their rows are taken, made small here; each that is not, and why.
  const rows = [head.trim().split(','), ['tea', '茶', '4.50', '500'], ['milk', '奶', '3.00', '250']];
  const photo = pngOf(1_600, 1_200, 1);
  const over = (row: number, picture: Buffer) => ({
    from: { row: row - 1, offset: 0 },
    to: { row: row - 1, offset: 150_000 },
    file: picture,
  });
  const broken = Buffer.concat([photo.subarray(0, 40), Buffer.alloc(2_000)]);
  await tryIt('goods.xlsx', sheetWithPictures(rows, [over(2, photo), over(3, broken), over(9, photo)]));
  await expect(page.getByText('Pictures in the spreadsheet: 1 taken, 2 not:')).toBeVisible();
  await expect(page.getByText('row 3: your browser cannot draw it')).toBeVisible();
  await expect(page.getByText('row 9: it lies over no row of goods')).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  const [made] = await Promise.all([
    page.waitForEvent('download'),
    anna.button('Download catalog.json').click(),
  ]);
  const { products } = JSON.parse(readFileSync(await made.path(), 'utf8')) as {
    products: { sku: string; picture: string }[];
  };
  expect(products.map(({ sku, picture }) => `${sku} ${picture.slice(0, 4)}`)).toEqual([
    'tea sha-',
    'milk good',
  ]);
  await tryIt('goods.csv', `${head}cola-can,可乐,3.80,352\n`);
  await expect(page.getByText('Nothing is wrong: catalogue')).toBeVisible();
  await expect(page.getByText('cola-can 3.50 → 3.80')).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    anna.button('Download catalog.json').click(),
  ]);
  expect(download.suggestedFilename()).toBe('catalog.json');
});

test('a catalogue is handed in for a second person, who sees what it changes; it may be taken back', async () => {
  const { page } = anna;
  await anna.button('Put it in force').click();
  const dialog = anna.dialog();
  await dialog.getByLabel('Reason').fill('prices of December');
  await dialog.getByRole('button', { name: 'See what happens' }).click();
  await expect(dialog.getByText('cola-can 3.50 → 3.80')).toBeVisible();
  await expect(dialog.getByText('Everybody pays by this catalogue')).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  await dialog.getByRole('button', { name: 'Hand it in for a second person' }).click();
  await expect(dialog.getByText('Handed in.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(page.getByText('never in force')).toBeVisible();
  await page
    .getByRole('navigation', { name: 'Menu' })
    .getByRole('link', { name: /^To agree/ })
    .click();
  await expect(page.getByRole('heading', { name: /^Put catalogue no\. \d+ in force$/ })).toBeVisible();
  await expect(page.getByText('cola-can 3.50 → 3.80')).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  await anna.button('Refuse').click();
  await anna.dialog().locator('textarea, input').first().fill('the sheet was not whole');
  await anna.dialog().locator('button[type=submit]').click();
  await expect(page.getByText(/^Put catalogue no\./)).toHaveCount(0);
});

test('a cabinet is given a token that is shown once, and a place', async () => {
  const { page } = anna;
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Cabinets' }).click();
  await anna.button('Token for a new cabinet').click();
  await page.getByLabel('Cabinet number').fill('CAB-BJ-0001');
  await page.getByLabel('Reason').fill('the first one in the lobby');
  await anna.button('Make a token').click();
  const text = (await page.getByTestId('for-cabinet').textContent()) ?? '';
  expect(JSON.parse(text)).toMatchObject({ cabinetId: 'CAB-BJ-0001' });
  await expect(page.getByRole('img', { name: 'QR code of the token' })).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  await page.getByLabel('Number or place').fill('bj-0001');
  await page.getByRole('row', { name: /CAB-BJ-0001/ }).click();
  await expect(page.getByRole('heading', { name: 'CAB-BJ-0001' })).toBeVisible();
  await anna.button('Where it stands').click();
  await page.getByLabel('Place (Chinese)').fill('一号楼大堂');
  await page.getByLabel('Place (English)').fill('Lobby, building 1');
  await page.getByLabel('Latitude').fill('somewhere');
  await page.getByLabel('Reason').fill('it was put there today');
  await anna.button('Save').click();
  await expect(page.getByText('a position is written as')).toBeVisible();
  await page.getByLabel('Latitude').fill('31.2304, 121.4737');
  await anna.button('Save').click();
  await expect(page.getByText('Lobby, building 1')).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  await page.reload();
  await expect(page.getByTestId('for-cabinet')).toHaveCount(0);
});

test('a release is ordered for a few, looked at, paused and withdrawn by one person', async () => {
  await enrolFleet(operator);
  const { page } = anna;
  await anna.go(`${operator.console}/updates`);
  await expect(page.getByRole('heading', { name: 'No release is wanted' })).toBeVisible();
  await page.getByRole('button', { name: 'Order a release' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Release').fill(orderedRelease);
  await dialog.getByLabel('For how many cabinets').fill(String(orderedPercent));
  await dialog.getByLabel('When it is switched to').fill('02:00-05:00');
  await dialog.getByLabel('Reason').fill('the release of December');
  await dialog.getByRole('button', { name: 'See what happens' }).click();
  const turn = new RegExp(`It is the turn of ${inTurnCount} of \\d+ cabinets.*02:00–05:00`);
  await expect(dialog.getByText(turn)).toBeVisible();
  await dialog.getByRole('button', { name: 'Do it' }).click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('heading', { name: `${orderedRelease} is wanted` })).toBeVisible();
  await expect(page.getByText('the disk did not take it: No space left on device')).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  for (const [act, then] of [
    ['Pause', 'Paused'],
    ['Withdraw', 'Withdrawn releases: 1.2.0'],
  ] as const) {
    await page.getByRole('button', { name: act, exact: true }).click();
    await dialog.getByLabel('Reason').fill('it is no good');
    await dialog.getByRole('button', { name: 'See what happens' }).click();
    await dialog.getByRole('button', { name: 'Do it' }).click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByText(then)).toBeVisible();
  }
});

test('a missing charge is found and explained, and the member is written to', async () => {
  await cases.silent('M1002');
  const { page } = anna;
  await page.goto(`${operator.console}/search?phone=0217`);
  await page.getByRole('link', { name: 'Look among visits without a bill' }).click();
  await expect(page).toHaveURL(/\/visits\?phone=0217/);
  const rows = page.getByRole('row').filter({ hasText: '138****0217' });
  await expect(rows).toHaveCount(1);
  expect(await findingsOf(anna)).toEqual([]);
  // By the keys alone.
  await page.locator('h1').click();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Its own bill may still come by itself until')).toBeVisible();
  await expect(anna.button('Charge by hand')).toHaveCount(0);
  await anna.button('Write to the member').click();
  const dialog = anna.dialog();
  await dialog.getByLabel('Your words').fill('The cabinet is offline; the bill of your visit follows.');
  await dialog.getByLabel('Reason').fill('they called and asked for the bill');
  await anna.button('See what happens').click();
  await expect(dialog.getByText('The member reads it with their next look')).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  await anna.button('Do it').click();
  await expect(dialog.getByText('Done.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  // Whoever looks at the visit next reads what the member was told.
  await expect(anna.dialog().getByText('the bill of your visit follows.')).toBeVisible();
});

test('above the limit two people charge a visit by hand, once', async () => {
  const { page } = anna;
  await page.goto(`${operator.console}/staff`);
  ben = await anna.invite(browser, 'ben');
  operator = await confirmOnServer(operator, dataDir, 'ben', settings);
  cases = await ConsoleCases.enrol(operator);
  await cases.uncharged('M1001');

  await page.goto(`${operator.console}/visits?memberId=M1001`);
  await page.getByRole('row').filter({ hasText: 'Nothing was taken' }).click();
  await anna.button('Charge by hand').click();
  const dialog = anna.dialog();
  await dialog.getByRole('button', { name: 'One more: Cola 330 ml' }).click();
  await dialog.getByLabel('How many: Iced coffee 250 ml').fill('4');
  await expect(dialog.getByText('In all CN¥43.10').or(dialog.getByText('In all ¥43.10'))).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  await dialog.getByLabel('Reason').fill('the pictures show five pieces');
  await anna.button('See what happens').click();
  await expect(dialog.getByText('is debited from the shopper’s account by itself')).toBeVisible();
  await expect(dialog.getByText('somebody else has to agree')).toBeVisible();
  expect(await findingsOf(anna)).toEqual([]);
  await anna.button('Hand it in for a second person').click();
  await expect(dialog.getByText('Handed in.')).toBeVisible();

  await ben.page.goto(`${operator.console}/proposals`);
  await ben.page.getByRole('link', { name: 'Open the visit' }).click();
  await expect(ben.page.getByText('The cabinet says that nothing was sold')).toBeVisible();
  await ben.page.goto(`${operator.console}/proposals`);
  await ben.button('Agree and do it').click();
  await expect(ben.page.getByText('Done.')).toBeVisible();
  await ben.page.getByRole('link', { name: 'Open the charge' }).click();
  await expect(ben.page.getByText('Told the member: charged by hand')).toBeVisible();
  await page.goto(`${operator.console}/visits?memberId=M1001`);
  await expect(page.getByText('No such visit')).toBeVisible();
  await page.goto(`${operator.console}/search?memberId=M1001`);
  await page.getByRole('row').filter({ hasText: '43.10' }).click();
  await expect(page.getByText('the pictures show five pieces')).toHaveCount(1);
  await expect(page.getByText('Told the member: charged by hand')).toBeVisible();
});

test('a wrong line is reported on the phone before its debit, and is never debited', async () => {
  // The account has too little: it is to be tried again.
  const chargeId = await cases.declined();
  const { url } = await new OperatorClient(operator.dev).call('memberLink', undefined, { memberId: 'M1002' });
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' });
  const phone = await context.newPage();
  phone.setDefaultTimeout(60_000);
  await phone.goto(url);
  await phone.getByTestId('link-use').click();
  await phone.getByTestId('screen-home').waitFor();
  await phone.goto(new URL(`report#${chargeId}`, operator.phone).href);
  await phone.getByTestId('report-line-spring-water').check();
  await phone.getByTestId('report-kind-not_taken').check();
  await phone.getByTestId('report-words').fill('货还在柜里');
  await phone.getByTestId('action-send').click();
  await phone.getByTestId('purchase-report').waitFor();
  await context.close();

  const { page } = anna;
  await page.goto(`${operator.console}/charges/${chargeId}`);
  await expect(page.getByText('货还在柜里')).toBeVisible();
  // The report is told once, and of what was reported nothing is due.
  await expect(page.getByText('The shopper reported goods')).toHaveCount(1);
  await expect(page.getByText('Debited', { exact: true })).toHaveCount(0);
});

test('goods that nobody is certain about are dropped before anything is debited', async () => {
  const chargeId = await cases.held(990, true);
  const { page } = anna;
  await page.goto(`${operator.console}/charges/${chargeId}`);
  await anna.button('Do not charge held goods').click();
  await anna.dialog().getByLabel('Reason').fill('seen in the pictures: put back');
  await anna.button('See what happens').click();
  await expect(anna.dialog().getByText('Nothing else follows.')).toBeVisible();
  await anna.button('Do it').click();
  await expect(anna.dialog().getByText('Done.')).toBeVisible();
  await anna.dialog().getByRole('button', { name: 'Close' }).click();
  // Not even asked for.
  await expect(page.getByText('Asked the provider to debit')).toHaveCount(0);
});

test('a refund goes back by itself, and the story says so', async () => {
  const chargeId = await cases.paid();
  const { page } = anna;
  await page.goto(`${operator.console}/charges/${chargeId}`);
  await anna.button('Refund').click();
  const dialog = anna.dialog();
  await dialog.getByLabel('Amount to pay back').fill('2.00');
  await dialog.getByLabel('Reason').fill('the can was warm, says the shopper');
  await anna.button('See what happens').click();
  await expect(dialog.getByText('goes back to the shopper by itself')).toBeVisible();
  await anna.button('Do it').click();
  await expect(dialog.getByText('Done.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  // As money that has gone back, and as what happened; nothing is to be paid back any more.
  await expect(async () => {
    await anna.button('Refresh').click();
    await expect(page.getByText('Paid back', { exact: true })).toHaveCount(2, { timeout: 1_000 });
  }).toPass({ timeout: 120_000 });
  await expect(page.getByText('To be paid back', { exact: true })).toHaveCount(0);
  await expect(page.getByText(/fake/)).toHaveCount(0);
});

test('a list of five thousand scrolls, is walked by keys, is a link and a file', async () => {
  const count = 5_000;
  await operator.stop();
  await fillQueue(dataDir, count);
  operator = await startOperatorProcess(dataDir, false, settings);
  const { page } = anna;
  // The longest page that there may be: half as many to load.
  await page.route(/\/api\/queue\?/, (route) =>
    route.continue({ url: route.request().url().replace('limit=100', 'limit=200') }),
  );
  await page.goto(`${operator.console}/queue?kinds=incident`);
  await expect(page.getByText('1000 or more: narrow what is looked for')).toBeVisible();
  const grid = page.getByRole('grid');
  const rows = grid.getByRole('row');
  const more = anna.button('Load more');
  // Who comes back to the window keeps what they had loaded; what could not be asked for is said to be old.
  const first = (await grid.getAttribute('aria-rowcount')) ?? '';
  await more.click();
  await expect(grid).not.toHaveAttribute('aria-rowcount', first);
  const loaded = (await grid.getAttribute('aria-rowcount')) ?? '';
  await page.route('**/api/queue?*', (route) => route.abort());
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(page.getByText(/This is as it was at .*: it could not be renewed/)).toBeVisible();
  await expect(grid).toHaveAttribute('aria-rowcount', loaded);
  await more.click();
  await expect(page.getByText('that is everything')).toHaveCount(0);
  await page.unroute('**/api/queue?*');
  await anna.button('Try again').click();
  await expect(page.getByText('it could not be renewed')).toHaveCount(0);
  await expect(grid).toHaveAttribute('aria-rowcount', loaded);
  // Until they are drawn, not only here: with the last of them the button goes.
  for (let rowCount = await grid.getAttribute('aria-rowcount'); (await more.count()) > 0;) {
    await more.click();
    await expect(grid).not.toHaveAttribute('aria-rowcount', rowCount ?? 'none');
    rowCount = await grid.getAttribute('aria-rowcount');
    expect(rowCount).not.toBeNull();
  }
  await expect(page.getByText(`${count} in all; that is everything.`)).toBeVisible();
  // Only what is seen is in the page.
  expect(await rows.count()).toBeLessThan(60);
  await rows.nth(1).focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('row').filter({ hasText: `CAB-${count}` })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(anna.dialog().getByText(`CAB-${count}`)).toBeVisible();
  await expect(page).toHaveURL(/kinds=incident&item=incident%3A\d+/);
  // The link leads there again, though the list begins with others.
  await page.reload();
  await expect(anna.dialog().getByText(`CAB-${count}`)).toBeVisible();
  await anna.dialog().getByRole('button', { name: 'Close' }).click();
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.getByRole('row').count()).toBeLessThan(60);
  await page.setViewportSize({ width: 1280, height: 844 });
  const href = (await page.getByRole('link', { name: /CSV/ }).getAttribute('href')) ?? '';
  const csv = await page.request.get(operator.console + href, {
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  const lines = (await csv.text()).trim().split('\r\n');
  expect(lines).toHaveLength(count + 2);
  expect(lines.at(-1)).toMatch(new RegExp(`^in all: ${count},`));
});
