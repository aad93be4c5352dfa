import { createContext, useContext } from 'react';
import { en } from './en.ts';
import type { Words } from './shape.ts';
import { zh } from './zh.ts';

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

export const wordsOf: Readonly<Record<Language, Words>> = { zh, en };
/** BCP 47, for Intl and the `lang` attribute. */
export const localeOf: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en-GB' };

export interface Speech {
  readonly language: Language;
  readonly words: Words;
}
export const SpeechContext = createContext<Speech>({ language: 'zh', words: zh });

export function useWords(): Words {
  return useContext(SpeechContext).words;
}
