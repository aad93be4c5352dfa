import { type ReactNode, createContext, useContext, useEffect, useMemo, useState } from 'react';
import { type Language, localeOf } from '../../../shared/i18n/language.ts';
import { SpeechContext, languages, wordsOf } from '../i18n/words.ts';

export const themes = ['system', 'day', 'night'] as const;
export type Theme = (typeof themes)[number];

interface Settings {
  readonly language: Language;
  readonly theme: Theme;
  readonly setLanguage: (language: Language) => void;
  readonly setTheme: (theme: Theme) => void;
}
const SettingsContext = createContext<Settings | null>(null);

export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (settings === null) throw new Error('outside of the settings');
  return settings;
}

function kept<T extends string>(name: string, known: readonly T[], otherwise: T): T {
  const value = window.localStorage.getItem(name);
  return known.find((one) => one === value) ?? otherwise;
}

/** Language and colours, as chosen in this browser; until then as the browser itself is. */
export function WithSettings({ children }: { children: ReactNode }) {
  const isChinese = window.navigator.language.toLowerCase().startsWith('zh');
  const [language, setLanguage] = useState(() => kept('language', languages, isChinese ? 'zh' : 'en'));
  const [theme, setTheme] = useState(() => kept('theme', themes, 'system'));
  useEffect(() => {
    const { documentElement: root } = document;
    root.lang = localeOf(language);
    document.title = wordsOf[language].title;
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    window.localStorage.setItem('language', language);
    window.localStorage.setItem('theme', theme);
  }, [language, theme]);
  const settings = useMemo(() => ({ language, theme, setLanguage, setTheme }), [language, theme]);
  const speech = useMemo(() => ({ language, words: wordsOf[language] }), [language]);
  return (
    <SettingsContext value={settings}>
      <SpeechContext value={speech}>{children}</SpeechContext>
    </SettingsContext>
  );
}
