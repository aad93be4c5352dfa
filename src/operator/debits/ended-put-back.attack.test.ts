import { expect, it } from 'vitest';
import { sentBeforeHeader } from '../../shared/api/sent-before.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../testkit/operator/debit-request.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { collection, putBackWaitMs } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { holdAfterPutBack } from '../storage/put-back.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import { recordNotice, retryOfMember } from './debit-store.ts';

/*
 * A debt whose collection has ended in the backup goes on by itself, too: it is asked for once the member has another account,
 * or pays. It may have been debited since, or settled in another way.
 */

const hourMs = 3_600_000;
const reason = 'account.insufficient_funds';

const hold = (operator: OperatorHarness) => {
  const { db, clock } = operator;
  const storage = { db, kind: 'pglite' } as const;
  return operator.during(holdAfterPutBack({ storage, clock, logger: silentLogger, isSaid: true }));
};
const account = ({ provider }: OperatorHarness, mode: 'ok' | 'decline'): void =>
  provider.set({ mode, reason, delayMs: 0 });
async function collecting(operator: OperatorHarness): Promise<Visit> {
  account(operator, 'decline');
  const visit = await operator.visit();
  await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)));
  await operator.untilState(visit.chargeId, 'collecting', hourMs);
  return visit;
}
/** With a provider that forgets its numbers, as Stripe does after a day: it debits whatever it is asked for. */
async function forgetful(first: OperatorHarness): Promise<OperatorHarness> {
  await first.close();
  return first.restarted({ onceForEachNumber: false });
}
/** Its collection has ended in the backup. */
async function ended(operator: OperatorHarness): Promise<Visit> {
  const visit = await collecting(operator);
  const { collectingSinceMs } = await operator.chargeRow(visit.chargeId);
  operator.clock.jumpWall((collectingSinceMs ?? 0) + collection.endsAfterMs - operator.clock.nowMs());
  await operator.during(operator.worker.attempt(visit.chargeId));
  expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ collectionEnded: true });
  return visit;
}
/** The member's account is another one since. */
async function otherAccount(operator: OperatorHarness): Promise<void> {
  operator.clock.jumpWall(1);
  const accounts = new StoredAccounts(operator.db, operator.clock, 'fake');
  await accounts.put({ memberId: 'M1001', account: 'card-2', agreement: 'valid' });
}
const pay = (operator: OperatorHarness, { chargeId }: Visit) =>
  operator.during(operator.worker.payment(chargeId, (order) => operator.provider.pay(order)));
const ask = async (operator: OperatorHarness, { chargeId }: Visit, said?: string) => {
  const more: Record<string, string> = said === undefined ? {} : { [sentBeforeHeader]: said };
  const path = `/v1/charges/${chargeId}`;
  return (await operator.during(operator.send('GET', path, undefined, operator.cabinet, more))).body;
};
/** After the backup, by a service that the backup knows nothing of. */
async function debitedSince(operator: OperatorHarness, { chargeId }: Visit): Promise<void> {
  const { memberId } = await operator.chargeRow(chargeId);
  account(operator, 'ok');
  await operator.provider.debit(debitRequest({ orderId: chargeId, memberId, amountMinor: 1300 }));
}

onStorage('a debt whose collection has ended, in a database that was put back', (harness) => {
  it.each(['has another account', 'pays'] as const)(
    'was debited since, and the member %s: once',
    async (how) => {
      const operator = await forgetful(harness());
      const visit = await ended(operator);
      await debitedSince(operator, visit);
      await hold(operator);
      if (how === 'pays') await pay(operator, visit);
      else await otherAccount(operator);
      await operator.pass(hourMs, 60_000);
      expect(await operator.debitCount(visit.chargeId)).toBe(1);
      await ask(operator, visit);
      await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
      expect(await operator.debitCount(visit.chargeId)).toBe(1);
      await operator.close();
    },
  );

  it('was settled in another way since, so that its cabinet never asks: held for people, never debited', async () => {
    const operator = harness();
    const visit = await ended(operator);
    account(operator, 'ok');
    await hold(operator);
    await otherAccount(operator);
    await operator.pass(putBackWaitMs + hourMs, 600_000);
    await otherAccount(operator);
    await pay(operator, visit);
    await operator.pass(hourMs, 600_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    const row = await operator.chargeRow(visit.chargeId);
    expect(row).toMatchObject({
      state: 'needs_attention',
      reason: 'system.conflict',
      collectionEnded: false,
    });
    expect(await operator.incidentKinds()).toEqual(['collection_ended', 'decision_lost']);
  });

  it('its cabinet knows of a decision that is not here: held for people, said to be put back or not', async () => {
    const operator = harness();
    const visit = await ended(operator);
    account(operator, 'ok');
    expect(await ask(operator, visit, '- decided 600')).toMatchObject({ state: 'needs_attention' });
    await otherAccount(operator);
    await operator.pass(hourMs, 60_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });

  it('its cabinet asks on, and nothing is known of it: it can be paid, and another account is asked', async () => {
    const operator = harness();
    const visit = await ended(operator);
    account(operator, 'ok');
    await hold(operator);
    expect(await ask(operator, visit)).toMatchObject({ state: 'collecting' });
    await operator.pass(hourMs, 10_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ inDoubt: false, collectionEnded: true });
    await otherAccount(operator);
    await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('what people decide about it meanwhile needs no word of its cabinet: the provider is asked first', async () => {
    const operator = await forgetful(harness());
    const visit = await ended(operator);
    await debitedSince(operator, visit);
    await hold(operator);
    const { chargeId } = visit;
    const decision = { by: 'anna', decision: 'debit', amountMinor: 1300 } as const;
    expect(await resolveCharge(operator, chargeId, decision)).toMatchObject({ ok: true });
    await operator.untilState(chargeId, 'paid', hourMs, 10_000);
    expect(await operator.debitCount(chargeId)).toBe(1);
    await operator.close();
  });
});

onStorage('a charge that waits for people, in a database that was put back', (harness) => {
  it('they had it debited since, and decide so again: once', async () => {
    const operator = await forgetful(harness());
    const visit = await operator.visit();
    const { chargeId } = visit;
    const body = chargeBody(visit, { review: ['recognition.reader_lost'], confirmedByShopper: false });
    await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, body));
    expect(await operator.chargeRow(chargeId)).toMatchObject({ state: 'needs_attention' });
    await debitedSince(operator, visit);
    await hold(operator);
    const decision = { by: 'anna', decision: 'debit', amountMinor: 1300 } as const;
    expect(await resolveCharge(operator, chargeId, decision)).toMatchObject({ ok: true });
    await operator.untilState(chargeId, 'paid', hourMs, 10_000);
    expect(await operator.debitCount(chargeId)).toBe(1);
    await operator.close();
  });
});

onStorage('a charge that waits for its cabinet', (harness) => {
  it.each(['a payment into the wallet', 'a notice of its provider'] as const)(
    '%s does not make it one of which its cabinet is silent',
    async (what) => {
      const operator = harness();
      const visit = await collecting(operator);
      const { db, clock } = operator;
      await hold(operator);
      account(operator, 'ok');
      if (what === 'a notice of its provider') {
        await operator.db.execute(`update charge set in_doubt = true, asked_minor = 1300`);
        const outcome = { kind: 'not_found' } as const;
        await recordNotice(db, clock, 'fake', { orderId: visit.chargeId, outcome });
      } else await retryOfMember(db, clock, 'M1001', 'fake');
      await operator.pass(60_000, 1_000);
      expect(await operator.incidentKinds()).toEqual([]);
      await ask(operator, visit);
      await operator.untilState(visit.chargeId, 'paid', hourMs, 10_000);
      expect(await operator.debitCount(visit.chargeId)).toBe(1);
    },
  );
});
