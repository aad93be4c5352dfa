import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { staffListLifeMs } from '../../shared/model/service.ts';
import { readServiceCode } from '../../shared/node/service-code.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { Passwords } from '../staff/password.ts';
import { StaffKeys } from '../staff/seal.ts';
import { cabinetStaff, staffAct } from '../storage/schema.ts';
import { staffListOf } from './cabinet-staff.ts';

onStorage('who opens service mode at cabinets', (harness) => {
  const reason = 'he begins on Monday';
  const li = { name: 'Li', role: 'restocker', cabinets: null, reason, version: null } as const;
  const cabinetId = 'CAB-7';
  const keys = new StaffKeys(null);
  const listOf = async (id = cabinetId) => {
    const { db, clock } = harness();
    const list = await staffListOf({ db, clock, keys }, id);
    assert(list !== null, 'there is a list');
    return { list };
  };
  const seen = async (browser: ConsoleBrowser, staffNo = '4410') => {
    const all = await browser.call('cabinetStaff', undefined);
    return (all.ok ? all.value.find((one) => one.staffNo === staffNo)?.version : undefined) ?? '';
  };
  const people = async () => (await new ConsolePeople(harness()).first()).browser;

  it('is said by the console; each change is a newer list, and on record without any PIN', async () => {
    const browser = await people();
    const versions = [(await listOf()).list.version];
    expect(await browser.call('setCabinetStaff', li, { staffNo: '4410' })).toMatchObject({ ok: true });
    versions.push((await listOf()).list.version);
    const said = { reason, version: await seen(browser) };
    const given = await browser.call('givePin', said, { staffNo: '4410' });
    assert(given.ok, 'a PIN is given');
    const { pin, duressPin } = given.value;
    expect(pin).toMatch(/^\d{12}$/);
    expect(duressPin).not.toBe(pin);
    const { list } = await listOf();
    versions.push(list.version);
    const [told] = list.staff;
    const passwords = new Passwords();
    expect(await passwords.isIt(pin, told?.pinHash ?? null)).toBe(true);
    expect(await passwords.isIt(duressPin, told?.duressHash ?? null)).toBe(true);
    expect(told).toMatchObject({ staffNo: '4410', name: 'Li', role: 'restocker', pinVersion: 1 });
    const gone = { reason, version: await seen(browser) };
    expect(await browser.call('removeCabinetStaff', gone, { staffNo: '4410' })).toMatchObject({ ok: true });
    const after = (await listOf()).list;
    expect(after.staff).toEqual([]);
    versions.push(after.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const { db } = harness();
    const acts = await db.select().from(staffAct);
    const done = acts.filter(({ subject }) => subject === 'cabinet_staff:4410').map(({ act }) => act);
    expect(done).toEqual(['cabinet_staff_set', 'cabinet_staff_pin', 'cabinet_staff_remove']);
    const kept = JSON.stringify([acts, await db.select().from(cabinetStaff)]);
    for (const secret of [pin, duressPin]) expect(kept).not.toContain(secret);
  });

  it('is told to each cabinet alone: who works there, with a key that no other cabinet has', async () => {
    const browser = await people();
    await browser.call('setCabinetStaff', { ...li, cabinets: ['CAB-7'] }, { staffNo: '4410' });
    const [seven, eight] = [await listOf('CAB-7'), await listOf('CAB-8')];
    expect(seven.list.staff.map(({ staffNo }) => staffNo)).toEqual(['4410']);
    expect(eight.list.staff).toEqual([]);
    expect(seven.list.codeKey).not.toBe(eight.list.codeKey);
    expect(seven.list.expiresAtMs - seven.list.issuedAtMs).toBe(staffListLifeMs);
    expect(await listOf('CAB-7')).toEqual(seven);
  });

  it('comes in without a PIN by a code for one cabinet and one person, numbered, and on record', async () => {
    const browser = await people();
    await browser.call('cabinetToken', { reason, version: null }, { cabinetId });
    await browser.call('setCabinetStaff', li, { staffNo: '4410' });
    const { codeKey } = (await listOf()).list;
    const serials: number[] = [];
    for (let i = 0; i < 3; i++) {
      const given = await browser.call('serviceCode', { cabinetId, reason }, { staffNo: '4410' });
      assert(given.ok, 'a code is given');
      const { code, goodUntilMs } = given.value;
      const read = readServiceCode({ codeKey, cabinetId, staffNo: '4410' }, code);
      assert(read !== null, 'it is one');
      expect((read.lastDay + 1) * 86_400_000).toBe(goodUntilMs);
      serials.push(read.serial);
      expect(readServiceCode({ codeKey, cabinetId, staffNo: '4411' }, code)).toBeNull();
      expect(readServiceCode({ codeKey, cabinetId: 'CAB-8', staffNo: '4410' }, code)).toBeNull();
      expect(JSON.stringify(await harness().db.select().from(staffAct))).not.toContain(code);
    }
    expect(serials[1]).toBe((serials[0] ?? 0) + 1);
    expect(serials[2]).toBe((serials[0] ?? 0) + 2);
    for (const [staffNo, id] of [
      ['9999', cabinetId],
      ['4410', 'CAB-99'],
    ] as const)
      expect(await browser.call('serviceCode', { cabinetId: id, reason }, { staffNo })).toMatchObject({
        status: 404,
      });
  });

  it('is changed by whoever has seen them as they are: nobody is overwritten unseen', async () => {
    const browser = await people();
    const params = { staffNo: '4410' };
    expect(await browser.call('setCabinetStaff', li, params)).toMatchObject({ ok: true });
    // Somebody else gives the same number to another person.
    expect(await browser.call('setCabinetStaff', { ...li, name: 'Wu' }, params)).toMatchObject({
      status: 409,
    });
    const version = await seen(browser);
    const other = { ...li, role: 'technician', version } as const;
    expect(await browser.call('setCabinetStaff', other, params)).toMatchObject({ ok: true });
    for (const done of [
      browser.call('setCabinetStaff', { ...li, version }, params),
      browser.call('givePin', { reason, version }, params),
      browser.call('removeCabinetStaff', { reason, version }, params),
    ])
      expect(await done).toMatchObject({ status: 409 });
    expect(await browser.call('cabinetStaff', undefined)).toMatchObject({
      value: [{ name: 'Li', role: 'technician', isActive: true, hasPin: false }],
    });
  });

  it('is changed by administrators of the console alone', async () => {
    const all = new ConsolePeople(harness());
    const { browser } = await all.first();
    await browser.call('setCabinetStaff', li, { staffNo: '4410' });
    for (const role of ['support', 'finance', 'auditor'] as const) {
      const other = await all.another(browser, `a-${role}`, role);
      for (const asked of [
        other.browser.call('cabinetStaff', undefined),
        other.browser.call('setCabinetStaff', li, { staffNo: '4411' }),
        other.browser.call('givePin', { reason, version: '' }, { staffNo: '4410' }),
        other.browser.call('removeCabinetStaff', { reason, version: '' }, { staffNo: '4410' }),
        other.browser.call('serviceCode', { cabinetId, reason }, { staffNo: '4410' }),
      ])
        expect(await asked).toMatchObject({ status: 403 });
    }
    const list = await browser.call('cabinetStaff', undefined);
    expect(list).toMatchObject({ ok: true, value: [{ staffNo: '4410', hasPin: false }] });
  });
});
