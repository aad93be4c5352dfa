import { expect, it } from 'vitest';
import { firstRepeatMaxMs, noticesOfMemberMax } from '../limits.ts';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import { listNotices, tellMember } from './notices.ts';

const kinds = async (operator: OperatorHarness, memberId = 'M1001') =>
  (await listNotices(operator.db, memberId)).map(({ kind }) => kind);

async function buyByFace(
  operator: OperatorHarness,
  enrolmentId: EnrolmentId,
  decidedMinor?: number,
): Promise<string> {
  const nowMs = operator.clock.nowMs();
  const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
  const asked = { visitId: ids.visitId, faceOf: 'M1001', enrolmentId };
  await operator.send('POST', '/v1/visits/authorise', asked);
  const body = chargeBody({ ...ids, cabinetId: 'CAB-1', memberId: 'M1001' }, { lines: [line('A1', 350, 1)] });
  const early = { by: 'anna', decision: 'settled', cabinetId: 'CAB-1' } as const;
  if (decidedMinor !== undefined)
    await resolveCharge(operator, ids.chargeId, { ...early, amountMinor: decidedMinor });
  for (let i = 0; i < 2; i++) await operator.send('PUT', `/v1/charges/${ids.chargeId}`, body);
  return ids.chargeId;
}

onStorage('a member is told', (harness) => {
  it('of each face of theirs that is enrolled or withdrawn, and of nobody else’s', async () => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace();
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId });
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId });
    expect(await listNotices(operator.db, 'M1001')).toMatchObject([
      { kind: 'face_withdrawn', cabinetId: 'CAB-1', ref: enrolmentId },
      { kind: 'face_enrolled', cabinetId: 'CAB-1', ref: enrolmentId },
    ]);
    expect(await kinds(operator, 'M1002')).toEqual([]);
  });

  it('of a charge by face, with its sum and once, and of none by code', async () => {
    const operator = harness();
    const chargeId = await buyByFace(operator, await operator.enrolFace());
    const byCode = await operator.visit();
    await operator.send('PUT', `/v1/charges/${byCode.chargeId}`, chargeBody(byCode));
    expect(await listNotices(operator.db, 'M1001')).toMatchObject([
      { kind: 'charged_by_face', cabinetId: 'CAB-1', ref: chargeId, amountMinor: 350, currency: 'CNY' },
      { kind: 'face_enrolled' },
    ]);
  });

  it('of a charge by face also where people had decided about it before it came, with what they decided', async () => {
    const operator = harness();
    const chargeId = await buyByFace(operator, await operator.enrolFace(), 200);
    expect(await listNotices(operator.db, 'M1001')).toMatchObject([
      { kind: 'charged_by_face', cabinetId: 'CAB-1', ref: chargeId, amountMinor: 200, currency: 'CNY' },
      { kind: 'face_enrolled' },
    ]);
  });

  it('also when another cabinet has used the same number for what it says', async () => {
    const { db, clock } = harness();
    const notice = { memberId: 'M1001', kind: 'face_enrolled', ref: 'F1' } as const;
    for (const cabinetId of ['CAB-1', 'CAB-2', 'CAB-2'])
      await tellMember(db, clock, { ...notice, cabinetId });
    const told = (await listNotices(db, 'M1001')).map(({ cabinetId }) => cabinetId);
    expect(told).toEqual(['CAB-2', 'CAB-1']);
  });

  it('of a debt, when it begins', async () => {
    const operator = harness();
    operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
    const visit = await operator.visit();
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await operator.untilState(visit.chargeId, 'collecting', 10_000);
    // The next decline is the same debt.
    await operator.until(
      async () => (await operator.chargeRow(visit.chargeId)).declineCount > 1,
      firstRepeatMaxMs,
      10_000,
    );
    expect(await listNotices(operator.db, 'M1001')).toMatchObject([
      { kind: 'debt', cabinetId: 'CAB-1', ref: visit.chargeId, amountMinor: 1_300, currency: 'CNY' },
    ]);
  });

  it('of the newest things only', async () => {
    const { db, clock } = harness();
    for (let i = 0; i < noticesOfMemberMax + 5; i++)
      await tellMember(db, clock, {
        memberId: 'M1',
        kind: 'face_enrolled',
        ref: `F${i}`,
        cabinetId: 'CAB-1',
      });
    await tellMember(db, clock, { memberId: 'M2', kind: 'face_enrolled', ref: 'F1', cabinetId: 'CAB-1' });
    const kept = await listNotices(db, 'M1');
    expect(kept).toHaveLength(noticesOfMemberMax);
    expect(kept[0]?.ref).toBe(`F${noticesOfMemberMax + 4}`);
    expect(await listNotices(db, 'M2')).toHaveLength(1);
  });
});
