import type { Minor } from '../money.ts';
import { sumMinor } from '../money.ts';
import type { ReceiptStatus } from './charge.ts';
import type { ChargeLine } from './charge.schema.ts';

/** Sum of those of these lines that were reported, minor units. */
export function reportedMinorOf(
  lines: readonly Pick<ChargeLine, 'sku' | 'amountMinor'>[],
  reported: readonly string[],
): Minor {
  return sumMinor(lines.filter(({ sku }) => reported.includes(sku)).map(({ amountMinor }) => amountMinor));
}

/** What decides what is said of a report: where the money is, the bill, and what of it was reported. */
export interface ReportedBill {
  readonly status: ReceiptStatus;
  readonly lines: readonly Pick<ChargeLine, 'sku' | 'amountMinor'>[];
  readonly disputed: readonly string[];
  readonly totalMinor: Minor;
}

/**
 * Whether what was reported is still to be debited, was debited with the rest, or was left out. `billedMinor`: what was
 * debited, or is to be.
 */
export function reportFateOf(
  { status, lines, disputed, totalMinor }: ReportedBill,
  billedMinor: Minor,
): 'beforePaid' | 'afterPaid' | 'notDebited' {
  if (status !== 'paid') return 'beforePaid';
  return billedMinor > totalMinor - reportedMinorOf(lines, disputed) ? 'afterPaid' : 'notDebited';
}

/** What promotions take off these lines, minor units. */
export function savedMinorOf(lines: readonly Pick<ChargeLine, 'discounts'>[]): number {
  return lines.reduce(
    (sum, { discounts = [] }) => discounts.reduce((all, { amountMinor }) => all + amountMinor, sum),
    0,
  );
}

/** All of it was given for nothing: counted, and not charged. */
export function isFreeBill(lines: readonly Pick<ChargeLine, 'discounts'>[], totalMinor: number): boolean {
  return totalMinor === 0 && savedMinorOf(lines) > 0;
}
