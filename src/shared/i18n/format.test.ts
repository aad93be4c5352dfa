import { describe, expect, it } from 'vitest';
import { currencies, minor } from '../money.ts';
import { formatClock, formatDateTime, formatMoney } from './format.ts';

describe('money on screen', () => {
  it('keeps both decimals and the narrow sign in both languages', () => {
    expect(formatMoney(minor(2360), 'CNY', 'zh')).toEqual({ symbol: '¥', number: '23.60', text: '¥23.60' });
    expect(formatMoney(minor(2360), 'CNY', 'en').text).toBe('¥23.60');
    expect(formatMoney(minor(0), 'CNY', 'zh').text).toBe('¥0.00');
    expect(formatMoney(minor(1), 'CNY', 'zh').number).toBe('0.01');
  });
  it('groups thousands and never shows a rounding error', () => {
    expect(formatMoney(minor(100_000_000), 'CNY', 'zh').number).toBe('1,000,000.00');
    for (let fen = 0; fen < 20_000; fen++) {
      const { number } = formatMoney(minor(fen), 'CNY', 'zh');
      expect(number.replace(/[,.]/g, '').replace(/^0+(?=\d)/, '')).toBe(String(fen));
    }
  });
  it.each(['zh', 'en'] as const)('gives each currency a sign of its own (%s)', (language) => {
    const signs = currencies.map((currency) => formatMoney(minor(199), currency, language).text);
    expect(signs).toEqual(['¥1.99', 'US$1.99', '€1.99', 'HK$1.99']);
  });
});

describe('times on screen', () => {
  const at = new Date(2026, 10, 22, 0, 5).getTime();
  it('midnight is 00, not 24, and local', () => {
    expect(formatClock(at, 'zh')).toBe('00:05');
    expect(formatDateTime(at, 'zh')).toContain('2026/11/22');
    expect(formatDateTime(at, 'zh')).toContain('00:05');
    expect(formatDateTime(at, 'en')).toContain('22 Nov 2026');
  });
});
