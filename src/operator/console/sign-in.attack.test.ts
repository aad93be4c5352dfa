import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { consoleRoutes } from '../../shared/console/routes.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { brokenActOf } from '../staff/act-log.ts';
import { sessionIdleMaxMs, sessionMaxMs, staffTokenLifetimeMs } from '../staff/limits.ts';
import { firstToken } from '../staff/accounts.ts';
import { StaffKeys } from '../staff/seal.ts';
import { staffAccount, staffAct, staffSession } from '../storage/schema.ts';

onStorage('who comes into the console', (harness) => {
  const people = () => new ConsolePeople(harness());
  const wait = (ms: number): void => harness().clock.skip(ms);
  const stepMs = 30_000;

  it('begins with a token that is good once, and nobody has a default password', async () => {
    const { staff } = harness().operator;
    const older = await firstToken(staff);
    const newer = await firstToken(staff);
    const browser = people().browser();
    expect(await browser.call('lookInvitation', { token: older?.token ?? '' })).toMatchObject({
      status: 404,
    });
    const { person, session } = await people().accept(browser, newer?.token ?? '', 'anna');
    expect(session).toMatchObject({ name: 'anna', role: 'admin', recoveryCodesLeft: 10 });
    expect(await firstToken(staff)).toBeNull();
    const again = { token: newer?.token ?? '', name: 'eve', password: person.password, code: '123456' };
    expect(await browser.call('acceptInvitation', again)).toMatchObject({ status: 404 });
    const [row] = await harness().db.select().from(staffAccount);
    expect(JSON.stringify(row)).not.toContain(person.password);
    expect(row?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('takes no token that is too old', async () => {
    const given = await firstToken(harness().operator.staff);
    wait(staffTokenLifetimeMs);
    const looked = await people()
      .browser()
      .call('lookInvitation', { token: given?.token ?? '' });
    expect(looked).toMatchObject({ status: 404 });
  });

  it('asks for name, password and code, says the same to whatever is wrong, with the same work', async () => {
    const { person } = await people().first();
    const { passwords } = harness().operator.staff;
    wait(stepMs * 3);
    const tries = [{ ...person, name: 'nobody' }, { ...person, password: 'another long password' }, person];
    const answers = [];
    for (const one of tries) {
      const before = passwords.hashCount;
      const code = one === person ? '000000' : people().codeOf(person);
      answers.push(await people().browser().signIn(one, code));
      expect(passwords.hashCount - before).toBe(1);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401 });
    expect(await people().browser().signIn(person, people().codeOf(person))).toMatchObject({ ok: true });
  });

  it('takes each code once, of the authenticator and for recovery', async () => {
    const { person, session } = await people().first();
    wait(stepMs * 3);
    const code = people().codeOf(person);
    expect(await people().browser().signIn(person, code)).toMatchObject({ ok: true });
    expect(await people().browser().signIn(person, code)).toMatchObject({ status: 401 });
    // An older one that was never used counts no more, either.
    expect(await people().browser().signIn(person, people().codeOf(person, -1))).toMatchObject({
      status: 401,
    });
    const [recovery = ''] = session.recoveryCodes;
    const typed = recovery.toUpperCase().replaceAll('-', ' ');
    expect(await people().browser().signIn(person, typed)).toMatchObject({ value: { recoveryCodesLeft: 9 } });
    expect(await people().browser().signIn(person, recovery)).toMatchObject({ status: 401 });
  });

  it('keeps nobody out until a time to which the clock had jumped, and takes no code twice for it', async () => {
    const { person } = await people().first();
    wait(stepMs * 3);
    harness().clock.jumpWall(86_400_000);
    expect(await people().browser().signIn(person, people().codeOf(person))).toMatchObject({ ok: true });
    harness().clock.jumpWall(-86_400_000);
    const code = people().codeOf(person);
    expect(await people().browser().signIn(person, code)).toMatchObject({ ok: true });
    expect(await people().browser().signIn(person, code)).toMatchObject({ status: 401 });
  });

  it('nor does it keep a session open until then, which somebody may have stolen', async () => {
    const { person } = await people().first();
    harness().clock.jumpWall(365 * 86_400_000);
    const browser = people().browser();
    expect(await browser.signIn(person, people().codeOf(person))).toMatchObject({ ok: true });
    harness().clock.jumpWall(-365 * 86_400_000);
    wait(sessionMaxMs);
    expect(await browser.call('session', undefined)).toMatchObject({ status: 401 });
  });

  it('lets two sign in with one code side by side once', async () => {
    const { person } = await people().first();
    wait(stepMs * 3);
    const code = people().codeOf(person);
    const both = [people().browser().signIn(person, code), people().browser().signIn(person, code)];
    expect((await Promise.all(both)).filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('gives cookies that scripts and other sites do not get, and stores neither token', async () => {
    const { browser } = await people().first();
    expect([...browser.cookies.keys()]).toEqual(['__Host-kaimen-session', '__Host-kaimen-device']);
    const given = await firstToken(harness().operator.staff);
    expect(given).toBeNull();
    const rows = JSON.stringify(await harness().db.select().from(staffSession));
    for (const value of browser.cookies.values()) expect(rows).not.toContain(value);
    const response = await browser.raw('POST', '/api/sign-out');
    expect(String(response.headers['set-cookie'])).toContain('HttpOnly; Secure; SameSite=Strict');
  });

  it('ends a session that is idle, or too old, or signed out of, also for whoever has stolen its cookie', async () => {
    const { browser, person } = await people().first();
    const thief = people().browser();
    const steal = () => {
      for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
      thief.csrf = browser.csrf;
    };
    steal();
    expect(await thief.call('session', undefined)).toMatchObject({ ok: true });
    expect(await browser.call('signOut', undefined)).toMatchObject({ ok: true });
    expect(await thief.call('session', undefined)).toMatchObject({ status: 401 });
    wait(stepMs * 3);
    await browser.signIn(person, people().codeOf(person));
    wait(sessionIdleMaxMs);
    expect(await browser.call('session', undefined)).toMatchObject({ status: 401 });
    await browser.signIn(person, people().codeOf(person));
    for (let ms = 0; ms < sessionMaxMs - sessionIdleMaxMs / 2; ms += sessionIdleMaxMs / 2) {
      expect(await browser.call('session', undefined)).toMatchObject({ ok: true });
      wait(sessionIdleMaxMs / 2);
    }
    wait(sessionIdleMaxMs / 2);
    expect(await browser.call('session', undefined)).toMatchObject({ status: 401 });
  });

  it('takes nothing from another site, nor without the token that its page was told', async () => {
    const { browser } = await people().first();
    const invite = () => browser.call('invite', { name: 'eve', role: 'admin', reason: 'because' });
    const own = browser.headers;
    const withoutOrigin = Object.fromEntries(Object.entries(own).filter(([name]) => name !== 'origin'));
    const others: Record<string, string>[] = [
      { ...own, origin: 'https://evil.example' },
      { ...own, origin: 'null' },
      { ...own, origin: 'https://console.example.evil.example' },
      { ...own, 'sec-fetch-site': 'cross-site' },
      { ...own, 'sec-fetch-site': 'same-site' },
      withoutOrigin,
    ];
    for (const headers of others) {
      browser.headers = headers;
      expect(await invite()).toMatchObject({ status: 403, error: { error: 'other_origin' } });
    }
    browser.headers = own;
    const token = browser.csrf;
    for (const csrf of [null, 'x', `${token ?? ''}x`]) {
      browser.csrf = csrf;
      expect(await invite()).toMatchObject({ status: 403, error: { error: 'other_origin' } });
    }
    browser.csrf = token;
    const form = await harness().operator.consoleApi.inject({
      ...{ method: 'POST', url: '/api/sign-in' },
      headers: { ...own, 'content-type': 'text/plain' },
      payload: '{}',
    });
    expect(form.statusCode).toBe(400);
    expect(await invite()).toMatchObject({ ok: true });
  });

  it('lets nobody do what their role does not allow', async () => {
    const { browser } = await people().first();
    const support = await people().another(browser, 'ben', 'support');
    const staffRoutes = Object.entries(consoleRoutes).filter(([, { access }]) => access === 'staff');
    expect(staffRoutes.length).toBeGreaterThan(3);
    for (const [, { method, path }] of staffRoutes) {
      const response = await support.browser.raw(
        method,
        path.replace(':accountId', 'x'),
        method === 'GET' ? undefined : '{}',
      );
      expect(response.statusCode).toBe(403);
      // Nor somebody who is not there.
      expect((await people().browser().raw(method, path)).statusCode).toBe(401);
    }
  });

  it('ends what somebody had with a change of their role, password or account', async () => {
    const admin = await people().first();
    const ben = await people().another(admin.browser, 'ben', 'admin');
    const { accountId } = ben.session;
    const ofBen = { accountId };
    const reason = 'moves to support';
    const version = await admin.browser.seenVersion(accountId);
    expect(await admin.browser.call('changeRole', { role: 'support', reason, version }, ofBen)).toMatchObject(
      {
        ok: true,
      },
    );
    expect(await ben.browser.call('staff', undefined)).toMatchObject({ status: 401 });
    wait(stepMs * 3);
    expect(await ben.browser.signIn(ben.person, people().codeOf(ben.person))).toMatchObject({
      value: { role: 'support', rights: ['read', 'decide', 'member'] },
    });
    const elsewhere = people().browser();
    wait(stepMs * 3);
    await elsewhere.signIn(ben.person, people().codeOf(ben.person));
    wait(stepMs * 3);
    const { password } = ben.person;
    const next = 'a new and longer password';
    const wrong = { password: 'not this one', next, code: people().codeOf(ben.person) };
    expect(await ben.browser.call('changePassword', wrong)).toMatchObject({ status: 403 });
    const right = { password, next, code: people().codeOf(ben.person) };
    expect(await ben.browser.call('changePassword', right)).toMatchObject({ ok: true });
    expect(await elsewhere.call('session', undefined)).toMatchObject({ status: 401 });
    expect(await ben.browser.call('session', undefined)).toMatchObject({ ok: true });
    const left = { reason: 'has left', version: await admin.browser.seenVersion(accountId) };
    await admin.browser.call('disableAccount', left, ofBen);
    expect(await ben.browser.call('session', undefined)).toMatchObject({ status: 401 });
    wait(stepMs * 3);
    const back = await ben.browser.signIn({ ...ben.person, password: next }, people().codeOf(ben.person));
    expect(back).toMatchObject({ status: 401 });
  });

  it('keeps one administrator', async () => {
    const admin = await people().first();
    const own = { accountId: admin.session.accountId };
    const reason = 'no more of this';
    const said = { reason, version: await admin.browser.seenVersion(own.accountId) };
    for (const done of [
      admin.browser.call('changeRole', { role: 'support', ...said }, own),
      admin.browser.call('disableAccount', said, own),
    ])
      expect(await done).toMatchObject({
        error: { message: expect.stringContaining('nobody would be left') as unknown },
      });
  });

  it('stops whoever guesses, and shuts out nobody who has been here before', async () => {
    const { browser, person } = await people().first();
    const { passwords } = harness().operator.staff;
    wait(stepMs * 3);
    const statuses = [];
    const before = passwords.hashCount;
    for (let i = 0; i < 60; i++) {
      const stranger = people().browser();
      stranger.address = `198.51.100.${i}`;
      const answer = await stranger.signIn({ ...person, password: 'guessed' }, '000000');
      statuses.push(answer.ok ? 200 : answer.status);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.at(-1)).toBe(429);
    expect(passwords.hashCount - before).toBe(10);
    // From a browser that is not known, not now …
    const fresh = people().browser();
    expect(await fresh.signIn(person, people().codeOf(person))).toMatchObject({
      status: 429,
      error: { retryAfterS: 30 },
    });
    // … from the one of before at once, …
    browser.cookies.delete('__Host-kaimen-session');
    expect(await browser.signIn(person, people().codeOf(person))).toMatchObject({ ok: true });
    // … and in half a minute from any.
    await harness().pass(stepMs);
    expect(await fresh.signIn(person, people().codeOf(person))).toMatchObject({ ok: true });
  });

  it('hashes a few at once, however many come', async () => {
    await people().first();
    const tries = Array.from({ length: 40 }, (_, i) => {
      const stranger = people().browser();
      stranger.address = `192.0.2.${i}`;
      return stranger.call('signIn', { name: `somebody${i}`, password: 'x', code: '000000' });
    });
    const answers = await Promise.all(tries);
    const statuses = answers.map((answer) => (answer.ok ? 200 : answer.status));
    expect(statuses.every((status) => status === 401 || status === 429)).toBe(true);
    expect(statuses).toContain(401);
  });

  it('has on record who changed whose account, in a log that shows what was changed in it', async () => {
    const admin = await people().first();
    await people().another(admin.browser, 'ben', 'support');
    const { db, operator } = harness();
    const { logKey } = operator.staff.keys;
    const acts = await db.select().from(staffAct).orderBy(staffAct.seq);
    expect(acts.map(({ act, actor }) => [act, actor])).toEqual([
      ['staff_accept', 'anna'],
      ['staff_invite', 'anna'],
      ['staff_accept', 'ben'],
      ['staff_confirm_on_server', 'server: test'],
    ]);
    expect(await brokenActOf(db, logKey)).toBeNull();
    expect(await brokenActOf(db, new StaffKeys('another secret of thirty-two characters').logKey)).toBe(1);
    await expect(db.update(staffAct).set({ reason: 'x' })).rejects.toThrow();
    await expect(db.delete(staffAct)).rejects.toThrow();
    // Not even by whoever may do anything in the database.
    await db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('session_replication_role', 'replica', true)`);
      await tx.update(staffAct).set({ actor: 'eve' }).where(eq(staffAct.seq, 2));
    });
    expect(await brokenActOf(db, logKey)).toBe(2);
  });

  it('seals what authenticators share, where there is a secret', () => {
    const keys = new StaffKeys('a secret of at least thirty-two characters');
    const secret = Buffer.from('12345678901234567890');
    const sealed = keys.seal(secret, 'A');
    expect(sealed).not.toContain(secret.toString('base64url'));
    expect(keys.open(sealed, 'A')).toEqual(secret);
    expect(keys.open(sealed, 'B')).toBeNull();
    expect(new StaffKeys('another secret of thirty-two characters').open(sealed, 'A')).toBeNull();
    expect(new StaffKeys(null).open(sealed, 'A')).toBeNull();
    expect(keys.open(new StaffKeys(null).seal(secret, 'A'), 'A')).toEqual(secret);
  });

  it('says with everything what a page may do, and keeps no answer', async () => {
    const response = await people().browser().raw('GET', '/api/session');
    expect(response.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(String(response.headers['content-security-policy'])).toContain("frame-ancestors 'none'");
  });
});
