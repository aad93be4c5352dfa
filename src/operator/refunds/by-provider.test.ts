import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { until } from '../../testkit/until.ts';
import {
  faultyDb,
  fundWallet,
  ledgerFindings,
  walletBalance,
  walletOf,
} from '../../testkit/operator/wallet.ts';
import { Rig as AlipayRig } from '../providers/alipay/test-server/rig.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { DebitRequest, RealProvider } from '../providers/provider.ts';
import { Rig as StripeRig } from '../providers/stripe/test-server/rig.ts';
import { Rig as WechatRig } from '../providers/wechat/test-server/rig.ts';
import { refundEveryMs } from '../limits.ts';
import { charge, member, refund } from '../storage/schema.ts';

const wechat = new WechatRig();
const alipay = new AlipayRig();
const stripe = new StripeRig();
const rigs = [wechat, alipay, stripe];
beforeAll(async () => {
  for (const rig of rigs) await rig.start();
});
afterAll(async () => {
  for (const rig of rigs) await rig.stop();
});

/** What is done to one refund at each provider's server: the first request for it goes wrong so. */
const providers = [
  {
    name: 'wechat',
    adapter: (): RealProvider => wechat.adapter(),
    order: (fields: Partial<DebitRequest>) => wechat.newOrder(fields),
    faults: [
      () => wechat.server.faults.next('refund', { kind: 'answer_lost' }),
      () => wechat.server.faults.next('refund', { kind: 'code', code: 'FREQUENCY_LIMITED' }),
      () => wechat.server.faults.next('refund', { kind: 'code', code: 'SYSTEM_ERROR' }),
      () => wechat.server.faults.next('refund', { kind: 'drop' }),
      () => wechat.server.faults.next('refund_query', { kind: 'maintenance' }),
    ],
    arrives: (orderId: string) => wechat.server.book.setRefund(`${orderId}R1`, 'SUCCESS'),
    movedMinor: (orderId: string) => wechat.server.book.movedMinor(orderId),
  },
  {
    name: 'alipay',
    adapter: (): RealProvider => alipay.adapter(),
    order: (fields: Partial<DebitRequest>) => alipay.newOrder(fields),
    faults: [
      () => alipay.server.faults.next('refund', { kind: 'answer_lost' }),
      () => alipay.server.faults.next('refund', { kind: 'page', status: 429 }),
      () => alipay.server.faults.next('refund', { kind: 'code', code: '20000' }),
      () => alipay.server.faults.next('refund', { kind: 'drop' }),
      () => alipay.server.faults.next('refundQuery', { kind: 'page', status: 200 }),
    ],
    arrives: () => undefined,
    movedMinor: (orderId: string) => alipay.server.book.movedMinor(orderId),
  },
  {
    name: 'stripe',
    adapter: (): RealProvider => stripe.adapter(),
    order: (fields: Partial<DebitRequest>) => stripe.newOrder(fields),
    faults: [
      () => stripe.server.faults.next('refund', { kind: 'answer_lost' }),
      () => stripe.server.faults.next('refund', { kind: 'error', status: 429 }),
      () => stripe.server.faults.next('refund', { kind: 'error', status: 500 }),
      () => stripe.server.faults.next('refund', { kind: 'drop' }),
      () => stripe.server.faults.next('refunds', { kind: 'page', status: 502 }),
    ],
    arrives: (orderId: string) => stripe.server.book.setRefunds(orderId, 'succeeded'),
    movedMinor: (orderId: string) => stripe.server.book.movedMinor(orderId),
  },
];

/** As `inner`, but for these calls. */
const altered = (inner: RealProvider, change: Partial<RealProvider>): RealProvider =>
  new Proxy(inner, {
    get: (target, name): unknown => {
      const one: unknown = Reflect.get(name in change ? change : target, name, target);
      return typeof one === 'function' ? (one.bind(target) as unknown) : one;
    },
  });

onStorage('money goes back through the adapter of', (harness) => {
  /** A1 of 7.00 is reported, and people agree: 6.00 stay paid. */
  const report = (operator: OperatorHarness, chargeId: string) => {
    const atMs = operator.clock.nowMs();
    const body = { disputeId: makeDisputeId(atMs, randomBytes(idRandomByteCount)), skus: ['A1'], atMs };
    return operator.send('POST', `/v1/charges/${chargeId}/disputes`, body);
  };
  const agree = async (operator: OperatorHarness, chargeId: string) => {
    const response = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision: 'waive', amountMinor: 600, cabinetId: 'CAB-1' },
    });
    expect(response?.statusCode).toBe(200);
  };
  /** 13.00 that are paid here, of which 7.00 are to go back, as people have decided. */
  const decided = async (
    operator: OperatorHarness,
    provider: string,
    currency: 'CNY' | 'USD' = 'CNY',
  ): Promise<string> => {
    const visit = await operator.visit();
    const { chargeId } = visit;
    await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, chargeBody(visit)), 50);
    await operator.untilState(chargeId, 'paid', 60_000);
    await operator.db.update(charge).set({ provider, currency }).where(eq(charge.chargeId, chargeId));
    await report(operator, chargeId);
    await agree(operator, chargeId);
    return chargeId;
  };
  /** With this provider, whose calls take real time: the clock moves only while none is out. */
  const startWith = async (inner: RealProvider, currency: 'CNY' | 'USD' = 'CNY') => {
    let out = 0;
    const through = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
      return (...args: A): Promise<T> => {
        out++;
        return call(...args).finally(() => void out--);
      };
    };
    const provider = altered(inner, {
      refund: through((request) => inner.refund(request)),
      findRefund: through((request) => inner.findRefund(request)),
    });
    await harness().close();
    const operator = harness().restarted({ realProviders: [provider], currency });
    return { operator, isQuiet: () => out === 0 };
  };
  const untilRefund = async (
    { operator, isQuiet }: { operator: OperatorHarness; isQuiet: () => boolean },
    chargeId: string,
    state: string,
  ) => {
    for (let i = 0; i < 20; i++) {
      await until('all calls are answered', isQuiet);
      const [row] = await operator.db.select().from(refund).where(eq(refund.chargeId, chargeId));
      if (row?.state === state) return;
      await operator.pass(refundEveryMs, refundEveryMs);
    }
    throw new Error(`never ${state}`);
  };

  it.each(providers)('$name: once, whatever goes wrong first', async (at) => {
    const parts = await startWith(at.adapter());
    for (const fault of at.faults) {
      const chargeId = await decided(parts.operator, at.name, at.name === 'stripe' ? 'USD' : 'CNY');
      const lines = [{ name: '可乐', count: 1, amountMinor: 1_300 }];
      const order = at.order({ orderId: chargeId, amountMinor: 1_300, lines });
      expect(await at.adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 1_300 });
      fault();
      if (at.name !== 'alipay') await untilRefund(parts, chargeId, 'pending');
      at.arrives(chargeId);
      await untilRefund(parts, chargeId, 'refunded');
      expect(at.movedMinor(chargeId)).toBe(600);
    }
    await parts.operator.close();
  });

  it('stripe: what a link has taken beyond what is due, from whoever has paid by it', async () => {
    const { book, faults, sessions } = stripe.server;
    const parts = await startWith(stripe.adapter({ hold: 'none' }), 'USD');
    const { operator } = parts;
    const memberId = 'M1001';
    const card = stripe.saveCard(memberId, memberId);
    faults.declines.set(card, { code: 'insufficient_funds' });
    const accounts = new StoredAccounts(operator.db, operator.clock, 'stripe');
    await accounts.put({ memberId, account: memberId, agreement: 'valid' });
    await operator.db.update(member).set({ provider: 'stripe' }).where(eq(member.memberId, memberId));
    const visit = await operator.visit();
    const { chargeId } = visit;
    const quiet = () => until('no debit is out', () => operator.worker.runningCount === 0);
    const body = chargeBody(visit, { currency: 'USD' });
    await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, body));
    await quiet();
    const page = { method: 'GET', url: `/v1/pay/stripe/${chargeId}` } as const;
    const link = (await operator.operator.noticeApi.inject(page)).headers.location ?? '';
    // The link is up with all of it: what is reported now is too much once it is paid.
    await report(operator, chargeId);
    expect(sessions.pay(link)).toBe(true);
    await operator.operator.noticeApi.inject(page);
    await quiet();
    expect(await operator.chargeRow(chargeId)).toMatchObject({ state: 'paid', refundDueMinor: 700 });
    await operator.pass(2 * refundEveryMs, refundEveryMs);
    expect(book.movedMinor(chargeId)).toBe(1_300);
    await agree(operator, chargeId);
    await untilRefund(parts, chargeId, 'pending');
    book.setRefunds(chargeId, 'succeeded');
    await untilRefund(parts, chargeId, 'refunded');
    expect(book.movedMinor(chargeId)).toBe(600);
    expect(book.takeCount(chargeId)).toBe(1);
    faults.clear();
    await operator.close();
  });

  it('the wallet: once, though the answer is lost after it went back', async () => {
    const { db, clock } = harness();
    let isLost = false;
    const wallet = walletOf({ db: faultyDb(db, () => (isLost ? 'unanswered' : 'none')), clock });
    const losing = altered(wallet, {
      refund: async (request) => {
        isLost = true;
        return wallet.refund(request).finally(() => {
          isLost = false;
        });
      },
    });
    const chargeId = await decided(harness(), 'wallet');
    await fundWallet(harness(), 'M1001', 2_000);
    const debit = {
      memberId: 'M1001',
      cabinetId: 'CAB-1',
      currency: 'CNY',
      openedAtMs: 1,
      closedAtMs: 2,
      lines: [],
    };
    await wallet.debit({ ...debit, orderId: chargeId, amountMinor: 1_300 });
    const parts = await startWith(losing);
    const { operator } = parts;
    await operator.db.update(member).set({ provider: 'wallet' }).where(eq(member.memberId, 'M1001'));
    const owed = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${owed.chargeId}`, chargeBody(owed)), 50);
    await operator.untilState(owed.chargeId, 'collecting', 30_000);
    expect(await walletBalance(db, 'M1001')).toBe(700);
    await untilRefund(parts, chargeId, 'refunded');
    // What has come back pays what its member owes, at once and not at its next hour.
    await operator.untilState(owed.chargeId, 'paid', 120_000, 1_000);
    expect(await walletBalance(db, 'M1001')).toBe(100);
    expect(await ledgerFindings(db)).toEqual([]);
    await parts.operator.close();
  });
});
