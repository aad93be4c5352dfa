import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../testkit/until.ts';
import type { DebitRequest } from '../provider.ts';
import { DyingOrders } from '../testing.ts';
import type { StripeProvider } from './stripe-provider.ts';
import type { Act, Fault } from './test-server/faults.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;
const always = Number.POSITIVE_INFINITY;
const maxMinor = 5_000;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  server.asked.length = 0;
});

const ignore = (): void => undefined;
const calls = {
  debit: (adapter: StripeProvider, order: DebitRequest) => adapter.debit(order),
  open: (adapter: StripeProvider, order: DebitRequest) => adapter.open({ ...order, maxMinor }),
  close: (adapter: StripeProvider, order: DebitRequest) => adapter.close(order.orderId),
} as const;

/** What each case begins with, and which call the program dies in. */
const cases = [
  { name: 'debit', call: 'debit', isOpened: false, amountMinor: 1_050 },
  { name: 'open', call: 'open', isOpened: false, amountMinor: 1_050 },
  { name: 'debit out of a hold', call: 'debit', isOpened: true, amountMinor: 1_050 },
  { name: 'debit beyond a hold', call: 'debit', isOpened: true, amountMinor: 6_000 },
  { name: 'debit beyond a hold that cannot be raised', call: 'debit', isOpened: true, amountMinor: 6_001 },
  { name: 'close', call: 'close', isOpened: true, amountMinor: 1_050 },
] as const;

describe.each(cases)('the program dies while it should $name', ({ call, isOpened, amountMinor }) => {
  const begin = async () => {
    const order = rig.newOrder({ amountMinor });
    if (isOpened) await rig.adapter().open({ ...order, maxMinor });
    faults.canIncrement = amountMinor !== 6_001;
    return order;
  };

  it.each([1, 2, 3, 4, 5, 6, 7])('at note %i', async (deathAt) => {
    for (const isStored of [false, true]) {
      for (const isInDoubt of [false, true]) {
        const order = await begin();
        const orders = new DyingOrders(rig.orders, deathAt, isStored);
        await calls[call](rig.adapter({}, { orders }), order).catch(ignore);
        expect(await rig.paidOnce(order, isInDoubt)).toBe(true);
      }
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('at request %i', async (deathAt) => {
    for (const fault of [{ kind: 'drop' }, { kind: 'answer_lost' }] satisfies Fault[]) {
      for (const isInDoubt of [false, true]) {
        const order = await begin();
        faults.next('any', { kind: 'none' }, deathAt - 1);
        faults.next('any', fault);
        faults.next('any', { kind: 'drop' }, always);
        await calls[call](rig.adapter(), order);
        expect(await rig.paidOnce(order, isInDoubt)).toBe(true);
      }
    }
  });
});

describe('two at once on one order', () => {
  it('debit it once', async () => {
    for (let i = 0; i < 6; i++) {
      const order = rig.newOrder();
      if (i % 2 === 1) await rig.adapter().open({ ...order, maxMinor });
      const debits = [rig.adapter(), rig.adapter(), rig.adapter()].map((adapter) => adapter.debit(order));
      await Promise.all(debits);
      expect(book.takeCount(order.orderId)).toBeLessThanOrEqual(1);
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });

  it('one sum of two', async () => {
    const order = rig.newOrder();
    await Promise.all([rig.adapter().debit(order), rig.adapter().debit({ ...order, amountMinor: 500 })]);
    expect(book.takeCount(order.orderId)).toBeLessThanOrEqual(1);
    expect([0, 500, 1_050]).toContain(book.movedMinor(order.orderId));
  });

  it('open it once', async () => {
    const order = rig.newOrder();
    await Promise.all([1, 2, 3].map(() => rig.adapter().open({ ...order, maxMinor })));
    expect(book.heldMinor(order.orderId)).toBeLessThanOrEqual(maxMinor);
    await rig.adapter().close(order.orderId);
    expect(book.heldMinor(order.orderId)).toBe(0);
  });

  it('what was closed is not debited by what was begun before, and holds nothing', async () => {
    for (let delay = 0; delay < 12; delay++) {
      const order = rig.newOrder();
      const isOpened = delay % 2 === 0;
      if (isOpened) await rig.adapter().open({ ...order, maxMinor });
      const debit = rig.adapter().debit(order);
      for (let turn = 0; turn < delay * 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      const closed = await rig.adapter().close(order.orderId);
      const outcome = await debit;
      if (closed.kind === 'closed') expect(outcome.kind).not.toBe('paid');
      if (closed.kind === 'closed') expect(book.movedMinor(order.orderId)).toBe(0);
      if (closed.kind === 'closed') expect(book.heldMinor(order.orderId)).toBe(0);
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });
});

describe('one closes what another debits', () => {
  const whileOnItsWay = async (act: Act) => {
    const order = rig.newOrder();
    faults.next(act, { kind: 'held' });
    const debit = rig.adapter().debit(order);
    await until('it is on its way', () => server.asked.includes(act));
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    return { order, debit };
  };

  it.each(['create', 'confirm'] as const)('before its %s has arrived', async (act) => {
    const { order, debit } = await whileOnItsWay(act);
    faults.letGo();
    expect((await debit).kind).not.toBe('paid');
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it.each(['create', 'confirm'] as const)(
    'before its %s has arrived, and a third one debits anew',
    async (act) => {
      const { order, debit } = await whileOnItsWay(act);
      const lower = { ...order, amountMinor: 500 };
      expect(await rig.adapter().debit(lower)).toEqual({ kind: 'paid', amountMinor: 500 });
      faults.letGo();
      expect((await debit).kind).not.toBe('paid');
      expect(book.movedMinor(order.orderId)).toBe(500);
      expect(book.takeCount(order.orderId)).toBe(1);
    },
  );
});

describe('whatever happens', () => {
  const fault: fc.Arbitrary<Fault> = fc.constantFrom<Fault>(
    { kind: 'drop' },
    { kind: 'answer_lost' },
    { kind: 'page', status: 200 },
    { kind: 'page', status: 503 },
    { kind: 'error', status: 500 },
    { kind: 'error', status: 500, isDone: true },
    { kind: 'error', status: 429 },
    { kind: 'error', status: 409, type: 'idempotency_error' },
    { kind: 'none' },
  );
  const step = fc.oneof(
    fc.record({
      act: fc.constantFrom('debit', 'open', 'close', 'query', 'wait', 'day', 'poor', 'rich', 'expire'),
    }),
    fc.record({ act: fc.constant('fault'), fault }),
  );

  it('one order is debited at most once, holds at most once, and is paid in the end', async () => {
    const run = async (steps: readonly { act: string; fault?: Fault }[]) => {
      faults.clear();
      const order = rig.newOrder();
      const card = `pm_${order.memberId.slice(1)}`;
      for (const { act, fault: next } of steps) {
        const adapter = rig.adapter();
        if (next !== undefined) faults.next('any', next);
        if (act === 'debit' || act === 'open' || act === 'close') await calls[act](adapter, order);
        if (act === 'query') await adapter.query(order.orderId);
        if (act === 'wait') rig.clock.pass(adapter.settlingMs);
        // Stripe has forgotten all keys by then.
        if (act === 'day') rig.clock.pass(25 * 3_600_000);
        if (act === 'poor') faults.declines.set(card, { code: 'insufficient_funds' });
        if (act === 'rich') faults.declines.clear();
        if (act === 'expire') book.expireHolds();
        expect(book.takeCount(order.orderId)).toBeLessThanOrEqual(1);
        expect(book.heldMinor(order.orderId)).toBeLessThanOrEqual(maxMinor);
      }
      expect(await rig.paidOnce(order, true)).toBe(true);
    };
    const steps = fc.array(step, { maxLength: 14 });
    await fc.assert(fc.asyncProperty(steps, run), { numRuns: 60, seed: 20_261_129 });
  });
});
