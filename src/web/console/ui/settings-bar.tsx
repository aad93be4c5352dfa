import type { Language } from '../../../shared/i18n/language.ts';
import { type Theme, themes, useSettings } from '../base/settings.tsx';
import { useWords } from '../i18n/words.ts';
import { Choice } from './choice.tsx';

/** Each language by its own name. */
const names: Readonly<Record<Language, string>> = { zh: '中文', en: 'English' };

export function SettingsBar() {
  const words = useWords().settings;
  const { language, setLanguage, theme, setTheme } = useSettings();
  const options = themes.map((id) => ({ id, text: words.themes[id] }));
  return (
    <div className="flex flex-wrap gap-3">
      <Choice<Language>
        label={words.language}
        value={language}
        onChange={setLanguage}
        options={[
          { id: 'zh', text: names.zh },
          { id: 'en', text: names.en },
        ]}
      />
      <Choice<Theme> label={words.theme} value={theme} onChange={setTheme} options={options} />
    </div>
  );
}
