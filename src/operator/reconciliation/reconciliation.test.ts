import { asc, eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { billLookBackDays, billMissingAfterMs } from '../limits.ts';
import { bill, billLine, charge, difference, fakeOrder } from '../storage/schema.ts';
import { resolveIncident } from '../support/incidents.ts';
import type { Bill, BillFailure, BillSource, Day } from './bill.ts';
import { addDays, dayOf, startOf } from './bill.ts';
import { closeDifference, csvOfDifferences, listDifferences } from './differences.ts';
import { fakeBills } from './fake-bill.ts';
import { Reconciliation } from './reconciliation.ts';
import { refundWayMs } from './match.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const never = new AbortController().signal;

/** The fake provider's bills, as a test wants them. */
class Bills implements BillSource {
  readonly provider = 'fake';
  readonly merchant = 'fake';
  readonly offsetMs = 0;
  readonly readyAfterMs = 10 * hourMs;
  readonly asked: string[] = [];
  /** Instead of the book, for a day. */
  readonly instead = new Map<string, Result<Bill, BillFailure>>();
  readonly #book: BillSource;

  constructor(operator: OperatorHarness) {
    this.#book = fakeBills(operator.db);
  }

  fetch(day: Day): Promise<Result<Bill, BillFailure>> {
    this.asked.push(day);
    const other = this.instead.get(day);
    return other === undefined ? this.#book.fetch(day, never) : Promise.resolve(other);
  }
}

function reconciliationOf({ db, clock }: OperatorHarness, source: BillSource): Reconciliation {
  return new Reconciliation({ db, clock, logger: silentLogger, sources: [source] });
}

/** A charge that was paid. */
async function buy(operator: OperatorHarness): Promise<string> {
  const visit = await operator.visit();
  const put = operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
  await operator.during(put);
  await operator.untilState(visit.chargeId, 'paid', 10_000);
  return visit.chargeId;
}

function found(operator: OperatorHarness) {
  const { kind, orderId, state, isGone } = difference;
  return operator.db.select({ kind, orderId, state, isGone }).from(difference).orderBy(asc(difference.id));
}

/** Half past eleven in the morning after the day on which it is now. */
async function toNextMorning(operator: OperatorHarness): Promise<Day> {
  const { clock } = operator;
  // Its own job would read the bills before the test does.
  await operator.close();
  const day = dayOf(clock.nowMs(), 0);
  clock.skip(startOf(addDays(day, 1), 0) + 11.5 * hourMs - clock.nowMs());
  return day;
}

/** Noon of the harness's first day. */
function toNoon({ clock }: OperatorHarness): void {
  clock.skip(12 * hourMs);
}

onStorage('bills and charges', (harness) => {
  it('that say the same are no difference, and a bill is read once', async () => {
    const operator = harness();
    toNoon(operator);
    await buy(operator);
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const day = await toNextMorning(operator);
    await reconciliation.runDue(never);
    expect(bills.asked.at(-1)).toBe(day);
    const askedCount = bills.asked.length;
    expect(askedCount).toBeLessThanOrEqual(billLookBackDays);
    expect(await found(operator)).toEqual([]);
    expect(await operator.db.select().from(billLine)).toHaveLength(1);
    await reconciliation.runDue(never);
    expect(bills.asked).toHaveLength(askedCount);
  });

  it('that differ are a row each, once, however often it is looked, and nothing else is changed', async () => {
    const operator = harness();
    const { db } = operator;
    toNoon(operator);
    const [lost, twice, other, fine] = [
      await buy(operator),
      await buy(operator),
      await buy(operator),
      await buy(operator),
    ];
    await db.delete(fakeOrder).where(eq(fakeOrder.chargeId, lost));
    await db.update(fakeOrder).set({ debitCount: 2 }).where(eq(fakeOrder.chargeId, twice));
    await db.update(fakeOrder).set({ amountMinor: 1 }).where(eq(fakeOrder.chargeId, other));
    const row = {
      memberId: 'M',
      amountMinor: 5,
      currency: 'CNY',
      debitCount: 1,
      atMs: operator.clock.nowMs(),
    };
    await db.insert(fakeOrder).values({ chargeId: 'SHOP-1', ...row });
    const before = await db.select().from(charge).orderBy(asc(charge.chargeId));
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const day = await toNextMorning(operator);
    await reconciliation.runDue(never);
    const wanted = [
      { kind: 'other_amount', orderId: other },
      { kind: 'paid_here_not_there', orderId: lost },
      { kind: 'twice_there', orderId: twice },
      { kind: 'unknown_order', orderId: 'SHOP-1' },
    ].map((one) => ({ ...one, state: 'open', isGone: false }));
    const byKind = async () => (await found(operator)).sort((a, b) => a.kind.localeCompare(b.kind));
    expect(await byKind()).toEqual(wanted);
    expect(wanted.map((one) => one.orderId)).not.toContain(fine);
    for (let i = 0; i < 2; i++)
      expect(await reconciliation.runDay(bills, day, never)).toMatchObject({ ok: true });
    expect(await byKind()).toEqual(wanted);
    expect(await db.select().from(billLine).where(eq(billLine.day, day))).toHaveLength(5);
    expect(await db.select().from(charge).orderBy(asc(charge.chargeId))).toEqual(before);
  });

  it('of a time in which nothing ran are made up for, each once', async () => {
    const operator = harness();
    const { clock } = operator;
    toNoon(operator);
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const first = await toNextMorning(operator);
    await reconciliation.runDue(never);
    const daysAway = 3 * billLookBackDays;
    clock.skip(daysAway * dayMs);
    const nothing = fail('bill_not_ready', 'no longer there');
    bills.instead.set(addDays(first, 2), nothing);
    bills.asked.length = 0;
    await reconciliation.runDue(never);
    const away = Array.from({ length: daysAway }, (_, n) => addDays(first, n + 1));
    expect(bills.asked).toEqual(away);
    bills.asked.length = 0;
    await reconciliation.runDue(never);
    expect(bills.asked).toEqual([]);
    const troubles = await operator.db
      .select({ kind: difference.kind, day: difference.day })
      .from(difference);
    expect(troubles).toEqual([{ kind: 'bill_missing', day: addDays(first, 2) }]);
  });

  it('a chargeback is a row of its own until it is given again', async () => {
    const operator = harness();
    toNoon(operator);
    const chargeId = await buy(operator);
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const day = await toNextMorning(operator);
    const paid = await bills.fetch(day);
    const [line] = paid.ok ? paid.value.lines : [];
    if (line === undefined) throw new Error('nothing was paid');
    const taken = { ...line, kind: 'chargeback', ref: 'D1' } as const;
    const given = { ...line, kind: 'chargeback_reversed', ref: 'D2' } as const;
    bills.instead.set(day, ok({ lines: [line, taken] }));
    await reconciliation.runDue(never);
    const row = { kind: 'chargeback', orderId: chargeId, state: 'open' };
    expect(await found(operator)).toEqual([{ ...row, isGone: false }]);
    bills.instead.set(day, ok({ lines: [line, taken, given] }));
    expect(await reconciliation.runDay(bills, day, never)).toMatchObject({ ok: true });
    expect(await found(operator)).toEqual([{ ...row, isGone: true }]);
  });

  it('a chargeback that comes again after people have closed the first is a row of its own', async () => {
    const operator = harness();
    toNoon(operator);
    const chargeId = await buy(operator);
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const day = await toNextMorning(operator);
    const paid = await bills.fetch(day);
    const [line] = paid.ok ? paid.value.lines : [];
    if (line === undefined) throw new Error('nothing was paid');
    const movement = (kind: 'chargeback' | 'chargeback_reversed', ref: string) => ({ ...line, kind, ref });
    const listed = [line, movement('chargeback', 'D1')];
    const look = async () => {
      bills.instead.set(day, ok({ lines: [...listed] }));
      expect(await reconciliation.runDay(bills, day, never)).toMatchObject({ ok: true });
      return found(operator);
    };
    const row = { kind: 'chargeback', orderId: chargeId };
    expect(await look()).toEqual([{ ...row, state: 'open', isGone: false }]);
    const [first] = await listDifferences(operator.db, null);
    const said = { state: 'closed', actor: 'anna', resolution: 'we have shown the pictures' } as const;
    expect(await closeDifference(operator, first?.id ?? 0, said)).toMatchObject({ ok: true });
    // What stays as it was stays closed, however often it is looked at.
    expect(await look()).toEqual([{ ...row, state: 'closed', isGone: false }]);
    listed.push(movement('chargeback_reversed', 'D2'));
    expect(await look()).toEqual([{ ...row, state: 'closed', isGone: true }]);
    listed.push(movement('chargeback', 'D3'));
    const both = [
      { ...row, state: 'closed', isGone: true },
      { ...row, state: 'open', isGone: false },
    ];
    expect(await look()).toEqual(both);
    expect(await look()).toEqual(both);
    const [closed] = await operator.db.select().from(difference).orderBy(asc(difference.id));
    expect(closed).toMatchObject({ actor: 'anna', resolution: 'we have shown the pictures' });
  });

  it('two instances at once find the same once', async () => {
    const operator = harness();
    toNoon(operator);
    const lost = await buy(operator);
    await operator.db.delete(fakeOrder);
    const day = await toNextMorning(operator);
    const bills = new Bills(operator);
    const both = [1, 2].map(() => reconciliationOf(operator, bills).runDay(bills, day, never));
    for (const one of await Promise.all(both)) expect(one).toMatchObject({ ok: true });
    expect(await found(operator)).toMatchObject([{ kind: 'paid_here_not_there', orderId: lost }]);
  });

  it('what a later bill settles is gone, and stays open until people close it, once', async () => {
    const operator = harness();
    const { db } = operator;
    toNoon(operator);
    const late = await buy(operator);
    const [order] = await db.select().from(fakeOrder);
    await db.delete(fakeOrder);
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const day = await toNextMorning(operator);
    await reconciliation.runDue(never);
    expect(await found(operator)).toMatchObject([{ orderId: late, isGone: false }]);
    if (order !== undefined)
      await db.insert(fakeOrder).values({ ...order, atMs: startOf(addDays(day, 1), 0) + 1 });
    await toNextMorning(operator);
    await reconciliation.runDue(never);
    expect(await found(operator)).toMatchObject([{ orderId: late, isGone: true, state: 'open' }]);
    const [open] = await listDifferences(db, null);
    const said = { state: 'explained', actor: 'wang', resolution: 'booked a day later' } as const;
    const close = (closing: Parameters<typeof closeDifference>[2]) =>
      closeDifference(operator, open?.id ?? 0, closing);
    for (let i = 0; i < 2; i++) expect(await close(said)).toMatchObject({ ok: true, value: said });
    expect(await close({ ...said, state: 'closed' })).toMatchObject({ error: { code: 'conflict' } });
    expect(await closeDifference(operator, 999_999, said)).toMatchObject({ error: { code: 'not_found' } });
    expect(await listDifferences(db, null)).toEqual([]);
    const text = csvOfDifferences(await listDifferences(db, day));
    expect(text.split('\r\n')).toHaveLength(3);
    expect(text).toContain(`,paid_here_not_there,not_in_bill,finance,${late},1300,,CNY,,`);
  });

  it('a bill that is late is asked for again, and one that does not come is a row for people', async () => {
    const operator = harness();
    const { db, clock } = operator;
    toNoon(operator);
    const lost = await buy(operator);
    await db.delete(fakeOrder);
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const day = await toNextMorning(operator);
    bills.instead.set(day, fail('bill_not_ready', 'STATEMENT_CREATING'));
    for (let i = 0; i < 3; i++) await reconciliation.runDue(never);
    const stateOf = async () => (await db.select().from(bill).where(eq(bill.day, day)))[0];
    expect(await stateOf()).toMatchObject({ state: 'waiting', tries: 3, lineCount: null });
    expect(await found(operator)).toEqual([]);
    clock.skip(billMissingAfterMs);
    await reconciliation.runDue(never);
    await reconciliation.runDue(never);
    expect(await stateOf()).toMatchObject({ state: 'missing', tries: 5 });
    expect(await found(operator)).toEqual([
      { kind: 'bill_missing', orderId: '', state: 'open', isGone: false },
    ]);
    bills.instead.delete(day);
    await reconciliation.runDue(never);
    expect(await stateOf()).toMatchObject({ state: 'read', lineCount: 0 });
    expect(await found(operator)).toMatchObject([
      { kind: 'bill_missing', isGone: true, state: 'open' },
      { kind: 'paid_here_not_there', orderId: lost, isGone: false },
    ]);
  });

  it('a damaged bill is a row at once, compares nothing, and takes nothing from one that was read', async () => {
    const operator = harness();
    const { db } = operator;
    toNoon(operator);
    await buy(operator);
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    const day = await toNextMorning(operator);
    bills.instead.set(day, fail('bill_damaged', 'a line short'));
    await reconciliation.runDue(never);
    expect(await found(operator)).toMatchObject([{ kind: 'bill_damaged', isGone: false }]);
    expect(await db.select().from(billLine)).toEqual([]);
    bills.instead.delete(day);
    await reconciliation.runDue(never);
    expect(await found(operator)).toMatchObject([{ kind: 'bill_damaged', isGone: true }]);
    bills.instead.set(day, fail('bill_too_large', 'more than it may be'));
    expect(await reconciliation.runDay(bills, day, never)).toMatchObject({ ok: false });
    expect(await db.select().from(billLine)).toHaveLength(1);
    expect(await db.select({ state: bill.state }).from(bill).where(eq(bill.day, day))).toEqual([
      { state: 'read' },
    ]);
  });

  it('a refund that people say they have made is looked for in the bills', async () => {
    const operator = harness();
    const { db, clock } = operator;
    toNoon(operator);
    const chargeId = await buy(operator);
    const listed = { at_ms: clock.nowMs(), kind: 'refund_due', cabinet_id: 'CAB-1', amount: 300 };
    const insert = sql`insert into incident (at_ms, kind, cabinet_id, charge_id, detail, amount_minor)
      values (${listed.at_ms}, ${listed.kind}, ${listed.cabinet_id}, ${chargeId}, 'pay back 300', 300) returning id`;
    const answer: unknown = await db.execute(insert);
    const id = Number((answer as { rows: { id: unknown }[] }).rows[0]?.id);
    await db.update(charge).set({ refundDueMinor: 300 });
    await resolveIncident({ db, clock }, id, { actor: 'wang', resolution: 'paid back' });
    const bills = new Bills(operator);
    const reconciliation = reconciliationOf(operator, bills);
    let day = await toNextMorning(operator);
    for (let i = 0; i < refundWayMs / dayMs; i++) {
      await reconciliation.runDue(never);
      expect(await found(operator)).toEqual([]);
      day = await toNextMorning(operator);
    }
    await reconciliation.runDue(never);
    expect(await found(operator)).toMatchObject([
      { kind: 'refund_here_not_there', orderId: chargeId, isGone: false },
    ]);
    const line = { kind: 'refund', orderId: chargeId, ref: 'R1', amountMinor: 300, currency: 'CNY' } as const;
    const refund = { lines: [{ ...line, atMs: startOf(day, 0) }] };
    bills.instead.set(day, ok(refund));
    await reconciliation.runDay(bills, day, never);
    expect(await found(operator)).toMatchObject([{ kind: 'refund_here_not_there', isGone: true }]);
    bills.instead.set(day, ok({ lines: [...refund.lines, { ...line, ref: 'R2', atMs: startOf(day, 0) }] }));
    await reconciliation.runDay(bills, day, never);
    expect(await found(operator)).toMatchObject([
      { kind: 'refund_here_not_there', isGone: true },
      { kind: 'refund_there_not_here', isGone: false },
    ]);
  });

  it('is done by itself, each hour, when the day’s bill can be there', async () => {
    const operator = harness();
    toNoon(operator);
    await buy(operator);
    await operator.db.delete(fakeOrder);
    const hasFound = async () => (await found(operator)).length > 0;
    await operator.until(hasFound, 2 * dayMs, hourMs);
    expect(await found(operator)).toMatchObject([{ kind: 'paid_here_not_there' }]);
  });
});
