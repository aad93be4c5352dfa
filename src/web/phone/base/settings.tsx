import { phoneStore } from './store.ts';
import type { ReactNode } from 'react';
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import type { Language } from '../../../shared/i18n/language.ts';
import { localeOf } from '../../../shared/i18n/language.ts';
import { LanguageContext } from '../i18n/words.ts';

const key = 'kaimen-language';

/** What was chosen here before; else what the phone speaks; Chinese first. */
export function firstLanguageOf(kept: string | null, spoken: readonly string[]): Language {
  if (kept === 'zh' || kept === 'en') return kept;
  const known = spoken
    .map((one) => one.slice(0, 2).toLowerCase())
    .find((one) => one === 'zh' || one === 'en');
  return known === 'en' ? 'en' : 'zh';
}

/** Somebody has said on this phone which language they want. */
export function hasChosenLanguage(): boolean {
  return phoneStore.getItem(key) !== null;
}

const ChooseContext = createContext<(language: Language) => void>(() => undefined);
export function useChooseLanguage(): (language: Language) => void {
  return useContext(ChooseContext);
}

export function WithLanguage({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() =>
    firstLanguageOf(phoneStore.getItem(key), navigator.languages),
  );
  useEffect(() => {
    document.documentElement.lang = localeOf(language);
  }, [language]);
  const choose = useMemo(
    () => (next: Language) => {
      setLanguage(next);
      try {
        phoneStore.setItem(key, next);
      } catch {
        // It is asked for again next time.
      }
    },
    [],
  );
  return (
    <LanguageContext value={language}>
      <ChooseContext value={choose}>{children}</ChooseContext>
    </LanguageContext>
  );
}
