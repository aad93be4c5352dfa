import { expect, test } from 'vitest';
import { minor } from '../money.ts';
import { reasonCodes, receiptStatuses } from './charge.ts';
import { shownResolutionHows } from './resolution.ts';
import { type MoneyFacts, type ToldMoney, toldMoneyOf, toldStatusOf, toldStatuses } from './told-money.ts';

const cola = { sku: 'cola', amountMinor: minor(700) };
const chips = { sku: 'chips', amountMinor: minor(600) };
const milk = { sku: 'milk', amountMinor: minor(500) };
const by = { by: 'support', atMs: 7 } as const;
const facts = (over: Partial<MoneyFacts> = {}): MoneyFacts => ({
  ...{ status: 'paid', reason: null, lines: [cola, chips], heldLines: [], disputed: [] },
  ...{ totalMinor: minor(1300), billedMinor: minor(1300), resolved: null, ...over },
});

function* allFacts(): Generator<MoneyFacts> {
  for (const heldLines of [[], [milk]])
    for (const disputed of [[], ['cola'], ['cola', 'chips']])
      for (const billedMinor of [0, 600, 1300, 1800].map(minor))
        for (const how of [null, ...shownResolutionHows])
          for (const reason of [null, ...reasonCodes])
            for (const status of receiptStatuses)
              for (const offer of [
                ...[{}, { mayPay: true }, { mayPay: true, isOld: true }],
                ...[{ inReview: true }, { inReview: false }],
              ]) {
                const resolved = how === null ? null : { how, ...by };
                yield facts({ heldLines, disputed, billedMinor, resolved, reason, status, ...offer });
              }
}

test('whatever is known, what is told agrees', () => {
  for (const one of allFacts()) {
    const told = toldMoneyOf(one);
    const { status, amountMinor, when } = told;
    const of = JSON.stringify([one, told]);
    const namesAmount = ['paid', 'settled', 'sending', 'follows', 'collecting'].includes(status);
    if (namesAmount) expect(amountMinor, of).toBe(one.billedMinor);
    if (namesAmount) expect(amountMinor, of).toBeGreaterThan(0);
    if (status === 'nothing') expect(amountMinor, of).toBe(0);
    // Never more than is known: that it is paid, or that nothing is owed.
    if (['paid', 'settled', 'refunded'].includes(status)) expect(one.status, of).toBe('paid');
    const isShoppers =
      status === 'collecting' || (status === 'follows' && told.reason?.startsWith('account.') === true);
    expect(when?.includes('shopper') === true, of).toBe(isShoppers);
    expect(when === 'when_shopper_pays', of).toBe(told.mayPay && one.isOld !== true);
    expect(when === 'unless_shopper_has_paid', of).toBe(told.mayPay && one.isOld === true);
    expect(told.mayPay, of).toBe(status === 'collecting' && one.mayPay === true);
    // What may be debited just now is nobody's to pay.
    if (one.reason !== null && /^network|operator_error|provider_error/.test(one.reason))
      expect(status, of).not.toBe('collecting');
    if (status === 'review') expect(when, of).toBe('working_days');
    if (told.isReportOpen && (status === 'paid' || status === 'nothing'))
      expect(when, of).toBe('working_days');
    if (one.inReview === true && one.status === 'paid' && one.billedMinor > 0)
      expect(['checked', 'refundedInPart'], of).not.toContain(told.report);
    if (told.mayBeCharged) expect([status, told.reason], of).toEqual(['review', null]);
    expect(told.report === null, of).toBe(one.disputed.length === 0);
    expect(told.held === null, of).toBe(one.heldLines.length === 0);
    if (told.held === 'held') expect(one.resolved, of).toBe(null);
    if (told.beside !== null)
      expect([namesAmount, amountMinor === one.totalMinor], of).toEqual([true, false]);
  }
});

test.each<[string, Partial<MoneyFacts>, Partial<ToldMoney>]>([
  ['paid', {}, { status: 'paid', amountMinor: minor(1300), beside: null, when: null }],
  ['paid, a part is held', { heldLines: [milk] }, { status: 'paid', held: 'held', when: 'working_days' }],
  [
    'all of it was reported before it was debited',
    { billedMinor: minor(0), disputed: ['cola', 'chips'] },
    { status: 'nothing', beside: null, report: 'notDebited', when: 'working_days' },
  ],
  [
    'declined, then all of it was reported',
    { status: 'collecting', reason: 'account.declined', billedMinor: minor(0), disputed: ['cola', 'chips'] },
    { status: 'review', reason: null, when: 'working_days' },
  ],
  [
    'held goods that were released are charged with the rest',
    { heldLines: [milk], billedMinor: minor(1800), resolved: { how: 'lines_released', ...by } },
    { status: 'paid', held: 'counted', beside: 'billed' },
  ],
  [
    'held goods of which a part was released are not said to be charged, all of them',
    { heldLines: [milk, milk], billedMinor: minor(1800), resolved: { how: 'lines_released', ...by } },
    { status: 'paid', held: 'part', amountMinor: minor(1800), resolved: { how: 'other', ...by } },
  ],
  [
    'and what was reported beside them is not said to have been debited',
    {
      ...{ heldLines: [milk], billedMinor: minor(1100), disputed: ['cola'] },
      resolved: { how: 'lines_released', ...by },
    },
    { held: 'counted', report: 'decided', isReportOpen: false, when: null },
  ],
  [
    'held goods that were dropped are not checked any more',
    { heldLines: [milk], resolved: { how: 'lines_dropped', ...by } },
    { held: 'dropped', when: null },
  ],
  [
    'reported after it was debited',
    { disputed: ['cola'] },
    { status: 'paid', report: 'afterPaid', isReportOpen: true, when: 'working_days' },
  ],
  [
    'paid in another way: not debited from the account',
    { resolved: { how: 'settled', ...by } },
    { status: 'settled', amountMinor: minor(1300) },
  ],
  [
    'paid back',
    { resolved: { how: 'refunded', ...by }, disputed: ['cola'] },
    { status: 'refunded', report: 'refunded', isReportOpen: false, when: null },
  ],
  [
    'paid back in part, by the word alone',
    { resolved: { how: 'refunded_in_part', ...by }, disputed: ['cola'] },
    { status: 'paid', amountMinor: minor(1300), report: 'refundedInPart', isReportOpen: false, when: null },
  ],
  [
    'paid back in part, then another line was reported',
    { resolved: { how: 'refunded_in_part', ...by }, disputed: ['cola', 'chips'], inReview: true },
    { status: 'paid', report: 'afterPaid', isReportOpen: true, when: 'working_days' },
  ],
  [
    'a decision about what is paid, which does not say what became of the report',
    { resolved: { how: 'written_off', ...by }, disputed: ['cola'], inReview: false },
    { status: 'paid', report: 'checked', isReportOpen: false, when: null },
  ],
  [
    'left as it was paid, by an operator from before, which calls that written off',
    { resolved: { how: 'written_off', ...by } },
    { status: 'paid', resolved: { how: 'other', ...by }, when: null },
  ],
  [
    'looked at, and not paid back',
    { resolved: { how: 'dispute_denied', ...by }, disputed: ['cola'] },
    { status: 'paid', amountMinor: minor(1300), report: 'denied', isReportOpen: false, when: null },
  ],
  [
    'the same from an operator that does not say whether it is open: it may have been reported since',
    { resolved: { how: 'written_off', ...by }, disputed: ['cola'] },
    { status: 'paid', report: 'afterPaid', isReportOpen: true },
  ],
  [
    'only held goods, released, on their way',
    {
      ...{ status: 'review', lines: [], heldLines: [milk], totalMinor: minor(0), billedMinor: minor(500) },
      resolved: { how: 'lines_released', ...by },
    },
    { status: 'follows', held: 'counted', reason: null },
  ],
  [
    'declined before, and now a debit is out that nobody has answered',
    { status: 'collecting', reason: 'system.provider_error', mayPay: true },
    { status: 'follows', reason: 'system.provider_error', mayPay: false, when: 'on_its_own_soon' },
  ],
  [
    'declined, and nowhere to pay it',
    { status: 'collecting', reason: 'account.declined' },
    { status: 'collecting', mayPay: false, when: 'when_shopper_acts' },
  ],
  [
    'the provider has refused for good: nothing goes on by itself',
    { status: 'review', reason: 'system.provider_error' },
    { status: 'review', reason: null, mayBeCharged: true },
  ],
  [
    'refused bytes that are sent once more',
    { status: 'follows', reason: 'system.rejected' },
    { status: 'review', reason: 'system.rejected', mayBeCharged: false },
  ],
])('%s', (_, over, told) => {
  expect(toldMoneyOf(facts(over))).toMatchObject(told);
});

test('with nothing to debit it is neither paid, nor on its way, nor owed', () => {
  for (const status of toldStatuses) expect(toldStatusOf(status, minor(1))).toBe(status);
  expect(toldStatuses.map((status) => toldStatusOf(status, minor(0)))).toEqual([
    ...['nothing', 'review', 'nothing', 'review', 'review', 'review', 'nothing', 'refunded'],
  ]);
});

test('of a free visit nobody is asked for anything, whether its charge has arrived or not', () => {
  const discounts = [{ id: 'open', name: { zh: '免费', en: 'free' }, amountMinor: minor(700) }];
  const free = {
    lines: [{ ...cola, amountMinor: minor(0), discounts }],
    totalMinor: minor(0),
    billedMinor: minor(0),
  };
  for (const status of ['sending', 'follows', 'paid'] as const)
    expect(toldMoneyOf(facts({ ...free, status }))).toMatchObject({
      status: 'nothing',
      amountMinor: 0,
      when: null,
    });
  const unreached = facts({ ...free, status: 'follows', reason: 'network.unreachable' });
  expect(toldMoneyOf(unreached).status).toBe('nothing');
  const held = facts({ ...free, status: 'sending', heldLines: [milk] });
  expect(toldMoneyOf(held).status).toBe('review');
  const refused = facts({ ...free, status: 'review', reason: 'system.rejected' });
  expect(toldMoneyOf(refused).status).toBe('review');
});
