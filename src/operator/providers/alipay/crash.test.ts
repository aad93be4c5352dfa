import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../testkit/until.ts';
import type { ProviderOrders } from '../provider-orders.ts';
import type { DebitRequest } from '../provider.ts';
import type { AlipayProvider } from './alipay-provider.ts';
import type { AlipayRecord } from './known-order.ts';
import type { Act, Fault } from './test-server/faults.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;
const always = Number.POSITIVE_INFINITY;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
});

const paid = (amountMinor: number) => ({ kind: 'paid', amountMinor });

/** The program dies at its n-th note, before or after that is on the disk; says whether it came to that. */
function dyingOrders(deathAt: number, isStored: boolean) {
  let notes = 0;
  const orders: ProviderOrders<AlipayRecord> = {
    find: (orderId) => rig.orders.find(orderId),
    change: async (orderId, next) => {
      notes += 1;
      if (notes < deathAt) return rig.orders.change(orderId, next);
      if (isStored) await rig.orders.change(orderId, next);
      throw new Error('dead');
    },
  };
  return { orders, hasDied: () => notes >= deathAt };
}

const acts = {
  debit: (adapter: AlipayProvider, order: DebitRequest) => adapter.debit(order),
  open: (adapter: AlipayProvider, order: DebitRequest) => adapter.open({ ...order, maxMinor: 5_000 }),
  close: (adapter: AlipayProvider, order: DebitRequest) => adapter.close(order.orderId),
} as const;

describe.each([
  // How many notes and requests each takes.
  { act: 'debit', notes: 5, requests: 3 },
  { act: 'open', notes: 3, requests: 1 },
  { act: 'close', notes: 2, requests: 4 },
] as const)('the program dies while it should $act', ({ act, notes, requests }) => {
  const makeOrder = async () => {
    const order = rig.newOrder();
    if (act === 'close') await rig.adapter().open({ ...order, maxMinor: 5_000 });
    return order;
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

  it('has so many notes and requests', async () => {
    const order = await makeOrder();
    const watched = dyingOrders(notes, true);
    server.asked.length = 0;
    await expect(acts[act](rig.adapter({}, { orders: watched.orders }), order)).rejects.toThrow('dead');
    const another = await makeOrder();
    server.asked.length = 0;
    const alive = dyingOrders(notes + 1, true);
    await acts[act](rig.adapter({}, { orders: alive.orders }), another);
    expect(alive.hasDied()).toBe(false);
    expect(server.asked.length).toBe(requests);
  });

  it.each(upTo(notes))('at note %i', async (deathAt) => {
    for (const isStored of [false, true])
      for (const isInDoubt of [false, true]) {
        const order = await makeOrder();
        const { orders, hasDied } = dyingOrders(deathAt, isStored);
        await acts[act](rig.adapter({}, { orders }), order).catch(() => undefined);
        expect(hasDied()).toBe(true);
        expect(await rig.paidOnce(order, isInDoubt)).toBe(true);
      }
  });

  it.each(upTo(requests))('at request %i', async (deathAt) => {
    for (const fault of [{ kind: 'drop' }, { kind: 'answer_lost' }] satisfies Fault[])
      for (const isInDoubt of [false, true]) {
        const order = await makeOrder();
        faults.next('any', { kind: 'none' }, deathAt - 1);
        faults.next('any', fault);
        faults.next('any', { kind: 'drop' }, always);
        await acts[act](rig.adapter(), order);
        expect(await rig.paidOnce(order, isInDoubt)).toBe(true);
      }
  });
});

describe('two at once on one order', () => {
  it('debit it once', async () => {
    for (let i = 0; i < 5; i++) {
      const order = rig.newOrder();
      if (i % 2 === 1) await rig.adapter().open({ ...order, maxMinor: 5_000 });
      const debits = [1, 2, 3].map(() => rig.adapter().debit(order));
      for (const { kind } of await Promise.all(debits)) expect(['paid', 'unknown']).toContain(kind);
      expect(book.debitCount(order.orderId)).toBeLessThanOrEqual(1);
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });

  it('one sum of two', async () => {
    const order = rig.newOrder();
    const amounts = [1_050, 500];
    await Promise.all(amounts.map((amountMinor) => rig.adapter().debit({ ...order, amountMinor })));
    expect(book.debitCount(order.orderId)).toBe(1);
    expect(amounts).toContain(book.movedMinor(order.orderId));
  });

  it('what was closed is not debited by what was begun before', async () => {
    for (const turns of [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]) {
      const order = rig.newOrder();
      await acts.open(rig.adapter(), order);
      const begun = rig.adapter().debit(order);
      for (let left = turns; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
      const isClosed = (await rig.adapter().close(order.orderId)).kind === 'closed';
      const { kind } = await begun;
      // What was closed stays closed until it is debited anew.
      const moved = [kind === 'paid', book.movedMinor(order.orderId) > 0];
      if (isClosed) expect(moved).toEqual([false, false]);
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });
});

describe('one closes what another debits', () => {
  /** A debit whose request of this kind is under way. */
  const held = async (act: Act) => {
    const order = rig.newOrder();
    server.asked.length = 0;
    faults.next(act, { kind: 'held' });
    const debit = rig.adapter().debit(order);
    await until('the request is on its way', () => server.asked.includes(act));
    return { order, debit, lower: { ...order, amountMinor: 500 } };
  };

  it('before its credit order has arrived', async () => {
    const { order, debit } = await held('order');
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    faults.letGo();
    expect((await debit).kind).toBe('not_sent');
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('before its credit order has arrived, and a third one debits anew', async () => {
    const { order, debit, lower } = await held('order');
    await rig.adapter().close(order.orderId);
    expect(await rig.adapter().debit(lower)).toEqual(paid(500));
    faults.letGo();
    expect((await debit).kind).toBe('not_sent');
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(500));
    expect(book.movedMinor(order.orderId)).toBe(500);
  });

  it('before its debit has arrived, and a third one debits anew', async () => {
    const { order, debit, lower } = await held('pay');
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    expect(await rig.adapter().debit(lower)).toEqual(paid(500));
    faults.letGo();
    expect((await debit).kind).not.toBe('paid');
    expect(book.debitCount(order.orderId)).toBe(1);
    expect(book.movedMinor(order.orderId)).toBe(500);
  });

  it('after its debit was taken, and before it has come about: it is left alone', async () => {
    const order = rig.newOrder();
    faults.debitAfterMs = 60_000;
    expect((await rig.adapter().debit(order)).kind).toBe('collecting');
    expect((await rig.adapter().close(order.orderId)).kind).toBe('collecting');
    rig.clock.pass(60_000);
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
  });

  it('and its debit is not shown yet: it ends with its order, and is never debited', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.debitAfterMs = 60_000;
    faults.next('pay', { kind: 'answer_lost' });
    faults.next('tradeQuery', { kind: 'code', code: '40004', subCode: 'ACQ.TRADE_NOT_EXIST' }, 2);
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    rig.clock.pass(120_000);
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('and nobody says whether it is closed', async () => {
    const order = rig.newOrder();
    faults.next('pay', { kind: 'drop' });
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    faults.next('finish', { kind: 'answer_lost' });
    faults.next('tradeQuery', { kind: 'none' });
    faults.next('tradeQuery', { kind: 'drop' });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    expect(await rig.paidOnce(order, true)).toBe(true);
    expect(book.numbersOf(order.orderId).length).toBe(2);
  });
});

describe('one debits with another', () => {
  it('and is refused for certain, which says nothing of the other', async () => {
    const order = rig.newOrder();
    server.asked.length = 0;
    faults.next('pay', { kind: 'held' });
    const first = rig.adapter().debit(order);
    await until('the debit is on its way', () => server.asked.includes('pay'));
    faults.next('pay', { kind: 'code', code: '40005', subCode: 'isv.app-call-limited' });
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    // Another sum ends the number of the first one.
    expect(await rig.adapter().debit({ ...order, amountMinor: 500 })).toEqual(paid(500));
    faults.letGo();
    expect((await first).kind).not.toBe('paid');
    expect(book.movedMinor(order.orderId)).toBe(500);
  });
});

describe('whatever happens', () => {
  const subCode = fc.constantFrom(
    'ACQ.SYSTEM_ERROR',
    'ACQ.CONTEXT_INCONSISTENT',
    'ACQ.TRADE_NOT_EXIST',
    'NEW',
  );
  const fault: fc.Arbitrary<Fault> = fc.oneof(
    fc.constantFrom<Fault>(
      ...([{ kind: 'drop' }, { kind: 'answer_lost' }, { kind: 'altered' }, { kind: 'none' }] as const),
      ...([
        { kind: 'page', status: 200 },
        { kind: 'page', status: 502 },
      ] as const),
      ...([
        { kind: 'code', code: '20000' },
        { kind: 'code_after', code: '20000' },
      ] as const),
    ),
    fc.record({ kind: fc.constantFrom('code', 'code_after'), code: fc.constant('40004'), subCode }),
  );
  const step = fc.oneof(
    fc.record({
      act: fc.constantFrom('debit', 'open', 'close', 'query', 'wait', 'poor', 'rich', 'slow', 'lower'),
    }),
    fc.record({ act: fc.constantFrom('same', 'refused') }),
    fc.record({ act: fc.constant('fault'), fault }),
  );

  it('one order is debited at most once, and paid in the end', async () => {
    const run = async (steps: readonly { act: string; fault?: Fault }[]) => {
      faults.clear();
      let order = rig.newOrder();
      for (const { act, fault: next } of steps) {
        const adapter = rig.adapter();
        if (next !== undefined) faults.next('any', next);
        if (act === 'debit' || act === 'open' || act === 'close') await acts[act](adapter, order);
        if (act === 'query') await adapter.query(order.orderId);
        if (act === 'lower') order = { ...order, amountMinor: 600 };
        if (act === 'wait') rig.clock.pass(adapter.settlingMs);
        if (act === 'poor') faults.poor.add(rig.agree(order.memberId));
        if (act === 'rich') faults.poor.clear();
        if (act === 'slow') faults.debitAfterMs = 1_000_000;
        if (act === 'same' || act === 'refused') faults.repeats = act;
        expect(book.debitCount(order.orderId)).toBeLessThanOrEqual(1);
      }
      await rig.paidOnce(order, true);
      expect(book.debitCount(order.orderId)).toBe(1);
      expect([600, 1_050]).toContain(book.movedMinor(order.orderId));
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 14 }), run), {
      ...{ numRuns: 60, seed: 20_261_129 },
    });
  });
});
