import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { givenUp } from '../../../testkit/operator/given-up.ts';
import { until } from '../../../testkit/until.ts';
import { providerTimeoutMs } from '../../limits.ts';
import { callBudgetMs } from '../call-budget.ts';
import { requestTimeoutMs } from './gateway-client.ts';
import { advanceAfterMs } from './test-server/credit-book.ts';
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
const poor = { kind: 'collecting', amountMinor: 1_050, reason: 'account.insufficient_funds' };

describe('what goes wrong, and what is made of it', () => {
  const other = {
    kind: 'answer_with',
    fields: { out_order_no: 'KM-OTHER-1', out_trade_no: 'ZMCB99OTHER', credit_biz_order_id: 'bad' },
  } as const;
  const before = (code: string, subCode = '') => ({ kind: 'code', code, subCode }) as const;
  const after = (code: string, subCode = '') => ({ kind: 'code_after', code, subCode }) as const;
  const page = (status: number) => ({ kind: 'page', status }) as const;
  const systemError = ['40004', 'ACQ.SYSTEM_ERROR'] as const;
  const cases: [Act, Fault, string][] = [
    // Without a credit order nothing is asked for.
    ['order', { kind: 'drop' }, 'not_sent'],
    ['order', { kind: 'answer_lost' }, 'paid'],
    ['order', before('20000'), 'not_sent'],
    ['order', after('20000'), 'paid'],
    ['order', before('40004', 'SYSTEM_ERROR'), 'not_sent'],
    ['order', after('40004', 'WHATEVER'), 'paid'],
    ['order', before('40005', 'isv.app-call-limited'), 'not_sent'],
    ['order', page(200), 'not_sent'],
    ['order', page(429), 'not_sent'],
    ['order', page(502), 'not_sent'],
    ['order', { kind: 'altered' }, 'paid'],
    ['order', { kind: 'unsigned' }, 'paid'],
    ['order', { kind: 'doubled' }, 'paid'],
    ['order', { kind: 'foreign_key' }, 'paid'],
    ['order', other, 'paid'],
    // Whether it is debited only a query says.
    ['pay', { kind: 'drop' }, 'unknown'],
    ['pay', { kind: 'answer_lost' }, 'paid'],
    ['pay', before('20000'), 'unknown'],
    ['pay', after('20000'), 'paid'],
    ['pay', before(...systemError), 'unknown'],
    ['pay', after(...systemError), 'paid'],
    ['pay', after('40004', 'ACQ.TRADE_HAS_SUCCESS'), 'paid'],
    ['pay', before('40004', 'ACQ.TRADE_HAS_SUCCESS'), 'unknown'],
    ['pay', before('40004', 'ACQ.CONTEXT_INCONSISTENT'), 'unknown'],
    ['pay', after('10003'), 'paid'],
    ['pay', before('40005', 'isv.app-call-limited'), 'not_sent'],
    ['pay', page(200), 'unknown'],
    ['pay', page(429), 'unknown'],
    ['pay', page(404), 'unknown'],
    ['pay', { kind: 'altered' }, 'paid'],
    ['pay', { kind: 'unsigned' }, 'paid'],
    ['pay', { kind: 'doubled' }, 'paid'],
    ['pay', { kind: 'foreign_key' }, 'paid'],
    ['pay', other, 'paid'],
    // Taken for certain: a query that fails does not change that, and is repeated.
    ['tradeQuery', { kind: 'drop' }, 'paid'],
    ['tradeQuery', page(200), 'paid'],
    ['tradeQuery', before('40004', 'ACQ.TRADE_NOT_EXIST'), 'paid'],
    ['tradeQuery', before('40005', 'isv.app-call-limited'), 'paid'],
    ['tradeQuery', { kind: 'altered' }, 'paid'],
    ['tradeQuery', { kind: 'foreign_key' }, 'paid'],
    ['tradeQuery', other, 'paid'],
    ['tradeQuery', { kind: 'answer_with', fields: { total_amount: '0.01' } }, 'paid'],
  ];
  it.each(cases)('%s: %j is %s, and debited once in the end', async (act, fault, kind) => {
    const order = rig.newOrder();
    faults.next(act, fault);
    const outcome = await rig.adapter().debit(order);
    expect(outcome.kind).toBe(kind);
    expect(await rig.paidOnce(order, outcome.kind !== 'not_sent')).toBe(true);
  });

  it('an order of which Alipay takes no second one under its number is found by asking', async () => {
    const order = rig.newOrder();
    faults.next('order', { kind: 'answer_lost' });
    faults.next('orderQuery', { kind: 'drop' });
    expect((await rig.adapter().open({ ...order, maxMinor: 5_000 })).kind).toBe('unknown');
    faults.repeats = 'refused';
    expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual({ kind: 'open' });
    expect(book.numbersOf(order.orderId)).toEqual([order.orderId]);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });
});

describe('money that comes later, or looks otherwise', () => {
  it('Alipay goes on asking a poor account by itself, for that sum alone', async () => {
    const order = rig.newOrder();
    faults.poor.add(rig.agree(order.memberId));
    for (const ask of ['debit', 'debit'] as const) expect(await rig.adapter()[ask](order)).toEqual(poor);
    expect(await rig.adapter().query(order.orderId)).toEqual(poor);
    expect(await rig.adapter().close(order.orderId)).toEqual(poor);
    expect(await rig.adapter().debit({ ...order, amountMinor: 900 })).toMatchObject({ kind: 'rejected' });
    expect(await rig.adapter().open({ ...order, maxMinor: 900 })).toMatchObject({ kind: 'rejected' });
    faults.poor.clear();
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
    expect(book.debitCount(order.orderId)).toBe(1);
    expect(book.numbersOf(order.orderId)).toEqual([order.orderId]);
  });

  it('and pays in advance after days', async () => {
    const order = rig.newOrder();
    faults.poor.add(rig.agree(order.memberId));
    await rig.adapter().debit(order);
    rig.clock.pass(advanceAfterMs);
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
  });

  it('a debit that takes a moment is waited for', async () => {
    const order = rig.newOrder();
    faults.debitAfterMs = 900;
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    const slow = rig.newOrder();
    faults.debitAfterMs = 60_000;
    expect(await rig.adapter().debit(slow)).toMatchObject({ kind: 'collecting', reason: 'account.declined' });
    rig.clock.pass(60_000);
    expect(await rig.adapter().query(slow.orderId)).toEqual(paid(1_050));
  });

  it('queries do not find it for 15 s, and then it is debited', async () => {
    for (const fault of ['none', 'answer_lost'] as const) {
      const order = rig.newOrder();
      faults.invisibleMs = 15_000;
      faults.debitAfterMs = 14_000;
      faults.next('pay', { kind: fault });
      const kind = fault === 'none' ? 'collecting' : 'unknown';
      expect((await rig.adapter().debit(order)).kind).toBe(kind);
      expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'not_found' });
      expect((await rig.adapter().debit(order)).kind).toBe('unknown');
      rig.clock.pass(15_000);
      expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
      expect(await rig.adapter().close(order.orderId)).toEqual(paid(1_050));
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });

  it('what was opened and is not found for a while is not closed before it is found', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.invisibleMs = 15_000;
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    rig.clock.pass(15_000);
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
  });

  it('what was debited and is not found is not closed', async () => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    faults.invisibleMs = 86_400_000;
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it.each([
    { total_amount: '0.01' },
    { total_amount: '10.5000' },
    { total_amount: 10.5 },
    { total_amount: undefined },
    { out_trade_no: 'ZMCB99OTHER' },
    { trade_status: 'SOMETHING_NEW' },
    { trade_no: undefined },
  ])('an answer that does not fit is never paid: %j', async (fields) => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    faults.next('tradeQuery', { kind: 'answer_with', fields });
    expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
  });

  it.each([
    { credit_biz_order_id: 'ZMCB99OTHER000' },
    { credit_agreement_id: 'ZMOP-OTHER' },
    { order_status: 'NEW' },
  ])('nor is one about another credit order: %j', async (fields) => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.next('orderQuery', { kind: 'answer_with', fields });
    expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
  });

  it('one that was ended or paid back in full in the console is for people', async () => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    await rig.orders.change(order.orderId, (known) => ({ ...(known ?? never()), paid: null }));
    faults.next('tradeQuery', { kind: 'answer_with', fields: { trade_status: 'TRADE_CLOSED' } });
    expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
    expect((await rig.adapter().debit(order)).kind).toBe('paid');
  });

  it('debited, and no trade to be found: not paid, and not asked for anew', async () => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    for (const ask of ['query', 'close'] as const) {
      faults.next('tradeQuery', { kind: 'code', code: '40004', subCode: 'ACQ.TRADE_NOT_EXIST' });
      expect((await rig.adapter()[ask](order.orderId)).kind).toBe('unknown');
    }
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('an order of which our record is lost: what Alipay says counts', async () => {
    const lost = () => {
      const { clock, accounts } = rig;
      const fresh = new Rig();
      return fresh.adapter(rig.config, { clock, accounts });
    };
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    expect(await lost().query(order.orderId)).toEqual({ kind: 'not_found' });
    await rig.adapter().debit(order);
    expect(await lost().query(order.orderId)).toEqual(paid(1_050));
    expect(await lost().close(order.orderId)).toEqual(paid(1_050));
    expect(await lost().debit(order)).toEqual(paid(1_050));
    const refund = {
      orderId: order.orderId,
      refundId: 'R-LOST',
      amountMinor: 50,
      currency: 'CNY',
      reason: '',
    };
    expect(await lost().refund(refund)).toEqual({ kind: 'refunded' });
    expect(book.debitCount(order.orderId)).toBe(1);
    const open = rig.newOrder();
    await rig.adapter().open({ ...open, maxMinor: 5_000 });
    expect(await lost().close(open.orderId)).toEqual({ kind: 'closed' });
    expect(await rig.paidOnce(open, true)).toBe(true);
  });

  it('a clock that is off by a quarter of an hour: nothing is taken, and nothing lost', async () => {
    for (const offS of [-900, 900]) {
      const order = rig.newOrder();
      faults.clockOffS = offS;
      expect((await rig.adapter().debit(order)).kind).toBe('not_sent');
      expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
      expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });

  it('more than the contract allows is rejected, and less is taken later', async () => {
    const order = rig.newOrder({ amountMinor: 999_999 });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'rejected' });
    expect(await rig.paidOnce({ ...order, amountMinor: 500 }, true)).toBe(true);
    expect(book.numbersOf(order.orderId).length).toBe(2);
  });
});

describe('time', () => {
  const hangs = async (adapter = rig.adapter()) => {
    const order = rig.newOrder();
    await adapter.open({ ...order, maxMinor: 5_000 });
    server.asked.length = 0;
    faults.next('any', { kind: 'hang' }, always);
    const startMs = rig.clock.monotonicMs();
    return { order, adapter, tookMs: () => rig.clock.monotonicMs() - startMs };
  };
  const untilAsked = (count: number) =>
    until(`the server is asked ${count} times`, () => server.asked.length >= count);

  it('no answer at all: each request is given up, all of them before whoever calls gives up', async () => {
    expect(callBudgetMs).toBeLessThan(providerTimeoutMs);
    for (const call of ['debit', 'query', 'close'] as const) {
      const { order, adapter, tookMs } = await hangs();
      const outcome = call === 'debit' ? adapter.debit(order) : adapter[call](order.orderId);
      const { kind } = await givenUp<{ kind: string }>(outcome, server.asked, () => rig.clock.reachBounds());
      expect(kind).toBe('unknown');
      expect(tookMs()).toBeGreaterThanOrEqual(requestTimeoutMs);
      expect(tookMs()).toBeLessThanOrEqual(callBudgetMs);
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });

  it('a debit for which no time is left is not begun', async () => {
    const { order, adapter } = await hangs();
    faults.clear();
    const orders = {
      find: (orderId: string) => rig.orders.find(orderId),
      change: async (...args: Parameters<typeof rig.orders.change>) => {
        const changed = await rig.orders.change(...args);
        // The database took its time.
        rig.clock.pass(callBudgetMs);
        return changed;
      },
    };
    const slow = rig.adapter({}, { orders });
    expect(await slow.debit(order)).toMatchObject({ kind: 'not_sent' });
    expect(server.asked).toEqual([]);
    expect(await adapter.debit(order)).toEqual(paid(1_050));
  });

  it('no answer to one of them: asked about with the time that is left', async () => {
    for (const act of ['order', 'pay'] as const) {
      const order = rig.newOrder();
      server.asked.length = 0;
      faults.next(act, { kind: 'hang' });
      const debit = rig.adapter().debit(order);
      await untilAsked(act === 'order' ? 1 : 2);
      rig.clock.reachBounds();
      expect(await debit).toEqual(paid(1_050));
      expect(book.debitCount(order.orderId)).toBe(1);
    }
  });
});

describe('connection, keys and settings', () => {
  it('a server that is not there: for certain nothing was sent', async () => {
    const away = rig.adapter({ gatewayUrl: await closedAddress() });
    const order = rig.newOrder();
    const said = async () => {
      const outcomes = [
        await away.debit(order),
        await away.query(order.orderId),
        await away.close(order.orderId),
      ];
      return outcomes.map(({ kind }) => kind);
    };
    expect((await away.open({ ...order, maxMinor: 5_000 })).kind).toBe('not_sent');
    expect(await said()).toEqual(['not_sent', 'unknown', 'unknown']);
    // Open already: its debit did not leave either.
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    expect(await said()).toEqual(['not_sent', 'unknown', 'unknown']);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('takes answers of any of the keys while they are rotated', async () => {
    const [first = '', second = ''] = rig.config.alipayPublicKeys;
    try {
      for (const signsWith of [0, 1]) {
        server.signsWith = signsWith;
        expect(await rig.adapter().debit(rig.newOrder())).toEqual(paid(1_050));
        const old = signsWith === 0 ? [second] : [first];
        const order = rig.newOrder();
        expect((await rig.adapter({ alipayPublicKeys: old }).debit(order)).kind).toBe('not_sent');
        expect(await rig.paidOnce(order, false)).toBe(true);
      }
    } finally {
      server.signsWith = 0;
    }
  });

  it('says what is wrong in the log, and nothing of its keys or of people', async () => {
    const order = rig.newOrder();
    const logged: [string, object | undefined][] = [];
    const log = (event: string, fields?: object) => void logged.push([event, fields]);
    const adapter = rig.adapter({}, { logger: { debug: log, info: log, warn: log, error: log } });
    faults.next('order', { kind: 'code', code: '40002', subCode: 'isv.invalid-signature' });
    faults.next('order', { kind: 'page', status: 200 });
    const outcomes = [await adapter.debit(order), await adapter.debit(order)];
    expect(logged.map(([event]) => event)).toEqual(['alipay_refuses_us', 'alipay_answer_unproven']);
    for (const secret of [rig.config.appPrivateKey.slice(0, 40), rig.agree(order.memberId)])
      expect(JSON.stringify([outcomes, logged])).not.toContain(secret);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it.each([
    { alipayPublicKeys: [] },
    { alipayPublicKeys: ['none'] },
    { appPrivateKey: 'none' },
    { appId: 'app' },
    { sellerId: '1' },
    { title: 'a/b' },
    { title: '' },
  ])('a config that cannot be throws at the start: %j', (fields) => {
    expect(() => rig.adapter(fields)).toThrow();
  });

  it('down for good: never paid, never a no', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.next('any', { kind: 'page', status: 503 }, always);
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    expect(await rig.paidOnce(order, true)).toBe(true);
  });
});

/** An address on this machine where nobody listens. */
async function closedAddress(): Promise<string> {
  const nobody = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => nobody.once('listening', resolve));
  const { port } = nobody.address() as AddressInfo;
  await new Promise((resolve) => nobody.close(resolve));
  return `http://127.0.0.1:${port}/gateway.do`;
}

function never(): never {
  throw new Error('the order is on record');
}
