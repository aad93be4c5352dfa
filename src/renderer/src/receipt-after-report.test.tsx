import { expect, test } from 'vitest';
import type { PurchaseDetail } from '../../shared/model/purchase.schema.ts';
import { draw, textOf } from './testing/draw.tsx';
import { type ViewInput, cola, receiptOf, snapshotOf, tea } from './testing/snapshots.ts';

const lines = [{ ...cola }, { ...tea }];
type Language = 'zh' | 'en';
type Status = 'paid' | 'sending';

/** ¥12.00; tea (¥5.00) is reported on the receipt. */
function receiptText(language: Language, status: Status, billedMinor = 700, disputed = ['tea']): string {
  const receipt = receiptOf({ lines, disputed, status, totalMinor: 1200, billedMinor });
  return textOf(draw(snapshotOf(receipt), language));
}

function purchaseText(language: Language, billedMinor: number): string {
  const { receipt, countdown } = receiptOf({ lines }) as Extract<ViewInput, { screen: 'receipt' }>;
  const purchase = {
    ...{
      chargeId: receipt.chargeId,
      ref: receipt.ref,
      cabinetId: 'A-0217',
      here: true,
      atMs: 0,
      currency: 'CNY',
    },
    ...{
      lines,
      heldLines: [],
      totalMinor: 1200,
      billedMinor,
      status: 'paid',
      reason: null,
      disputed: ['tea'],
    },
    ...{ actor: 'operator', when: 'working_days', nextTryAtMs: null, draft: [], resolved: null },
    ...{ mayDispute: false, mayPay: false },
  } as unknown as PurchaseDetail;
  const account = { phase: 'purchase' as const, purchase };
  const view = { screen: 'account', by: 'code', member: '王*', account, form: null, countdown } as const;
  return textOf(draw(snapshotOf(view), language));
}

test('the receipt never says that more was paid than was debited', () => {
  expect(receiptText('zh', 'paid')).not.toContain('已扣 ¥12.00');
  expect(receiptText('en', 'paid')).toMatch(/Charged.?¥7\.00/);
});

test('no refund is promised of what was never debited', () => {
  for (const text of [receiptText('en', 'paid'), purchaseText('en', 700)]) {
    expect(text).not.toContain('refund');
    expect(text).toContain('The disputed part was not charged');
  }
  for (const text of [receiptText('zh', 'paid'), purchaseText('zh', 700)]) expect(text).not.toContain('退回');
});

test('a refund is promised of what was debited with the rest', () => {
  for (const text of [receiptText('en', 'paid', 1200), purchaseText('en', 1200)])
    expect(text).toContain('Charged already. Our staff will check and refund the disputed part');
});

test('the receipt does not say "charging ¥12.00" above "that part is not charged"', () => {
  const text = receiptText('en', 'sending');
  expect(text).toContain('That part is not charged before our check');
  expect(text).not.toContain('Charging ¥12.00');
});

test('where all of it was reported, no amount is titled', () => {
  expect(receiptText('en', 'sending', 0, ['cola-can', 'tea'])).not.toContain('Charging');
  expect(receiptText('en', 'paid', 0, ['cola-can', 'tea'])).toContain('Nothing charged');
});

test.each([
  ['paid', /Paid\b|¥0/],
  ['sending', /Being charged|¥0/],
  ['follows', /Charged later|¥0/],
  ['collecting', /To be paid|not paid yet|How to pay|¥0/],
] as const)('all of it was reported, %s before: title, chip and number say the same', (status, denied) => {
  const receipt = receiptOf({
    lines,
    disputed: ['cola-can', 'tea'],
    status,
    totalMinor: 1200,
    billedMinor: 0,
  });
  expect(textOf(draw(snapshotOf(receipt), 'en'))).not.toMatch(denied);
});
