import { beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../core/recognition/inventory-estimator.ts';
import { pictureWaitMs } from '../../core/recognition/shelf-pictures.ts';
import type { ShelfEye } from '../../core/vision/shelf-eye.ts';
import type { Gallery } from '../../core/vision/gallery.ts';
import type { Picture } from '../../core/vision/picture.ts';
import type { VisitStateName } from '../../core/visit/visit-model.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { FakeClock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { drawnEye } from '../../testkit/core/drawn-eye.ts';
import {
  type PictureFault,
  colourGallery,
  noisy,
  pictureFaults,
  shelfCamera,
  shelfWith,
} from '../../testkit/core/seen-shelf.ts';
import type { GoodsReport } from '../../shared/model/goods-view.schema.ts';
import { GoodsMemory } from './goods-memory.ts';
import { ShelfCameras, shelfCameraLimits } from './shelf-cameras.ts';

const known = await colourGallery();
const random = new SeededRandom(3);
type Seen = Extract<Observation, { kind: 'image' }>;

let clock: FakeClock;
let cameras: ShelfCameras;
let eye: ShelfEye;
let seen: Seen[];
let kept: string[];
let there: Picture;
let fault: PictureFault | null;
let stock: Map<string, number> | null;
let stored: Map<string, string>;
let isViewAlive: boolean;
let gallery: Gallery | null;

/** Main's cameras, and what the hidden view does, over drawn pictures; only Electron and the network are left out. */
function start(): void {
  const memory = new GoodsMemory(
    {
      get: (key) => ok(stored.get(key) ?? null),
      set: (key, value) => {
        stored.set(key, value);
        return ok();
      },
    },
    silentLogger,
  );
  eye = drawnEye({
    clock,
    grab: () => Promise.resolve(fault === null ? noisy(there) : pictureFaults[fault](there)),
    gallery: () => gallery,
    say: (nonce, report) => {
      if (isViewAlive) cameras.report(nonce, report);
    },
  });
  cameras = new ShelfCameras({
    cameras: [shelfCamera],
    memory,
    clock,
    nowMs: () => clock.nowMs(),
    random,
    logger: silentLogger,
    stock: () => stock,
    observe: (observation) => void seen.push(observation),
    evidence: ({ when, jpeg }) => void kept.push(`${when} ${jpeg}`),
    onHealth: () => undefined,
    onOrder: () => {
      if (isViewAlive) eye.setOrder(cameras.order);
    },
  });
}

beforeEach(() => {
  clock = new FakeClock();
  [seen, kept] = [[], []];
  stored = new Map();
  there = shelfWith('TEA', 'COLA');
  [fault, stock, isViewAlive, gallery] = [null, null, true, known];
  start();
});

const become = (state: VisitStateName): void => {
  cameras.onVisitChanged({ state } as Visit);
};
const says = (): string[] => seen.map((one) => one.says);
const trouble = (): string => cameras.health[0]!.detail;

async function comeIn(): Promise<void> {
  become('authorising');
  await clock.advance(1_000);
  become('preparing');
  become('unlocking');
}
async function open(): Promise<void> {
  become('shopping');
  cameras.onDoor('open');
  await clock.advance(1_200);
}
async function shut(): Promise<void> {
  cameras.onDoor('closed');
  become('checking');
  await clock.advance(pictureWaitMs + 100);
}
async function leave(): Promise<void> {
  become('receipt');
  await clock.advance(shelfCameraLimits.afterVisitMs + 100);
  become('attract');
}

describe('a visit before the cameras inside', () => {
  it('is seen before and after, its pictures are kept, and at rest the cameras are off', async () => {
    expect(cameras.order).toBeNull();
    cameras.onDoor('closed');
    await comeIn();
    await open();
    there = shelfWith(null, 'COLA');
    await clock.advance(600);
    await shut();
    expect(says()).toEqual(['before', 'after']);
    const after = seen[1]!;
    if (after.says !== 'after') throw new Error('no views');
    expect(after.views).toMatchObject([{ sku: 'TEA' }, { sku: 'COLA', changed: 0.02 }]);
    expect(after.views[0]!.named).toBeGreaterThan(0.9);
    expect(kept).toEqual(['before /9j/AAAA', 'after /9j/AAAA']);
    expect(cameras.health[0]).toMatchObject({ kind: 'camera', state: 'ready', detail: '' });
    await leave();
    expect(cameras.order).toBeNull();
  });

  const faults = Object.keys(pictureFaults) as PictureFault[];
  const words: Readonly<Record<PictureFault, string>> = {
    ...{
      unplugged: 'busy',
      black: 'black',
      dark: 'dark',
      bright: 'bright',
      frozen: 'frozen',
      turned: 'turned',
    },
  };
  it.each(
    faults.flatMap((one) => (['before', 'open', 'after'] as const).map((phase) => [one, phase] as const)),
  )('%s from %s on: no picture, never "no change"', async (one, phase) => {
    cameras.onDoor('closed');
    // How it stands is known from a visit before.
    await comeIn();
    await leave();
    seen.length = 0;
    if (phase === 'before') fault = one;
    await comeIn();
    if (phase === 'open') fault = one;
    await open();
    await clock.advance(600);
    if (phase === 'after') fault = one;
    await shut();
    expect(says()).toEqual(phase === 'before' ? ['nothing'] : ['before', 'nothing']);
    expect(trouble()).toBe(`camera.${words[one]}`);
    // Right again in the next visit: it is said so.
    fault = null;
    await leave();
    await comeIn();
    expect(trouble()).toBe('');
  });

  it('the view dies with the door open: certainty is less, and staff is told', async () => {
    cameras.onDoor('closed');
    await comeIn();
    await open();
    isViewAlive = false;
    cameras.viewGone();
    expect(says()).toEqual(['before', 'nothing']);
    expect(trouble()).toBe('camera.off');
    await shut();
    expect(says()).toEqual(['before', 'nothing']);
  });

  it('a view that says nothing at all is told of, and a picture that comes too late says nothing', async () => {
    isViewAlive = false;
    cameras.onDoor('closed');
    await comeIn();
    await open();
    await shut();
    expect(says()).toEqual(['nothing']);
    await clock.advance(shelfCameraLimits.silentMs);
    expect(trouble()).toBe('camera.off');
  });

  it('a picture that is there only once the door is open is none from before', async () => {
    become('authorising');
    become('unlocking');
    const nonce = cameras.order!.nonce;
    become('shopping');
    cameras.onDoor('open');
    cameras.report(nonce, { kind: 'before', camera: 'shelf-1', trouble: null, agoMs: 0 });
    await clock.advance(500);
    await shut();
    expect(says()).toEqual(['nothing']);
  });

  it('a door that opens once more: the picture after the last closing counts', async () => {
    cameras.onDoor('closed');
    await comeIn();
    await open();
    await shut();
    cameras.onDoor('open');
    become('shopping');
    there = shelfWith(null, 'COLA');
    await clock.advance(1_000);
    await shut();
    expect(says()).toEqual(['before', 'after', 'after']);
    expect(seen[2]).toMatchObject({ views: [{ sku: 'TEA' }, { sku: 'COLA', changed: 0.02 }] });
  });

  it('what is not of this visit, of another camera, or of goods that it does not see is not heard', async () => {
    cameras.onDoor('closed');
    await comeIn();
    const nonce = cameras.order!.nonce;
    const after: GoodsReport = { kind: 'after', camera: 'shelf-1', trouble: null, round: 1, views: [] };
    expect(cameras.report('x'.repeat(22), after)).toMatchObject({ error: { code: 'stale' } });
    expect(cameras.report(nonce, { ...after, camera: 'other' })).toMatchObject({ error: { code: 'stale' } });
    cameras.report(nonce, after);
    expect(seen, 'the door was not even open').toEqual([]);
    await open();
    cameras.onDoor('closed');
    become('checking');
    cameras.report(nonce, { ...after, views: [{ sku: 'GOLD', changed: 1, named: 1 }] });
    expect(seen.at(-1)).toMatchObject({ says: 'after', views: [] });
    await leave();
    expect(cameras.report(nonce, after)).toMatchObject({ error: { code: 'stale' } });
  });

  it('learns how goods look where tags say what is there, and remembers it over a restart', async () => {
    stock = new Map([
      ['TEA', 2],
      ['COLA', 0],
    ]);
    there = shelfWith('TEA', null);
    cameras.onDoor('closed');
    await comeIn();
    expect(cameras.order?.cameras[0]?.teaches).toEqual([
      { slot: 0, sku: 'TEA' },
      { slot: 1, sku: null },
    ]);
    await open();
    await shut();
    await clock.advance(2_000);
    const memory = JSON.parse(stored.get('goods_looks') ?? '{}') as Record<string, unknown>;
    expect(memory).toHaveProperty('stood.shelf-1');
    await leave();
    start();
    await comeIn();
    expect(cameras.order?.cameras[0]?.stood).not.toBeNull();
    stock = null;
    await leave();
    await comeIn();
    expect(cameras.order?.cameras[0]?.teaches).toEqual([]);
  });
});
