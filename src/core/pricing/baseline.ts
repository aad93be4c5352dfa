import type { PromotionOrder } from '../../shared/model/promotion.schema.ts';
import type { BaselineInventory } from '../recognition/inventory.ts';
import { freeze } from './pricing.ts';

/** With what is on at this moment, for as long as the visit lasts. An order in another currency is about other prices. */
export function withPromotions(
  baseline: BaselineInventory,
  order: PromotionOrder | null,
  atMs: number,
): BaselineInventory {
  if (order === null || order.currency !== baseline.currency) return baseline;
  const promotions = freeze(order, atMs, new Set(baseline.products.map(({ sku }) => sku)));
  return promotions === null ? baseline : { ...baseline, promotions };
}
