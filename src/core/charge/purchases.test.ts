import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeChargeId } from '../../shared/ids.ts';
import { chargeStates, reasonCodes } from '../../shared/model/charge.ts';
import type { Purchase } from '../../shared/model/purchase.schema.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { minor } from '../../shared/money.ts';
import { mergePurchases, purchaseFacts } from './purchases.ts';

const idOf = (number: number) => makeChargeId(0, new Uint8Array(10).fill(number));
const cola = {
  sku: 'cola',
  name: { zh: '可乐', en: 'Cola' },
  unitPriceMinor: minor(350),
  count: 1,
  amountMinor: minor(350),
};
const purchase = (number: number, over: Partial<Purchase> = {}): Purchase => ({
  chargeId: idOf(number),
  cabinetId: 'CAB-1',
  atMs: number,
  currency: 'CNY',
  lines: [cola],
  heldLines: [],
  totalMinor: minor(350),
  billedMinor: minor(350),
  state: 'paid',
  reason: null,
  nextTryAtMs: null,
  disputed: [],
  payUrl: null,
  resolved: null,
  ...over,
});

const writtenOff = { how: 'written_off', by: 'support', atMs: 7 } as const;
const reason = fc.constantFrom(null, ...reasonCodes);
const anyPurchase = fc
  .record({
    number: fc.integer({ min: 0, max: 12 }),
    atMs: fc.integer({ min: 0, max: 5 }),
    billedMinor: fc.integer({ min: 0, max: 350 }).map(minor),
    state: fc.constantFrom(...chargeStates.filter((s) => s !== 'open' && s !== 'voided')),
    reason,
    disputed: fc.subarray(['cola', 'tea']),
    payUrl: fc.constantFrom(null, 'http://pay'),
    resolved: fc.constantFrom(null, writtenOff, { ...writtenOff, atMs: 9 }),
  })
  .map(({ number, ...over }) => purchase(number, over));
const list = fc.uniqueArray(anyPurchase, { selector: ({ chargeId }) => chargeId, maxLength: 12 });

test('merged: each charge once, newest first, nothing invented, no money touched', () => {
  fc.assert(
    fc.property(fc.option(list, { nil: null }), list, (remote, local) => {
      const merged = mergePurchases(remote, local);
      const ids = merged.map(({ chargeId }) => chargeId);
      expect(new Set(ids).size).toBe(ids.length);
      for (const remoteOne of remote ?? []) expect(ids).toContain(remoteOne.chargeId);
      for (const localOne of local) expect(ids).toContain(localOne.chargeId);
      merged.forEach((one, i) => {
        const next = merged[i + 1];
        if (next !== undefined) expect(one.atMs).toBeGreaterThanOrEqual(next.atMs);
        const sources = [...(remote ?? []), ...local].filter(({ chargeId }) => chargeId === one.chargeId);
        // One of the two as it is, but for what was reported, which is never lost, and whether somebody looks at it still.
        const other = { disputed: [], inReview: undefined };
        expect(sources.map((source) => ({ ...source, ...other }))).toContainEqual({ ...one, ...other });
        const reported = new Set(sources.flatMap(({ disputed }) => disputed));
        expect(one.disputed).toEqual([...reported].sort());
      });
    }),
  );
});

describe('who is believed', () => {
  test.each([
    ['the operator, as a rule', { state: 'queued' }, { state: 'collecting' }, 'collecting'],
    ['the operator, who has settled what a human had to look at', { state: 'needs_attention' }, {}, 'paid'],
    ['what is paid cannot go back, whatever an answer on its way says', {}, { state: 'collecting' }, 'paid'],
    [
      'a bill that does not fit ours is for a human, whatever is said of it',
      { state: 'needs_attention', reason: 'system.conflict' },
      { state: 'accepted' },
      'needs_attention',
    ],
    [
      'until it is put right',
      { state: 'needs_attention', reason: 'system.conflict' },
      { resolved: writtenOff },
      'paid',
    ],
    ['and so for what is paid', {}, { state: 'needs_attention', resolved: writtenOff }, 'needs_attention'],
    [
      'but not by a decision that is known here',
      { resolved: writtenOff },
      { state: 'collecting', resolved: writtenOff },
      'paid',
    ],
  ] as const)('%s', (_, localOne, remoteOne, state) => {
    const [one] = mergePurchases([purchase(1, remoteOne)], [purchase(1, localOne)]);
    expect(one?.state).toBe(state);
  });
  test('whether somebody looks at it still: the operator, unless it has not heard of the report', () => {
    const local = purchase(1, { disputed: ['cola'], resolved: writtenOff });
    const merged = (disputed: string[], inReview?: boolean) =>
      mergePurchases([purchase(1, { disputed, resolved: writtenOff, inReview })], [local])[0]?.inReview;
    expect(merged(['cola'], false)).toBe(false);
    expect(merged(['cola'], true)).toBe(true);
    expect(merged([], false)).toBe(true);
    expect(merged(['cola'])).toBe(undefined);
  });

  const local = [purchase(1), purchase(2, { state: 'in_doubt' }), purchase(90, { state: 'queued' })];
  const timesOf = (remote: Purchase[] | null) => mergePurchases(remote, local).map(({ atMs }) => atMs);

  test('what is not there yet stands beside it; what is older than a full list does not', () => {
    const full = Array.from({ length: purchasesMax }, (_, i) => purchase(5 + i));
    const listed = full.map(({ atMs }) => atMs).reverse();
    expect(timesOf(full)).toEqual([90, ...listed, 2]);
    expect(timesOf(null)).toEqual([90, 2, 1]);
  });
  test('what is on record here is shown though the operator does not have it', () => {
    expect(timesOf([purchase(5)])).toEqual([90, 5, 2, 1]);
    expect(timesOf([])).toEqual([90, 2, 1]);
    const full = Array.from({ length: purchasesMax }, (_, i) => purchase(i === 0 ? 0 : 5 + i));
    expect(timesOf(full)).toContain(1);
  });
});

describe('what is said of a purchase', () => {
  test('total, and true: never paid unless it is, never a payment for anything but what is being collected', () => {
    fc.assert(
      fc.property(anyPurchase, fc.boolean(), (one, isLocal) => {
        const facts = purchaseFacts(one, isLocal);
        expect(facts.status === 'paid').toBe(one.state === 'paid');
        if (facts.mayPay) expect([one.state, one.payUrl]).toEqual(['collecting', 'http://pay']);
        if (facts.mayDispute) expect([isLocal, one.disputed]).toEqual([true, []]);
        const told = toldMoneyOf({ ...one, ...facts });
        // One place decides: what may be done is what is said.
        expect(facts.mayPay).toBe(told.when === 'when_shopper_pays');
        if (facts.nextTryAtMs !== null) expect(told.status).toBe('collecting');
        if (one.state === 'needs_attention' && one.resolved === null) expect(told.when).toBe('working_days');
      }),
    );
  });
  test.each([
    ['paid', {}, null],
    ['paid, and reported', { disputed: ['cola'] }, 'working_days'],
    ['paid, a part is held', { heldLines: [cola] }, 'working_days'],
    ['on its way', { state: 'queued' }, 'on_its_own_soon'],
    ['no network', { state: 'queued', reason: 'network.unreachable' }, 'when_network_returns'],
    ['declined', { state: 'collecting', reason: 'account.declined', payUrl: 'u' }, 'when_shopper_pays'],
    ['declined, nowhere to pay it', { state: 'collecting', reason: 'account.declined' }, 'when_shopper_acts'],
    ['in doubt', { state: 'collecting', reason: 'system.provider_error' }, 'on_its_own_soon'],
  ] as const)('%s: who acts next, and when', (_, over, when) => {
    const one = purchase(1, over as Partial<Purchase>);
    expect(toldMoneyOf({ ...one, ...purchaseFacts(one, true) }).when).toBe(when);
  });
  test.each([
    ['paid', writtenOff, { how: 'written_off', by: 'support', atMs: 7 }],
    ['paid', { ...writtenOff, how: 'of_tomorrow' }, { how: 'other', by: 'support', atMs: 7 }],
    ['needs_attention', writtenOff, null],
    ['paid', null, null],
  ] as const)('%s, resolved %j: how it was put right, in words that there are', (state, resolved, shown) => {
    expect(purchaseFacts(purchase(1, { state, resolved }), true).resolved).toEqual(shown);
  });
  test('only lines that are billed, of a bill on record here, can be reported', () => {
    expect(purchaseFacts(purchase(1), true).mayDispute).toBe(true);
    expect(purchaseFacts(purchase(1), false).mayDispute).toBe(false);
    expect(purchaseFacts(purchase(1, { lines: [], heldLines: [cola] }), true).mayDispute).toBe(false);
  });
});

test('what goes back is what the operator says, also beside what is final here', () => {
  const refund = { stage: 'done', amountMinor: minor(350), atMs: 9 } as const;
  const local = purchase(1, { resolved: writtenOff });
  expect(mergePurchases([purchase(1, { refund })], [local])).toEqual([{ ...local, refund }]);
  expect(mergePurchases(null, [local])).toEqual([local]);
});
