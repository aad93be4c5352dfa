import { enrolFleet, orderedPercent, orderedRelease } from './fleet-of-updates.ts';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { startOperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { until } from '../../src/testkit/until.ts';
import { ConsoleCases } from '../../src/testkit/operator/console-cases.ts';
import { openChromium } from './chromium.ts';
import { ConsoleVisitor, type Language, type Theme } from './console-visitor.ts';
import { type Drawn, writeSheet } from './phone-screens.ts';

/** A place of the page, and what is opened there; `held` is a charge with goods that nobody is certain about. */
interface ConsoleState {
  readonly place: (charges: { readonly held: string; readonly disputed: string }) => string;
  readonly act?: (visitor: ConsoleVisitor) => Promise<void>;
}

const openAct = async ({ page }: ConsoleVisitor, look: boolean): Promise<void> => {
  // The second of the list: held goods are not charged. The words depend on the language, the place does not.
  await page.locator('main section').getByRole('listitem').getByRole('button').nth(1).click();
  if (!look) return;
  const dialog = page.getByRole('dialog');
  await dialog.locator('textarea').fill('看过照片：放回去了 / seen in the pictures: put back');
  await dialog.locator('button[type=submit]').click();
  await dialog.getByRole('table').waitFor();
};

/** The visit in which nothing was taken: what is known (0), what was taken (1), what would come of it (2). */
const openVisit = async ({ page }: ConsoleVisitor, steps: number): Promise<void> => {
  await page.getByText(/^(Nothing was taken|什么都没拿)$/).click();
  const dialog = page.getByRole('dialog').last();
  await dialog.getByRole('listitem').first().waitFor();
  if (steps === 0) return;
  await dialog.getByRole('listitem').first().getByRole('button').click();
  const form = page.getByRole('dialog').last();
  for (const place of [0, 3, 3])
    await form.getByRole('listitem').nth(place).getByRole('button').last().click();
  await form.locator('textarea').fill('看过照片：拿了三件 / seen in the pictures: three pieces');
  if (steps === 1) return;
  await form.locator('button[type=submit]').click();
  await form.getByRole('table').waitFor();
};

const openMessage = async ({ page }: ConsoleVisitor): Promise<void> => {
  await page.getByRole('button', { name: /^(Write to the member|给顾客发消息)$/ }).click();
  const dialog = page.getByRole('dialog').last();
  await dialog.getByRole('button', { name: /What it says|说什么/ }).click();
  await page.getByRole('option').nth(3).click();
  await dialog.locator('textarea').first().fill('退款 3.50 元，请留意 / 3.50 goes back');
};

const tryGoods = async ({ page }: ConsoleVisitor): Promise<void> => {
  const rows = ['sku,name_zh,price,weight_g', 'tea,茶,4.50,500', 'tea,茶,4.50,500', 'egg,=1+1,4元5,1.5kg'];
  const buffer = Buffer.from(rows.join('\n'));
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'goods.csv', mimeType: 'text/csv', buffer });
  await page.locator('main form button[type=submit]').click();
  await page.getByRole('alert').waitFor();
};

/** The operator tries so many spreadsheets and no more, and says when again: then it is pressed again. */
async function pressUntil(button: Locator, seen: Locator): Promise<void> {
  await until('what is pressed for is there', async () => {
    if (await seen.isVisible()) return true;
    await button.click();
    return seen.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => null,
    );
  });
}

const putGoods = async (visitor: ConsoleVisitor): Promise<void> => {
  const { page } = visitor;
  const buffer = Buffer.from(
    'sku,name_zh,name_en,price,weight_g\ncola-can,可乐,Cola,3.80,352\ntea,茶,Tea,4.50,500',
  );
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'goods.csv', mimeType: 'text/csv', buffer });
  const wanted = page.getByRole('button', { name: /^(Put it in force|启用这份目录)$/ });
  const dialog = page.getByRole('dialog');
  await pressUntil(page.locator('main form button[type=submit]'), wanted);
  await pressUntil(wanted, dialog);
  await dialog.locator('textarea').fill('十二月的价格 / prices of December');
  await dialog.locator('button[type=submit]').click();
  await dialog.getByRole('table').waitFor();
};

/** A cabinet that is new is new once: each picture is of another one. */
let tokenCount = 0;
const giveToken = async ({ page }: ConsoleVisitor): Promise<void> => {
  await page.getByRole('button', { name: /^(Token for a new cabinet|新柜子的令牌)$/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .locator('input')
    .first()
    .fill(`CAB-BJ-${String(++tokenCount).padStart(4, '0')}`);
  await dialog.locator('input').last().fill('大堂的第一台 / the first one in the lobby');
  await dialog.locator('button[type=submit]').click();
  await page.getByTestId('for-cabinet').waitFor();
};

const settingsPlace = '/settings?cabinetId=CAB-SH-0217';
/** Opens the form, and where it is wanted sends another loudness. */
async function editSettings({ page }: ConsoleVisitor, isSent: boolean): Promise<void> {
  await page.getByRole('button', { name: /^(Change settings|修改设置)$/ }).click();
  const dialog = page.getByRole('dialog');
  const loudness = dialog.locator('input').first();
  await loudness.fill((await loudness.inputValue()) === '60' ? '40' : '60');
  if (!isSent) return;
  await dialog.locator('input').last().fill('晚上太吵 / too loud at night');
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'detached' });
}

/** Fills in what is ordered, and looks at what comes of it; `isDone`: also does it. */
async function orderUpdate({ page }: ConsoleVisitor, isDone: boolean): Promise<void> {
  await page.getByRole('button', { name: /^(Order a release|安排版本)$/ }).click();
  const dialog = page.getByRole('dialog');
  const fields = dialog.locator('input');
  for (const [place, text] of [orderedRelease, String(orderedPercent), '02:00-05:00'].entries())
    await fields.nth(place).fill(text);
  await dialog.locator('textarea').fill('十二月的版本 / the release of December');
  await dialog.locator('button[type=submit]').click();
  await dialog.getByRole('table').waitFor();
  if (!isDone) return;
  await dialog.getByRole('button').last().click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByRole('button').last().click();
}

/** Draws up one promotion; `isTried`: it is in the draft, and some goods are tried by it. */
async function drawPromotion({ page }: ConsoleVisitor, isTried: boolean): Promise<void> {
  await page.getByRole('button', { name: /^(Add a promotion|加一个优惠)$/ }).click();
  const dialog = page.getByRole('dialog');
  const typed = ['second-tea', '茶饮第二件半价', 'Tea: second at half price'];
  for (const [place, text] of typed.entries()) await dialog.locator('input[type=text]').nth(place).fill(text);
  // The first of the goods, by what stands beside its box.
  await dialog.locator('.overflow-auto label').first().click();
  if (!isTried) return;
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'hidden' });
  await page.locator('input[inputmode=numeric]').first().fill('3');
  await page.locator('[aria-live=polite] s').first().waitFor();
}

/** A newer plan, while goods were moved by the one before. */
async function drawPlan({ page }: ConsoleVisitor): Promise<void> {
  await page.getByRole('button', { name: /^(Change the plan|修改计划)$/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('textarea').fill('cola-can,8,,1-1\nspring-water,6,,1-2');
  await dialog.locator('input').fill('夏天多放 / more in the summer');
  await dialog.locator('button[type=submit]').click();
  await page.getByTestId('moved').waitFor();
}

/** Somebody comes back to the window, and the operator cannot be reached. */
const loseOperator = async ({ page }: ConsoleVisitor): Promise<void> => {
  await page.route('**/api/**', (route) => route.abort());
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await page.getByRole('alert').waitFor();
  await page.unroute('**/api/**');
};

const consoleStates: Readonly<Record<string, ConsoleState>> = {
  'console-queue': { place: () => '/queue' },
  'console-stale': { place: () => '/queue', act: loseOperator },
  'console-search': { place: () => '/search' },
  'console-story': { place: ({ disputed }) => `/charges/${disputed}` },
  'console-act': { place: ({ held }) => `/charges/${held}`, act: (visitor) => openAct(visitor, false) },
  'console-preview': { place: ({ held }) => `/charges/${held}`, act: (visitor) => openAct(visitor, true) },
  'console-visits': { place: () => '/visits' },
  'console-visit': { place: () => '/visits', act: (visitor) => openVisit(visitor, 0) },
  'console-by-hand': { place: () => '/visits', act: (visitor) => openVisit(visitor, 1) },
  'console-by-hand-preview': { place: () => '/visits', act: (visitor) => openVisit(visitor, 2) },
  'console-message': { place: ({ disputed }) => `/charges/${disputed}`, act: openMessage },
  'console-set-up': { place: () => '/set-up' },
  'console-goods': { place: () => '/set-up', act: tryGoods },
  'console-goods-preview': { place: () => '/set-up', act: putGoods },
  'console-cabinets': { place: () => '/cabinets' },
  'console-cabinet': { place: () => '/cabinet?cabinetId=CAB-SH-0217' },
  'console-stock': { place: () => '/stock?cabinetId=CAB-SH-0217' },
  'console-stock-moved': { place: () => '/stock?cabinetId=CAB-SH-0217', act: drawPlan },
  'console-settings': { place: () => settingsPlace, act: (visitor) => editSettings(visitor, true) },
  'console-settings-form': { place: () => settingsPlace, act: (visitor) => editSettings(visitor, false) },
  'console-token': { place: () => '/cabinets', act: giveToken },
  'console-updates-preview': { place: () => '/updates', act: (visitor) => orderUpdate(visitor, false) },
  'console-updates': { place: () => '/updates', act: (visitor) => orderUpdate(visitor, true) },
  'console-promotion': { place: () => '/promotions', act: (visitor) => drawPromotion(visitor, false) },
  'console-promotions': { place: () => '/promotions', act: (visitor) => drawPromotion(visitor, true) },
  'console-proposals': { place: () => '/proposals' },
  'console-staff': { place: () => '/staff' },
  'console-log': { place: () => '/log' },
  'console-account': { place: () => '/account' },
};
export const consoleStateNames: readonly string[] = Object.keys(consoleStates);

const variants: readonly (readonly [width: number, language: Language, theme: Theme])[] = [
  [1280, 'zh', 'day'],
  [1280, 'en', 'night'],
  [390, 'zh', 'night'],
  [390, 'en', 'day'],
];

/** Draws states of the support console, of an operator that has charges to look at, and a sheet of each. */
export async function drawConsoleStates(
  names: readonly string[],
  { out, sheets }: Readonly<Record<'out' | 'sheets', string>>,
): Promise<Drawn> {
  const operator = await startOperatorProcess(undefined);
  const findings: string[] = [];
  let pictures = 0;
  let browser: Browser | undefined;
  try {
    const cases = await ConsoleCases.enrol(operator);
    const disputed = await cases.disputed();
    await cases.stock(await cases.uncharged());
    await cases.settings();
    await cases.state();
    await cases.silent();
    await cases.declined();
    const charges = { disputed, held: await cases.held(990, true) };
    await cases.held();
    if (names.some((name) => name.startsWith('console-updates'))) await enrolFleet(operator);
    browser = await openChromium();
    const visitor = await ConsoleVisitor.open(browser, 'anna');
    await visitor.accept(operator.consoleSetUp ?? '');
    for (const name of names) {
      const state = consoleStates[name];
      if (state === undefined) continue;
      const files: string[] = [];
      for (const [width, language, theme] of variants) {
        const title = [name, width, language, theme].join('.');
        await visitor.page.setViewportSize({ width, height: 844 });
        await visitor.wear(language, theme);
        await visitor.go(operator.console + state.place(charges));
        await state.act?.(visitor);
        const file = join(out, `${title}.png`);
        await visitor.page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
        findings.push(...(await visitor.findings()).map((fault) => `${title}  ${fault}`));
        files.push(file);
        pictures++;
      }
      const widths = variants.map(([width]) => width);
      await writeSheet(browser, files, join(sheets, `${name}.png`), widths);
    }
  } finally {
    await browser?.close();
    await operator.stop();
  }
  return { pictures, findings };
}
