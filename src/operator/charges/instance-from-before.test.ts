import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { visit } from '../storage/schema.ts';

/**
 * Instances of the operator change one by one (docs/decisions/0087): the first new one brings the database up to date, and
 * one from before goes on letting people in for a while. It writes visits as ever: it does not know the column
 * `face_standing`. The charge comes to a new one, which had nothing to bring up to date any more.
 */
onStorage('a visit by an enrolled face, let in by an instance from before', (harness) => {
  it.each(['new', 'before'])('is debited as ever; the instance that let in: %s', async (which) => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace();
    const nowMs = operator.clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const byFace = { visitId: ids.visitId, faceOf: 'M1001', enrolmentId };
    const { body: reply } = await operator.send('POST', '/v1/visits/authorise', byFace);
    expect(reply).toMatchObject({ decision: 'allowed' });
    // The row as the one from before inserts it: the same, without the new column.
    if (which === 'before')
      await operator.db.update(visit).set({ faceStanding: null }).where(eq(visit.visitId, ids.visitId));
    const bill = chargeBody(
      { ...ids, cabinetId: 'CAB-1', memberId: 'M1001' },
      { lines: [line('A1', 350, 1)] },
    );
    const put = await operator.during(operator.send('PUT', `/v1/charges/${ids.chargeId}`, bill));
    expect({ ...(put.body as object), incidents: await operator.incidentKinds() }).toMatchObject({
      state: 'paid',
      reason: null,
      incidents: [],
    });
  });
});
