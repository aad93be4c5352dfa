import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { LocalText } from '../../../shared/model/catalog.schema.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

export type Language = 'zh' | 'en';
export const firstLanguage: Language = 'zh';

export function otherLanguage(language: Language): Language {
  return language === 'zh' ? 'en' : 'zh';
}

/** BCP 47 tag for Intl and the `lang` attribute. */
export function localeOf(language: Language): string {
  return language === 'zh' ? 'zh-CN' : 'en-GB';
}

/** The words of a product or place in the shopper's language; a size at the end ("330 ml") is never torn apart. */
export function textOf(text: LocalText, language: Language): string {
  return text[language].replace(/(\d) (\p{L}+)$/u, '$1\u00a0$2');
}

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
