import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { agreementsSchema, signUpSchema } from '../../shared/api/agreement.schema.ts';
import type { Currency } from '../../shared/money.ts';
import { chargeBody, newVisitId } from '../../testkit/operator/cabinet.ts';
import { countedProvider } from '../../testkit/operator/counted-provider.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { until } from '../../testkit/until.ts';
import { signUpLook, signUpsOfDayMax } from '../limits.ts';
import { alipayRecordSchema } from '../providers/alipay/known-order.ts';
import { Rig as AlipayRig } from '../providers/alipay/test-server/rig.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { StoredOrders } from '../providers/provider-orders.ts';
import type { RealProvider } from '../providers/provider.ts';
import { accountText } from '../providers/stripe/account.ts';
import { knownOrderSchema as stripeOrderSchema } from '../providers/stripe/known-order.ts';
import { Rig as StripeRig, webhookSecret } from '../providers/stripe/test-server/rig.ts';
import { knownOrderSchema as wechatOrderSchema } from '../providers/wechat/known-order.ts';
import { Rig as WechatRig } from '../providers/wechat/test-server/rig.ts';
import { member, signUp } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

const memberId = 'M1001';
const minuteMs = 60_000;
const always = Number.POSITIVE_INFINITY;
const wechat = new WechatRig();
const alipay = new AlipayRig();
const stripe = new StripeRig();

type Page = NonNullable<z.infer<typeof signUpSchema>['page']>;
interface Sent {
  readonly headers: Record<string, string>;
  readonly body: string;
}
/** A provider with its local server, and somebody who agrees there. */
interface Side {
  readonly currency: Currency;
  readonly rig: { readonly clock: { nowMs(): number; pass(ms: number): void } };
  readonly adapter: (db: Db) => RealProvider;
  readonly clear: () => void;
  /** The member opens what they were given. Gives their account, and the provider's word about it; null: it is not taken. */
  readonly agrees: (page: Page | null) => { readonly account: string; readonly notice: Sent } | null;
  /** They end it at the provider, which says so. */
  readonly ends: (account: string) => Sent;
  /** The provider answers no question about sign-ups. */
  readonly isSilent: () => void;
}

/** Another card each time: one that is saved anew is another one. */
let cardCount = 0;
const sides: Readonly<Record<'wechat' | 'alipay' | 'stripe', Side>> = {
  wechat: {
    ...{ currency: 'CNY', rig: wechat },
    adapter: (db) =>
      wechat.adapter(
        {},
        {
          orders: new StoredOrders(db, wechat.clock, 'wechat', wechatOrderSchema),
          accounts: new StoredAccounts(db, wechat.clock, 'wechat'),
        },
      ),
    clear: () => wechat.server.faults.clear(),
    agrees: (page) => {
      const token = page?.kind === 'wechat' ? (page.extraData['apply_permissions_token'] ?? '') : '';
      const account = wechat.openidOf(memberId);
      const opened = wechat.server.permissions.open(token, account);
      return opened && { account, notice: wechat.server.notice(opened.eventType, opened.resource) };
    },
    ends: (account) => {
      const closed = wechat.server.permissions.close(account);
      return wechat.server.notice(closed?.eventType ?? '', closed?.resource ?? {});
    },
    isSilent: () => wechat.server.faults.next('permission', { kind: 'drop' }, always),
  },
  alipay: {
    ...{ currency: 'CNY', rig: alipay },
    adapter: (db) =>
      alipay.adapter(
        { zmServiceId: '2026112900000000000000000001' },
        {
          orders: new StoredOrders(db, alipay.clock, 'alipay', alipayRecordSchema),
          accounts: new StoredAccounts(db, alipay.clock, 'alipay'),
        },
      ),
    clear: () => alipay.server.faults.clear(),
    agrees: (page) => {
      const account = alipay.server.sign(page?.kind === 'alipay' ? page.orderString : '', memberId);
      return account === null ? null : { account, notice: aboutAgreement(account) };
    },
    ends: (account) => {
      alipay.server.book.agreements.set(account, 'UNSIGNED');
      return aboutAgreement(account);
    },
    isSilent: () => alipay.server.faults.next('agreementQuery', { kind: 'drop' }, always),
  },
  stripe: {
    ...{ currency: 'USD', rig: stripe },
    adapter: (db) =>
      stripe.adapter(
        { hold: 'none' },
        {
          orders: new StoredOrders(db, stripe.clock, 'stripe', stripeOrderSchema),
          accounts: new StoredAccounts(db, stripe.clock, 'stripe'),
        },
      ),
    clear: () => stripe.server.faults.clear(),
    agrees: (page) => {
      const paymentMethod = `pm_signed${++cardCount}`;
      const url = page?.kind === 'page' ? page.url : '';
      const session = stripe.server.setups.save(url, paymentMethod);
      if (session === null) return null;
      const account = accountText({ customer: String(session['customer']), paymentMethod });
      return {
        account,
        notice: stripe.server.event('checkout.session.completed', session, webhookSecret),
      };
    },
    ends: (account) => {
      const { customer, paymentMethod: id } = JSON.parse(account) as Record<string, string>;
      stripe.server.book.saveCard(id ?? '', null);
      return stripe.server.event('payment_method.detached', {}, webhookSecret, {
        data: { object: { id, metadata: {} }, previous_attributes: { customer } },
      });
    },
    isSilent: () => stripe.server.faults.next('setup', { kind: 'drop' }, always),
  },
};

function aboutAgreement(account: string): Sent {
  const method = 'zhima.credit.payafteruse.creditagreement.changed';
  const body = alipay.server.message(method, { credit_agreement_id: account });
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body };
}

beforeAll(() => Promise.all([wechat, alipay, stripe].map((rig) => rig.start())));
afterAll(() => Promise.all([wechat, alipay, stripe].map((rig) => rig.stop())));

onStorage('a member agrees', (harness) => {
  describe.each(['wechat', 'alipay', 'stripe'] as const)('with %s', (name) => {
    const side = sides[name];
    let operator: OperatorHarness;
    let isQuiet: () => boolean;
    const restart = (): void => {
      const counted = countedProvider(side.adapter(harness().db));
      isQuiet = counted.isQuiet;
      operator = harness().restarted({ currency: side.currency, realProviders: [counted.provider] });
      inTime();
    };
    beforeEach(async () => {
      side.clear();
      await harness().close();
      restart();
    });

    /** Their clock and ours are the same. */
    const inTime = (): void => side.rig.clock.pass(operator.clock.nowMs() - side.rig.clock.nowMs());
    const dev = async (method: 'GET' | 'POST', path: string, payload?: object) => {
      const url = `/dev/members/${path}`;
      const answer = await operator.operator.developmentApi?.inject({
        method,
        url,
        ...(payload && { payload }),
      });
      return { status: answer?.statusCode ?? 0, body: answer?.json<unknown>() };
    };
    const ask = async () => {
      inTime();
      const answer = await dev('POST', `${memberId}/sign-ups`, { provider: name });
      expect(answer.status).toBe(200);
      return signUpSchema.parse(answer.body);
    };
    const stands = async () => {
      const { accounts, signUps } = agreementsSchema.parse((await dev('GET', `${memberId}/agreements`)).body);
      return { agreement: accounts[0]?.agreement ?? null, signUp: signUps[0]?.state ?? null };
    };
    const notify = async ({ headers, body: payload }: Sent): Promise<number> => {
      const at = { method: 'POST', url: `/v1/notices/${name}`, headers, payload } as const;
      return (await operator.operator.noticeApi.inject(at)).statusCode;
    };
    const comes = () => operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
    /** Their answers take real time, in which ours stands still. */
    const pass = async (ms: number, stepMs = 3_000): Promise<void> => {
      for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
        await operator.pass(Math.min(stepMs, leftMs), stepMs);
        inTime();
        await until('all calls are answered', isQuiet);
        await operator.pass(1, 1);
      }
    };
    const shut = { decision: 'refused', reason: 'account.authentication_required' };

    it('and is heard of by the notice alone; a notice that is told again opens nothing that has ended', async () => {
      const asked = await ask();
      expect(asked).toMatchObject({ state: 'asked', provider: name });
      expect(await stands()).toEqual({ agreement: null, signUp: 'asked' });
      await operator.db.update(member).set({ provider: name }).where(eq(member.memberId, memberId));
      expect(await comes()).toEqual(shut);
      const agreed = side.agrees(asked.page);
      if (agreed === null) throw new Error('what was given is not taken');
      // No time passes: nobody is asked but because of the notice.
      expect(await comes()).toEqual(shut);
      for (let i = 0; i < 2; i++) expect(await notify(agreed.notice)).toBe(200);
      expect(await stands()).toEqual({ agreement: 'valid', signUp: 'valid' });
      expect(await new StoredAccounts(operator.db, operator.clock, name).find(memberId)).toMatchObject({
        account: agreed.account,
      });
      expect(await comes()).toMatchObject({ decision: 'allowed' });
      expect(await notify(side.ends(agreed.account))).toBe(200);
      await notify(agreed.notice);
      expect(await stands()).toEqual({ agreement: 'ended', signUp: 'valid' });
      side.isSilent();
      await notify(agreed.notice);
      expect(await stands()).toEqual({ agreement: 'ended', signUp: 'valid' });
      expect(await comes()).toEqual(shut);
      await operator.close();
    });

    it('and is heard of by asking alone, also after a restart; they pay there from then on', async () => {
      const asked = await ask();
      await pass(2 * signUpLook.leastMs);
      expect(await stands()).toEqual({ agreement: null, signUp: 'asked' });
      await operator.close();
      restart();
      const agreed = side.agrees(asked.page);
      expect(agreed).not.toBeNull();
      await pass(minuteMs);
      expect(await stands()).toEqual({ agreement: 'valid', signUp: 'valid' });
      const [found] = await operator.db.select().from(member).where(eq(member.memberId, memberId));
      expect(found?.provider).toBe(name);
      expect(await comes()).toMatchObject({ decision: 'allowed' });
      // The notice that comes late changes nothing.
      if (agreed !== null) expect(await notify(agreed.notice)).toBe(200);
      expect(await stands()).toEqual({ agreement: 'valid', signUp: 'valid' });
      await operator.close();
    });

    it('and has ended it before anybody here heard of it: what comes late opens nothing', async () => {
      const asked = await ask();
      await operator.db.update(member).set({ provider: name }).where(eq(member.memberId, memberId));
      const agreed = side.agrees(asked.page);
      if (agreed === null) throw new Error('what was given is not taken');
      expect(await notify(side.ends(agreed.account))).toBe(200);
      await notify(agreed.notice);
      expect(await comes()).toEqual(shut);
      await pass(minuteMs);
      await notify(agreed.notice);
      expect((await stands()).agreement).not.toBe('valid');
      expect(await comes()).toEqual(shut);
      await operator.close();
    });

    it('not in time: what they were given is none any more, and they ask for another', async () => {
      const asked = await ask();
      const again = await Promise.all([ask(), ask()]);
      expect(new Set(again.map(({ signUpId }) => signUpId))).toEqual(new Set([asked.signUpId]));
      await pass(asked.endsAtMs - operator.clock.nowMs() + minuteMs, minuteMs);
      await pass(minuteMs);
      expect(side.agrees(asked.page)).toBeNull();
      expect(await stands()).toEqual({ agreement: null, signUp: 'expired' });
      const other = await ask();
      expect(other.signUpId).not.toBe(asked.signUpId);
      expect(side.agrees(other.page)).not.toBeNull();
      await pass(minuteMs);
      expect(await stands()).toEqual({ agreement: 'valid', signUp: 'valid' });
      await operator.close();
    });

    it('while the provider is silent: nothing is decided, and it goes on when it answers', async () => {
      const asked = await ask();
      side.isSilent();
      side.agrees(asked.page);
      await pass(asked.endsAtMs - operator.clock.nowMs() + 2 * minuteMs, minuteMs);
      expect(await stands()).toEqual({ agreement: null, signUp: 'asked' });
      side.clear();
      await pass(2 * minuteMs, minuteMs);
      expect(await stands()).toEqual({ agreement: 'valid', signUp: 'valid' });
      await operator.close();
    });
  });

  describe('where', () => {
    const start = (adapter: RealProvider, currency: Currency = 'USD') => {
      const counted = countedProvider(adapter);
      const operator = harness().restarted({ currency, realProviders: [counted.provider] });
      const of = (rig: { clock: { nowMs(): number; pass(ms: number): void } }) =>
        rig.clock.pass(operator.clock.nowMs() - rig.clock.nowMs());
      const ask = (id = memberId, provider = adapter.name) =>
        operator.operator.developmentApi?.inject({
          ...{ method: 'POST', url: `/dev/members/${id}/sign-ups`, payload: { provider } },
        });
      return { operator, of, ask, ...counted };
    };

    it('the answer to asking is lost: the same sign-up is asked for again, by itself', async () => {
      for (const name of ['wechat', 'stripe'] as const) {
        sides[name].clear();
        const { operator, of, ask, isQuiet } = start(sides[name].adapter(harness().db));
        const { rig } = sides[name];
        of(rig);
        if (name === 'wechat') wechat.server.faults.next('permit', { kind: 'answer_lost' });
        else stripe.server.faults.next('setup', { kind: 'error', status: 500, isDone: true });
        const first = signUpSchema.parse((await ask())?.json());
        expect(first.page).toBeNull();
        for (let i = 0; i < 4; i++) {
          await operator.pass(3_000, 3_000);
          of(rig);
          await until('all calls are answered', isQuiet);
        }
        await operator.pass(1, 1);
        const second = signUpSchema.parse((await ask())?.json());
        expect(second.signUpId).toBe(first.signUpId);
        expect(sides[name].agrees(second.page)).not.toBeNull();
        await operator.close();
      }
    });

    it('it has ended since, as is known: a sign-up that is lost, or unknown there, opens nothing', async () => {
      for (const isLost of [false, true]) {
        wechat.server.faults.clear();
        const { operator, of, ask } = start(sides.wechat.adapter(harness().db));
        of(wechat);
        const { db, clock } = operator;
        const accounts = new StoredAccounts(db, clock, 'wechat');
        // They have been here before.
        await accounts.put({ memberId, account: wechat.openidOf(memberId), agreement: 'valid' });
        const agreed = sides.wechat.agrees(signUpSchema.parse((await ask())?.json()).page);
        if (agreed === null) throw new Error('what was given is not taken');
        wechat.clock.pass(5_000);
        const ended = sides.wechat.ends(agreed.account);
        sides.wechat.isSilent();
        if (isLost) await db.delete(signUp);
        for (const { headers, body: payload } of [ended, agreed.notice])
          await operator.operator.noticeApi.inject({
            ...{ method: 'POST', url: '/v1/notices/wechat', headers, payload },
          });
        expect(await accounts.find(memberId)).toMatchObject({ agreement: 'ended' });
        await db.delete(signUp);
        await operator.close();
      }
    });

    it('nobody agrees, or does not exist, or asks all day long: they are told so', async () => {
      stripe.server.faults.clear();
      const { operator, of, ask } = start(sides.stripe.adapter(harness().db));
      of(stripe);
      expect((await ask(memberId, 'fake'))?.statusCode).toBe(409);
      expect((await ask('nobody'))?.statusCode).toBe(404);
      for (let i = 0; i < signUpsOfDayMax; i++) {
        expect((await ask())?.statusCode).toBe(200);
        await operator.db.update(signUp).set({ state: 'refused', dueAtMs: null });
      }
      expect((await ask())?.statusCode).toBe(429);
      await operator.close();
    });

    it('Alipay says no: refused, and the door stays shut', async () => {
      alipay.server.faults.clear();
      const { operator, of, ask, isQuiet } = start(sides.alipay.adapter(harness().db));
      of(alipay);
      const { page } = signUpSchema.parse((await ask())?.json());
      alipay.server.sign(page?.kind === 'alipay' ? page.orderString : '', 'somebody', 'INVALID');
      await operator.pass(6_000, 3_000);
      await until('all calls are answered', isQuiet);
      await operator.pass(1, 1);
      expect(await operator.db.select({ state: signUp.state }).from(signUp)).toEqual([{ state: 'refused' }]);
      await operator.close();
    });

    it('they agree anew with an account whose end nobody here heard of: what they owe is asked for', async () => {
      const { permissions, faults, book } = wechat.server;
      faults.clear();
      const { operator, of, ask, isQuiet } = start(sides.wechat.adapter(harness().db), 'CNY');
      const pass = async (ms: number) => {
        for (let i = 0; i < ms / 3_000; i++) {
          await operator.pass(3_000, 3_000);
          of(wechat);
          await until('all calls are answered', isQuiet);
        }
        await operator.pass(1, 1);
      };
      const agree = async () => {
        of(wechat);
        const agreed = sides.wechat.agrees(signUpSchema.parse((await ask())?.json()).page);
        expect(agreed).not.toBeNull();
        await pass(12_000);
      };
      await agree();
      const visit = await operator.visit();
      permissions.close(wechat.openidOf(memberId));
      faults.riskRefusal = '用户未开启服务';
      await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)));
      await pass(6_000);
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({
        ...{ state: 'collecting', reason: 'account.authentication_required', waitsForShopper: true },
      });
      faults.riskRefusal = null;
      await agree();
      await pass(12_000);
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'paid', paidMinor: 1_300 });
      expect(book.debitCount(visit.chargeId)).toBe(1);
      await operator.close();
    });

    it('it ends while a charge is open: that waits, and is debited once when they agree anew', async () => {
      stripe.server.faults.clear();
      const { operator, of, ask, isQuiet } = start(sides.stripe.adapter(harness().db));
      const pass = async (ms: number) => {
        for (let i = 0; i < ms / 3_000; i++) {
          await operator.pass(3_000, 3_000);
          of(stripe);
          await until('all calls are answered', isQuiet);
        }
        await operator.pass(1, 1);
      };
      const agree = async () => {
        of(stripe);
        const agreed = sides.stripe.agrees(signUpSchema.parse((await ask())?.json()).page);
        if (agreed === null) throw new Error('what was given is not taken');
        await pass(12_000);
        return agreed.account;
      };
      const account = await agree();
      const visit = await operator.visit();
      const { headers, body: payload } = sides.stripe.ends(account);
      await operator.operator.noticeApi.inject({
        method: 'POST',
        url: '/v1/notices/stripe',
        headers,
        payload,
      });
      const body = chargeBody(visit, { currency: 'USD' });
      await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
      await pass(6_000);
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({
        ...{ state: 'collecting', reason: 'account.authentication_required', waitsForShopper: true },
      });
      await agree();
      await pass(12_000);
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'paid', paidMinor: 1_300 });
      expect(stripe.server.book.takeCount(visit.chargeId)).toBe(1);
      await operator.close();
    });
  });
});
