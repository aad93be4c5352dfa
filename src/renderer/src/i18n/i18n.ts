import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../../../shared/i18n/language.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

function create(language: Language): i18n {
  const instance = createInstance();
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { zh: { translation: zh }, en: { translation: en } },
    // Everything is bundled: ready when this returns. React escapes.
    initAsync: false,
    interpolation: { escapeValue: false },
  });
  return instance;
}

/** One ready instance for each language: changing the language is choosing the other one. */
export const translations: Readonly<Record<Language, i18n>> = { zh: create('zh'), en: create('en') };
