import {
  type CabinetSettings,
  type SettingsChanges,
  type SettingsView,
  type ShownVersion,
  settingFields,
  settingsChangesSchema,
} from '../../shared/model/cabinet-settings.schema.ts';
import {
  type CabinetSetting,
  type SettingsWhy,
  isCabinetSetting,
  nobody,
  settingsVersionsKept,
} from '../../shared/model/cabinet-settings.ts';
import type { SettingsAnswer, SettingsOrder } from '../../shared/model/settings-order.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { ownOf } from '../../shared/util/own.ts';
import { differing, fitted, patchOf, peopleSettingsOf } from './people-settings.ts';
import type { KeptVersion, SettingsHistory } from './settings-history.ts';
import type { Settings } from './settings-schema.ts';
import type { SettingsFailure, SettingsStore } from './settings-store.ts';
import { type VersionRefusal, refusedBy } from './version-refusal.ts';

export interface MadeVersion {
  readonly version: number;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** What counts of an order; the changes as they came. */
export type OrderedSettings = Pick<SettingsOrder, 'version' | 'seenVersion' | 'by' | 'changes'>;

/**
 * The settings that people may change, and what became of them: each change is a version, kept whole, and going back is one
 * more. A change and its place in the list are one write of the file: a power cut leaves both or neither.
 */
export class SettingsVersions {
  readonly #store: SettingsStore;
  readonly #nowMs: () => number;
  /** As this run of the program has read them. */
  readonly #atStart: CabinetSettings;

  constructor(store: SettingsStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#atStart = peopleSettingsOf(store.settings);
  }

  /** What was changed outside is a version of its own, so that it is seen, and no order from before undoes it unseen. */
  start(): void {
    // The disk is full: it is made up for before the next change, or the next order.
    void this.#noteOutside();
  }

  get values(): CabinetSettings {
    return peopleSettingsOf(this.#store.settings);
  }
  get version(): number {
    return this.#store.settings.changes.version;
  }
  /** What became of the operator's newest order; null: none has come. */
  get answer(): SettingsAnswer | null {
    return this.#store.settings.changes.answer;
  }
  onChange(listener: () => void): () => void {
    return this.#store.onChange(listener);
  }

  view(): SettingsView {
    const { list } = this.#store.settings.changes;
    const { values } = this;
    const waiting = differing(this.#atStart, values).filter((name) => restartNames.has(name));
    const versions = list.map((kept, i) => shown(kept, list[i - 1] ?? null)).reverse();
    return { version: this.version, fields, values, waiting, versions };
  }

  /** Somebody at the cabinet wants these. `seenVersion`: what they had before them. */
  change(changes: SettingsChanges, seenVersion: number, by: string): Result<MadeVersion, VersionRefusal> {
    if (seenVersion !== this.version) return fail('changed', `version ${this.version} is in force`);
    return this.#make(changes, by, 'here');
  }

  /** Back to how they were in `version`, which is a new version. */
  undo(version: number, seenVersion: number, by: string): Result<MadeVersion, VersionRefusal> {
    if (seenVersion !== this.version) return fail('changed', `version ${this.version} is in force`);
    const kept = this.#store.settings.changes.list.find((one) => one.version === version);
    if (kept === undefined) return fail('no_such_version', `version ${version} is not kept`);
    if (!Object.keys(kept.values).every(isCabinetSetting))
      return fail('unreadable', `version ${version} cannot be read`);
    // They were in the file: its bounds hold, not the narrower ones of the form. The store checks them.
    return this.#make(kept.values, by, 'undo');
  }

  /**
   * An order of the operator, once. What somebody here has changed since whoever ordered it has looked stays as it is: they knew
   * more. One that cannot be read, or does not fit, changes nothing. Ok with null: it was dealt with before.
   */
  follow(order: OrderedSettings): Result<SettingsAnswer | null, VersionRefusal> {
    const { version, seenVersion } = order;
    if (this.answer !== null && version <= this.answer.version) return ok(null);
    const noted = this.#noteOutside();
    if (!noted.ok) return fail('storage', noted.error.message);
    const { here } = noted.value.changes;
    const parsed = settingsChangesSchema.safeParse(order.changes);
    if (!parsed.success) return this.#answer({ ...nothingDone, version, refused: whyUnreadable(order) });
    const left = differing(this.values, parsed.data).filter(
      (name) => (ownOf(here, name) ?? -1) > seenVersion,
    );
    const entries = Object.entries(parsed.data).filter(([name]) => !(left as string[]).includes(name));
    const asked: SettingsChanges = Object.fromEntries(entries);
    const done = differing(this.values, fitted(asked, this.values)).filter((name) => name in asked);
    const said: SettingsAnswer = { version, done, left, refused: null };
    if (done.length === 0) return this.#answer(said);
    const made = this.#make(asked, order.by, 'operator', said);
    if (made.ok) return ok(said);
    if (made.error.code !== 'settings') return made;
    return this.#answer({
      ...nothingDone,
      version,
      refused: `settings: ${made.error.message}`.slice(0, 200),
    });
  }

  /** The cabinet has been made known to its operator anew: what another one has ordered counts no more. */
  forgetOrder(): void {
    if (this.answer !== null)
      this.#store.update(({ changes }) => ({ changes: { ...changes, answer: null } }));
  }

  /** The settings as the file says now, with a version for what was changed outside. */
  #noteOutside(): Result<Settings, SettingsFailure> {
    const now = this.#store.reread();
    if (!now.ok || now.value.changes.list.length === 0) return now;
    const atMs = this.#nowMs();
    if (withWhatWasThere(now.value, atMs) === now.value.changes) return now;
    return this.#store.update((latest) => ({ changes: withWhatWasThere(latest, atMs) }));
  }

  #answer(answer: SettingsAnswer): Result<SettingsAnswer, VersionRefusal> {
    const kept = this.#store.update(({ changes }) => ({ changes: { ...changes, answer } }));
    return kept.ok ? ok(answer) : fail('storage', kept.error.message);
  }

  #make(
    asked: SettingsChanges,
    by: string,
    why: SettingsWhy,
    answer?: SettingsAnswer,
  ): Result<MadeVersion, VersionRefusal> {
    const before = this.values;
    const wanted = fitted(asked, before);
    const names = differing(before, wanted);
    if (names.length === 0) return fail('same', 'nothing would be another one');
    const atMs = Math.round(this.#nowMs());
    const kept = this.#store.update((now) => {
      const was = peopleSettingsOf(now);
      const history = withWhatWasThere(now, atMs);
      const version = history.version + 1;
      const values = { ...was, ...wanted } as CabinetSettings;
      const isHere = why !== 'operator';
      const here = { ...history.here, ...(isHere && Object.fromEntries(names.map((one) => [one, version]))) };
      const list = bounded([...history.list, { version, atMs, by, why, values }]);
      const changes = { ...history, version, here, list, ...(answer && { answer }) };
      return { ...patchOf(wanted, was), changes };
    });
    if (!kept.ok) return refusedBy(kept.error);
    const pick = (of: CabinetSettings) => Object.fromEntries(names.map((name) => [name, of[name]]));
    return ok({ version: this.version, before: pick(before), after: pick(this.values) });
  }
}

const nothingDone = { done: [], left: [] } as const satisfies Partial<SettingsAnswer>;
const fields = settingFields();
const restartNames = new Set(fields.filter(({ effect }) => effect === 'restart').map(({ name }) => name));

/** The name of what cannot be read, never its value: whoever orders sees it. */
function whyUnreadable({ changes }: OrderedSettings): string {
  const unknown = Object.keys(changes).find((name) => !isCabinetSetting(name));
  if (unknown !== undefined) return `unknown: ${unknown}`.slice(0, 200);
  const [issue] = settingsChangesSchema.safeParse(changes).error?.issues ?? [];
  return `invalid: ${issue?.path.join('.') ?? ''}`.slice(0, 200);
}

/** The list, with how they were before the first change, and what was changed outside since the last one. */
function withWhatWasThere(now: Settings, atMs: number): SettingsHistory {
  const { changes } = now;
  const values = peopleSettingsOf(now);
  const newest = changes.list.at(-1);
  const common = { atMs: Math.round(atMs), by: nobody, values };
  if (newest === undefined) {
    const first: KeptVersion = { ...common, version: changes.version, why: 'begin' };
    return { ...changes, list: [first] };
  }
  const names = differing(newest.values, values);
  if (names.length === 0) return changes;
  const version = changes.version + 1;
  const here = Object.fromEntries(names.map((name): [CabinetSetting, number] => [name, version]));
  const list = bounded([...changes.list, { ...common, version, why: 'elsewhere' as const }]);
  return { ...changes, version, here: { ...changes.here, ...here }, list };
}

function bounded(list: readonly KeptVersion[]): KeptVersion[] {
  return list.slice(-settingsVersionsKept);
}

function shown({ version, atMs, by, why, values }: KeptVersion, before: KeptVersion | null): ShownVersion {
  const names = before === null ? [] : differing(before.values, values);
  const changed = names.map((name) => ({
    name,
    before: ownOf(before?.values ?? {}, name) ?? null,
    after: ownOf(values, name) ?? null,
  }));
  return { version, atMs, by, why, changed };
}
