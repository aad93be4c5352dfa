import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { SettingsChanges } from '../../shared/model/cabinet-settings.schema.ts';
import { settingsVersionsKept } from '../../shared/model/cabinet-settings.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { SettingsStore } from './settings-store.ts';
import { SettingsVersions } from './settings-versions.ts';

/** A file in memory that may refuse to be written. */
class MemoryFile {
  raw: unknown = { cabinetId: 'KM-7', servicePhone: '400-000-0217', later: { ofNewer: 1 } };
  isFull = false;
  writes = 0;
  read(): unknown {
    return structuredClone(this.raw);
  }
  write(raw: Record<string, unknown>): void {
    if (this.isFull) throw new Error('ENOSPC');
    this.writes++;
    this.raw = structuredClone(raw);
  }
}
let file: MemoryFile;
let nowMs: number;
let versions: SettingsVersions;
/** As after a restart. */
function open(): void {
  versions = new SettingsVersions(unwrap(SettingsStore.open(file, new FakeClock())), () => nowMs);
  versions.start();
}
beforeEach(() => {
  [file, nowMs] = [new MemoryFile(), 1_000];
  open();
});
const change = (changes: SettingsChanges, by = '4410') => versions.change(changes, versions.version, by);

test('each change is a version: who, when, before, after; and it is one write', () => {
  expect(unwrap(change({ soundPercent: 40, coolingMaxMilliC: 6_000 }))).toEqual({
    version: 1,
    before: { soundPercent: 100, coolingMaxMilliC: null },
    after: { soundPercent: 40, coolingMaxMilliC: 6_000 },
  });
  expect(file.writes).toBe(1);
  nowMs = 2_000;
  unwrap(change({ servicePhone: '110' }, '5520'));
  open();
  expect(versions.view().versions).toEqual([
    {
      ...{ version: 2, atMs: 2_000, by: '5520', why: 'here' },
      changed: [{ name: 'servicePhone', before: '400-000-0217', after: '110' }],
    },
    {
      ...{ version: 1, atMs: 1_000, by: '4410', why: 'here' },
      changed: [
        { name: 'soundPercent', before: 100, after: 40 },
        { name: 'coolingMaxMilliC', before: null, after: 6_000 },
      ],
    },
    { version: 0, atMs: 1_000, by: '-', why: 'begin', changed: [] },
  ]);
  expect(file.raw).toMatchObject({
    ...{ servicePhone: '110', screen: { soundPercent: 40 }, later: { ofNewer: 1 } },
    cooling: { maxMilliC: 6_000, forMinutes: 30 },
  });
});

test('what counts only after a restart is named until then', () => {
  unwrap(change({ soundPercent: 40, receiptSeconds: 30 }));
  expect(versions.view().waiting).toEqual(['receiptSeconds']);
  open();
  expect(versions.view()).toMatchObject({ waiting: [], values: { receiptSeconds: 30 } });
});

test('back to an older version is a new one, and back again', () => {
  unwrap(change({ soundPercent: 40 }));
  unwrap(change({ soundPercent: 20, language: 'en' }));
  unwrap(versions.undo(1, 2, '4410'));
  expect(versions.values).toMatchObject({ soundPercent: 40, language: 'zh' });
  unwrap(versions.undo(2, 3, '4410'));
  expect(versions.values).toMatchObject({ soundPercent: 20, language: 'en' });
  expect(versions.view().versions.map(({ version, why }) => [version, why])).toEqual([
    [4, 'undo'],
    [3, 'undo'],
    [2, 'here'],
    [1, 'here'],
    [0, 'begin'],
  ]);
});

test('a form of before, a version that is gone, and what is so already change nothing', () => {
  unwrap(change({ soundPercent: 40 }));
  const before = structuredClone(file.raw);
  expect(versions.change({ soundPercent: 50 }, 0, '4410')).toMatchObject({ error: { code: 'changed' } });
  expect(versions.undo(0, 0, '4410')).toMatchObject({ error: { code: 'changed' } });
  expect(versions.undo(77, 1, '4410')).toMatchObject({ error: { code: 'no_such_version' } });
  expect(change({ soundPercent: 40 })).toMatchObject({ error: { code: 'same' } });
  // There is no limit whose time it would be.
  expect(change({ coolingForMinutes: 60 })).toMatchObject({ error: { code: 'same' } });
  expect(file.raw).toEqual(before);
});

test('the disk is full, or what results does not fit: the settings and their versions are as before', () => {
  unwrap(change({ soundPercent: 40 }));
  const [before, shown] = [structuredClone(file.raw), versions.view()];
  file.isFull = true;
  expect(change({ soundPercent: 50 })).toMatchObject({ error: { code: 'storage' } });
  expect([file.raw, versions.view()]).toEqual([before, shown]);
  file.isFull = false;
  file.raw = { ...(before as object), operatorUrl: 'ftp://somebody.has.written.this' };
  expect(change({ soundPercent: 50 })).toMatchObject({ error: { code: 'settings' } });
  expect(versions.view()).toEqual(shown);
});

test('so many are kept, the newest', () => {
  for (let i = 0; i < 30; i++) unwrap(change({ soundPercent: i % 2 === 0 ? 40 : 50 }));
  open();
  const { versions: shown, version } = versions.view();
  expect([shown.length, shown[0]?.version, version]).toEqual([settingsVersionsKept, 30, 30]);
});

test('what somebody has written into the file is a version of its own', () => {
  unwrap(change({ soundPercent: 40 }));
  file.raw = { ...(file.raw as object), servicePhone: '120' };
  open();
  expect(versions.view()).toMatchObject({
    version: 2,
    versions: [
      { version: 2, why: 'elsewhere', by: '-', changed: [{ name: 'servicePhone', after: '120' }] },
      {},
      {},
    ],
  });
  const before = file.writes;
  open();
  expect(file.writes, 'once').toBe(before);
});

test('a version of a newer program stays, and is not gone back to; versions that cannot be read stop nothing', () => {
  unwrap(change({ soundPercent: 40 }));
  const { changes, ...rest } = file.raw as { changes: { list: { values: object }[] } };
  const list = changes.list.map((one) => ({ ...one, extra: true, values: { ...one.values, colour: 'red' } }));
  file.raw = { ...rest, changes: { ...changes, more: [1], list } };
  open();
  expect(versions.undo(0, 1, '4410')).toMatchObject({ error: { code: 'unreadable' } });
  unwrap(change({ soundPercent: 60 }));
  expect(file.raw).toMatchObject({
    changes: { more: [1], list: [{ extra: true, values: { colour: 'red' } }, {}, {}] },
  });
  file.raw = { ...rest, changes: { version: 'seven' } };
  open();
  expect(versions.view()).toMatchObject({
    version: 0,
    values: { servicePhone: '400-000-0217' },
    versions: [],
  });
});

test('however it was changed, and with power cuts in between, each kept version can be had again whole', () => {
  const changesOf: fc.Arbitrary<SettingsChanges> = fc.oneof(
    fc.record({ soundPercent: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ language: fc.constantFrom('zh' as const, 'en' as const) }),
    fc.record({ coolingMaxMilliC: fc.option(fc.integer({ min: -30_000, max: 30_000 })) }),
    fc.record({ coolingForMinutes: fc.integer({ min: 5, max: 1440 }) }),
    fc.record({ identifySeconds: fc.integer({ min: 30, max: 180 }) }),
    fc.record({
      faceCamera: fc.option(fc.constantFrom('A', 'B')),
      faceRotation: fc.constantFrom(null, 0, 90),
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(changesOf, fc.boolean(), fc.boolean()), { maxLength: 12 }), (steps) => {
      file = new MemoryFile();
      open();
      const seen = new Map([[0, versions.values]]);
      for (const [changes, isFull, isRestarted] of steps) {
        file.isFull = isFull;
        change(changes);
        file.isFull = false;
        if (isRestarted) open();
        seen.set(versions.version, versions.values);
      }
      for (const { version } of versions.view().versions) {
        versions.undo(version, versions.version, '1');
        expect(versions.values).toEqual(seen.get(version));
      }
    }),
    { numRuns: 60 },
  );
});

const order = { version: 9, seenVersion: 0, by: 'Wang' };
test('an order of the operator is done once, and is a version', () => {
  const changes = { soundPercent: 30, servicePhone: '400-1' };
  expect(unwrap(versions.follow({ ...order, changes }))).toEqual({
    ...{ version: 9, done: ['soundPercent', 'servicePhone'], left: [], refused: null },
  });
  unwrap(change({ soundPercent: 70 }));
  open();
  expect(unwrap(versions.follow({ ...order, changes })), 'again').toBeNull();
  expect(unwrap(versions.follow({ ...order, version: 8, changes })), 'an older one').toBeNull();
  expect(versions.values).toMatchObject({ soundPercent: 70, servicePhone: '400-1' });
  expect(versions.view().versions.map(({ why, by }) => [why, by])).toEqual([
    ['here', '4410'],
    ['operator', 'Wang'],
    ['begin', '-'],
  ]);
});

test('what was changed here since whoever orders has looked stays; the rest is done, and both are told', () => {
  unwrap(change({ coolingMaxMilliC: 4_000 }));
  const changes = { coolingMaxMilliC: 8_000, soundPercent: 30 };
  expect(unwrap(versions.follow({ ...order, changes }))).toMatchObject({
    ...{ done: ['soundPercent'], left: ['coolingMaxMilliC'] },
  });
  expect(versions.values).toMatchObject({ coolingMaxMilliC: 4_000, soundPercent: 30 });
  // Who has seen it and orders all the same, is followed.
  const again = { ...order, version: 10, seenVersion: versions.version, changes };
  expect(unwrap(versions.follow(again))).toMatchObject({ done: ['coolingMaxMilliC'], left: [] });
  expect(versions.values.coolingMaxMilliC).toBe(8_000);
});

test.each([
  ['a setting that it does not know', { soundPercent: 30, colour: 'red' }, 'unknown: colour'],
  ['a value out of bounds', { soundPercent: 300 }, 'invalid: soundPercent'],
  ['nothing', {}, 'invalid: '],
])('an order with %s changes nothing, and says why', (_, changes, refused) => {
  const before = versions.values;
  expect(unwrap(versions.follow({ ...order, changes }))).toMatchObject({ done: [], left: [], refused });
  expect([versions.values, versions.version]).toEqual([before, 0]);
  open();
  expect(versions.answer).toMatchObject({ version: 9, refused });
  versions.forgetOrder();
  expect(versions.answer).toBeNull();
});

test('the disk is full as an order comes: it is not done, not even in part, and is done when it comes again', () => {
  file.isFull = true;
  expect(versions.follow({ ...order, changes: { soundPercent: 30 } })).toMatchObject({
    error: { code: 'storage' },
  });
  expect([versions.answer, versions.values.soundPercent]).toEqual([null, 100]);
  file.isFull = false;
  expect(unwrap(versions.follow({ ...order, changes: { soundPercent: 30 } }))).toMatchObject({ version: 9 });
});

test('an order for the time of a limit that there is not is answered: there is nothing to do', () => {
  expect(unwrap(versions.follow({ ...order, changes: { coolingForMinutes: 60 } }))).toMatchObject({
    ...{ version: 9, done: [], left: [], refused: null },
  });
  const changes = { coolingForMinutes: 60, soundPercent: 30 };
  expect(unwrap(versions.follow({ ...order, version: 10, changes }))).toMatchObject({
    done: ['soundPercent'],
  });
});

test('back to what the installer has written, though the form has narrower bounds', () => {
  file.raw = { ...(file.raw as object), cooling: { maxMilliC: 8_000, forMinutes: 2 }, face: { camera: '' } };
  open();
  unwrap(change({ coolingMaxMilliC: 30_000, coolingForMinutes: 1440, faceCamera: 'wrong' }));
  unwrap(versions.undo(0, 1, '4410'));
  expect(versions.values).toMatchObject({ coolingMaxMilliC: 8_000, coolingForMinutes: 2, faceCamera: '' });
});

test('one version cannot be read: the others stay, and no order is followed again, nor over what is newer', () => {
  unwrap(versions.follow({ ...order, changes: { soundPercent: 30 } }));
  unwrap(change({ soundPercent: 70 }));
  const { changes } = file.raw as { changes: { here: Record<string, number>; list: { why: string }[] } };
  changes.list[0]!.why = 'ofNewerProgram';
  changes.here['colour'] = 2;
  open();
  expect(unwrap(versions.follow({ ...order, changes: { soundPercent: 30 } }))).toBeNull();
  expect(unwrap(versions.follow({ ...order, version: 10, changes: { soundPercent: 30 } }))).toMatchObject({
    left: ['soundPercent'],
  });
  expect(versions.view()).toMatchObject({ version: 2, versions: [{ version: 2 }, { version: 1 }] });
});

test('what the cabinet, or somebody in the file, has changed since is not undone by an order from before', () => {
  const store = unwrap(SettingsStore.open(file, new FakeClock()));
  versions = new SettingsVersions(store, () => nowMs);
  unwrap(change({ soundPercent: 40 }));
  unwrap(store.update({ face: { rotation: 90 } }));
  file.raw = { ...(file.raw as object), servicePhone: '120' };
  const changes = { faceRotation: 180 as const, servicePhone: '110', soundPercent: 20 };
  expect(unwrap(versions.follow({ ...order, seenVersion: 1, changes }))).toMatchObject({
    ...{ done: ['soundPercent'], left: ['servicePhone', 'faceRotation'] },
  });
  expect(versions.values).toMatchObject({ faceRotation: 90, servicePhone: '120', soundPercent: 20 });
});
