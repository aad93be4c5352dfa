import unicode from '@fontsource-variable/noto-sans-sc/unicode.json';
import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en.ts';
import { zh } from '../i18n/zh.ts';
import { FontCover, readUnicodeRange } from './font-ranges.ts';

const ownText = JSON.stringify([zh, en]);
const files = Object.entries(unicode).map(([url, unicodeRange]) => ({ url, unicodeRange }));

describe('unicode-range', () => {
  it('reads single points, spans and wildcards', () => {
    expect(readUnicodeRange('U+26, u+4e00-9FFF,U+9ff?')).toEqual([
      { first: 0x26, last: 0x26 },
      { first: 0x4e00, last: 0x9fff },
      { first: 0x9ff0, last: 0x9fff },
    ]);
  });

  it('refuses what is none', () => {
    expect(() => readUnicodeRange('U+')).toThrow('not a unicode range');
  });
});

describe('the files that a text needs', () => {
  it('each once, and only what is new', () => {
    const cover = new FontCover([
      { url: 'latin', unicodeRange: 'U+20-7E' },
      { url: 'han', unicodeRange: 'U+4E00-9FFF' },
      { url: 'other', unicodeRange: 'U+4E00-9FFF,U+1F600' },
    ]);
    expect(cover.add('AB').map((file) => file.url)).toEqual(['latin']);
    expect(cover.add('C开门').map((file) => file.url)).toEqual(['han']);
    expect(cover.add('开 A \u{1F600}').map((file) => file.url)).toEqual(['other']);
    expect(cover.add('\u0E01')).toEqual([]);
  });

  it('every word of both languages is in the typeface, in few files', () => {
    const needed = new FontCover(files).add(ownText);
    expect(needed.length).toBeGreaterThan(5);
    expect(needed.length).toBeLessThan(30);
    const ranges = files.flatMap((file) => readUnicodeRange(file.unicodeRange));
    const isCovered = (point: number): boolean =>
      ranges.some(({ first, last }) => point >= first && point <= last);
    const uncovered = [...new Set(ownText)].filter((c) => c > ' ' && !isCovered(c.codePointAt(0) ?? 0));
    expect(uncovered).toEqual([]);
  });
});
