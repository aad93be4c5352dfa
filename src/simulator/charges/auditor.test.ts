import { describe, expect, test } from 'vitest';
import type { Books, CabinetRow, Movement, OperatorRow, Told, VisitTruth } from './auditor.ts';
import { audit } from './auditor.ts';
import { nextActorOf } from './next-actor.ts';

/** The auditor by itself: books that are right, then one thing in them made wrong. */
const prices: Readonly<Record<string, number>> = { tea: 350, cola: 200 };

const truth: VisitTruth = {
  number: 7,
  cabinetId: 'S-1',
  visitId: 'V1',
  chargeId: 'C1',
  memberId: 'M1',
  account: 'openid-1',
  outage: null,
  goods: ['tea', 'cola'],
  pricedMs: [0, 1_000],
  reported: [],
  story: ['takes tea and cola'],
};
const row: OperatorRow = {
  chargeId: 'C1',
  visitId: 'V1',
  memberId: 'M1',
  state: 'paid',
  reason: null,
  totalMinor: 550,
  heldMinor: 0,
  disputedMinor: 0,
  billed: ['cola', 'tea'],
  held: [],
};
const movement: Movement = { provider: 'wechat', orderId: 'C1', payer: 'openid-1', amountMinor: 550 };
const local: CabinetRow = { chargeId: 'C1', cabinetId: 'S-1', state: 'paid', reason: null };
const told: Told = { memberId: 'M1', chargeId: 'C1', state: 'paid', reason: null, how: null, backMinor: 0 };

function booksOf(change: Partial<Books> = {}): Books {
  return {
    truths: [truth],
    movements: [movement],
    holds: [{ orderId: 'C1', amountMinor: 0 }],
    ...{ openOrders: [], chargedBack: new Map(), differences: [] },
    operator: [row],
    cabinets: [local],
    told: [told],
    allowed: [{ cabinetId: 'S-1', visitId: 'V1' }],
    ended: new Set(['V1']),
    decided: new Map(),
    byHand: new Map(),
    incidents: [],
    recordFaults: [],
    debtsMax: 2,
    offlineMax: 2,
    costAt: (skus) => skus.reduce((sum, sku) => sum + (prices[sku] ?? 0), 0),
    ...change,
  };
}
const kindsOf = (change: Partial<Books>): string[] => [
  ...new Set(audit(booksOf(change)).map(({ kind }) => kind)),
];

test('books that are right', () => {
  expect(audit(booksOf())).toEqual([]);
});

/** The tea was put back: people have agreed, and 2.00 stay paid. */
const reportedAndPaid: Partial<Books> = {
  truths: [{ ...truth, reported: ['tea'] }],
  operator: [{ ...row, disputedMinor: 350 }],
  decided: new Map([['C1', { keptMinor: 200, isToBeDebited: false }]]),
};
const decidedTo = (keptMinor: number, isToBeDebited = false) => ({
  decided: new Map([['C1', { keptMinor, isToBeDebited }]]),
});
const back: Movement = { ...movement, amountMinor: -350 };

describe('sabotage is found', () => {
  const { operator: none } = booksOf({ operator: [] });
  test.each<[string, Partial<Books>, string[]]>([
    ['a charge is lost everywhere', { operator: none, cabinets: [], movements: [], told: [] }, ['lost']],
    ['it is only on the cabinet', { operator: none, movements: [], told: [] }, ['lost']],
    [
      'a piece is on no bill',
      { operator: [{ ...row, billed: ['tea'], totalMinor: 350 }] },
      ['lost', 'told_wrong'],
    ],
    ['debited twice', { movements: [movement, movement] }, ['doubled', 'too_much', 'told_wrong']],
    [
      'debited twice, once paid back',
      { movements: [movement, movement, { ...movement, amountMinor: -550 }] },
      ['doubled', 'refund_wrong'],
    ],
    ['what people have agreed to has not gone back', reportedAndPaid, ['refund_wrong']],
    [
      'it has gone back twice',
      { ...reportedAndPaid, movements: [movement, back, { ...back, amountMinor: -200 }] },
      ['refund_wrong'],
    ],
    [
      'it has gone back, and nobody has decided that',
      { ...reportedAndPaid, movements: [movement, back], decided: new Map() },
      ['refund_wrong'],
    ],
    [
      'what was denied has gone back',
      {
        ...reportedAndPaid,
        movements: [movement, back],
        decided: new Map([['C1', { keptMinor: 550, isToBeDebited: false }]]),
      },
      ['refund_wrong'],
    ],
    ['what was written off is debited all the same', { ...decidedTo(0) }, ['refund_wrong']],
    [
      'less is debited than people have decided',
      { ...decidedTo(550, true), movements: [{ ...movement, amountMinor: 200 }] },
      ['decision_wrong'],
    ],
    [
      'people have decided, and nothing came of it',
      { ...decidedTo(0), operator: [{ ...row, state: 'accepted' }], movements: [], told: [] },
      ['unexplained', 'decision_wrong', 'told_wrong'],
    ],
    [
      'written off, and the member reads "paid" without a word of it',
      { ...decidedTo(0), movements: [] },
      ['told_wrong'],
    ],
    [
      'it has gone back, and the member does not read that',
      { ...reportedAndPaid, movements: [movement, back], told: [told] },
      ['refund_wrong'],
    ],
    ['somebody else has paid', { movements: [{ ...movement, payer: 'openid-2' }] }, ['foreign']],
    ['on somebody else', { operator: [{ ...row, memberId: 'M2' }] }, ['foreign']],
    [
      'money for a visit that never was',
      { movements: [movement, { ...movement, orderId: 'C9' }] },
      ['foreign'],
    ],
    ['a charge for a visit that never was', { truths: [], movements: [], told: [] }, ['foreign']],
    ['more than what left', { truths: [{ ...truth, goods: ['tea'] }] }, ['too_much']],
    ['a bill that does not add up', { operator: [{ ...row, totalMinor: 500 }] }, ['too_much', 'told_wrong']],
    ['said to be paid, and nothing moved', { movements: [] }, ['told_wrong']],
    [
      'debited, and said not to be',
      { operator: [{ ...row, state: 'collecting', reason: 'account.declined' }] },
      ['told_wrong'],
    ],
    ['the cabinet shows it unpaid', { cabinets: [{ ...local, state: 'queued' }] }, ['told_wrong']],
    [
      'not debited, and nobody acts next',
      {
        operator: [{ ...row, state: 'accepted' }],
        cabinets: [{ ...local, state: 'accepted' }],
        movements: [],
        told: [],
      },
      ['unexplained'],
    ],
    [
      'not debited, for a reason that nobody knows',
      {
        operator: [{ ...row, state: 'needs_attention', reason: 'account.strange' }],
        cabinets: [{ ...local, state: 'needs_attention' }],
        ...{ movements: [], told: [] },
      },
      ['unexplained'],
    ],
    [
      '"my purchases" has no reason',
      { movements: [], told: [{ ...told, state: 'collecting' }] },
      ['told_wrong', 'unexplained'],
    ],
    ['a hold is left', { holds: [{ orderId: 'C1', amountMinor: 20_000 }] }, ['hold_left']],
    ['an order stays open beside what is paid', { openOrders: ['C1'] }, ['hold_left']],
    ['an order stays open of nothing', { openOrders: ['C9'] }, ['hold_left']],
    ['a visit without an end', { allowed: [{ cabinetId: 'S-1', visitId: 'V2' }] }, ['no_end']],
    [
      'another body under one number',
      { incidents: [{ kind: 'charge_conflict', chargeId: 'C1' }] },
      ['other_body'],
    ],
    ['a bank has taken it back, and nobody is told', { chargedBack: new Map([['C1', 550]]) }, ['bill_wrong']],
    [
      'the operator finds a difference where there is none',
      { differences: [{ kind: 'paid_here_not_there', orderId: 'C1', thereMinor: 0 }] },
      ['bill_wrong'],
    ],
    ['a damaged record', { recordFaults: ['event 3 was changed'] }, ['record']],
  ])('%s', (_, change, kinds) => {
    expect(kindsOf(change)).toEqual(kinds);
  });

  test('debts beyond all caps', () => {
    const debt = { state: 'collecting', reason: 'account.declined' };
    const ids = ['C1', 'C2', 'C3'];
    const change = {
      truths: ids.map((chargeId) => ({ ...truth, chargeId, visitId: `V-${chargeId}` })),
      operator: ids.map((chargeId) => ({ ...row, ...debt, chargeId, visitId: `V-${chargeId}` })),
      cabinets: ids.map((chargeId) => ({ ...local, ...debt, chargeId })),
      ...{ movements: [], told: [] },
    };
    expect(kindsOf({ ...change, debtsMax: 3 })).toEqual([]);
    expect(kindsOf(change)).toEqual(['debts_beyond_caps']);
  });
});

test('more purchases than a person may have in one time without network', () => {
  const ids = ['C1', 'C2', 'C3'];
  const offline = (outages: readonly (number | null)[]) => ({
    truths: ids.map((chargeId, i) => ({
      ...truth,
      chargeId,
      visitId: `V${i + 1}`,
      outage: outages[i] ?? null,
    })),
    operator: ids.map((chargeId, i) => ({ ...row, chargeId, visitId: `V${i + 1}` })),
    movements: ids.map((orderId) => ({ ...movement, orderId })),
    cabinets: ids.map((chargeId) => ({ ...local, chargeId })),
    told: [],
  });
  expect(kindsOf(offline([4, 4, 5]))).toEqual([]);
  expect(kindsOf(offline([4, 4, null]))).toEqual([]);
  expect(kindsOf(offline([4, 4, 4]))).toEqual(['debts_beyond_caps']);
});

describe('what is explained is no finding', () => {
  test.each<[string, Partial<Books>]>([
    [
      'a debt',
      {
        operator: [{ ...row, state: 'collecting', reason: 'account.insufficient_funds' }],
        cabinets: [{ ...local, state: 'collecting' }],
        ...{ movements: [], told: [{ ...told, state: 'collecting', reason: 'account.insufficient_funds' }] },
      },
    ],
    [
      'held lines with people',
      {
        operator: [
          {
            ...row,
            billed: [],
            held: ['tea', 'cola'],
            totalMinor: 0,
            state: 'needs_attention',
            reason: 'recognition.door_left_open',
          },
        ],
        cabinets: [{ ...local, state: 'needs_attention' }],
        ...{ movements: [], told: [] },
      },
    ],
    [
      'refused by the operator, and kept at the cabinet',
      {
        operator: [],
        cabinets: [{ ...local, state: 'needs_attention', reason: 'system.rejected' }],
        ...{ movements: [], told: [] },
      },
    ],
    [
      'a report that came before the debit',
      {
        truths: [{ ...truth, reported: ['tea'] }],
        operator: [{ ...row, disputedMinor: 350 }],
        movements: [{ ...movement, amountMinor: 200 }],
      },
    ],
    [
      'a report that people have agreed to',
      { ...reportedAndPaid, movements: [movement, back], told: [{ ...told, backMinor: 350 }] },
    ],
    [
      'what a bank has taken back, and people are told',
      {
        chargedBack: new Map([['C1', 550]]),
        differences: [{ kind: 'chargeback', orderId: 'C1', thereMinor: 550 }],
      },
    ],
    ['written off', { ...decidedTo(0), movements: [], told: [{ ...told, how: 'written_off' }] }],
    [
      'to be debited by people’s word, and whoever owes has no money',
      {
        ...decidedTo(550, true),
        operator: [{ ...row, state: 'collecting', reason: 'account.insufficient_funds' }],
        cabinets: [{ ...local, state: 'collecting' }],
        ...{ movements: [], told: [] },
      },
    ],
    [
      'less debited by people’s word',
      { ...decidedTo(200, true), movements: [{ ...movement, amountMinor: 200 }] },
    ],
    [
      'a report that was denied',
      { ...reportedAndPaid, decided: new Map([['C1', { keptMinor: 550, isToBeDebited: false }]]) },
    ],
    [
      'nothing was taken',
      { truths: [{ ...truth, goods: [] }], operator: [], cabinets: [], movements: [], told: [] },
    ],
  ])('%s', (_, change) => {
    expect(audit(booksOf(change))).toEqual([]);
  });
});

test('each of the four causes has somebody who acts next, and what is under way has nobody yet', () => {
  expect(nextActorOf('collecting', 'account.declined')).toBe('shopper');
  expect(nextActorOf('needs_attention', 'recognition.reader_lost')).toBe('operator');
  expect(nextActorOf('collecting', 'system.provider_error')).toBe('system');
  expect(nextActorOf('accepted', 'system.provider_error')).toBeNull();
  expect(nextActorOf('needs_attention', null)).toBeNull();
});

describe('of a charge that people have made by hand', () => {
  const byHand = new Map([['C1', ['tea', 'cola']]]);

  test('nothing is wrong, whether its cabinet knows of it or not', () => {
    expect(kindsOf({ byHand })).toEqual([]);
    expect(kindsOf({ byHand, cabinets: [] })).toEqual([]);
    // Without people's word the same is a fault.
    expect(kindsOf({ cabinets: [] })).toEqual(['record']);
  });

  test.each<[string, Partial<Books>, string]>([
    ['is debited twice', { movements: [movement, movement] }, 'doubled'],
    ['is gone', { operator: [] }, 'lost'],
    ['names more than people have said', { byHand: new Map([['C1', ['tea']]]) }, 'too_much'],
    ['names more than had left', { truths: [{ ...truth, goods: ['tea'] }] }, 'too_much'],
    ['is on somebody else', { movements: [{ ...movement, payer: 'openid-2' }] }, 'foreign'],
    ['is paid, and nothing was debited', { movements: [] }, 'told_wrong'],
  ])('it is found that it %s', (_name, change, kind) => {
    expect(kindsOf({ byHand, ...change })).toContain(kind);
  });
});

describe('what is on', () => {
  const costAt: Books['costAt'] = (skus, atMs) => (atMs < 1_000 ? 0 : 500 * skus.length - 450);
  const priced = (pricedMs: VisitTruth['pricedMs']): Partial<Books> => ({
    costAt,
    truths: [{ ...truth, pricedMs }],
  });

  test('each of the two moments is right, and no other price', () => {
    expect(kindsOf(priced([900, 1_000]))).toEqual([]);
    expect(kindsOf(priced([1_000, 1_100]))).toEqual([]);
    expect(kindsOf({ ...priced([1_000, 1_100]), operator: [{ ...row, totalMinor: 549 }] })).toContain(
      'too_much',
    );
    expect(kindsOf(priced([800, 900]))).toContain('too_much');
  });

  test('what is free is paid, though nothing was debited', () => {
    const free = { operator: [{ ...row, totalMinor: 0 }], movements: [] };
    expect(kindsOf({ ...priced([800, 900]), ...free })).toEqual([]);
    expect(kindsOf({ ...priced([1_000, 1_100]), ...free })).toContain('too_much');
  });

  test('in parts: no more than the part alone costs, nor both than all', () => {
    const parts = (totalMinor: number, heldMinor: number): string[] =>
      kindsOf({
        ...priced([1_000, 1_100]),
        operator: [{ ...row, billed: ['cola'], held: ['tea'], totalMinor, heldMinor }],
        movements: [{ ...movement, amountMinor: totalMinor }],
      });
    expect(parts(50, 500)).toEqual([]);
    expect(parts(51, 400)).toContain('too_much');
    expect(parts(50, 501)).toContain('too_much');
  });
});
