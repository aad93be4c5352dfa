import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startOperatorProcess } from '../../src/testkit/app/operator-process.ts';
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

const consoleStates: Readonly<Record<string, ConsoleState>> = {
  'console-queue': { place: () => '/queue' },
  'console-search': { place: () => '/search' },
  'console-story': { place: ({ disputed }) => `/charges/${disputed}` },
  'console-act': { place: ({ held }) => `/charges/${held}`, act: (visitor) => openAct(visitor, false) },
  'console-preview': { place: ({ held }) => `/charges/${held}`, act: (visitor) => openAct(visitor, true) },
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
    await cases.declined();
    const charges = { disputed, held: await cases.held(990, true) };
    await cases.held();
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
