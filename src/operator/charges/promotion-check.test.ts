import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBill } from '../../core/basket/basket.ts';
import type { BaselineInventory, InventoryLine } from '../../core/recognition/inventory.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import { anyFrozen } from '../../testkit/core/promotions.ts';
import { comparePromotions } from './promotion-check.ts';

const skus = ['COLA', 'CHIP', 'TEA'];
const { products } = catalogSchema.parse({
  version: 'v1',
  currency: 'CNY',
  products: skus.map((sku, i) => ({
    ...{ sku, name: { zh: sku, en: sku }, priceMinor: [350, 780, 501][i], weightG: 1, picture: 'x' },
  })),
  tags: [],
});
const line = (sku: string, quantity: number): InventoryLine => ({
  ...{ sku, quantity, confidence: 1, sources: ['tags'] },
});
const some = fc
  .array(fc.nat(4), { minLength: skus.length, maxLength: skus.length })
  .map((counts) => counts.flatMap((n, i) => (n === 0 ? [] : [line(skus[i] ?? '', n)])));
const all = skus.map((sku) => line(sku, 9));

test('no bill of an honest cabinet is dearer than the operator prices it', () => {
  fc.assert(
    fc.property(
      anyFrozen(skus),
      fc.record({ absent: some, unsure: some, unseen: some }),
      fc.record({ shown: some, afterAbandoned: some, reported: fc.subarray(skus) }),
      fc.tuple(fc.option(some), fc.option(some)),
      (promotions, final, seen, [shownAtClose, confirmed]) => {
        const baseline: BaselineInventory = {
          ...{ catalogVersion: 'v1', currency: 'CNY', products, lines: all },
          ...(promotions !== null && { promotions }),
        };
        const bill = makeBill({ baseline, final, ...seen, shownAtClose, confirmed });
        expect(comparePromotions(bill, promotions)).not.toBe('dearer');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('where all was shown it is the same; a unit more is dearer, a unit less is cheaper', () => {
  fc.assert(
    fc.property(anyFrozen(skus), some, (promotions, gone) => {
      const baseline: BaselineInventory = {
        ...{ catalogVersion: 'v1', currency: 'CNY', products, lines: all },
        ...(promotions !== null && { promotions }),
      };
      const reading = { absent: gone, unsure: [] };
      const bill = makeBill({
        ...{ baseline, final: reading, shown: gone, shownAtClose: gone, confirmed: null },
        ...{ reported: [], afterAbandoned: [] },
      });
      expect(comparePromotions(bill, promotions)).toBe('same');
      const [first, ...others] = bill.lines;
      if (first === undefined) return;
      const by = (more: number) => [
        { ...first, amountMinor: (first.amountMinor + more) as typeof first.amountMinor },
      ];
      expect(comparePromotions({ ...bill, lines: [...by(1), ...others] }, promotions)).toBe('dearer');
      expect(comparePromotions({ ...bill, lines: [...by(-1), ...others] }, promotions)).toBe('cheaper');
    }),
  );
});
