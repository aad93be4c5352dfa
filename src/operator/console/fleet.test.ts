import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { enrol } from '../fleet/enrolment.ts';
import { answerKeysOfDatabase } from '../http/answer-keys.ts';
import { enrolTokenLifetimeMs } from '../limits.ts';
import { staffAct } from '../storage/schema.ts';

onStorage('cabinets in the console', (harness) => {
  const reason = 'the new one in the lobby';

  it('are let in by a token that is said once, names the key, and stands in no log', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const given = await browser.call('cabinetToken', { reason, version: null }, { cabinetId: 'CAB-7' });
    assert(given.ok, 'a token is given');
    const { token, endsAtMs, forCabinet } = given.value;
    expect(endsAtMs).toBe(harness().clock.nowMs() + enrolTokenLifetimeMs);
    expect(JSON.parse(forCabinet)).toEqual({ cabinetId: 'CAB-7', enrolToken: token });
    expect(token.split('.')[1]).toBe((await answerKeysOfDatabase(harness().db)).publicKey);
    const seven = async () => {
      const all = await browser.call('cabinets', undefined);
      return all.ok ? all.value.find(({ cabinetId }) => cabinetId === 'CAB-7') : undefined;
    };
    expect(await seven()).toEqual({
      cabinetId: 'CAB-7',
      place: null,
      placeVersion: expect.any(String) as unknown,
      lowCount: null,
      now: null,
      at: null,
      enrolledAtMs: null,
      tokenEndsAtMs: endsAtMs,
      tokenVersion: expect.any(String) as unknown,
    });
    const { publicKey } = makeCabinet('CAB-7');
    const { db, clock } = harness();
    expect(await enrol(db, clock, { cabinetId: 'CAB-7', token, publicKey })).toMatchObject({ ok: true });
    expect(await seven()).toMatchObject({ enrolledAtMs: clock.nowMs(), tokenEndsAtMs: null });
    const acts = await db.select().from(staffAct);
    const [done] = acts.filter(({ act }) => act === 'cabinet_token');
    expect(done).toMatchObject({ actor: 'anna', subject: 'cabinet:CAB-7', reason });
    expect(JSON.stringify(acts)).not.toContain(token.slice(0, 10));
  });

  it('are given one token by two people at once: the later one looks who is let in by now', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const give = (version: string | null) =>
      browser.call('cabinetToken', { reason, version }, { cabinetId: 'CAB-7' });
    const seen = async (): Promise<string> => {
      const all = await browser.call('cabinets', undefined);
      const seven = all.ok ? all.value.find(({ cabinetId }) => cabinetId === 'CAB-7') : undefined;
      assert(seven !== undefined, 'it is listed');
      return seven.tokenVersion;
    };
    expect(await give(null)).toMatchObject({ ok: true });
    // "A new cabinet" says somebody of one that there is.
    expect(await give(null)).toMatchObject({ status: 409 });
    const version = await seen();
    const both = await Promise.all([give(version), give(version)]);
    expect(both.filter(({ ok }) => !ok)).toMatchObject([{ status: 409 }]);
    const [token] = both.flatMap((one) => (one.ok ? [one.value.token] : []));
    assert(token !== undefined, 'one of them was given');
    const open = await seen();
    const { publicKey } = makeCabinet('CAB-7');
    const { db, clock } = harness();
    expect(await enrol(db, clock, { cabinetId: 'CAB-7', token, publicKey })).toMatchObject({ ok: true });
    // It has come in meanwhile.
    expect(await give(open)).toMatchObject({ status: 409 });
    const acts = await db.select().from(staffAct);
    expect(acts.filter(({ act }) => act === 'cabinet_token')).toHaveLength(2);
  });

  it('are let in by administrators alone, who say why', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    for (const role of ['support', 'finance', 'auditor'] as const) {
      const other = await people.another(browser, `a-${role}`, role);
      const asked = await other.browser.call(
        'cabinetToken',
        { reason, version: null },
        { cabinetId: 'CAB-7' },
      );
      expect(asked).toMatchObject({ status: 403 });
      expect(await other.browser.call('cabinets', undefined)).toMatchObject({ ok: true });
    }
    for (const [why, cabinetId] of [
      ['', 'CAB-7'],
      [reason, 'cab 7'],
    ] as const)
      expect(await browser.call('cabinetToken', { reason: why, version: null }, { cabinetId })).toMatchObject(
        {
          status: 400,
        },
      );
    const all = await browser.call('cabinets', undefined);
    expect(all).toMatchObject({ value: [{ cabinetId: 'CAB-1' }] });
  });

  it('stand where somebody has said', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const place = { zh: '一号楼大堂', en: 'Lobby, building 1' };
    const at = { latitude: 31.23, longitude: 121.47 };
    const params = { cabinetId: 'CAB-1' };
    const known = await browser.call('cabinets', undefined);
    const version = (known.ok && known.value[0]?.placeVersion) || '';
    const said = { place, at, reason, version };
    expect(await browser.call('placeCabinet', said, params)).toMatchObject({ ok: true });
    // Whoever has seen it as it was before looks again.
    expect(await browser.call('placeCabinet', { ...said, at: null }, params)).toMatchObject({ status: 409 });
    expect(await browser.call('cabinets', undefined)).toMatchObject({ value: [{ ...params, place, at }] });
    const wrong = { ...said, place: { zh: '', en: 'x' } };
    expect(await browser.call('placeCabinet', wrong, params)).toMatchObject({ status: 400 });
    const nowhere = await browser.call('placeCabinet', said, { cabinetId: 'CAB-9' });
    expect(nowhere).toMatchObject({ status: 404 });
    const other = await people.another(browser, 'ben', 'support');
    const refused = await other.browser.call('placeCabinet', said, params);
    expect(refused).toMatchObject({ status: 403 });
    const acts = await harness().db.select().from(staffAct);
    expect(acts.filter(({ act }) => act === 'cabinet_place')).toHaveLength(1);
  });

  it('stand beside what else is set up', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    await people.another(browser, 'ben', 'support');
    await browser.call('cabinetToken', { reason, version: null }, { cabinetId: 'CAB-7' });
    expect(await browser.call('setUp', undefined)).toEqual({
      ok: true,
      value: {
        catalog: { version: 'test-1', currency: 'CNY', articles: 8 },
        providers: [],
        cabinets: { enrolled: 1, waiting: 1 },
        people: { active: 2, admins: 1 },
        hasMembers: true,
      },
    });
  });
});
