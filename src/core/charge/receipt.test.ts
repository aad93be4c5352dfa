import { describe, expect, test } from 'vitest';
import { makeChargeId } from '../../shared/ids.ts';
import { reasonCodeSchema, chargeStateSchema } from '../../shared/model/charge.schema.ts';
import { type Minor } from '../../shared/money.ts';
import { type ReceiptInput, makeReceipt, receiptStatusOf } from './receipt.ts';

const line = {
  sku: 'cola',
  name: { zh: '可乐', en: 'Cola' },
  unitPriceMinor: 450 as Minor,
  count: 2,
  amountMinor: 900 as Minor,
};
const totalMinor = 900 as Minor;

describe('status', () => {
  test('never "paid" unless it is, never "nothing" unless it is void', () => {
    for (const state of chargeStateSchema.options) {
      for (const reason of [null, ...reasonCodeSchema.options]) {
        for (const billedLineCount of [0, 1]) {
          const status = receiptStatusOf({ state, reason, billedLineCount });
          expect(status === 'paid').toBe(state === 'paid');
          expect(status === 'nothing').toBe(state === 'voided');
        }
      }
    }
  });

  test('a first attempt is on its way, a failed one follows', () => {
    const status = (
      state: 'submitting' | 'queued' | 'in_doubt' | 'collecting' | 'needs_attention',
      reason: null | 'network.timeout' | 'account.declined' | 'system.conflict',
    ) => receiptStatusOf({ state, reason, billedLineCount: 1 });
    expect(status('submitting', null)).toBe('sending');
    expect(status('queued', 'network.timeout')).toBe('follows');
    expect(status('in_doubt', 'network.timeout')).toBe('follows');
    expect(status('collecting', 'account.declined')).toBe('collecting');
    expect(status('needs_attention', 'system.conflict')).toBe('review');
  });

  test('without a billed line, and without a charge that can be read, a human looks', () => {
    for (const state of ['open', 'finalised', 'queued', 'submitting', 'in_doubt', 'accepted'] as const) {
      for (const reason of [null, ...reasonCodeSchema.options]) {
        expect(receiptStatusOf({ state, reason, billedLineCount: 0 })).toBe('review');
        expect(receiptStatusOf({ state, reason, billedLineCount: 1 })).toBe(
          reason === null ? 'sending' : 'follows',
        );
      }
    }
    expect(receiptStatusOf(null)).toBe('review');
  });
});

describe('receipt', () => {
  const input: ReceiptInput = {
    charge: { state: 'submitting', reason: null, resolution: null, billedMinor: null, currency: 'CNY' },
    currency: 'CNY',
    chargeId: makeChargeId(1, new Uint8Array(10)),
    bill: {
      lines: [line],
      heldLines: [{ ...line, sku: 'milk' }],
      totalMinor,
      review: ['recognition.line_reported'],
    },
    disputed: ['cola'],
    member: { display: '王*', means: 'alipay' },
    atMs: 7,
    pictureOf: (sku) => `${sku}.png`,
  };

  test('bill, pictures and status; the reason of the charge goes before that of the bill', () => {
    const receipt = makeReceipt(input);
    expect(receipt).toMatchObject({
      status: 'sending',
      reason: 'recognition.line_reported',
      lines: [{ sku: 'cola', picture: 'cola.png' }],
      heldLines: [{ sku: 'milk', picture: 'milk.png' }],
      totalMinor: 900,
      member: '王*',
      means: 'alipay',
      atMs: 7,
      disputed: ['cola'],
    });
    const charge = {
      state: 'queued',
      reason: 'network.timeout',
      resolution: null,
      billedMinor: null,
      currency: 'CNY',
    } as const;
    expect(makeReceipt({ ...input, charge })).toMatchObject({ status: 'follows', reason: 'network.timeout' });
  });

  test('only held lines: a human looks, whatever the delivery does', () => {
    const bill = { lines: [], heldLines: [line], totalMinor: 0 as Minor, review: [] };
    expect(makeReceipt({ ...input, bill }).status).toBe('review');
  });

  test('put right by somebody: how, by whom and when, but not while it waits again', () => {
    const resolution = { how: 'lines_released', by: 'support', atMs: 7 } as const;
    const charge = {
      state: 'paid',
      reason: null,
      resolution,
      billedMinor: totalMinor,
      currency: 'CNY',
    } as const;
    expect(makeReceipt({ ...input, charge })).toMatchObject({ status: 'paid', resolved: resolution });
    const again = { ...charge, state: 'needs_attention' } as const;
    expect(makeReceipt({ ...input, charge: again })).toMatchObject({ status: 'review', resolved: null });
  });

  test('an operator from before has not told by what is paid', () => {
    expect(makeReceipt({ ...input, member: { display: '王*' } }).means).toBeUndefined();
  });

  test('nothing on record: still a receipt', () => {
    const receipt = makeReceipt({ ...input, charge: null, disputed: [] });
    expect(receipt).toMatchObject({
      ...{ status: 'review', currency: 'CNY', totalMinor: input.bill.totalMinor },
    });
  });
});
