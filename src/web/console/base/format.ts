import { useContext, useMemo } from 'react';
import { formatDateTime, formatMoney } from '../../../shared/i18n/format.ts';
import { localeOf } from '../../../shared/i18n/language.ts';
import type { Currency, Minor } from '../../../shared/money.ts';
import { SpeechContext } from '../i18n/words.ts';

export interface Format {
  /** Also below zero: what is to be taken out, or is missing. */
  readonly money: (amountMinor: number, currency: Currency | null) => string;
  /** Date and time, of this computer's time zone. */
  readonly time: (atMs: number) => string;
  /** How long ago, in the largest unit that says enough. */
  readonly age: (atMs: number) => string;
}

const unitsS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export function useFormat(): Format {
  const { language } = useContext(SpeechContext);
  return useMemo(() => {
    const locale = localeOf(language);
    return {
      money: (amountMinor, currency) => formatMoney(amountMinor as Minor, currency ?? 'CNY', language).text,
      time: (atMs) => formatDateTime(atMs, language),
      age: (atMs) => {
        const ageS = Math.max(0, (Date.now() - atMs) / 1_000);
        const [unit, seconds] = unitsS.find(([, least]) => ageS >= least) ?? (['minute', 60] as const);
        const count = Math.floor(ageS / seconds);
        return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
      },
    };
  }, [language]);
}

/** The last eight characters, as people read a charge's number out. */
export function shortNumber(chargeId: string): string {
  return chargeId.slice(-8);
}
