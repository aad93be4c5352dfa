import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import type { VisitId } from '../../shared/ids.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import { accountVisitMs, defaultPolicy, firstRepeatMaxMs, providerTimeoutMs } from '../limits.ts';
import type { FakeProviderSettings } from '../../shared/api/development-routes.ts';
import { chargeBody, line, makeCabinet, newVisitId, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const path = '/v1/purchases';
const mood = (mode: FakeProviderSettings['mode']): FakeProviderSettings => ({
  ...{ mode, delayMs: 0, reason: 'account.insufficient_funds' },
});
const put = (operator: OperatorHarness, visit: Visit, body = chargeBody(visit), cabinet = operator.cabinet) =>
  operator.send('PUT', `/v1/charges/${visit.chargeId}`, body, cabinet);
/** The member shows a code for "my data". */
async function open(
  operator: OperatorHarness,
  memberId = 'M1001',
  cabinet = operator.cabinet,
): Promise<VisitId> {
  const visitId = newVisitId(operator.clock.nowMs());
  const body = { visitId, code: operator.code(memberId), purpose: 'account' };
  await operator.send('POST', '/v1/visits/authorise', body, cabinet);
  return visitId;
}
const ask = (operator: OperatorHarness, visitId: string, cabinet = operator.cabinet) =>
  operator.send('POST', path, { visitId }, cabinet);
async function list(operator: OperatorHarness, visitId: string, cabinet = operator.cabinet) {
  const answer = await ask(operator, visitId, cabinet);
  expect(answer.status).toBe(200);
  return purchasesReplySchema.parse(answer.body).purchases;
}
async function another(operator: OperatorHarness) {
  const cabinet = makeCabinet('CAB-2');
  await operator.enrol(cabinet);
  return cabinet;
}
const forbidden = { status: 403, body: { error: 'forbidden' } };

onStorage('the purchases of a member', (harness) => {
  it('are told with lines, amounts, state and reason, from every cabinet, newest first', async () => {
    const operator = harness();
    const cabinet = await another(operator);
    const paid = await operator.visit();
    await put(operator, paid);
    await operator.clock.advance(1_000);
    const there = await operator.visit('M1001', cabinet);
    operator.provider.set(mood('decline'));
    await put(operator, there, chargeBody(there, { heldLines: [line('C3', 100, 1)] }), cabinet);
    const [second, first, ...more] = await list(operator, await open(operator));
    expect(more).toEqual([]);
    expect(first).toEqual({
      ...{ chargeId: paid.chargeId, cabinetId: 'CAB-1', atMs: 1_767_225_660_000, currency: 'CNY' },
      ...{ lines: [line('A1', 350, 2), line('B2', 600, 1)], heldLines: [] },
      ...{ totalMinor: 1300, billedMinor: 1300, state: 'paid', reason: null },
      ...{ nextTryAtMs: null, disputed: [], payUrl: null, resolved: null, inReview: false },
    });
    expect(second).toMatchObject({
      ...{ chargeId: there.chargeId, cabinetId: 'CAB-2', heldLines: [line('C3', 100, 1)] },
      ...{ state: 'collecting', reason: 'account.insufficient_funds' },
    });
    const { nextAttemptAtMs } = await operator.chargeRow(there.chargeId);
    expect(second?.nextTryAtMs).toBe(nextAttemptAtMs);
  });

  it('are told to nobody else: no visit, a visit to buy, one by face, one elsewhere, one refused', async () => {
    const operator = harness();
    const cabinet = await another(operator);
    const bought = await operator.visit();
    await put(operator, bought);
    expect(await ask(operator, newVisitId(operator.clock.nowMs()))).toMatchObject(forbidden);
    expect(await ask(operator, bought.visitId)).toMatchObject(forbidden);
    const enrolmentId = await operator.enrolFace();
    const byFace = newVisitId(operator.clock.nowMs());
    const asked = { visitId: byFace, faceOf: 'M1001', enrolmentId };
    await operator.send('POST', '/v1/visits/authorise', asked);
    expect(await ask(operator, byFace)).toMatchObject(forbidden);
    expect(await ask(operator, await open(operator, 'M1001', cabinet))).toMatchObject(forbidden);
    expect(await ask(operator, await open(operator, 'NOBODY'))).toMatchObject(forbidden);
    // A visit to buy that was refused has shown a code as well.
    const refused = newVisitId(operator.clock.nowMs());
    await operator.authorise(refused, operator.code('M1003'));
    expect(await ask(operator, refused)).toMatchObject(forbidden);
    // And each sees the own ones only.
    expect(await list(operator, await open(operator, 'M1002'))).toEqual([]);
    expect(await list(operator, await open(operator))).toHaveLength(1);
  });

  it('are told for a short time after the code', async () => {
    const operator = harness();
    const visitId = await open(operator);
    await operator.pass(accountVisitMs - 1, 60_000);
    expect((await ask(operator, visitId)).status).toBe(200);
    await operator.pass(1);
    expect(await ask(operator, visitId)).toMatchObject(forbidden);
  });

  it('are not told again for the same signed request, nor for what is no request', async () => {
    const operator = harness();
    const visitId = await open(operator);
    const body = JSON.stringify({ visitId });
    const headers = signedHeaders(operator.cabinet, {
      ...{ method: 'POST', path, body, timestampMs: operator.clock.nowMs() },
    });
    const send = () => operator.raw({ method: 'POST', url: path, headers, payload: body });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(401);
    for (const odd of ['x', {}, { visitId: 'M1001' }, { memberId: 'M1001' }, []])
      expect((await operator.send('POST', path, odd)).status).toBe(400);
  });

  it('are at most so many, the newest by our own clock', async () => {
    // What is held is exposure, too: of so many purchases more than a member may have.
    const operator = harness().restarted({ policy: { ...defaultPolicy, unpaidMaxMinor: 100_000 } });
    operator.provider.set(mood('decline'));
    const ids: string[] = [];
    for (let i = 0; i < purchasesMax + 3; i++) {
      const visit = await operator.visit();
      ids.push(visit.chargeId);
      // The cabinet's clock is wrong, each time another way.
      await put(
        operator,
        visit,
        chargeBody(visit, {
          closedAtMs: i % 2 === 0 ? 1 : 4e12,
          totalMinor: 0 as never,
          lines: [],
          heldLines: [line('A1', 350, 1)],
        }),
      );
      await operator.clock.advance(1_000);
    }
    const told = (await list(operator, await open(operator))).map(({ chargeId }) => chargeId);
    expect(told).toEqual(ids.slice(3).reverse());
    await operator.close();
  });

  it('begin with what is not paid: a debt is there to be seen and paid however much was bought since', async () => {
    const operator = harness().restarted({ policy: { ...defaultPolicy, memberDayMaxMinor: 100_000 } });
    operator.provider.set(mood('decline'));
    const owed = await operator.visit();
    await operator.during(put(operator, owed));
    await operator.untilState(owed.chargeId, 'collecting', 10_000);
    operator.provider.set(mood('ok'));
    operator.provider.takePaymentsAt('http://pay/');
    for (let i = 0; i < purchasesMax; i++) {
      await operator.clock.advance(1_000);
      const visit = await operator.visit();
      await operator.during(put(operator, visit));
    }
    const told = await list(operator, await open(operator));
    expect(told).toHaveLength(purchasesMax);
    expect(told.at(-1)).toMatchObject({ chargeId: owed.chargeId, payUrl: `http://pay/${owed.chargeId}` });
    expect(told.map(({ atMs }) => atMs)).toEqual(told.map(({ atMs }) => atMs).sort((a, b) => b - a));
    await operator.close();
  });

  it('say what is disputed, and what is left of the bill', async () => {
    const operator = harness();
    operator.provider.set(mood('decline'));
    const visit = await operator.visit();
    await put(operator, visit);
    const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
    const body = { disputeId, skus: ['A1'], atMs: operator.clock.nowMs() };
    await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
    expect(await list(operator, await open(operator))).toMatchObject([
      { disputed: ['A1'], totalMinor: 1300, billedMinor: 600, state: 'collecting' },
    ]);
  });
});

onStorage('paying now', (harness) => {
  const collecting = async (operator: OperatorHarness) => {
    operator.provider.set(mood('decline'));
    const visit = await operator.visit();
    await put(operator, visit);
    return visit;
  };
  const pay = (operator: OperatorHarness, { chargeId }: Visit) =>
    operator.during(operator.worker.payment(chargeId, (order) => operator.provider.pay(order)));
  const urlOf = async (operator: OperatorHarness) => (await list(operator, await open(operator)))[0]?.payUrl;

  it('is offered while it is being collected, where the provider takes payments', async () => {
    const operator = harness();
    const visit = await collecting(operator);
    expect(await urlOf(operator)).toBeNull();
    operator.provider.takePaymentsAt('http://pay/');
    expect(await urlOf(operator)).toBe(`http://pay/${visit.chargeId}`);
    operator.provider.set(mood('down'));
    expect(await urlOf(operator)).toBeNull();
    operator.provider.set({ ...mood('delay'), delayMs: 2 * providerTimeoutMs });
    // Asked, and no answer: what a payment beside it would be, nobody knows. The clock then stands, so nothing is retried.
    const inDoubt = async () =>
      operator.worker.runningCount === 0 && (await operator.chargeRow(visit.chargeId)).inDoubt;
    await operator.until(inDoubt, 2 * firstRepeatMaxMs, 60_000);
    operator.provider.set(mood('decline'));
    expect(await urlOf(operator)).toBeNull();
    const paid = await operator.worker.payment(visit.chargeId, (order) => operator.provider.pay(order));
    expect(paid).toBe(false);
  });

  it('is the same order: paid once, and the retries find nothing left to do', async () => {
    const operator = harness();
    const visit = await collecting(operator);
    expect(await pay(operator, visit)).toBe(true);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'paid', paidMinor: 1300 });
    expect(await pay(operator, visit)).toBe(false);
    operator.provider.set(mood('ok'));
    await operator.pass(3 * firstRepeatMaxMs, 60_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('and the retries of two instances at the same moment debit once, whatever the provider does', async () => {
    for (const mode of ['ok', 'delay', 'timeout_after_charge'] as const) {
      const operator = harness().restarted({ onceForEachNumber: false });
      const other = operator.restarted({ onceForEachNumber: false });
      const visit = await collecting(operator);
      await put(operator, visit);
      const moods = { ...mood(mode), delayMs: providerTimeoutMs / 2 };
      for (const one of [operator, other, harness()]) one.provider.set(moods);
      operator.clock.jumpWall(firstRepeatMaxMs);
      const { chargeId } = visit;
      const payments = [operator, other, operator].map((one) =>
        one.worker.payment(chargeId, (order) => one.provider.pay(order)),
      );
      const all = [...payments, operator.worker.attempt(chargeId), other.worker.attempt(chargeId)];
      await operator.during(Promise.all(all));
      await operator.untilState(chargeId, 'paid', 60_000);
      await operator.pass(60_000, 5_000);
      expect(await operator.debitCount(chargeId), mode).toBe(1);
      await other.close();
      await operator.close();
    }
  });

  it('is not possible for what is paid, held for a human, or not there', async () => {
    const operator = harness();
    const paid = await operator.visit();
    await put(operator, paid);
    const held = await operator.visit();
    await put(
      operator,
      held,
      chargeBody(held, { review: ['recognition.reader_lost'], confirmedByShopper: false }),
    );
    for (const visit of [paid, held, await operator.visit()]) expect(await pay(operator, visit)).toBe(false);
    expect(await operator.debitCount(held.chargeId)).toBe(0);
  });
});
