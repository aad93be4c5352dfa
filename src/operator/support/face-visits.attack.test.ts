import { count, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { chargesWithoutVisitMax, incidentsOfKindMax, visitsOfDayMax } from '../limits.ts';
import { charge, incident } from '../storage/schema.ts';

/**
 * The thief is a member, has enrolled his face at a cabinet, and has stolen the cabinet's key. He names himself by face as
 * often as he likes, and bills each such visit with nothing: a day of it is kept for ever.
 */
onStorage('a cabinet’s key in the hands of a member with a face there', (harness) => {
  it('brings only so many charges in a few minutes', async () => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace();
    const send = async () => {
      const nowMs = operator.clock.nowMs();
      const visit = {
        visitId: newVisitId(nowMs),
        chargeId: newChargeId(nowMs),
        cabinetId: operator.cabinet.cabinetId,
        memberId: 'M1001',
      };
      const asked = { visitId: visit.visitId, faceOf: 'M1001', enrolmentId };
      await operator.send('POST', '/v1/visits/authorise', asked);
      const body = chargeBody(visit, { lines: [line('A1', 0, 1)] });
      const { status } = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, body);
      await operator.clock.advance(50);
      return status;
    };
    const withoutVisit = 2 * incidentsOfKindMax;
    for (let i = 0; i < visitsOfDayMax + withoutVisit; i++) expect(await send()).toBe(200);
    // He goes on in the same way until there is room for two more.
    const [last] = await operator.db.select().from(charge).where(eq(charge.visitKnown, false)).limit(1);
    assert(last !== undefined, 'he has no more visits, but charges');
    const nowMs = operator.clock.nowMs();
    const more = Array.from({ length: chargesWithoutVisitMax - withoutVisit - 2 }, () => ({
      ...last,
      chargeId: newChargeId(nowMs),
    }));
    await operator.db.insert(charge).values(more);
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) statuses.push(await send());
    expect(statuses).toEqual([200, 200, ...Array.from({ length: 8 }, () => 429)]);
    const [kept] = await operator.db.select({ n: count() }).from(charge);
    const [listed] = await operator.db.select({ n: count() }).from(incident);
    // Beyond those of known visits each is one of an unknown visit, which has a bound of its own.
    expect.soft(listed?.n).toBeLessThanOrEqual(visitsOfDayMax + incidentsOfKindMax);
    expect(kept?.n).toBe(visitsOfDayMax + chargesWithoutVisitMax);
  });
});
