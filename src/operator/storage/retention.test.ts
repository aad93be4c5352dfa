import { sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { expect, it } from 'vitest';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody, newEnrolmentId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onEachStorage } from '../../testkit/operator/suite.ts';
import { recordPrices } from '../fleet/catalog-prices.ts';
import { accountVisitMs, keptMs, retentionBatchMax } from '../limits.ts';
import { tellMember } from '../members/notices.ts';
import { addIncident, resolveIncident } from '../support/incidents.ts';
import { Retention } from './retention.ts';
import { alarm, charge, chargeEvent, chargeLine, faceEnrolment, incident, memberNotice } from './schema.ts';
import { catalogPrice, earlyWithdrawal, nonce, visit } from './schema.ts';

const dayMs = 86_400_000;

function retentionOf({ db, clock }: OperatorHarness, isTimeSure = true): Retention {
  return new Retention({
    ...{ db, clock, isTimeSure: () => isTimeSure, isEmbedded: false },
    logger: silentLogger,
  });
}
async function countOf({ db }: OperatorHarness, table: PgTable): Promise<number> {
  const [row] = await db.select({ count: sql`count(*)`.mapWith(Number) }).from(table);
  return row?.count ?? 0;
}
/** A moment of everything that there can be. */
async function live(operator: OperatorHarness): Promise<void> {
  const { db, clock } = operator;
  const bought = await operator.visit();
  await operator.send('PUT', `/v1/charges/${bought.chargeId}`, chargeBody(bought));
  const kept = await operator.enrolFace();
  const gone = await operator.enrolFace('M1002');
  await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1002', enrolmentId: gone });
  expect(kept).not.toBe(gone);
  const told = { kind: 'door_left_open', visitId: bought.visitId, atMs: clock.nowMs(), detail: '' };
  await operator.send('POST', '/v1/alarms', told);
  for (let i = 0; i < 2; i++) await addIncident(db, clock, 'underpaid', 'CAB-1', bought.chargeId, 'x');
  const [first] = await db.select().from(incident);
  await resolveIncident({ db, clock }, first?.id ?? 0, { actor: 'a', resolution: 'done' });
}

onEachStorage('what is kept long enough goes', (harness) => {
  it('and nothing of money, nothing that is open, and no face that is enrolled', async () => {
    const operator = harness();
    await live(operator);
    const money = [charge, chargeLine, chargeEvent];
    const counts = () => Promise.all(money.map((table) => countOf(operator, table)));
    const before = await counts();
    await retentionOf(operator).removeOld();
    expect(await countOf(operator, visit)).toBe(3);
    expect(await countOf(operator, memberNotice)).toBe(3);
    operator.clock.jumpWall(Math.max(...Object.values(keptMs)) + dayMs);
    await retentionOf(operator).removeOld();
    for (const table of [visit, memberNotice, alarm, nonce]) expect(await countOf(operator, table)).toBe(0);
    expect(await operator.db.select().from(incident)).toMatchObject([{ resolvedAtMs: null }]);
    expect(await operator.db.select().from(faceEnrolment)).toMatchObject([{ memberId: 'M1001' }]);
    expect(await counts()).toEqual(before);
  });

  it('each in its time', async () => {
    const operator = harness();
    await live(operator);
    operator.clock.jumpWall(keptMs.endedEnrolments + 1);
    await retentionOf(operator).removeOld();
    expect(await countOf(operator, faceEnrolment)).toBe(1);
    expect(await countOf(operator, visit)).toBe(3);
    operator.clock.jumpWall(keptMs.visits - keptMs.endedEnrolments);
    await retentionOf(operator).removeOld();
    expect(await countOf(operator, visit)).toBe(0);
    expect(await countOf(operator, alarm)).toBe(1);
  });

  it('a withdrawal of what was never enrolled: not before its enrolment would be refused anyway', async () => {
    const operator = harness();
    const enrolmentId = newEnrolmentId(operator.clock.nowMs());
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId });
    operator.clock.jumpWall(accountVisitMs);
    await retentionOf(operator).removeOld();
    expect(await countOf(operator, earlyWithdrawal)).toBe(1);
    operator.clock.jumpWall(keptMs.earlyWithdrawals);
    await retentionOf(operator).removeOld();
    expect(await countOf(operator, earlyWithdrawal)).toBe(0);
  });

  it('a price, once no charge of it can come, but not one that is served', async () => {
    const operator = harness();
    const { db, clock } = operator;
    await recordPrices(db, clock, { currency: 'CNY', products: [{ sku: 'A1', priceMinor: 90_001 }] });
    await recordPrices(db, clock, { currency: 'CNY', products: [{ sku: 'A1', priceMinor: 90_002 }] });
    clock.jumpWall(keptMs.endedPrices);
    await retentionOf(operator).removeOld();
    expect(await countOf(operator, catalogPrice)).toBe(2);
    clock.jumpWall(1);
    await retentionOf(operator).removeOld();
    expect(await db.select().from(catalogPrice)).toMatchObject([{ unitPriceMinor: 90_002, untilMs: null }]);
  });

  it('by itself, also more than one step', async () => {
    const operator = harness();
    const { db, clock } = operator;
    await db.execute(sql`insert into alarm (cabinet_id, kind, at_ms, received_at_ms, detail)
      select 'CAB-1', 'device_fault', i, i, '""' from generate_series(1, ${2 * retentionBatchMax + 1}) i`);
    await tellMember(db, clock, { memberId: 'M1', kind: 'face_enrolled', ref: 'F1', cabinetId: 'CAB-1' });
    await operator.until(async () => (await countOf(operator, alarm)) === 0, 3 * 3_600_000, 60_000);
    expect(await countOf(operator, memberNotice)).toBe(1);
  });

  it('but not while two clocks disagree', async () => {
    const operator = harness();
    await operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
    // Its own one is sure of the time.
    await operator.close();
    operator.clock.jumpWall(10 * 365 * dayMs);
    const unsure = retentionOf(operator, false);
    await unsure.job.run(new AbortController().signal);
    expect(await countOf(operator, visit)).toBe(1);
  });
});
