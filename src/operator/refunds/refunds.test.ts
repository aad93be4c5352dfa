import { randomBytes } from 'node:crypto';
import { and, eq, isNull } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { refundEveryMs, refundLeaseMs, refundTriesMax } from '../limits.ts';
import type { PaysBack, RealProvider, RefundOutcome, RefundRequest } from '../providers/provider.ts';
import { holdAfterPutBack } from '../storage/put-back.ts';
import { charge, chargeEvent, fakeRefund, incident, member, refund } from '../storage/schema.ts';
import { resolveIncident } from '../support/incidents.ts';
import { planRefunds } from './refund-plan.ts';

/** Pays back as the fake provider does, unless told otherwise; knows what it was asked. */
class Bank {
  readonly asked: string[] = [];
  readonly #inner: PaysBack;
  refund: (request: RefundRequest) => Promise<RefundOutcome>;
  find: PaysBack['findRefund'];

  constructor(inner: PaysBack) {
    this.#inner = inner;
    this.refund = (request) => this.pay(request);
    this.find = (request) => this.#inner.findRefund(request);
  }

  pay(request: RefundRequest): Promise<RefundOutcome> {
    return this.#inner.refund(request);
  }

  /** As a real provider of that name. */
  provider(operator: OperatorHarness): RealProvider {
    return {
      ...alteredProvider(operator.provider, { name: 'bank' }),
      beforeDoor: null,
      open: () => Promise.resolve({ kind: 'open' }),
      refund: (request) => {
        this.asked.push(`refund ${request.amountMinor}`);
        return this.refund(request);
      },
      findRefund: (request) => {
        this.asked.push('find');
        return this.find(request);
      },
      receive: () => Promise.resolve({ kind: 'other' }),
      answerTo: () => ({ status: 200, contentType: 'text/plain', body: '' }),
    };
  }
}

onStorage('what is due to be paid back', (harness) => {
  const start = async () => {
    const bank = new Bank(harness().provider);
    await harness().close();
    const operator = harness().restarted({ realProviders: [bank.provider(harness())] });
    await operator.db.update(member).set({ provider: 'bank' });
    return { operator, bank };
  };
  /** 13.00 that were paid: A1 of 7.00, B2 of 6.00. */
  const paid = async (operator: OperatorHarness): Promise<Visit> => {
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.untilState(visit.chargeId, 'paid', 60_000);
    return visit;
  };
  const report = async (operator: OperatorHarness, { chargeId }: Visit, sku = 'A1', agoMs = 0) => {
    const atMs = operator.clock.nowMs() - agoMs;
    const body = { disputeId: makeDisputeId(atMs, randomBytes(idRandomByteCount)), skus: [sku], atMs };
    expect((await operator.send('POST', `/v1/charges/${chargeId}/disputes`, body)).status).toBeLessThan(300);
  };
  const asks = async (operator: OperatorHarness, { chargeId }: Visit, decision: string, minor: number) => {
    const answer = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision, amountMinor: minor, cabinetId: 'CAB-1' },
    });
    return answer?.statusCode;
  };
  const decide = async (...asked: Parameters<typeof asks>) => {
    expect(await asks(...asked)).toBe(200);
  };
  /** Reported, and people agree: 7.00 of 13.00 are to go back. */
  const accepted = async (operator: OperatorHarness): Promise<Visit> => {
    const visit = await paid(operator);
    await report(operator, visit);
    await decide(operator, visit, 'waive', 600);
    return visit;
  };
  const refundsOf = (operator: OperatorHarness, { chargeId }: Visit) =>
    operator.db.select().from(refund).where(eq(refund.chargeId, chargeId)).orderBy(refund.refundId);
  const stateOf = async (operator: OperatorHarness, visit: Visit) =>
    (await refundsOf(operator, visit)).map(({ state }) => state).join(' ');
  const untilRefund = (operator: OperatorHarness, visit: Visit, state: string, boundMs = 300_000) =>
    operator.until(async () => (await stateOf(operator, visit)) === state, boundMs, 1_000);
  const open = (operator: OperatorHarness, { chargeId }: Visit) => {
    const isOpen = and(
      eq(incident.chargeId, chargeId),
      eq(incident.kind, 'refund_due'),
      isNull(incident.resolvedAtMs),
    );
    return operator.db.select().from(incident).where(isOpen);
  };
  const movedBack = async (operator: OperatorHarness) =>
    (await operator.db.select().from(fakeRefund)).map(({ amountMinor }) => amountMinor);
  const toldOf = async (operator: OperatorHarness, { chargeId }: Visit) => {
    const visitId = newVisitId(operator.clock.nowMs());
    await operator.send('POST', '/v1/visits/authorise', {
      visitId,
      code: operator.code(),
      purpose: 'account',
    });
    const { purchases } = purchasesReplySchema.parse(
      (await operator.send('POST', '/v1/purchases', { visitId })).body,
    );
    return purchases.find((one) => one.chargeId === chargeId)?.refund;
  };

  it('goes back by itself once, and people and the shopper are told', async () => {
    const { operator, bank } = await start();
    const visit = await accepted(operator);
    const { chargeId } = visit;
    const bySystem = { stage: 'under_way', amountMinor: 700, by: 'system' };
    expect(await toldOf(operator, visit)).toMatchObject(bySystem);
    bank.find = () => Promise.resolve({ kind: 'unknown', message: 'busy' });
    await untilRefund(operator, visit, 'asked');
    expect(await toldOf(operator, visit)).toMatchObject(bySystem);
    bank.find = (request) => harness().provider.findRefund(request);
    await untilRefund(operator, visit, 'refunded');
    expect(bank.asked.filter((call) => call !== 'find')).toEqual(['refund 700']);
    expect(await movedBack(operator)).toEqual([700]);
    expect(await open(operator, visit)).toEqual([]);
    const [closed] = await operator.db.select().from(incident).where(eq(incident.chargeId, chargeId));
    expect(closed?.resolution).toBe(`paid back by itself: 700, refund ${chargeId}R1`);
    const events = await operator.db.select().from(chargeEvent).where(eq(chargeEvent.kind, 'refunded'));
    expect(events.map(({ detail }) => JSON.parse(detail) as unknown)).toEqual([
      { refundId: `${chargeId}R1`, amountMinor: 700 },
    ]);
    const [made] = await refundsOf(operator, visit);
    expect(await toldOf(operator, visit)).toEqual({ stage: 'done', amountMinor: 700, atMs: made?.endedAtMs });
    await operator.pass(10 * refundEveryMs, refundEveryMs);
    expect(await movedBack(operator)).toEqual([700]);
    await operator.close();
  });

  it('waits while nobody has decided about the report, and goes back in parts that together are no more', async () => {
    const { operator } = await start();
    const visit = await accepted(operator);
    await report(operator, visit, 'B2');
    expect(await toldOf(operator, visit)).toMatchObject({ stage: 'under_way', amountMinor: 700 });
    await untilRefund(operator, visit, 'refunded');
    await operator.pass(4 * refundEveryMs, refundEveryMs);
    // 6.00 are reported, and nobody has looked.
    expect((await open(operator, visit)).map(({ amountMinor }) => amountMinor)).toEqual([600]);
    expect(await movedBack(operator)).toEqual([700]);
    expect(await toldOf(operator, visit)).toMatchObject({ stage: 'done', amountMinor: 700 });
    await decide(operator, visit, 'waive', 0);
    await untilRefund(operator, visit, 'refunded refunded');
    expect((await movedBack(operator)).sort()).toEqual([600, 700]);
    expect(await toldOf(operator, visit)).toMatchObject({ stage: 'done', amountMinor: 1_300 });
    expect(await open(operator, visit)).toEqual([]);
    await operator.close();
  });

  it('the database takes no refund beyond what was debited, and changes none', async () => {
    const { operator } = await start();
    const visit = await accepted(operator);
    await untilRefund(operator, visit, 'refunded');
    const [made] = await refundsOf(operator, visit);
    assert(made !== undefined, 'it is there');
    const more = { ...made, refundId: `${visit.chargeId}R2`, amountMinor: 601 };
    await expect(operator.db.insert(refund).values(more)).rejects.toThrow();
    await operator.db.insert(refund).values({ ...more, amountMinor: 600 });
    await expect(operator.db.update(refund).set({ amountMinor: 1 })).rejects.toThrow();
    await operator.close();
  });

  it('an answer that is lost after it went back: found, and not sent again', async () => {
    const { operator, bank } = await start();
    bank.refund = async (request) => {
      await bank.pay(request);
      return { kind: 'unknown', message: 'cut' };
    };
    const visit = await accepted(operator);
    await untilRefund(operator, visit, 'refunded');
    expect(bank.asked).toEqual(['find', 'refund 700', 'find']);
    expect(await movedBack(operator)).toEqual([700]);
    await operator.close();
  });

  it('no answer for days: people are told why, and nothing is asked any more', async () => {
    const { operator, bank } = await start();
    bank.find = () => Promise.resolve({ kind: 'unknown', message: '503 maintenance' });
    const visit = await accepted(operator);
    await untilRefund(operator, visit, 'asked');
    await operator.until(() => Promise.resolve(bank.asked.length === 2), 300_000, 1_000);
    // Almost two days later.
    await operator.db.update(refund).set({ failureCount: refundTriesMax - 1, dueAtMs: 1 });
    await untilRefund(operator, visit, 'people');
    const count = bank.asked.length;
    expect(count).toBeLessThanOrEqual(5);
    const [listed] = await open(operator, visit);
    expect(listed).toMatchObject({ amountMinor: 700 });
    expect(listed?.detail).toContain('503 maintenance');
    const byPeople = { stage: 'under_way', amountMinor: 700, by: 'support' };
    expect(await toldOf(operator, visit)).toMatchObject(byPeople);
    await operator.pass(3 * refundEveryMs, refundEveryMs);
    expect(bank.asked).toHaveLength(count);
    // And so does whatever is due of this charge later.
    await decide(operator, visit, 'waive', 100);
    await operator.pass(3 * refundEveryMs, refundEveryMs);
    expect(await stateOf(operator, visit)).toBe('people');
    const answer = { actor: 'anna', resolution: 'paid back there' };
    expect((await resolveIncident(operator, (await open(operator, visit))[0]!.id, answer)).ok).toBe(true);
    expect(await toldOf(operator, visit)).toMatchObject({ stage: 'done', amountMinor: 1_200 });
    await operator.close();
  });

  it('rejected: people do it, and no other number is tried', async () => {
    const { operator, bank } = await start();
    bank.refund = () => Promise.resolve({ kind: 'rejected', message: 'account closed' });
    const visit = await accepted(operator);
    await untilRefund(operator, visit, 'people');
    expect((await open(operator, visit))[0]?.detail).toContain('rejected: account closed');
    await operator.pass(4 * refundEveryMs, refundEveryMs);
    expect(bank.asked).toEqual(['find', 'refund 700']);
    await operator.close();
  });

  it('people do not pay back what is under way; what they have paid back before is not asked for', async () => {
    const { operator, bank } = await start();
    const byHand = { actor: 'anna', resolution: 'paid back by hand' };
    const close = async (visit: Visit) =>
      resolveIncident(operator, (await open(operator, visit))[0]!.id, byHand);
    const first = await accepted(operator);
    expect(await close(first)).toMatchObject({ ok: true });
    await operator.pass(3 * refundEveryMs, refundEveryMs);
    expect(bank.asked).toEqual([]);
    bank.refund = () => Promise.resolve({ kind: 'pending' });
    const second = await accepted(operator);
    await untilRefund(operator, second, 'pending');
    expect(await close(second)).toMatchObject({ ok: false, error: { code: 'conflict' } });
    await operator.close();
  });

  it('nor do they say with a decision that they have paid back what is under way', async () => {
    const { operator, bank } = await start();
    bank.find = () => Promise.resolve({ kind: 'unknown', message: 'busy' });
    const visit = await accepted(operator);
    await untilRefund(operator, visit, 'asked');
    expect(await asks(operator, visit, 'waive', 1_300)).toBe(409);
    bank.find = (request) => harness().provider.findRefund(request);
    await untilRefund(operator, visit, 'refunded');
    expect(await movedBack(operator)).toEqual([700]);
    await operator.close();
  });

  it('what they say they have paid back before anybody was asked is not sent, also where it was planned', async () => {
    const { operator, bank } = await start();
    const visit = await accepted(operator);
    await planRefunds(operator.db, operator.clock, ['bank']);
    expect(await stateOf(operator, visit)).toBe('due');
    await decide(operator, visit, 'waive', 1_300);
    await untilRefund(operator, visit, 'dropped');
    await operator.pass(3 * refundEveryMs, refundEveryMs);
    expect(await stateOf(operator, visit)).toBe('dropped');
    expect(bank.asked).toEqual([]);
    expect((await open(operator, visit)).map(({ amountMinor }) => amountMinor)).toEqual([700]);
    await operator.close();
  });

  it('what stays paid by a decision, though less is due, people have paid back by hand', async () => {
    const { operator, bank } = await start();
    const visit = await paid(operator);
    await report(operator, visit);
    await decide(operator, visit, 'waive', 1_300);
    await report(operator, visit, 'B2');
    await decide(operator, visit, 'waive', 0);
    await operator.pass(3 * refundEveryMs, refundEveryMs);
    expect(bank.asked).toEqual([]);
    const [listed] = await open(operator, visit);
    expect(listed).toMatchObject({ amountMinor: 1_300 });
    // What was reported later nobody has paid back by hand, and whoever closes it is not told so.
    expect(listed?.detail).toContain('; 700 counts as paid back by hand');
    await operator.close();
  });

  it('dies while it is out: the next one asks first, and an answer to the older lease counts no more', async () => {
    const { operator, bank } = await start();
    let late: ((outcome: RefundOutcome) => void) | undefined;
    bank.refund = (request) =>
      new Promise((resolve) => {
        void bank.pay(request).then(() => {
          late = resolve;
        });
      });
    const visit = await accepted(operator);
    await operator.until(() => Promise.resolve(late !== undefined), 300_000, 1_000);
    const other = harness().restarted({ realProviders: [bank.provider(harness())] });
    bank.find = () => Promise.resolve({ kind: 'unknown', message: 'busy' });
    await operator.until(
      async () => (await refundsOf(operator, visit))[0]!.leaseCount > 1,
      8 * refundLeaseMs,
      1_000,
    );
    late?.({ kind: 'rejected', message: 'an answer of long ago' });
    bank.find = (request) => harness().provider.findRefund(request);
    await untilRefund(operator, visit, 'refunded');
    expect(await movedBack(operator)).toEqual([700]);
    await other.close();
    await operator.close();
  });

  it('waits for people after the database was put back, whether it was asked for or not', async () => {
    const { operator, bank } = await start();
    bank.refund = () => Promise.resolve({ kind: 'pending' });
    const out = await accepted(operator);
    await untilRefund(operator, out, 'pending');
    const before = await paid(operator);
    await holdAfterPutBack({
      storage: { db: operator.db, kind: 'pglite' },
      clock: operator.clock,
      logger: silentLogger,
      isSaid: true,
    });
    await report(operator, before);
    await decide(operator, before, 'waive', 600);
    await untilRefund(operator, out, 'people');
    expect((await open(operator, out))[0]?.detail).toContain('the database was put back');
    expect(await stateOf(operator, before)).toBe('');
    // Of what came since nobody can have paid back anything.
    const since = await accepted(operator);
    await untilRefund(operator, since, 'pending');
    expect(bank.asked.filter((call) => call.startsWith('refund'))).toHaveLength(2);
    await operator.close();
  });

  it('waits for people where a report may have been here before, or the charge was lost once', async () => {
    const { operator, bank } = await start();
    const told = await paid(operator);
    await report(operator, told, 'A1', 13 * 3_600_000);
    await decide(operator, told, 'waive', 600);
    const visit = await operator.visit();
    await operator.during(
      operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit), operator.cabinet, {
        'kaimen-sent-before': '-',
      }),
      50,
    );
    await operator.db.update(charge).set({ nextAttemptAtMs: 1 }).where(eq(charge.chargeId, visit.chargeId));
    await operator.untilState(visit.chargeId, 'paid', 30 * 60_000, 1_000);
    await report(operator, visit);
    await decide(operator, visit, 'waive', 600);
    await operator.pass(4 * refundEveryMs, refundEveryMs);
    expect(bank.asked).toEqual([]);
    expect((await open(operator, told)).map(({ amountMinor }) => amountMinor)).toEqual([700]);
    expect((await open(operator, visit)).map(({ amountMinor }) => amountMinor)).toEqual([700]);
    await operator.close();
  });
});
