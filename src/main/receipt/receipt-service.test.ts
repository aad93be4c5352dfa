import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeChargeId, shortRef } from '../../shared/ids.ts';
import type { ChargeState, ReasonCode } from '../../shared/model/charge.ts';
import { minor } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import type { ChargeRecord } from '../charges/charge-record.ts';
import { ReceiptService } from './receipt-service.ts';

const chargeId = makeChargeId(1, new Uint8Array(10));
const line = {
  sku: 'cola',
  name: { zh: '可乐', en: 'Cola' },
  unitPriceMinor: minor(350),
  count: 2,
  amountMinor: minor(700),
};
const ended = visitAt('receipt', {
  chargeId,
  bill: { lines: [line], heldLines: [], totalMinor: minor(700), review: [] },
  closedAtMs: 5_000,
});
type Options = ConstructorParameters<typeof ReceiptService>[0];
const failed = fail('storage.io', 'the disk is gone');
/** All that the receipt reads of a charge on record. */
const chargeIn = (state: ChargeState, reason: ReasonCode | null): ReturnType<Options['charges']['get']> =>
  ok({ state, reason, resolution: null, currency: 'HKD' } as ChargeRecord);

let charge: ReturnType<Options['charges']['get']>;
let disputed: ReturnType<Options['disputes']['skusOf']>;
let asked: string[];
let clock: FakeClock;
/** The operator's clock minus the cabinet's. */
let aheadMs: number;
let receipts: ReceiptService;

beforeEach(() => {
  charge = chargeIn('paid', null);
  disputed = ok([]);
  asked = [];
  clock = new FakeClock();
  aheadMs = 0;
  receipts = new ReceiptService({
    charges: {
      get: (id) => {
        asked.push(id);
        return charge;
      },
    },
    disputes: { skusOf: () => disputed, refusedSkusOf: () => ok([]) },
    pictureOf: (sku) => `${sku}.webp`,
    operatorNowMs: () => clock.nowMs() + aheadMs,
  });
});

it('has the lines of the bill, and what is on record of its charge now', () => {
  disputed = ok(['cola']);
  expect(receipts.receiptOf(ended)).toEqual({
    ref: shortRef(chargeId),
    chargeId,
    status: 'paid',
    reason: null,
    lines: [{ ...line, picture: 'cola.webp' }],
    heldLines: [],
    currency: 'HKD',
    totalMinor: 700,
    atMs: 5_000,
    member: '王*',
    disputed: ['cola'],
    resolved: null,
  });
  charge = chargeIn('in_doubt', 'network.timeout');
  expect(receipts.receiptOf(ended)).toMatchObject({ status: 'follows', reason: 'network.timeout' });
  expect(asked).toEqual([chargeId, chargeId]);
});

it('a charge or disputes that cannot be read hide nothing of the bill: a human looks', () => {
  charge = failed;
  disputed = failed;
  expect(receipts.receiptOf(ended)).toMatchObject({
    status: 'review',
    currency: 'CNY',
    totalMinor: 700,
    lines: [{ sku: 'cola' }],
    disputed: [],
  });
});

it('tells the time as the operator has it, however wrong the clock of the cabinet is', () => {
  aheadMs = -8 * 3_600_000;
  // When it was shut is on record in the operator's time.
  expect(receipts.receiptOf(ended).atMs).toBe(5_000);
  expect(receipts.receiptOf(visitAt('receipt', { closedAtMs: null })).atMs).toBe(clock.nowMs() + aheadMs);
});

it('without a time of closing it is of now', () => {
  expect(receipts.receiptOf(visitAt('receipt', { closedAtMs: null })).atMs).toBe(clock.nowMs());
});

it.each(['attract', 'shopping', 'nothingCharged'] as const)('there is none in %s', (state) => {
  expect(() => receipts.receiptOf(visitAt(state))).toThrow('a receipt is of a visit that was charged');
  expect(asked).toEqual([]);
});
