import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { type Settings, settingsSchema } from './settings-schema.ts';
import { SettingsStore } from './settings-store.ts';

/** A file in memory that may refuse to be written. */
class MemoryFile {
  raw: unknown;
  isFull = false;
  constructor(raw: unknown) {
    this.raw = raw;
  }
  read(): unknown {
    return structuredClone(this.raw);
  }
  write(raw: Record<string, unknown>): void {
    if (this.isFull) throw new Error('ENOSPC');
    this.raw = structuredClone(raw);
  }
}
function mustOpen(file: MemoryFile): SettingsStore {
  const opened = SettingsStore.open(file, new FakeClock());
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** As an installer wrote it before settings had a version. */
const unversioned = {
  cabinetId: 'KM-0042',
  place: { zh: '一号楼', en: 'Building 1' },
  servicePhone: '400-000-0000',
  operatorUrl: 'https://operator.example',
  shopperUrl: 'HTTPS://M.EXAMPLE/',
  enrolToken: 'a'.repeat(32),
  face: { enabled: false },
  cabinet: { simulated: false, devices: [] },
};

test('names that are none of ours are named, wherever they stand; what a newer app has noted is not', () => {
  const lock = {
    ...{ id: 'lock-1', kind: 'lock', protocol: 'lock-8a', boardAddress: 1, channel: 1, closedFeedback: 1 },
    ...{
      transport: { kind: 'tcp', host: '127.0.0.1', port: 1, framing: 'stream', sped: 9 },
      doorFrm: 'sensor',
    },
  };
  const file = new MemoryFile({
    ...{ ...unversioned, coolling: { maxMilliC: 8_000, forMinutes: 30 }, changes: { fromTomorrow: 1 } },
    cabinet: { simulated: false, devices: [lock] },
  });
  const names = ['coolling', 'cabinet.devices.0.transport.sped', 'cabinet.devices.0.doorFrm'];
  expect([...mustOpen(file).unknownNames()].sort()).toEqual(names.sort());
  expect(mustOpen(new MemoryFile(unversioned)).unknownNames()).toEqual([]);
});

test('nothing stored yet: the defaults', () => {
  expect(mustOpen(new MemoryFile({})).settings).toEqual(settingsSchema.parse({}));
});

test('a file without a version loads as it is, and opening writes nothing', () => {
  const file = new MemoryFile(unversioned);
  expect(mustOpen(file).settings).toEqual({
    ...unversioned,
    shelf: { lanes: [], cameras: [] },
    cooling: null,
    screen: {
      ...{ language: 'zh', soundPercent: 100 },
      knock: ['topLeft', 'bottomRight', 'topRight', 'bottomLeft', 'topLeft'],
    },
    waits: { identifySeconds: null, openDoorSeconds: null, ajarSeconds: null, receiptSeconds: null },
    changes: { version: 0, here: {}, answer: null, list: [] },
    profiles: { form: 1, version: 0, list: [] },
    version: 1,
    face: { enabled: false, camera: null, rotation: null, challengeAlways: false },
    evidence: { cleanDays: 7, flaggedDays: 30, disputedDays: 180, megabytesMax: 200 },
  });
  expect(file.raw).toEqual(unversioned);
});

test('how the camera stands is read', () => {
  const face = { enabled: true, rotation: 270 };
  expect(mustOpen(new MemoryFile({ ...unversioned, face })).settings.face.rotation).toBe(270);
});

test('how the camera stands is changed alone: what else is set of faces, known or not, stays as it is', () => {
  const file = new MemoryFile({ ...unversioned, face: { enabled: true, camera: 'Front', later: 1 } });
  const store = mustOpen(file);
  expect(store.update({ face: { rotation: 90 } }).ok).toBe(true);
  expect(store.settings.face).toEqual({
    enabled: true,
    camera: 'Front',
    rotation: 90,
    challengeAlways: false,
  });
  expect(file.raw).toMatchObject({ face: { enabled: true, camera: 'Front', later: 1, rotation: 90 } });
  const bare = mustOpen(new MemoryFile({ cabinetId: 'S-0001' }));
  expect(bare.update({ face: { rotation: 180 } }).ok).toBe(true);
  expect(bare.settings.face.rotation).toBe(180);
});

test.each([
  [{ ...unversioned, operatorUrl: 'ftp://x' }, 'settings.invalid'],
  [{ ...unversioned, version: 'one' }, 'settings.invalid'],
  [{ ...unversioned, face: { rotation: 45 } }, 'settings.invalid'],
  [[], 'settings.invalid'],
  ['text', 'settings.invalid'],
  [{ ...unversioned, version: 2, cabinet: 'of another form' }, 'settings.newer'],
])('%j is refused and left as it is', (raw, code) => {
  const file = new MemoryFile(raw);
  expect(SettingsStore.open(file, new FakeClock())).toMatchObject({ ok: false, error: { code } });
  expect(file.raw).toEqual(raw);
});

test('a file that cannot be read', () => {
  const file = {
    read: (): never => {
      throw new Error('EACCES');
    },
    write: () => undefined,
  };
  expect(SettingsStore.open(file, new FakeClock())).toMatchObject({ error: { code: 'settings.io' } });
});

test('a change is stored, then told; what this app does not know stays, and the file says its version', () => {
  const file = new MemoryFile({ ...unversioned, unknown: [1] });
  const store = mustOpen(file);
  const seen: Settings[] = [];
  const stop = store.onChange((settings) => {
    expect(file.raw).toMatchObject({ enrolToken: null });
    seen.push(settings);
  });
  expect(store.update({ enrolToken: null }).ok).toBe(true);
  expect(file.raw).toEqual({ ...unversioned, unknown: [1], enrolToken: null, version: 1 });
  expect(seen).toEqual([store.settings]);
  expect(mustOpen(file).settings).toEqual(store.settings);
  stop();
  store.update({ servicePhone: '110' });
  expect(seen).toHaveLength(1);
});

test('a change that does not fit, or cannot be written, changes nothing and is told to nobody', () => {
  const file = new MemoryFile(unversioned);
  const store = mustOpen(file);
  const before = store.settings;
  store.onChange(() => expect.unreachable());
  expect(store.update({ servicePhone: 'call me' })).toMatchObject({ error: { code: 'settings.invalid' } });
  file.isFull = true;
  expect(store.update({ enrolToken: null })).toMatchObject({ error: { code: 'settings.io' } });
  expect(store.settings).toBe(before);
  expect(file.raw).toEqual(unversioned);
});

test('what somebody wrote into the file meanwhile stays; what has become invalid is left as it is', () => {
  const file = new MemoryFile(unversioned);
  const store = mustOpen(file);
  file.raw = { ...unversioned, operatorUrl: 'https://new.example', servicePhone: '400-2' };
  expect(store.update({ enrolToken: null }).ok).toBe(true);
  expect(file.raw).toMatchObject({
    operatorUrl: 'https://new.example',
    servicePhone: '400-2',
    enrolToken: null,
  });
  file.raw = { ...unversioned, operatorUrl: 'ftp://x' };
  expect(store.update({ servicePhone: '400-3' })).toMatchObject({ error: { code: 'settings.invalid' } });
  expect(file.raw).toMatchObject({ operatorUrl: 'ftp://x' });
});

const scales = {
  simulated: false,
  devices: [
    {
      ...{ kind: 'scale', protocol: 'scale-hid', lane: 1 },
      transport: { kind: 'tcp', host: '127.0.0.1', port: 1, framing: 'report' },
    },
  ],
};

test('which goods stand on which scale: lanes that have one, and each article once', () => {
  const lane = { lane: 1, goods: [{ sku: 'TEA' }, { sku: 'COLA', spreadPercent: 0.5 }] };
  expect(settingsSchema.parse({ cabinet: scales, shelf: { lanes: [lane] } }).shelf.lanes[0]?.goods).toEqual([
    { sku: 'TEA', spreadPercent: 1.2 },
    { sku: 'COLA', spreadPercent: 0.5 },
  ]);
});

test.each([
  [
    'a lane that nothing weighs',
    { lanes: [{ lane: 2, goods: [{ sku: 'TEA' }] }] },
    'no scale in cabinet.devices weighs lane 2',
  ],
  [
    'an article twice',
    { lanes: [{ lane: 1, goods: [{ sku: 'TEA' }, { sku: 'TEA' }] }] },
    'TEA stands in lane 1 already',
  ],
  ['a lane twice', { lanes: [1, 1].map((n) => ({ lane: n, goods: [{ sku: `TEA${n}` }] })) }, 'a lane twice'],
])('%s is refused, in words', (_, shelf, words) => {
  const opened = SettingsStore.open(new MemoryFile({ cabinet: scales, shelf }), new FakeClock());
  expect(opened).toMatchObject({ ok: false, error: { message: expect.stringContaining(words) as string } });
});

const slot = { left: 0, top: 0, width: 0.2, height: 0.5 };
const overTea = {
  ...{
    id: 'shelf-1',
    camera: 'Shelf',
    shelf: [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
    slots: [{ sku: 'TEA', ...slot }],
  },
};
const weighed = { lanes: [{ lane: 1, goods: [{ sku: 'TEA' }] }] };

test('which cameras look at which goods', () => {
  const { shelf } = settingsSchema.parse({ cabinet: scales, shelf: { ...weighed, cameras: [overTea] } });
  expect(shelf.cameras).toEqual([overTea]);
});

test.each([
  ['no name of a camera', { camera: '' }, 'Too small'],
  ['goods that nothing weighs', { slots: [{ sku: 'RICE', ...slot }] }, 'RICE stands on no scale'],
  ['a slot beyond the picture', { slots: [{ sku: 'TEA', ...slot, left: 0.9 }] }, 'beyond the right edge'],
  ['no slot', { slots: [] }, 'Too small'],
  [
    'a shelf that is a line',
    {
      shelf: [
        [0, 0],
        [1, 1],
      ],
    },
    'Too small',
  ],
  ['the camera for faces', { camera: 'Front' }, 'Front is used for something else'],
  ['the name of another device', { id: 'scale-1' }, 'scale-1 is the name of another device'],
])('a camera with %s is refused, in words', (_, over, words) => {
  const cameras = [{ ...overTea, ...over }];
  const raw = { cabinet: scales, face: { camera: 'Front' }, shelf: { ...weighed, cameras } };
  const opened = SettingsStore.open(new MemoryFile(raw), new FakeClock());
  expect(opened).toMatchObject({ ok: false, error: { message: expect.stringContaining(words) as string } });
});

test('two cameras over one lane are refused, and one camera twice', () => {
  const cameras = [overTea, { ...overTea, id: 'shelf-2' }];
  const parsed = settingsSchema.safeParse({ cabinet: scales, shelf: { ...weighed, cameras } });
  expect(parsed.error?.message).toContain('lane 1 is seen by shelf-1 already');
  expect(parsed.error?.message).toContain('Shelf is used for something else already');
});

test('two scales for one lane are refused', () => {
  const [one] = scales.devices;
  const cabinet = { ...scales, devices: [one, { ...one, id: 'other' }] };
  const parsed = settingsSchema.safeParse({
    cabinet,
    shelf: { lanes: [{ lane: 1, goods: [{ sku: 'TEA' }] }] },
  });
  expect(parsed.error?.message).toContain('two scales in cabinet.devices weigh lane 1');
});
