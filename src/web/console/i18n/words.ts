import { createContext, useContext } from 'react';
import type { Language } from '../../../shared/i18n/language.ts';
import { en } from './en.ts';
import type { Words } from './shape.ts';
import { zh } from './zh.ts';

export const languages = ['zh', 'en'] as const satisfies readonly Language[];
export const wordsOf: Readonly<Record<Language, Words>> = { zh, en };

export interface Speech {
  readonly language: Language;
  readonly words: Words;
}
export const SpeechContext = createContext<Speech>({ language: 'zh', words: zh });

export function useWords(): Words {
  return useContext(SpeechContext).words;
}
