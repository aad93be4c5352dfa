import { expect, test } from 'vitest';
import { minor } from '../money.ts';
import { receiptStatuses } from './charge.ts';
import { receiptTitleOf, reportFateOf } from './charge-lines.ts';

const bill = {
  lines: [
    { sku: 'cola', amountMinor: minor(700) },
    { sku: 'chips', amountMinor: minor(600) },
  ],
  totalMinor: minor(1300),
};

test.each([
  ['paid', ['cola'], 1300, 'afterPaid'],
  ['paid', ['cola'], 601, 'afterPaid'],
  ['paid', ['cola'], 600, 'notDebited'],
  ['paid', ['cola', 'chips'], 0, 'notDebited'],
  ['sending', ['cola'], 600, 'beforePaid'],
  ['follows', ['cola', 'chips'], 0, 'beforePaid'],
  ['review', ['cola'], 1300, 'beforePaid'],
] as const)('%s, %j reported, %i debited: %s', (status, disputed, billedMinor, fate) => {
  expect(reportFateOf({ ...bill, status, disputed }, minor(billedMinor))).toBe(fate);
});

test('a receipt is titled by its status; one with nothing to debit is neither paid nor on its way', () => {
  for (const status of receiptStatuses) expect(receiptTitleOf(status, minor(1))).toBe(status);
  expect(receiptStatuses.map((status) => receiptTitleOf(status, minor(0)))).toEqual([
    'nothing',
    'review',
    'nothing',
    'review',
    'collecting',
    'review',
  ]);
});
