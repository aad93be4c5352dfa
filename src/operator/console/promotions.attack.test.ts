import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import type { Promotion } from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';
import { promotionOf } from '../../testkit/core/promotions.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { listPromotions } from '../fleet/promotions.ts';
import { staffAct } from '../storage/schema.ts';

onStorage('promotions that the console draws up', (harness) => {
  const reason = 'the summer of tea';
  const half = promotionOf('half', { kind: 'second_half', skus: ['A1'] });
  const off = promotionOf('off', { kind: 'amount_off', skus: ['B2'], offMinor: minor(100) });
  const people = () => new ConsolePeople(harness());
  const put = (promotions: Promotion[]): ConsoleAct => ({ kind: 'put_promotions', promotions });
  const act = async (browser: ConsoleBrowser, wanted: ConsoleAct) => {
    const seen = await browser.call('previewAct', { act: wanted, reason });
    if (!seen.ok) return seen;
    return browser.call('act', { act: wanted, reason, version: seen.value.version });
  };
  const outcome = async (browser: ConsoleBrowser, promotions: Promotion[]): Promise<unknown> => {
    const done = await act(browser, put(promotions));
    return done.ok ? done.value.outcome : done.status;
  };
  const inForce = async () =>
    (await listPromotions(harness().db, 1))[0]?.promotions.map(({ id }) => id) ?? null;
  const agreed = async (anna: ConsoleBrowser, ben: ConsoleBrowser, promotions: Promotion[]) => {
    expect(await outcome(anna, promotions)).toBe('proposed');
    const waiting = await ben.call('proposals', undefined);
    const newest = waiting.ok ? waiting.value.at(-1) : undefined;
    assert(newest !== undefined, 'it waits for somebody else');
    const { proposalId, version } = newest;
    const params = { proposalId: String(proposalId) };
    expect(await anna.call('agree', { version }, params)).toMatchObject({ status: 403 });
    expect(await ben.call('agree', { version }, params)).toMatchObject({ ok: true });
  };

  it('two draw them up; one alone ends them; what was before is put in force again as a newer version', async () => {
    const anna = (await people().first()).browser;
    const ben = (await people().another(anna, 'ben', 'admin')).browser;
    await agreed(anna, ben, [half, off]);
    expect(await inForce()).toEqual(['half', 'off']);
    expect(await outcome(anna, [half, off])).toBe(409);
    expect(await outcome(anna, [off])).toBe('done');
    expect(await inForce()).toEqual(['off']);
    // Nothing is added by it, but it is another one.
    expect(await outcome(anna, [{ ...off, cabinets: ['CAB-1'] }])).toBe('proposed');
    const listed = await anna.call('promotions', undefined);
    assert(listed.ok, 'it is read');
    const [newest, earlier] = listed.value.versions;
    assert(newest !== undefined && earlier !== undefined, 'there are two');
    expect(newest.version).toBeGreaterThan(earlier.version);
    await agreed(anna, ben, [...earlier.promotions]);
    expect(await inForce()).toEqual(['half', 'off']);
    const acts = await harness().db.select().from(staffAct).where(eq(staffAct.act, 'put_promotions'));
    expect(acts).toHaveLength(3);
    expect(acts[1]).toMatchObject({ actor: 'anna', agreedBy: null });
    expect(acts[1]?.before).toContain('half: second_half');
    expect(acts[1]?.after).not.toContain('half: second_half');
  });

  it('nobody alone puts another one in the place of one that two have seen, made to look the same', async () => {
    const anna = (await people().first()).browser;
    const ben = (await people().another(anna, 'ben', 'admin')).browser;
    // Found in half a second: as JSON, with a schema's order of names, the hashes of the two begin with the same 32 bits.
    const named = (en: string) => ({ ...half, name: { zh: '优惠', en } });
    await agreed(anna, ben, [named('offer 46125')]);
    expect(await outcome(anna, [named('offer 47579')])).toBe('proposed');
  });

  it('what is wrong with them is refused, and nothing has changed', async () => {
    const anna = (await people().first()).browser;
    const wrong: Promotion[][] = [
      [promotionOf('all', { kind: 'amount_off', skus: ['A1'], offMinor: minor(350) })],
      [promotionOf('rum', { kind: 'second_half', skus: ['RUM'] })],
      [half, { ...off, id: 'half' }],
      [{ ...half, cabinets: ['CAB-9'] }],
    ];
    for (const promotions of wrong) expect([400, 404]).toContain(await outcome(anna, promotions));
    const malformed = [{ ...half, rule: { kind: 'amount_off', skus: ['A1'], offMinor: -1 } }];
    const sent = { act: { kind: 'put_promotions', promotions: malformed }, reason };
    expect(await anna.call('previewAct', sent as never)).toMatchObject({ status: 400 });
    const many = Array.from({ length: 3_000 }, (_, i) => ({ ...half, id: `p${i}` }));
    const tooMany = await anna.call('previewAct', { act: put(many), reason });
    expect(tooMany).toMatchObject({ ok: false });
    expect(await inForce()).toBeNull();
    const tried = await anna.call('tryPromotions', {
      promotions: wrong[0] ?? [],
      goods: [],
      atMs: null,
      means: null,
    });
    expect(tried).toMatchObject({ ok: true, value: { problems: [{ id: 'all', problem: 'costs_nothing' }] } });
  });

  it('who is no administrator sees them and what they come to, and changes none', async () => {
    const anna = (await people().first()).browser;
    for (const role of ['support', 'finance', 'auditor'] as const) {
      const other = (await people().another(anna, role, role)).browser;
      expect(await outcome(other, [half])).toBe(403);
      expect(await other.call('promotions', undefined)).toMatchObject({ ok: true });
    }
    expect(await inForce()).toBeNull();
  });

  it('the tryout says what a shopper pays, when and by what means', async () => {
    const anna = (await people().first()).browser;
    const member = promotionOf('card', {
      kind: 'member_price',
      skus: ['B2'],
      priceMinor: minor(500),
      means: ['card'],
    });
    const goods = [
      { sku: 'A1', count: 3 },
      { sku: 'B2', count: 1 },
    ];
    const tried = async (means: 'card' | null, promotions = [half, member]) => {
      const answer = await anna.call('tryPromotions', { promotions, goods, atMs: null, means });
      assert(answer.ok, 'it is answered');
      return answer.value;
    };
    expect(await tried(null)).toMatchObject({ grossMinor: 1_650, totalMinor: 1_475, on: ['half', 'card'] });
    expect(await tried('card')).toMatchObject({ totalMinor: 1_375, problems: [] });
    const never = { ...half, schedule: { ...half.schedule, lastDay: '2001-01-01' } };
    expect(await tried(null, [never])).toMatchObject({ totalMinor: 1_650, on: [] });
  });
});
