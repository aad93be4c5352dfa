import { expect, test } from 'vitest';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import { quantityOf } from './inventory.ts';
import { TagInventoryEstimator } from './tag-inventory-estimator.ts';

const product = (sku: string): object => ({
  sku,
  name: { zh: '水', en: 'Water' },
  priceMinor: 200,
  weightG: 500,
  picture: 'water',
});
const catalog = catalogSchema.parse({
  version: 'v1',
  currency: 'CNY',
  products: [product('COLA'), product('CHIP')],
  tags: [
    { epc: 'A001', sku: 'COLA' },
    { epc: 'A002', sku: 'COLA' },
    { epc: 'B001', sku: 'CHIP' },
    { epc: 'B002', sku: 'CHIP' },
  ],
});

test('goods that are silent behind a door that never opened are not called "sold out": unknown', () => {
  const estimator = new TagInventoryEstimator(() => catalog);
  let nowMs = 0;
  const inside = new Set(['A001', 'A002', 'B001', 'B002']);
  const read = (ms: number): void => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 50) {
      const reads = [...inside].map((epc) => ({ epc, atMs: nowMs }));
      estimator.observe({ kind: 'tags', deviceId: 'tag-reader', atMs: nowMs, reads, readerMs: nowMs });
    }
  };
  estimator.observe({ kind: 'door', deviceId: 'lock', atMs: 0, door: 'open' });
  read(500);
  estimator.observe({ kind: 'door', deviceId: 'lock', atMs: nowMs, door: 'closed' });
  read(60_000);
  // A bottle rolls before the two of CHIP; nobody has opened the door.
  inside.delete('B001');
  inside.delete('B002');
  read(60_000);
  expect(estimator.vanished()).toBe(2);
  const stock = estimator.stock(nowMs);
  // What the next shopper is let in with, and will find on a bill or with a human: both are part of the baseline.
  const baseline = estimator.baseline({ force: false, nowMs });
  expect(quantityOf(baseline?.lines ?? [], 'CHIP')).toBe(2);
  expect(stock?.get('CHIP')).not.toBe(0);
});
