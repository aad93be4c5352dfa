import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { StaffKeys } from '../staff/seal.ts';
import { staffListOf } from './cabinet-staff.ts';

onStorage('whoever has stolen one cabinet, or its key', (harness) => {
  it('tries for years, ten thousand times a second, which PIN opens all others', async () => {
    const { browser } = await new ConsolePeople(harness()).first();
    const reason = 'she begins on Monday';
    const ofLi = { staffNo: '4410' };
    const li = { name: 'Li', role: 'administrator', cabinets: null, reason, version: null } as const;
    await browser.call('setCabinetStaff', li, ofLi);
    const all = await browser.call('cabinetStaff', undefined);
    const version = all.ok ? (all.value[0]?.version ?? '') : '';
    const given = await browser.call('givePin', { reason, version }, ofLi);
    assert(given.ok, 'a PIN is given');
    // What the thief has, and what it is good for.
    const { db, clock } = harness();
    const [stolen, other] = await Promise.all(
      ['CAB-7', 'CAB-8'].map((cabinetId) => staffListOf({ db, clock, keys: new StaffKeys(null) }, cabinetId)),
    );
    const [hash, duressHash] = [stolen?.staff[0]?.pinHash ?? '', stolen?.staff[0]?.duressHash];
    expect(hash).toBe(other?.staff[0]?.pinHash);
    const triesOfYear = 10_000 * 3_600 * 24 * 365;
    for (const pin of [given.value.pin, given.value.duressPin]) {
      expect(pin).toMatch(/^\d+$/);
      expect(10 ** pin.length).toBeGreaterThan(3 * triesOfYear);
    }
    expect(duressHash).not.toBe(hash);
  });
});
