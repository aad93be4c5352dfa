import type { ReactNode } from 'react';
import type { Currency } from '../../../shared/money.ts';
import { CurrencyContext } from '../kiosk/context.ts';

/** Amounts within are of this currency: that of the visit, purchase or catalogue which they belong to. Null: there are none. */
export function InCurrency({ currency, children }: { currency: Currency | null; children: ReactNode }) {
  return <CurrencyContext value={currency}>{children}</CurrencyContext>;
}
