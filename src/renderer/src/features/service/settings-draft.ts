import type { SettingValue } from '../../../../shared/model/cabinet-settings.schema.ts';

type Values = Readonly<Record<string, SettingValue>>;

/** What the editor begins with: what was drafted, also where that is "left open" (null), else what is in force. */
export function valueInEditor(name: string, drafted: Values, inForce: Values): SettingValue {
  return (Object.hasOwn(drafted, name) ? drafted[name] : inForce[name]) ?? null;
}
