import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { Currency } from '../../shared/money.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { PhoneBrowser } from '../../testkit/operator/phone-browser.ts';
import { signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { alipayRecordSchema } from '../providers/alipay/known-order.ts';
import { Rig as AlipayRig } from '../providers/alipay/test-server/rig.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { StoredOrders } from '../providers/provider-orders.ts';
import type { RealProvider } from '../providers/provider.ts';
import { accountText } from '../providers/stripe/account.ts';
import { knownOrderSchema as stripeOrderSchema } from '../providers/stripe/known-order.ts';
import { Rig as StripeRig } from '../providers/stripe/test-server/rig.ts';
import { knownOrderSchema as wechatOrderSchema } from '../providers/wechat/known-order.ts';
import { Rig as WechatRig } from '../providers/wechat/test-server/rig.ts';
import { agreementEndWait } from '../limits.ts';
import { incident, member, providerAccount, signUp } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { SignUpPage } from '../providers/sign-up.ts';

const memberId = 'M1001';
/** Among the agreements that the page is told. */
const told = (one: object) => ({
  value: { agreements: expect.arrayContaining([expect.objectContaining(one)]) as unknown },
});
const wechat = new WechatRig();
const stripe = new StripeRig();
const alipay = new AlipayRig();
beforeAll(() => Promise.all([wechat, stripe, alipay].map((rig) => rig.start())));
afterAll(() => Promise.all([wechat, stripe, alipay].map((rig) => rig.stop())));

interface Side {
  readonly currency: Currency;
  readonly rig: { readonly clock: { nowMs(): number; pass(ms: number): void } };
  readonly adapter: (db: Db) => RealProvider;
  /** The member agrees by what they were given; gives their account. */
  readonly agrees: (page: SignUpPage | null) => string;
  /** The provider has it as agreed. */
  readonly isGood: (account: string) => boolean;
  /** The next word of the provider about the end of it is lost: it has ended it, or not. */
  readonly loses: (isDone: boolean) => void;
  readonly clear: () => void;
}

const sides: Readonly<Record<'wechat' | 'stripe', Side>> = {
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
    agrees: (page) => {
      const account = wechat.openidOf(memberId);
      const token = page?.kind === 'wechat' ? (page.extraData['apply_permissions_token'] ?? '') : '';
      assert(wechat.server.permissions.open(token, account) !== null, 'the token is good');
      return account;
    },
    isGood: (account) => {
      const { appid, serviceId: service_id } = wechat.config;
      const shown = wechat.server.permissions.showOf(account, new URLSearchParams({ appid, service_id }));
      return shown['authorization_state'] === 'AVAILABLE';
    },
    loses: (isDone) => wechat.server.faults.next('permission_end', { kind: isDone ? 'answer_lost' : 'drop' }),
    clear: () => wechat.server.faults.clear(),
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
    agrees: (page) => {
      const paymentMethod = `pm_toend${newVisitId(0)}`;
      const session = stripe.server.setups.save(page?.kind === 'page' ? page.url : '', paymentMethod);
      return accountText({ customer: String(session?.['customer']), paymentMethod });
    },
    isGood: (account) => {
      const { paymentMethod } = JSON.parse(account) as { paymentMethod: string };
      return stripe.server.book.paymentMethod(paymentMethod)['customer'] !== null;
    },
    loses: (isDone) => stripe.server.faults.next('detach', { kind: 'error', status: 500, isDone }),
    clear: () => stripe.server.faults.clear(),
  },
};

onStorage('a member ends their agreement', (harness) => {
  describe.each(['wechat', 'stripe'] as const)('with %s', (name) => {
    const side = sides[name];
    let operator: OperatorHarness;
    let phone: PhoneBrowser;
    let account: string;
    let asked: { readonly mock: { readonly results: readonly { readonly value: unknown }[] } };
    beforeEach(async () => {
      side.clear();
      const adapter = side.adapter(harness().db);
      asked = vi.spyOn(adapter.signUp!, 'end');
      operator = harness().restarted({
        currency: side.currency,
        realProviders: [adapter],
        phoneAddress: () => 'https://m.example',
      });
      side.rig.clock.pass(operator.clock.nowMs() - side.rig.clock.nowMs());
      ({ phone } = await signedInPhone(operator));
      const begun = await phone.call('signUp', {}, { provider: name });
      assert(begun.ok, 'they may agree');
      account = side.agrees(begun.value.page);
      const { db, clock } = operator;
      await new StoredAccounts(db, clock, name).put({ memberId, account, agreement: 'valid' });
      // As if the provider had told of it: else it is asked, and says that the agreement has come about.
      await db.update(signUp).set({ state: 'valid', dueAtMs: null });
      await db.update(member).set({ provider: name }).where(eq(member.memberId, memberId));
    });

    const end = () => phone.call('endAgreement', {}, { provider: name });
    const stands = async () => {
      const { agreement } =
        (await new StoredAccounts(operator.db, operator.clock, name).find(memberId)) ?? {};
      return { here: agreement, there: side.isGood(account) };
    };
    const dueInMs = async () => {
      const { db, clock } = operator;
      const isIt = and(eq(providerAccount.memberId, memberId), eq(providerAccount.provider, name));
      const [row] = await db.select().from(providerAccount).where(isIt);
      return row?.endDueAtMs == null ? null : row.endDueAtMs - clock.nowMs();
    };
    const comes = () => operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
    const shut = { decision: 'refused', reason: 'account.authentication_required' };

    it('at the provider and here: the next door stays shut, and their page says why', async () => {
      const before = await phone.call('agreements', undefined);
      expect(before).toMatchObject(told({ provider: name, ends: 'here' }));
      expect(await end()).toMatchObject(told({ provider: name, agreement: 'ended', ends: null }));
      expect(await stands()).toEqual({ here: 'ended', there: false });
      expect(await comes()).toMatchObject(shut);
      expect(await phone.call('session', undefined)).toMatchObject({ value: { refused: shut.reason } });
      // Again is the same.
      expect(await end()).toMatchObject({ ok: true });
      await operator.close();
    });

    it('not while a visit is open: nobody could be asked for what is taken', async () => {
      expect(await comes()).toMatchObject({ decision: 'allowed' });
      expect(await end()).toMatchObject({ ok: false, status: 409 });
      expect(await stands()).toEqual({ here: 'valid', there: true });
      await operator.close();
    });

    it('and the provider does not answer: it stands, and the same again ends it', async () => {
      for (const isDone of [false, true]) {
        side.loses(isDone);
        expect(await end()).toMatchObject({ ok: false, status: 503 });
        expect(await stands()).toEqual({ here: 'valid', there: !isDone });
      }
      expect(await end()).toMatchObject({ ok: true });
      expect(await stands()).toEqual({ here: 'ended', there: false });
      await operator.close();
    });

    /** Ended here, and the service was killed before the provider was asked. */
    const killed = async () => {
      const { db, clock } = operator;
      await new StoredAccounts(db, clock, name).end(memberId);
      expect(await stands()).toEqual({ here: 'ended', there: true });
    };
    const pass = async (ms: number) => {
      side.rig.clock.pass(ms);
      await operator.clock.advance(ms);
    };

    it('and the service is killed before the provider is told: whoever asks again waits for its word', async () => {
      await killed();
      side.loses(false);
      expect(await end()).toMatchObject({ ok: false, status: 503 });
      expect(await stands()).toEqual({ here: 'valid', there: true });
      await killed();
      expect(await end()).toMatchObject({ ok: true });
      expect(await stands()).toEqual({ here: 'ended', there: false });
      await operator.close();
    });

    it('and the service is killed before the provider is told: it is told after the start', async () => {
      await killed();
      // Nobody answers at first; it is asked again.
      side.loses(false);
      const begunMs = operator.clock.nowMs();
      while ((await dueInMs()) !== null) {
        expect(operator.clock.nowMs() - begunMs, 'it is asked in time').toBeLessThan(
          10 * agreementEndWait.leastMs,
        );
        await pass(1_000);
        // Its answer comes over a real connection, and the time until it counts as lost is the test's.
        await Promise.allSettled(asked.mock.results.map(({ value }) => value));
      }
      expect(operator.clock.nowMs() - begunMs, 'the one that was killed may have asked').toBeGreaterThan(
        agreementEndWait.leastMs,
      );
      expect(await stands()).toEqual({ here: 'ended', there: false });
      await operator.close();
    });

    const day = 86_400_000;
    /** As if it had been ended so long ago, and the provider had been silent since; it is asked with the next turn. */
    const silentFor = async (ms: number) => {
      const { db, clock } = operator;
      const changedAtMs = clock.nowMs() - ms;
      await db.update(providerAccount).set({ changedAtMs, endDueAtMs: clock.nowMs() });
      await db.update(incident).set({ atMs: changedAtMs });
    };
    /** Lets turns go by, until that is so, or some have gone. */
    const turns = async (until: () => Promise<boolean>) => {
      const steps = 10;
      for (let step = 0; step < 5 * steps && !(await until()); step++) {
        if (step % steps === 0) side.loses(false);
        // A turn asks a real database: it needs more than the test's time.
        await pass(agreementEndWait.leastMs / steps);
        await Promise.allSettled(asked.mock.results.map(({ value }) => value));
      }
    };
    const listed = async () => {
      const rows = await operator.db.select().from(incident).orderBy(incident.id);
      return rows.map(({ kind, resolvedAtMs }) => ({ kind, isOpen: resolvedAtMs === null }));
    };

    it('and the provider stays silent: people are told once, and no more once it has said so', async () => {
      await killed();
      await silentFor(day - 2 * agreementEndWait.leastMs);
      await turns(async () => (await listed()).length > 0);
      const told = { kind: 'agreement_end_unanswered', isOpen: true };
      expect(await listed()).toEqual([told]);
      const { browser } = await new ConsolePeople(operator).first();
      const items = [{ about: told.kind, memberId, chargeId: null }];
      expect(await browser.call('queue', undefined)).toMatchObject({ value: { items } });
      await turns(() => Promise.resolve(false));
      expect(await listed(), 'once').toEqual([told]);
      side.clear();
      expect(await end()).toMatchObject({ ok: true });
      await turns(async () => (await listed()).every(({ isOpen }) => !isOpen));
      expect(await listed()).toEqual([{ ...told, isOpen: false }]);
      await operator.close();
    });

    it('and the provider stays silent for a month: it is asked no more, and people end it there', async () => {
      await killed();
      await silentFor(30 * day);
      await turns(async () => (await dueInMs()) === null);
      expect(await dueInMs()).toBeNull();
      expect(await stands()).toEqual({ here: 'ended', there: true });
      const givenUp = { kind: 'agreement_end_given_up', isOpen: true };
      expect(await listed()).toContainEqual(givenUp);
      await turns(() => Promise.resolve(false));
      expect(await listed(), 'until people have closed it').toContainEqual(givenUp);
      expect((await listed()).filter(({ isOpen }) => isOpen)).toHaveLength(1);
      await operator.close();
    });
  });

  it('where the provider has no such call, it says so: there alone', async () => {
    const adapter = alipay.adapter(
      { zmServiceId: '2026112900000000000000000001' },
      {
        orders: new StoredOrders(harness().db, alipay.clock, 'alipay', alipayRecordSchema),
        accounts: new StoredAccounts(harness().db, alipay.clock, 'alipay'),
      },
    );
    const operator = harness().restarted({ realProviders: [adapter] });
    const { db, clock } = operator;
    await new StoredAccounts(db, clock, 'alipay').put({ memberId, account: 'A1', agreement: 'valid' });
    const { phone } = await signedInPhone(operator);
    expect(await phone.call('agreements', undefined)).toMatchObject(
      told({ provider: 'alipay', ends: 'at_provider' }),
    );
    expect(await phone.call('endAgreement', {}, { provider: 'alipay' })).toMatchObject({ status: 409 });
    expect(await new StoredAccounts(db, clock, 'alipay').find(memberId)).toMatchObject({
      agreement: 'valid',
    });
    await operator.close();
  });
});
