import type { FrozenRule, PromotionRule } from '../../shared/model/promotion.schema.ts';
import type { Amount } from './share.ts';

/** Pieces of one article, at the price that the catalogue had when the visit began. */
export interface PricedLine {
  readonly sku: string;
  readonly priceMinor: Amount;
  readonly count: number;
}

/** What one promotion takes off pieces of one article alone; 0: it is not about them. */
function savedOn({ sku, priceMinor, count }: PricedLine, rule: PromotionRule): Amount {
  if (!('skus' in rule) || !rule.skus.includes(sku)) return 0;
  switch (rule.kind) {
    case 'second_half':
      // The half that is paid is rounded down.
      return Math.floor(count / 2) * Math.ceil(priceMinor / 2);
    case 'amount_off':
      return count * Math.min(rule.offMinor, priceMinor);
    case 'member_price':
      return count * Math.max(priceMinor - rule.priceMinor, 0);
    case 'bundle':
      return 0;
  }
}

export interface Best {
  readonly rule: FrozenRule;
  readonly savedMinor: Amount;
}

/** The one that takes the most off pieces of one article; of equals the first by id. Null: none takes anything off. */
export function bestOnLine(line: PricedLine, rules: readonly FrozenRule[]): Best | null {
  let best: Best | null = null;
  for (const rule of rules) {
    const savedMinor = savedOn(line, rule.rule);
    if (savedMinor > (best?.savedMinor ?? 0)) best = { rule, savedMinor };
  }
  return best;
}
