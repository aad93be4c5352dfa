import { and, eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { accountVisitMs, claimedFaceMaxMs } from '../limits.ts';
import { faceEnrolment, visit as visitTable } from '../storage/schema.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import {
  chargeBody,
  line,
  makeCabinet,
  newChargeId,
  newEnrolmentId,
  newVisitId,
} from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { withdrawAsMember } from './face-enrolments.ts';
import { listNotices } from './notices.ts';

const forbidden = { status: 403, body: { error: 'forbidden' } };
const notEnrolled = { decision: 'refused', reason: 'account.face_not_enrolled' };

/** "My data", opened with a code of that purpose. */
async function openAccount(operator: OperatorHarness, purpose: 'visit' | 'enrol', cabinet?: TestCabinet) {
  const visitId = newVisitId(operator.clock.nowMs());
  const asked = { visitId, code: operator.code('M1001', 60, purpose), purpose: 'account' };
  const { body } = await operator.send('POST', '/v1/visits/authorise', asked, cabinet);
  return { visitId, reply: body };
}

const enrol = (operator: OperatorHarness, enrolmentId: string, visitId: string, cabinet?: TestCabinet) =>
  operator.send('PUT', `/v1/face-enrolments/${enrolmentId}`, { visitId }, cabinet);
const fresh = (operator: OperatorHarness) => newEnrolmentId(operator.clock.nowMs());

async function comeByFace(operator: OperatorHarness, enrolmentId?: string) {
  const nowMs = operator.clock.nowMs();
  const visit = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
  const body = { visitId: visit.visitId, faceOf: 'M1001', enrolmentId };
  const { body: reply } = await operator.send('POST', '/v1/visits/authorise', body);
  return { ...visit, cabinetId: 'CAB-1', memberId: 'M1001', reply };
}

async function charge(operator: OperatorHarness, visit: Parameters<typeof chargeBody>[0], priceMinor = 350) {
  const body = chargeBody(visit, { lines: [line(priceMinor === 350 ? 'A1' : 'D4', priceMinor, 1)] });
  return (await operator.send('PUT', `/v1/charges/${visit.chargeId}`, body)).body;
}

onStorage('enrolling a face', (harness) => {
  it('needs an enrolment code of the member, shown in that visit', async () => {
    const operator = harness();
    const plain = await openAccount(operator, 'visit');
    expect(plain.reply).not.toHaveProperty('mayEnrol');
    expect(await enrol(operator, fresh(operator), plain.visitId)).toMatchObject(forbidden);
    const asked = await openAccount(operator, 'enrol');
    expect(asked.reply).toMatchObject({ decision: 'allowed', mayEnrol: true });
    const enrolmentId = fresh(operator);
    expect((await enrol(operator, enrolmentId, asked.visitId)).status).toBe(204);
    expect(await comeByFace(operator, enrolmentId)).toMatchObject({ reply: { decision: 'allowed' } });
  });

  it('is done once with a code; the same again is the same', async () => {
    const operator = harness();
    const { visitId } = await openAccount(operator, 'enrol');
    const enrolmentId = fresh(operator);
    await enrol(operator, enrolmentId, visitId);
    expect((await enrol(operator, enrolmentId, visitId)).status).toBe(204);
    expect(await enrol(operator, fresh(operator), visitId)).toMatchObject(forbidden);
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId });
    expect(await enrol(operator, enrolmentId, visitId)).toMatchObject(forbidden);
    expect(await enrol(operator, fresh(operator), visitId)).toMatchObject(forbidden);
  });

  it('is over after a while, and is nothing for another cabinet', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const { visitId } = await openAccount(operator, 'enrol');
    expect(await enrol(operator, fresh(operator), visitId, other)).toMatchObject(forbidden);
    await operator.pass(accountVisitMs, 60_000);
    expect(await enrol(operator, fresh(operator), visitId)).toMatchObject(forbidden);
  });

  it('is not begun with a code that was shown already, has expired, or is shown for a door', async () => {
    const operator = harness();
    const code = operator.code('M1001', 60, 'enrol');
    const ask = async (purpose: string, expiring = code) =>
      (
        await operator.send('POST', '/v1/visits/authorise', {
          visitId: newVisitId(operator.clock.nowMs()),
          code: expiring,
          purpose,
        })
      ).body;
    expect(await ask('visit')).toEqual({ decision: 'refused', reason: 'account.code_unknown' });
    expect(await ask('account')).toMatchObject({ mayEnrol: true });
    expect(await ask('account')).toEqual({ decision: 'refused', reason: 'account.code_replayed' });
    expect(await ask('account', operator.code('M1001', -60, 'enrol'))).toEqual({
      decision: 'refused',
      reason: 'account.code_expired',
    });
  });

  it('takes the place of the face before', async () => {
    const operator = harness();
    const [first, second] = [await operator.enrolFace(), await operator.enrolFace()];
    expect((await comeByFace(operator, first)).reply).toEqual(notEnrolled);
    expect((await comeByFace(operator, second)).reply).toMatchObject({ decision: 'allowed' });
    // A cabinet that was not updated names none, and has enrolled none.
    expect((await comeByFace(operator)).reply).toEqual(notEnrolled);
  });
});

onStorage('a face that was withdrawn', (harness) => {
  it('opens nothing any more, and what was bought by it before is debited', async () => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace();
    const before = await comeByFace(operator, enrolmentId);
    await operator.pass(1);
    const withdrawal = { memberId: 'M1001', enrolmentId };
    expect((await operator.send('POST', '/v1/face-withdrawals', withdrawal)).status).toBe(204);
    expect((await operator.send('POST', '/v1/face-withdrawals', withdrawal)).status).toBe(204);
    expect(await charge(operator, before)).toMatchObject({ state: 'paid' });
    const after = await comeByFace(operator, enrolmentId);
    expect(after.reply).toEqual(notEnrolled);
    expect(await charge(operator, after)).toMatchObject({ state: 'needs_attention' });
  });

  it('is withdrawn by its own cabinet alone, or by the member’s phone', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const enrolmentId = await operator.enrolFace();
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId }, other);
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId: null });
    expect((await comeByFace(operator, enrolmentId)).reply).toMatchObject({ decision: 'allowed' });
    await withdrawAsMember(operator, 'M1001', 'CAB-2');
    expect((await comeByFace(operator, enrolmentId)).reply).toMatchObject({ decision: 'allowed' });
    await withdrawAsMember(operator, 'M1001', null);
    expect((await comeByFace(operator, enrolmentId)).reply).toEqual(notEnrolled);
  });

  it.each([
    ['is debited where the face was enrolled then', false, { state: 'paid' }],
    ['is held where it was withdrawn by then', true, { state: 'needs_attention', reason: 'system.rejected' }],
  ])('a charge of a visit whose row does not say how the face stood %s', async (_, isWithdrawn, expected) => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace();
    const visit = await comeByFace(operator, enrolmentId);
    await operator.db
      .update(visitTable)
      .set({ faceStanding: null })
      .where(eq(visitTable.visitId, visit.visitId));
    if (isWithdrawn)
      await operator.db
        .update(faceEnrolment)
        .set({ withdrawnAtMs: operator.clock.nowMs() - 1 })
        .where(eq(faceEnrolment.enrolmentId, enrolmentId));
    expect(await charge(operator, visit)).toMatchObject(expected);
    expect(await operator.incidentKinds()).toEqual(isWithdrawn ? ['face_not_enrolled'] : []);
  });
});

onStorage('a face that the member has withdrawn by phone', (harness) => {
  const health = async (operator: OperatorHarness) => (await operator.send('GET', '/v1/health')).body;

  it('is named to its cabinet until that has said that it is gone, and to no other', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const enrolmentId = await operator.enrolFace();
    expect(await health(operator)).not.toHaveProperty('facesToDelete');
    await withdrawAsMember(operator, 'M1001', null);
    const face = { memberId: 'M1001', enrolmentId };
    expect(await health(operator)).toMatchObject({ facesToDelete: [face] });
    expect(await health(operator)).toMatchObject({ facesToDelete: [face] });
    expect((await operator.send('GET', '/v1/health', undefined, other)).body).not.toHaveProperty(
      'facesToDelete',
    );
    await operator.send('POST', '/v1/face-withdrawals', face, other);
    expect(await health(operator)).toMatchObject({ facesToDelete: [face] });
    await operator.send('POST', '/v1/face-withdrawals', face);
    expect(await health(operator)).not.toHaveProperty('facesToDelete');
  });
});

onStorage('a face from before there were enrolments', (harness) => {
  const claim = async (operator: OperatorHarness, endsInMs: number) => {
    const nowMs = operator.clock.nowMs();
    await operator.db.insert(faceEnrolment).values({
      ...{ cabinetId: 'CAB-1', enrolmentId: 'claimed-M1001', memberId: 'M1001', standing: 'claimed' },
      ...{ enrolledAtMs: nowMs - 1, endsAtMs: nowMs + endsInMs },
    });
  };

  it('counts for little, and not for long', async () => {
    const operator = harness();
    await claim(operator, 60_000);
    const visit = await comeByFace(operator);
    expect(visit.reply).toMatchObject({ decision: 'allowed', visitMaxMinor: 3_000 });
    expect(await listNotices(operator.db, 'M1001')).toMatchObject([{ kind: 'face_unconfirmed' }]);
    expect(await charge(operator, visit, 3_100)).toMatchObject({ state: 'needs_attention' });
    expect(await charge(operator, await comeByFace(operator))).toMatchObject({ state: 'paid' });
    await operator.pass(60_000, 10_000);
    expect((await comeByFace(operator)).reply).toEqual(notEnrolled);
  });

  it('holds up no charge of a visit from before, whose cabinet was told more', async () => {
    const operator = harness();
    await claim(operator, 60_000);
    const before = await comeByFace(operator);
    const { reply } = before;
    await operator.db
      .update(visitTable)
      .set({ reply: JSON.stringify({ ...(reply as object), visitMaxMinor: 20_000 }) })
      .where(eq(visitTable.visitId, before.visitId));
    expect(await charge(operator, before, 3_100)).toMatchObject({ state: 'paid' });
  });

  it('that was taken over while our clock was ahead does not count longer for that', async () => {
    const operator = harness();
    await claim(operator, claimedFaceMaxMs + 60_000);
    expect((await comeByFace(operator)).reply).toEqual(notEnrolled);
  });

  it('ends with the one that is enrolled in its place, and when the cabinet deletes it', async () => {
    const operator = harness();
    await claim(operator, 60_000);
    const enrolmentId = await operator.enrolFace();
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId });
    expect((await comeByFace(operator)).reply).toEqual(notEnrolled);
    const isClaimed = and(eq(faceEnrolment.standing, 'claimed'), sql`withdrawn_at_ms is not null`);
    expect(await operator.db.select().from(faceEnrolment).where(isClaimed)).toHaveLength(1);
  });
});
