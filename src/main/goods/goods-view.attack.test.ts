import { beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../core/recognition/inventory-estimator.ts';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { FakeClock } from '../../shared/clock.ts';
import { type IpcCaller, isCallOf } from '../../shared/ipc/table.schema.ts';
import {
  type GoodsReport,
  galleryMessageSchema,
  goodsReportSchema,
} from '../../shared/model/goods-view.schema.ts';
import { shelfCamerasMax, slotsOfCameraMax } from '../../shared/model/shelf-camera.ts';
import { SeededRandom } from '../../shared/random.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { shelfCamera } from '../../testkit/core/seen-shelf.ts';
import { GoodsMemory } from './goods-memory.ts';
import { ShelfCameras, picturesOfVisitMax } from './shelf-cameras.ts';
import { ShelfPhotos } from './shelf-photos.ts';

/** The view that looks at goods belongs to somebody else: it sends whatever the table of calls lets it send. */

const camera = shelfCamera.id;
const descriptor = 'A'.repeat(200);
const stood = { width: 16, height: 16, grey: 'AAAA' };
let cameras: ShelfCameras;
let memory: GoodsMemory;
let store: ConstructorParameters<typeof GoodsMemory>[0];
let seen: Extract<Observation, { kind: 'image' }>[];
let kept: string[];
let writes: number;

beforeEach(() => {
  const clock = new FakeClock();
  const stored = new Map<string, string>();
  [seen, kept, writes] = [[], [], 0];
  const set = (key: string, value: string) => {
    writes++;
    stored.set(key, value);
    return ok();
  };
  store = { get: (key) => ok(stored.get(key) ?? null), set };
  memory = new GoodsMemory(store, silentLogger);
  cameras = new ShelfCameras({
    cameras: [shelfCamera],
    memory,
    clock,
    nowMs: () => clock.nowMs(),
    random: new SeededRandom(1),
    logger: silentLogger,
    stock: () => new Map([['TEA', 3]]),
    observe: (observation) => void seen.push(observation),
    evidence: ({ when }) => void kept.push(when),
    onHealth: () => undefined,
    onOrder: () => undefined,
  });
});

const become = (state: VisitStateName): void => {
  cameras.onVisitChanged({ state } as Visit);
};
const say = (report: GoodsReport, nonce = cameras.order?.nonce ?? ''): boolean =>
  cameras.report(nonce, goodsReportSchema.parse(report)).ok;
const before = (): boolean => say({ kind: 'before', camera, trouble: null, agoMs: 0 });
const learned = (slot: number): boolean =>
  say({ kind: 'learned', camera, headVersion: 'h', slot, descriptor });

describe('a view that belongs to somebody else', () => {
  it.each<IpcCaller>(['page', 'face', 'pin'])('is not the %s: that one reports no goods', (caller) => {
    expect(isCallOf(caller, 'goods')).toBe(false);
    for (const guard of ['page', 'face', 'pin', 'seen'] as const)
      expect(isCallOf('goods', guard)).toBe(false);
  });

  it('says nothing without an order, nor by that of the visit before, nor of a camera that is not there', () => {
    const before1: GoodsReport = { kind: 'before', camera, trouble: null, agoMs: 0 };
    expect(say(before1, 'A'.repeat(22))).toBe(false);
    become('authorising');
    const { nonce } = cameras.order!;
    become('attract');
    become('authorising');
    expect(say(before1, nonce)).toBe(false);
    for (const other of ['lock-1', 'constructor']) expect(say({ ...before1, camera: other })).toBe(false);
    expect(writes).toBe(0);
  });

  it('has no picture from before once the door is open, whatever it says', () => {
    become('authorising');
    become('shopping');
    cameras.onDoor('open');
    before();
    cameras.onDoor('closed');
    const views = [{ sku: 'TEA', changed: 1, named: 1 }];
    say({ kind: 'after', camera, trouble: null, round: cameras.order!.round, views });
    expect(seen.map(({ says }) => says)).toEqual(['nothing']);
  });

  it('says once what it sees after the door, of its own slots', () => {
    become('authorising');
    before();
    become('shopping');
    cameras.onDoor('open');
    cameras.onDoor('closed');
    const views = [
      { sku: 'TEA', changed: 0.1, named: 0.1 },
      { sku: 'WINE', changed: 1, named: 1 },
    ];
    const { round } = cameras.order!;
    for (let i = 0; i < 50; i++) say({ kind: 'after', camera, trouble: null, round, views });
    expect(seen.filter(({ says }) => says === 'after')).toMatchObject([{ views: [{ sku: 'TEA' }] }]);
  });

  it('teaches each slot once in a visit, and only what it was asked for', () => {
    become('authorising');
    learned(0);
    before();
    const asked = cameras.order!.cameras[0]!.teaches.map(({ slot }) => slot);
    for (let i = 0; i < 40; i++) for (let slot = 0; slot < 8; slot++) learned(slot);
    expect(writes).toBe(asked.length);
    expect(memory.gallery?.articles.map(({ references }) => references.length)).toEqual([1]);
  });

  it('articles come and go for years: those that were learned last are known, also after a restart', () => {
    const learnedCount = shelfCamerasMax * slotsOfCameraMax + 3;
    for (let i = 0; i < learnedCount; i++) memory.learn('h', `TEA-${i}`, descriptor, 's');
    const again = new GoodsMemory(store, silentLogger);
    expect(again.gallery?.articles.at(-1)?.sku).toBe(`TEA-${learnedCount - 1}`);
    expect(galleryMessageSchema.safeParse(memory.gallery).success).toBe(true);
  });

  it('does not move a camera that has its place', () => {
    become('authorising');
    say({ kind: 'stood', camera, stood });
    for (let i = 0; i < 40; i++) say({ kind: 'stood', camera, stood: { ...stood, grey: 'BBBB' } });
    expect(memory.stood(shelfCamera)).toEqual(stood);
    expect(writes).toBe(1);
  });

  it('leaves room for what the other sensors say: its pictures of one visit have an end', () => {
    become('authorising');
    for (let i = 0; i < 500; i++) say({ kind: 'picture', camera, when: 'before', jpeg: '/9j/AAAA' });
    expect(kept).toHaveLength(picturesOfVisitMax);
    become('attract');
    become('authorising');
    say({ kind: 'picture', camera, when: 'before', jpeg: '/9j/AAAA' });
    expect(kept).toHaveLength(picturesOfVisitMax + 1);
  });
});

describe('a view that belongs to somebody else, while staff takes photos', () => {
  let photos: ShelfPhotos;
  beforeEach(() => {
    photos = new ShelfPhotos({
      ...{ cameras: [shelfCamera], memory, clock: new FakeClock(), random: new SeededRandom(2) },
      ...{ isTaken: () => false, onOrder: () => undefined },
    });
  });
  const still = (slot: number, of: Partial<Extract<GoodsReport, { kind: 'still' }>> = {}): GoodsReport =>
    goodsReportSchema.parse({
      ...{ kind: 'still', camera, round: photos.order?.round ?? 0, why: null, jpeg: null },
      ...{ seen: { headVersion: 'h', slot, descriptor }, ...of },
    });
  const tell = (report: GoodsReport, nonce = photos.order?.nonce ?? 'A'.repeat(22)): boolean =>
    photos.report(nonce, report).ok;
  const counts = () => [memory.countOf(null), memory.countOf('TEA'), memory.countOf('COLA')];

  it('teaches nothing that nobody has asked for, and each photo once', async () => {
    expect(tell(still(0))).toBe(false);
    const empty = photos.take(camera, 0, null);
    for (let n = 0; n < 3; n++) tell(still(0));
    expect((await empty).ok).toBe(true);
    for (let n = 0; n < 3; n++) tell(still(0));
    expect(counts()).toEqual([1, 0, 0]);
    const taken = photos.take(camera, 0, 'TEA');
    // Of the round before, of another camera, and what belongs to visits.
    tell(still(0, { round: 0 }));
    tell(still(0, { camera: 'shelf-2' }));
    tell({ kind: 'learned', camera, headVersion: 'h', slot: 0, descriptor });
    expect(counts()).toEqual([1, 0, 0]);
    for (let n = 0; n < 3; n++) tell(still(0));
    expect((await taken).ok).toBe(true);
    expect(counts()).toEqual([1, 1, 0]);
  });

  it('teaches no other slot than the one that was asked for', async () => {
    const empty = photos.take(camera, 0, null);
    tell(still(0));
    await empty;
    const taken = photos.take(camera, 0, 'TEA');
    tell(still(1));
    expect(await taken).toMatchObject({ error: { code: 'off' } });
    expect(counts()).toEqual([1, 0, 0]);
  });

  it('brings no picture that is too large, or none', () => {
    const report = { kind: 'still', camera, round: 0, why: null, seen: null };
    for (const jpeg of [`/9j/${'A'.repeat(32_001)}`, 'PHN2Zz4=', 'x" onerror="y'])
      expect(goodsReportSchema.safeParse({ ...report, jpeg }).success).toBe(false);
  });
});
