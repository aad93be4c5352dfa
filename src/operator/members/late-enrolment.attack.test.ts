import { expect, it } from 'vitest';
import {
  chargeBody,
  line,
  makeCabinet,
  newChargeId,
  newEnrolmentId,
  newVisitId,
  signedHeaders,
} from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { accountVisitMs, earlyWithdrawalsMax } from '../limits.ts';
import { withdrawAsMember } from './face-enrolments.ts';
import { listNotices } from './notices.ts';

const notEnrolled = { decision: 'refused', reason: 'account.face_not_enrolled' };

/** An enrolment that is asked for now, and held back on the way: `arrive` lets it go. */
async function heldBack(operator: OperatorHarness) {
  const nowMs = operator.clock.nowMs();
  const visitId = newVisitId(nowMs);
  const asked = { visitId, code: operator.code('M1001', 60, 'enrol'), purpose: 'account' };
  await operator.send('POST', '/v1/visits/authorise', asked);
  const enrolmentId = newEnrolmentId(nowMs);
  const url = `/v1/face-enrolments/${enrolmentId}`;
  const payload = JSON.stringify({ visitId });
  const signed = { method: 'PUT', path: url, body: payload, timestampMs: nowMs };
  const headers = signedHeaders(operator.cabinet, signed);
  const arrive = async () => (await operator.raw({ method: 'PUT', url, headers, payload })).status;
  return { visitId, enrolmentId, arrive };
}
const withdraw = async (operator: OperatorHarness, enrolmentId: string) =>
  (await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId })).status;

async function comeByFace(operator: OperatorHarness, enrolmentId: string) {
  const nowMs = operator.clock.nowMs();
  const visit = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs), cabinetId: 'CAB-1' };
  const byFace = { visitId: visit.visitId, faceOf: 'M1001', enrolmentId };
  const { body: reply } = await operator.send('POST', '/v1/visits/authorise', byFace);
  return { visit: { ...visit, memberId: 'M1001' }, reply };
}

onStorage('a face that came to nothing, whose enrolment arrives after its withdrawal', (harness) => {
  it('is enrolled nowhere, and bills nobody', async () => {
    const operator = harness();
    const { enrolmentId, arrive } = await heldBack(operator);
    await operator.clock.advance(4_000);
    for (let i = 0; i < 2; i++) expect(await withdraw(operator, enrolmentId)).toBe(204);
    await operator.clock.advance(1_000);
    expect.soft(await arrive()).toBe(403);
    const { visit, reply } = await comeByFace(operator, enrolmentId);
    expect.soft(reply).toEqual(notEnrolled);
    const bill = chargeBody(visit, { lines: [line('D4', 3_100, 1)] });
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, bill);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    expect(await listNotices(operator.db, 'M1001')).toEqual([]);
  });

  it('does not stand in the way of another try in the same visit', async () => {
    const operator = harness();
    const { visitId, enrolmentId, arrive } = await heldBack(operator);
    await withdraw(operator, enrolmentId);
    const second = newEnrolmentId(operator.clock.nowMs());
    const again = await operator.send('PUT', `/v1/face-enrolments/${second}`, { visitId });
    expect(again.status).toBe(204);
    expect(await arrive()).toBe(403);
    expect((await comeByFace(operator, second)).reply).toMatchObject({ decision: 'allowed' });
  });

  it('is enrolled nowhere either when both arrive at one moment', async () => {
    const operator = harness();
    const { enrolmentId, arrive } = await heldBack(operator);
    await Promise.all([arrive(), withdraw(operator, enrolmentId)]);
    expect((await comeByFace(operator, enrolmentId)).reply).toEqual(notEnrolled);
  });
});

onStorage('what a cabinet withdraws that was never enrolled', (harness) => {
  it('takes a bounded room, holds up no withdrawal of a face that is enrolled, and no other cabinet', async () => {
    const operator = harness();
    const known = await operator.enrolFace();
    const nowMs = operator.clock.nowMs();
    for (let i = 0; i < earlyWithdrawalsMax; i++)
      expect(await withdraw(operator, newEnrolmentId(nowMs))).toBe(204);
    const { enrolmentId, arrive } = await heldBack(operator);
    expect(await withdraw(operator, enrolmentId)).toBe(429);
    expect(await withdraw(operator, known)).toBe(204);
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const theirs = { memberId: 'M1001', enrolmentId: newEnrolmentId(nowMs) };
    expect((await operator.send('POST', '/v1/face-withdrawals', theirs, other)).status).toBe(204);
    // The cabinet says it again, and has the face withdrawn that was enrolled meanwhile.
    expect(await arrive()).toBe(204);
    expect(await withdraw(operator, enrolmentId)).toBe(204);
    expect((await comeByFace(operator, enrolmentId)).reply).toEqual(notEnrolled);
    await operator.pass(accountVisitMs, 60_000);
    expect(await withdraw(operator, newEnrolmentId(nowMs))).toBe(204);
  });
});

onStorage('a member who withdraws by phone while an enrolment is under way', (harness) => {
  it.each([null, 'CAB-1'])('is not enrolled by it (cabinet: %s)', async (cabinetId) => {
    const operator = harness();
    const { enrolmentId, arrive } = await heldBack(operator);
    await withdrawAsMember(operator, 'M1001', cabinetId);
    expect(await arrive()).toBe(403);
    expect((await comeByFace(operator, enrolmentId)).reply).toEqual(notEnrolled);
  });

  it('is enrolled all the same at another cabinet, or with a new code', async () => {
    const operator = harness();
    const { arrive } = await heldBack(operator);
    await withdrawAsMember(operator, 'M1001', 'CAB-2');
    await withdrawAsMember(operator, 'M1002', null);
    expect(await arrive()).toBe(204);
    await withdrawAsMember(operator, 'M1001', null);
    const enrolmentId = await operator.enrolFace();
    expect((await comeByFace(operator, enrolmentId)).reply).toMatchObject({ decision: 'allowed' });
  });
});
