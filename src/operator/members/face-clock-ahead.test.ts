import { expect, it } from 'vitest';
import { accountVisitMs, earlyWithdrawalsMax } from '../limits.ts';
import { earlyWithdrawal } from '../storage/schema.ts';
import { chargeBody, line, newChargeId, newEnrolmentId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { withdrawAsMember } from './face-enrolments.ts';

const dayMs = 86_400_000;

async function comeByFace(operator: OperatorHarness, enrolmentId: string) {
  const nowMs = operator.clock.nowMs();
  const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
  const byFace = { visitId: ids.visitId, faceOf: 'M1001', enrolmentId };
  const { body: reply } = await operator.send('POST', '/v1/visits/authorise', byFace);
  return { ...ids, cabinetId: 'CAB-1', memberId: 'M1001', reply };
}

/** How often it was debited. */
async function charge(operator: OperatorHarness, visit: Parameters<typeof chargeBody>[0]): Promise<number> {
  const bill = chargeBody(visit, { lines: [line('A1', 350, 1)] });
  await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, bill));
  return operator.debitCount(visit.chargeId);
}

/** Our clock is ahead while this happens, and right again a minute later. */
async function whileAhead<T>(
  operator: OperatorHarness,
  aheadMs: number,
  happens: () => Promise<T>,
): Promise<T> {
  operator.clock.jumpWall(aheadMs);
  const outcome = await happens();
  operator.clock.jumpWall(60_000 - aheadMs);
  return outcome;
}

onStorage('a face that is withdrawn by phone', (harness) => {
  it.each([
    { aheadDays: 0, isTold: false },
    { aheadDays: 7, isTold: false },
    { aheadDays: 7, isTold: true },
  ])(
    'opens and bills nothing, our clock $aheadDays days ahead then, told: $isTold',
    async ({ aheadDays, isTold }) => {
      const operator = harness();
      const enrolmentId = await operator.enrolFace();
      operator.clock.jumpWall(dayMs);
      await whileAhead(operator, aheadDays * dayMs, () => withdrawAsMember(operator, 'M1001', null));
      // The cabinet has deleted it, and has said so.
      const face = { memberId: 'M1001', enrolmentId };
      if (isTold) await operator.send('POST', '/v1/face-withdrawals', face);
      operator.clock.jumpWall(dayMs);
      const visit = await comeByFace(operator, enrolmentId);
      expect(visit.reply).toEqual({ decision: 'refused', reason: 'account.face_not_enrolled' });
      expect(await charge(operator, visit)).toBe(0);
    },
  );
});

onStorage('a face', (harness) => {
  it('counts at once, also when our clock was ahead as it was enrolled', async () => {
    const operator = harness();
    const enrolmentId = await whileAhead(operator, 7 * dayMs, () => operator.enrolFace());
    const visit = await comeByFace(operator, enrolmentId);
    expect(visit.reply).toMatchObject({ decision: 'allowed' });
    expect(await charge(operator, visit)).toBe(1);
  });

  it('counts for a charge as it stood when its visit was let in, whatever our clock said since', async () => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace();
    const visit = await comeByFace(operator, enrolmentId);
    await whileAhead(operator, -10_000, () => withdrawAsMember(operator, 'M1001', null));
    expect(await charge(operator, visit)).toBe(1);
  });
});

onStorage('withdrawals of faces that are not here', (harness) => {
  it('from a moment when our clock was ahead shut out none of today', async () => {
    const operator = harness();
    const atMs = operator.clock.nowMs() + accountVisitMs + dayMs;
    const early = Array.from({ length: earlyWithdrawalsMax }, () => newEnrolmentId(atMs));
    await operator.db
      .insert(earlyWithdrawal)
      .values(early.map((enrolmentId) => ({ cabinetId: 'CAB-1', enrolmentId, atMs })));
    const face = { memberId: 'M1001', enrolmentId: newEnrolmentId(operator.clock.nowMs()) };
    expect((await operator.send('POST', '/v1/face-withdrawals', face)).status).toBe(204);
  });
});
