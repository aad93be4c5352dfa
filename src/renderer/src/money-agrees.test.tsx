import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reasonCodes, receiptStatuses } from '../../shared/model/charge.ts';
import type { PurchaseDetail } from '../../shared/model/purchase.schema.ts';
import { shownResolutionHows } from '../../shared/model/resolution.ts';
import { draw, drawView, textOf } from './testing/draw.tsx';
import { type ViewInput, cola, receiptOf, snapshotOf, tea } from './testing/snapshots.ts';

/** Whatever a charge has been through: all that one screen says about its money agrees. */

/** What a text says (English): each kind of statement by the words that make it. */
const says = {
  paid: /\bPaid\b|¥\d[\d.,]* paid\b|was charged to|Charged¥|paid in another way|settled in another way/,
  toCome:
    /Charging ¥|Being charged|Charged later|is charged later|will be charged|charged? only once|charged once/,
  debt: /not paid yet|To be paid|How to pay|Next: please pay|Pay now|Top up|We try again at/,
  nothing: /Nothing charged|costs nothing/,
  staffFirst: /Nothing is charged before that/,
  refunded: /Refunded/,
  reportOpen: /Reported, being checked/,
  reportOver: /The disputed part was not charged\.(?! Our)/,
} as const;
type Statement = keyof typeof says;
/** Of the same money not both can be true. */
const denials: readonly (readonly [Statement, Statement])[] = [
  ['paid', 'toCome'],
  ['paid', 'debt'],
  ['paid', 'nothing'],
  ['paid', 'staffFirst'],
  ['nothing', 'toCome'],
  ['nothing', 'debt'],
  ['staffFirst', 'toCome'],
  ['staffFirst', 'debt'],
  ['refunded', 'debt'],
  ['refunded', 'toCome'],
  ['refunded', 'nothing'],
  ['reportOpen', 'reportOver'],
];
/** Amounts that are called paid, or to be paid. */
const amountSaid = [
  /¥([\d.,]+\d) (?:paid|not paid|is charged later|was charged to|was settled)/,
  /Charging ¥([\d.,]+\d)/,
];

function contradictionsIn(text: string, billedMinor: number): string[] {
  const both = denials.filter(([one, other]) => says[one].test(text) && says[other].test(text));
  const found = both.map(([one, other]) => `${one} and ${other}`);
  for (const pattern of amountSaid) {
    const amount = pattern.exec(text)?.[1];
    if (amount !== undefined && (billedMinor === 0 || amount !== (billedMinor / 100).toFixed(2)))
      found.push(`¥${amount} of ${billedMinor}`);
  }
  if (text.includes('¥0.00') && !text.includes('Total¥0.00')) found.push('¥0.00');
  return found;
}

const milk = { ...tea, sku: 'milk' };
const bills = [
  { lines: [cola, tea], heldLines: [], totalMinor: 1200 },
  { lines: [cola, tea], heldLines: [milk], totalMinor: 1200 },
  { lines: [], heldLines: [cola], totalMinor: 0 },
  { lines: [], heldLines: [], totalMinor: 0 },
];
/** The state of the charge, why, what was reported and held, how much of it is debited, and what was decided. */
const anyMoney = fc
  .record({
    bill: fc.constantFrom(...bills),
    reported: fc.subarray([cola.sku, tea.sku]),
    billedMinor: fc.constantFrom(0, 500, 700, 1200, 1700),
    how: fc.constantFrom(null, ...shownResolutionHows),
    reason: fc.constantFrom(null, ...reasonCodes),
    status: fc.constantFrom(...receiptStatuses),
  })
  .map(({ bill, reported, how, ...rest }) => ({
    ...bill,
    ...rest,
    disputed: bill.lines.length === 0 ? [] : reported,
    resolved: how === null ? null : ({ how, by: 'support', atMs: 7 } as const),
  }));
/** All of them, undrawn: shared/model/told-money.test.ts. */
const draws = { numRuns: 300 } as const;

test('on the receipt', () => {
  fc.assert(
    fc.property(anyMoney, (money) => {
      const text = textOf(drawView(receiptOf(money), 'en'));
      expect(contradictionsIn(text, money.billedMinor)).toEqual([]);
    }),
    draws,
  );
});

test('what was debited, or may have been, is not said to wait for staff', () => {
  for (const reason of ['system.provider_error', 'system.conflict'] as const) {
    const lines = [cola, tea];
    const money = { status: 'review' as const, reason, lines, totalMinor: 1200, billedMinor: 500 };
    const text = textOf(drawView(receiptOf(money), 'en'));
    expect(text).not.toMatch(says.staffFirst);
    expect(text).toContain('Anything charged wrongly is refunded.');
  }
});

test('on one purchase', () => {
  const { receipt, countdown } = receiptOf() as Extract<ViewInput, { screen: 'receipt' }>;
  fc.assert(
    fc.property(anyMoney, (money) => {
      const isOwed = money.status === 'collecting';
      const purchase = {
        ...{ chargeId: receipt.chargeId, ref: receipt.ref, cabinetId: 'A-0217', here: true, atMs: 0 },
        ...{ currency: 'CNY', draft: [], mayDispute: money.disputed.length === 0, mayPay: isOwed },
        ...{ nextTryAtMs: isOwed ? 86_400_000 : null, ...money },
      } as unknown as PurchaseDetail;
      const account = { phase: 'purchase' as const, purchase };
      const view = { screen: 'account', by: 'code', member: '王*', account, form: null, countdown } as const;
      const text = textOf(draw(snapshotOf(view), 'en'));
      expect(contradictionsIn(text, money.billedMinor)).toEqual([]);
    }),
    draws,
  );
});

test('in the list of purchases: nothing is not paid, not on its way and not owed', () => {
  const { countdown } = receiptOf() as Extract<ViewInput, { screen: 'receipt' }>;
  for (const status of receiptStatuses) {
    const row = {
      ...{ chargeId: 'KM01JDA5N2YX9V4T8R3QKM7F3Q9Z', atMs: 0, currency: 'CNY', billedMinor: 0, status },
      ...{ disputed: true, itemCount: 1, names: [cola.name], picture: '' },
    } as const;
    const account = { phase: 'purchases' as const, list: 'complete' as const, rows: [row] };
    const view = { screen: 'account', by: 'code', member: '王*', account, countdown } as const;
    const text = textOf(draw(snapshotOf(view as unknown as ViewInput), 'en'));
    expect(text).not.toMatch(/\bPaid\b|To be paid|Being charged|Charged later|¥0/);
  }
});
