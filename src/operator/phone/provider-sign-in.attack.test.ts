import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { PhoneBrowser } from '../../testkit/operator/phone-browser.ts';
import { phoneBrowser, phoneHost } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { WechatSignInServer } from '../providers/wechat/test-server/sign-in-server.ts';
import { Rig } from '../providers/wechat/test-server/rig.ts';
import { providerAccount } from '../storage/schema.ts';

const rig = new Rig();
const { appid } = rig.config;
const secret = '0123456789abcdef0123456789abcdef';
const wechat = new WechatSignInServer({ appid, secret });
let apiUrl: string;
beforeAll(async () => {
  await rig.start();
  apiUrl = await wechat.start();
});
afterAll(async () => {
  await Promise.all([rig.stop(), wechat.stop()]);
});
beforeEach(() => {
  wechat.wrong = null;
});

onStorage('signing in by what a provider says', (harness) => {
  const start = async () => {
    const operator = harness();
    const authorizeUrl = 'https://open.weixin.qq.com/connect/oauth2/authorize';
    const adapter = rig.adapter({ signIn: { secret, apiUrl, authorizeUrl } });
    const restarted = operator.restarted({
      realProviders: [adapter],
      phoneAddress: () => `https://${phoneHost}`,
    });
    const agreed = { provider: 'wechat', agreement: 'valid', changedAtMs: operator.clock.nowMs() } as const;
    await operator.db.insert(providerAccount).values([
      { ...agreed, memberId: 'M1001', account: 'openid-of-wang' },
      { ...agreed, memberId: 'M1002', account: 'openid-of-li' },
    ]);
    return restarted;
  };
  const begin = async (phone: PhoneBrowser, openid: string) => {
    const begun = await phone.call('beginProvider', { provider: 'wechat' });
    if (!begun.ok) throw new Error(begun.error.message);
    const back = wechat.open(begun.value.url, openid);
    expect(`${back.origin}${back.pathname}`).toBe(`https://${phoneHost}/m/in/provider`);
    const [code, state] = [back.searchParams.get('code') ?? '', back.searchParams.get('state') ?? ''];
    return { code, state };
  };
  const refused = (reason: string) => ({ ok: true, value: { signedIn: false, reason } });

  it('lets in the member whose valid agreement has that account, and nobody else', async () => {
    const operator = await start();
    const phone = phoneBrowser(operator);
    const welcome = { providers: [{ provider: 'wechat', app: 'wechat' }], contact: null };
    expect(await phone.call('welcome', undefined)).toEqual({ ok: true, value: welcome });
    expect(await phone.call('endProvider', await begin(phone, 'openid-of-wang'))).toMatchObject({
      value: { signedIn: true, session: { memberId: 'M1001' } },
    });
    const stranger = phoneBrowser(operator);
    expect(await stranger.call('endProvider', await begin(stranger, 'openid-of-nobody'))).toEqual(
      refused('unknown_account'),
    );
    await operator.db
      .update(providerAccount)
      .set({ agreement: 'ended' })
      .where(eq(providerAccount.memberId, 'M1002'));
    expect(await stranger.call('endProvider', await begin(stranger, 'openid-of-li'))).toEqual(
      refused('unknown_account'),
    );
    await operator.close();
  });

  it('takes back only who has gone there from this browser, and a code once', async () => {
    const operator = await start();
    const [shopper, stranger] = [phoneBrowser(operator), phoneBrowser(operator)];
    // Somebody leads a shopper back with a code of their own, so that the shopper pays by the wrong account.
    const theirs = await begin(stranger, 'openid-of-li');
    expect(await shopper.call('endProvider', theirs)).toEqual(refused('not_begun'));
    const begun = await begin(shopper, 'openid-of-wang');
    expect(await shopper.call('endProvider', { ...begun, state: theirs.state })).toEqual(
      refused('not_begun'),
    );
    const again = await begin(shopper, 'openid-of-wang');
    expect(await shopper.call('endProvider', again)).toMatchObject({ value: { signedIn: true } });
    expect(await shopper.call('endProvider', again)).toEqual(refused('not_begun'));
    const replayed = await begin(shopper, 'openid-of-wang');
    expect(await shopper.call('endProvider', { ...replayed, code: again.code })).toEqual(refused('declined'));
    await operator.close();
  });

  it.each([
    ['garbage', { status: 200, body: '<html>' }],
    ['an error of its own', { status: 500, body: '' }],
    ['another word', { status: 200, body: '{"errcode":-1,"errmsg":"system error"}' }],
    ['nobody', { status: 200, body: '{"openid":""}' }],
    ['more than there is', { status: 200, body: `{"openid":"${'x'.repeat(100_000)}"}` }],
  ])('a provider that says %s lets nobody in', async (_name, wrong) => {
    const operator = await start();
    const phone = phoneBrowser(operator);
    const begun = await begin(phone, 'openid-of-wang');
    wechat.wrong = wrong;
    expect(await phone.call('endProvider', begun)).toEqual(refused('provider_away'));
    await operator.close();
  });
});
