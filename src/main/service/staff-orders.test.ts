import { beforeEach, describe, expect, test } from 'vitest';
import { makeChargeId } from '../../shared/ids.ts';
import type { ChargeState } from '../../shared/model/charge.ts';
import type { LeaveRefusal } from '../../shared/model/service.ts';
import { fail, ok } from '../../shared/result.ts';
import { StaffOrders, type StaffOrdersOptions } from './staff-orders.ts';

const chargeId = makeChargeId(0, new Uint8Array(10));
let state: ChargeState;
let whyNotLeave: LeaveRefusal | null;
let enrolled: number;
let doneOf: string[];
beforeEach(() => {
  [state, whyNotLeave, enrolled, doneOf] = ['needs_attention', null, 7, []];
});

const orders = (over: Partial<StaffOrdersOptions> = {}): StaffOrders =>
  new StaffOrders({
    support: { deliver: (to) => Promise.resolve(to === 'stick' ? fail('stick_full', '') : ok('abc')) },
    charges: {
      get: (id) =>
        id === chargeId ? (ok({ state, visitId: 'V' }) as never) : (fail('charge.unknown', '') as never),
    },
    askOffice: ({ why, by }) => void doneOf.push(`ask ${why} ${by}`),
    vault: {
      enrolledCount: () => ok(enrolled),
      withdrawAll: () => {
        const gone = enrolled;
        enrolled = 0;
        doneOf.push('faces');
        return ok(gone);
      },
    },
    keeper: {
      look: () => undefined,
      get whyNotLeave() {
        return whyNotLeave;
      },
    },
    setup: { perform: () => Promise.resolve({ outcome: 'done' }) },
    settings: { change: () => fail('same', ''), undo: () => fail('same', '') },
    endApp: (reason) => void doneOf.push(reason),
    updates: { now: () => null, postpone: () => 'postponed_enough', view: () => null },
    nowMs: () => 5,
    ...over,
  });

describe('a charge', () => {
  const ask = { act: 'askOffice', chargeId, why: 'goods_back' } as const;

  test('is asked about, whatever it waits for; nothing becomes of it here', async () => {
    for (state of ['queued', 'in_doubt', 'accepted', 'collecting', 'needs_attention'] as const)
      expect(await orders().perform(ask, '7001')).toEqual({ outcome: 'done', data: { state } });
    expect(new Set(doneOf)).toEqual(new Set(['ask goods_back 7001']));
  });

  test.each<ChargeState>(['open', 'paid', 'voided'])('that is %s is not', async (one) => {
    state = one;
    expect(await orders().perform(ask, '7001')).toMatchObject({ outcome: 'refused', detail: 'settled' });
    expect(doneOf).toEqual([]);
  });

  test('that is of no cabinet is not', async () => {
    const other = { ...ask, chargeId: makeChargeId(1, new Uint8Array(10)) };
    expect(await orders().perform(other, '7001')).toMatchObject({ detail: 'no_such_charge' });
    expect(doneOf).toEqual([]);
  });
});

describe('all faces', () => {
  test('go, and how many there were before and after is on record', async () => {
    expect(await orders().perform({ act: 'deleteFaces', count: 7 }, '7001')).toMatchObject({
      ...{ outcome: 'done', detail: '7', data: { before: 7, after: 0 } },
    });
  });

  test('stay when there are others than were seen, or none are kept', async () => {
    const order = { act: 'deleteFaces', count: 6 } as const;
    expect(await orders().perform(order, '7001')).toMatchObject({ outcome: 'refused', detail: 'changed' });
    expect(await orders({ vault: null }).perform(order, '7001')).toMatchObject({ detail: 'no_faces' });
    expect(doneOf).toEqual([]);
  });
});

describe('the program', () => {
  test.each([
    ['restartApp', 'restart'],
    ['shutDown', 'clean'],
  ] as const)('%s: ends only once the session has', async (act, reason) => {
    const outcome = await orders().perform({ act }, '7001');
    expect(outcome.outcome).toBe('done');
    expect(doneOf).toEqual([]);
    outcome.onLeft?.();
    expect(doneOf).toEqual([reason]);
  });

  test.each<LeaveRefusal>(['door_open', 'door_unknown', 'bolt_loose'])(
    'does not end while %s',
    async (why) => {
      whyNotLeave = why;
      for (const act of ['restartApp', 'shutDown'] as const)
        expect(await orders().perform({ act }, '7001')).toEqual({ outcome: 'refused', detail: why });
    },
  );

  test('does not end where somebody else runs it', async () => {
    expect(await orders({ endApp: null }).perform({ act: 'shutDown' }, '7001')).toMatchObject({
      detail: 'not_here',
    });
  });
});

test('an update says why not, and a bundle where it did not arrive', async () => {
  const all = orders();
  expect(await all.perform({ act: 'updateNow' }, '7001')).toEqual({ outcome: 'done' });
  expect(await all.perform({ act: 'postponeUpdate', hours: 4 }, '7001')).toMatchObject({
    ...{ outcome: 'refused', detail: 'postponed_enough' },
  });
  const none = orders({ updates: null });
  expect(await none.perform({ act: 'updateNow' }, '7001')).toMatchObject({ detail: 'no_updates' });
  expect(await all.perform({ act: 'supportBundle', to: 'stick' }, '5520')).toMatchObject({
    ...{ outcome: 'failed', detail: 'stick_full' },
  });
  expect(await all.perform({ act: 'supportBundle', to: 'operator' }, '5520')).toMatchObject({
    detail: 'abc',
  });
});
