import { asc, eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { apiErrorSchema } from '../../shared/api/operator.ts';
import { lineCountMax, pieceCountMax } from '../../shared/model/basket.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { charge, chargeEvent } from '../storage/schema.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const pathOf = ({ chargeId }: { chargeId: string }) => `/v1/charges/${chargeId}`;
const reordered = (value: object): object => Object.fromEntries(Object.entries(value).reverse());

onStorage('charges', (harness) => {
  const put = (body: ChargeBody, path = pathOf(body)) => harness().send('PUT', path, body);
  const events = async (chargeId: string) => {
    const condition = eq(chargeEvent.chargeId, chargeId);
    const rows = await harness().db.select().from(chargeEvent).where(condition).orderBy(asc(chargeEvent.id));
    return rows.map((row) => row.kind);
  };

  it('are taken with as many lines and pieces as a cabinet can hold', async () => {
    const visit = await harness().visit();
    const lines = Array.from({ length: lineCountMax }, (_, i) =>
      line(`A${i}`, 1, i === 0 ? pieceCountMax : 1),
    );
    expect((await put(chargeBody(visit, { lines }))).status).toBe(200);
  });

  it('are debited once, and the first answer says paid', async () => {
    const visit = await harness().visit();
    const first = await put(chargeBody(visit));
    const paid = { chargeId: visit.chargeId, state: 'paid', reason: null, totalMinor: 1300, resolved: null };
    expect(first).toMatchObject({ status: 200, body: paid });
    expect((await harness().send('GET', pathOf(visit))).body).toEqual(paid);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
    expect(await events(visit.chargeId)).toEqual(['received', 'debit_leased', 'paid']);
  });

  it('may come again with the same body, also spelt differently', async () => {
    const visit = await harness().visit();
    const body = chargeBody(visit);
    const first = await put(body);
    const again = await harness().send('PUT', pathOf(visit), JSON.stringify(reordered(body), null, 2));
    expect(again).toMatchObject({ status: 200, body: first.body as object });
    expect((await harness().chargeRow(visit.chargeId)).receivedCount).toBe(2);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
  });

  it.each<[string, (body: ChargeBody) => object]>([
    ['another price', (b) => chargeBody(b, { lines: [line('A1', 349, 2), line('B2', 600, 1)] })],
    ['another member', (b) => ({ ...b, memberId: 'M1002' })],
    ['lines in another order', (b) => ({ ...b, lines: [...b.lines].reverse() })],
    ['one more field, unknown to us', (b) => ({ ...b, later: 1 })],
    [
      'a name that looks the same',
      (b) => ({ ...b, lines: [{ ...b.lines[0], name: { zh: '货A1\u200b', en: 'goods A1' } }, b.lines[1]] }),
    ],
  ])('answer 409 to %s under the same id, and change nothing', async (_name, change) => {
    const visit = await harness().visit();
    const body = chargeBody(visit);
    const first = await put(body);
    const before = await harness().chargeRow(visit.chargeId);
    const other = await harness().send('PUT', pathOf(visit), change(body));
    expect(other).toMatchObject({ status: 409, body: { error: 'conflict' } });
    expect(await harness().chargeRow(visit.chargeId)).toEqual(before);
    expect(await harness().incidentKinds()).toEqual(['charge_conflict']);
    expect((await events(visit.chargeId)).at(-1)).toBe('conflict');
    expect((await put(body)).body).toEqual(first.body);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
  });

  it('belong to the cabinet that signs', async () => {
    const operator = harness();
    const second = makeCabinet('CAB-2');
    await operator.enrol(second);
    const visit = await operator.visit();
    const body = chargeBody(visit);
    expect(await operator.send('PUT', pathOf(visit), body, second)).toMatchObject({
      status: 403,
      body: { error: 'forbidden' },
    });
    await put(body);
    // Another cabinet learns nothing about the id and cannot take it.
    expect(await operator.send('GET', pathOf(visit), undefined, second)).toMatchObject({
      ...{ status: 404, body: { error: 'unknown_charge' } },
    });
    const stolen = { ...body, cabinetId: 'CAB-2' };
    expect(await operator.send('PUT', pathOf(visit), stolen, second)).toMatchObject({ status: 409 });
  });

  it('that never arrived are unknown', async () => {
    const answer = await harness().send('GET', pathOf({ chargeId: newChargeId(1) }));
    expect(answer).toMatchObject({ status: 404, body: { error: 'unknown_charge' } });
  });

  it('of nothing are paid without a debit', async () => {
    const visit = await harness().visit();
    const body = chargeBody(visit, { lines: [line('FREE', 0, 1)] });
    expect((await put(body)).body).toMatchObject({ state: 'paid', totalMinor: 0 });
    expect(await harness().debitCount(visit.chargeId)).toBe(0);
  });

  it('with held lines are debited for the billed ones and marked for review', async () => {
    const visit = await harness().visit();
    const heldLines = [line('C3', 200, 1)];
    const body = chargeBody(visit, { heldLines, review: ['recognition.differs_from_confirmed'] });
    expect((await put(body)).body).toMatchObject({ state: 'paid', totalMinor: 1300 });
    expect((await harness().chargeRow(visit.chargeId)).review).toBe(true);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
  });

  it('with held lines that are dearer together than any charge are kept for a human', async () => {
    const visit = await harness().visit();
    const heldLines = Array.from({ length: 22 }, (_, i) => line(`H${i}`, 100_000_000, 1));
    const body = chargeBody(visit, { lines: [], heldLines, review: ['recognition.reader_lost'] });
    expect(await put(body)).toMatchObject({ status: 200, body: { state: 'needs_attention' } });
  });

  it('with nothing but held lines are kept for a human', async () => {
    const visit = await harness().visit();
    const heldLines = [line('C3', 200, 1)];
    const body = chargeBody(visit, { lines: [], heldLines, review: ['recognition.door_left_open'] });
    const answer = await put(body);
    expect(answer.body).toMatchObject({
      state: 'needs_attention',
      reason: 'recognition.door_left_open',
      totalMinor: 0,
    });
    expect(await harness().debitCount(visit.chargeId)).toBe(0);
  });

  it('after a lost reader are debited only when the shopper confirmed', async () => {
    const confirmed = await harness().visit();
    const review: ChargeBody['review'] = ['recognition.reader_lost'];
    expect((await put(chargeBody(confirmed, { review }))).body).toMatchObject({ state: 'paid' });
    const not = await harness().visit('M1002');
    const answer = await put(chargeBody(not, { review, confirmedByShopper: false }));
    expect(answer.body).toMatchObject({ state: 'needs_attention', reason: 'recognition.reader_lost' });
    await harness().pass(10_000);
    expect(await harness().debitCount(not.chargeId)).toBe(0);
    expect(await events(not.chargeId)).toEqual(['received', 'needs_attention']);
  });

  it.each<[string, (v: Visit, other: Visit) => Visit, string, string]>([
    [
      'a visit nobody was allowed',
      (v) => ({ ...v, visitId: newVisitId(1) }),
      'system.rejected',
      'charge_without_visit',
    ],
    [
      'a member who was not there',
      (v) => ({ ...v, memberId: 'M1002' }),
      'system.rejected',
      'charge_without_visit',
    ],
    [
      'a visit that has a charge',
      (v, o) => ({ ...v, visitId: o.visitId }),
      'system.conflict',
      'second_charge_for_visit',
    ],
  ])('of %s are kept for a human', async (_name, change, reason, incidentKind) => {
    const other = await harness().visit();
    await put(chargeBody(other));
    const visit = change(await harness().visit(), other);
    expect((await put(chargeBody(visit))).body).toMatchObject({ state: 'needs_attention', reason });
    expect(await harness().debitCount(visit.chargeId)).toBe(0);
    expect(await harness().incidentKinds()).toEqual([incidentKind]);
  });

  it('of more than the visit might cost are debited, all of them, and looked at', async () => {
    const visit = await harness().visit();
    const paid = { state: 'paid', totalMinor: 40_000 };
    expect((await put(chargeBody(visit, { lines: [line('E5', 20_000, 2)] }))).body).toMatchObject(paid);
    expect(await harness().chargeRow(visit.chargeId)).toMatchObject({ paidMinor: 40_000, review: true });
    expect(await harness().incidentKinds()).toEqual(['visit_over_limit']);
    // Up to it nobody looks.
    const second = await harness().visit('M1002');
    const body = chargeBody(second, { lines: [line('A1', 350, 17)] });
    expect((await put(body)).body).toMatchObject({ state: 'paid', totalMinor: 5_950 });
    expect(await harness().incidentKinds()).toEqual(['visit_over_limit']);
  });

  it('two of one visit at once: one is debited', async () => {
    const visit = await harness().visit();
    const ids = Array.from({ length: 4 }, () => ({
      ...visit,
      chargeId: newChargeId(harness().clock.nowMs()),
    }));
    const answers = await Promise.all(ids.map((id) => put(chargeBody(id))));
    const states = answers.map((a) => (a.body as { state: string }).state).sort();
    expect(states).toEqual(['needs_attention', 'needs_attention', 'needs_attention', 'paid']);
  });

  const broken: [string, (b: ChargeBody) => unknown][] = [
    ['no JSON', () => '{"chargeId":'],
    ['no object', () => '17'],
    ['nothing', () => undefined],
    ['another id than the path', (b) => ({ ...b, chargeId: newChargeId(5) })],
    ['an id that is none', (b) => ({ ...b, chargeId: 'KM1' })],
    ['a total that is not the sum', (b) => ({ ...b, totalMinor: 1299 })],
    [
      'a line that is not price × count',
      (b) => ({ ...b, lines: [{ ...b.lines[0], amountMinor: 1 }], totalMinor: 1 }),
    ],
    ['a fraction of a fen', (b) => ({ ...b, totalMinor: 1300.5 })],
    [
      'a negative price',
      (b) => ({ ...b, lines: [{ ...line('A', 1, 1), unitPriceMinor: -1, amountMinor: -1 }], totalMinor: -1 }),
    ],
    [
      'amounts whose sum is beyond all bounds',
      (b) => ({ ...b, lines: Array.from({ length: 100 }, () => line('A', 1_000_000, 100)) }),
    ],
    [
      'a price × count beyond all bounds',
      (b) => ({ ...b, lines: [{ ...line('A', 1, 1), unitPriceMinor: 100_000_000, count: 100 }] }),
    ],
    ['nothing billed and nothing held', (b) => ({ ...b, lines: [], totalMinor: 0 })],
    [
      'more lines than a catalogue has articles',
      (b) =>
        chargeBody(b, { lines: Array.from({ length: lineCountMax + 1 }, (_, i) => line(`A${i}`, 1, 1)) }),
    ],
    ['more pieces than a cabinet holds', (b) => chargeBody(b, { lines: [line('A', 1, pieceCountMax + 1)] })],
    ['an unknown currency', (b) => ({ ...b, currency: 'XAU' })],
    ['an unknown reason', (b) => ({ ...b, review: ['recognition.ghost'] })],
    ['a member id the database cannot hold', (b) => ({ ...b, memberId: 'M\u0000' })],
    [
      'a field nested without end',
      (b) => JSON.stringify(b).replace(/}$/, `,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    ],
  ];
  it.each(broken)('answer 400 to %s', async (_name, make) => {
    const visit = await harness().visit();
    const answer = await harness().send('PUT', pathOf(visit), make(chargeBody(visit)));
    expect(answer.status).toBe(400);
    expect(apiErrorSchema.parse(answer.body).error).toBe('bad_request');
    expect(await harness().db.select().from(charge)).toEqual([]);
  });

  it('keep odd but legal text as it came', async () => {
    const visit = await harness().visit();
    const name = { zh: '\u0000\ud800"\\\n🧃', en: "'; drop table charge; --" };
    const body = chargeBody(visit, { lines: [{ ...line('A1', 100, 1), name }] });
    const text = JSON.stringify(body).replace(/}$/, ',"__proto__":{"polluted":true},"constructor":1}');
    expect(await harness().send('PUT', pathOf(visit), text)).toMatchObject({
      status: 200,
      body: { state: 'paid' },
    });
    const stored = JSON.parse((await harness().chargeRow(visit.chargeId)).body) as ChargeBody;
    expect(stored.lines[0]?.name).toEqual(name);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('have a history that nobody can change', async () => {
    const visit = await harness().visit();
    await put(chargeBody(visit));
    for (const statement of [
      'update charge_event set detail = $$x$$',
      'delete from charge_event',
      'truncate charge_event',
    ])
      await expect(harness().db.execute(sql.raw(statement))).rejects.toMatchObject({
        cause: { message: 'charge_event is append-only' },
      });
    expect(await events(visit.chargeId)).toHaveLength(3);
  });
});
