import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { givenUp } from '../../../testkit/operator/given-up.ts';
import { until } from '../../../testkit/until.ts';
import { callBudgetMs } from '../call-budget.ts';
import { errorCodes } from './codes.ts';
import { requestTimeoutMs } from './protocol-client.ts';
import type { Act, Fault, FaultCode } from './test-server/faults.ts';
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
const collecting = (amountMinor: number) => ({ kind: 'collecting', amountMinor, reason: 'account.declined' });

describe('what goes wrong, and what is made of it', () => {
  const other = { kind: 'answer_with', fields: { out_order_no: 'KM-OTHER' } } as const;
  const merchant = { kind: 'answer_with', fields: { mchid: '1900000110' } } as const;
  const person = { kind: 'answer_with', fields: { openid: 'openid-of-somebody' } } as const;
  const before = (code: FaultCode) => ({ kind: 'code', code }) as const;
  const after = (code: FaultCode) => ({ kind: 'code_after', code }) as const;
  const cases: [Act, Fault, string][] = [
    // Without an order nothing is asked for.
    ['create', { kind: 'drop' }, 'not_sent'],
    ['create', { kind: 'reset' }, 'not_sent'],
    ['create', { kind: 'answer_lost' }, 'paid'],
    ['create', before('SYSTEM_ERROR'), 'not_sent'],
    ['create', after('SYSTEM_ERROR'), 'paid'],
    ['create', after('INVALID_REQUEST'), 'paid'],
    ['create', { kind: 'maintenance' }, 'not_sent'],
    ['create', { kind: 'gateway', status: 502 }, 'not_sent'],
    ['create', { kind: 'gateway', status: 404 }, 'not_sent'],
    ['create', before('FREQUENCY_LIMITED'), 'not_sent'],
    ['create', { kind: 'altered' }, 'paid'],
    ['create', { kind: 'unsigned' }, 'paid'],
    ['create', { kind: 'foreign_key' }, 'paid'],
    ['create', other, 'not_sent'],
    ['create', merchant, 'not_sent'],
    ['create', person, 'not_sent'],
    // Whether it is completed only a query says.
    ['complete', { kind: 'drop' }, 'unknown'],
    ['complete', { kind: 'reset' }, 'unknown'],
    ['complete', { kind: 'answer_lost' }, 'paid'],
    ['complete', before('SYSTEM_ERROR'), 'unknown'],
    ['complete', after('SYSTEM_ERROR'), 'paid'],
    ['complete', after('PARAM_ERROR'), 'paid'],
    ['complete', after('ORDER_DONE'), 'paid'],
    ['complete', { kind: 'maintenance' }, 'unknown'],
    ['complete', { kind: 'gateway', status: 429 }, 'unknown'],
    ['complete', { kind: 'gateway', status: 404 }, 'unknown'],
    ['complete', before('FREQUENCY_LIMITED'), 'not_sent'],
    ['complete', { kind: 'altered' }, 'paid'],
    ['complete', { kind: 'unsigned' }, 'paid'],
    ['complete', { kind: 'foreign_key' }, 'paid'],
    ['complete', other, 'paid'],
    // Completed for certain: a query that fails does not change that, and is repeated.
    ['query', { kind: 'drop' }, 'paid'],
    ['query', { kind: 'reset' }, 'paid'],
    ['query', { kind: 'maintenance' }, 'paid'],
    ['query', before('ORDER_NOT_EXIST'), 'paid'],
    ['query', before('FREQUENCY_LIMITED'), 'paid'],
    ['query', { kind: 'altered' }, 'paid'],
    ['query', { kind: 'foreign_key' }, 'paid'],
    ['query', other, 'paid'],
    ['query', merchant, 'paid'],
    ['query', { kind: 'answer_with', fields: { total_amount: 1 } }, 'paid'],
  ];
  it.each(cases)('%s: %j is %s, and debited once in the end', async (act, fault, kind) => {
    const order = rig.newOrder();
    faults.next(act, fault);
    const outcome = await rig.adapter().debit(order);
    expect(outcome.kind).toBe(kind);
    expect(await rig.paidOnce(order, outcome.kind !== 'not_sent')).toBe(true);
  });
});

it('a debit that nobody answers is given up as a whole before whoever calls gives up', async () => {
  const order = rig.newOrder();
  for (const act of ['complete', 'query'] as const) faults.next(act, { kind: 'hang' }, always);
  server.asked.length = 0;
  const startMs = rig.clock.monotonicMs();
  const debit = rig.adapter().debit(order);
  await until('it is asked for', () => server.asked.includes('complete'));
  const { kind } = await givenUp<{ kind: string }>(debit, server.asked, () => rig.clock.reachBounds());
  expect(kind).toBe('unknown');
  expect(rig.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(requestTimeoutMs);
  expect(rig.clock.monotonicMs() - startMs).toBeLessThanOrEqual(callBudgetMs);
  expect(await rig.paidOnce(order, true)).toBe(true);
});

describe('each code of WeChat', () => {
  const codes = Object.keys(errorCodes) as (keyof typeof errorCodes)[];
  /** What a debit is when its order, or its completion, is answered so and nothing was done. */
  const outcomes: Record<keyof typeof errorCodes, [string, string]> = {
    SYSTEM_ERROR: ['not_sent', 'unknown'],
    PARAM_ERROR: ['rejected', 'rejected'],
    INVALID_REQUEST: ['rejected', 'rejected'],
    INVALID_ORDER_STATE: ['rejected', 'unknown'],
    ORDER_CANCELED: ['rejected', 'unknown'],
    ORDER_DONE: ['rejected', 'unknown'],
    SIGN_ERROR: ['not_sent', 'not_sent'],
    NO_AUTH: ['not_sent', 'not_sent'],
    ORDER_NOT_EXIST: ['rejected', 'unknown'],
    FREQUENCY_LIMITED: ['not_sent', 'not_sent'],
  };

  it.each(codes)('%s at the creation', async (code) => {
    const order = rig.newOrder();
    faults.next('create', { kind: 'code', code });
    expect((await rig.adapter().debit(order)).kind).toBe(outcomes[code][0]);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it.each(codes)('%s at the completion', async (code) => {
    const order = rig.newOrder();
    faults.next('complete', { kind: 'code', code });
    const outcome = await rig.adapter().debit(order);
    expect(outcome.kind).toBe(outcomes[code][1]);
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, outcome.kind !== 'not_sent')).toBe(true);
  });

  it.each(codes)('%s at the completion, though it was done', async (code) => {
    const order = rig.newOrder();
    faults.next('complete', { kind: 'code_after', code });
    const outcome = await rig.adapter().debit(order);
    // Only what for certain takes nothing is believed without a query.
    expect(outcome).toEqual(outcomes[code][1] === 'not_sent' ? outcome : paid(1_050));
    expect(await rig.paidOnce(order, outcome.kind !== 'not_sent')).toBe(true);
  });

  it.each(codes)('%s at a query', async (code) => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    faults.next('query', { kind: 'code', code });
    const kind = code === 'ORDER_NOT_EXIST' ? 'not_found' : 'unknown';
    expect((await rig.adapter().query(order.orderId)).kind).toBe(kind);
    // What may be there is not closed, whatever a query says.
    faults.next('query', { kind: 'code', code });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
  });

  it.each(codes)('%s at a cancellation', async (code) => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.next('cancel', { kind: 'code', code });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    faults.next('cancel', { kind: 'code_after', code });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('closed');
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('a code that is not known, or with another status, says nothing', async () => {
    const order = rig.newOrder();
    faults.next('query', { kind: 'gateway', status: 418 });
    expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
  });
});

describe('money that comes later, or looks otherwise', () => {
  it('WeChat goes on asking a poor account by itself', async () => {
    const order = rig.newOrder();
    const openid = rig.openidOf(order.memberId);
    faults.poor.add(openid);
    expect(await rig.adapter().debit(order)).toEqual(collecting(1_050));
    expect(await rig.adapter().debit(order)).toEqual(collecting(1_050));
    expect(await rig.adapter().close(order.orderId)).toEqual(collecting(1_050));
    expect(await rig.adapter().debit({ ...order, amountMinor: 900 })).toMatchObject({ kind: 'rejected' });
    faults.poor.clear();
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
    expect(book.debitCount(order.orderId)).toBe(1);
  });

  it('a debit that takes a moment is waited for', async () => {
    const order = rig.newOrder();
    faults.debitAfterMs = 1_200;
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
  });

  it('an opened order that queries do not find for a while is not closed before it is found', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.invisibleMs = 15_000;
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    rig.clock.pass(15_000);
    expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
    expect(book.show(order.orderId)).toMatchObject({ state: 'REVOKED' });
  });

  it('one whose opening nobody has answered, and that is not found for a while, is not left open', async () => {
    const order = rig.newOrder();
    faults.invisibleMs = 15_000;
    faults.next('create', { kind: 'answer_lost' });
    expect((await rig.adapter().open({ ...order, maxMinor: 5_000 })).kind).toBe('unknown');
    for (let i = 0; i < 3; i++) {
      const { kind } = await rig.adapter().close(order.orderId);
      if (kind === 'closed') break;
      rig.clock.pass(15_000);
    }
    rig.clock.pass(15_000);
    expect(book.show(order.orderId)).toMatchObject({ state: 'REVOKED' });
  });

  it('an order that queries do not find for a while, and that is debited then', async () => {
    const order = rig.newOrder();
    faults.invisibleMs = 120_000;
    faults.debitAfterMs = 110_000;
    expect(await rig.adapter().debit(order)).toEqual(collecting(1_050));
    expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'not_found' });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    rig.clock.pass(121_000);
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
    expect(book.debitCount(order.orderId)).toBe(1);
  });

  it.each([
    { total_amount: 1 },
    { total_amount: 1, collection: { state: 'USER_PAID', total_amount: 1, paid_amount: 1 } },
    { collection: { state: 'USER_PAID', total_amount: 1_050, paid_amount: 1 } },
    { collection: { state: 'USER_PAID', total_amount: 1_050, paid_amount: 1_050, paying_amount: 1 } },
    { collection: { state: 'USER_PAID', total_amount: 1, paid_amount: 1 } },
    { collection: { state: 'USER_PAYING', total_amount: 1_050 } },
    { collection: null },
    { out_order_no: 'KM-OTHER' },
    { mchid: '1900000110' },
    { appid: 'wx-other' },
    { service_id: 'other' },
    { openid: 'openid-of-somebody' },
    { state: 'SOMETHING_NEW' },
    { state: 'DOING', state_description: undefined },
    { total_amount: '1050' },
    { total_amount: 1050.5 },
  ])('an answer that does not fit is never paid: %j', async (fields) => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    faults.next('query', { kind: 'answer_with', fields });
    expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
  });

  it('a clock that is off by ten minutes: nothing is believed, and nothing lost', async () => {
    for (const offS of [-600, 600]) {
      const order = rig.newOrder();
      faults.clockOffS = offS;
      expect((await rig.adapter().debit(order)).kind).toBe('not_sent');
      expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
      expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
      expect(await rig.paidOnce(order, true)).toBe(true);
    }
  });

  it('no answer at all: given up after its time, and asked about later', async () => {
    for (const act of ['create', 'complete'] as const) {
      const order = rig.newOrder();
      server.asked.length = 0;
      faults.next(act, { kind: 'hang' });
      const debit = rig.adapter().debit(order);
      await until(`the server is asked to ${act}`, () => server.asked.includes(act));
      rig.clock.fallDue();
      expect(await debit).toEqual(paid(1_050));
      expect(book.debitCount(order.orderId)).toBe(1);
    }
  });

  it('a server that is not there: for certain nothing was sent', async () => {
    const baseUrl = await closedAddress();
    const order = rig.newOrder();
    const adapter = rig.adapter({ baseUrl });
    expect((await adapter.open({ ...order, maxMinor: 5_000 })).kind).toBe('not_sent');
    expect((await adapter.debit(order)).kind).toBe('not_sent');
    expect((await adapter.query(order.orderId)).kind).toBe('unknown');
    expect((await adapter.close(order.orderId)).kind).toBe('unknown');
    // Open already: its debit did not leave either.
    expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual({ kind: 'open' });
    expect((await adapter.debit(order)).kind).toBe('not_sent');
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('says what is wrong in the log, and nothing of its keys or of people', async () => {
    const order = rig.newOrder();
    const logged: [string, object | undefined][] = [];
    const log = (event: string, fields?: object) => void logged.push([event, fields]);
    const logger = { debug: log, info: log, warn: log, error: log };
    const merchantKeyPem = '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----';
    const outcome = await rig.adapter({ merchantKeyPem }, { logger }).debit(order);
    expect(outcome.kind).toBe('not_sent');
    const adapter = rig.adapter({}, { logger });
    faults.next('create', { kind: 'code', code: 'NO_AUTH' });
    faults.next('create', { kind: 'maintenance' });
    await adapter.debit(order);
    await adapter.debit(order);
    const events = logged.map(([event]) => event);
    expect(events).toEqual(['wechat_key_unreadable', 'wechat_refuses_us', 'wechat_answer_unproven']);
    const secrets = [rig.config.apiV3Key, rig.openidOf(order.memberId), 'secret', 'BEGIN'];
    for (const secret of secrets) expect(JSON.stringify([outcome, logged])).not.toContain(secret);
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('a config that cannot be throws at the start', () => {
    const cannotBe = [{ apiV3Key: 'short' }, { platformKeys: {} }, { merchantKeyPem: 'none' }, { mchid: '' }];
    for (const fields of cannotBe) expect(() => rig.adapter(fields)).toThrow();
  });

  it('takes answers of any of the keys while they are rotated', async () => {
    const [first = '', second = ''] = Object.keys(rig.config.platformKeys);
    const pemOf = (id: string) => rig.config.platformKeys[id] ?? '';
    const reversed = { [second]: pemOf(second), [first]: pemOf(first) };
    const old = { OLD: pemOf(second), [first]: pemOf(first) };
    for (const platformKeys of [reversed, old])
      expect(await rig.adapter({ platformKeys }).debit(rig.newOrder())).toEqual(paid(1_050));
    const order = rig.newOrder();
    expect((await rig.adapter({ platformKeys: { OLD: pemOf(first) } }).debit(order)).kind).toBe('not_sent');
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('more than the service allows is rejected, and less is taken later', async () => {
    const order = rig.newOrder({ amountMinor: 999_999 });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'rejected' });
    expect(await rig.paidOnce({ ...order, amountMinor: 500 }, true)).toBe(true);
  });

  it('down for good: never paid, never a no', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.next('any', { kind: 'gateway', status: 503 }, always);
    expect((await rig.adapter().debit(order)).kind).toBe('unknown');
    expect((await rig.adapter().query(order.orderId)).kind).toBe('unknown');
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    expect(await rig.paidOnce(order, true)).toBe(true);
  });
});

/** An address on this machine where nobody listens. */
async function closedAddress(): Promise<string> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return `http://127.0.0.1:${port}`;
}
