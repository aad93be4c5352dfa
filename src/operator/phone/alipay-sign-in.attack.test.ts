import { afterAll, beforeAll, expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { PhoneBrowser } from '../../testkit/operator/phone-browser.ts';
import { phoneBrowser, phoneHost } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { Rig } from '../providers/alipay/test-server/rig.ts';
import { AlipayProvider } from '../providers/alipay/alipay-provider.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { providerAccount } from '../storage/schema.ts';

const rig = new Rig();
const authorizeUrl = 'https://openauth.alipay.com/oauth2/publicAppAuthorize.htm';
beforeAll(() => rig.start());
afterAll(() => rig.stop());

onStorage('signing in by what Alipay says', (harness) => {
  const start = async () => {
    const { db, clock } = harness();
    const adapter = new AlipayProvider({
      ...{ clock: rig.clock, orders: rig.orders, accounts: rig.accounts, logger: silentLogger },
      config: { ...rig.config, zmServiceId: '2020', signIn: { authorizeUrl } },
    });
    const operator = harness().restarted({
      realProviders: [adapter],
      phoneAddress: () => `https://${phoneHost}`,
    });
    return { operator, db, clock, adapter };
  };
  const begin = async (phone: PhoneBrowser, said: { user_id?: string; open_id?: string }) => {
    const begun = await phone.call('beginProvider', { provider: 'alipay' });
    assert(begun.ok, 'the way there is given');
    const back = rig.server.people.open(begun.value.url, rig.config.appId, said);
    expect(`${back.origin}${back.pathname}`).toBe(`https://${phoneHost}/m/in/provider`);
    return {
      code: back.searchParams.get('auth_code') ?? '',
      state: back.searchParams.get('state') ?? '',
    };
  };
  const refused = (reason: string) => ({ ok: true, value: { signedIn: false, reason } });

  it('finds who has agreed by the same name, the number or the open id, and no other', async () => {
    const { operator, db, clock } = await start();
    const accounts = new StoredAccounts(db, clock, 'alipay');
    const agreed = { agreement: 'valid' } as const;
    await accounts.put({ ...agreed, memberId: 'M1001', account: 'ZM1' }, { payer: 'user:2088000000000001' });
    await accounts.put({ ...agreed, memberId: 'M1002', account: 'ZM2' }, { payer: 'open:o-li' });
    const phone = phoneBrowser(operator);
    const welcome = { providers: [{ provider: 'alipay', app: 'alipay' }], contact: null };
    expect(await phone.call('welcome', undefined)).toEqual({ ok: true, value: welcome });
    const wang = await begin(phone, { user_id: '2088000000000001' });
    expect(await phone.call('endProvider', wang)).toMatchObject({
      value: { signedIn: true, session: { memberId: 'M1001' } },
    });
    const other = phoneBrowser(operator);
    const li = await begin(other, { user_id: '2088000000000009', open_id: 'o-li' });
    expect(await other.call('endProvider', li)).toMatchObject({
      value: { signedIn: true, session: { memberId: 'M1002' } },
    });
    const stranger = phoneBrowser(operator);
    // Whose open id reads like somebody's number, or whose number like an agreement.
    for (const said of [{ open_id: '2088000000000001' }, { user_id: 'ZM1' }, { user_id: '2088000000000002' }])
      expect(await stranger.call('endProvider', await begin(stranger, said))).toEqual(
        refused('unknown_account'),
      );
    await accounts.setAgreement('ZM1', 'ended');
    const gone = await begin(stranger, { user_id: '2088000000000001' });
    expect(await stranger.call('endProvider', gone)).toEqual(refused('unknown_account'));
    await operator.close();
  });

  it('is of who agreed by a sign-up, and another account forgets who had the one before', async () => {
    const { operator, db, clock, adapter } = await start();
    assert(adapter.signUp !== undefined, 'members agree here');
    const begun = await adapter.signUp.begin({
      ...{ signUpId: '01J0000000000000000000000A', memberId: 'M1001', account: null, attempt: 0 },
      endsAtMs: clock.nowMs() + 1e6,
    });
    assert(begun.kind === 'begun' && begun.page.kind === 'alipay', 'there is something to open');
    rig.server.sign(begun.page.orderString, '2088000000000077');
    const looked = await adapter.signUp.look('01J0000000000000000000000A');
    assert(looked.kind === 'valid', JSON.stringify(looked));
    expect(looked.payer).toBe('user:2088000000000077');
    const accounts = new StoredAccounts(db, clock, 'alipay');
    const { account, payer = null } = looked;
    await accounts.put({ memberId: 'M1001', account, agreement: 'valid' }, { isNew: true, payer });
    const of = async () => (await db.select().from(providerAccount)).map((row) => row.payer);
    expect(await of()).toEqual(['user:2088000000000077']);
    // Told again, without a word about who it is.
    await accounts.put({ memberId: 'M1001', account, agreement: 'valid' }, { isNew: true });
    expect(await of()).toEqual(['user:2088000000000077']);
    await accounts.put({ memberId: 'M1001', account: 'ZM-other', agreement: 'valid' });
    expect(await of()).toEqual([null]);
    await operator.close();
  });

  it('takes a code once, and nothing that Alipay has not signed', async () => {
    const { operator, db, clock } = await start();
    const agreed = { memberId: 'M1001', account: 'ZM1', agreement: 'valid' } as const;
    await new StoredAccounts(db, clock, 'alipay').put(agreed, { payer: 'user:2088000000000001' });
    const wang = { user_id: '2088000000000001' };
    const phone = phoneBrowser(operator);
    const used = await begin(phone, wang);
    expect(await phone.call('endProvider', used)).toMatchObject({ value: { signedIn: true } });
    const again = await begin(phone, wang);
    expect(await phone.call('endProvider', { ...again, code: used.code })).toEqual(refused('declined'));
    for (const kind of ['unsigned', 'foreign_key', 'altered', 'drop'] as const) {
      const begun = await begin(phone, wang);
      rig.server.faults.next('oauthToken', { kind });
      expect(await phone.call('endProvider', begun)).toEqual(refused('provider_away'));
    }
    const nobody = await begin(phone, {});
    expect(await phone.call('endProvider', nobody)).toEqual(refused('provider_away'));
    await operator.close();
  });
});
