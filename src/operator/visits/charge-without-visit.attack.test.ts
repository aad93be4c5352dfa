import { expect, it } from 'vitest';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { memberNotice } from '../storage/schema.ts';
import { resolveCharge } from '../support/resolve-charge.ts';

const allowed = { decision: 'allowed' };
const atLimit = { decision: 'refused', reason: 'account.limit_reached' };
const memberId = 'M1001';
const dear = [line('E5', 7_000, 1)];

const ask = (operator: OperatorHarness) =>
  operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
const put = (operator: OperatorHarness, visit: Visit, cabinet: TestCabinet, lines = dear) => {
  const sent = operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, { lines }), cabinet);
  return operator.during(sent, 50);
};
async function stolenCabinet(operator: OperatorHarness): Promise<TestCabinet> {
  const stolen = makeCabinet('CAB-9');
  await operator.enrol(stolen);
  return stolen;
}
/** Bills a member who was never there. */
async function forge(operator: OperatorHarness, stolen: TestCabinet): Promise<Visit> {
  const nowMs = operator.clock.nowMs();
  const ids = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
  const made: Visit = { ...ids, cabinetId: stolen.cabinetId, memberId };
  expect((await put(operator, made, stolen)).status).toBe(200);
  expect(await operator.chargeRow(made.chargeId)).toMatchObject({
    state: 'needs_attention',
    reason: 'system.rejected',
  });
  return made;
}
async function purchasesOf(operator: OperatorHarness): Promise<string[]> {
  const visitId = newVisitId(operator.clock.nowMs());
  const body = { visitId, code: operator.code(memberId), purpose: 'account' };
  await operator.send('POST', '/v1/visits/authorise', body);
  const answer = await operator.send('POST', '/v1/purchases', { visitId });
  return purchasesReplySchema.parse(answer.body).purchases.map(({ chargeId }) => chargeId);
}

/** Whoever has a cabinet's key can name any member in a charge: it is held, and means nothing else until a human has looked. */
onStorage('a charge of a member whom its cabinet was never allowed to let in', (harness) => {
  it('shuts nobody out, neither at once nor later, until a human has it debited', async () => {
    const operator = harness();
    const forged = await forge(operator, await stolenCabinet(operator));
    expect(await ask(operator)).toMatchObject(allowed);
    operator.clock.jumpWall(30 * 86_400_000);
    expect(await ask(operator)).toMatchObject(allowed);
    operator.provider.set({ mode: 'down', reason: 'account.declined', delayMs: 0 });
    const decided = { by: 'anna', decision: 'debit', amountMinor: 7_000 } as const;
    expect(await resolveCharge(operator, forged.chargeId, decided)).toMatchObject({ ok: true });
    expect(await ask(operator)).toEqual(atLimit);
  });

  it('is no purchase of the member, and pushes none out of the list', async () => {
    const operator = harness();
    const stolen = await stolenCabinet(operator);
    const bought = await operator.visit();
    await put(operator, bought, operator.cabinet, [line('A1', 350, 1)]);
    await operator.clock.advance(1_000);
    const forged = await forge(operator, stolen);
    for (let i = 1; i < purchasesMax; i++) await forge(operator, stolen);
    expect(await purchasesOf(operator)).toEqual([bought.chargeId]);
    await resolveCharge(operator, forged.chargeId, { by: 'anna', decision: 'debit', amountMinor: 100 });
    expect(await purchasesOf(operator)).toEqual([forged.chargeId, bought.chargeId]);
  });
});

onStorage('a second charge for one visit', (harness) => {
  it('counts nothing against the member, and is no purchase', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await put(operator, visit, operator.cabinet, [line('A1', 350, 1)]);
    const second = { ...visit, chargeId: newChargeId(operator.clock.nowMs()) };
    await put(operator, second, operator.cabinet);
    expect(await operator.chargeRow(second.chargeId)).toMatchObject({ state: 'needs_attention' });
    expect(await ask(operator)).toMatchObject(allowed);
    expect(await purchasesOf(operator)).toEqual([visit.chargeId]);
  });

  it('is not told as bought by the member’s face', async () => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace();
    const nowMs = operator.clock.nowMs();
    const ids = { visitId: newVisitId(nowMs), cabinetId: operator.cabinet.cabinetId, memberId };
    const asked = { visitId: ids.visitId, faceOf: memberId, enrolmentId };
    await operator.send('POST', '/v1/visits/authorise', asked);
    const [first, second] = [newChargeId(nowMs), newChargeId(nowMs)];
    for (const chargeId of [first, second]) await put(operator, { ...ids, chargeId }, operator.cabinet);
    const told = await operator.db.select().from(memberNotice);
    expect(told.filter(({ kind }) => kind === 'charged_by_face').map(({ ref }) => ref)).toEqual([first]);
  });
});
