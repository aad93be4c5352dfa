import { expect, it } from 'vitest';
import { sentBeforeHeader } from '../../shared/api/sent-before.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../testkit/operator/debit-request.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onEachStorage, onPostgres } from '../../testkit/operator/suite.ts';
import { putBackWaitMs } from '../limits.ts';
import { holdAfterPutBack } from './put-back.ts';
import { databaseIdentity } from './schema.ts';

const hourMs = 3_600_000;

const hold = (operator: OperatorHarness, isSaid: boolean, kind: 'pglite' | 'postgres' = 'pglite') => {
  const { db, clock } = operator;
  return operator.during(holdAfterPutBack({ storage: { db, kind }, clock, logger: silentLogger, isSaid }));
};
const account = ({ provider }: OperatorHarness, mode: 'ok' | 'decline'): void =>
  provider.set({ mode, reason: 'account.insufficient_funds', delayMs: 0 });
const send = (operator: OperatorHarness, visit: Visit): Promise<unknown> =>
  operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)));
/** Collected in the backup. */
async function collectingAt(operator: OperatorHarness): Promise<Visit> {
  account(operator, 'decline');
  const visit = await operator.visit();
  await send(operator, visit);
  await operator.untilState(visit.chargeId, 'collecting', hourMs);
  return visit;
}

onEachStorage('a database that was put back', (harness) => {
  const ask = async ({ chargeId }: Visit, said?: string) => {
    const operator = harness();
    const more: Record<string, string> = said === undefined ? {} : { [sentBeforeHeader]: said };
    const path = `/v1/charges/${chargeId}`;
    return (await operator.during(operator.send('GET', path, undefined, operator.cabinet, more))).body;
  };
  const collecting = (): Promise<Visit> => collectingAt(harness());

  it('nothing that goes on by itself is debited before its cabinet has asked, and then once', async () => {
    const operator = harness();
    const visit = await collecting();
    expect(await hold(operator, true)).toBe(1);
    account(operator, 'ok');
    await operator.pass(putBackWaitMs - hourMs, 600_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    expect(await ask(visit)).toMatchObject({ state: 'collecting' });
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    expect(await operator.incidentKinds()).toEqual([]);
  });

  it('the same bytes once more are a word of the cabinet, too', async () => {
    const operator = harness();
    const visit = await collecting();
    await hold(operator, true);
    account(operator, 'ok');
    await send(operator, visit);
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('its cabinet has heard the end, so that it does not ask: held for people, never debited', async () => {
    const operator = harness();
    const visit = await collecting();
    await hold(operator, true);
    account(operator, 'ok');
    await operator.untilState(visit.chargeId, 'needs_attention', putBackWaitMs + hourMs, 60_000);
    await operator.pass(2 * hourMs, 600_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    expect(await operator.incidentKinds()).toEqual(['decision_lost']);
  });

  it('was debited since: the provider says so, and nothing is debited again', async () => {
    const operator = harness();
    const visit = await collecting();
    await hold(operator, true);
    const { provider, memberId } = await operator.chargeRow(visit.chargeId);
    expect(provider).toBe('fake');
    account(operator, 'ok');
    await operator.provider.debit(debitRequest({ orderId: visit.chargeId, memberId, amountMinor: 1300 }));
    await ask(visit);
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('its cabinet knows of a decision that is not here: held for people', async () => {
    const operator = harness();
    const visit = await collecting();
    await hold(operator, true);
    account(operator, 'ok');
    expect(await ask(visit, '- decided 600')).toMatchObject({ state: 'needs_attention' });
    await operator.pass(2 * hourMs, 600_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    expect(await operator.incidentKinds()).toEqual(['decision_lost']);
  });

  it('the member cannot pay beside it meanwhile', async () => {
    const operator = harness();
    const visit = await collecting();
    await hold(operator, true);
    account(operator, 'ok');
    const pay = operator.worker.payment(visit.chargeId, (request) => operator.provider.debit(request));
    expect(await operator.during(pay)).toBe(false);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });

  it('not said, and the same database as before: nothing waits', async () => {
    const operator = harness();
    await collecting();
    expect(await hold(operator, false)).toBe(0);
    expect(await hold(operator, false)).toBe(0);
  });
});

onPostgres('a database that was put back, unsaid', (harness) => {
  it('PostgreSQL says by itself that it is another one, once', async () => {
    const operator = harness();
    await collectingAt(operator);
    expect(await hold(operator, false, 'postgres')).toBe(0);
    await operator.db.update(databaseIdentity).set({ identity: '7000000000000000000/1' });
    expect(await hold(operator, false, 'postgres')).toBe(1);
    expect(await hold(operator, false, 'postgres')).toBe(0);
  });
});
