import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;
const maxMinor = 5_000;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  server.asked.length = 0;
});

const paid = (amountMinor: number) => ({ kind: 'paid', amountMinor });
const held = async (fields = {}) => {
  const order = rig.newOrder(fields);
  expect(await rig.adapter().open({ ...order, maxMinor })).toEqual({ kind: 'open' });
  expect(book.heldMinor(order.orderId)).toBe(maxMinor);
  return order;
};
const decline = (memberId: string) =>
  faults.declines.set(`pm_${memberId.slice(1)}`, { code: 'insufficient_funds' });

describe('a hold', () => {
  it('is opened once, the bill is taken out of it, and the rest is let go', async () => {
    const order = await held();
    expect(await rig.adapter().open({ ...order, maxMinor })).toEqual({ kind: 'open' });
    expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'not_found' });
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    expect(book.heldMinor(order.orderId)).toBe(0);
    expect(book.movedMinor(order.orderId)).toBe(1_050);
    expect(book.intentsOf(order.orderId)).toHaveLength(1);
    expect(await rig.adapter().open({ ...order, maxMinor })).toMatchObject({ kind: 'rejected' });
  });

  it('is let go when nothing was taken, as often as it is closed', async () => {
    const order = await held();
    for (let i = 0; i < 2; i++) {
      expect(await rig.adapter().close(order.orderId)).toEqual({ kind: 'closed' });
      expect(book.heldMinor(order.orderId)).toBe(0);
    }
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('that cannot be let go says so to whoever closes it, and to the log, until it is', async () => {
    const order = await held();
    const logged: string[] = [];
    const note = (event: string): void => {
      logged.push(event);
    };
    const logger = { debug: note, info: note, warn: note, error: note };
    const adapter = rig.adapter({}, {}, logger);
    faults.next('cancel', { kind: 'error', status: 500 });
    expect(await adapter.close(order.orderId)).toMatchObject({ kind: 'unknown' });
    expect(logged).toEqual(['stripe_hold_not_released']);
    expect(book.heldMinor(order.orderId)).toBe(maxMinor);
    // The key of the first try would be answered with the same 500 for a day.
    expect(await adapter.close(order.orderId)).toEqual({ kind: 'closed' });
    expect(book.heldMinor(order.orderId)).toBe(0);
  });

  it('that is declined keeps the door shut, and holds nothing', async () => {
    const order = rig.newOrder();
    decline(order.memberId);
    const declined = { kind: 'declined', reason: 'account.insufficient_funds' };
    expect(await rig.adapter().open({ ...order, maxMinor })).toEqual(declined);
    expect(book.heldMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('is none where none is configured', async () => {
    const order = rig.newOrder();
    expect(await rig.adapter({ hold: 'none' }).open({ ...order, maxMinor })).toEqual({ kind: 'open' });
    expect(server.asked).toEqual([]);
    expect(await rig.adapter({ hold: 'none' }).close(order.orderId)).toEqual({ kind: 'closed' });
  });

  it('that has expired does not lose the bill', async () => {
    const order = await held();
    book.expireHolds();
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    expect(book.takeCount(order.orderId)).toBe(1);
  });

  it('is taken from although the member has ended the agreement meanwhile', async () => {
    const order = await held();
    rig.accounts.put(order.memberId, 'gone', 'ended');
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
  });
});

describe('a basket beyond the hold', () => {
  const amountMinor = 6_000;

  it('raises it', async () => {
    const order = await held({ amountMinor });
    expect(await rig.adapter().debit(order)).toEqual(paid(amountMinor));
    expect(server.asked).toEqual(['create', 'confirm', 'retrieve', 'increment', 'capture']);
  });

  it('is taken anew, all of it, where the hold cannot be raised', async () => {
    for (const why of ['unable', 'declined']) {
      const order = await held({ amountMinor });
      if (why === 'unable') faults.canIncrement = false;
      else
        faults.next('increment', { kind: 'error', status: 402, type: 'card_error', code: 'card_declined' });
      expect(await rig.adapter().debit(order)).toEqual(paid(amountMinor));
      expect(book.intentsOf(order.orderId).map(({ status }) => status)).toEqual(['canceled', 'succeeded']);
      expect(book.takeCount(order.orderId)).toBe(1);
    }
  });

  it('is collected later where the card has not so much: nothing is taken twice, and nothing lost', async () => {
    const order = await held({ amountMinor });
    decline(order.memberId);
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'declined' });
    expect(book.heldMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it.each([
    { kind: 'drop' },
    { kind: 'answer_lost' },
    { kind: 'error', status: 500 },
    { kind: 'error', status: 500, isDone: true },
    { kind: 'error', status: 429 },
    { kind: 'page', status: 503 },
  ] as const)('whose raising ends with %j is taken once', async (fault) => {
    const order = await held({ amountMinor });
    faults.next('increment', fault);
    const outcome = await rig.adapter().debit(order);
    expect(['paid', 'not_sent']).toContain(outcome.kind);
    expect(await rig.paidOnce(order, outcome.kind !== 'not_sent')).toBe(true);
  });
});

describe('a capture', () => {
  it('whose answer is lost is looked up', async () => {
    const order = await held();
    faults.next('capture', { kind: 'answer_lost' });
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
  });

  it('that never came is in doubt, and goes on or ends', async () => {
    const order = await held();
    faults.next('capture', { kind: 'drop' });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'unknown' });
    expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'not_found' });
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('of another sum than one that is still in doubt ends that one first', async () => {
    const order = await held();
    faults.next('capture', { kind: 'held' });
    const first = rig.adapter().debit(order);
    while (!server.asked.includes('capture')) await new Promise((resolve) => setImmediate(resolve));
    expect(await rig.adapter().debit({ ...order, amountMinor: 500 })).toEqual(paid(500));
    faults.letGo();
    expect((await first).kind).not.toBe('paid');
    expect(book.takeCount(order.orderId)).toBe(1);
    expect(book.movedMinor(order.orderId)).toBe(500);
  });
});
