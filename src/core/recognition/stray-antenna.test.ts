import { expect, it } from 'vitest';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { InventoryLine } from './inventory.ts';
import { TagInventoryEstimator } from './tag-inventory-estimator.ts';

const articles = ['COLA', 'CHIP'] as const;
function epcOf(i: number): string {
  return `A0${i.toString(16).toUpperCase().padStart(2, '0')}`;
}
const catalog = catalogSchema.parse({
  version: 'v1',
  currency: 'CNY',
  products: articles.map((sku) => ({
    ...{ sku, name: { zh: '水', en: 'Water' }, priceMinor: 200, weightG: 500, picture: 'water' },
  })),
  tags: Array.from({ length: 16 }, (_, i) => ({ epc: epcOf(i), sku: articles[i < 8 ? 0 : 1] })),
});

class Cabinet {
  nowMs = 0;
  readonly estimator = new TagInventoryEstimator(() => catalog);
  readonly inside = new Map<string, number>([
    ...Array.from({ length: 8 }, (_, i) => [epcOf(i), 1] as const),
    ...Array.from({ length: 3 }, (_, i) => [epcOf(8 + i), 2] as const),
  ]);
  readonly dead = new Set<number>();
  constructor() {
    this.door('closed');
    this.read(6_000);
    expect(this.estimator.baseline({ force: false, nowMs: this.nowMs })).not.toBeNull();
    this.door('open');
    this.read(2_000);
  }
  /** `stray`: tags of antenna 2 which antenna 1 hears once, in the first round. */
  read(ms: number, stray: readonly string[] = []): void {
    const startMs = this.nowMs;
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 50) {
      const atMs = this.nowMs;
      const reads = [...this.inside]
        .filter(([, antenna]) => !this.dead.has(antenna))
        .map(([epc, antenna]) => ({ epc, atMs, antenna }));
      if (atMs === startMs) reads.push(...stray.map((epc) => ({ epc, atMs, antenna: 1 })));
      this.estimator.observe({ kind: 'tags', deviceId: 'tag-reader', atMs, reads, readerMs: atMs });
    }
  }
  door(door: 'open' | 'closed'): void {
    this.estimator.observe({ kind: 'door', deviceId: 'lock', atMs: this.nowMs, door });
  }
  bill(): { billed: string[]; held: string[] } {
    this.door('closed');
    this.estimator.startFinal(this.nowMs);
    this.read(8_000);
    const final = this.estimator.final({ force: true, nowMs: this.nowMs })!;
    return { billed: short(final.absent), held: short([...final.unsure, ...(final.unseen ?? [])]) };
  }
}
const short = (lines: readonly InventoryLine[]) =>
  lines.map(({ sku, quantity }) => `${sku ?? '?'} ${quantity}`);

it.each([1, 2, 3])(
  'an antenna dies: %i of its three pieces, heard once by the other antenna meanwhile, are billed to nobody',
  (count) => {
    const cabinet = new Cabinet();
    cabinet.dead.add(2);
    cabinet.read(3_000);
    // A reflection (a hand at the shelf): one stray read each by the antenna that lives.
    cabinet.read(50, [8, 9, 10].slice(0, count).map(epcOf));
    cabinet.read(5_000);
    cabinet.estimator.estimate();
    expect(cabinet.bill().billed).toEqual([]);
  },
);

it('an antenna dies whose pieces were last heard by the other one: billed to nobody', () => {
  const cabinet = new Cabinet();
  // In the very last round before the death.
  cabinet.read(50, [8, 9].map(epcOf));
  cabinet.dead.add(2);
  cabinet.read(5_000);
  cabinet.estimator.estimate();
  expect(cabinet.bill().billed).toEqual([]);
});
