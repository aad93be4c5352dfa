import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ShelfCamera } from '../../shared/model/shelf-camera.ts';
import { taggedCatalog } from '../../testkit/core/tagged-cabinet.ts';
import type { View } from './fusion/fused-observation.ts';
import type { FinalEstimate } from './inventory.ts';
import { pictureWaitMs } from './shelf-pictures.ts';
import { WeighedInventoryEstimator } from './weighed-inventory-estimator.ts';

const slot = { left: 0.1, top: 0.1, width: 0.2, height: 0.4 };
const camera: ShelfCamera = {
  id: 'shelf-1',
  camera: 'Shelf camera',
  shelf: [
    [0, 0],
    [1, 0],
    [1, 1],
  ],
  slots: ['COLA', 'CHIP'].map((sku) => ({ sku, ...slot })),
};
const goods = ['COLA', 'CHIP'].map((sku) => ({ sku, spreadPercent: 0.5 }));
const inside = ['A001', 'A002', 'B001', 'F001'];
const left = (sku: string): View => ({ sku, changed: 0.98, named: 0.97 });
const there = (sku: string): View => ({ sku, changed: 0.02, named: 0.5 });
const colaLeft = [left('COLA'), there('CHIP')];

/** One lane with two articles that weigh the same, before an antenna, on a scale, below a camera. */
class SeenLane {
  nowMs = 0;
  readonly estimator = new WeighedInventoryEstimator(() => taggedCatalog, { lanes: [{ lane: 1, goods }] }, [
    camera,
  ]);
  readonly heard = new Set(inside);
  grams = 2_000;
  #saidGrams = 0;
  #isOpen = false;

  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 100) {
      const { nowMs: atMs, grams } = this;
      const reads = [...this.heard].map((epc) => ({ epc, atMs }));
      this.estimator.observe({ kind: 'tags', deviceId: 'tag-reader', atMs, reads, readerMs: atMs });
      // A scale tells what changes.
      if (grams !== this.#saidGrams)
        this.estimator.observe({
          ...{ kind: 'weight', deviceId: 'lane-1', atMs, lane: 1, state: 'ok' },
          ...{ milligrams: grams * 1000, isStable: true },
        });
      this.#saidGrams = grams;
      if (this.#isOpen) this.estimator.estimate(atMs);
    }
  }

  door(door: 'open' | 'closed'): void {
    this.#isOpen = door === 'open';
    this.estimator.observe({ kind: 'door', deviceId: 'lock', atMs: this.nowMs, door });
  }

  see(says: 'before' | 'nothing' | readonly View[]): boolean {
    const who = { kind: 'image', deviceId: 'shelf-1', atMs: this.nowMs } as const;
    return this.estimator.observe(
      typeof says === 'string' ? { ...who, says } : { ...who, says: 'after', views: says },
    );
  }

  final(force = false): FinalEstimate | null {
    return this.estimator.final({ force, nowMs: this.nowMs });
  }

  /** A visit with a picture from before it, in which this happens behind the open door. */
  visit(act: () => void, pastDay: ReadonlyMap<string, ReadonlySet<string>> = new Map()): void {
    this.door('closed');
    this.run(6_000);
    expect(
      this.estimator.baseline({ force: true, nowMs: this.nowMs, pastDay: () => pastDay }),
    ).not.toBeNull();
    this.door('open');
    this.see('before');
    this.run(500);
    act();
    this.run(4_000);
    this.door('closed');
    this.estimator.startFinal(this.nowMs);
  }
}

/** One piece is gone, and of each article a tag is silent: tags and scale cannot tell which. */
function doubtful(): SeenLane {
  const lane = new SeenLane();
  lane.visit(() => {
    lane.heard.delete('A001');
    lane.heard.delete('B001');
    lane.grams -= 500;
  });
  return lane;
}

/** Nobody is billed for what nobody knows. */
function expectHeld(lane: SeenLane): void {
  const reading = lane.final();
  expect(reading?.absent).toEqual([]);
  expect(counted(reading?.unseen)).toEqual({ COLA: 1, CHIP: 1 });
}

const counted = (lines: FinalEstimate['absent'] = []): Record<string, number> =>
  Object.fromEntries(lines.map(({ sku, quantity }) => [sku ?? '', quantity]));

describe('pictures beside tags and scales', () => {
  it('decide which of two was taken, where tags and weight cannot', () => {
    const lane = doubtful();
    lane.run(1_000);
    expect(lane.final(), 'the picture is waited for').toBeNull();
    lane.see(colaLeft);
    lane.run(600);
    const reading = lane.final();
    expect(counted(reading?.absent)).toEqual({ COLA: 1 });
    expect(reading?.absent[0]?.sources).toContain('image');
  });

  it('without one people look, no later than the bound', () => {
    const lane = doubtful();
    lane.run(pictureWaitMs - 100);
    expect(lane.final()).toBeNull();
    lane.run(200);
    expectHeld(lane);
  });

  it('no picture is no answer, and is not waited for', () => {
    const lane = doubtful();
    lane.run(1_000);
    lane.see('nothing');
    expectHeld(lane);
  });

  it('what is sure by itself waits for no picture', () => {
    const lane = new SeenLane();
    lane.visit(() => {
      lane.heard.delete('A001');
      lane.grams -= 500;
    });
    lane.run(1_500);
    expect(counted(lane.final()?.absent)).toEqual({ COLA: 1 });
  });

  it('a door that opens again makes the picture old', () => {
    const lane = doubtful();
    lane.run(500);
    lane.see(colaLeft);
    lane.door('open');
    lane.run(1_000);
    lane.door('closed');
    lane.estimator.startFinal(lane.nowMs);
    lane.run(1_000);
    expect(lane.final(), 'the next picture is waited for').toBeNull();
    lane.run(pictureWaitMs);
    expectHeld(lane);
  });

  it('another camera is none of ours', () => {
    const lane = doubtful();
    const who = { kind: 'image', deviceId: 'other', atMs: lane.nowMs, says: 'nothing' } as const;
    expect(lane.estimator.observe(who)).toBe(false);
  });

  it('add no line that neither tag nor weight supports, whatever they say', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(chance, chance, chance, chance, (a, b, c, d) => {
        const lane = new SeenLane();
        lane.visit(() => undefined);
        lane.see([
          { sku: 'COLA', changed: a, named: b },
          { sku: 'CHIP', changed: c, named: d },
        ]);
        lane.run(2_500);
        const reading = lane.final(true);
        expect(reading?.absent).toEqual([]);
        expect(lane.estimator.estimate(lane.nowMs).taken).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a piece past its day, beside a scale', () => {
  const takeOne = (lane: SeenLane, isSilent = true): void => {
    if (isSilent) lane.heard.delete('A001');
    lane.grams -= 500;
  };
  it.each([
    ['the good one', 'A002', 0],
    ['the old one', 'A001', 1],
  ])('%s is taken, and its tag says so', (_, old, expired) => {
    const lane = new SeenLane();
    lane.visit(
      () => {
        takeOne(lane);
      },
      new Map([['COLA', new Set([old])]]),
    );
    lane.run(1_000);
    lane.see(colaLeft);
    lane.run(600);
    expect(lane.estimator.estimate().taken).toMatchObject([{ sku: 'COLA', quantity: 1, expired }]);
    expect(lane.final()?.absent).toMatchObject([{ sku: 'COLA', quantity: 1, expired }]);
  });

  it('one leaves and no tag says which: nothing is known of its day', () => {
    const lane = new SeenLane();
    lane.visit(
      () => {
        takeOne(lane, false);
      },
      new Map([['COLA', new Set(['A001'])]]),
    );
    lane.see(colaLeft);
    lane.run(1_000);
    const reading = lane.final(true);
    const lines = [...(reading?.absent ?? []), ...(reading?.unseen ?? [])].filter(
      ({ sku }) => sku === 'COLA',
    );
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toHaveProperty('expired');
  });
});
