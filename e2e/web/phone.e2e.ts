import { expect, test } from '@playwright/test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { phoneCalls, phonePlaces } from '../../src/shared/phone/calls.ts';
import { OperatorClient } from '../../src/testkit/app/operator-client.ts';
import type { OperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { startOperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { until } from '../../src/testkit/until.ts';
import { layoutFaultsOf, openChromium, violationsOf } from './chromium.ts';
import { WebCabinet } from './web-cabinet.ts';

/** The shopper's page as it is built, in an ordinary browser, from the real operator (embedded database, fake provider). */

/** What the page promises of a debt that is paid elsewhere. */
const paidShownWithinMs = 5_000;

let operator: OperatorProcess;
let client: OperatorClient;
let cabinet: WebCabinet;
let browser: Browser;
const contexts: BrowserContext[] = [];

test.beforeAll(async () => {
  operator = await startOperatorProcess(undefined);
  client = new OperatorClient(operator.dev);
  cabinet = await WebCabinet.enrol(operator, client, 'SH-0042');
  browser = await openChromium();
});
test.afterAll(async () => {
  await browser.close();
  await operator.stop();
});
test.afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});

/** Another phone: nothing on it. */
async function newPhone(more: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: 'zh-CN',
    ...more,
  });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

async function newLink(memberId: string): Promise<string> {
  return (await client.call('memberLink', undefined, { memberId })).url;
}

async function signedIn(memberId: string, more: Parameters<typeof newPhone>[0] = {}): Promise<Page> {
  const page = await newPhone(more);
  await page.goto(await newLink(memberId));
  await page.getByTestId('link-use').click();
  await page.getByTestId('screen-home').waitFor();
  return page;
}

const at = (place: string): string => new URL(place, operator.phone).href;

test('signs in by a one-time link; whoever opens it second is told no', async () => {
  const link = await newLink('M1001');
  const mine = await newPhone();
  await mine.goto(link);
  await mine.getByTestId('link-use').waitFor();
  const other = await newPhone();
  await other.goto(link);
  await expect(other.getByTestId('screen-link-elsewhere')).toBeVisible();
  await mine.getByTestId('link-use').click();
  await expect(mine.getByTestId('screen-home')).toBeVisible();
  await expect(mine).toHaveURL(operator.phone);
  // Nothing of the link is left to go back to, and it signs nobody in again.
  const again = await newPhone();
  await again.goto(link);
  await expect(again.getByTestId('screen-link-used')).toBeVisible();
  await mine.reload();
  await expect(mine.getByTestId('screen-home')).toBeVisible();
});

test('asks "this cabinet?", opens it at a yes, and nothing by a code that was relayed or is old', async () => {
  const page = await signedIn('M1001');
  await page.goto(at(`${phonePlaces.cabinet}#${cabinet.code()}`));
  await expect(page.getByTestId('cabinet-id')).toHaveText('SH-0042');
  await page.getByTestId('cabinet-yes').click();
  await expect(page.getByTestId('screen-cabinet-accepted')).toBeVisible();
  // The same picture of the screen, on somebody else's phone.
  const relayed = cabinet.code();
  await page.goto(at(`${phonePlaces.cabinet}#${relayed}`));
  await page.getByTestId('cabinet-yes').click();
  await expect(page.getByTestId('screen-cabinet-accepted')).toBeVisible();
  const other = await signedIn('M1002');
  await other.goto(at(`${phonePlaces.cabinet}#${relayed}`));
  await expect(other.getByTestId('cabinet-refused-used')).toBeVisible();
  await other.goto(at(`${phonePlaces.cabinet}#${cabinet.code(Date.now() - 120_000)}`));
  await expect(other.getByTestId('cabinet-refused-expired')).toBeVisible();
  await other.goto(at(`${phonePlaces.cabinet}#KC1.SH-0042.T4N0S0.AAAAAAAA.BBBB`));
  await expect(other.getByTestId('cabinet-refused-malformed')).toBeVisible();
});

test('asks what it asks first once, and before its script runs', async () => {
  const page = await newPhone();
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/m/')) asked.push(pathname.replace(/^\/m\/assets\/.*\.js$/, 'script'));
  });
  await page.goto(operator.phone);
  await page.getByTestId('sign-in-ask').waitFor();
  for (const path of [phoneCalls.session.path, phoneCalls.welcome.path])
    expect(asked.filter((one) => one === path)).toEqual([path]);
  await expect(page.getByText('客服电话在柜门上。')).toBeVisible();
});

test('of a purchase whose address somebody else has, they are told nothing', async () => {
  const chargeId = await cabinet.buy('M1001');
  const mine = await signedIn('M1001');
  await mine.goto(at(`r#${chargeId}`));
  await expect(mine.getByTestId('purchase-told')).toBeVisible();
  const other = await signedIn('M1002');
  for (const place of ['r', 'report']) {
    await other.goto(at(`${place}#${chargeId}`));
    await expect(other.getByTestId('failed-not_found')).toBeVisible();
    await expect(other.getByText('可乐')).toHaveCount(0);
  }
  const stranger = await newPhone();
  await stranger.goto(at(`r#${chargeId}`));
  await expect(stranger.getByTestId('screen-sign-in')).toBeVisible();
});

test('shows a code for the scanner that the operator takes', async () => {
  const page = await signedIn('M1001');
  await page.getByTestId('nav-code').click();
  await expect(page.getByTestId('code-left')).toBeVisible();
  await expect(page.getByRole('img', { name: '会员码' })).toBeVisible();
});

test('reports what is wrong, with a picture; the draft outlives a lost network and a closed page', async () => {
  const chargeId = await cabinet.buy('M1001');
  const page = await signedIn('M1001');
  await page.goto(at(`report#${chargeId}`));
  await page.getByTestId('report-line-cola-can').check();
  await page.getByTestId('report-kind-not_taken').check();
  await page.getByTestId('report-words').fill('货还在柜里');
  await page.getByTestId('report-add-photo').setInputFiles(await cameraPicture(page));
  await expect(page.getByTestId('report-photo')).toBeVisible();
  await page.context().setOffline(true);
  await page.getByTestId('action-send').click();
  await expect(page.getByTestId('failed-offline')).toBeVisible();
  await page.context().setOffline(false);
  await page.reload();
  await expect(page.getByTestId('report-line-cola-can')).toBeChecked();
  await expect(page.getByTestId('report-words')).toHaveValue('货还在柜里');
  await expect(page.getByTestId('report-photo')).toBeVisible();
  await page.getByTestId('action-send').click();
  await expect(page.getByTestId('purchase-report')).toBeVisible();
  expect(await client.disputes()).toEqual([expect.objectContaining({ chargeId, skus: ['cola-can'] })]);
  // The picture has arrived: the report takes one less.
  await page.getByTestId('action-report').click();
  await expect(page.getByText('最多 2 张')).toBeVisible();
});

test('pays a debt: the page says so within 5 s, and the next door opens', async () => {
  await client.call('provider', { mode: 'decline', reason: 'account.insufficient_funds' });
  const chargeId = await cabinet.buy('M1002');
  const second = await cabinet.buy('M1002');
  const page = await signedIn('M1002');
  await page.goto(at(`r#${chargeId}`));
  await expect(page.getByTestId(`pay-${chargeId}`)).toBeVisible();
  await until(
    'the door is shut for debts',
    async () => (await cabinet.authorise('M1002')).decision !== 'allowed',
  );
  const payUrl = await page.getByTestId(`pay-${chargeId}`).getAttribute('href');
  expect(payUrl).not.toBeNull();
  await client.call('provider', { mode: 'ok' });
  const paidAtMs = performance.now();
  for (const one of [chargeId, second]) await client.call('pay', undefined, { chargeId: one });
  await page.getByTestId('paid-now').waitFor();
  expect(performance.now() - paidAtMs).toBeLessThan(paidShownWithinMs);
  expect((await cabinet.authorise('M1002')).decision).toBe('allowed');
  await page.goto(operator.phone);
  await expect(page.getByTestId('standing-fine')).toBeVisible();
});

test('deletes the face, after asking once', async () => {
  await cabinet.enrolFace('M1002');
  const page = await signedIn('M1002');
  await page.getByTestId('action-face').click();
  await page.getByTestId('face-delete-SH-0042').click();
  await page.getByTestId('dialog-no').click();
  await expect(page.getByTestId('face-delete-SH-0042')).toBeVisible();
  await page.getByTestId('face-delete-SH-0042').click();
  await page.getByTestId('dialog-yes').click();
  await expect(page.getByTestId('face-deleted')).toBeVisible();
  const [face] = await client.call('faceEnrolments', undefined);
  expect(face?.withdrawnAtMs).not.toBeNull();
});

test('signs out here, and everywhere', async () => {
  const [one, two] = [await signedIn('M1002'), await signedIn('M1002')];
  await one.getByTestId('nav-account').click();
  await one.getByTestId('action-sign-out-everywhere').click();
  await one.getByTestId('dialog-yes').click();
  await expect(one.getByTestId('screen-sign-in')).toBeVisible();
  await two.getByTestId('nav-code').click();
  await expect(two.getByTestId('screen-sign-in')).toBeVisible();
});

test('is good for everybody: both languages, light and dark, keyboard alone, back and links', async () => {
  await cabinet.buy('M1001');
  for (const [locale, colorScheme] of [
    ['zh-CN', 'light'],
    ['en-GB', 'dark'],
  ] as const) {
    const page = await signedIn('M1001', { locale, colorScheme });
    for (const place of ['', 'code', 'account', 'face']) {
      await page.goto(at(place));
      await page.getByRole('navigation').waitFor();
      expect(await violationsOf(page), place).toEqual([]);
      expect(await layoutFaultsOf(page), place).toEqual([]);
    }
  }
  const page = await signedIn('M1001');
  await expect(page).toHaveTitle(/您好/);
  await page.getByTestId('action-code').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(page).toHaveTitle(/会员码/);
  await page.goBack();
  await expect(page.getByTestId('screen-home')).toBeVisible();
});

/** As a camera gives one, larger than what is sent. */
async function cameraPicture(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const text = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 2400, height: 1800 });
    canvas.getContext('2d')?.fillText('picture', 100, 100);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  return { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(text, 'base64') };
}
