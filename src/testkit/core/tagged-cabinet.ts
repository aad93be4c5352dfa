import { TagInventoryEstimator } from '../../core/recognition/tag-inventory-estimator.ts';
import { type Catalog, catalogSchema } from '../../shared/model/catalog.schema.ts';

const product = (sku: string): object => {
  return { sku, name: { zh: '水', en: 'Water' }, priceMinor: 200, weightG: 500, picture: 'water' };
};
/** Two products; tags of both. */
export const taggedCatalog = catalogSchema.parse({
  version: 'v1',
  currency: 'CNY',
  products: [product('COLA'), product('CHIP')],
  tags: [
    { epc: 'A001', sku: 'COLA' },
    { epc: 'A002', sku: 'COLA' },
    { epc: 'B001', sku: 'CHIP' },
    { epc: 'F001', sku: 'CHIP' },
  ],
});
/** What is in the cabinet at first: three pieces of goods, and a tag that nobody knows. */
export const tagsInside = ['A001', 'A002', 'B001', 'CCCC'];

/** A cabinet whose reader reads each tag that is in it every 50 ms. */
export class TaggedCabinet {
  nowMs = 0;
  readonly estimator: TagInventoryEstimator;
  readonly inside = new Set(tagsInside);

  constructor(of: () => Catalog = () => taggedCatalog) {
    this.estimator = new TagInventoryEstimator(of);
  }

  read(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 50) {
      const reads = [...this.inside].map((epc) => ({ epc, atMs: this.nowMs }));
      const atMs = this.nowMs;
      this.estimator.observe({ kind: 'tags', deviceId: 'tag-reader', atMs, reads, readerMs: atMs });
    }
  }

  /** `unreadMs`: for how long it was not read before; undefined: nobody knows. Left out: it was read all the time. */
  door(door: 'open' | 'closed' | 'unknown', ...unread: readonly [unreadMs?: number | undefined]): void {
    const [unreadMs] = unread.length === 0 ? [0] : unread;
    this.estimator.observe({ kind: 'door', deviceId: 'lock', atMs: this.nowMs, door, unreadMs });
  }
}
