import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { countedProvider } from '../../testkit/operator/counted-provider.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { until } from '../../testkit/until.ts';
import { alipayRecordSchema } from '../providers/alipay/known-order.ts';
import { Rig as AlipayRig } from '../providers/alipay/test-server/rig.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { StoredOrders } from '../providers/provider-orders.ts';
import type { RealProvider } from '../providers/provider.ts';
import { knownOrderSchema as wechatOrderSchema } from '../providers/wechat/known-order.ts';
import { Rig as WechatRig } from '../providers/wechat/test-server/rig.ts';
import { member } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

const memberId = 'M1001';
const always = Number.POSITIVE_INFINITY;
const alipay = new AlipayRig();
const wechat = new WechatRig();

/** A provider whose debit opens the order by itself. */
interface Side {
  readonly account: () => string;
  readonly adapter: (db: Db) => RealProvider;
  readonly clear: () => void;
  /** The order is made, and nobody here hears of it, whatever is asked. */
  readonly opensUnheard: () => void;
  readonly openNumbers: () => readonly string[];
}

const sides: Readonly<Record<'alipay' | 'wechat', Side>> = {
  alipay: {
    account: () => alipay.agree(memberId),
    adapter: (db) =>
      alipay.adapter(
        {},
        {
          orders: new StoredOrders(db, alipay.clock, 'alipay', alipayRecordSchema),
          accounts: new StoredAccounts(db, alipay.clock, 'alipay'),
        },
      ),
    clear: () => alipay.server.faults.clear(),
    opensUnheard: () => {
      alipay.server.faults.next('order', { kind: 'answer_lost' });
      for (const act of ['order', 'orderQuery', 'tradeQuery'] as const)
        alipay.server.faults.next(act, { kind: 'drop' }, always);
    },
    openNumbers: () => alipay.server.book.openNumbers(),
  },
  wechat: {
    account: () => wechat.openidOf(memberId),
    adapter: (db) =>
      wechat.adapter(
        {},
        {
          orders: new StoredOrders(db, wechat.clock, 'wechat', wechatOrderSchema),
          accounts: new StoredAccounts(db, wechat.clock, 'wechat'),
        },
      ),
    clear: () => wechat.server.faults.clear(),
    opensUnheard: () => {
      wechat.server.faults.next('create', { kind: 'answer_lost' });
      for (const act of ['create', 'query'] as const)
        wechat.server.faults.next(act, { kind: 'drop' }, always);
    },
    openNumbers: () => wechat.server.book.openNumbers(),
  },
};

beforeAll(() => Promise.all([alipay.start(), wechat.start()]));
afterAll(() => Promise.all([alipay.stop(), wechat.stop()]));

onStorage('an order that a debit has opened, and that nothing is debited by', (harness) => {
  describe.each(['alipay', 'wechat'] as const)('%s', (name) => {
    const side = sides[name];
    let operator: OperatorHarness;
    let isQuiet: () => boolean;
    beforeEach(async () => {
      side.clear();
      await harness().close();
      const counted = countedProvider(side.adapter(harness().db));
      isQuiet = counted.isQuiet;
      operator = harness().restarted({ realProviders: [counted.provider] });
      await operator.db.update(member).set({ provider: name }).where(eq(member.memberId, memberId));
      const accounts = new StoredAccounts(operator.db, operator.clock, name);
      await accounts.put({ memberId, account: side.account(), agreement: 'valid' });
    });

    const decide = async (chargeId: string, decision: object): Promise<void> => {
      const url = `/dev/charges/${chargeId}/resolve`;
      const payload = { by: 'anna', ...decision };
      const answer = await operator.operator.developmentApi?.inject({ method: 'POST', url, payload });
      expect(answer?.statusCode).toBe(200);
    };
    const isOpen = (chargeId: string): boolean => side.openNumbers().some((one) => one.startsWith(chargeId));
    /**
     * The debit of a purchase of which the cabinet named no charge at the door (as offline) has opened its order, unheard; then
     * all of it was reported.
     */
    const bought = async (of?: Visit): Promise<string> => {
      const visit = of ?? (await operator.visit());
      side.opensUnheard();
      const { chargeId } = visit;
      await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, chargeBody(visit)));
      // One that comes after days is looked at by people.
      if ((await operator.chargeRow(chargeId)).state === 'needs_attention')
        await decide(chargeId, { decision: 'debit', amountMinor: 1_300 });
      await operator.worker.attempt(chargeId);
      expect(isOpen(chargeId)).toBe(true);
      const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
      const report = { disputeId, skus: ['A1', 'B2'], atMs: operator.clock.nowMs() };
      const answer = await operator.send('POST', `/v1/charges/${chargeId}/disputes`, report);
      expect(answer.status).toBe(200);
      side.clear();
      // Where nobody knows whether it was debited, that is found out first.
      for (let leftMs = 3_600_000; leftMs > 0; leftMs -= 10_000) {
        const { state, inDoubt } = await operator.chargeRow(chargeId);
        if (state === 'needs_attention' && !inDoubt) break;
        await until('all calls are answered', isQuiet);
        await operator.pass(10_000, 1_000);
      }
      expect(await operator.chargeRow(chargeId)).toMatchObject({ state: 'needs_attention', inDoubt: false });
      return chargeId;
    };
    /** It does not stand open a few minutes later. */
    const expectClosed = async (chargeId: string): Promise<void> => {
      for (let leftMs = 180_000; leftMs > 0 && isOpen(chargeId); leftMs -= 1_000) {
        await until('all calls are answered', isQuiet);
        await operator.pass(1_000, 1_000);
      }
      expect(isOpen(chargeId)).toBe(false);
    };

    it('is closed when people write the charge off', async () => {
      const chargeId = await bought();
      await decide(chargeId, { decision: 'waive', amountMinor: 0 });
      await expectClosed(chargeId);
      await operator.close();
    });

    it('is closed when the order from before the door had been closed, as the charge came late', async () => {
      const ids = {
        visitId: newVisitId(operator.clock.nowMs()),
        chargeId: newChargeId(operator.clock.nowMs()),
      };
      await operator.send('POST', '/v1/visits/authorise', { ...ids, code: operator.code() });
      operator.clock.jumpWall(side.adapter(operator.db).beforeDoor?.closeSilentAfterMs ?? 0);
      await expectClosed(ids.chargeId);
      // That it is closed is written here a moment after it is so there.
      await operator.pass(1_000);
      const chargeId = await bought({ ...ids, cabinetId: operator.cabinet.cabinetId, memberId });
      await decide(chargeId, { decision: 'waive', amountMinor: 0 });
      await expectClosed(chargeId);
      await operator.close();
    });
  });
});
