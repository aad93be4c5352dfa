import { and, eq, isNull } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody, makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { collection, defaultPolicy } from '../limits.ts';
import { listNotices } from '../members/notices.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { DebitOutcome, Provider } from '../providers/provider.ts';
import { charge, debitAttempt, incident } from '../storage/schema.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import { recordNotice } from './debit-store.ts';

const dayMs = 86_400_000;
const tooLow = 'account.insufficient_funds';
const card = { memberId: 'M1001', account: 'card-1', agreement: 'valid' } as const;

const declining = (operator: OperatorHarness, reason: 'account.expired_card' | typeof tooLow = tooLow) =>
  operator.provider.set({ mode: 'decline', reason, delayMs: 0 });
const isGood = (operator: OperatorHarness) =>
  operator.provider.set({ mode: 'ok', reason: tooLow, delayMs: 0 });

/** A debt: what a member took, and the account had nothing for. */
async function debt(operator: OperatorHarness): Promise<Visit> {
  const visit = await operator.visit();
  await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)));
  await operator.untilState(visit.chargeId, 'collecting', 10_000);
  return visit;
}
/** As many as shut the door. */
async function debts(operator: OperatorHarness): Promise<readonly Visit[]> {
  const visits = [await operator.visit(), await operator.visit()];
  for (const visit of visits) {
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)));
    await operator.untilState(visit.chargeId, 'collecting', 10_000);
  }
  return visits;
}
/** When it is planned to be looked at next it is. */
async function look(operator: OperatorHarness, { chargeId }: Visit): Promise<void> {
  const { nextAttemptAtMs } = await operator.chargeRow(chargeId);
  const nowMs = operator.clock.nowMs();
  operator.clock.jumpWall(Math.max((nextAttemptAtMs ?? nowMs) - nowMs, 0));
  await operator.during(operator.worker.attempt(chargeId));
}
/** So much later than its collection began it is looked at. */
async function lookAfter(operator: OperatorHarness, visit: Visit, afterMs: number): Promise<void> {
  const { collectingSinceMs } = await operator.chargeRow(visit.chargeId);
  operator.clock.jumpWall((collectingSinceMs ?? 0) + afterMs - operator.clock.nowMs());
  await look(operator, visit);
}
/** Its collection ends by itself. */
async function end(operator: OperatorHarness, visit: Visit): Promise<void> {
  await lookAfter(operator, visit, collection.endsAfterMs);
  expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ collectionEnded: true });
}

/** How the door stands for this member at a cabinet that has nothing to do with the debt. */
async function door(operator: OperatorHarness, memberId = 'M1001'): Promise<string> {
  const cabinet = makeCabinet('CAB-9');
  await operator.enrol(cabinet);
  const visitId = newVisitId(operator.clock.nowMs());
  const reply = await operator.authorise(visitId, operator.code(memberId), cabinet);
  return reply.decision === 'allowed' ? 'open' : reply.reason;
}
const openIncidents = async (operator: OperatorHarness): Promise<string[]> => {
  const rows = await operator.db.select().from(incident).where(isNull(incident.resolvedAtMs));
  return rows.map(({ kind }) => kind);
};
async function debitsAsked(operator: OperatorHarness, { chargeId }: Visit): Promise<number> {
  const isIt = and(eq(debitAttempt.chargeId, chargeId), eq(debitAttempt.call, 'debit'));
  return (await operator.db.select().from(debitAttempt).where(isIt)).length;
}
const told = async (operator: OperatorHarness, { chargeId }: Visit) =>
  (await operator.send('GET', `/v1/charges/${chargeId}`)).body;
async function purchase(operator: OperatorHarness) {
  const visitId = newVisitId(operator.clock.nowMs());
  const body = { visitId, code: operator.code(), purpose: 'account' };
  await operator.send('POST', '/v1/visits/authorise', body);
  const answer = await operator.send('POST', '/v1/purchases', { visitId });
  return purchasesReplySchema.parse(answer.body).purchases[0];
}
const pay = (operator: OperatorHarness, { chargeId }: Visit) =>
  operator.during(operator.worker.payment(chargeId, (order) => operator.provider.pay(order)));
const decide = (
  operator: OperatorHarness,
  { chargeId }: Visit,
  decision: 'waive' | 'debit' | 'settled',
  amountMinor: number,
) => resolveCharge(operator, chargeId, { by: 'anna', decision, amountMinor });

onStorage('collection', (harness) => {
  it('asks so often, reminds so often, and ends: the member owes it still, and people decide', async () => {
    const operator = harness();
    declining(operator);
    const visit = await debt(operator);
    for (let looks = 0; looks < 20; looks++) {
      const { nextTryAtMs } = (await purchase(operator)) ?? { nextTryAtMs: null };
      const asked = await debitsAsked(operator, visit);
      await look(operator, visit);
      // What its member reads of a next try comes true.
      expect((await debitsAsked(operator, visit)) - asked).toBe(nextTryAtMs === null ? 0 : 1);
    }
    // The first time, an hour later, and on eight days.
    expect(await debitsAsked(operator, visit)).toBe(10);
    expect(await openIncidents(operator)).toEqual(['collection_ended']);
    const row = await operator.chargeRow(visit.chargeId);
    expect(row).toMatchObject({ state: 'needs_attention', nextAttemptAtMs: null, remindedCount: 4 });
    expect(await told(operator, visit)).toMatchObject({ state: 'collecting', reason: tooLow });
    // One notice of the beginning, and one that took the place of each reminder before it.
    const notices = await listNotices(operator.db, 'M1001');
    expect(notices.map(({ kind }) => kind)).toEqual(['debt_reminder', 'debt']);
    expect((notices[0]?.atMs ?? 0) - (notices[1]?.atMs ?? 0)).toBeGreaterThan(29 * dayMs);
    isGood(operator);
    operator.clock.jumpWall(3 * dayMs);
    await operator.pass(10_000, 1_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });

  it('asks nobody by itself about an expired card, and at once when the account is another one', async () => {
    const operator = harness();
    operator.provider.takePaymentsAt('http://pay/');
    const accounts = new StoredAccounts(operator.db, operator.clock, 'fake');
    const account = { memberId: 'M1001', account: 'card-1', agreement: 'valid' } as const;
    await accounts.put(account);
    declining(operator, 'account.expired_card');
    const visit = await debt(operator);
    isGood(operator);
    for (let looks = 0; looks < 2; looks++) await look(operator, visit);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ remindedCount: 2 });
    expect(await debitsAsked(operator, visit)).toBe(1);
    // No time is promised, and it can be paid.
    expect(await purchase(operator)).toMatchObject({ state: 'collecting', nextTryAtMs: null });
    expect((await purchase(operator))?.payUrl).not.toBeNull();
    // The same account told again is no other one; one that has ended asks for nothing.
    await accounts.put(account);
    await accounts.setAgreement('card-1', 'valid');
    await operator.pass(10_000, 1_000);
    await accounts.setAgreement('card-1', 'ended');
    await operator.pass(10_000, 1_000);
    expect(await debitsAsked(operator, visit)).toBe(1);
    await accounts.put({ ...account, account: 'card-2' });
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('asks another account once, and not before its time, where the clock was ahead when that was noted', async () => {
    const operator = harness();
    declining(operator);
    const visit = await debt(operator);
    operator.clock.jumpWall(dayMs / 2);
    const accounts = new StoredAccounts(operator.db, operator.clock, 'fake');
    await accounts.put({ memberId: 'M1001', account: 'card-2', agreement: 'valid' });
    operator.clock.jumpWall(-dayMs / 2);
    await operator.pass(30_000, 1_000);
    expect(await debitsAsked(operator, visit)).toBe(1);
  });

  it.each([
    ['is put in', (accounts: StoredAccounts) => accounts.put({ ...card, account: 'card-2' })],
    ['is good again', (accounts: StoredAccounts) => accounts.setAgreement('card-1', 'valid')],
  ])(
    'asks an account that %s later, where the clock was ahead when it was asked before',
    async (_, change) => {
      const operator = harness();
      const accounts = new StoredAccounts(operator.db, operator.clock, 'fake');
      await accounts.put({ ...card, agreement: 'void' });
      declining(operator, 'account.expired_card');
      operator.clock.jumpWall(dayMs / 2);
      const visit = await debt(operator);
      operator.clock.jumpWall(-dayMs / 2);
      isGood(operator);
      await operator.pass(10_000, 1_000);
      expect(await debitsAsked(operator, visit)).toBe(1);
      await change(accounts);
      await operator.untilState(visit.chargeId, 'paid', 10_000);
      expect(await operator.debitCount(visit.chargeId)).toBe(1);
    },
  );

  it('never repeats by itself what may not be repeated, nor what was declined too often', async () => {
    await harness().close();
    let asked = 0;
    let outcome: DebitOutcome = { kind: 'declined', reason: 'account.declined', again: 'never' };
    const debit: Provider['debit'] = () => {
      asked += 1;
      return Promise.resolve(outcome);
    };
    const operator = harness().restarted({ wrapProvider: (inner) => alteredProvider(inner, { debit }) });
    const visit = await debt(operator);
    for (let looks = 0; looks < 2; looks++) await look(operator, visit);
    expect(asked).toBe(1);
    // A member who changes the account again and again is asked no more than networks allow.
    outcome = { kind: 'declined', reason: 'account.declined' };
    const accounts = new StoredAccounts(operator.db, operator.clock, 'fake');
    for (let i = 0; i < collection.declinesMax + 5; i++) {
      await accounts.put({ memberId: 'M1001', account: `card-${i}`, agreement: 'valid' });
      await operator.pass(10_000, 1_000);
    }
    await end(operator, visit);
    expect(asked).toBe(collection.declinesMax);
    await operator.close();
  });

  it('goes on at the provider that collects by itself, and people are told', async () => {
    await harness().close();
    let outcome: DebitOutcome = { kind: 'collecting', amountMinor: 1300, reason: tooLow };
    const answer = () => Promise.resolve(outcome);
    const byProvider = { debit: answer, query: answer as Provider['query'], close: null };
    const operator = harness().restarted({ wrapProvider: (inner) => alteredProvider(inner, byProvider) });
    const visit = await debt(operator);
    await end(operator, visit);
    await look(operator, visit);
    expect(await openIncidents(operator)).toEqual(['collection_ended']);
    expect(await told(operator, visit)).toMatchObject({ state: 'collecting', reason: tooLow });
    expect(await door(operator)).not.toBe('open');
    outcome = { kind: 'paid', amountMinor: 1300 };
    await look(operator, visit);
    expect(await told(operator, visit)).toMatchObject({ state: 'paid', totalMinor: 1300 });
    expect(await openIncidents(operator)).toEqual([]);
    expect(await door(operator)).toBe('open');
    await operator.close();
  });

  it('is tried again when people say so, from the beginning', async () => {
    const operator = harness();
    declining(operator);
    const visit = await debt(operator);
    await end(operator, visit);
    expect(await decide(operator, visit, 'debit', 1300)).toMatchObject({ ok: true });
    operator.worker.wake();
    await operator.untilState(visit.chargeId, 'collecting', 60_000);
    const row = await operator.chargeRow(visit.chargeId);
    expect(row).toMatchObject({ declineCount: 1, remindedCount: 0, collectionEnded: false });
    expect(operator.clock.nowMs() - (row.collectingSinceMs ?? 0)).toBeLessThan(60_000);
    expect(await openIncidents(operator)).toEqual([]);
    isGood(operator);
    await look(operator, visit);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('counts from now where an instance from before has not said since when', async () => {
    const operator = harness();
    declining(operator);
    const visit = await debt(operator);
    await operator.db.update(charge).set({ collectingSinceMs: null });
    operator.clock.jumpWall(collection.endsAfterMs + dayMs);
    await look(operator, visit);
    const row = await operator.chargeRow(visit.chargeId);
    expect(row).toMatchObject({ state: 'collecting', collectingSinceMs: operator.clock.nowMs() });
  });
});

onStorage('a debt', (harness) => {
  it('locks at every cabinet, and unlocks at once when it is paid now', async () => {
    const operator = harness();
    declining(operator);
    const [first, second] = await debts(operator);
    expect(await door(operator)).toBe('account.unpaid_charges');
    expect(await door(operator, 'M1002')).toBe('open');
    isGood(operator);
    for (const visit of [first!, second!]) {
      expect(await pay(operator, visit)).toBe(true);
      expect(await door(operator)).toBe('open');
    }
  });

  it('unlocks at once when the provider says that it is paid there', async () => {
    const operator = harness();
    declining(operator);
    const [first] = await debts(operator);
    const notice = { orderId: first!.chargeId, outcome: { kind: 'paid', amountMinor: 1300 } } as const;
    expect(await recordNotice(operator.db, operator.clock, 'fake', notice)).toBe(true);
    expect(await door(operator)).toBe('open');
  });

  it.each([
    'pays now',
    'pays elsewhere',
    'is let off',
    'pays at the provider',
    'has another account',
  ] as const)('whose collection has ended locks whatever its sum, until the member %s', async (how) => {
    const operator = harness();
    declining(operator);
    const visit = await debt(operator);
    expect(await door(operator)).toBe('open');
    await end(operator, visit);
    expect(await door(operator)).toBe('account.unpaid_charges');
    isGood(operator);
    const { chargeId } = visit;
    if (how === 'pays now') expect(await pay(operator, visit)).toBe(true);
    if (how === 'pays elsewhere') await decide(operator, visit, 'settled', 1300);
    if (how === 'is let off') await decide(operator, visit, 'waive', 0);
    if (how === 'pays at the provider') {
      const outcome = { kind: 'paid', amountMinor: 1300 } as const;
      await recordNotice(operator.db, operator.clock, 'fake', { orderId: chargeId, outcome });
    }
    if (how === 'has another account') {
      operator.clock.jumpWall(1);
      const accounts = new StoredAccounts(operator.db, operator.clock, 'fake');
      await accounts.put({ memberId: 'M1001', account: 'card-2', agreement: 'valid' });
      await operator.untilState(chargeId, 'paid', 10_000);
    }
    expect(await door(operator)).toBe('open');
    expect(await openIncidents(operator)).toEqual([]);
    const paidMinor = how === 'is let off' ? 0 : 1300;
    expect(await operator.chargeRow(chargeId)).toMatchObject({ state: 'paid', paidMinor });
    expect(await told(operator, visit)).toMatchObject({ state: 'paid', totalMinor: paidMinor });
    expect(await operator.incidentKinds()).toEqual(['collection_ended']);
  });

  it('whose collection has ended counts as any other where that is the policy', async () => {
    const policy = { ...defaultPolicy, endedDebtLocks: false };
    const operator = harness().restarted({ policy });
    declining(operator);
    await harness().close();
    const visit = await debt(operator);
    await end(operator, visit);
    expect(await door(operator)).toBe('open');
    await operator.close();
  });

  it('of which a payment is declined stays one', async () => {
    const operator = harness();
    declining(operator);
    const visit = await debt(operator);
    await end(operator, visit);
    const no = { kind: 'declined', reason: tooLow } as const;
    await operator.during(operator.worker.payment(visit.chargeId, () => Promise.resolve(no)));
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ collectionEnded: true, inDoubt: false });
    expect(await door(operator)).toBe('account.unpaid_charges');
    isGood(operator);
    operator.clock.jumpWall(dayMs);
    await operator.pass(10_000, 1_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });
});
