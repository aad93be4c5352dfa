import {
  type KeptProfile,
  type Profile,
  type ProfileWhy,
  isSameProfile,
  profileSchema,
  withProfile,
  withProfileInForce,
} from '../../shared/model/device-profile.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { SettingsStore } from './settings-store.ts';
import { type VersionRefusal, refusedBy } from './version-refusal.ts';

export interface MadeProfile {
  readonly version: number;
  readonly before: Profile;
  readonly after: Profile;
}

/**
 * Devices and shelves of this cabinet: each change is a version, kept whole, and going back is one more. A change and its place
 * in the list are one write of the file: a power cut leaves both or neither.
 */
export class ProfileVersions {
  readonly #store: SettingsStore;
  readonly #nowMs: () => number;

  constructor(store: SettingsStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** What was changed outside is a version of its own, so that it is seen. */
  start(): void {
    const now = this.#store.reread();
    if (!now.ok || this.badProfile !== null) return;
    const { profiles } = now.value;
    const atMs = this.#nowMs();
    if (withProfileInForce(profiles, now.value, atMs, false) === profiles) return;
    // The disk is full: it is made up for with the next change.
    this.#store.update((latest) => ({
      profiles: withProfileInForce(latest.profiles, latest, atMs, false),
    }));
  }

  get current(): Profile {
    const { cabinet, shelf } = this.#store.settings;
    return { cabinet, shelf };
  }
  get version(): number {
    return this.#store.settings.profiles.version;
  }
  get badProfile(): string | null {
    return this.#store.badProfile;
  }
  /** The oldest first. */
  get kept(): readonly KeptProfile[] {
    return this.#store.settings.profiles.list;
  }

  /** Somebody at the cabinet wants this one. `seenVersion`: which they had before them. */
  change(next: Profile, seenVersion: number, by: string): Result<MadeProfile, VersionRefusal> {
    return this.#make(next, seenVersion, by, 'here');
  }

  /** Back to how it was in `version`, which is a new version. */
  undo(version: number, seenVersion: number, by: string): Result<MadeProfile, VersionRefusal> {
    const kept = this.kept.find((one) => one.version === version);
    if (kept === undefined) return fail('no_such_version', `version ${version} is not kept`);
    const profile = profileSchema.safeParse(kept.profile);
    if (!profile.success) return fail('unreadable', `version ${version} cannot be used`);
    return this.#make(profile.data, seenVersion, by, 'undo');
  }

  #make(
    next: Profile,
    seenVersion: number,
    by: string,
    why: ProfileWhy,
  ): Result<MadeProfile, VersionRefusal> {
    if (seenVersion !== this.version) return fail('changed', `version ${this.version} is in force`);
    const before = this.current;
    // Of a bad one in the file the same as what is used in its place is a change.
    if (isSameProfile(before, next) && this.badProfile === null)
      return fail('same', 'nothing would be another');
    const atMs = this.#nowMs();
    const kept = this.#store.update((now) => ({
      cabinet: next.cabinet,
      shelf: next.shelf,
      profiles: withProfile(now.profiles, now, { next, by, why, atMs }),
    }));
    return kept.ok ? ok({ version: this.version, before, after: this.current }) : refusedBy(kept.error);
  }
}
