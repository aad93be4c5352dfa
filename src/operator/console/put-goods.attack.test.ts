import { eq } from 'drizzle-orm';
import { beforeEach, expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { catalogsDraftedMax, consoleGoodsChecks, openingOffMs } from '../limits.ts';
import { cabinet, catalogPrice, staffAct } from '../storage/schema.ts';

onStorage('goods that the console puts in force', (harness) => {
  const reason = 'prices of December';
  const sheet = (a1: string, more = ''): string =>
    `sku,name_zh,price,weight_g\nA1,矿泉水,${a1},500\nB2,可乐,6.00,330\n${more}`;
  beforeEach(async () => {
    expect(await harness().operator.catalog.begin()).toMatchObject({ ok: true });
  });
  const people = () => new ConsolePeople(harness());
  const draft = async (browser: ConsoleBrowser, version: string, text = sheet('4.00')) =>
    browser.call('draftGoods', { version, file: Buffer.from(text).toString('base64') });
  const drafted = async (browser: ConsoleBrowser, version: string, text?: string) => {
    const done = await draft(browser, version, text);
    assert(done.ok && done.value.number !== null, JSON.stringify(done));
    return { kind: 'put_goods', number: done.value.number } as const;
  };
  const put = async (browser: ConsoleBrowser, act: Awaited<ReturnType<typeof drafted>>) => {
    const seen = await browser.call('previewAct', { act, reason });
    assert(seen.ok, JSON.stringify(seen));
    const done = await browser.call('act', { act, reason, version: seen.value.version });
    return { seen: seen.value, done };
  };
  const agree = async (browser: ConsoleBrowser) => {
    const waiting = await browser.call('proposals', undefined);
    assert(waiting.ok && waiting.value[0] !== undefined, 'it waits for somebody else');
    const { proposalId, version } = waiting.value[0];
    return browser.call('agree', { version }, { proposalId: String(proposalId) });
  };
  const served = async () => {
    const { body } = await harness().send('GET', '/v1/catalog');
    return (body as typeof sampleCatalog & { version: string }).version;
  };
  const twoAdmins = async () => {
    const anna = (await people().first()).browser;
    const ben = (await people().another(anna, 'ben', 'admin')).browser;
    return { anna, ben };
  };

  it('are agreed to by two, are sold by at once, and what was seen is what is done', async () => {
    const { anna, ben } = await twoAdmins();
    const { seen, done } = await put(anna, await drafted(anna, '2026-12'));
    expect(seen.needsSecond).toBe(true);
    expect(seen.before).toMatchObject({ catalog: 'test-1', newPrices: ['A1 3.50 → 4.00'] });
    expect(seen.before['gone']).toContain('C3');
    expect(done).toMatchObject({ ok: true, value: { outcome: 'proposed' } });
    expect(await served()).toBe('test-1');
    expect(await agree(anna)).toMatchObject({ status: 403 });
    expect(await agree(ben)).toMatchObject({ ok: true, value: { outcome: 'done' } });
    expect(await served()).toBe('2026-12');
    const setUp = await anna.call('setUp', undefined);
    expect(setUp).toMatchObject({ value: { catalog: { version: '2026-12', articles: 2 } } });
    const logged = await harness().db.select().from(staffAct).where(eq(staffAct.act, 'put_goods'));
    expect(logged).toHaveLength(1);
    expect(logged[0]?.agreedBy).not.toBeNull();
    const known = await ben.call('catalogs', undefined);
    assert(known.ok, 'they are listed');
    expect(known.value.catalogs.find(({ number }) => number === known.value.inForce)?.version).toBe(
      '2026-12',
    );
  });

  it('are told with whatever makes another bill: new goods with prices, names, tags', async () => {
    const { anna, ben } = await twoAdmins();
    const [one, two] = ['30340789000C0E42DFDC1C35', '30340789000C0E42DFDC1C36'];
    const head = 'sku,name_zh,price,weight_g,epc';
    const before = `${head}\nA1,矿泉水,3.50,500,${one}\nB2,茅台,99.00,500,${two}\n`;
    await put(anna, await drafted(anna, '2026-12', before));
    expect(await agree(ben)).toMatchObject({ ok: true });
    const after = `${head}\nA1,茅台,3.50,330,${two}\nB2,矿泉水,99.00,500,${one}\nC9,可乐,98.00,330,\n`;
    const { seen } = await put(anna, await drafted(anna, '2027-01', after));
    expect(seen.before).toMatchObject({
      added: ['C9 可乐 98.00'],
      newPrices: [],
      otherwise: expect.arrayContaining([
        'A1 矿泉水 → 茅台',
        'A1 500 g → 330 g',
        'B2 茅台 → 矿泉水',
      ]) as unknown,
      otherTags: ['A1 → B2: 1', 'B2 → A1: 1'],
    });
  });

  it('leave the prices of before good for what was taken at them', async () => {
    const { anna, ben } = await twoAdmins();
    const visit = await harness().visit();
    await put(anna, await drafted(anna, '2026-12'));
    expect(await agree(ben)).toMatchObject({ ok: true });
    const old = chargeBody(visit, { lines: [line('A1', 350, 1)] });
    await harness().during(harness().send('PUT', `/v1/charges/${visit.chargeId}`, old), 50);
    expect(await harness().chargeRow(visit.chargeId)).toMatchObject({ review: false });
    const next = await harness().visit();
    const dearer = chargeBody(next, { lines: [line('A1', 400, 1)] });
    await harness().during(harness().send('PUT', `/v1/charges/${next.chargeId}`, dearer), 50);
    expect(await harness().chargeRow(next.chargeId)).toMatchObject({ review: false });
    const wrong = await harness().visit();
    const never = chargeBody(wrong, { lines: [line('A1', 450, 1)] });
    await harness().during(harness().send('PUT', `/v1/charges/${wrong.chargeId}`, never), 50);
    expect(await harness().chargeRow(wrong.chargeId)).toMatchObject({ review: true });
  });

  it('leave what was sold before to be charged by hand, under its name', async () => {
    const { anna, ben } = await twoAdmins();
    const billed = await harness().visit();
    const bill = chargeBody(billed, { lines: [line('C3', 200, 1)] });
    await harness().during(harness().send('PUT', `/v1/charges/${billed.chargeId}`, bill), 50);
    const { cabinetId, visitId } = await harness().visit();
    await harness().pass(openingOffMs + 1_000, 10_000);
    await put(anna, await drafted(anna, '2026-12', sheet('4.00', 'N9,新货,1.00,10\n')));
    expect(await agree(ben)).toMatchObject({ ok: true });
    await harness().operator.catalog.refresh();
    const offered = await anna.call('visitGoods', undefined, { cabinetId, visitId });
    assert(offered.ok, 'it is offered');
    const of = (sku: string) => offered.value.goods.find((one) => one.sku === sku);
    expect(of('A1')).toMatchObject({ name: { zh: '矿泉水' }, priceMinor: 350 });
    expect(of('C3')).toMatchObject({ name: line('C3', 200, 1).name, priceMinor: 200 });
    expect(of('D4')).toMatchObject({ name: { zh: 'D4', en: 'D4' }, priceMinor: 3_100 });
    expect(of('N9')).toBeUndefined();
  });

  it('count at an instance that has not heard of them yet, and at one that starts', async () => {
    const { anna, ben } = await twoAdmins();
    const other = harness().restarted();
    await put(anna, await drafted(anna, '2026-12'));
    expect(await agree(ben)).toMatchObject({ ok: true });
    expect(other.operator.catalog.catalog.version).toBe('test-1');
    const visit = await harness().visit();
    const body = chargeBody(visit, { lines: [line('A1', 400, 1)] });
    await other.during(other.send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    expect(await harness().chargeRow(visit.chargeId)).toMatchObject({ review: false });
    await other.operator.catalog.refresh();
    expect(other.operator.catalog.catalog.version).toBe('2026-12');
    await other.close();
  });

  it('are not what somebody agreed to, once another one is in force', async () => {
    const { anna, ben } = await twoAdmins();
    const first = await drafted(anna, '2026-12');
    const second = await drafted(anna, '2027-01', sheet('9.00'));
    await put(anna, first);
    const waiting = await ben.call('proposals', undefined);
    assert(waiting.ok && waiting.value[0] !== undefined, 'it waits');
    const early = waiting.value[0];
    await put(anna, second);
    const later = await ben.call('proposals', undefined);
    assert(later.ok && later.value[1] !== undefined, 'both wait');
    const of = (proposal: typeof early) =>
      ben.call('agree', { version: proposal.version }, { proposalId: String(proposal.proposalId) });
    expect(await of(later.value[1])).toMatchObject({ ok: true });
    expect(await of(early)).toMatchObject({ status: 409 });
    expect(await served()).toBe('2027-01');
  });

  it('wait for the second person, however many others are tried meanwhile', async () => {
    const { anna, ben } = await twoAdmins();
    await put(anna, await drafted(anna, '2026-12'));
    for (let tries = 0; tries <= catalogsDraftedMax; tries++) {
      harness().clock.skip(1000 / consoleGoodsChecks.perS);
      await drafted(ben, `try-${tries}`);
    }
    expect(await agree(ben)).toMatchObject({ ok: true, value: { outcome: 'done' } });
    expect(await served()).toBe('2026-12');
  });

  it('take one person while no cabinet is there, and an administrator always', async () => {
    const { anna } = await twoAdmins();
    const sam = (await people().another(anna, 'sam', 'support')).browser;
    const wanted = await drafted(anna, '2026-12');
    expect(await draft(sam, 'mine')).toMatchObject({ status: 403 });
    expect(await sam.call('previewAct', { act: wanted, reason })).toMatchObject({ status: 403 });
    await harness().db.update(cabinet).set({ enrolledAtMs: null });
    const { seen, done } = await put(anna, wanted);
    expect(seen.needsSecond).toBe(false);
    expect(done).toMatchObject({ ok: true, value: { outcome: 'done' } });
    await harness().operator.catalog.refresh();
    expect(harness().operator.catalog.catalog.version).toBe('2026-12');
    const ended = await harness().db.select().from(catalogPrice).where(eq(catalogPrice.sku, 'A1'));
    expect(ended.filter(({ untilMs }) => untilMs === null).map((row) => row.unitPriceMinor)).toEqual([400]);
  });

  it('are kept only where nothing is wrong, under a name that no other one had', async () => {
    const { anna, ben } = await twoAdmins();
    const wrong = await draft(anna, '2026-12', sheet('four'));
    expect(wrong).toMatchObject({ ok: true, value: { number: null, check: { made: null } } });
    await put(anna, await drafted(anna, '2026-12'));
    await agree(ben);
    expect(await draft(anna, '2026-12', sheet('0.01'))).toMatchObject({ status: 409 });
    const same = await drafted(anna, '2026-12');
    expect((await put(anna, same)).seen.before).not.toHaveProperty('newPrices');
    expect(await anna.call('previewAct', { act: { kind: 'put_goods', number: 999 }, reason })).toMatchObject({
      status: 404,
    });
  });

  it('are tried a few at a time, for nothing else is done meanwhile', async () => {
    const anna = (await people().first()).browser;
    const file = Buffer.from(sheet('four')).toString('base64');
    const tried = () => anna.call('checkGoods', { version: '2026-12', file });
    for (let times = 0; times < consoleGoodsChecks.burst; times++)
      expect(await tried()).toMatchObject({ ok: true });
    expect(await tried()).toMatchObject({ status: 429 });
    expect(await draft(anna, '2026-12')).toMatchObject({ status: 429 });
    harness().clock.skip(1000 / consoleGoodsChecks.perS);
    expect(await draft(anna, '2026-12')).toMatchObject({ ok: true });
  });
});
