import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { chargeBody, line, makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { charge, chargeEvent, chargeLine, debitAttempt, visit as visitTable } from '../storage/schema.ts';

/**
 * The operator's database is put back to before a purchase that the provider has debited. Its cabinet sends it again; it is
 * held, as its visit is not known any more. Staff looks it up at the provider and says what was debited.
 */
onStorage('a purchase whose visit was lost, after a human has said that it was debited', (harness) => {
  it.each(['debited', 'settled'] as const)('%s: is the member’s purchase', async (decision) => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const visit = await operator.visit();
    const put = () =>
      operator.during(
        operator.send(
          'PUT',
          `/v1/charges/${visit.chargeId}`,
          chargeBody(visit, { lines: [line('A1', 350, 1)] }),
        ),
        50,
      );
    expect((await put()).body).toMatchObject({ state: 'paid', totalMinor: 350 });
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    // Put back.
    await operator.db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('session_replication_role', 'replica', true)`);
      for (const table of [debitAttempt, chargeEvent, chargeLine, charge])
        await tx.delete(table).where(eq(table.chargeId, visit.chargeId));
    });
    await operator.db.delete(visitTable).where(eq(visitTable.visitId, visit.visitId));
    expect((await put()).body).toMatchObject({ state: 'needs_attention', reason: 'system.rejected' });

    const decided = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${visit.chargeId}/resolve`,
      payload: { by: 'anna', decision, amountMinor: 350, cabinetId: 'CAB-1' },
    });
    expect(decided?.json()).toMatchObject({ state: 'paid', totalMinor: 350 });

    const visitId = newVisitId(operator.clock.nowMs());
    const body = { visitId, code: operator.code(), purpose: 'account' };
    await operator.send('POST', '/v1/visits/authorise', body, other);
    const answer = await operator.send('POST', '/v1/purchases', { visitId }, other);
    const { purchases } = purchasesReplySchema.parse(answer.body);
    expect(purchases.map(({ chargeId }) => chargeId)).toEqual([visit.chargeId]);
  });
});
