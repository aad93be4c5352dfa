import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { sentBeforeHeader } from '../../shared/api/sent-before.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../testkit/operator/debit-request.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onEachStorage, onPostgres } from '../../testkit/operator/suite.ts';
import { retryOfMember } from '../debits/debit-store.ts';
import { collection, putBackWaitMs } from '../limits.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import { holdAfterPutBack } from './put-back.ts';
import { databaseIdentity, debitAttempt } from './schema.ts';

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

/** What is paid by its member alone any more. */
async function endedAt(operator: OperatorHarness): Promise<Visit> {
  const visit = await collectingAt(operator);
  operator.clock.jumpWall(collection.endsAfterMs + hourMs);
  await operator.during(operator.worker.attempt(visit.chargeId));
  expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ collectionEnded: true });
  return visit;
}
/** What people have in hand. */
async function heldAt(operator: OperatorHarness): Promise<Visit> {
  const visit = await operator.visit();
  const lost = { review: ['recognition.reader_lost' as const], confirmedByShopper: false };
  await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, lost)));
  expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'needs_attention' });
  return visit;
}
/** The provider has debited it since the backup. */
async function debitedSince(operator: OperatorHarness, { chargeId }: Visit): Promise<void> {
  const { memberId } = await operator.chargeRow(chargeId);
  account(operator, 'ok');
  await operator.provider.debit(debitRequest({ orderId: chargeId, memberId, amountMinor: 1300 }));
}

onEachStorage('a database that was put back', (harness) => {
  const pay = ({ chargeId }: Visit) => {
    const operator = harness();
    return operator.during(operator.worker.payment(chargeId, (request) => operator.provider.debit(request)));
  };
  const calls = async ({ chargeId }: Visit): Promise<string[]> => {
    const isIt = eq(debitAttempt.chargeId, chargeId);
    const rows = await harness().db.select().from(debitAttempt).where(isIt).orderBy(debitAttempt.id);
    return rows.map(({ call, state }) => `${call}: ${state}`);
  };
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
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ provider: 'fake' });
    await debitedSince(operator, visit);
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
    expect(await pay(visit)).toBe(false);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });

  it('there is money now, or a notice: it waits for its cabinet all the same', async () => {
    const operator = harness();
    const visit = await collecting();
    await hold(operator, true);
    account(operator, 'ok');
    await retryOfMember(operator.db, operator.clock, 'M1001', 'fake');
    await operator.pass(60_000, 1_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'collecting' });
    expect(await ask(visit)).toMatchObject({ state: 'collecting' });
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
  });

  it('a debt whose collection has ended is not paid once more: the provider is asked first', async () => {
    const operator = harness();
    const visit = await endedAt(operator);
    expect(await hold(operator, true)).toBe(1);
    await debitedSince(operator, visit);
    expect(await pay(visit)).toBe(false);
    await ask(visit, '- waiting 1300');
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
    expect((await calls(visit)).slice(-1)).toEqual(['query: paid']);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('such a debt that nobody has paid is there to be paid after that', async () => {
    const operator = harness();
    const visit = await endedAt(operator);
    await hold(operator, true);
    await ask(visit, '- waiting 1300');
    await operator.pass(hourMs, 60_000);
    account(operator, 'ok');
    expect(await pay(visit)).toBe(true);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    expect(await operator.incidentKinds()).toEqual(['collection_ended']);
  });

  it.each([
    ['its cabinet has heard a decision', '- decided 0'],
    ['nobody asks about it', null],
  ])('such a debt, and %s: people decide, it cannot be paid', async (_, said) => {
    const operator = harness();
    const visit = await endedAt(operator);
    await hold(operator, true);
    account(operator, 'ok');
    if (said !== null) await ask(visit, said);
    else await operator.pass(putBackWaitMs + hourMs, 600_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ collectionEnded: false });
    expect(await operator.incidentKinds()).toContain('decision_lost');
    await operator.pass(hourMs, 60_000);
    expect(await pay(visit)).toBe(false);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });

  it('what people had in hand was debited since by their decision: decided again it is queried first', async () => {
    const operator = harness();
    const visit = await heldAt(operator);
    await hold(operator, true);
    await debitedSince(operator, visit);
    const words = { by: 'anna', decision: 'debit', amountMinor: 1300 } as const;
    await operator.during(resolveCharge(operator, visit.chargeId, words));
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
    expect(await calls(visit)).toEqual(['query: paid']);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('what people had in hand, and have decided since: they hear that the decision is lost, once', async () => {
    const operator = harness();
    const visit = await heldAt(operator);
    await hold(operator, true);
    for (let i = 0; i < 2; i++)
      expect(await ask(visit, '- decided 0')).toMatchObject({ state: 'needs_attention' });
    expect((await operator.incidentKinds()).filter((kind) => kind === 'decision_lost')).toHaveLength(1);
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
