import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { recordPrices } from '../fleet/catalog-prices.ts';
import { defaultPolicy, tellingMs, visitSilentMs, visitWatchEveryMs } from '../limits.ts';
import {
  charge,
  chargeByHand,
  chargeEvent,
  chargeLine,
  incident,
  member,
  memberNotice,
} from '../storage/schema.ts';

/** Goods of the catalogue under test, and what two of the first and one of the second cost. */
const [first, second] = sampleCatalog.products;
assert(first !== undefined && second !== undefined, 'the test catalogue has goods');
const goods = [
  { sku: first.sku, count: 2 },
  { sku: second.sku, count: 1 },
];
const totalMinor = 2 * first.priceMinor + second.priceMinor;
const lines = [line(first.sku, first.priceMinor, 2), line(second.sku, second.priceMinor, 1)];
const reason = 'she called and said so';

onStorage('a charge by hand', (harness) => {
  /** Prices of before the visit, a visit whose cabinet names its charge, and then silence. */
  const silentVisit = async (
    { names = true, change = 0 } = {},
    operator: OperatorHarness = harness(),
  ): Promise<Visit> => {
    await recordPrices(operator.db, operator.clock, prices(change));
    // So that its cabinet knows of them.
    operator.clock.jumpWall(tellingMs);
    await operator.pass(1_000);
    const nowMs = operator.clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const asked = names ? ids : { visitId: ids.visitId };
    const body = { ...asked, code: operator.code() };
    const answer = await operator.send('POST', '/v1/visits/authorise', body);
    expect(answer.body).toMatchObject({ decision: 'allowed' });
    operator.clock.jumpWall(visitSilentMs);
    await operator.pass(2 * visitWatchEveryMs);
    return { ...ids, cabinetId: 'CAB-1', memberId: 'M1001' };
  };
  const prices = (change = 0) => ({
    currency: 'CNY' as const,
    products: sampleCatalog.products.map(({ sku, priceMinor }) => ({ sku, priceMinor: priceMinor + change })),
  });
  const anna = async (): Promise<ConsoleBrowser> => (await new ConsolePeople(harness()).first()).browser;
  const actOf = ({ cabinetId, visitId }: Visit, of = goods): ConsoleAct => ({
    ...({ kind: 'charge_visit', cabinetId, visitId } as const),
    goods: of,
  });
  const preview = (browser: ConsoleBrowser, act: ConsoleAct) => browser.call('previewAct', { act, reason });
  const act = async (browser: ConsoleBrowser, wanted: ConsoleAct) => {
    const shown = await preview(browser, wanted);
    assert(shown.ok, shown.ok ? '' : shown.error.message);
    return browser.call('act', { act: wanted, reason, version: shown.value.version });
  };
  const put = ({ chargeId, ...ids }: Visit, change = {}) =>
    harness().send('PUT', `/v1/charges/${chargeId}`, chargeBody({ chargeId, ...ids }, { lines, ...change }));
  const get = ({ chargeId }: Visit) => harness().send('GET', `/v1/charges/${chargeId}`);
  const paid = async (chargeId: string): Promise<void> => {
    await harness().untilState(chargeId, 'paid', 60_000);
    expect(await harness().debitCount(chargeId)).toBe(1);
  };
  const openIncidents = async () =>
    (await harness().db.select().from(incident)).flatMap(({ kind, resolvedAtMs }) =>
      resolvedAtMs === null ? [kind] : [],
    );

  it('is shown before, is debited once, is told to the member, and ends the search for it', async () => {
    const visit = await silentVisit();
    const browser = await anna();
    expect(await openIncidents()).toEqual(['visit_silent']);
    expect(await browser.call('visits', undefined, { cabinetId: 'CAB-1' })).toMatchObject({
      value: {
        items: [
          {
            ...{ visitId: visit.visitId, chargeId: visit.chargeId },
            ...{ ended: null, listed: true, waitsUntilMs: null },
          },
        ],
      },
    });
    const file = await browser.raw('GET', '/api/visits.csv?cabinetId=CAB-1');
    expect(file.body).toContain(`\r\n${visit.visitId},CAB-1,M1001,`);
    const offered = await browser.call('visitGoods', undefined, {
      cabinetId: 'CAB-1',
      visitId: visit.visitId,
    });
    assert(offered.ok, 'the goods are told');
    expect(offered.value.goods).toContainEqual({
      sku: first.sku,
      name: first.name,
      priceMinor: first.priceMinor,
    });
    expect(await preview(browser, actOf(visit))).toMatchObject({
      value: {
        before: { arrived: false, memberId: 'M1001' },
        after: { state: 'accepted', dueMinor: totalMinor },
        ...{ next: 'debit', stakeMinor: totalMinor, needsSecond: false },
      },
    });
    expect(await harness().db.select().from(charge)).toEqual([]);
    expect(await act(browser, actOf(visit))).toMatchObject({ value: { outcome: 'done' } });
    await paid(visit.chargeId);
    expect(await harness().chargeRow(visit.chargeId)).toMatchObject({ paidMinor: totalMinor, review: false });
    expect(await openIncidents()).toEqual([]);
    expect(await browser.call('visits', undefined, {})).toMatchObject({ value: { items: [] } });
    const story = await browser.call('story', undefined, { chargeId: visit.chargeId });
    assert(story.ok, 'it is told');
    const told = story.value.entries.map(({ type, what, actor }) => `${type} ${what} ${actor ?? ''}`.trim());
    expect(told).toContain('act charge_visit anna');
    expect(told).toContain('charge_event made_by_hand');
    expect(told.filter((one) => /^(?:door|received)/.test(one))).toEqual([]);
    const notices = await harness().db.select().from(memberNotice);
    expect(notices).toMatchObject([
      { memberId: 'M1001', kind: 'charged_by_hand', ref: visit.chargeId, amountMinor: totalMinor },
    ]);
  });

  it('costs what the goods cost when the visit began', async () => {
    const visit = await silentVisit();
    const dearer = await silentVisit({ change: 100 });
    await recordPrices(harness().db, harness().clock, prices(-50));
    const browser = await anna();
    for (const [of, minor] of [
      [visit, totalMinor],
      [dearer, totalMinor + 300],
    ] as const) {
      await act(browser, actOf(of));
      expect((await harness().chargeRow(of.chargeId)).totalMinor).toBe(minor);
    }
  });

  it('is done once, also by two at the same time', async () => {
    const visit = await silentVisit();
    const people = new ConsolePeople(harness());
    const one = await people.first();
    const two = await people.another(one.browser, 'ben', 'support');
    const all = [one, two].map(({ browser }) => act(browser, actOf(visit)).catch(String));
    const done = await Promise.all(all);
    expect(done.filter((answer) => typeof answer !== 'string' && answer.ok)).toHaveLength(1);
    await paid(visit.chargeId);
    expect(await preview(one.browser, actOf(visit))).toMatchObject({ status: 409 });
    expect(await harness().db.select().from(chargeByHand)).toHaveLength(1);
  });

  it('stands when its own charge comes later, which is debited no second time', async () => {
    const visit = await silentVisit();
    const browser = await anna();
    await act(browser, actOf(visit));
    // What its cabinet has is asked for: it is not answered as if it had come.
    expect((await get(visit)).status).toBe(404);
    const reply = { status: 200, body: { totalMinor, resolved: { how: 'debited', by: 'support' } } };
    for (let i = 0; i < 2; i++) expect(await put(visit)).toMatchObject(reply);
    expect(await get(visit)).toMatchObject(reply);
    await paid(visit.chargeId);
    expect(await put(visit)).toMatchObject({ body: { state: 'paid', totalMinor } });
    expect(await openIncidents()).toEqual([]);
    // A second body is what it always was.
    expect((await put(visit, { closedAtMs: 5 })).status).toBe(409);
    expect(await openIncidents()).toEqual(['charge_conflict']);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
  });

  it.each<[string, object, string]>([
    ['more', { lines: [...lines.slice(0, 1), line(second.sku, second.priceMinor, 3)] }, 'its cabinet: '],
    ['less', { lines: lines.slice(0, 1) }, 'its cabinet: '],
    [
      'something held',
      { heldLines: [line(first.sku, first.priceMinor, 1)], review: ['recognition.door_left_open'] },
      'held ',
    ],
    ['another member', { memberId: 'M1002' }, 'of another member'],
  ])('is compared with what comes later: %s, and people are told', async (_name, change, words) => {
    const visit = await silentVisit();
    const browser = await anna();
    await act(browser, actOf(visit));
    await paid(visit.chargeId);
    for (let i = 0; i < 2; i++) expect(await put(visit, change)).toMatchObject({ body: { totalMinor } });
    const told = (await harness().db.select().from(incident)).filter(
      ({ resolvedAtMs }) => resolvedAtMs === null,
    );
    expect(told).toMatchObject([
      { kind: 'by_hand_differs', detail: expect.stringContaining(words) as string },
    ]);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
    // And the bill stays what people have made.
    const stored = await harness()
      .db.select()
      .from(chargeLine)
      .where(eq(chargeLine.chargeId, visit.chargeId));
    expect(stored.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(totalMinor);
  });

  it('is the answer to bytes that nobody can read', async () => {
    const visit = await silentVisit();
    const browser = await anna();
    expect((await put(visit, { memberId: 'not a member' })).status).toBe(400);
    await act(browser, actOf(visit));
    expect(await put(visit, { memberId: 'not a member' })).toMatchObject({
      status: 200,
      body: { totalMinor },
    });
    await paid(visit.chargeId);
  });

  it('and its own charge at the same moment are one debit', async () => {
    const visit = await silentVisit();
    const browser = await anna();
    const shown = await preview(browser, actOf(visit));
    assert(shown.ok, 'it is shown');
    const { version } = shown.value;
    const both = [browser.call('act', { act: actOf(visit), reason, version }), put(visit)];
    await harness().during(Promise.all(both), 50);
    await paid(visit.chargeId);
    expect(await harness().db.select().from(charge)).toHaveLength(1);
    const [events] = [await harness().db.select().from(chargeEvent)];
    expect(events.filter(({ kind }) => kind === 'paid')).toHaveLength(1);
  });

  it('of a cabinet that names no charge has a number of its own, and what comes later is held', async () => {
    const visit = await silentVisit({ names: false });
    const browser = await anna();
    expect(await act(browser, actOf(visit))).toMatchObject({ ok: true });
    expect(await put(visit)).toMatchObject({ body: { state: 'needs_attention', reason: 'system.conflict' } });
    expect(await openIncidents()).toContain('second_charge_for_visit');
    const [made] = await harness().db.select().from(chargeByHand);
    await paid(made?.chargeId ?? '');
    expect(await harness().debitCount(visit.chargeId)).toBe(0);
  });

  it('of a member who is let in no more is debited, and lets nobody in', async () => {
    const visit = await silentVisit();
    const browser = await anna();
    const isIt = eq(member.memberId, 'M1001');
    await harness().db.update(member).set({ standing: 'suspended' }).where(isIt);
    expect(await act(browser, actOf(visit))).toMatchObject({ ok: true });
    await paid(visit.chargeId);
    expect(await harness().db.select().from(member).where(isIt)).toMatchObject([{ standing: 'suspended' }]);
  });

  it('is collected and paid back like any other', async () => {
    const visit = await silentVisit();
    const browser = await anna();
    await act(browser, actOf(visit));
    await paid(visit.chargeId);
    const back = {
      ...({ kind: 'decide_charge', decision: 'waive', amountMinor: 0 } as const),
      chargeId: visit.chargeId,
    };
    expect(await act(browser, back)).toMatchObject({ ok: true });
    expect(await harness().chargeRow(visit.chargeId)).toMatchObject({ refundDueMinor: totalMinor });
    // Nobody makes another one of it.
    expect(await preview(browser, actOf(visit))).toMatchObject({ status: 409 });
  });

  it('needs a second person above the limit', async () => {
    const operator = harness().restarted({
      policy: { ...defaultPolicy, secondPersonAboveMinor: totalMinor - 1 },
    });
    const visit = await silentVisit({}, operator);
    const people = new ConsolePeople(operator);
    const one = await people.first();
    const two = await people.another(one.browser, 'ben', 'support');
    const proposed = await act(one.browser, actOf(visit));
    assert(proposed.ok && proposed.value.outcome === 'proposed', 'it waits');
    expect(await harness().db.select().from(charge)).toEqual([]);
    const [waiting] = await two.browser.call('proposals', undefined).then((all) => (all.ok ? all.value : []));
    expect(waiting).toMatchObject({ after: { dueMinor: totalMinor }, stakeMinor: totalMinor });
    const params = { proposalId: String(waiting?.proposalId) };
    const version = waiting?.version ?? '';
    expect(await one.browser.call('agree', { version }, params)).toMatchObject({ status: 403 });
    expect(await two.browser.call('agree', { version }, params)).toMatchObject({
      value: { outcome: 'done' },
    });
    await operator.untilState(visit.chargeId, 'paid', 60_000);
    await operator.close();
  });

  it('is refused, in words, and nothing is done', async () => {
    const visit = await silentVisit();
    const people = new ConsolePeople(harness());
    const { browser } = await people.first();
    const carla = await people.another(browser, 'carla', 'auditor');
    const refused = async (wanted: ConsoleAct, status: number, words: string, who = browser) => {
      const shown = await preview(who, wanted);
      expect(shown).toMatchObject({ status, error: { message: expect.stringContaining(words) as string } });
    };
    await refused(actOf(visit), 403, 'auditor', carla.browser);
    await refused(actOf({ ...visit, visitId: newVisitId(5) }), 404, 'nobody was let in');
    await refused(actOf({ ...visit, cabinetId: 'CAB-2' }), 404, 'nobody was let in');
    await refused(actOf(visit, [{ sku: 'unknown', count: 1 }]), 400, 'was not sold');
    await refused(actOf(visit, [...goods, ...goods]), 400, 'twice');
    const many = Math.ceil((defaultPolicy.visitMaxMinor + 1) / first.priceMinor);
    if (many <= 99) await refused(actOf(visit, [{ sku: first.sku, count: many }]), 400, 'allowed no more');
    // A price in another currency is none.
    await recordPrices(harness().db, harness().clock, {
      currency: 'USD',
      products: [{ sku: 'imported', priceMinor: 5 }],
    });
    await refused(actOf(visit, [{ sku: 'imported', count: 1 }]), 400, 'was not sold');
    await recordPrices(harness().db, harness().clock, prices());
    // Somebody has said already what becomes of it.
    const early = { by: 'anna', decision: 'settled', amountMinor: 5, cabinetId: 'CAB-1' };
    const url = `/dev/charges/${visit.chargeId}/resolve`;
    const decided = harness().operator.developmentApi?.inject({ method: 'POST', url, payload: early });
    expect((await decided)?.statusCode).toBe(200);
    await refused(actOf(visit), 409, 'decided about this charge before');
    // One that goes on, and one that was charged.
    const fresh = await harness().visit('M1002');
    await refused(actOf(fresh), 409, 'may still come');
    const untilMs = harness().clock.nowMs() + visitSilentMs;
    const listed = await browser.call('visits', undefined, { visitId: fresh.visitId });
    assert(listed.ok, 'it is listed');
    expect(Math.abs((listed.value.items[0]?.waitsUntilMs ?? 0) - untilMs)).toBeLessThan(60_000);
    await put({ ...fresh }, {});
    await refused(actOf(fresh), 409, 'has been charged');
    expect(await harness().db.select().from(chargeByHand)).toEqual([]);
  });
});
