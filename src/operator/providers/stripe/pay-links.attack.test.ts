import { expect, it } from 'vitest';
import { linkParams } from './intent-calls.ts';

/**
 * Whoever has the address of a link may be anybody: its QR stands on a screen in the street. For a customer that it is told of
 * Stripe fills the page in with the card saved last, name, e-mail and billing address (the package's own types, `customer`).
 */
it('a page that anybody may open is told of no customer: it would show theirs, and take their card', () => {
  const told = {
    ...{ orderId: 'KM1', amountMinor: 1_050, currency: 'USD', cabinetId: 'cabinet-1' },
    ...{ backUrl: 'https://pay.example/', untilS: 1_800_000_000, customer: 'cus_1' },
  };
  const link = linkParams(told);
  expect(JSON.stringify(link)).not.toMatch(/customer|cus_1/);
});
