import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { factOf, gatewayCodes, subCodes } from './codes.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { book, faults } = rig.server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
});

const paid = (amountMinor: number) => ({ kind: 'paid', amountMinor });

describe('each code of Alipay', () => {
  const all: [string, string][] = [
    ...Object.keys(gatewayCodes).map((code): [string, string] => [code, '']),
    ...Object.keys(subCodes).map((subCode): [string, string] => ['40004', subCode]),
    ['40002', 'isv.invalid-signature'],
    ['40002', 'isv.invalid-timestamp'],
    ['40004', 'SOMETHING_NEW'],
    ['49999', 'SOMETHING_NEW'],
  ];
  /** What a debit is when it is answered so and nothing was done. */
  const outcomes = {
    ...{ unknown: 'unknown', limit: 'not_sent', own_fault: 'not_sent', account: 'collecting' },
    ...{ not_found: 'unknown', argument: 'rejected', query: 'unknown' },
  } as const;

  it.each(all)('%s %s at the debit', async (code, subCode) => {
    const order = rig.newOrder();
    const fact = factOf(code, subCode);
    faults.next('pay', { kind: 'code', code, subCode });
    const outcome = await rig.adapter().debit(order);
    expect(outcome.kind).toBe(outcomes[fact.class]);
    if (outcome.kind === 'collecting') expect(outcome.reason).toBe(fact.reason);
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, outcome.kind !== 'not_sent')).toBe(true);
  });

  it.each(all)('%s %s at the debit, though it was done', async (code, subCode) => {
    const order = rig.newOrder();
    faults.next('pay', { kind: 'code_after', code, subCode });
    const outcome = await rig.adapter().debit(order);
    // Only what for certain takes nothing is believed without a query.
    const isBelieved = outcomes[factOf(code, subCode).class] === 'not_sent';
    expect(outcome).toEqual(isBelieved ? outcome : paid(1_050));
    expect(await rig.paidOnce(order, outcome.kind !== 'not_sent')).toBe(true);
  });

  /** One of each class, and each of the gateway's. */
  const some = all.filter(
    ([code, subCode], i) =>
      code !== '40004' || all.findIndex((one) => factOf(...one).class === factOf(code, subCode).class) === i,
  );

  it.each(some)('%s %s at a new order', async (code, subCode) => {
    const order = rig.newOrder();
    faults.next('order', { kind: 'code', code, subCode });
    const { kind } = await rig.adapter().debit(order);
    const classOf = factOf(code, subCode).class;
    const refused = classOf === 'argument' ? 'rejected' : 'declined';
    const isNothingSaid = ['unknown', 'limit', 'own_fault'].includes(classOf);
    expect(kind).toBe(isNothingSaid ? 'not_sent' : refused);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it.each(some)('%s %s at a query ends nothing that may be there', async (code, subCode) => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    for (const ask of ['query', 'close'] as const) {
      faults.next('tradeQuery', { kind: 'code', code, subCode });
      expect(['unknown', 'paid']).toContain((await rig.adapter()[ask](order.orderId)).kind);
    }
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
  });

  it.each(some)('%s %s at an end', async (code, subCode) => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    faults.next('finish', { kind: 'code', code, subCode });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('unknown');
    faults.next('finish', { kind: 'code_after', code, subCode });
    expect((await rig.adapter().close(order.orderId)).kind).toBe('closed');
    expect(await rig.paidOnce(order, false)).toBe(true);
  });
});
