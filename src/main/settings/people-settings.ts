import type { CabinetSettings, SettingsChanges } from '../../shared/model/cabinet-settings.schema.ts';
import type { CabinetSetting } from '../../shared/model/cabinet-settings.ts';
import type { Settings } from './settings-schema.ts';
import type { SettingsPatch } from './settings-store.ts';
import { waitsOf } from './waits.ts';

/** What is taken for the time of a limit that nobody has set. */
const coolingForMinutesUsual = 30;

/** The settings that people may change, as they stand in the file. */
export function peopleSettingsOf({ screen, servicePhone, cooling, face, waits }: Settings): CabinetSettings {
  return {
    language: screen.language,
    soundPercent: screen.soundPercent,
    servicePhone,
    knock: screen.knock,
    coolingMaxMilliC: cooling?.maxMilliC ?? null,
    coolingForMinutes: cooling?.forMinutes ?? coolingForMinutesUsual,
    faceCamera: face.camera,
    faceRotation: face.rotation,
    ...waitsOf(waits),
  };
}

/** Without a limit there is no time of it to keep. */
export function fitted(changes: SettingsChanges, now: CabinetSettings): SettingsChanges {
  const maxMilliC = changes.coolingMaxMilliC === undefined ? now.coolingMaxMilliC : changes.coolingMaxMilliC;
  return maxMilliC === null ? { ...changes, coolingForMinutes: coolingForMinutesUsual } : changes;
}

/** The change of the file: what is not named in it is not touched. */
export function patchOf(changes: SettingsChanges, now: CabinetSettings): SettingsPatch {
  const { language, soundPercent, knock, servicePhone, faceCamera, faceRotation, ...rest } = changes;
  const { coolingMaxMilliC, coolingForMinutes, ...waits } = rest;
  const isCoolingChanged = coolingMaxMilliC !== undefined || coolingForMinutes !== undefined;
  const maxMilliC = coolingMaxMilliC === undefined ? now.coolingMaxMilliC : coolingMaxMilliC;
  const forMinutes = coolingForMinutes ?? now.coolingForMinutes;
  return {
    ...(servicePhone !== undefined && { servicePhone }),
    ...groupOf('screen', { language, soundPercent, knock }),
    ...groupOf('face', { camera: faceCamera, rotation: faceRotation }),
    ...groupOf('waits', waits),
    ...(isCoolingChanged && { cooling: maxMilliC === null ? null : { maxMilliC, forMinutes } }),
  };
}

function groupOf<N extends string, T extends object>(name: N, values: T): { readonly [K in N]?: Defined<T> } {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return (set.length === 0 ? {} : { [name]: Object.fromEntries(set) }) as { readonly [K in N]?: Defined<T> };
}
type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Which are other ones. One that `before` does not have at all came with a newer program, and nobody has changed it. */
export function differing(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): CabinetSetting[] {
  return Object.keys(after).filter(
    (name) => Object.hasOwn(before, name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  ) as CabinetSetting[];
}
