import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { layoutFaultsOf, openChromium, violationsOf } from './chromium.ts';
import type { PhoneState } from './phone-states.ts';
import { phoneStates } from './phone-states.ts';
import { addressAt, servePhonePage } from './served-page.ts';

/** An ordinary phone; and the narrowest width at which nothing may scroll to the side (WCAG 1.4.10), twice the text size of 640. */
const phone = { width: 390, height: 844 } as const;
const narrow = { width: 320, height: 640 } as const;
const languages = ['zh', 'en'] as const;
const schemes = ['light', 'dark'] as const;
/** Only against hanging. */
const timeoutMs = 60_000;

export const phoneStateNames: readonly string[] = Object.keys(phoneStates);

export interface Drawn {
  readonly pictures: number;
  readonly findings: readonly string[];
}

/**
 * Draws states of the phone's page in both languages, light and dark, into `out`, and a sheet for each into `sheets`. Each is looked
 * at by axe-core, and for what is cut off, too small to touch, or scrolls to the side on a narrow phone.
 */
export async function drawPhoneStates(
  names: readonly string[],
  { page: folder, out, sheets }: Readonly<Record<'page' | 'out' | 'sheets', string>>,
): Promise<Drawn> {
  const findings: string[] = [];
  let pictures = 0;
  const browser = await openChromium();
  try {
    for (const name of names) {
      const state = phoneStates[name];
      if (state === undefined) continue;
      const files: string[] = [];
      for (const language of languages)
        for (const scheme of schemes) {
          const title = [name, language, scheme].join('.');
          const file = join(out, `${title}.png`);
          const faults = await drawOne(browser, state, { folder, language, scheme, file });
          findings.push(...faults.map((fault) => `${title}  ${fault}`));
          files.push(file);
          pictures++;
        }
      await writeSheet(browser, files, join(sheets, `${name}.png`));
    }
  } finally {
    await browser.close();
  }
  return { pictures, findings };
}

interface Variant {
  readonly folder: string;
  readonly language: (typeof languages)[number];
  readonly scheme: (typeof schemes)[number];
  readonly file: string;
}

async function drawOne(browser: Browser, state: PhoneState, variant: Variant): Promise<string[]> {
  const { folder, language, scheme, file } = variant;
  const context = await browser.newContext({
    ...{ viewport: phone, colorScheme: scheme, reducedMotion: 'reduce', timezoneId: 'Asia/Shanghai' },
    ...{ locale: language === 'zh' ? 'zh-CN' : 'en-GB', serviceWorkers: 'block' },
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(timeoutMs);
    await servePhonePage(page, folder, state.said);
    await page.goto(addressAt(state.place));
    await state.act?.(page);
    await page.getByTestId(state.wait).first().waitFor();
    // As high as all that is there, so that what stands at the foot stands there.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ ...phone, height: Math.max(height, phone.height) });
    await page.screenshot({ path: file, animations: 'disabled' });
    const faults = [...(await violationsOf(page)), ...(await layoutFaultsOf(page))];
    await page.setViewportSize(narrow);
    const ofNarrow = await layoutFaultsOf(page);
    return [...faults, ...ofNarrow.map((fault) => `at ${narrow.width} px: ${fault}`)];
  } finally {
    await context.close();
  }
}

/** Side by side, on grey, each as wide as it was drawn. */
export async function writeSheet(
  browser: Browser,
  files: readonly string[],
  file: string,
  widths: readonly number[] = files.map(() => phone.width),
): Promise<void> {
  const images = await Promise.all(
    files.map(async (one, place) => {
      const data = (await readFile(one)).toString('base64');
      return `<img width="${widths[place]}" src="data:image/png;base64,${data}">`;
    }),
  );
  const page: Page = await browser.newPage({
    viewport: { width: widths.reduce((sum, one) => sum + one + 8, 0), height: 100 },
  });
  await page.setContent(
    '<style>body { margin: 4px; background: #888; display: flex; align-items: flex-start; gap: 8px }</style>' +
      images.join(''),
  );
  await writeFile(file, await page.screenshot({ fullPage: true }));
  await page.close();
}
