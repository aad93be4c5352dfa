import { describe, expect, it } from 'vitest';
import { minor } from '../../shared/money.ts';
import { draw, textOf } from './testing/draw.tsx';
import { type ViewInput, basketOf, cola, receiptOf, shoppingOf, snapshotOf } from './testing/snapshots.ts';

describe('at a cabinet that sells in euro', () => {
  const signsOf = (view: ViewInput) => {
    const html = draw(snapshotOf(view, { currency: 'EUR' }), 'en');
    return [...new Set(textOf(html).match(/(¥|€|\w\w\$)(?=\d)/g))];
  };
  const countdown = { durationMs: 60_000, elapsedMs: 0 };
  const chargeId = 'KM01JDA5N2YX9V4T8R3QKM7F3Q9Z';
  const receipt = receiptOf({
    currency: 'HKD',
    heldLines: [{ ...cola, sku: 'tea' }],
    status: 'collecting',
    billedMinor: minor(500),
  });
  it.each([
    ['the basket', shoppingOf([{ ...cola }, { ...cola, sku: 'tea', reported: true }], { currency: 'HKD' })],
    [
      'the last look at the shelf',
      {
        ...{ screen: 'checking', currency: 'HKD', basket: basketOf([cola]), confirmed: true },
        ...{ heldLines: [{ ...cola }], backLines: [{ ...cola, sku: 'tea' }] },
      },
    ],
    ['the receipt', receipt],
    ['a report about it', { ...receipt, form: { chargeId, skus: [], isWarned: false } }],
  ] as [string, ViewInput][])('%s of a visit in Hong Kong dollars is', (_, view) => {
    expect(signsOf(view)).toEqual(['HK$']);
  });
  it.each([
    ['the shelf', { screen: 'attract' }],
    [
      'the shelf behind the doors',
      { screen: 'unlocking', phase: 'preparing', mayUnlockAgain: false, member: '', countdown },
    ],
  ] as [string, ViewInput][])('%s is in euro', (_, view) => {
    expect(signsOf(view)).toEqual(['€']);
  });
});
