import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { promotionOf } from '../../testkit/core/promotions.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { rateKeysMax } from '../limits.ts';
import { brokenActOf } from '../staff/act-log.ts';
import { tokenTriesOfAddress } from '../staff/limits.ts';
import { SignInLimits } from '../staff/sign-in-limits.ts';
import { staffAct } from '../storage/schema.ts';
import { cursorText } from './cursor.ts';

onStorage('whoever sends the console what nobody types', (harness) => {
  const people = () => new ConsolePeople(harness());
  /** Half a character, which the database keeps as another, and one that it does not keep. */
  const texts = ['looked \ud800 at', 'looked \udfff at', 'looked \0 at'];

  it('breaks no seal of the log with it, behind which the next one changes what he likes', async () => {
    const { browser } = await people().first();
    const block = { kind: 'block_member', memberId: 'M1001' } as const;
    for (const reason of texts) {
      expect(await browser.call('previewAct', { act: block, reason })).toMatchObject({ status: 400 });
      const invited = { name: 'eve', role: 'support', reason } as const;
      expect(await browser.call('invite', invited)).toMatchObject({ status: 400 });
    }
    expect(await brokenActOf(harness().db, harness().operator.staff.keys.logKey)).toBeNull();
    expect(await harness().db.select().from(staffAct).where(eq(staffAct.act, 'staff_invite'))).toEqual([]);
  });

  it('writes nothing that reads otherwise than it is written: who has to agree, or shops, reads it', async () => {
    const { browser } = await people().first();
    const reason = 'looked at';
    const { cabinetId } = harness().cabinet;
    const sent = await Promise.all(
      ['abc\u202e00.1', 'abc\u2066', 'abc\u200b', 'abc\u001b[2J', 'abc\u2028def'].flatMap((text) => {
        const local = { zh: text, en: 'plain' };
        const promotions = [{ ...promotionOf('half', { kind: 'second_half', skus: ['A1'] }), name: local }];
        const block = { kind: 'block_member', memberId: 'M1001' } as const;
        return [
          browser.call('previewAct', { act: { kind: 'put_promotions', promotions }, reason }),
          browser.call('previewAct', { act: block, reason: text }),
          browser.call('invite', { name: 'eve', role: 'support', reason: text }),
          browser.call(
            'setCabinetStaff',
            { name: text, role: 'restocker', cabinets: null, reason, version: null },
            { staffNo: '4410' },
          ),
          browser.call('placeCabinet', { place: local, at: null, reason, version: '' }, { cabinetId }),
        ];
      }),
    );
    expect(sent.map((one) => (one.ok ? 200 : one.status))).toEqual(sent.map(() => 400));
  });

  it('is told that it is none of ours, wherever it stands', async () => {
    const { browser, person } = await people().first();
    const key = cursorText({ atMs: 1, key: 'charge:\0' });
    const asked = [
      `/api/charges?goods=%00`,
      `/api/charges.csv?goods=%00`,
      `/api/charges?after=${key}`,
      `/api/queue?after=${key}`,
      `/api/log?subject=%00`,
    ];
    for (const url of asked) expect([url, (await browser.raw('GET', url)).statusCode]).toEqual([url, 400]);
    const disabled = await browser.raw('POST', '/api/staff/%00/disable', '{"reason":"because","version":""}');
    expect(disabled.statusCode).toBe(400);
    const signIn = await people()
      .browser()
      .signIn({ ...person, name: 'anna\0' }, '000000');
    expect(signIn).toMatchObject({ status: 400 });
  });

  it('keeps nobody from an invitation, through the proxy that everybody comes by', async () => {
    const admin = await people().first();
    const invited = await admin.browser.call('invite', { name: 'ben', role: 'support', reason: 'new here' });
    const stranger = people().browser();
    stranger.address = '127.0.0.1';
    const statuses = [];
    for (let i = 0; i <= tokenTriesOfAddress.burst; i++) {
      const looked = await stranger.call('lookInvitation', { token: 'x'.repeat(43) });
      statuses.push(looked.ok ? 200 : looked.status);
    }
    expect(statuses.at(-1)).toBe(429);
    const ben = people().browser();
    ben.address = '127.0.0.1';
    const token = invited.ok ? invited.value.token : '';
    expect(await people().accept(ben, token, 'ben')).toMatchObject({ session: { name: 'ben' } });
  });

  it('keeps no known browser out by keeping the hashes busy', async () => {
    const { browser, person } = await people().first();
    harness().clock.skip(90_000);
    const { passwords } = harness().operator.staff;
    // As so many guesses at names that nobody has.
    const guesses = Array.from({ length: 100 }, () => passwords.isIt('x', null));
    expect(passwords.isFull).toBe(true);
    expect(await people().browser().signIn(person, '000000')).toMatchObject({ status: 429 });
    browser.cookies.delete('__Host-kaimen-session');
    expect(await browser.signIn(person, people().codeOf(person))).toMatchObject({ ok: true });
    await Promise.all(guesses);
  });

  it('has no more tries at a name by trying at many others', () => {
    const limits = new SignInLimits(harness().clock, []);
    const at = (name: string) => limits.take({ name, address: '127.0.0.1', deviceHash: null });
    while (at('anna') === 0);
    for (let i = 0; i <= rateKeysMax; i++) at(`somebody${i}`);
    expect(at('anna')).toBeGreaterThan(0);
  });
});
