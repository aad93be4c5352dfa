import type { Currency, Minor } from '../money.ts';
import { type Language, localeOf } from './language.ts';

export interface MoneyParts {
  readonly symbol: string;
  readonly number: string;
  readonly text: string;
}

/**
 * An amount for the screen. Integer minor units all the way; the only division is here, for display. Each currency has a
 * sign of its own: two kinds of dollars may stand in one list.
 */
export function formatMoney(amount: Minor, currency: Currency, language: Language): MoneyParts {
  const format = new Intl.NumberFormat(localeOf(language), {
    style: 'currency',
    currency,
    currencyDisplay: currency === 'CNY' ? 'narrowSymbol' : 'symbol',
  });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const parts = format.formatToParts(amount / 10 ** digits);
  return {
    symbol: parts.find((p) => p.type === 'currency')?.value ?? '',
    number: parts
      .filter((p) => p.type !== 'currency' && p.type !== 'literal')
      .map((p) => p.value)
      .join(''),
    text: parts.map((p) => p.value).join(''),
  };
}

/** Keeps a number with hyphens (phone, cabinet) in one line: word joiners around each hyphen. */
export function unbroken(text: string): string {
  return text.replaceAll('-', '\u2060-\u2060');
}

/** "19:42", local time of whoever shows it. */
export function formatClock(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(atMs);
}

/** Date and time as a receipt has them, local time of whoever shows it. */
export function formatDateTime(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    year: 'numeric',
    month: language === 'zh' ? '2-digit' : 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(atMs);
}
