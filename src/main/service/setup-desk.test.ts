import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { SetupOrder } from '../../shared/model/device-setup.schema.ts';
import {
  type CabinetDevices,
  type DeviceHealth,
  type DeviceSpec,
  cabinetDevicesSchema,
  deviceSpecSchema,
} from '../../shared/model/device.ts';
import type { TestResult } from '../../shared/model/self-test.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { ProfileVersions } from '../settings/profile-versions.ts';
import { SettingsStore } from '../settings/settings-store.ts';
import { SetupDesk } from './setup-desk.ts';

const at = (port: number) => ({ kind: 'tcp', host: '10.0.0.5', port, framing: 'stream' });
const spec = (one: object): DeviceSpec => deviceSpecSchema.parse(one);
const lock = (channel = 1): DeviceSpec =>
  spec({ kind: 'lock', protocol: 'lock-8a', boardAddress: 1, channel, closedFeedback: 1, transport: at(1) });
const thermometer = (port = 2): DeviceSpec =>
  spec({ kind: 'thermometer', protocol: 'thermometer-modbus', unitAddress: 1, transport: at(port) });
const scale = spec({ kind: 'scale', protocol: 'scale-hid', lane: 1, transport: at(3) });

let file: Record<string, unknown>;
let isFull: boolean;
let isSearched: boolean;
let profiles: ProfileVersions;
let desk: SetupDesk;
let configs: CabinetDevices[];
let reopened: number;
let nowMs: number;
let results: TestResult[];

function open(): void {
  const backend = {
    read: () => structuredClone(file),
    write: (raw: Record<string, unknown>) => {
      if (isFull) throw new Error('ENOSPC');
      file = structuredClone(raw);
    },
  };
  profiles = new ProfileVersions(unwrap(SettingsStore.open(backend, new FakeClock())), () => nowMs);
  desk = new SetupDesk({
    ...{ profiles, nowMs: () => nowMs, reopen: () => void reopened++, tests: { view: () => ({ results }) } },
    devices: {
      perform: () => Promise.resolve((isSearched ? ok(found) : fail('host.gone', '')) as never),
      restartWith: (config) => {
        // As the device host does: it takes what it would take as a message.
        configs.push(cabinetDevicesSchema.parse(config));
        return Promise.resolve();
      },
    },
  });
}
const found = { devices: [], problems: ['this system has no USB'] };

beforeEach(() => {
  file = { cabinetId: 'KM-7', cabinet: { simulated: true, devices: [lock()] } };
  [isFull, isSearched, configs, reopened, nowMs, results] = [false, true, [], 0, 1_000, []];
  open();
});

const order = (made: SetupOrder) => desk.perform(made, '5520');
const tryOut = (device: DeviceSpec, replaces: string | null = null) =>
  order({ act: 'tryDevice', seenVersion: profiles.version, replaces, device });
const save = () => order({ act: 'saveProfile', seenVersion: profiles.version });
const health = (id: string, kind: DeviceHealth['kind'], over: Partial<DeviceHealth> = {}): DeviceHealth => ({
  ...{ id, kind, state: 'ready', lastSeenMs: 1, errorCount: 0, resetCount: 0, detail: '', usefulCount: 1 },
  ...over,
});
const passed = (findings: TestResult['findings'] = []): void => {
  results = [{ test: 'door', atMs: nowMs, findings, facts: [] }];
};
const shown = () => desk.view().devices.map(({ id, isChanged, isProven }) => [id, isChanged, isProven]);

test('a thermometer is tried, seen to measure, saved as a version, and the program begins anew with it', async () => {
  expect(await tryOut(thermometer())).toMatchObject({ outcome: 'done' });
  expect(configs.at(-1)?.devices.map(({ kind }) => kind)).toEqual(['lock', 'thermometer']);
  expect(shown()).toEqual([
    ['lock-1', false, true],
    ['thermometer-1', true, false],
  ]);
  // Nothing is saved before it has measured, and nothing that it says of itself alone counts.
  desk.healthChanged([health('thermometer-1', 'thermometer', { usefulCount: 0 })]);
  desk.healthChanged([health('thermometer-1', 'thermometer', { state: 'silent' })]);
  expect(await save()).toMatchObject({ outcome: 'refused', detail: 'setup_unproven: thermometer-1' });
  desk.healthChanged([health('thermometer-1', 'thermometer')]);
  const saved = await save();
  expect(saved).toMatchObject({ outcome: 'done', data: { version: 1, before: { devices: [] } } });
  expect(reopened).toBe(0);
  saved.onLeft?.();
  desk.end();
  expect([reopened, configs.length]).toEqual([1, 1]);
  open();
  expect(profiles.current.cabinet.devices).toMatchObject([{ id: 'lock-1' }, { id: 'thermometer-1' }]);
  expect(desk.view()).toMatchObject({
    ...{ version: 1, isDraft: false },
    versions: [{ by: '5520', why: 'here', added: ['thermometer-1'] }, { why: 'begin' }],
  });
});

test('a second door: its bolt counts only once both were tested, after it was changed', async () => {
  passed();
  nowMs += 1;
  await tryOut(lock(2));
  expect(await save()).toMatchObject({ detail: 'setup_unproven: lock-2' });
  // What a board answers proves no bolt and no contact.
  desk.healthChanged([health('lock-2', 'lock')]);
  passed(['contact_reversed']);
  expect(await save()).toMatchObject({ detail: 'setup_unproven: lock-2' });
  passed();
  expect(await save()).toMatchObject({ outcome: 'done' });
  expect(profiles.current.cabinet.devices).toHaveLength(2);
});

test('changed once more after it was proven, it is to be proven again', async () => {
  await tryOut(thermometer());
  desk.healthChanged([health('thermometer-1', 'thermometer')]);
  await tryOut(thermometer(9), 'thermometer-1');
  expect(await save()).toMatchObject({ detail: 'setup_unproven: thermometer-1' });
  desk.healthChanged([health('thermometer-1', 'thermometer')]);
  // Another one beside it starts the device program anew, and takes no proof away.
  await tryOut(scale);
  expect(shown()).toEqual([
    ['lock-1', false, true],
    ['thermometer-1', true, true],
    ['scale-1', true, false],
  ]);
});

describe('refused, with a word that the page has words for, and nothing is tried', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['a port that another one has', () => tryOut(thermometer(1)), 'setup_port: lock-1, thermometer-1'],
    ['one output twice', () => tryOut(lock(1)), 'setup_fit: '],
    ['in the place of none', () => tryOut(scale, 'scale-4'), 'setup_changed'],
    [
      'on an older page',
      () => order({ act: 'tryDevice', seenVersion: 4, replaces: null, device: scale }),
      'setup_changed',
    ],
    [
      'none left out',
      () => order({ act: 'leaveOutDevice', seenVersion: 0, deviceId: 'x-1' }),
      'setup_changed',
    ],
    ['nothing to save', () => save(), 'setup_same'],
    ['back to none', () => order({ act: 'undoProfile', seenVersion: 0, to: 7 }), 'setup_no_such_version'],
  ])('%s', async (_, act, word) => {
    expect(await act()).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining(word) as string,
    });
    expect([configs, desk.isTrying, file['profiles'], reopened]).toEqual([[], false, undefined, 0]);
  });

  test('a scale on which goods stand is not left out', async () => {
    const shelf = { lanes: [{ lane: 1, goods: [{ sku: 'cola' }] }] };
    file = { cabinet: { simulated: true, devices: [lock(), scale] }, shelf };
    open();
    await order({ act: 'leaveOutDevice', seenVersion: 0, deviceId: 'scale-1' });
    expect(await save()).toMatchObject({ detail: expect.stringContaining('no scale') as string });
    expect(profiles.current.cabinet.devices).toHaveLength(2);
  });
});

test('dropped, or the session over: what is saved runs again', async () => {
  await tryOut(thermometer());
  await order({ act: 'dropProfile' });
  await tryOut(thermometer());
  desk.end();
  expect(configs.map(({ devices }) => devices.length)).toEqual([2, 1, 2, 1]);
  expect([desk.isTrying, file['profiles']]).toEqual([false, undefined]);
  desk.end();
  expect(configs).toHaveLength(4);
});

test('the disk takes nothing: said, the draft is still there, and the old one in force', async () => {
  await tryOut(thermometer());
  desk.healthChanged([health('thermometer-1', 'thermometer')]);
  isFull = true;
  expect(await save()).toMatchObject({ outcome: 'failed', detail: 'storage' });
  expect([desk.isTrying, profiles.current.cabinet.devices.length]).toEqual([true, 1]);
  isFull = false;
  expect(await save()).toMatchObject({ outcome: 'done' });
});

test('back to how it was, and what has changed is named', async () => {
  await tryOut(thermometer());
  desk.healthChanged([health('thermometer-1', 'thermometer')]);
  await save();
  const back = await order({ act: 'undoProfile', seenVersion: 1, to: 0 });
  expect(back).toMatchObject({ outcome: 'done', data: { version: 2, after: { devices: [] } } });
  back.onLeft?.();
  expect([reopened, profiles.current.cabinet.devices.length]).toEqual([1, 1]);
  expect(desk.view().versions[0]).toMatchObject({ why: 'undo', removed: ['thermometer-1'], added: [] });
});

test('a search says what was found, and what stands in the way', async () => {
  expect(await order({ act: 'findDevices' })).toMatchObject({ outcome: 'done' });
  expect(desk.view().found).toEqual(found);
  isSearched = false;
  expect(await order({ act: 'findDevices' })).toMatchObject({ outcome: 'failed', detail: 'host.gone' });
  desk.end();
  expect(desk.view().found).toBeNull();
});
