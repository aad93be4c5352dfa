import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { purchasesReplySchema } from '../shared/api/operator.ts';
import { idRandomByteCount, makeDisputeId } from '../shared/ids.ts';
import type { VisitId } from '../shared/ids.ts';
import { purchasesMax } from '../shared/model/purchase.ts';
import { accountVisitMs, declinedRetry, providerTimeoutMs } from './limits.ts';
import type { FakeProviderSettings } from './fake-provider.ts';
import { chargeBody, line, makeCabinet, newVisitId, signedHeaders } from './testing/cabinet.ts';
import type { Rig, Visit } from './testing/rig.ts';
import { onEachStorage } from './testing/suite.ts';

const path = '/v1/purchases';
const mood = (mode: FakeProviderSettings['mode']): FakeProviderSettings => ({
  ...{ mode, delayMs: 0, reason: 'account.insufficient_funds' },
});
const put = (r: Rig, visit: Visit, body = chargeBody(visit), cabinet = r.cabinet) =>
  r.send('PUT', `/v1/charges/${visit.chargeId}`, body, cabinet);
/** The member shows a code for "my data". */
async function open(r: Rig, memberId = 'M1001', cabinet = r.cabinet): Promise<VisitId> {
  const visitId = newVisitId(r.clock.nowMs());
  const body = { visitId, code: r.code(memberId), purpose: 'account' };
  await r.send('POST', '/v1/visits/authorise', body, cabinet);
  return visitId;
}
const ask = (r: Rig, visitId: string, cabinet = r.cabinet) => r.send('POST', path, { visitId }, cabinet);
async function list(r: Rig, visitId: string, cabinet = r.cabinet) {
  const answer = await ask(r, visitId, cabinet);
  expect(answer.status).toBe(200);
  return purchasesReplySchema.parse(answer.body).purchases;
}
async function another(r: Rig) {
  const cabinet = makeCabinet('CAB-2');
  await r.enrol(cabinet);
  return cabinet;
}
const forbidden = { status: 403, body: { error: 'forbidden' } };

onEachStorage('the purchases of a member', (rig) => {
  it('are told with lines, amounts, state and reason, from every cabinet, newest first', async () => {
    const r = rig();
    const cabinet = await another(r);
    const paid = await r.visit();
    await put(r, paid);
    await r.clock.advance(1_000);
    const there = await r.visit('M1001', cabinet);
    r.provider.set(mood('decline'));
    await put(r, there, chargeBody(there, { heldLines: [line('C3', 100, 1)] }), cabinet);
    const [second, first, ...more] = await list(r, await open(r));
    expect(more).toEqual([]);
    expect(first).toEqual({
      ...{ chargeId: paid.chargeId, cabinetId: 'CAB-1', atMs: 1_767_225_660_000, currency: 'CNY' },
      ...{ lines: [line('A1', 350, 2), line('B2', 600, 1)], heldLines: [] },
      ...{ totalMinor: 1300, billedMinor: 1300, state: 'paid', reason: null },
      ...{ nextTryAtMs: null, disputed: [], payUrl: null },
    });
    expect(second).toMatchObject({
      ...{ chargeId: there.chargeId, cabinetId: 'CAB-2', heldLines: [line('C3', 100, 1)] },
      ...{ state: 'collecting', reason: 'account.insufficient_funds' },
    });
    const { nextAttemptAtMs } = await r.chargeRow(there.chargeId);
    expect(second?.nextTryAtMs).toBe(nextAttemptAtMs);
  });

  it('are told to nobody else: no visit, a visit to buy, one by face, one elsewhere, one refused', async () => {
    const r = rig();
    const cabinet = await another(r);
    const bought = await r.visit();
    await put(r, bought);
    expect(await ask(r, newVisitId(r.clock.nowMs()))).toMatchObject(forbidden);
    expect(await ask(r, bought.visitId)).toMatchObject(forbidden);
    const byFace = newVisitId(r.clock.nowMs());
    await r.send('POST', '/v1/visits/authorise', { visitId: byFace, faceOf: 'M1001' });
    expect(await ask(r, byFace)).toMatchObject(forbidden);
    expect(await ask(r, await open(r, 'M1001', cabinet))).toMatchObject(forbidden);
    expect(await ask(r, await open(r, 'NOBODY'))).toMatchObject(forbidden);
    // A visit to buy that was refused has shown a code as well.
    const refused = newVisitId(r.clock.nowMs());
    await r.authorise(refused, r.code('M1003'));
    expect(await ask(r, refused)).toMatchObject(forbidden);
    // And each sees the own ones only.
    expect(await list(r, await open(r, 'M1002'))).toEqual([]);
    expect(await list(r, await open(r))).toHaveLength(1);
  });

  it('are told for a short time after the code', async () => {
    const r = rig();
    const visitId = await open(r);
    await r.pass(accountVisitMs - 1, 60_000);
    expect((await ask(r, visitId)).status).toBe(200);
    await r.pass(1);
    expect(await ask(r, visitId)).toMatchObject(forbidden);
  });

  it('are not told again for the same signed request, nor for what is no request', async () => {
    const r = rig();
    const visitId = await open(r);
    const body = JSON.stringify({ visitId });
    const headers = signedHeaders(r.cabinet, {
      ...{ method: 'POST', path, body, timestampMs: r.clock.nowMs() },
    });
    const send = () => r.raw({ method: 'POST', url: path, headers, payload: body });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(401);
    for (const odd of ['x', {}, { visitId: 'M1001' }, { memberId: 'M1001' }, []])
      expect((await r.send('POST', path, odd)).status).toBe(400);
  });

  it('are at most so many, the newest by our own clock', async () => {
    const r = rig();
    r.provider.set(mood('decline'));
    const ids: string[] = [];
    // A member with debts opens no door: the visits first.
    for (let i = 0; i < purchasesMax + 3; i++) {
      const visit = await r.visit();
      ids.push(visit.chargeId);
      // The cabinet's clock is wrong, each time another way.
      await put(
        r,
        visit,
        chargeBody(visit, {
          closedAtMs: i % 2 === 0 ? 1 : 4e12,
          totalMinor: 0 as never,
          lines: [],
          heldLines: [line('A1', 350, 1)],
        }),
      );
      await r.clock.advance(1_000);
    }
    const told = (await list(r, await open(r))).map(({ chargeId }) => chargeId);
    expect(told).toEqual(ids.slice(3).reverse());
  });

  it('say what is disputed, and what is left of the bill', async () => {
    const r = rig();
    r.provider.set(mood('decline'));
    const visit = await r.visit();
    await put(r, visit);
    const disputeId = makeDisputeId(r.clock.nowMs(), randomBytes(idRandomByteCount));
    const body = { disputeId, skus: ['A1'], atMs: r.clock.nowMs() };
    await r.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
    expect(await list(r, await open(r))).toMatchObject([
      { disputed: ['A1'], totalMinor: 1300, billedMinor: 600, state: 'collecting' },
    ]);
  });
});

onEachStorage('paying now', (rig) => {
  const collecting = async (r: Rig) => {
    r.provider.set(mood('decline'));
    const visit = await r.visit();
    await put(r, visit);
    return visit;
  };
  const pay = (r: Rig, { chargeId }: Visit) =>
    r.during(r.worker.payment(chargeId, (order) => r.provider.pay(order)));
  const urlOf = async (r: Rig) => (await list(r, await open(r)))[0]?.payUrl;

  it('is offered while it is being collected, where the provider takes payments', async () => {
    const r = rig();
    const visit = await collecting(r);
    expect(await urlOf(r)).toBeNull();
    r.provider.takePaymentsAt('http://pay/');
    expect(await urlOf(r)).toBe(`http://pay/${visit.chargeId}`);
    r.provider.set(mood('down'));
    expect(await urlOf(r)).toBeNull();
    // Asked, and no answer: what a payment beside it would be, nobody knows.
    await r.pass(declinedRetry.firstMs, 5_000);
    r.provider.set(mood('decline'));
    expect((await r.chargeRow(visit.chargeId)).inDoubt).toBe(true);
    expect(await urlOf(r)).toBeNull();
    expect(await pay(r, visit)).toBe(false);
  });

  it('is the same order: paid once, and the retries find nothing left to do', async () => {
    const r = rig();
    const visit = await collecting(r);
    expect(await pay(r, visit)).toBe(true);
    expect(await r.chargeRow(visit.chargeId)).toMatchObject({ state: 'paid', paidMinor: 1300 });
    expect(await pay(r, visit)).toBe(false);
    r.provider.set(mood('ok'));
    await r.pass(3 * declinedRetry.firstMs, 5_000);
    expect(await r.debitCount(visit.chargeId)).toBe(1);
  });

  it('and the retries of two instances at the same moment debit once, whatever the provider does', async () => {
    for (const mode of ['ok', 'delay', 'timeout_after_charge'] as const) {
      const r = rig().restarted({ onceForEachNumber: false });
      const other = r.restarted({ onceForEachNumber: false });
      const visit = await collecting(r);
      await put(r, visit);
      const moods = { ...mood(mode), delayMs: providerTimeoutMs / 2 };
      for (const one of [r, other, rig()]) one.provider.set(moods);
      r.clock.jumpWall(declinedRetry.firstMs);
      const { chargeId } = visit;
      const payments = [r, other, r].map((one) =>
        one.worker.payment(chargeId, (order) => one.provider.pay(order)),
      );
      const all = [...payments, r.worker.attempt(chargeId), other.worker.attempt(chargeId)];
      await r.during(Promise.all(all));
      await r.untilState(chargeId, 'paid', 60_000);
      await r.pass(60_000, 5_000);
      expect(await r.debitCount(chargeId), mode).toBe(1);
      await other.close();
      await r.close();
    }
  });

  it('is not possible for what is paid, held for a human, or not there', async () => {
    const r = rig();
    const paid = await r.visit();
    await put(r, paid);
    const held = await r.visit();
    await put(r, held, chargeBody(held, { review: ['recognition.reader_lost'], confirmedByShopper: false }));
    for (const visit of [paid, held, await r.visit()]) expect(await pay(r, visit)).toBe(false);
    expect(await r.debitCount(held.chargeId)).toBe(0);
  });
});
