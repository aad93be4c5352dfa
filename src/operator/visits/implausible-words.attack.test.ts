import { expect, it } from 'vitest';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import { amountMaxMinor } from '../../shared/money.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { defaultPolicy } from '../limits.ts';

const { heldCountsMs, unpaidMaxMinor, visitReserveMinor, visitReserveMs } = defaultPolicy;

/** Of a visit that the member has really made there. */
onStorage('whoever has stolen a cabinet’s key names a sum that cannot be', (harness) => {
  const begin = async (operator: OperatorHarness) => {
    const nowMs = operator.clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const asked = { ...ids, code: operator.code() };
    expect((await operator.send('POST', '/v1/visits/authorise', asked)).body).toMatchObject({
      decision: 'allowed',
    });
    return { ...ids, cabinetId: operator.cabinet.cabinetId, memberId: 'M1001' };
  };
  /** What the member may take elsewhere; null: the door stays shut. */
  const roomElsewhere = async (operator: OperatorHarness): Promise<number | null> => {
    operator.clock.jumpWall(visitReserveMs + 1);
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const reply = await operator.authorise(newVisitId(operator.clock.nowMs()), operator.code(), other);
    const read = authoriseReplySchema.parse(reply);
    return read.decision === 'allowed' ? read.visitMaxMinor : null;
  };
  const close = (
    operator: OperatorHarness,
    { visitId, chargeId }: Awaited<ReturnType<typeof begin>>,
    totalMinor: number,
  ) => {
    const said = { chargeId, ended: 'charge', totalMinor, heldMinor: 0, closedAtMs: operator.clock.nowMs() };
    return operator.send('PUT', `/v1/visits/${visitId}/closing`, said);
  };

  it.each([unpaidMaxMinor + 1, amountMaxMinor])(
    'in its report (%i): the member is let in elsewhere',
    async (sum) => {
      const operator = harness();
      expect(await close(operator, await begin(operator), sum)).toMatchObject({ status: 200 });
      expect(await roomElsewhere(operator)).toBe(unpaidMaxMinor - visitReserveMinor);
    },
  );

  it('or one that may be, and sends no charge: for a day it counts, then as an open visit', async () => {
    const operator = harness();
    await close(operator, await begin(operator), unpaidMaxMinor);
    expect(await roomElsewhere(operator)).toBeNull();
    operator.clock.jumpWall(heldCountsMs);
    expect(await roomElsewhere(operator)).toBe(unpaidMaxMinor - visitReserveMinor);
  });

  it('in a charge, which is held: the member is let in elsewhere', async () => {
    const operator = harness();
    const visit = await begin(operator);
    const body = chargeBody(visit, { lines: [line('A1', amountMaxMinor, 1)] });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({
      state: 'needs_attention',
      reason: 'system.rejected',
    });
    expect(await roomElsewhere(operator)).toBe(unpaidMaxMinor - visitReserveMinor);
  });
});
