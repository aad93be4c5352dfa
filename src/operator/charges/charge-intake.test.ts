import { asc, eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody, line, makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { serveCatalog } from '../fleet/catalog.ts';
import { defaultPolicy } from '../limits.ts';
import { memberCodesOf } from '../members/member-code-keyring.ts';
import { charge, chargeEvent, chargeLine, member } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { ChargeIntake } from './charge-intake.ts';

interface Sale {
  readonly cabinet: TestCabinet;
  readonly body: ChargeBody;
}

/** Each at a cabinet of its own, by a member of its own. */
async function makeSales(operator: OperatorHarness, count: number): Promise<Sale[]> {
  const sales: Sale[] = [];
  for (let number = 0; number < count; number++) {
    const cabinet = makeCabinet(`SHOP-${number}`);
    await operator.enrol(cabinet);
    const memberId = `M2${number}`;
    const account = { provider: 'fake', standing: 'active' as const, owedElsewhereMinor: 0, note: '' };
    await operator.db.insert(member).values({ memberId, display: '*', ...account });
    sales.push({ cabinet, body: chargeBody(await operator.visit(memberId, cabinet)) });
  }
  return sales;
}

/** All at once; the state that each is answered, or the status where there is none. */
async function putAll(operator: OperatorHarness, sales: readonly Sale[], at = operator): Promise<unknown[]> {
  const puts = sales.map(({ cabinet, body }) =>
    at.send('PUT', `/v1/charges/${body.chargeId}`, body, cabinet),
  );
  const answers = await operator.during(Promise.all(puts));
  return answers.map(({ status, body }) => (body as { state?: string }).state ?? status);
}

/** An intake whose transactions end as `ending` makes them. */
function intakeOf(
  operator: OperatorHarness,
  ending: (work: () => Promise<unknown>) => Promise<unknown>,
): ChargeIntake {
  const { db, clock, keys } = operator;
  const catalog = serveCatalog(sampleCatalog, 'test');
  assert(catalog.ok, 'the test catalogue is right');
  const transaction = (work: (tx: Db) => Promise<unknown>) => ending(() => db.transaction(work));
  return new ChargeIntake({
    db: Object.create(db, { transaction: { value: transaction } }) as Db,
    ...{ clock, policy: defaultPolicy, catalog: catalog.value, memberCodes: memberCodesOf(keys) },
    ...{ beganAtMs: 0, logger: silentLogger },
  });
}

async function receiveAll(intake: ChargeIntake, sales: readonly Sale[]) {
  const all = sales.map(({ body }) =>
    intake.receive(body.cabinetId, body.chargeId, { body, json: body, sentBefore: null }),
  );
  return (await Promise.all(all)).map((taken) =>
    taken.ok ? { fresh: taken.value.fresh, ...taken.value.reply } : null,
  );
}

onStorage('charges that come together', (harness) => {
  const debits = async (sales: readonly Sale[]) =>
    Promise.all(sales.map(({ body }) => harness().debitCount(body.chargeId)));
  const events = async ({ body }: Sale) => {
    const isIts = eq(chargeEvent.chargeId, body.chargeId);
    const rows = await harness().db.select().from(chargeEvent).where(isIts).orderBy(asc(chargeEvent.id));
    return rows.map(({ kind }) => kind);
  };

  it('are written down as one that comes alone', async () => {
    const operator = harness();
    const sales = await makeSales(operator, 4);
    const [alone, ...others] = sales;
    const heldLines = [line('C3', 200, 1)];
    const held = { heldLines, review: ['recognition.differs_from_confirmed' as const] };
    const together = others.map((sale) => ({ ...sale, body: { ...sale.body, ...held } }));
    const first = { ...alone!, body: { ...alone!.body, ...held } };
    await putAll(operator, [first]);
    await putAll(operator, together);
    await operator.pass(10_000);
    const written = async ({ body: { chargeId } }: Sale) => {
      const row = await operator.chargeRow(chargeId);
      const rows = await operator.db.select().from(chargeLine).where(eq(chargeLine.chargeId, chargeId));
      const lines = rows.map((one) => ({ ...one, chargeId: '' })).sort((a, b) => a.sku.localeCompare(b.sku));
      const own = { chargeId: '', cabinetId: '', visitId: '', memberId: '', body: '', bodyHash: '' };
      const times = { firstAtMs: 0, paidAtMs: 0, askedAtMs: 0, openedAtMs: 0, closedAtMs: 0 };
      return { row: { ...row, ...own, ...times }, lines };
    };
    const expected = await written(first);
    expect(expected).toMatchObject({
      row: { state: 'paid', review: true, heldMinor: 200, visitKnown: true },
    });
    expect(expected.lines).toHaveLength(3);
    for (const sale of together) {
      expect(await written(sale)).toEqual(expected);
      expect(await events(sale)).toEqual(['received', 'debit_leased', 'paid']);
    }
    expect(await debits(sales)).toEqual([1, 1, 1, 1]);
  });

  it('cost nothing to each other when one of them is wrong, is known or is to be looked at', async () => {
    const operator = harness();
    const sales = await makeSales(operator, 6);
    const [good, wrong, known, reported, decided, last] = sales as [Sale, Sale, Sale, Sale, Sale, Sale];
    await putAll(operator, [known]);
    const report = {
      disputeId: `D${reported.body.chargeId.slice(2)}`,
      skus: ['A1'],
      atMs: operator.clock.nowMs(),
    };
    await operator.send('POST', `/v1/charges/${reported.body.chargeId}/disputes`, report, reported.cabinet);
    await operator.db.execute(sql`
      insert into early_resolution (charge_id, cabinet_id, actor, decision, amount_minor, at_ms)
      values (${decided.body.chargeId}, ${decided.cabinet.cabinetId}, 'people', 'waive', 0, 1)`);
    const another = { ...known, body: { ...known.body, closedAtMs: known.body.closedAtMs + 1 } };
    const ofNobody = { ...wrong, body: { ...wrong.body, memberId: 'M9999' } };
    expect(await putAll(operator, [good, ofNobody, another, reported, decided, last])).toEqual([
      'paid',
      'needs_attention',
      409,
      'paid',
      'paid',
      'paid',
    ]);
    expect(await debits(sales)).toEqual([1, 0, 1, 1, 0, 1]);
    expect((await operator.chargeRow(reported.body.chargeId)).debitedMinor).toBe(600);
  });

  it('are taken once, however often they come at the same time, to whichever instance', async () => {
    const operator = harness();
    const other = operator.restarted();
    const sales = await makeSales(operator, 5);
    const both = await Promise.all([
      putAll(operator, [...sales, ...sales]),
      putAll(operator, [...sales].reverse(), other),
    ]);
    for (const state of both.flat()) expect(['accepted', 'paid']).toContain(state);
    await operator.pass(10_000);
    for (const sale of sales) {
      const row = await operator.chargeRow(sale.body.chargeId);
      expect(row).toMatchObject({ receivedCount: 3, state: 'paid', totalMinor: 1300 });
      expect((await events(sale)).filter((kind) => kind === 'received')).toHaveLength(1);
    }
    expect(await debits(sales)).toEqual([1, 1, 1, 1, 1]);
    expect(await operator.incidentKinds()).toEqual([]);
    await other.close();
  });

  it('of one member count one after the other in what a day may cost', async () => {
    const operator = harness();
    const sales = await makeSales(operator, 3);
    // Two of them are within the day, three are not.
    const lines = [line('D4', 3_100, 6)];
    const [{ body: first }] = sales as [Sale];
    await operator.db.execute(sql`update visit set member_id = ${first.memberId}`);
    const dear = sales.map(({ cabinet, body }) => ({
      cabinet,
      body: chargeBody({ ...body, memberId: first.memberId }, { lines }),
    }));
    const states = await putAll(operator, dear);
    expect(states.toSorted()).toEqual(['needs_attention', 'paid', 'paid']);
    expect((await debits(sales)).toSorted()).toEqual([0, 1, 1]);
  });

  it('are taken one by one when their transaction fails, or its answer is lost', async () => {
    const operator = harness();
    const sales = await makeSales(operator, 6);
    const taken = { state: 'accepted', totalMinor: 1300 };
    let failures = 1;
    const failing = intakeOf(operator, async (work) => {
      if (failures-- > 0) throw new Error('the connection is gone');
      return work();
    });
    const three = sales.slice(0, 3);
    const expected = { fresh: true, ...taken };
    expect(await receiveAll(failing, three)).toMatchObject([expected, expected, expected]);
    let lost = 1;
    const losing = intakeOf(operator, async (work) => {
      const done = await work();
      if (lost-- > 0) throw new Error('the connection is gone');
      return done;
    });
    const known = { fresh: false, ...taken };
    expect(await receiveAll(losing, sales.slice(3))).toMatchObject([known, known, known]);
    await operator.pass(10_000);
    expect(await debits(sales)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('and of which one cannot be written fall back to one by one', async () => {
    const operator = harness();
    const sales = await makeSales(operator, 3);
    const broken = sales[1]!.body.chargeId;
    await operator.db.execute(
      sql.raw(`alter table charge add constraint not_this_one check (charge_id <> '${broken}')`),
    );
    try {
      const states = await putAll(operator, sales);
      expect(states).toEqual(['paid', 503, 'paid']);
      expect(await debits(sales)).toEqual([1, 0, 1]);
    } finally {
      await operator.db.execute(sql.raw('alter table charge drop constraint not_this_one'));
    }
    expect(await operator.db.select().from(charge).where(eq(charge.chargeId, broken))).toEqual([]);
  });
});
