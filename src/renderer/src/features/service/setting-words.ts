import { settingsEn } from '../../../../shared/i18n/settings-en.ts';
import { shownSetting } from '../../../../shared/i18n/settings-shape.ts';
import { settingsZh } from '../../../../shared/i18n/settings-zh.ts';
import type { SettingField, SettingValue } from '../../../../shared/model/cabinet-settings.schema.ts';
import { useKiosk } from '../../kiosk/context.ts';

/** Values of settings in the language of the screen. */
export function useSettingWords(): (
  name: string,
  field: SettingField | undefined,
  value: SettingValue,
) => string {
  const { language } = useKiosk();
  const words = language === 'zh' ? settingsZh : settingsEn;
  return (name, field, value) => shownSetting(words, name, field, value);
}
