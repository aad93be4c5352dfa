import type { ReactNode } from 'react';
import type { Currency } from '../../../shared/money.ts';
import { KioskContext, useKiosk } from '../kiosk/context.ts';

/** Amounts within are of this currency: bought at another cabinet, it need not be the one that is sold in here. */
export function InCurrency({ currency, children }: { currency: Currency; children: ReactNode }) {
  const kiosk = useKiosk();
  if (currency === kiosk.snapshot.currency) return children;
  const snapshot = { ...kiosk.snapshot, currency };
  return <KioskContext value={{ ...kiosk, snapshot }}>{children}</KioskContext>;
}
