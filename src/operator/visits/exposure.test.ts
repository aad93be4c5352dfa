import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { defaultPolicy, firstRepeatMaxMs, providerTimeoutMs } from '../limits.ts';
import { charge } from '../storage/schema.ts';
import { chargeBody, line, makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const { unpaidMaxMinor, visitReserveMinor, visitReserveMs, heldCountsMs } = defaultPolicy;
const fitCount = unpaidMaxMinor / visitReserveMinor;
const unpaid = { decision: 'refused', reason: 'account.unpaid_charges' };
const atLimit = { decision: 'refused', reason: 'account.limit_reached' };
const allowed = { decision: 'allowed' };

/** What is allowed of one member: never more than the limit, wherever the debt stands. */
onStorage('the exposure of a member', (harness) => {
  const ask = (operator: OperatorHarness, cabinet = operator.cabinet) =>
    operator.authorise(newVisitId(operator.clock.nowMs()), operator.code(), cabinet);
  const put = (operator: OperatorHarness, visit: Visit, change = {}) =>
    operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, change));
  const cabinets = async (operator: OperatorHarness, count: number) => {
    const made = Array.from({ length: count }, (_, i) => makeCabinet(`CAB-X${i}`));
    for (const cabinet of made) await operator.enrol(cabinet);
    return made;
  };
  const dear = { lines: [line('D4', 3_100, 1)] };

  it('lets in as many as the limit allows when 20 cabinets ask at once', async () => {
    const operator = harness();
    const all = await cabinets(operator, 20);
    const replies = await Promise.all(all.map((cabinet) => ask(operator, cabinet)));
    expect(replies.filter(({ decision }) => decision === 'allowed')).toHaveLength(fitCount);
    // Nobody who has only looked is told of anything to pay.
    expect(replies.filter(({ decision }) => decision === 'refused')).toEqual(
      Array.from({ length: all.length - fitCount }, () => atLimit),
    );
    // A visit that never came to a charge does not count for ever.
    operator.clock.jumpWall(visitReserveMs + 1);
    expect(await ask(operator)).toMatchObject(allowed);
  });

  it('counts one open visit a cabinet: it has one door', async () => {
    const operator = harness();
    for (let i = 0; i < 2 * fitCount; i++) expect(await ask(operator)).toMatchObject(allowed);
  });

  it('leaves a visit as much as the member may still owe', async () => {
    const operator = harness();
    const [first, other] = await cabinets(operator, 2);
    expect(await ask(operator, first)).toMatchObject({ ...allowed, visitMaxMinor: unpaidMaxMinor });
    const roomMinor = unpaidMaxMinor - visitReserveMinor;
    expect(await ask(operator, other)).toMatchObject({ ...allowed, visitMaxMinor: roomMinor });
  });

  it.each([
    ['that the provider does not take', 'down', atLimit],
    ['that is in doubt', 'delay', atLimit],
    ['that is being collected', 'decline', unpaid],
  ] as const)('counts a charge %s', async (_, mode, refusal) => {
    const operator = harness();
    const visits = [await operator.visit(), await operator.visit()];
    operator.provider.set({ mode, reason: 'account.declined', delayMs: 60_000 });
    for (const [i, visit] of visits.entries()) {
      // One of them in collection is not yet the bound of their count.
      if (i === 1 && mode === 'decline')
        operator.provider.set({ mode: 'down', reason: 'account.declined', delayMs: 0 });
      await operator.during(put(operator, visit, dear), 50);
    }
    expect(await ask(operator)).toEqual(refusal);
  });

  it('counts what is in collection since before the operator changed its currency', async () => {
    const yuan = harness();
    const visits = [await yuan.visit(), await yuan.visit()];
    yuan.provider.set({ mode: 'decline', reason: 'account.declined', delayMs: 0 });
    for (const visit of visits) {
      await put(yuan, visit);
      await yuan.untilState(visit.chargeId, 'collecting', 10_000);
    }
    const euro = yuan.restarted({ currency: 'EUR' });
    expect(await ask(euro)).toEqual(unpaid);
    await euro.close();
  });

  it('counts what is held for a human, until it is decided', async () => {
    const operator = harness();
    const held = { lines: [], heldLines: [line('D4', 3_100, 2)], review: ['recognition.door_left_open'] };
    const visit = await operator.visit();
    await put(operator, visit, held);
    expect(await ask(operator)).toEqual(atLimit);
    operator.clock.jumpWall(10 * heldCountsMs);
    expect(await ask(operator)).toEqual(atLimit);
    await resolveCharge(operator, visit.chargeId, { by: 'anna', decision: 'waive', amountMinor: 0 });
    expect(await ask(operator)).toMatchObject(allowed);
  });

  it('counts the held lines of a paid charge for a day', async () => {
    const operator = harness();
    const heldLines = [line('D4', 3_100, 2)];
    await put(operator, await operator.visit(), {
      heldLines,
      review: ['recognition.differs_from_confirmed'],
    });
    expect(await ask(operator)).toEqual(atLimit);
    operator.clock.jumpWall(heldCountsMs + 1);
    expect(await ask(operator)).toMatchObject(allowed);
  });

  it('says that something is to be paid where paying opens the door, and only there', async () => {
    const operator = harness();
    const visits = [await operator.visit(), await operator.visit(), await operator.visit()];
    const declining = { mode: 'decline', reason: 'account.declined', delayMs: 0 } as const;
    operator.provider.set(declining);
    for (const visit of visits.slice(0, 2)) await put(operator, visit, dear);
    expect(await ask(operator)).toEqual(unpaid);
    // An attempt is out: nothing can be paid beside it, and "my purchases" offers nothing.
    operator.provider.set({ ...declining, mode: 'delay', delayMs: 3_600_000 });
    await operator.pass(firstRepeatMaxMs + providerTimeoutMs, 1_000);
    for (const visit of visits.slice(0, 2))
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'collecting', inDoubt: true });
    expect(await ask(operator)).toEqual(atLimit);
    operator.provider.set(declining);
    for (const visit of visits.slice(0, 2))
      await operator.db.update(charge).set({ inDoubt: false }).where(eq(charge.chargeId, visit.chargeId));
    expect(await ask(operator)).toEqual(unpaid);
    // Nor does paying help who has as much held.
    const heldLines = [line('D4', 3_100, 2)];
    await put(operator, visits[2]!, { lines: [], heldLines, review: ['recognition.door_left_open'] });
    expect(await ask(operator)).toEqual(atLimit);
  });

  it('is free again when all is paid', async () => {
    const operator = harness();
    for (let i = 0; i < 3; i++) await put(operator, await operator.visit(), dear);
    expect(await ask(operator)).toMatchObject(allowed);
  });

  it('holds with one open visit a member, where that is the policy', async () => {
    const operator = harness().restarted({ policy: { ...defaultPolicy, oneOpenVisit: true } });
    const [other] = await cabinets(operator, 1);
    const visit = await operator.visit();
    expect(await ask(operator, other)).toEqual(atLimit);
    await put(operator, visit);
    expect(await ask(operator, other)).toMatchObject(allowed);
    await operator.close();
  });
});
