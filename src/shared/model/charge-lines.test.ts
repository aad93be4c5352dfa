import { expect, test } from 'vitest';
import { minor } from '../money.ts';
import { reportFateOf } from './charge-lines.ts';

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
