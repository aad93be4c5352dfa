import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import type { Currency } from '../../shared/money.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { Promotion } from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';
import { promotionOf } from '../../testkit/core/promotions.ts';
import { putPromotions } from '../fleet/promotions.ts';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { countedProvider } from '../../testkit/operator/counted-provider.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { until } from '../../testkit/until.ts';
import { defaultPolicy, orderCloseTriesMax } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { StoredOrders } from '../providers/provider-orders.ts';
import type { RealProvider } from '../providers/provider.ts';
import { accountText } from '../providers/stripe/account.ts';
import { knownOrderSchema as stripeOrderSchema } from '../providers/stripe/known-order.ts';
import { Rig as StripeRig } from '../providers/stripe/test-server/rig.ts';
import { knownOrderSchema as wechatOrderSchema } from '../providers/wechat/known-order.ts';
import { Rig as WechatRig } from '../providers/wechat/test-server/rig.ts';
import { member, visitOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

const memberId = 'M1001';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const always = Number.POSITIVE_INFINITY;
const stripe = new StripeRig();
const wechat = new WechatRig();
const card = { customer: 'cus_M1001', paymentMethod: 'pm_M1001' };

/** A provider with its local server. */
interface Side {
  readonly currency: Currency;
  readonly account: string;
  readonly adapter: (db: Db) => RealProvider;
  readonly clear: () => void;
  readonly losesAnswerOfOpening: () => void;
  readonly refusesRelease: () => void;
  /** Money is held, or an order stands there that may be debited. */
  readonly isReserved: (orderId: string) => boolean;
  readonly movedMinor: (orderId: string) => number;
  readonly debitCount: (orderId: string) => number;
}

const sides: Readonly<Record<'wechat' | 'stripe', Side>> = {
  wechat: {
    currency: 'CNY',
    account: wechat.openidOf(memberId),
    adapter: (db) =>
      wechat.adapter(
        {},
        {
          orders: new StoredOrders(db, wechat.clock, 'wechat', wechatOrderSchema),
          accounts: new StoredAccounts(db, wechat.clock, 'wechat'),
        },
      ),
    clear: () => wechat.server.faults.clear(),
    losesAnswerOfOpening: () => wechat.server.faults.next('create', { kind: 'answer_lost' }),
    refusesRelease: () => wechat.server.faults.next('cancel', { kind: 'code', code: 'SYSTEM_ERROR' }, always),
    isReserved: (orderId) => wechat.server.book.show(orderId)['state'] === 'DOING',
    movedMinor: (orderId) => wechat.server.book.movedMinor(orderId),
    debitCount: (orderId) => wechat.server.book.debitCount(orderId),
  },
  stripe: {
    currency: 'USD',
    account: accountText(card),
    adapter: (db) =>
      stripe.adapter(
        {},
        {
          orders: new StoredOrders(db, stripe.clock, 'stripe', stripeOrderSchema),
          accounts: new StoredAccounts(db, stripe.clock, 'stripe'),
        },
      ),
    clear: () => {
      stripe.server.faults.clear();
      stripe.server.book.saveCard(card.paymentMethod, card.customer);
    },
    losesAnswerOfOpening: () => stripe.server.faults.next('confirm', { kind: 'answer_lost' }),
    refusesRelease: () => stripe.server.faults.next('cancel', { kind: 'error', status: 500 }, always),
    isReserved: (orderId) => stripe.server.book.heldMinor(orderId) > 0,
    movedMinor: (orderId) => stripe.server.book.movedMinor(orderId),
    debitCount: (orderId) => stripe.server.book.takeCount(orderId),
  },
};

beforeAll(() => Promise.all([stripe.start(), wechat.start()]));
afterAll(() => Promise.all([stripe.stop(), wechat.stop()]));

onStorage('an order before the door, at a server that speaks its protocol', (harness) => {
  describe.each(['wechat', 'stripe'] as const)('%s', (name) => {
    const side = sides[name];
    let operator: OperatorHarness;
    let isQuiet: () => boolean;
    beforeEach(async () => {
      side.clear();
      await harness().close();
      const counted = countedProvider(side.adapter(harness().db));
      isQuiet = counted.isQuiet;
      operator = harness().restarted({ currency: side.currency, realProviders: [counted.provider] });
      await operator.db.update(member).set({ provider: name }).where(eq(member.memberId, memberId));
      const accounts = new StoredAccounts(operator.db, operator.clock, name);
      await accounts.put({ memberId, account: side.account, agreement: 'valid' });
    });

    /** Somebody is let in, with an order. No time passes: the server answers in real time. */
    const letIn = async (): Promise<Visit> => {
      const nowMs = operator.clock.nowMs();
      const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
      const answer = await operator.send('POST', '/v1/visits/authorise', { ...ids, code: operator.code() });
      expect(authoriseReplySchema.parse(answer.body)).toMatchObject({ decision: 'allowed' });
      expect(side.isReserved(ids.chargeId)).toBe(true);
      return { ...ids, cabinetId: operator.cabinet.cabinetId, memberId };
    };
    const takesNothing = ({ visitId, chargeId }: Visit) => {
      const body = { chargeId, ended: 'nothing_taken', totalMinor: 0, heldMinor: 0, closedAtMs: 1 };
      return operator.send('PUT', `/v1/visits/${visitId}/closing`, body);
    };
    const buys = (of: Visit, change: Partial<ChargeBody> = {}) => {
      const body = chargeBody(of, { currency: side.currency, ...change });
      return operator.during(operator.send('PUT', `/v1/charges/${of.chargeId}`, body));
    };
    const orderOf = async ({ chargeId }: Visit) => {
      const [row] = await operator.db.select().from(visitOrder).where(eq(visitOrder.orderId, chargeId));
      return row;
    };
    /** Within so much time of the operator. */
    const within = async (boundMs: number, check: () => Promise<boolean>): Promise<void> => {
      for (let leftMs = boundMs; ; leftMs -= 1_000) {
        await until('all calls are answered', isQuiet);
        await operator.pass(1, 1);
        if (await check()) return;
        if (leftMs <= 0) throw new Error(`not within ${boundMs} ms`);
        await operator.pass(1_000, 1_000);
      }
    };
    const untilOrder = (of: Visit, state: string) =>
      within(minuteMs, async () => (await orderOf(of))?.state === state);
    const untilPaid = ({ chargeId }: Visit) =>
      within(minuteMs, async () => (await operator.chargeRow(chargeId)).state === 'paid');

    /** What this cabinet was told; the version. */
    const promote = async (promotion: Promotion): Promise<number> => {
      const { db, clock } = operator;
      const of = { promotions: [promotion], currency: side.currency, timeZone: 'UTC' };
      const version = await putPromotions(db, clock, 'anna', of);
      await operator.send('GET', '/v1/promotions');
      return version;
    };
    /** Two of A1, with so much taken off. */
    const billWith = (id: string, offMinor: number, promotionsVersion: number): Partial<ChargeBody> => {
      const amountMinor = minor(700 - offMinor);
      const discounts = [{ id, name: { zh: '优惠', en: 'offer' }, amountMinor: minor(offMinor) }];
      const lines = [{ ...line('A1', 350, 2), amountMinor, discounts }];
      return { lines, totalMinor: amountMinor, promotionsVersion };
    };

    it('with promotions it is debited what is left of the bill', async () => {
      const version = await promote(promotionOf('half', { kind: 'second_half', skus: ['A1'] }));
      const of = await letIn();
      await buys(of, billWith('half', 175, version));
      await untilPaid(of);
      expect([side.debitCount(of.chargeId), side.movedMinor(of.chargeId)]).toEqual([1, 525]);
      expect((await operator.chargeRow(of.chargeId)).review).toBe(false);
      await operator.close();
    });

    it('of a free visit nobody is asked for nothing: its order is closed', async () => {
      const version = await promote(promotionOf('open', { kind: 'free' }));
      const of = await letIn();
      await buys(of, billWith('open', 700, version));
      await untilOrder(of, 'closed');
      expect(await operator.chargeRow(of.chargeId)).toMatchObject({
        state: 'paid',
        totalMinor: 0,
        paidMinor: 0,
      });
      expect([side.debitCount(of.chargeId), side.movedMinor(of.chargeId)]).toEqual([0, 0]);
      expect(side.isReserved(of.chargeId)).toBe(false);
      await operator.close();
    });

    it('the bill is debited by it within a minute, once, and nothing stays behind', async () => {
      const of = await letIn();
      expect(await orderOf(of)).toMatchObject({ state: 'open' });
      await buys(of);
      await untilPaid(of);
      expect(side.debitCount(of.chargeId)).toBe(1);
      expect(side.movedMinor(of.chargeId)).toBe(1_300);
      expect(side.isReserved(of.chargeId)).toBe(false);
      await operator.close();
    });

    it('nothing was taken: it is released within a minute, also one whose opening nobody heard of', async () => {
      for (const isLost of [false, true]) {
        if (isLost) side.losesAnswerOfOpening();
        const of = await letIn();
        await takesNothing(of);
        await untilOrder(of, 'closed');
        expect(side.isReserved(of.chargeId)).toBe(false);
        expect(side.movedMinor(of.chargeId)).toBe(0);
      }
      await operator.close();
    });

    it('a release that fails is tried again until it comes about, or people are told at the end', async () => {
      const [late, never] = [await letIn(), await letIn()];
      side.refusesRelease();
      for (const of of [late, never]) {
        await takesNothing(of);
        await within(minuteMs, async () => ((await orderOf(of))?.failureCount ?? 0) > 1);
        expect(side.isReserved(of.chargeId)).toBe(true);
      }
      // Two days later.
      const isNever = eq(visitOrder.orderId, never.chargeId);
      await operator.db
        .update(visitOrder)
        .set({ failureCount: orderCloseTriesMax - 1 })
        .where(isNever);
      operator.clock.jumpWall(hourMs);
      await untilOrder(never, 'failed');
      expect(await operator.incidentKinds()).toContain('order_not_closed');
      side.clear();
      operator.clock.jumpWall(hourMs);
      await untilOrder(late, 'closed');
      expect(side.isReserved(late.chargeId)).toBe(false);
      await operator.close();
    });

    it('a basket beyond what was reserved is debited whole, within a minute', async () => {
      const of = await letIn();
      const lines = [line('E5', 6_000, 1), line('A1', 350, 2)];
      await buys(of, { lines });
      await untilPaid(of);
      expect(defaultPolicy.unpaidMaxMinor).toBeLessThan(6_700);
      expect(side.movedMinor(of.chargeId)).toBe(6_700);
      expect(side.debitCount(of.chargeId)).toBe(1);
      expect(side.isReserved(of.chargeId)).toBe(false);
      if (name === 'stripe') expect(stripe.server.book.intentsOf(of.chargeId)).toHaveLength(1);
      await operator.close();
    });

    it('what people have in hand blocks no money, and is debited when they have decided', async () => {
      const of = await letIn();
      await buys(of, { review: ['recognition.reader_lost'], confirmedByShopper: false });
      const { holdsMoney, closeSilentAfterMs } = side.adapter(operator.db).beforeDoor ?? {};
      expect(holdsMoney).toBe(name === 'stripe');
      if (holdsMoney !== true) {
        await operator.pass(minuteMs, 1_000);
        expect(side.isReserved(of.chargeId)).toBe(true);
        operator.clock.jumpWall(closeSilentAfterMs ?? 0);
      }
      await untilOrder(of, 'closed');
      expect(side.isReserved(of.chargeId)).toBe(false);
      const decided = { by: 'anna', decision: 'debit', amountMinor: 1_300 };
      await operator.operator.developmentApi?.inject({
        method: 'POST',
        url: `/dev/charges/${of.chargeId}/resolve`,
        payload: decided,
      });
      await untilPaid(of);
      expect(side.movedMinor(of.chargeId)).toBe(1_300);
      expect(side.debitCount(of.chargeId)).toBe(1);
      await operator.close();
    });
  });
});
