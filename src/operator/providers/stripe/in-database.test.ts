import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { chargeBody } from '../../../testkit/operator/cabinet.ts';
import { countedProvider } from '../../../testkit/operator/counted-provider.ts';
import type { OperatorHarness } from '../../../testkit/operator/harness.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import { until } from '../../../testkit/until.ts';
import { retryAllNow } from '../../debits/debit-store.ts';
import { member } from '../../storage/schema.ts';
import type { Db } from '../../storage/storage.ts';
import { StoredAccounts } from '../provider-accounts.ts';
import { providerContract } from '../provider-contract.ts';
import { StoredOrders } from '../provider-orders.ts';
import type { RealProvider } from '../provider.ts';
import { DyingOrders } from '../testing.ts';
import { accountText } from './account.ts';
import { knownOrderSchema } from './known-order.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { book, faults } = rig.server;
const memberId = 'M1001';
const card = { customer: 'cus_M1001', paymentMethod: 'pm_M1001' };

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  book.saveCard(card.paymentMethod, card.customer);
});

const ordersOf = (db: Db) => new StoredOrders(db, rig.clock, 'stripe', knownOrderSchema);

onStorage('Stripe, with what it remembers in the database', (harness) => {
  const adapter = (deathAt = Number.POSITIVE_INFINITY, isStored = true) => {
    const { db } = harness();
    const orders = new DyingOrders(ordersOf(db), deathAt, isStored);
    return rig.adapter({}, { orders, accounts: new StoredAccounts(db, rig.clock, 'stripe') });
  };
  const saveCard = async (id = memberId) => {
    const accounts = new StoredAccounts(harness().db, rig.clock, 'stripe');
    await accounts.put({ memberId: id, account: accountText(card), agreement: 'valid' });
  };

  providerContract('Stripe in the database', () => ({
    provider: rig.adapter({}, { orders: ordersOf(harness().db) }),
    newOrder: () => rig.newOrder(),
    setMood: (mood) => {
      faults.clear();
      for (let i = 0; i < 100 && mood === 'decline'; i++)
        faults.declines.set(`pm_${i}`, { code: 'expired_card' });
      if (mood === 'down') faults.next('any', { kind: 'drop' }, Number.POSITIVE_INFINITY);
    },
  }));

  it('three at once debit an order once; it is closed, debited anew and refunded after restarts', async () => {
    const order = rig.newOrder();
    await saveCard(order.memberId);
    const { orderId } = order;
    await adapter().open({ ...order, maxMinor: 5_000 });
    expect(await adapter().close(orderId)).toEqual({ kind: 'closed' });
    faults.next('confirm', { kind: 'answer_lost' });
    await Promise.all([adapter(), adapter(), adapter()].map((one) => one.debit(order)));
    expect(book.takeCount(orderId)).toBeLessThanOrEqual(1);
    expect(await adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 1_050 });
    expect(book.takeCount(orderId)).toBe(1);
    const refund = {
      orderId,
      refundId: `R-${orderId}`,
      amountMinor: 50,
      currency: 'USD',
      reason: 'faulty',
    };
    for (let i = 0; i < 2; i++) expect(await adapter().refund(refund)).toEqual({ kind: 'pending' });
    expect(book.movedMinor(orderId)).toBe(1_000);
  });

  const startWith = async (provider: RealProvider) => {
    await harness().close();
    const { provider: through, isQuiet } = countedProvider(provider);
    // What is asked before the door: visits/order-at-provider.test.ts.
    const realProviders = [{ ...through, beforeDoor: null }];
    const operator = harness().restarted({ currency: 'USD', realProviders });
    await operator.db.update(member).set({ provider: 'stripe' }).where(eq(member.memberId, memberId));
    return { operator, isQuiet };
  };
  const untilPaid = async (operator: OperatorHarness, isQuiet: () => boolean, chargeId: string) => {
    for (let i = 0; i < 300; i++) {
      await until('all calls are answered', isQuiet);
      await operator.pass(1_000, 1_000);
      if ((await operator.chargeRow(chargeId)).state === 'paid') return;
    }
    throw new Error('never paid');
  };

  it.each([1, 2, 3, 4, 5])('the worker debits once, though the adapter dies at note %i', async (deathAt) => {
    await saveCard();
    for (const isStored of [false, true]) {
      const first = await startWith(adapter(deathAt, isStored));
      const visit = await first.operator.visit();
      const body = chargeBody(visit, { currency: 'USD' });
      await first.operator.during(first.operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
      await until('all calls are answered', first.isQuiet);
      await first.operator.close();
      const next = await startWith(adapter());
      await untilPaid(next.operator, next.isQuiet, visit.chargeId);
      expect(book.takeCount(visit.chargeId)).toBe(1);
      expect(book.movedMinor(visit.chargeId)).toBe(1_300);
      expect(await next.operator.incidentKinds()).toEqual([]);
      await next.operator.close();
    }
  });

  it('the worker goes on after declines, lost answers and a hold', async () => {
    await saveCard();
    const { operator, isQuiet } = await startWith(adapter());
    const visit = await operator.visit();
    const { chargeId } = visit;
    const open = {
      orderId: chargeId,
      memberId,
      currency: 'USD',
      cabinetId: 'CAB-1',
      openedAtMs: 1,
      maxMinor: 1_000,
    };
    expect(await adapter().open(open)).toEqual({ kind: 'open' });
    faults.declines.set(card.paymentMethod, { code: 'insufficient_funds' });
    const body = chargeBody(visit, { currency: 'USD' });
    await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, body));
    await until('all calls are answered', isQuiet);
    await operator.pass(100, 100);
    expect(await operator.chargeRow(chargeId)).toMatchObject({
      state: 'collecting',
      reason: 'account.insufficient_funds',
    });
    expect(book.heldMinor(chargeId)).toBe(0);
    faults.clear();
    faults.next('confirm', { kind: 'drop' });
    faults.next('retrieve', { kind: 'drop' });
    // What was declined is asked for again after hours; these are not what is shown here.
    await retryAllNow(operator.db, operator.clock);
    await untilPaid(operator, isQuiet, chargeId);
    expect(book.takeCount(chargeId)).toBe(1);
    await operator.close();
  });
});
