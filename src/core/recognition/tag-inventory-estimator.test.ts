import { describe, expect, it } from 'vitest';
import { TaggedCabinet, taggedCatalog } from '../../testkit/core/tagged-cabinet.ts';
import { type InventoryLine, quantityOf } from './inventory.ts';
import type { Observation } from './inventory-estimator.ts';
import { TagInventoryEstimator } from './tag-inventory-estimator.ts';

function begun(): TaggedCabinet {
  const cabinet = new TaggedCabinet();
  cabinet.door('closed');
  cabinet.read(6_000);
  expect(cabinet.estimator.baseline({ force: false, nowMs: cabinet.nowMs })).not.toBeNull();
  cabinet.door('open');
  return cabinet;
}
const short = (lines: readonly InventoryLine[] | undefined) =>
  lines?.map(({ sku, quantity }) => `${sku ?? '?'} ${quantity}`);

describe('the inventory by tags', () => {
  it('names each article once, with quantity, confidence and source; what nobody knows comes last', () => {
    const cabinet = new TaggedCabinet();
    cabinet.door('closed');
    cabinet.read(6_000);
    const baseline = cabinet.estimator.baseline({ force: false, nowMs: cabinet.nowMs });
    expect(short(baseline?.lines)).toEqual(['CHIP 1', 'COLA 2', '? 1']);
    expect(baseline?.lines[0]?.sources).toEqual(['tags']);
    expect(baseline?.lines[0]?.confidence).toBeGreaterThan(0.9999);
    expect(baseline).toMatchObject({ catalogVersion: 'v1', products: taggedCatalog.products });
  });

  it('says which pieces are past their day, by their tags; over a restart as well', () => {
    const cabinet = new TaggedCabinet();
    cabinet.door('closed');
    cabinet.read(6_000);
    const pastDay = new Map([['COLA', new Set(['A002', 'A00F'])]]);
    const baseline = cabinet.estimator.baseline({
      force: false,
      nowMs: cabinet.nowMs,
      pastDay: () => pastDay,
    });
    expect(baseline?.expired).toEqual([{ sku: 'COLA', quantity: 1 }]);
    cabinet.door('open');
    cabinet.inside.delete('A001');
    cabinet.read(3_000);
    const expired = (lines: readonly InventoryLine[]) => lines.map((line) => [line.sku, line.expired]);
    expect(expired(cabinet.estimator.estimate().taken)).toEqual([['COLA', 0]]);
    const resumed = new TagInventoryEstimator(() => taggedCatalog);
    expect(resumed.restore(cabinet.estimator.memory())).toBe(true);
    cabinet.inside.delete('A002');
    cabinet.read(3_000);
    expect(expired(cabinet.estimator.estimate().taken)).toEqual([['COLA', 1]]);
    cabinet.door('closed');
    cabinet.estimator.startFinal(cabinet.nowMs);
    cabinet.read(5_000);
    const final = cabinet.estimator.final({ force: true, nowMs: cabinet.nowMs });
    expect(expired(final?.absent ?? [])).toEqual([['COLA', 1]]);
    expect(resumed.memory()).toMatchObject({ pastDay: [{ sku: 'COLA', tags: ['A002'] }] });
    // What nobody asks about is said of nobody.
    cabinet.read(6_000);
    const next = cabinet.estimator.baseline({ force: true, nowMs: cabinet.nowMs });
    expect(next?.expired).toBeUndefined();
    expect(expired(cabinet.estimator.estimate().taken).flat()).not.toContain(1);
  });

  it('has no baseline while the reader is silent, or before it has read for long enough', () => {
    const cabinet = new TaggedCabinet();
    cabinet.door('closed');
    expect(cabinet.estimator.baseline({ force: true, nowMs: 0 })).toBeNull();
    cabinet.read(100);
    expect(cabinet.estimator.baseline({ force: false, nowMs: cabinet.nowMs })).toBeNull();
    cabinet.read(6_000);
    expect(cabinet.estimator.baseline({ force: true, nowMs: cabinet.nowMs + 3_500 })).toBeNull();
  });

  it('does not count what was read before the door was shut', () => {
    const cabinet = begun();
    cabinet.inside.delete('A001');
    cabinet.door('closed');
    expect(cabinet.estimator.baseline({ force: false, nowMs: cabinet.nowMs })).toBeNull();
    cabinet.read(6_000);
    const baseline = cabinet.estimator.baseline({ force: false, nowMs: cabinet.nowMs });
    expect(quantityOf(baseline?.lines ?? [], 'COLA')).toBe(1);
  });

  it('has in doubt, and in no list but that, what fell silent too shortly before a baseline that cannot wait', () => {
    const cabinet = new TaggedCabinet();
    cabinet.door('closed');
    cabinet.read(6_000);
    cabinet.inside.delete('A001');
    cabinet.read(300);
    expect(cabinet.estimator.baseline({ force: false, nowMs: cabinet.nowMs })).toBeNull();
    const baseline = cabinet.estimator.baseline({ force: true, nowMs: cabinet.nowMs });
    expect(baseline?.lines).toMatchObject([
      { sku: 'CHIP', confidence: 1 - 1e-5 },
      { sku: 'COLA', quantity: 2, confidence: 0.5 },
      { sku: null },
    ]);
    cabinet.door('open');
    cabinet.read(3_000);
    expect(cabinet.estimator.estimate().taken).toEqual([]);
    expect(cabinet.estimator.unheard(true)).toBe(1);
  });

  it('says what was taken and what was put in; a thing that comes back is not taken', () => {
    const cabinet = begun();
    cabinet.inside.delete('A001');
    cabinet.inside.delete('CCCC');
    cabinet.inside.add('F001');
    cabinet.read(3_000);
    const { taken, added } = cabinet.estimator.estimate();
    expect(short(taken)).toEqual(['COLA 1', '? 1']);
    expect(short(added)).toEqual(['CHIP 1']);
    cabinet.inside.add('A001');
    cabinet.read(1_000);
    expect(short(cabinet.estimator.estimate().taken)).toEqual(['? 1']);
  });

  it('gives the final reading from what was read since it began', () => {
    const cabinet = begun();
    cabinet.inside.delete('B001');
    cabinet.door('closed');
    cabinet.estimator.startFinal(cabinet.nowMs);
    expect(cabinet.estimator.final({ force: true, nowMs: cabinet.nowMs })).toBeNull();
    cabinet.read(3_000);
    const final = cabinet.estimator.final({ force: false, nowMs: cabinet.nowMs });
    expect(short(final?.absent)).toEqual(['CHIP 1']);
    expect(final?.unsure).toEqual([]);
  });

  it('leaves open only what was last said to be taken; nobody is held to a doubt about the rest', () => {
    const cabinet = begun();
    cabinet.inside.delete('A001');
    cabinet.read(3_000);
    cabinet.estimator.estimate();
    cabinet.estimator.startFinal(cabinet.nowMs);
    // A moment is too short to tell: A001, which was shown, and B001, which is not read now, are both in doubt.
    cabinet.inside.delete('B001');
    cabinet.read(100);
    expect(cabinet.estimator.final({ force: false, nowMs: cabinet.nowMs })).toBeNull();
    const final = cabinet.estimator.final({ force: true, nowMs: cabinet.nowMs });
    expect(short(final?.absent)).toEqual([]);
    expect(short(final?.unsure)).toEqual(['COLA 1']);
    expect(final?.unsure[0]?.confidence).toBeLessThan(0.9);
  });

  it('goes on after a restart with what it remembered', () => {
    const before = begun();
    before.inside.delete('A001');
    before.read(3_000);
    before.estimator.estimate();
    const memory: unknown = JSON.parse(JSON.stringify(before.estimator.memory()));
    const after = new TaggedCabinet();
    expect(after.estimator.restore(memory)).toBe(true);
    // Nothing has been read yet: what was taken stays so, and nothing else is.
    expect(short(after.estimator.estimate().taken)).toEqual(['COLA 1']);
    after.inside.delete('A001');
    after.inside.delete('B001');
    after.read(6_000);
    expect(short(after.estimator.estimate().taken)).toEqual(['CHIP 1', 'COLA 1']);
  });

  it.each([null, undefined, 'x', { tags: 1 }, { tags: [{ epc: 'no', sku: null }], taken: [] }])(
    'takes no memory that is none: %j',
    (memory) => {
      expect(new TagInventoryEstimator(() => taggedCatalog).restore(memory)).toBe(false);
    },
  );

  it('makes nothing of other kinds of sensors', () => {
    const cabinet = begun();
    const before = cabinet.estimator.memory();
    const atMs = cabinet.nowMs;
    const weight = { lane: 1, milligrams: 5, isStable: true, state: 'ok' } as const;
    const strange: Observation[] = [
      { kind: 'weight', deviceId: 'lane-1', atMs, ...weight },
      { kind: 'barcode', deviceId: 'scanner', atMs, text: '690' },
      { kind: 'image', deviceId: 'camera', atMs, says: 'after', views: [] },
    ];
    for (const observation of strange) expect(cabinet.estimator.observe(observation)).toBe(false);
    expect(cabinet.estimator.estimate()).toEqual({ taken: [], added: [] });
    expect(cabinet.estimator.memory()).toEqual(before);
  });
});

describe('the stock between visits', () => {
  it('is what is heard behind the shut door, of goods that tags can name', () => {
    const cabinet = new TaggedCabinet();
    const stock = () => cabinet.estimator.stock(cabinet.nowMs);
    expect(stock()).toBeNull();
    cabinet.door('closed');
    expect(stock()).toBeNull();
    cabinet.read(6_000);
    expect([...(stock() ?? [])]).toEqual([
      ['COLA', 2],
      ['CHIP', 1],
    ]);
    // One leaves and the other is the last: said once that is certain, not before.
    cabinet.door('open');
    expect(stock()).toBeNull();
    cabinet.inside.delete('A001');
    cabinet.inside.delete('B001');
    cabinet.read(1_000);
    cabinet.door('closed');
    expect(stock()).toBeNull();
    cabinet.read(8_000);
    expect([...(stock() ?? [])]).toEqual([
      ['COLA', 1],
      ['CHIP', 0],
    ]);
  });
  it('goods that are silent behind a door that never opened are not called "sold out": unknown', () => {
    const cabinet = new TaggedCabinet();
    cabinet.inside.add('F001');
    cabinet.door('open');
    cabinet.read(500);
    cabinet.door('closed');
    cabinet.read(60_000);
    // A bottle rolls before the two of CHIP; nobody has opened the door.
    cabinet.inside.delete('B001');
    cabinet.inside.delete('F001');
    cabinet.read(60_000);
    const { estimator, nowMs } = cabinet;
    expect(estimator.vanished()).toBe(2);
    const stock = estimator.stock(nowMs);
    // What the next shopper is let in with, and will find on a bill or with a human: both are part of the baseline.
    const baseline = estimator.baseline({ force: false, nowMs });
    expect(quantityOf(baseline?.lines ?? [], 'CHIP')).toBe(2);
    expect(stock?.get('CHIP')).not.toBe(0);
  });
  it('is not known while the reader is away, and of a product without tags never', () => {
    const products = [...taggedCatalog.products, { ...taggedCatalog.products[0]!, sku: 'GUM' }];
    // One tag that two products claim says nothing of either.
    const tags = [...taggedCatalog.tags, { epc: 'F001', sku: 'COLA' }];
    const of = { ...taggedCatalog, products, tags };
    const cabinet = new TaggedCabinet(() => of);
    cabinet.door('closed');
    cabinet.read(6_000);
    const { nowMs } = cabinet;
    expect([...(cabinet.estimator.stock(nowMs) ?? [['none']])]).toEqual([]);
    expect(cabinet.estimator.stock(nowMs + 60_000)).toBeNull();
  });
});

describe('a reader whose reports lie further apart than a pause', () => {
  const every = (gapMs: number, count: number, says: boolean) => {
    const cabinet = new TaggedCabinet();
    cabinet.door('closed');
    for (let i = 0; i < count; i++) {
      cabinet.nowMs += gapMs;
      const { nowMs: atMs } = cabinet;
      const reads = [...cabinet.inside].map((epc) => ({ epc, atMs }));
      const sinceMs = says ? atMs - gapMs : undefined;
      cabinet.estimator.observe({
        kind: 'tags',
        deviceId: 'tag-reader',
        atMs,
        reads,
        readerMs: atMs,
        sinceMs,
      });
    }
    return cabinet;
  };

  it('is believed when it says that it has listened all the time: what is gone becomes gone', () => {
    const cabinet = every(480, 60, true);
    const { estimator } = cabinet;
    expect(estimator.baseline({ force: false, nowMs: cabinet.nowMs })).not.toBeNull();
    cabinet.door('open');
    cabinet.inside.delete('B001');
    for (let i = 0; i < 40; i++) {
      cabinet.nowMs += 480;
      const { nowMs: atMs } = cabinet;
      const reads = [...cabinet.inside].map((epc) => ({ epc, atMs }));
      const report = { deviceId: 'tag-reader', atMs, reads, readerMs: atMs, sinceMs: atMs - 480 };
      estimator.observe({ kind: 'tags', ...report });
    }
    expect(short(estimator.estimate().taken)).toEqual(['CHIP 1']);
  });

  it('is of no use when it does not: nobody is let in, forced or not', () => {
    // As a driver reports: each read with its own time, and the report a little later.
    const cabinet = new TaggedCabinet();
    const { estimator } = cabinet;
    cabinet.door('closed');
    for (let i = 0; i < 60; i++) {
      cabinet.nowMs += 400;
      const reads = [...cabinet.inside].map((epc) => ({ epc, atMs: cabinet.nowMs }));
      const atMs = cabinet.nowMs + 50;
      estimator.observe({ kind: 'tags', deviceId: 'tag-reader', atMs, reads, readerMs: atMs });
    }
    expect(estimator.isUseful(cabinet.nowMs)).toBe(false);
    expect(estimator.isAlive(cabinet.nowMs)).toBe(false);
    expect(estimator.baseline({ force: true, nowMs: cabinet.nowMs })).toBeNull();
    // The lumps are gone: it is useful again.
    cabinet.read(6_000);
    expect([estimator.isUseful(cabinet.nowMs), estimator.isAlive(cabinet.nowMs)]).toEqual([true, true]);
  });

  it('one that makes a single long round and rests is of use', () => {
    const cabinet = every(2_000, 30, false);
    for (let i = 0; i < 30; i++) {
      cabinet.nowMs += 2_000;
      const { nowMs: atMs } = cabinet;
      const reads = [...cabinet.inside].map((epc) => ({ epc, atMs }));
      const report = { deviceId: 'tag-reader', atMs, reads, readerMs: atMs, sinceMs: atMs - 480 };
      cabinet.estimator.observe({ kind: 'tags', ...report });
    }
    expect(cabinet.estimator.isUseful(cabinet.nowMs)).toBe(true);
  });

  it('one that rests between its sweeps is of use', () => {
    const cabinet = new TaggedCabinet();
    cabinet.door('closed');
    for (let i = 0; i < 20; i++) {
      cabinet.read(300);
      cabinet.nowMs += 1_700;
    }
    expect(cabinet.estimator.isAlive(cabinet.nowMs)).toBe(true);
  });
});
