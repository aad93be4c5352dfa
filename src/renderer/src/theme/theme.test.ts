import { describe, expect, it } from 'vitest';
import { contrastOf } from '../../../shared/util/contrast.ts';
import { tints } from './tints.ts';
import { isNight } from './night.ts';

// vitest empties imported style sheets, and the page's own code shall not know Node's types: so read it by hand.
const nodeFs: string = 'node:fs';
const fs = (await import(nodeFs)) as { readFileSync: (url: URL, encoding: 'utf8') => string };
const css = fs.readFileSync(new URL('./theme.css', import.meta.url), 'utf8');

/** The custom properties with a colour in the block of that selector. */
function colours(selector: string): Record<string, string> {
  const from = css.indexOf(`\n${selector} {`);
  expect(from, `no block ${selector}`).toBeGreaterThan(-1);
  const block = css.slice(from, css.indexOf('\n}', from));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1]!, m[2]!]));
}
const day = colours(':root');
const large = { ...day, ...colours("html[data-text='large']") };
const night = { ...day, ...colours("html[data-theme='night']") };
const nightLarge = {
  ...large,
  ...colours("html[data-theme='night']"),
  ...colours("html[data-theme='night'][data-text='large']"),
};

/** Every pair of text and ground that the screens use. */
const pairs: readonly (readonly [text: string, ground: string])[] = [
  ['ink', 'paper'],
  ['ink', 'card'],
  ['ink', 'sunk'],
  ['ink', 'amber-soft'],
  ['ink', 'cinnabar-soft'],
  ['ink', 'jade-soft'],
  ['soft', 'paper'],
  ['soft', 'card'],
  ['soft', 'sunk'],
  ['on-jade', 'jade'],
  ['on-jade', 'jade-press'],
  ['jade-ink', 'jade-soft'],
  ['jade-ink', 'paper'],
  ['amber-ink', 'amber-soft'],
  ['amber-ink', 'sunk'],
  ['amber-ink', 'paper'],
  ['cinnabar-ink', 'cinnabar-soft'],
  ['paper', 'ink'],
];

describe('contrast of the theme', () => {
  it.each(pairs)('%s on %s: 4.5 by day and night, 7 in large text', (text, ground) => {
    expect(contrastOf(day[text]!, day[ground]!)).toBeGreaterThanOrEqual(4.5);
    expect(contrastOf(night[text]!, night[ground]!)).toBeGreaterThanOrEqual(4.5);
    expect(contrastOf(large[text]!, large[ground]!)).toBeGreaterThanOrEqual(7);
    expect(contrastOf(nightLarge[text]!, nightLarge[ground]!)).toBeGreaterThanOrEqual(7);
  });
  it('measures contrast right', () => {
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrastOf('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
  it('has a ground for every tint, by day and by night', () => {
    for (const tint of tints) {
      expect(colours(':root')[`tint-${tint}`]).toBeDefined();
      expect(colours("html[data-theme='night']")[`tint-${tint}`]).toBeDefined();
    }
  });
});

describe('night', () => {
  it('is from 22 to 6, or when the system says so', () => {
    expect([21, 22, 23, 0, 5, 6, 12].map((h) => isNight(h, false))).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isNight(12, true)).toBe(true);
  });
});
