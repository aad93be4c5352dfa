import { settingsEn } from '../../../../shared/i18n/settings-en.ts';
import type { SettingWords } from '../../../../shared/i18n/settings-shape.ts';
import { settingsZh } from '../../../../shared/i18n/settings-zh.ts';
import { useSettings } from '../../base/settings.tsx';

/** The words of settings in the language of the page. */
export function useSettingWords(): SettingWords {
  return useSettings().language === 'zh' ? settingsZh : settingsEn;
}
