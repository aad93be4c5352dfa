import { describe, expect, it } from 'vitest';
import { contrastOf } from '../../shared/util/contrast.ts';

// vitest empties imported style sheets, and the page's own code shall not know Node's types: so read it by hand.
const nodeFs: string = 'node:fs';
const fs = (await import(nodeFs)) as { readFileSync: (url: URL, encoding: 'utf8') => string };
const css = fs.readFileSync(new URL('./theme.css', import.meta.url), 'utf8');

const colour = /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g;
const both = [...css.matchAll(colour)].map(([, name = '', day = '', night = '']) => ({ name, day, night }));

/** Every pair of text and ground that the pages use. */
const pairs: readonly (readonly [text: string, ground: string])[] = [
  ...['paper', 'card', 'sunk', 'amber-soft', 'cinnabar-soft', 'jade-soft'].map(
    (one) => ['ink', one] as const,
  ),
  ...['paper', 'card', 'sunk'].map((one) => ['soft', one] as const),
  ...['paper', 'card', 'sunk', 'jade-soft'].map((one) => ['jade-ink', one] as const),
  ...['paper', 'card', 'sunk', 'amber-soft'].map((one) => ['amber-ink', one] as const),
  ...['paper', 'card', 'sunk', 'cinnabar-soft'].map((one) => ['cinnabar-ink', one] as const),
  ...['jade', 'jade-press'].map((one) => ['on-jade', one] as const),
  ...['cinnabar', 'cinnabar-press'].map((one) => ['on-cinnabar', one] as const),
  ['on-off', 'off'],
];

function leastContrast(text: string, ground: string): number {
  const of = (wanted: string, light: 'day' | 'night'): string => {
    const found = both.find(({ name }) => name === wanted)?.[light];
    expect(found, wanted).toBeDefined();
    return found ?? '';
  };
  const each = (['day', 'night'] as const).map((light) => contrastOf(of(text, light), of(ground, light)));
  return Math.min(...each);
}

describe('the colours of the pages', () => {
  it.each(pairs)('%s on %s can be read by day and by night', (text, ground) => {
    expect(leastContrast(text, ground)).toBeGreaterThanOrEqual(4.5);
  });
  it('let the line around a field be seen (WCAG 1.4.11)', () => {
    for (const ground of ['paper', 'card']) expect(leastContrast('edge', ground)).toBeGreaterThanOrEqual(3);
  });
});
