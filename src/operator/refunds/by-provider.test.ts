import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onEachStorage } from '../../testkit/operator/suite.ts';
import { until } from '../../testkit/until.ts';
import {
  faultyDb,
  fundWallet,
  ledgerFindings,
  walletBalance,
  walletOf,
} from '../../testkit/operator/wallet.ts';
import { Rig as AlipayRig } from '../providers/alipay/test-server/rig.ts';
import type { DebitRequest, RealProvider } from '../providers/provider.ts';
import { Rig as StripeRig } from '../providers/stripe/test-server/rig.ts';
import { Rig as WechatRig } from '../providers/wechat/test-server/rig.ts';
import { refundEveryMs } from '../limits.ts';
import { charge, refund } from '../storage/schema.ts';

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

onEachStorage('money goes back through the adapter of', (harness) => {
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
    const atMs = operator.clock.nowMs();
    const body = { disputeId: makeDisputeId(atMs, randomBytes(idRandomByteCount)), skus: ['A1'], atMs };
    await operator.send('POST', `/v1/charges/${chargeId}/disputes`, body);
    const response = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision: 'waive', amountMinor: 600, cabinetId: 'CAB-1' },
    });
    expect(response?.statusCode).toBe(200);
    return chargeId;
  };
  /** With this provider, whose calls take real time: the clock moves only while none is out. */
  const startWith = async (inner: RealProvider) => {
    let out = 0;
    const through = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
      return (...args: A): Promise<T> => {
        out++;
        return call(...args).finally(() => void out--);
      };
    };
    const provider: RealProvider = Object.create(inner, {
      refund: { value: through(inner.refund.bind(inner)) },
      findRefund: { value: through(inner.findRefund.bind(inner)) },
    }) as RealProvider;
    await harness().close();
    const operator = harness().restarted({ realProviders: [provider] });
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

  it('the wallet: once, though the answer is lost after it went back', async () => {
    const { db, clock } = harness();
    let isLost = false;
    const wallet = walletOf({ db: faultyDb(db, () => (isLost ? 'unanswered' : 'none')), clock });
    const losing: RealProvider = Object.create(wallet, {
      findRefund: { value: wallet.findRefund.bind(wallet) },
      refund: {
        value: async (request: Parameters<RealProvider['refund']>[0]) => {
          isLost = true;
          return wallet.refund(request).finally(() => {
            isLost = false;
          });
        },
      },
    }) as RealProvider;
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
    await untilRefund(parts, chargeId, 'refunded');
    expect(await walletBalance(db, 'M1001')).toBe(1_400);
    expect(await ledgerFindings(db)).toEqual([]);
    await parts.operator.close();
  });
});
