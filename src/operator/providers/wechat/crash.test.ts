import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../testkit/until.ts';
import type { DebitRequest } from '../provider.ts';
import { DyingOrders } from '../testing.ts';
import type { Fault } from './test-server/faults.ts';
import { Rig } from './test-server/rig.ts';
import type { WechatProvider } from './wechat-provider.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;
const always = Number.POSITIVE_INFINITY;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
});

const ignore = (): void => undefined;

const acts = {
  debit: (adapter: WechatProvider, order: DebitRequest) => adapter.debit(order),
  open: (adapter: WechatProvider, order: DebitRequest) => adapter.open({ ...order, maxMinor: 5_000 }),
  close: (adapter: WechatProvider, order: DebitRequest) => adapter.close(order.orderId),
} as const;
const steps = [1, 2, 3, 4, 5, 6];

describe.each(['debit', 'open', 'close'] as const)('the program dies while it should %s', (act) => {
  const makeOrder = async () => {
    const order = rig.newOrder();
    if (act === 'close') await rig.adapter().open({ ...order, maxMinor: 5_000 });
    return order;
  };

  it.each(steps)('at note %i', async (deathAt) => {
    for (const isStored of [false, true]) {
      for (const isInDoubt of [false, true]) {
        const order = await makeOrder();
        await acts[act](
          rig.adapter({}, { orders: new DyingOrders(rig.orders, deathAt, isStored) }),
          order,
        ).catch(ignore);
        expect(await rig.paidOnce(order, isInDoubt)).toBe(true);
      }
    }
  });

  it.each(steps)('at request %i', async (deathAt) => {
    for (const fault of [{ kind: 'drop' }, { kind: 'answer_lost' }] satisfies Fault[]) {
      for (const isInDoubt of [false, true]) {
        const order = await makeOrder();
        faults.next('any', { kind: 'none' }, deathAt - 1);
        faults.next('any', fault);
        faults.next('any', { kind: 'drop' }, always);
        await acts[act](rig.adapter(), order);
        expect(await rig.paidOnce(order, isInDoubt)).toBe(true);
      }
    }
  });
});

describe('two at once on one order', () => {
  it('debit it once', async () => {
    for (let i = 0; i < 5; i++) {
      const order = rig.newOrder();
      if (i % 2 === 1) await rig.adapter().open({ ...order, maxMinor: 5_000 });
      const debits = [rig.adapter(), rig.adapter(), rig.adapter()].map((adapter) => adapter.debit(order));
      const outcomes = await Promise.all(debits);
      for (const { kind } of outcomes) expect(['paid', 'unknown']).toContain(kind);
      expect(book.debitCount(order.orderId)).toBeLessThanOrEqual(1);
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });

  it('one sum of two', async () => {
    const order = rig.newOrder();
    const lower = { ...order, amountMinor: 500 };
    await Promise.all([rig.adapter().debit(order), rig.adapter().debit(lower)]);
    expect(book.debitCount(order.orderId)).toBe(1);
    expect([500, 1_050]).toContain(book.movedMinor(order.orderId));
  });

  it('what was closed is not debited by what was begun before', async () => {
    for (let delay = 0; delay < 12; delay++) {
      const order = rig.newOrder();
      await rig.adapter().open({ ...order, maxMinor: 5_000 });
      const debit = rig.adapter().debit(order);
      for (let turn = 0; turn < delay * 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      const closed = await rig.adapter().close(order.orderId);
      const outcome = await debit;
      // What was closed stays closed until it is debited anew.
      if (closed.kind === 'closed') expect(outcome.kind).not.toBe('paid');
      if (closed.kind === 'closed') expect(book.movedMinor(order.orderId)).toBe(0);
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });
});

describe('one closes what another debits', () => {
  it('before its creation has arrived', async () => {
    const order = rig.newOrder();
    server.asked.length = 0;
    faults.next('create', { kind: 'held' });
    const debit = rig.adapter().debit(order);
    await until('the creation is on its way', () => server.asked.includes('create'));
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    faults.letGo();
    expect((await debit).kind).toBe('not_sent');
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('before its creation has arrived, and a third one debits anew', async () => {
    const order = rig.newOrder();
    server.asked.length = 0;
    faults.next('create', { kind: 'held' });
    const debit = rig.adapter().debit(order);
    await until('the creation is on its way', () => server.asked.includes('create'));
    await rig.adapter().close(order.orderId);
    expect(await rig.adapter().debit({ ...order, amountMinor: 500 })).toEqual({
      kind: 'paid',
      amountMinor: 500,
    });
    faults.letGo();
    expect((await debit).kind).toBe('not_sent');
    expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'paid', amountMinor: 500 });
    expect(book.movedMinor(order.orderId)).toBe(500);
  });

  it('between the opening and the completion', async () => {
    const order = rig.newOrder();
    rig.clock.inNextPause(async () => {
      expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    });
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('before its completion has arrived', async () => {
    const order = rig.newOrder();
    server.asked.length = 0;
    faults.next('complete', { kind: 'held' });
    const debit = rig.adapter().debit(order);
    await until('the completion is on its way', () => server.asked.includes('complete'));
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    expect(await rig.adapter().debit({ ...order, amountMinor: 500 })).toEqual({
      kind: 'paid',
      amountMinor: 500,
    });
    faults.letGo();
    expect((await debit).kind).not.toBe('paid');
    expect(book.debitCount(order.orderId)).toBe(1);
    expect(book.movedMinor(order.orderId)).toBe(500);
  });

  it('and nobody says whether it is closed', async () => {
    const order = rig.newOrder();
    faults.next('complete', { kind: 'drop' });
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    faults.next('query', { kind: 'none' });
    faults.next('query', { kind: 'code', code: 'ORDER_NOT_EXIST' });
    faults.next('cancel', { kind: 'drop' });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    expect(await rig.paidOnce(order, true)).toBe(true);
  });
});

describe('one debits with another', () => {
  it('and is refused for certain, which says nothing of the other', async () => {
    const order = rig.newOrder();
    server.asked.length = 0;
    faults.next('complete', { kind: 'held' });
    const first = rig.adapter().debit(order);
    await until('the completion is on its way', () => server.asked.includes('complete'));
    faults.next('complete', { kind: 'code', code: 'FREQUENCY_LIMITED' });
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    // Another sum ends the number of the first one.
    expect(await rig.adapter().debit({ ...order, amountMinor: 500 })).toEqual({
      kind: 'paid',
      amountMinor: 500,
    });
    faults.letGo();
    expect((await first).kind).not.toBe('paid');
    expect(book.movedMinor(order.orderId)).toBe(500);
  });
});

describe('whatever happens', () => {
  const fault: fc.Arbitrary<Fault> = fc.constantFrom<Fault>(
    { kind: 'drop' },
    { kind: 'answer_lost' },
    { kind: 'maintenance' },
    { kind: 'altered' },
    { kind: 'gateway', status: 502 },
    { kind: 'code', code: 'SYSTEM_ERROR' },
    { kind: 'code_after', code: 'SYSTEM_ERROR' },
    { kind: 'code', code: 'PARAM_ERROR' },
    { kind: 'code_after', code: 'PARAM_ERROR' },
    { kind: 'code', code: 'ORDER_NOT_EXIST' },
    { kind: 'none' },
  );
  const step = fc.oneof(
    fc.record({ act: fc.constantFrom('debit', 'open', 'close', 'query', 'lower', 'wait', 'poor', 'rich') }),
    fc.record({ act: fc.constant('fault'), fault }),
  );

  it('one order is debited at most once, and paid in the end', async () => {
    const run = async (steps: readonly { act: string; fault?: Fault }[]) => {
      faults.clear();
      const order = rig.newOrder();
      for (const { act, fault: next } of steps) {
        const adapter = rig.adapter();
        if (next !== undefined) faults.next('any', next);
        if (act === 'debit' || act === 'open' || act === 'close') await acts[act](adapter, order);
        if (act === 'query') await adapter.query(order.orderId);
        if (act === 'lower') await adapter.lower({ ...order, amountMinor: 600 });
        if (act === 'wait') rig.clock.pass(adapter.settlingMs);
        if (act === 'poor') faults.poor.add(rig.openidOf(order.memberId));
        if (act === 'rich') faults.poor.clear();
        expect(book.debitCount(order.orderId)).toBeLessThanOrEqual(1);
      }
      await rig.paidOnce(order, true);
      expect(book.debitCount(order.orderId)).toBe(1);
      expect([600, 1_050]).toContain(book.movedMinor(order.orderId));
    };
    const steps = fc.array(step, { maxLength: 14 });
    await fc.assert(fc.asyncProperty(steps, run), { numRuns: 60, seed: 20_261_129 });
  });
});
