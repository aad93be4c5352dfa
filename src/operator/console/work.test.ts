import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import type { ConsoleAnswer } from '../../shared/console/routes.ts';
import type { FoundCharge, QueueItem } from '../../shared/console/work.schema.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { ConsoleBrowser } from '../../testkit/operator/console-browser.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { incident, member } from '../storage/schema.ts';

onStorage('what the console shows', (harness) => {
  const charged = async (lines = [line('A1', 350, 2), line('B2', 600, 1)], memberId = 'M1001') => {
    const visit = await harness().visit(memberId);
    const body = chargeBody(visit, { lines });
    await harness().during(harness().send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    // The next one is another moment.
    await harness().pass(1_000);
    return visit;
  };
  const held = async (): Promise<Visit> => {
    const visit = await harness().visit();
    const body = chargeBody(visit, {
      lines: [],
      heldLines: [line('C3', 200, 1)],
      review: ['recognition.reader_lost'],
    });
    await harness().during(harness().send('PUT', `/v1/charges/${visit.chargeId}`, body), 50);
    await harness().pass(1_000);
    return visit;
  };
  const report = async ({ chargeId }: Visit, sku: string): Promise<void> => {
    const atMs = harness().clock.nowMs();
    const disputeId = makeDisputeId(atMs, randomBytes(idRandomByteCount));
    await harness().send('POST', `/v1/charges/${chargeId}/disputes`, { disputeId, skus: [sku], atMs });
    await harness().pass(1_000);
  };
  const console = async (): Promise<ConsoleBrowser> => (await new ConsolePeople(harness()).first()).browser;
  const queueOf = async (
    browser: ConsoleBrowser,
    params: Record<string, string> = {},
  ): Promise<QueueItem[]> => {
    const items: QueueItem[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page: ConsoleAnswer<'queue'> = await browser.call('queue', undefined, {
        ...params,
        ...(after === '' ? {} : { after }),
      });
      assert(page.ok, 'the queue is told');
      items.push(...page.value.items);
      after = page.value.next;
    }
    return items;
  };
  const find = async (browser: ConsoleBrowser, params: Record<string, string>): Promise<string[]> => {
    const page = await browser.call('search', undefined, params);
    assert(page.ok, 'it is looked for');
    return page.value.items.map(({ chargeId }: FoundCharge) => chargeId);
  };

  it('has in the queue what needs a human, the longest waiting first, whatever the page', async () => {
    const browser = await console();
    const first = await held();
    const paid = await charged();
    await report(paid, 'A1');
    const third = await held();
    const all = await queueOf(browser);
    expect(all.map(({ kind, chargeId, amountMinor }) => [kind, chargeId, amountMinor])).toEqual([
      ['held_lines', first.chargeId, 200],
      ['dispute', paid.chargeId, 700],
      ['refund_due', paid.chargeId, 700],
      ['held_lines', third.chargeId, 200],
    ]);
    for (const limit of ['1', '2', '3']) expect(await queueOf(browser, { limit })).toEqual(all);
    expect((await queueOf(browser, { kinds: 'held_lines' })).map(({ chargeId }) => chargeId)).toEqual([
      first.chargeId,
      third.chargeId,
    ]);
    const of = (count: number, amountMinor?: number) => ({
      count,
      sums: amountMinor === undefined ? [] : [{ currency: 'CNY', amountMinor }],
    });
    const counts = { held_lines: of(2, 400), dispute: of(1, 700), refund_due: of(1, 700), review: of(0) };
    const counted = {
      ...counts,
      needs_attention: of(0),
      unreadable: of(0),
      incident: of(0),
      difference: of(0),
    };
    expect(await browser.call('queueCounts', undefined)).toMatchObject({ ok: true, value: counted });
    const elsewhere = await browser.call('queueCounts', undefined, { cabinetId: 'CAB-9' });
    expect(elsewhere).toMatchObject({
      ok: true,
      value: { held_lines: of(0), dispute: of(0), refund_due: of(0) },
    });
    expect(await queueOf(browser, { cabinetId: 'CAB-9' })).toEqual([]);
    expect(await browser.call('queue', undefined, { after: 'x' })).toMatchObject({ status: 400 });
    expect(await browser.call('queue', undefined, { kinds: 'other' })).toMatchObject({ status: 400 });
  });

  it('tells what waits since the same moment once, on whichever page', async () => {
    const browser = await console();
    const row = { atMs: 5, kind: 'charge_conflict', cabinetId: 'CAB-1', detail: '' } as const;
    await harness()
      .db.insert(incident)
      .values(Array.from({ length: 12 }, (_, i) => ({ ...row, detail: String(i) })));
    const details = (await queueOf(browser, { limit: '5' })).map(({ detail }) => detail);
    expect(details).toEqual(Array.from({ length: 12 }, (_, i) => String(i)));
    // A link leads to one alone, wherever it stands.
    const last = (await queueOf(browser)).at(-1);
    assert(last !== undefined, 'there is a last one');
    expect(await queueOf(browser, { item: last.key })).toEqual([last]);
    expect(await queueOf(browser, { item: last.key.replace('incident', 'difference') })).toEqual([]);
    expect(await browser.call('queue', undefined, { item: 'charge:1' })).toMatchObject({ status: 400 });
  });

  it('finds a charge by time, place, amount, goods, phone and number', async () => {
    const browser = await console();
    await harness().db.update(member).set({ phoneLastDigits: '0217' }).where(eq(member.memberId, 'M1002'));
    const beganMs = harness().clock.nowMs();
    const one = await charged();
    await harness().pass(60_000);
    const two = await charged([line('D4', 3_100, 1)], 'M1002');
    const [a, b] = [one.chargeId, two.chargeId];
    expect(await find(browser, {})).toEqual([b, a]);
    expect(await find(browser, { toMs: String(beganMs + 30_000) })).toEqual([a]);
    expect(await find(browser, { fromMs: String(beganMs + 30_000) })).toEqual([b]);
    expect(await find(browser, { cabinetId: 'CAB-1' })).toEqual([b, a]);
    expect(await find(browser, { cabinetId: 'CAB-2' })).toEqual([]);
    expect(await find(browser, { fromMinor: '1000', toMinor: '1300' })).toEqual([a]);
    expect(await find(browser, { goods: 'D4' })).toEqual([b]);
    expect(await find(browser, { goods: '货a1' })).toEqual([a]);
    expect(await find(browser, { goods: 'unknown' })).toEqual([]);
    expect(await find(browser, { phone: '0217' })).toEqual([b]);
    expect(await find(browser, { memberId: 'M1001' })).toEqual([a]);
    expect(await find(browser, { number: a.slice(-8).toLowerCase() })).toEqual([a]);
    expect(await find(browser, { number: b })).toEqual([b]);
    expect(await find(browser, { state: 'needs_attention' })).toEqual([]);
    const totals = async (params: Record<string, string>) => {
      const answer = await browser.call('searchTotals', undefined, params);
      return answer.ok ? answer.value : answer.status;
    };
    expect(await totals({})).toEqual({ count: 2, sums: [{ currency: 'CNY', amountMinor: 4_400 }] });
    expect(await totals({ goods: 'D4' })).toEqual({
      count: 1,
      sums: [{ currency: 'CNY', amountMinor: 3_100 }],
    });
    expect(await totals({ goods: 'unknown' })).toEqual({ count: 0, sums: [] });
    expect(await totals({ phone: "1' or" })).toBe(400);
    // What was reported is due no more.
    await report(one, 'A1');
    expect(await totals({ memberId: 'M1001' })).toEqual({
      count: 1,
      sums: [{ currency: 'CNY', amountMinor: 600 }],
    });
    const file = await browser.raw('GET', '/api/charges.csv');
    const row = file.body.split('\r\n').at(-2);
    expect(row).toMatch(/^in all: 2,+CNY,+3700,+$/);
    expect(file.body).toContain(',0217\r\n');
    const page = await browser.call('search', undefined, { limit: '1' });
    assert(page.ok && page.value.next !== null, 'there is a next page');
    expect(page.value.items[0]?.phoneLastDigits).toBe('0217');
    expect(page.value.items.map(({ chargeId }) => chargeId)).toEqual([b]);
    expect(await find(browser, { limit: '1', after: page.value.next })).toEqual([a]);
    expect(await browser.call('search', undefined, { phone: "1' or" })).toMatchObject({ status: 400 });
  });

  it('tells the whole story of a visit in its order', async () => {
    const browser = await console();
    const visit = await charged();
    await harness().pass(5_000, 500);
    await report(visit, 'A1');
    const story = await browser.call('story', undefined, { chargeId: visit.chargeId });
    assert(story.ok, 'it is told');
    const { charge, member: person, entries } = story.value;
    expect(charge).toMatchObject({
      totalMinor: 1300,
      dueMinor: 600,
      contestedMinor: 700,
      disputedSkus: ['A1'],
    });
    expect(charge.lines.map(({ sku }) => sku)).toEqual(['A1', 'B2']);
    expect(person).toMatchObject({ memberId: 'M1001', standing: 'active' });
    const times = entries.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const told = entries.map(({ type, what }) => `${type} ${what}`.trim());
    for (const one of ['admission allowed', 'door_opened', 'door_closed confirmed', 'received'])
      expect(told).toContain(one);
    for (const one of ['debit_attempt debit', 'charge_event paid', 'dispute A1', 'incident refund_due'])
      expect(told).toContain(one);
    expect(told.indexOf('charge_event paid')).toBeLessThan(told.indexOf('dispute A1'));
    const another = { chargeId: 'KM00000000000000000000000000' };
    expect(await browser.call('story', undefined, another)).toMatchObject({ status: 404 });
  });
});
