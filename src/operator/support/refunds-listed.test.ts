import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { assert } from '../../shared/assert.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { charge, dispute, disputeLine, incident } from '../storage/schema.ts';
import { resolveIncident } from './incidents.ts';

onStorage('what is to be paid back, on the list that people read', (harness) => {
  /** 13.00 that were paid: A1 of 7.00, B2 of 6.00. */
  const paid = async (): Promise<Visit> => {
    const operator = harness();
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(5_000, 500);
    return visit;
  };
  const bodyOf = (sku: string) => {
    const nowMs = harness().clock.nowMs();
    return { disputeId: makeDisputeId(nowMs, randomBytes(idRandomByteCount)), skus: [sku], atMs: nowMs };
  };
  const tell = async ({ chargeId }: Visit, body: object): Promise<void> => {
    const { status } = await harness().send('POST', `/v1/charges/${chargeId}/disputes`, body);
    expect(status).toBeLessThan(300);
  };
  const report = (visit: Visit, sku: string): Promise<void> => tell(visit, bodyOf(sku));
  const decide = async ({ chargeId }: Visit, decision: string, amountMinor: number): Promise<void> => {
    const response = await harness().operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', reason: 'on the video', decision, amountMinor, cabinetId: 'CAB-1' },
    });
    expect(response?.statusCode).toBe(200);
  };
  const open = (chargeId: string) =>
    harness()
      .db.select()
      .from(incident)
      .where(
        and(eq(incident.chargeId, chargeId), eq(incident.kind, 'refund_due'), isNull(incident.resolvedAtMs)),
      );
  /** People pay it back, and close it. */
  const close = async ({ chargeId }: Visit): Promise<void> => {
    const [first] = await open(chargeId);
    assert(first !== undefined, 'it is listed');
    await resolveIncident(harness(), first.id, { actor: 'anna', resolution: 'paid back' });
  };
  /** The sums of those that are open: one at most. */
  const asked = async ({ chargeId }: Visit) =>
    (await open(chargeId)).map(({ amountMinor, detail }) => {
      expect(detail).toContain(`pay back ${amountMinor ?? 0}: paid 1300`);
      return amountMinor;
    });

  it('is not new when it is told again after people have paid it back', async () => {
    const visit = await paid();
    const body = bodyOf('A1');
    await tell(visit, body);
    await close(visit);
    harness().clock.jumpWall(24 * 3_600_000);
    await tell(visit, body);
    await tell(visit, { ...bodyOf('A1'), atMs: body.atMs });
    expect(await open(visit.chargeId)).toEqual([]);
  });

  it('is told as perhaps paid back when its report comes again to a database that was put back', async () => {
    const { db, clock } = harness();
    const visit = await paid();
    const before = await harness().chargeRow(visit.chargeId);
    const body = bodyOf('A1');
    await tell(visit, body);
    await close(visit);
    // The backup is from after the debit and before the report.
    await db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('session_replication_role', 'replica', true)`);
      for (const table of [disputeLine, dispute, incident]) await tx.delete(table);
      await tx.update(charge).set(before).where(eq(charge.chargeId, visit.chargeId));
    });
    clock.jumpWall(24 * 3_600_000);
    await tell(visit, body);
    const looked = 'perhaps told before and paid back, look at the provider first';
    expect((await open(visit.chargeId))[0]?.detail).toContain(looked);
    // A further report does not hide it.
    await report(visit, 'B2');
    expect(await open(visit.chargeId)).toMatchObject([{ amountMinor: 1300 }]);
    expect((await open(visit.chargeId))[0]?.detail).toContain(looked);
  });

  it('is the sum of what was reported', async () => {
    const visit = await paid();
    await report(visit, 'A1');
    expect(await asked(visit)).toEqual([700]);
    await report(visit, 'B2');
    expect(await asked(visit)).toEqual([1300]);
  });

  it('is no more than what was not denied, also with a later report', async () => {
    const visit = await paid();
    await report(visit, 'A1');
    await decide(visit, 'deny_dispute', 1300);
    expect(await asked(visit)).toEqual([]);
    await report(visit, 'B2');
    expect(await asked(visit)).toEqual([600]);
    expect((await harness().chargeRow(visit.chargeId)).refundDueMinor).toBe(600);
  });

  it('is the rest where a report was denied in part', async () => {
    const visit = await paid();
    await report(visit, 'A1');
    await decide(visit, 'deny_dispute', 1000);
    expect(await asked(visit)).toEqual([300]);
  });

  it('is not what people have paid back already', async () => {
    const visit = await paid();
    await report(visit, 'A1');
    await close(visit);
    await report(visit, 'B2');
    expect(await asked(visit)).toEqual([600]);
    await decide(visit, 'deny_dispute', 1300);
    expect(await asked(visit)).toEqual([]);
  });

  it('leaves what an instance from before has listed as it is', async () => {
    const visit = await paid();
    const { cabinetId, chargeId } = visit;
    const listed = {
      kind: 'refund_due',
      cabinetId,
      chargeId,
      detail: 'pay back 700: paid 1300, due 600',
    } as const;
    await harness()
      .db.insert(incident)
      .values({ ...listed, atMs: 1 });
    await report(visit, 'B2');
    expect((await open(chargeId)).map(({ amountMinor }) => amountMinor)).toEqual([null, 600]);
  });
});
