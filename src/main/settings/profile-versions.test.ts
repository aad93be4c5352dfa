import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { type Profile, profileSchema, profileVersionsKept } from '../../shared/model/device-profile.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { ProfileVersions } from './profile-versions.ts';
import { openSettings } from './settings-file.ts';
import { SettingsStore } from './settings-store.ts';

const at = (port: number) => ({ kind: 'tcp', host: '10.0.0.5', port, framing: 'stream' });
const board = { kind: 'lock', protocol: 'lock-8a', boardAddress: 1, closedFeedback: 1 };
/** A cabinet whose lock hangs on this channel. */
const wired = (channel: number, more: object[] = []): Profile =>
  profileSchema.parse({
    cabinet: { simulated: false, devices: [{ ...board, transport: at(1), channel }, ...more] },
  });
const hid = { kind: 'hid', match: { vendorId: 0x0922, productId: 0x8003 } };
const corners = [
  [0, 0],
  [1, 0],
  [1, 1],
];
const slot = { left: 0.1, top: 0.1, width: 0.2, height: 0.5 };
const scanner = { kind: 'code-scanner', protocol: 'scanner-serial', suffix: 'cr', transport: at(2) };

let dir: string;
let nowMs: number;
let store: SettingsStore;
let versions: ProfileVersions;
const path = (): string => join(dir, 'config.json');
const file = () => JSON.parse(readFileSync(path(), 'utf8')) as Record<string, unknown>;
const write = (raw: object): void => {
  writeFileSync(path(), JSON.stringify(raw));
};
/** As after a restart. */
function open(): void {
  store = unwrap(openSettings(dir, new FakeClock()));
  versions = new ProfileVersions(store, () => nowMs);
  versions.start();
}
const change = (next: Profile, by = '5520') => versions.change(next, versions.version, by);
const channels = (): unknown[] =>
  versions.current.cabinet.devices.map((one) => ('channel' in one ? one.channel : null));

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kaimen-profile-'));
  nowMs = 1_000;
  write({ cabinetId: 'KM-7', ...wired(1), later: { ofNewer: 1 } });
  open();
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('each change is a version: who, when, and the whole profile; the rest of the file stays', () => {
  expect(file()).not.toHaveProperty('profiles');
  expect(unwrap(change(wired(2)))).toMatchObject({ version: 1, before: wired(1), after: wired(2) });
  nowMs = 2_000;
  unwrap(change(wired(3, [scanner]), '7001'));
  open();
  expect(versions.current).toEqual(wired(3, [scanner]));
  expect(versions.kept).toMatchObject([
    { version: 0, by: '-', why: 'begin', profile: wired(1) },
    { version: 1, atMs: 1_000, by: '5520', why: 'here', profile: wired(2) },
    { version: 2, atMs: 2_000, by: '7001', why: 'here', profile: wired(3, [scanner]) },
  ]);
  expect(file()).toMatchObject({ cabinetId: 'KM-7', later: { ofNewer: 1 } });
});

test('one step back, to a chosen one, and forward again', () => {
  unwrap(change(wired(2)));
  unwrap(change(wired(3)));
  unwrap(versions.undo(1, 2, '5520'));
  expect(channels()).toEqual([2]);
  unwrap(versions.undo(0, 3, '5520'));
  expect(channels()).toEqual([1]);
  unwrap(versions.undo(2, 4, '5520'));
  expect(channels()).toEqual([3]);
  expect(versions.kept.map(({ why }) => why)).toEqual(['begin', 'here', 'here', 'undo', 'undo', 'undo']);
});

test('from an older page, to what is as it is, and to what is not kept: nothing changes, and it is said', () => {
  unwrap(change(wired(2)));
  expect(versions.change(wired(3), 0, '5520')).toMatchObject({ error: { code: 'changed' } });
  expect(versions.undo(0, 0, '5520')).toMatchObject({ error: { code: 'changed' } });
  expect(change(wired(2))).toMatchObject({ error: { code: 'same' } });
  expect(versions.undo(9, 1, '5520')).toMatchObject({ error: { code: 'no_such_version' } });
  expect(channels()).toEqual([2]);
});

test('what does not fit together is refused whole, with words', () => {
  const shelf = { lanes: [{ lane: 4, goods: [{ sku: 'cola', spreadPercent: 1 }] }], cameras: [] };
  const before = readFileSync(path(), 'utf8');
  expect(change({ ...wired(2), shelf })).toMatchObject({
    error: { code: 'settings', message: expect.stringContaining('no scale') as string },
  });
  expect(change(clashing())).toMatchObject({
    error: { code: 'settings', message: expect.stringContaining('both open') as string },
  });
  expect([channels(), versions.badProfile, readFileSync(path(), 'utf8')]).toEqual([[1], null, before]);
});

test('so many are kept, the newest', () => {
  for (let channel = 2; channel < 2 + profileVersionsKept + 3; channel++) unwrap(change(wired(channel)));
  expect(versions.kept).toHaveLength(profileVersionsKept);
  expect(versions.kept.at(-1)).toMatchObject({ version: profileVersionsKept + 3 });
});

test('many goods on many scales, changed again and again, never make a file that is too large to be read', () => {
  const bus = { kind: 'scale', protocol: 'scale-modbus', transport: at(3) };
  const bounds = { minMilligrams: -5_000_000, maxMilligrams: 20_000_000 };
  const numbers = Array.from({ length: 16 }, (_, i) => i + 1);
  const scales = { ...bus, lanes: numbers.map((lane) => ({ lane, unitAddress: lane, bounds })) };
  const goodsOf = (lane: number) =>
    Array.from({ length: 300 }, (_, i) => ({ sku: `an-article-of-lane-${lane}-${i}`, spreadPercent: 1 }));
  const shelf = { lanes: numbers.map((lane) => ({ lane, goods: goodsOf(lane) })), cameras: [] };
  for (let channel = 2; channel < 2 + profileVersionsKept; channel++) {
    unwrap(change(profileSchema.parse({ ...wired(channel, [scales]), shelf })));
  }
  open();
  expect(channels()[0]).toBe(1 + profileVersionsKept);
  expect(versions.kept.length).toBeGreaterThan(0);
});

test('what was written into the file by hand is a version, once', () => {
  unwrap(change(wired(2)));
  write({ ...file(), ...wired(5) });
  open();
  open();
  expect(versions.kept.map(({ why }) => why)).toEqual(['begin', 'here', 'elsewhere']);
  unwrap(versions.undo(1, versions.version, '5520'));
  expect(channels()).toEqual([2]);
});

test.each<[string, () => unknown]>([
  ['a slip', () => ({ ...wired(5).cabinet, devices: [{ ...board, channel: 'five' }] })],
  ['two at one port', () => clashing().cabinet],
  ['nothing at all', () => null],
])('a bad one in the file stops no start: %s', (_, cabinet) => {
  // Also before anything was ever changed here: by the copy of what could be read last.
  write({ ...file(), cabinet: cabinet() });
  open();
  expect([channels(), versions.badProfile]).toEqual([[1], expect.any(String)]);
  write({ ...file(), ...wired(1) });
  open();
  unwrap(change(wired(2)));
  write({ ...file(), cabinet: cabinet() });
  open();
  expect(channels()).toEqual([2]);
  expect(versions.badProfile).not.toBeNull();
  // Something else is changed: the slip stays where it is, for whoever made it, and the last good one in force.
  unwrap(store.update({ servicePhone: '110' }));
  expect(file()).toMatchObject({ cabinet: cabinet(), servicePhone: '110' });
  expect([channels(), versions.badProfile]).toEqual([[2], expect.any(String)]);
  open();
  expect(channels()).toEqual([2]);
  // What is in force may be written again, and then all is well.
  unwrap(change(wired(2)));
  expect(versions.badProfile).toBeNull();
  open();
  expect([channels(), versions.badProfile]).toEqual([[2], null]);
});

test('anything else that is bad is no matter of the profile', () => {
  write({ ...file(), operatorUrl: 'http://somewhere.example', cabinet: null });
  expect(openSettings(dir, new FakeClock())).toMatchObject({ error: { code: 'settings.invalid' } });
});

test('one of a newer form is refused, and left as it is', () => {
  write({ ...file(), profiles: { form: 2, version: 1, list: [] } });
  const before = readFileSync(path(), 'utf8');
  expect(openSettings(dir, new FakeClock())).toMatchObject({ error: { code: 'settings.profile' } });
  expect(readFileSync(path(), 'utf8')).toBe(before);
});

test('a version that this program cannot use is not gone back to, and takes no other with it', () => {
  unwrap(change(wired(2)));
  const { profiles, ...rest } = file() as { profiles: { list: object[] } };
  const [first, ...others] = profiles.list;
  const newer = {
    ...first,
    profile: { cabinet: { simulated: false, devices: [{ kind: 'robot' }] }, shelf: {} },
  };
  write({ ...rest, profiles: { ...profiles, list: [newer, 'no version', ...others] } });
  open();
  expect(versions.undo(0, 1, '5520')).toMatchObject({ error: { code: 'unreadable' } });
  expect(versions.kept.map(({ version }) => version)).toEqual([0, 1]);
});

test('the disk takes nothing, or the power goes while it is written: the old one, whole', () => {
  let isTorn = true;
  const memory = { raw: file() };
  const backend = {
    read: () => structuredClone(memory.raw),
    write: (raw: Record<string, unknown>) => {
      if (isTorn) throw new Error('ENOSPC');
      memory.raw = raw;
    },
  };
  const begin = () => new ProfileVersions(unwrap(SettingsStore.open(backend, new FakeClock())), () => nowMs);
  const cut = begin();
  expect(cut.change(wired(2), 0, '5520')).toMatchObject({ error: { code: 'storage' } });
  expect([cut.current, begin().current, begin().kept]).toEqual([wired(1), wired(1), []]);
  isTorn = false;
  unwrap(cut.change(wired(2), 0, '5520'));
  expect([begin().current, begin().version]).toEqual([wired(2), 1]);
});

describe('a cabinet whose scales were given other goods', () => {
  const scale = { kind: 'scale', protocol: 'scale-hid', transport: hid, lane: 1 };
  /** Beside the lock a scale, on which this stands. */
  const holding = (sku: string): Profile =>
    profileSchema.parse({
      ...wired(1, [scale]),
      shelf: {
        lanes: [{ lane: 1, goods: [{ sku }] }],
        cameras: [{ id: 'top', camera: 'cam-A', shelf: corners, slots: [{ ...slot, sku }] }],
      },
    });
  const goods = (): unknown[] =>
    versions.current.shelf.lanes.flatMap((lane) => lane.goods.map(({ sku }) => sku));
  const start = () => openSettings(dir, new FakeClock());

  beforeEach(() => {
    unwrap(change(holding('chips')));
    unwrap(change({ ...holding('cola'), shelf: { ...holding('cola').shelf, cameras: [] } }));
    unwrap(change(holding('cola')));
  });

  test('never sells by what stood there before: not where its newest profile is of a newer program', () => {
    const { profiles, ...rest } = file() as { profiles: { list: { profile: object }[] } };
    const cabinet = { simulated: false, devices: [{ kind: 'robot' }] };
    const list = profiles.list.map((one, at) =>
      at === profiles.list.length - 1 ? { ...one, profile: { ...one.profile, cabinet } } : one,
    );
    write({ ...rest, cabinet, profiles: { ...profiles, list } });
    writeFileSync(join(dir, 'config.last-good.json'), readFileSync(path()));
    expect(start()).toMatchObject({ error: { code: 'settings.profile' } });
  });

  test('nor where the newest version is damaged, and the file itself as well', () => {
    const { profiles, ...rest } = file() as { profiles: { list: object[] } };
    const bad = {
      cabinet: null,
      profiles: { ...profiles, list: [...profiles.list.slice(0, -1), 'damaged'] },
    };
    write({ ...rest, ...bad });
    expect(start()).toMatchObject({ error: { code: 'settings.profile' } });
    // The copy is of the same version: that is what was in force.
    write({ ...rest, profiles });
    open();
    write({ ...rest, ...bad });
    open();
    expect(goods()).toEqual(['cola']);
  });

  test('nor where another setting of the file does not go with the newest one', () => {
    write({ ...file(), face: { camera: 'cam-A' } });
    expect(start()).toMatchObject({ error: { code: 'settings.profile' } });
  });

  test('nor where that setting is changed while the file has a slip', () => {
    write({ ...file(), cabinet: null });
    open();
    expect(store.update({ face: { camera: 'cam-A' } })).toMatchObject({
      error: { code: 'settings.profile' },
    });
    expect(goods()).toEqual(['cola']);
  });

  const { cabinet, shelf } = holding('cola');
  test.each<[string, object]>([
    ['shelf', { cabinet, shelg: shelf }],
    ['lanes', { cabinet, shelf: { lanez: shelf.lanes, cameras: shelf.cameras } }],
    ['cameras', { cabinet, shelf: { lanes: shelf.lanes, kameras: shelf.cameras } }],
    ['cabinet', { cabimet: cabinet, shelf: {} }],
  ])('goods are not known by their tags alone because one letter of "%s" is another one', (_, written) => {
    write({ ...file(), cabinet: undefined, shelf: undefined, ...written });
    open();
    expect([goods(), versions.current.shelf.cameras.length]).toEqual([['cola'], 1]);
    expect(versions.badProfile).not.toBeNull();
    expect(versions.kept.at(-1)).toMatchObject({ why: 'here' });
  });

  test('none is a change that can be written', () => {
    write({ ...file(), shelf: { lanes: [], cameras: [] } });
    open();
    expect([goods(), versions.badProfile]).toEqual([[], null]);
  });
});

test('before anything was changed here, what is gone is known by the copy', () => {
  const scale = { kind: 'scale', protocol: 'scale-hid', transport: hid, lane: 1 };
  const { cabinet } = wired(1, [scale]);
  const shelf = { lanes: [{ lane: 1, goods: [{ sku: 'cola' }] }] };
  write({ cabinetId: 'KM-7', cabinet, shelf });
  open();
  write({ cabinetId: 'KM-7', cabinet, shelg: shelf });
  open();
  expect(versions.current.shelf.lanes).toHaveLength(1);
});

function clashing(): Profile {
  const { cabinet, shelf } = wired(1, [scanner]);
  const devices = cabinet.devices.map((one) => ({ ...one, transport: at(1) }));
  return { cabinet: { ...cabinet, devices }, shelf } as Profile;
}
