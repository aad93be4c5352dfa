import type { LocalText } from '../model/catalog.schema.ts';

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];
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
