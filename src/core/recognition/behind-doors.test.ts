import { beforeEach, describe, expect, it, test } from 'vitest';
import { pieceCountMax } from '../../shared/model/basket.ts';
import type { DoorState } from '../../shared/model/device.ts';
import { taggedCatalog } from '../../testkit/core/tagged-cabinet.ts';
import { BehindDoors } from './behind-doors.ts';
import { TagInventoryEstimator } from './tag-inventory-estimator.ts';

/** Two readers, each behind a door of its own; each reads what is there every 50 ms. */
class TwoCabinets {
  nowMs = 0;
  estimator = new TagInventoryEstimator(() => taggedCatalog);
  readonly inside = [new Set(['A001', 'A002']), new Set(['B001', 'F001'])];
  doors: DoorState[] = ['closed', 'closed'];

  read(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 50) {
      for (const [index, tags] of this.inside.entries()) {
        const atMs = this.nowMs;
        this.estimator.observe({
          ...{ kind: 'tags', deviceId: `tag-reader-${index + 1}`, atMs, readerMs: atMs },
          reads: [...tags].map((epc) => ({ epc, atMs })),
          behindDoor: index + 1,
        });
      }
    }
  }

  move(doors: DoorState[]): void {
    this.doors = doors;
    const door = doors.includes('open') ? 'open' : doors.includes('unknown') ? 'unknown' : 'closed';
    this.estimator.observe({ kind: 'door', deviceId: 'lock', atMs: this.nowMs, door, doors, unreadMs: 0 });
  }

  final(): string[][] {
    this.estimator.startFinal(this.nowMs);
    this.read(8_000);
    const final = this.estimator.final({ force: true, nowMs: this.nowMs });
    const skus = (lines: readonly { sku: string | null }[] = []): string[] =>
      lines.map(({ sku }) => sku ?? '?');
    return [skus(final?.absent), [...skus(final?.unsure), ...skus(final?.unseen)]];
  }
}

let cabinet: TwoCabinets;
beforeEach(() => {
  cabinet = new TwoCabinets();
  cabinet.move(['closed', 'closed']);
  cabinet.read(6_000);
  expect(cabinet.estimator.baseline({ force: true, nowMs: cabinet.nowMs })).not.toBeNull();
});
const taken = (): (string | null)[] => cabinet.estimator.estimate().taken.map(({ sku }) => sku);

describe('goods behind a door that is shut all through a visit', () => {
  it('are taken by nobody, however silent they are; those behind the open one are', () => {
    cabinet.move(['open', 'closed']);
    cabinet.inside[0]?.delete('A001');
    cabinet.inside[1]?.delete('B001');
    cabinet.read(10_000);
    expect(taken()).toEqual(['COLA']);
    cabinet.move(['closed', 'closed']);
    expect(cabinet.final()).toEqual([['COLA'], []]);
  });

  it('are told as gone, for staff to look', () => {
    cabinet.move(['open', 'closed']);
    cabinet.inside[1]?.delete('B001');
    cabinet.read(10_000);
    cabinet.move(['closed', 'closed']);
    cabinet.final();
    expect(cabinet.estimator.unheard(true)).toBe(1);
  });

  it.each<[string, DoorState[]]>([
    ['opened as well', ['open', 'open']],
    ['not read for a while', ['open', 'unknown']],
  ])('are goods like any once it was %s', (_, doors) => {
    cabinet.move(['open', 'closed']);
    cabinet.move(doors);
    cabinet.inside[1]?.delete('B001');
    cabinet.read(10_000);
    expect(taken()).toEqual(['CHIP']);
  });

  it('are goods like any once nobody saw any door', () => {
    cabinet.estimator.observe({ kind: 'door', deviceId: 'lock', atMs: cabinet.nowMs, door: 'unknown' });
    cabinet.move(['open', 'closed']);
    cabinet.inside[1]?.delete('B001');
    cabinet.read(10_000);
    expect(taken()).toEqual(['CHIP']);
  });

  it('stay so over a restart, until their door is opened', () => {
    cabinet.move(['open', 'closed']);
    cabinet.inside[0]?.delete('A001');
    cabinet.inside[1]?.delete('B001');
    cabinet.read(10_000);
    const memory: unknown = JSON.parse(JSON.stringify(cabinet.estimator.memory()));
    cabinet.estimator = new TagInventoryEstimator(() => taggedCatalog);
    expect(cabinet.estimator.restore(memory)).toBe(true);
    cabinet.move(['open', 'closed']);
    cabinet.read(10_000);
    expect(taken()).toEqual(['COLA']);
    cabinet.move(['open', 'open']);
    cabinet.read(10_000);
    expect(taken()).toEqual(['CHIP', 'COLA']);
  });
});

test('a tag that readers behind two doors hear lies behind neither', () => {
  const behind = new BehindDoors();
  behind.observe(['closed', 'closed']);
  behind.heard(['A', 'B'], 1);
  behind.heard(['B'], 2);
  behind.heard(['A'], undefined);
  behind.startVisit();
  expect(['A', 'B'].map((epc) => behind.isOutOfReach(epc))).toEqual([false, false]);
});

test('of a cabinet with one door it knows nothing', () => {
  const behind = new BehindDoors();
  behind.observe(undefined);
  behind.heard(['A'], 1);
  behind.startVisit();
  expect([behind.isOutOfReach('A'), behind.memory(['A'])]).toEqual([false, undefined]);
});

test('it remembers no more than a bounded number of tags', () => {
  const behind = new BehindDoors();
  behind.observe(['closed', 'closed']);
  const all = Array.from({ length: 3 * pieceCountMax }, (_, i) => `E${i}`);
  behind.heard(all, 2);
  behind.startVisit();
  expect(all.filter((epc) => behind.isOutOfReach(epc))).toHaveLength(2 * pieceCountMax);
});
