import { createContext, useContext } from 'react';
import { formatDateTime, formatMoney } from '../../../shared/i18n/format.ts';
import type { Language } from '../../../shared/i18n/language.ts';
import { textOf } from '../../../shared/i18n/language.ts';
import type { Widen } from '../../../shared/i18n/shape.ts';
import type { LocalText } from '../../../shared/model/catalog.schema.ts';
import type { ReasonCode } from '../../../shared/model/charge.ts';
import type { Currency, Minor } from '../../../shared/money.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

export type Words = Widen<typeof zh>;
export const wordsOf: Readonly<Record<Language, Words>> = { zh, en };

export const LanguageContext = createContext<Language>('zh');

/** Puts values into the places of a text (`{{name}}`). What has no value stays as it is, for a test to find. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (place, name: string) => String(values[name] ?? place));
}

/** All that a screen needs to speak: its words, and amounts, times and names as this language writes them. */
export interface Speech {
  readonly language: Language;
  readonly words: Words;
  readonly money: (amount: Minor, currency: Currency) => string;
  readonly time: (atMs: number) => string;
  readonly text: (text: LocalText) => string;
}

export function speechIn(language: Language): Speech {
  return {
    language,
    words: wordsOf[language],
    money: (amount, currency) => formatMoney(amount, currency, language).text,
    time: (atMs) => formatDateTime(atMs, language),
    text: (text) => textOf(text, language),
  };
}

export function useSpeech(): Speech {
  return speechIn(useContext(LanguageContext));
}

type Nested<T> = Readonly<Record<string, Readonly<Record<string, T>>>>;

/** The words of a reason: a tree by cause and rest of the code (`ByReason`). */
export function ofReason<T>(tree: Nested<T>, code: ReasonCode): T {
  const dot = code.indexOf('.');
  const found = tree[code.slice(0, dot)]?.[code.slice(dot + 1)];
  if (found === undefined) throw new Error(`no words for ${code}`);
  return found;
}

/** What is said otherwise on a phone than on a cabinet's screen, by the account's reason; undefined: nothing. */
export function saidHere(
  here: Readonly<Record<string, string>>,
  code: ReasonCode | null,
): string | undefined {
  return code === null ? undefined : here[code.slice(code.indexOf('.') + 1)];
}
