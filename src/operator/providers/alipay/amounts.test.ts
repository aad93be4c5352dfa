import fc from 'fast-check';
import { expect, it } from 'vitest';
import { minorOf, yuanText } from './amounts.ts';

const amounts = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 10_000_000_000 }));

it('fen go to yuan and back without a fraction in between', () => {
  const both = (minor: number) => {
    const text = yuanText(minor);
    expect(text).toMatch(/^(0|[1-9]\d*)\.\d{2}$/);
    expect(BigInt(text.replace('.', ''))).toBe(BigInt(minor));
    expect(minorOf(text)).toBe(minor);
  };
  fc.assert(fc.property(amounts, both), { numRuns: 2_000, seed: 1 });
  for (let minor = 1; minor <= 10_000; minor++) both(minor);
});

it('every text of yuan is exactly so many fen, and comes back as it was', () => {
  const texts = fc.tuple(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 99 }));
  const exact = ([yuan, fen]: [number, number]) => {
    const text = `${yuan}.${String(fen).padStart(2, '0')}`;
    const minor = minorOf(text);
    expect(minor).toBe(yuan * 100 + fen);
    if (minor !== null && minor > 0) expect(yuanText(minor)).toBe(text);
  };
  fc.assert(fc.property(texts, exact), { numRuns: 2_000, seed: 2 });
});

it.each([
  ['0.01', 1],
  ['0.29', 29],
  ['1.10', 110],
  ['10', 1_000],
  ['10.5', 1_050],
  ['0.00', 0],
  ['100000000.00', 10_000_000_000],
])('%s yuan are %i fen', (text, minor) => {
  expect(minorOf(text)).toBe(minor);
});

it.each([
  ...['', ' ', '.', '1.', '.5', '01.00', '00.10', '1.005', '-1.00', '+1.00', ' 1.00', '1.00 ', '1.00\n'],
  ...['1,000.00', '1.0.0', '1e3', '0x10', 'NaN', 'Infinity', '１.00', '٣.00', '1۰.00', '100000000.01'],
  ...['1000000000.00', '9'.repeat(400), '1.00元'],
  ...[1, 10.5, null, undefined, ['1.00'], { amount: '1.00' }, true],
])('%j is no amount', (text) => {
  expect(minorOf(text)).toBeNull();
});

it('any other text is no amount', () => {
  const isNone = (text: string) => /^(0|[1-9]\d*)(\.\d\d?)?$/.test(text) || minorOf(text) === null;
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 12 }), isNone), { numRuns: 300, seed: 3 });
});

it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 10_000_000_001])(
  '%d fen are never sent',
  (minor) => {
    expect(() => yuanText(minor)).toThrow();
  },
);
