/** Words that cabinet, operator and pages share about the settings that people may change. */

/**
 * The settings that people may change, at the cabinet's screen or from afar: the one list of them; what each may be stands in
 * cabinet-settings.schema.ts.
 */
export const cabinetSettingNames = [
  'language',
  'soundPercent',
  'servicePhone',
  'knock',
  'coolingMaxMilliC',
  'coolingForMinutes',
  'faceCamera',
  'faceRotation',
  'identifySeconds',
  'openDoorSeconds',
  'ajarSeconds',
  'receiptSeconds',
] as const;
export type CabinetSetting = (typeof cabinetSettingNames)[number];

export function isCabinetSetting(name: string): name is CabinetSetting {
  return (cabinetSettingNames as readonly string[]).includes(name);
}

/** Of a cabinet: so many versions of its settings are kept, each whole. */
export const settingsVersionsKept = 20;

/**
 * Why a version is there: `begin`: as it was before the first change; `here`: somebody at the cabinet; `undo`: the same, back to
 * an older one; `operator`: ordered from afar; `elsewhere`: somebody has written into the file, or the cabinet has found out
 * itself how its camera stands.
 */
export const settingsWhys = ['begin', 'here', 'undo', 'operator', 'elsewhere'] as const;
export type SettingsWhy = (typeof settingsWhys)[number];

/** Who is meant by an entry that nobody of the staff has made. */
export const nobody = '-';
