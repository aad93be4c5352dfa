import { type KeptProfile, profileSchema } from '../../shared/model/device-profile.ts';
import type { SetupView } from '../../shared/model/device-setup.schema.ts';
import { type DeviceSpec, deviceIdsOf } from '../../shared/model/device.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';

/** With the name by which health and record know it, so that it keeps it when another one is left out. */
export type NamedDevice = DeviceSpec & { readonly id: string };

export function named(devices: readonly DeviceSpec[]): NamedDevice[] {
  const ids = deviceIdsOf(devices);
  return devices.map((one, index) => ({ ...one, id: ids[index] ?? one.kind }));
}

/** Which devices are there now and were not, or the other way round, or are wired otherwise. */
export function changedBetween(
  before: readonly NamedDevice[],
  after: readonly NamedDevice[],
): { added: string[]; removed: string[]; changed: string[] } {
  const was = new Map(before.map((one) => [one.id, one]));
  const is = new Set(after.map(({ id }) => id));
  return {
    added: after.filter(({ id }) => !was.has(id)).map(({ id }) => id),
    removed: before.filter(({ id }) => !is.has(id)).map(({ id }) => id),
    changed: after.filter((one) => was.has(one.id) && !isSame(was.get(one.id), one)).map(({ id }) => id),
  };
}

/** Whatever order its entries stand in. */
function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

/** The versions as the page lists them, the newest first. One that this program cannot use changes nothing that can be named. */
export function versionsShown(kept: readonly KeptProfile[]): SetupView['versions'] {
  const profiles = kept.map(({ profile }) => profileSchema.safeParse(profile).data);
  return kept
    .map(({ version, atMs, by, why }, index) => {
      const [before, after] = [profiles[index - 1], profiles[index]];
      const isKnown = before !== undefined && after !== undefined;
      const changes = isKnown
        ? changedBetween(named(before.cabinet.devices), named(after.cabinet.devices))
        : { added: [], removed: [], changed: [] };
      return {
        ...{ version, atMs, by, why, ...changes },
        isShelfChanged: isKnown && !isSame(before.shelf, after.shelf),
      };
    })
    .reverse();
}
