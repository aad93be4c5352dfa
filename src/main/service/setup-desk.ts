import type { DeviceAdmin } from '../../shared/model/device-admin.ts';
import {
  type KeptProfile,
  type Profile,
  isSameProfile,
  profileSchema,
} from '../../shared/model/device-profile.ts';
import type { SetupOrder, SetupView } from '../../shared/model/device-setup.schema.ts';
import {
  type CabinetDevices,
  type DeviceHealth,
  type DeviceSpec,
  cabinetDevicesSchema,
  deviceIdsOf,
} from '../../shared/model/device.ts';
import type { FoundDevices } from '../../shared/model/found-device.ts';
import type { TestsView } from '../../shared/model/self-test.schema.ts';
import { sharedPort } from '../../shared/model/transport-sharing.ts';
import type { MadeProfile, ProfileVersions } from '../settings/profile-versions.ts';
import type { Outcome } from './outcome.ts';
import { type NamedDevice, changedBetween, named, versionsShown } from './profile-changes.ts';

type OrderOf<A extends SetupOrder['act']> = Extract<SetupOrder, { act: A }>;

export interface SetupDeskOptions {
  readonly profiles: Pick<ProfileVersions, 'current' | 'version' | 'badProfile' | 'kept' | 'change' | 'undo'>;
  readonly devices: DeviceAdmin & { restartWith(config: CabinetDevices): Promise<void> };
  readonly tests: { view(): Pick<TestsView, 'results'> };
  /** The cabinet's program begins anew with what is in the file. */
  readonly reopen: () => void;
  /** The operator's time, as the tests have it. */
  readonly nowMs: () => number;
}

/** What is tried and not saved yet. */
interface Draft {
  readonly devices: readonly NamedDevice[];
  /** That were seen to do their work since they were changed; of bolts and contacts the test of the door says it. */
  readonly proven: ReadonlySet<string>;
  /** When a bolt or a contact was changed last; null: none was. */
  readonly doorSinceMs: number | null;
}

const refused = (detail: string): Outcome => ({ outcome: 'refused', detail });
const isOfDoor = ({ kind }: Pick<DeviceSpec, 'kind'>): boolean => kind === 'lock' || kind === 'door-sensor';

/**
 * Set-up of the devices by whoever stands there: searched, tried one by one with the device program running with them, and saved
 * together as a version. Nothing counts before it is saved: with the session the draft ends, and what was saved runs again.
 */
export class SetupDesk {
  readonly #o: SetupDeskOptions;
  #draft: Draft | null = null;
  #found: FoundDevices | null = null;
  /** The versions as they are shown, and of which list: there is a picture of all of it with each change of any device. */
  #shown: { readonly kept: readonly KeptProfile[]; readonly versions: SetupView['versions'] } | null = null;

  constructor(options: SetupDeskOptions) {
    this.#o = options;
  }

  /** Other devices than those that are saved may move bolts and read doors now. */
  get isTrying(): boolean {
    return this.#draft !== null;
  }

  /** Judged and put on record by whoever calls. */
  async perform(order: SetupOrder, actor: string): Promise<Outcome> {
    switch (order.act) {
      case 'findDevices':
        return this.#find();
      case 'tryDevice':
        return this.#try(order);
      case 'leaveOutDevice':
        return this.#leaveOut(order);
      case 'dropProfile':
        await this.#drop();
        return { outcome: 'done' };
      case 'saveProfile':
        return this.#save(order, actor);
      case 'undoProfile':
        return this.#undo(order, actor);
    }
  }

  /** Nobody stands there any more. */
  end(): void {
    this.#found = null;
    void this.#drop();
  }

  /** How the devices are: one that has done its work is proven, also when the device program starts anew later. */
  healthChanged(health: readonly DeviceHealth[]): void {
    const draft = this.#draft;
    if (draft === null) return;
    const works = (one: DeviceHealth): boolean =>
      one.state === 'ready' && (one.kind === 'light' || (one.usefulCount ?? 0) > 0);
    const proven = health.filter((one) => works(one)).map(({ id }) => id);
    this.#draft = { ...draft, proven: new Set([...draft.proven, ...proven]) };
  }

  view(): SetupView {
    const { profiles } = this.#o;
    const saved = named(profiles.current.cabinet.devices);
    const devices = this.#draft?.devices ?? saved;
    const { added, changed, removed } = changedBetween(saved, devices);
    const altered = new Set([...added, ...changed]);
    return {
      version: profiles.version,
      badProfile: profiles.badProfile?.slice(0, 400) ?? null,
      isDraft: this.#draft !== null,
      devices: devices.map((spec) => ({
        ...{ id: spec.id, spec, isChanged: altered.has(spec.id) },
        isProven: !altered.has(spec.id) || this.#isProven(spec),
      })),
      leftOut: removed,
      found: this.#found,
      versions: this.#versions(),
    };
  }

  #versions(): SetupView['versions'] {
    const { kept } = this.#o.profiles;
    if (this.#shown?.kept !== kept) this.#shown = { kept, versions: versionsShown(kept) };
    return this.#shown.versions;
  }

  async #find(): Promise<Outcome> {
    const found = await this.#o.devices.perform({ type: 'findDevices' });
    if (!found.ok) return { outcome: 'failed', detail: found.error.code };
    this.#found = found.value;
    return { outcome: 'done', data: { count: found.value.devices.length } };
  }

  #try({ seenVersion, replaces, device }: OrderOf<'tryDevice'>): Promise<Outcome> | Outcome {
    const { draft, devices } = this.#begun();
    const index = devices.findIndex(({ id }) => id === replaces);
    if (replaces !== null && index === -1) return refused('setup_changed');
    const id = replaces ?? freeId(device.kind, devices);
    const one = { ...device, id };
    const next = index === -1 ? [...devices, one] : devices.with(index, one);
    const proven = new Set([...draft.proven].filter((other) => other !== id));
    return this.#run(seenVersion, next, { ...draft, proven }, isOfDoor(device));
  }

  #leaveOut({ seenVersion, deviceId }: OrderOf<'leaveOutDevice'>): Promise<Outcome> | Outcome {
    const { draft, devices } = this.#begun();
    const gone = devices.find(({ id }) => id === deviceId);
    if (gone === undefined) return refused('setup_changed');
    const next = devices.filter((one) => one !== gone);
    return this.#run(seenVersion, next, draft, isOfDoor(gone));
  }

  #begun(): { draft: Omit<Draft, 'devices'>; devices: readonly NamedDevice[] } {
    const { proven = new Set<string>(), doorSinceMs = null } = this.#draft ?? {};
    const devices = this.#draft?.devices ?? named(this.#o.profiles.current.cabinet.devices);
    return { draft: { proven, doorSinceMs }, devices };
  }

  /** The device program with these, if they can be together. */
  async #run(
    seenVersion: number,
    devices: readonly NamedDevice[],
    draft: Omit<Draft, 'devices'>,
    isDoorChanged: boolean,
  ): Promise<Outcome> {
    const { profiles, nowMs } = this.#o;
    if (seenVersion !== profiles.version) return refused('setup_changed');
    const { simulated } = profiles.current.cabinet;
    const config = cabinetDevicesSchema.safeParse({ simulated, devices });
    if (!config.success) return refused(whyNot(devices, config.error.issues[0]?.message ?? ''));
    const doorSinceMs = isDoorChanged ? nowMs() : draft.doorSinceMs;
    this.#draft = { devices, proven: draft.proven, doorSinceMs };
    await this.#o.devices.restartWith(config.data);
    return { outcome: 'done', data: { devices } };
  }

  async #drop(): Promise<void> {
    if (this.#draft === null) return;
    this.#draft = null;
    await this.#o.devices.restartWith(this.#o.profiles.current.cabinet);
  }

  #save({ seenVersion }: OrderOf<'saveProfile'>, actor: string): Outcome {
    const { profiles } = this.#o;
    const { shelf, cabinet } = profiles.current;
    if (this.#draft === null) return refused('setup_same');
    const unproven = this.view().devices.filter(({ isProven }) => !isProven);
    if (unproven.length > 0) return refused(`setup_unproven: ${unproven.map(({ id }) => id).join(', ')}`);
    const { devices } = this.#draft;
    const next = profileSchema.safeParse({ cabinet: { ...cabinet, devices }, shelf });
    if (!next.success) return refused(whyNot(devices, next.error.issues[0]?.message ?? ''));
    return this.#made(profiles.change(next.data, seenVersion, actor));
  }

  #undo({ to, seenVersion }: OrderOf<'undoProfile'>, actor: string): Outcome {
    return this.#made(this.#o.profiles.undo(to, seenVersion, actor));
  }

  #made(made: ReturnType<ProfileVersions['change']>): Outcome {
    if (!made.ok) {
      const { code, message } = made.error;
      if (code === 'storage') return { outcome: 'failed', detail: 'storage' };
      return refused(code === 'settings' ? `setup_fit: ${message}` : `setup_${code}`);
    }
    // What is saved runs with the program that begins anew.
    this.#draft = null;
    return { outcome: 'done', data: told(made.value), onLeft: this.#o.reopen };
  }

  #isProven(spec: NamedDevice): boolean {
    if (!isOfDoor(spec)) return this.#draft?.proven.has(spec.id) === true;
    const sinceMs = this.#draft?.doorSinceMs ?? null;
    const tested = this.#o.tests.view().results.find(({ test }) => test === 'door');
    return sinceMs !== null && tested !== undefined && tested.atMs >= sinceMs && tested.findings.length === 0;
  }
}

/** For the record: the devices that are other ones, before and after; the rest is as it was. */
function told({ version, before, after }: MadeProfile): Record<string, unknown> {
  const [was, is] = [named(before.cabinet.devices), named(after.cabinet.devices)];
  const { added, removed, changed } = changedBetween(was, is);
  const ids = new Set([...added, ...removed, ...changed]);
  const of = (all: readonly NamedDevice[], { shelf }: Profile) => ({
    devices: all.filter(({ id }) => ids.has(id)),
    ...(isSameProfile({ ...before, shelf: after.shelf }, before) ? {} : { shelf }),
  });
  return { version, before: of(was, before), after: of(is, after) };
}

/** In a word that the page has words for, and what it is about. */
function whyNot(devices: readonly NamedDevice[], message: string): string {
  const pair = sharedPort(devices);
  if (pair === null) return `setup_fit: ${message}`;
  return `setup_port: ${pair.map((index) => devices[index]?.id ?? '').join(', ')}`;
}

function freeId(kind: DeviceSpec['kind'], devices: readonly NamedDevice[]): string {
  const taken = new Set(deviceIdsOf(devices));
  let number = 1;
  while (taken.has(`${kind}-${number}`)) number++;
  return `${kind}-${number}`;
}
