import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import { profileForm } from '../../shared/model/device-profile.ts';
import { type LastGood, isOfProfile, settingsBeforeLoss, settingsInForceLast } from './profile-in-force.ts';
import { type Settings, settingsSchema, settingsVersion } from './settings-schema.ts';

/** Where settings lie. Both may throw; a SyntaxError says that what is there is not in the form of settings. */
export interface SettingsBackend {
  /** `{}` when there are none yet. */
  read(): unknown;
  /** All or nothing. */
  write(raw: Record<string, unknown>): void;
  /** The devices and shelves as they were when all could be read last; absent or null: never. */
  lastGood?: LastGood;
}

/**
 * `settings.invalid`: not what the schema says; `settings.profile`: this program cannot read the devices and shelves, and none
 * may take their place; `settings.newer`: of a newer app; `settings.io`: cannot be read or written. What is stored has not changed.
 */
export type SettingsFailure = Failure<
  'settings.invalid' | 'settings.profile' | 'settings.newer' | 'settings.io'
>;

/** `bad`: why older ones are used in their place; `unknown`: names in them that this program does not know, a few at most. */
export interface ProfileReading {
  readonly bad: string | null;
  readonly unknown: readonly string[];
}

/** Of these a change names only what becomes another one. */
const groups = ['face', 'screen', 'waits', 'cooling'] as const;
type Group = (typeof groups)[number];
/** Parts of the settings, to be changed; what is absent stays, within the groups as well. */
export type SettingsPatch = Partial<
  Omit<Settings, 'version' | Group> & {
    [G in Group]: Partial<NonNullable<Settings[G]>> | Extract<Settings[G], null>;
  }
>;

/** The settings of this cabinet: checked when they are read and before they are written; whoever uses them can listen. */
export class SettingsStore {
  readonly #backend: SettingsBackend;
  readonly #listeners: Listeners<Settings>;
  #settings: Settings;
  #badProfile: string | null;

  private constructor(backend: SettingsBackend, clock: Clock, { settings, badProfile }: Stored) {
    this.#backend = backend;
    this.#listeners = new Listeners(clock);
    this.#settings = settings;
    this.#badProfile = badProfile;
  }

  /**
   * Reads the settings. What does not fit is left as it is and named: a cabinet that invents its own settings would talk
   * to the wrong lock. Only of devices and shelves the last good version takes the place (profile-in-force.ts).
   */
  static open(backend: SettingsBackend, clock: Clock): Result<SettingsStore, SettingsFailure> {
    const stored = readFrom(backend);
    return stored.ok ? ok(new SettingsStore(backend, clock, stored.value)) : stored;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** What is wrong with the devices and shelves in the file, while older ones are used in their place; null: nothing. */
  get badProfile(): string | null {
    return this.#badProfile;
  }

  /** Names in the file that are none of ours: written wrongly, or of a newer app. Empty as well where it cannot be read now. */
  unknownNames(): readonly string[] {
    return this.#unknownNames().slice(0, unknownNamesMax);
  }

  /** How this program reads the devices and shelves in force; another one may read them otherwise. */
  get profileReading(): ProfileReading {
    const unknown = this.#unknownNames().filter((name) => isOfProfile(name.split('.')[0]));
    return { bad: this.#badProfile, unknown: unknown.slice(0, unknownNamesMax) };
  }

  #unknownNames(): string[] {
    const stored = readFrom(this.#backend);
    if (!stored.ok) return [];
    // The lists of versions are none of theirs who write the file.
    const written = { ...stored.value.raw, changes: null, profiles: null };
    return namesBeside(written, stored.value.settings, '');
  }

  /** Calls the listener with all settings after each change. Returns the way to stop that. */
  onChange(listener: (settings: Settings) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Reads the file anew: what is decided about it counts what somebody wrote into it by hand meanwhile. */
  reread(): Result<Settings, SettingsFailure> {
    const stored = readFrom(this.#backend);
    if (!stored.ok) return stored;
    this.#settings = stored.value.settings;
    this.#badProfile = stored.value.badProfile;
    return ok(this.#settings);
  }

  /** Stores the change, which may depend on what the file says now, and then tells of it. */
  update(change: SettingsPatch | ((now: Settings) => SettingsPatch)): Result<Settings, SettingsFailure> {
    // The file as it is now: what somebody wrote into it by hand meanwhile stays.
    const stored = readFrom(this.#backend);
    if (!stored.ok) return stored;
    const { raw: before } = stored.value;
    const patch = typeof change === 'function' ? change(stored.value.settings) : change;
    const merged = Object.fromEntries(
      groups.flatMap((group) => {
        const part = patch[group];
        return part ? [[group, { ...(before[group] as object | null), ...part }]] : [];
      }),
    );
    const wanted = { ...before, ...patch, ...merged, version: settingsVersion };
    // An older profile takes the place of one that was bad before, never of one that this change makes bad.
    const isBadBefore = stored.value.badProfile !== null && !('cabinet' in patch) && !('shelf' in patch);
    const changed = parseSettings(wanted, isBadBefore ? lastGoodOf(this.#backend) : null);
    if (!changed.ok) return changed;
    const { raw, settings, badProfile } = changed.value;
    try {
      this.#backend.write(raw);
    } catch (error) {
      return fail('settings.io', messageOf(error));
    }
    this.#settings = settings;
    this.#badProfile = badProfile;
    this.#listeners.emit(settings);
    return ok(settings);
  }
}

const unknownNamesMax = 10;

/** What is written and was not read, with the names above it: `cabinet.devices.0.chanel`. */
function namesBeside(written: unknown, read: unknown, above: string): string[] {
  if (typeof written !== 'object' || written === null || typeof read !== 'object' || read === null) return [];
  const known = new Map(Object.entries(read));
  return Object.entries(written).flatMap(([name, value]: [string, unknown]) =>
    known.has(name) ? namesBeside(value, known.get(name), `${above}${name}.`) : [`${above}${name}`],
  );
}

export interface Stored {
  /** As in the file, keys that nobody knows included. */
  readonly raw: Record<string, unknown>;
  readonly settings: Settings;
  /** What is wrong with the file's own devices and shelves, where older ones have taken their place; null: nothing. */
  readonly badProfile: string | null;
}

function readFrom(backend: SettingsBackend): Result<Stored, SettingsFailure> {
  try {
    return parseSettings(backend.read(), lastGoodOf(backend));
  } catch (error) {
    return fail(error instanceof SyntaxError ? 'settings.invalid' : 'settings.io', messageOf(error));
  }
}

function lastGoodOf(backend: SettingsBackend): LastGood {
  return () => backend.lastGood?.() ?? null;
}

/** `lastGood`: from where older devices and shelves come when those here cannot be read; null: from nowhere. */
export function parseSettings(
  stored: unknown,
  lastGood: LastGood | null = null,
): Result<Stored, SettingsFailure> {
  const raw = z.record(z.string(), z.unknown()).safeParse(stored);
  if (!raw.success) return fail('settings.invalid', z.prettifyError(raw.error));
  const { version } = raw.data;
  if (typeof version === 'number' && version > settingsVersion)
    return fail('settings.newer', `version ${version}, this app knows ${settingsVersion}`);
  const form = z.object({ form: z.number() }).safeParse(raw.data['profiles']).data?.form ?? profileForm;
  if (form > profileForm)
    return fail('settings.profile', `device profile of form ${form}, this app knows ${profileForm}`);
  const settings = settingsSchema.safeParse(raw.data);
  if (settings.success) {
    const lost = lastGood === null ? null : settingsBeforeLoss(raw.data, lastGood);
    return ok({ raw: raw.data, settings: lost?.settings ?? settings.data, badProfile: lost?.why ?? null });
  }
  const why = z.prettifyError(settings.error);
  const isProfileAlone = settings.error.issues.every(({ path: [first] }) => isOfProfile(first));
  if (!isProfileAlone || lastGood === null) return fail('settings.invalid', why);
  const older = settingsInForceLast(raw.data, lastGood);
  if (older === null) return fail('settings.profile', why);
  return ok({ raw: raw.data, settings: older, badProfile: why });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
