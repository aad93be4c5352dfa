import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { chargeBody, line, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { defaultPolicy } from '../limits.ts';
import { resolveCharge } from '../support/resolve-charge.ts';

const { heldCountsMs, unpaidMaxMinor, visitMaxMinor, memberDayMaxMinor } = defaultPolicy;
const allowed = { decision: 'allowed' };
const atLimit = { decision: 'refused', reason: 'account.limit_reached' };
/** 99.00 of a dear article, and one cheap one. */
const goods = [line('E5', 9_900, 1), line('A1', 350, 1)];

const ask = (operator: OperatorHarness) =>
  operator.authorise(newVisitId(operator.clock.nowMs()), operator.code());
const put = (operator: OperatorHarness, visit: Visit, lines = goods) =>
  operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, { lines })), 50);
async function report(operator: OperatorHarness, visit: Visit, ...skus: string[]): Promise<void> {
  const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
  const path = `/v1/charges/${visit.chargeId}/disputes`;
  const told = await operator.send('POST', path, { disputeId, skus, atMs: operator.clock.nowMs() });
  expect(told.status).toBe(200);
}
const decline = (operator: OperatorHarness) =>
  operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
const provider = (operator: OperatorHarness, mode: 'ok' | 'down') =>
  operator.provider.set({ mode, reason: 'account.declined', delayMs: 0 });
const stateOf = async (operator: OperatorHarness, { chargeId }: Visit) =>
  (await operator.chargeRow(chargeId)).state;
const decide = (operator: OperatorHarness, chargeId: ChargeId, decision: 'waive' | 'debit', minor = 0) =>
  resolveCharge(operator, chargeId, { by: 'anna', decision, amountMinor: minor });

/** "That is not right" costs a touch: until a human has looked, it frees nobody of anything. */
onStorage('a member who pays nothing and reports what was taken', (harness) => {
  it('is let in no more once the limit stands open, however often all is reported', async () => {
    const operator = harness();
    decline(operator);
    let takenMinor = 0;
    for (let i = 0; i < 5 && (await ask(operator)).decision === 'allowed'; i++) {
      const visit = await operator.visit();
      await put(operator, visit, [line('E5', visitMaxMinor, 1)]);
      takenMinor += visitMaxMinor;
      await report(operator, visit, 'E5');
      await operator.pass(120_000, 10_000);
    }
    expect(takenMinor).toBeLessThanOrEqual(unpaidMaxMinor + visitMaxMinor);
    expect(await ask(operator)).toEqual(atLimit);
  });

  it('nor by a report of the dear line alone, in collection, for as long as it is', async () => {
    const operator = harness();
    decline(operator);
    const visit = await operator.visit();
    await put(operator, visit);
    operator.clock.jumpWall(heldCountsMs + 1);
    await report(operator, visit, 'E5');
    expect(await stateOf(operator, visit)).toBe('collecting');
    expect(await ask(operator)).toEqual(atLimit);
    // The cheap one is paid: as with what was held, a day later it is not counted any more.
    provider(operator, 'ok');
    await operator.untilState(visit.chargeId, 'paid', 7 * 3_600_000, 60_000);
    expect(await ask(operator)).toEqual(atLimit);
    operator.clock.jumpWall(heldCountsMs + 1);
    expect(await ask(operator)).toMatchObject(allowed);
  });

  it('nor by one before the debit', async () => {
    const operator = harness();
    provider(operator, 'down');
    const visit = await operator.visit();
    await put(operator, visit);
    await report(operator, visit, 'E5');
    expect(await stateOf(operator, visit)).toBe('accepted');
    expect(await ask(operator)).toEqual(atLimit);
  });

  it.each([
    ['all', ['E5', 'A1'], 'needs_attention'],
    ['the dear line', ['E5'], 'paid'],
  ] as const)('nor by one that came before the charge: %s', async (_, skus, state) => {
    const operator = harness();
    const visit = await operator.visit();
    await report(operator, visit, ...skus);
    await put(operator, visit);
    expect(await stateOf(operator, visit)).toBe(state);
    expect(await ask(operator)).toEqual(atLimit);
  });

  it('nor by one that comes after a human had decided what is due', async () => {
    const operator = harness();
    decline(operator);
    const visit = await operator.visit();
    const held = { lines: goods, review: ['recognition.reader_lost' as const], confirmedByShopper: false };
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, held));
    await decide(operator, visit.chargeId, 'debit', 10_250);
    operator.worker.wake();
    await operator.untilState(visit.chargeId, 'collecting', 10_000);
    await report(operator, visit, 'E5');
    expect(await stateOf(operator, visit)).toBe('collecting');
    expect(await ask(operator)).toEqual(atLimit);
  });

  it('and reaches the sum of a day as anybody else', async () => {
    const operator = harness().restarted({ policy: { ...defaultPolicy, unpaidMaxMinor: 10_000_000 } });
    decline(operator);
    const fitCount = Math.floor(memberDayMaxMinor / visitMaxMinor);
    for (let i = 0; i <= fitCount; i++) {
      const visit = await operator.visit();
      await put(operator, visit, [line('E5', visitMaxMinor, 1)]);
      await report(operator, visit, 'E5');
    }
    expect(await operator.incidentKinds()).toEqual(['member_day_cap']);
    await operator.close();
  });

  it('is free again when a human has said that it is not due', async () => {
    const operator = harness();
    decline(operator);
    const visit = await operator.visit();
    await put(operator, visit);
    await report(operator, visit, 'E5', 'A1');
    expect(await ask(operator)).toEqual(atLimit);
    await decide(operator, visit.chargeId, 'waive');
    expect(await ask(operator)).toMatchObject(allowed);
  });
});

onStorage('a member who has paid and reports a line', (harness) => {
  it('is let in: the money came', async () => {
    const operator = harness();
    for (let i = 0; i < 3; i++) {
      const visit = await operator.visit();
      await put(operator, visit);
      await operator.untilState(visit.chargeId, 'paid', 10_000);
      await report(operator, visit, 'E5');
    }
    expect(await ask(operator)).toMatchObject(allowed);
  });

  it('is let in, too, when the debit was under way and came all the same', async () => {
    const operator = harness();
    operator.provider.set({ mode: 'delay', reason: 'account.declined', delayMs: 5_000 });
    const visit = await operator.visit();
    await put(operator, visit);
    await report(operator, visit, 'E5', 'A1');
    await operator.untilState(visit.chargeId, 'paid', 60_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ paidMinor: 10_250 });
    expect(await ask(operator)).toMatchObject(allowed);
  });

  it('is let in, too, with a small one that is not paid and waits for a human', async () => {
    const operator = harness();
    decline(operator);
    const visit = await operator.visit();
    await put(operator, visit, [line('A1', 350, 1)]);
    await report(operator, visit, 'A1');
    provider(operator, 'ok');
    expect(await ask(operator)).toMatchObject(allowed);
  });
});
