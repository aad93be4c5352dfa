import { expect, it } from 'vitest';
import { readsAsWritten } from './plain-words.ts';

it.each(['可乐 330 ml', 'Crème brûlée – «50 %»', 'שלום', '☕ half price'])(
  '%s reads as it is written',
  (text) => {
    expect(readsAsWritten(text)).toBe(true);
  },
);

it.each([
  '\u202e',
  '\u2066',
  '\u200b',
  '\u200f',
  '\u00ad',
  '\ufeff',
  '\u2028',
  '\u2029',
  '\n',
  '\0',
  '\ud800',
  '\u{e0041}',
])('not with %j in it', (sign) => {
  expect(readsAsWritten(`tea${sign}00.1`)).toBe(false);
});
