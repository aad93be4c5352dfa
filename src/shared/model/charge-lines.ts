import type { Minor } from '../money.ts';
import { sumMinor } from '../money.ts';
import type { ChargeLine } from './charge.schema.ts';

/** Sum of those of these lines that were reported, minor units. */
export function reportedMinorOf(
  lines: readonly Pick<ChargeLine, 'sku' | 'amountMinor'>[],
  reported: readonly string[],
): Minor {
  return sumMinor(lines.filter(({ sku }) => reported.includes(sku)).map(({ amountMinor }) => amountMinor));
}
