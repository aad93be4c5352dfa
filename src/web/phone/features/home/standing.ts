import type { PhonePurchase } from '../../../../shared/phone/purchases.schema.ts';
import type { Currency, Minor } from '../../../../shared/money.ts';
import { minor } from '../../../../shared/money.ts';

/** What the member owes: declined for now, and not paid since. */
export function debtsOf(purchases: readonly PhonePurchase[]): readonly PhonePurchase[] {
  return purchases.filter(({ told }) => told.status === 'collecting' && told.amountMinor > 0);
}

/** One sum for each currency: amounts of two are none together. */
export function sumsOf(
  debts: readonly PhonePurchase[],
): readonly { readonly currency: Currency; readonly amountMinor: Minor }[] {
  const sums = new Map<Currency, number>();
  for (const { currency, told } of debts) sums.set(currency, (sums.get(currency) ?? 0) + told.amountMinor);
  return [...sums].map(([currency, amount]) => ({ currency, amountMinor: minor(amount) }));
}
