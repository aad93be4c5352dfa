import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { planogramSchema } from '../../shared/model/planogram.schema.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { planogram, staffAct } from '../storage/schema.ts';

onStorage('what is to stand in a cabinet', (harness) => {
  const reason = 'more cola in the summer';
  const cabinetId = (): string => harness().cabinet.cabinetId;
  const admin = async () => (await new ConsolePeople(harness()).first()).browser;
  const put = async (table: string, browser: Awaited<ReturnType<typeof admin>>) =>
    browser.call('putPlan', { table, reason, version: await seen(browser) }, { cabinetId: cabinetId() });
  const seen = async (browser: Awaited<ReturnType<typeof admin>>): Promise<string> => {
    const shown = await browser.call('stock', undefined, { cabinetId: cabinetId() });
    assert(shown.ok, 'it is shown');
    return shown.value.planVersion;
  };
  const told = (etag?: string) =>
    harness().send('GET', '/v1/planogram', undefined, harness().cabinet, etag === undefined ? {} : { etag });

  it('is said by the console, told to that cabinet alone, and each change is a newer one, on record', async () => {
    const browser = await admin();
    expect((await told()).status).toBe(404);
    const first = await put('sku,target,lane,slot\nA1,8,1,2-3\r\nB2;4\n\n', browser);
    assert(first.ok, 'it is taken');
    expect(first.value).toMatchObject({ problems: [] });
    const plan = planogramSchema.parse((await told()).body);
    expect(plan).toMatchObject({ cabinetId: cabinetId(), version: first.value.version });
    expect(plan.slots).toEqual([
      { sku: 'A1', target: 8, lane: 1, slot: '2-3' },
      { sku: 'B2', target: 4, lane: null, slot: null },
    ]);
    // As old spreadsheets on a Mac end their lines.
    const second = await put('sku,target\rA1,9\rB2,6', browser);
    assert(second.ok, 'it is taken');
    expect(second.value.version).toBeGreaterThan(first.value.version ?? 0);
    expect(planogramSchema.parse((await told()).body).slots).toMatchObject([
      { sku: 'A1', target: 9 },
      { sku: 'B2', target: 6 },
    ]);
    const acts = await harness().db.select().from(staffAct).where(eq(staffAct.act, 'planogram_put'));
    expect(acts).toMatchObject([
      { actor: 'anna', reason },
      { actor: 'anna', reason },
    ]);
  });

  it('is refused with words row by row, and then nothing has changed', async () => {
    const browser = await admin();
    const bad = ['sku,target', 'A1,8', 'A1,9', 'rum,4', 'B2,x', '=cmd(),1'].join('\n');
    const answer = await put(bad, browser);
    assert(answer.ok, 'it is read');
    expect(answer.value).toEqual({
      version: null,
      problems: [
        { row: 3, problem: 'twice', about: 'A1' },
        { row: 5, problem: 'unreadable', about: 'B2,x' },
        { row: 6, problem: 'unreadable', about: '=cmd(),1' },
        { row: 4, problem: 'unknown_sku', about: 'rum' },
      ],
    });
    expect(await harness().db.$count(planogram)).toBe(0);
    const asked = { table: 'A1,1', reason, version: await seen(browser) };
    const nowhere = await browser.call('putPlan', asked, { cabinetId: 'CAB-9' });
    expect(nowhere).toMatchObject({ status: 404 });
  });

  it('is changed by whoever has seen it as it is: of two at once the later one looks again', async () => {
    const browser = await admin();
    const params = { cabinetId: cabinetId() };
    for (const before of ['none', 'one']) {
      const version = await seen(browser);
      const [one, two] = await Promise.all(
        ['A1,5', 'A1,7'].map((table) => browser.call('putPlan', { table, reason, version }, params)),
      );
      assert(one !== undefined && two !== undefined, 'both are answered');
      const refused = [one, two].filter(({ ok }) => !ok);
      expect(refused, before).toMatchObject([{ status: 409 }]);
      expect(await browser.call('putPlan', { table: 'A1,9', reason, version }, params)).toMatchObject({
        status: 409,
      });
    }
    expect(await harness().db.$count(planogram)).toBe(2);
  });

  it('is for administrators, and the newest changes are kept', async () => {
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const other = await people.another(browser, 'ben', 'support');
    const refused = await other.browser.call(
      'putPlan',
      { table: 'A1,1', reason, version: await seen(browser) },
      { cabinetId: cabinetId() },
    );
    expect(refused).toMatchObject({ status: 403 });
    for (let i = 1; i <= 23; i++) expect((await put(`A1,${i}`, browser)).ok).toBe(true);
    expect(await harness().db.$count(planogram)).toBe(20);
    expect(planogramSchema.parse((await told()).body).slots).toMatchObject([{ target: 23 }]);
  });

  it('says what stands elsewhere at the cabinet, by whose word, until a newer plan was filled there', async () => {
    const browser = await admin();
    const first = await put('A1,8,,1-1\nB2,4,,1-2', browser);
    assert(first.ok, 'it is taken');
    const lines = ['A1', 'B2'].map((sku) => ({ sku, count: 1, lane: null }));
    const moves = [
      { sku: 'A1', slot: '1-2', by: '4410', atMs: 5 },
      { sku: 'B2', slot: '1-1', by: '4410', atMs: 5 },
      // Of goods that the plan does not have any more.
      { sku: 'C9', slot: '9', by: '4410', atMs: 5 },
    ];
    const said = {
      countedAtMs: 1,
      lines,
      differences: [],
      lots: [],
      planVersion: first.value.version,
      moves,
    };
    expect((await harness().send('PUT', '/v1/stock-report', said, harness().cabinet)).status).toBe(204);
    const stock = async () => {
      const shown = await browser.call('stock', undefined, { cabinetId: cabinetId() });
      assert(shown.ok, 'it is shown');
      return shown.value;
    };
    expect(await stock()).toMatchObject({
      report: {
        moved: [
          { sku: 'A1', planned: '1-1', slot: '1-2', by: '4410', atMs: 5 },
          { sku: 'B2', planned: '1-2', slot: '1-1', by: '4410', atMs: 5 },
        ],
      },
      // Whoever brings goods is told where they stand.
      refill: [
        { sku: 'A1', slot: '1-2' },
        { sku: 'B2', slot: '1-1' },
      ],
    });
    await put('A1,8,,1-2\nB2,4,,3-3', browser);
    expect(await stock()).toMatchObject({
      report: { moved: [{ sku: 'B2', planned: '3-3', slot: '1-1' }] },
      refill: [{ slot: '1-2' }, { slot: '3-3' }],
    });
    // An older cabinet says nothing of moves.
    const older = { ...said, countedAtMs: 2, moves: undefined };
    await harness().send('PUT', '/v1/stock-report', older, harness().cabinet);
    expect((await stock()).report?.moved).toEqual([]);
  });

  it('makes the list of what to bring and to take out, also as a spreadsheet', async () => {
    const browser = await admin();
    await put('A1,8,1,2-3\nB2,4', browser);
    const lots = [
      { sku: 'A1', bestBefore: '2001-01-31', count: 2 },
      { sku: 'C9', bestBefore: '2001-01-31', count: 1 },
    ];
    const lines = ['A1', 'B2', 'C9'].map((sku, i) => ({
      sku,
      count: [5, 9, 1][i],
      lane: null,
    }));
    const said = { countedAtMs: 1, lines, differences: [], lots, planVersion: null };
    expect((await harness().send('PUT', '/v1/stock-report', said, harness().cabinet)).status).toBe(204);
    const shown = await browser.call('stock', undefined, { cabinetId: cabinetId() });
    expect(shown).toMatchObject({
      value: {
        refill: [
          { sku: 'A1', target: 8, stock: 5, bring: 5, takeOut: 2, slot: '2-3' },
          { sku: 'C9', target: null, stock: 1, bring: 0, takeOut: 1 },
        ],
      },
    });
    // Three good ones of eight: less than half. Nine of four is enough.
    const listed = await browser.call('cabinets', undefined);
    expect(listed).toMatchObject({ value: [{ cabinetId: cabinetId(), lowCount: 1 }] });
    for (const path of ['/api/refill.csv', `/api/refill.csv?cabinetId=${cabinetId()}`]) {
      const csv = (await browser.raw('GET', path)).body;
      expect(csv).toMatch(/CAB-1,A1,.*,1,2-3,8,5,5,2/);
    }
  });
});
