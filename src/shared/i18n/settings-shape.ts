import type { CabinetSetting, SettingsWhy } from '../model/cabinet-settings.ts';
import type { SettingField, SettingValue } from '../model/cabinet-settings.schema.ts';
import type { Corner } from '../model/corner-knock.ts';
import type { Language } from './language.ts';

/** Units that are the same in each language. */
const signs = { percent: '%', celsius: ' °C' } as const;

/** One entry for each setting. A new one does not compile until it has words. */
export interface SettingWords {
  readonly name: Readonly<Record<CabinetSetting, string>>;
  /** What it does, as it is said before it is changed. */
  readonly effect: Readonly<Record<CabinetSetting, string>>;
  readonly value: Readonly<Record<Language | Corner, string>>;
  /** What it means that one is left to the cabinet. */
  readonly nothing: Readonly<Record<'coolingMaxMilliC' | 'faceCamera' | 'faceRotation', string>>;
  readonly unit: Readonly<Record<Exclude<NonNullable<SettingField['unit']>, keyof typeof signs>, string>>;
  readonly takes: Readonly<Record<SettingField['effect'], string>>;
  readonly why: Readonly<Record<SettingsWhy, string>>;
}

/** A value of a setting as people read it. One that this version does not know is as it is. */
export function shownSetting(
  words: SettingWords,
  name: string,
  field: SettingField | undefined,
  value: SettingValue,
): string {
  if (value === null) return Object.hasOwn(words.nothing, name) ? words.nothing[name as 'faceCamera'] : '—';
  if (Array.isArray(value)) return value.map((one) => wordOf(words, one)).join(' → ');
  if (typeof value !== 'number') return wordOf(words, String(value));
  const number = String(value / (field?.per ?? 1));
  if (name === 'faceRotation') return `${number}°`;
  const unit = field?.unit ?? null;
  if (unit === null) return number;
  return unit === 'percent' || unit === 'celsius' ? number + signs[unit] : `${number} ${words.unit[unit]}`;
}

function wordOf({ value }: SettingWords, text: string): string {
  return Object.hasOwn(value, text) ? value[text as Corner] : text;
}
