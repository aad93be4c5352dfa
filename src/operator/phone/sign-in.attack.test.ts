import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { phonePagePath } from '../../shared/phone/calls.ts';
import type { PhoneBrowser } from '../../testkit/operator/phone-browser.ts';
import { newLink, phoneBrowser, phoneHost, signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { member, memberLink, phoneSession } from '../storage/schema.ts';
import {
  linkLifetimeMs,
  linksOfMemberMax,
  phoneLookups,
  phoneSessionIdleMaxMs,
  phoneSessionMaxMs,
  phoneSessionsMax,
} from './limits.ts';

const refused = (status: number, error: string) => ({ ok: false, status, error: { error } });
const notSignedIn = refused(401, 'unauthenticated');

onStorage('signing in on a phone, and strangers', (harness) => {
  it('lets in whoever has the link first, once, and says who they are', async () => {
    const operator = harness();
    const token = await newLink(operator);
    const phone = phoneBrowser(operator);
    expect(await phone.call('session', undefined)).toMatchObject(notSignedIn);
    expect(await phone.signIn(token)).toMatchObject({ memberId: 'M1001', display: '王*', refused: null });
    expect(await phone.call('session', undefined)).toMatchObject({ ok: true, value: { memberId: 'M1001' } });
    // Neither the link nor the session is in the database: only what they hash to.
    const kept = JSON.stringify([
      await operator.db.select().from(memberLink),
      await operator.db.select().from(phoneSession),
    ]);
    expect(kept).not.toContain(token);
    for (const secret of phone.cookies.values()) expect(kept).not.toContain(secret);
  });

  it('is used up by a touch alone: what only fetches the address (a preview) takes nothing from anybody', async () => {
    const operator = harness();
    const token = await newLink(operator);
    const preview = phoneBrowser(operator);
    preview.headers = { host: phoneHost };
    for (const path of [`in?${token}`, 'api/link', 'api/link/use'])
      await preview.raw('GET', `${phonePagePath}${path}`);
    await phoneBrowser(operator).signIn(token);
  });

  it('is good in the browser that has opened it first, and tells another one nothing of the member', async () => {
    const operator = harness();
    const token = await newLink(operator);
    const [shopper, stranger] = [phoneBrowser(operator), phoneBrowser(operator)];
    expect(await shopper.call('openLink', { token })).toMatchObject({ value: { state: 'ready' } });
    const elsewhere = { signedIn: false, reason: 'elsewhere' };
    // Without having opened it, and after.
    expect(await stranger.call('useLink', { token })).toMatchObject({ ok: true, value: elsewhere });
    const opened = await stranger.call('openLink', { token });
    expect(opened).toEqual({ ok: true, value: { state: 'elsewhere' } });
    expect(await stranger.call('useLink', { token })).toEqual({ ok: true, value: elsewhere });
    await shopper.signIn(token);
    const used = await stranger.call('openLink', { token });
    expect(used).toEqual({ ok: true, value: { state: 'used' } });
    expect(await stranger.call('useLink', { token })).toEqual({
      ok: true,
      value: { signedIn: false, reason: 'used' },
    });
    expect(await stranger.call('session', undefined)).toMatchObject(notSignedIn);
  });

  it('lets one of many in who use the same link at once', async () => {
    const operator = harness();
    const token = await newLink(operator);
    const phone = phoneBrowser(operator);
    await phone.call('openLink', { token });
    const answers = await Promise.all(Array.from({ length: 6 }, () => phone.call('useLink', { token })));
    expect(answers.filter((one) => one.ok && one.value.signedIn)).toHaveLength(1);
    expect(await operator.db.select().from(phoneSession)).toHaveLength(1);
  });

  it('is worth nothing after its time, nor one that nobody has made; the oldest of too many ends', async () => {
    const operator = harness();
    const first = await newLink(operator);
    const others: string[] = [];
    const phone = phoneBrowser(operator);
    for (let i = 0; i < linksOfMemberMax; i++) {
      operator.clock.jumpWall(1);
      others.push(await newLink(operator));
    }
    const stateOf = async (token = '') => {
      const opened = await phone.call('openLink', { token });
      return opened.ok ? opened.value.state : opened.error.error;
    };
    expect(await stateOf(first)).toBe('over');
    expect(await stateOf(others[0])).toBe('ready');
    operator.clock.jumpWall(linkLifetimeMs + 1);
    expect(await stateOf(others[0])).toBe('over');
    expect(await phone.call('useLink', { token: others[0] ?? '' })).toMatchObject({
      value: { signedIn: false, reason: 'over' },
    });
    expect(await stateOf('A'.repeat(43))).toBe('over');
    expect(await stateOf('short')).toBe('bad_request');
  });

  it('gives cookies that no script, no other site and no plain connection gets', async () => {
    const operator = harness();
    const phone = phoneBrowser(operator);
    const token = await newLink(operator);
    const opened = await phone.raw('POST', `${phonePagePath}api/link`, JSON.stringify({ token }));
    expect(String(opened.headers['set-cookie'])).toMatch(
      /^__Host-kaimen-phone-browser=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const used = await phone.raw('POST', `${phonePagePath}api/link/use`, JSON.stringify({ token }));
    expect(String(used.headers['set-cookie'])).toMatch(
      /__Host-kaimen-phone-session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(used.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(String(used.headers['content-security-policy'])).toContain("default-src 'none'");
  });

  it('takes nothing that another site has a browser send', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const { headers, csrf } = phone;
    const otherOrigin = refused(403, 'other_origin');
    const code = { purpose: 'visit' } as const;
    for (const from of [
      { ...headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { ...headers, origin: 'null' },
      { host: phoneHost, 'sec-fetch-site': 'cross-site' },
      { host: phoneHost },
    ]) {
      phone.headers = from;
      expect(await phone.call('memberCode', code)).toMatchObject(otherOrigin);
      expect(await phone.call('openLink', { token: 'A'.repeat(43) })).toMatchObject(otherOrigin);
    }
    phone.headers = headers;
    for (const wrong of [null, 'x', `${csrf}x`]) {
      phone.csrf = wrong;
      expect(await phone.call('memberCode', code)).toMatchObject(otherOrigin);
    }
    phone.csrf = csrf;
    expect((await phone.call('memberCode', code)).ok).toBe(true);
  });

  it('a stolen cookie is worth nothing once its owner has signed out, here or everywhere', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const thief = phoneBrowser(operator);
    for (const [name, value] of phone.cookies) thief.cookies.set(name, value);
    expect((await thief.call('session', undefined)).ok).toBe(true);
    expect(await phone.call('signOut', undefined)).toMatchObject({ ok: true });
    expect(await thief.call('session', undefined)).toMatchObject(notSignedIn);

    // It has looked at a link of its owner's, and kept it for later.
    const kept = await newLink(operator);
    await thief.call('openLink', { token: kept });
    const [one, two, other] = [
      (await signedInPhone(operator)).phone,
      (await signedInPhone(operator)).phone,
      (await signedInPhone(operator, 'M1002')).phone,
    ];
    expect(await one.call('signOutEverywhere', undefined)).toMatchObject({ ok: true });
    expect(await two.call('session', undefined)).toMatchObject(notSignedIn);
    expect((await other.call('session', undefined)).ok).toBe(true);
    expect(await thief.call('useLink', { token: kept })).toMatchObject({
      value: { signedIn: false, reason: 'over' },
    });
  });

  it('a session ends when nobody comes, after its time whoever comes, and with a newer one too many', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    operator.clock.jumpWall(phoneSessionIdleMaxMs - 1);
    expect((await phone.call('session', undefined)).ok).toBe(true);
    operator.clock.jumpWall(phoneSessionIdleMaxMs);
    expect(await phone.call('session', undefined)).toMatchObject(notSignedIn);

    const second = (await signedInPhone(operator)).phone;
    for (let passedMs = 0; passedMs < phoneSessionMaxMs - phoneSessionIdleMaxMs;) {
      operator.clock.jumpWall(phoneSessionIdleMaxMs - 1);
      passedMs += phoneSessionIdleMaxMs - 1;
      expect((await second.call('session', undefined)).ok).toBe(true);
    }
    operator.clock.jumpWall(phoneSessionIdleMaxMs - 1);
    expect(await second.call('session', undefined)).toMatchObject(notSignedIn);

    const oldest = (await signedInPhone(operator)).phone;
    const more: PhoneBrowser[] = [];
    for (let i = 0; i < phoneSessionsMax; i++) {
      operator.clock.jumpWall(1);
      more.push((await signedInPhone(operator)).phone);
    }
    expect(await oldest.call('session', undefined)).toMatchObject(notSignedIn);
    expect((await more[0]?.call('session', undefined))?.ok).toBe(true);
  });

  it('reads with each request how the member stands: suspended, they see why, and no door opens', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    await operator.db.update(member).set({ standing: 'suspended' }).where(eq(member.memberId, 'M1001'));
    expect(await phone.call('session', undefined)).toMatchObject({
      value: { refused: 'account.suspended' },
    });
    const code = await phone.call('memberCode', {});
    expect(code.ok && code.value.code).toMatch(/^KM1\.M1001\./);
  });

  it('a new member at the same phone is no more the one before', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const before = new Map(phone.cookies);
    await phone.signIn(await newLink(operator, 'M1002'));
    expect(await phone.call('session', undefined)).toMatchObject({ value: { memberId: 'M1002' } });
    const old = phoneBrowser(operator);
    for (const [name, value] of before) old.cookies.set(name, value);
    expect(await old.call('session', undefined)).toMatchObject(notSignedIn);
  });

  it('keeps nobody out for what a stranger sends, also behind the proxy that all come through', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const stranger = phoneBrowser(operator);
    const guess = (i: number) => stranger.call('openLink', { token: String(i).padStart(43, 'x') });
    const statuses = new Set<number>();
    for (let i = 0; i < 80; i++) {
      const guessed = await guess(i);
      statuses.add(guessed.ok ? 200 : guessed.status);
    }
    // From an address of their own they are slowed down.
    expect(statuses).toEqual(new Set([200, 429]));
    expect((await phone.call('session', undefined)).ok).toBe(true);
    for (const one of [stranger, phone]) one.address = '127.0.0.1';
    const cookies = stranger.cookies;
    const floods = Array.from({ length: 150 }, (_, i) => {
      cookies.set('__Host-kaimen-phone-session', String(i).padStart(43, 'y'));
      return i % 2 === 0 ? guess(i) : stranger.call('session', undefined);
    });
    expect((await phone.call('session', undefined)).ok).toBe(true);
    await Promise.all(floods);
    const newcomer = phoneBrowser(operator);
    newcomer.address = '127.0.0.1';
    await newcomer.signIn(await newLink(operator, 'M1002'));
  });

  it.each(['198.51.100.9', '127.0.0.1'])(
    'keeps nobody out who is signed in, with more made-up sessions from %s than may wait',
    async (address) => {
      const operator = harness();
      const { phone } = await signedInPhone(operator);
      expect((await phone.call('session', undefined)).ok).toBe(true);
      const strangers = Array.from({ length: phoneLookups.max + phoneLookups.waitMax + 50 }, (_, i) => {
        const stranger = phoneBrowser(operator);
        stranger.address = address;
        stranger.cookies.set('__Host-kaimen-phone-session', String(i).padStart(43, 'y'));
        return stranger.call('session', undefined);
      });
      phone.address = address;
      expect(await phone.call('session', undefined)).toMatchObject({ ok: true });
      const statuses = (await Promise.all(strangers)).map((one) => (one.ok ? 200 : one.status));
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
    },
  );

  it('slows down a member whose page asks without an end, and nobody else', async () => {
    const operator = harness();
    const [{ phone }, other] = [await signedInPhone(operator), await signedInPhone(operator, 'M1002')];
    const statuses = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const asked = await phone.call('session', undefined);
      statuses.add(asked.ok ? 200 : asked.status);
    }
    expect(statuses).toEqual(new Set([200, 429]));
    expect((await other.phone.call('session', undefined)).ok).toBe(true);
  });
});
