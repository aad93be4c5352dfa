import unicode from '@fontsource-variable/noto-sans-sc/unicode.json';
import { en } from '../i18n/en.ts';
import { zh } from '../i18n/zh.ts';
import { FontCover } from './font-ranges.ts';

/**
 * Noto Sans SC, variable weight, comes as a hundred files, each with some hundred characters. Declaring them all makes every
 * first layout of a text slow (measured: 0.3–0.8 s for the attract screen), needed or not. So only those are declared
 * that what is on screen can need: seventeen for both languages and the sample catalogue.
 */
const urls = import.meta.glob<string>(
  '../../../../node_modules/@fontsource-variable/noto-sans-sc/files/*-wght-normal.woff2',
  { query: '?url', import: 'default', eager: true },
);

const family = 'Noto Sans SC Variable';

const cover = new FontCover(
  Object.entries(unicode)
    // Latin first: digits and letters stand in some of the numbered files too.
    .sort(([a], [b]) => Number(a.startsWith('[')) - Number(b.startsWith('[')))
    .map(([name, unicodeRange]) => ({ url: urlOf(name), unicodeRange })),
);

/** What Intl writes into dates and amounts, and no text of ours has. */
const intlText = '年月日时分秒星期上下午¥';

/** All that the app itself can say, in both languages. */
export function coverOwnText(): void {
  coverText(JSON.stringify([zh, en]) + intlText);
}

/** Declares the font files that these characters need; they load when something is drawn with them. */
export function coverText(text: string): void {
  for (const { url, unicodeRange } of cover.add(text)) {
    document.fonts.add(
      new FontFace(family, `url(${url})`, { weight: '100 900', display: 'swap', unicodeRange }),
    );
  }
}

/** `[12]` and `latin` are the names in the package's table; its files carry them without the brackets. */
function urlOf(name: string): string {
  const file = `/noto-sans-sc-${name.replace(/[[\]]/g, '')}-wght-normal.woff2`;
  const found = Object.entries(urls).find(([path]) => path.endsWith(file));
  if (found === undefined) throw new Error(`the typeface has no file ${file}`);
  return found[1];
}
