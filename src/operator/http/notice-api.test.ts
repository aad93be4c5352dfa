import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { failedNoticesOfAddress, noticeBodyMaxBytes } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { NoticeOutcome, Provider, QueryOutcome, RealProvider } from '../providers/provider.ts';
import { charge } from '../storage/schema.ts';

/** A provider that takes an order and says later, by itself, how it ended. Its signature is a word. */
function sender(inner: Provider, name: string): { provider: RealProvider; asked: () => number } {
  let asked = 0;
  const silent: QueryOutcome = { kind: 'unknown', message: 'asked too often' };
  const provider: RealProvider = {
    ...alteredProvider(inner, {
      name,
      debit: () => Promise.resolve({ kind: 'unknown', message: 'lost' }),
      query: () => {
        asked++;
        return Promise.resolve(silent);
      },
      close: null,
    }),
    beforeDoor: null,
    open: () => Promise.resolve({ kind: 'open' }),
    refund: () => Promise.resolve({ kind: 'refunded' }),
    findRefund: () => Promise.resolve({ kind: 'not_found' }),
    receive: ({ headers, body }) => {
      const isSigned = headers['signature'] === `by ${name}`;
      const said = isSigned ? (JSON.parse(body.toString()) as NoticeOutcome) : null;
      return Promise.resolve(said ?? { kind: 'refused', message: 'not signed' });
    },
    answerTo: (taken) => ({
      status: taken ? 200 : 500,
      contentType: 'text/plain',
      body: taken ? 'success' : 'fail',
    }),
  };
  return { provider, asked: () => asked };
}

onStorage('a notice of a provider', (harness) => {
  const start = async () => {
    await harness().close();
    const { provider, asked } = sender(harness().provider, 'wechat');
    const operator = harness().restarted({
      realProviders: [provider, sender(harness().provider, 'alipay').provider],
    });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)));
    // The member pays by this provider, and what was asked of it has no answer yet.
    await operator.db
      .update(charge)
      .set({
        ...{
          provider: 'wechat',
          state: 'accepted',
          inDoubt: true,
          askedMinor: 1300,
          paidAtMs: null,
          paidMinor: null,
        },
        ...{
          debitedMinor: null,
          askedAtMs: operator.clock.nowMs(),
          nextAttemptAtMs: operator.clock.nowMs() + 60_000,
        },
      })
      .where(eq(charge.chargeId, visit.chargeId));
    const notify = async (notice: NoticeOutcome, by = 'wechat', signature = `by ${by}`) => {
      const payload = JSON.stringify(notice);
      const answer = await operator.operator.noticeApi.inject({
        ...{ method: 'POST', url: `/v1/notices/${by}`, headers: { signature }, payload },
        remoteAddress: '192.0.2.7',
      });
      return { status: answer.statusCode, body: answer.body };
    };
    const order = (outcome: QueryOutcome, orderId: string = visit.chargeId): NoticeOutcome => ({
      ...{ kind: 'order', orderId, outcome },
    });
    const row = () => operator.chargeRow(visit.chargeId);
    return { operator, notify, order, row, asked };
  };
  const paid: QueryOutcome = { kind: 'paid', amountMinor: 1300 };
  const taken = { status: 200, body: 'success' };
  const notTaken = { status: 500, body: 'fail' };

  it('that it was paid counts at once, however often it comes', async () => {
    const { operator, notify, order, row } = await start();
    for (let i = 0; i < 3; i++) expect(await notify(order(paid))).toEqual(taken);
    expect(await row()).toMatchObject({ state: 'paid', paidMinor: 1300, inDoubt: false });
    expect(await operator.incidentKinds()).toEqual([]);
    await operator.close();
  });

  it('with another amount is booked as what it is, and people are told', async () => {
    const { operator, notify, order, row } = await start();
    expect(await notify(order({ kind: 'paid', amountMinor: 1 }))).toEqual(taken);
    expect(await row()).toMatchObject({ state: 'needs_attention', paidMinor: 1 });
    expect(await operator.incidentKinds()).toEqual(['underpaid']);
    await operator.close();
  });

  it('that it is not paid yet is a reason to ask, and nothing else', async () => {
    const { operator, notify, order, row, asked } = await start();
    for (const outcome of [
      { kind: 'declined', reason: 'account.declined' },
      { kind: 'collecting', amountMinor: 1, reason: 'account.declined' },
      { kind: 'not_found' },
    ] as const)
      expect(await notify(order(outcome))).toEqual(taken);
    await operator.pass(2_000, 100);
    expect(asked()).toBeGreaterThan(0);
    expect(await row()).toMatchObject({ state: 'accepted', inDoubt: true, askedMinor: 1300 });
    await operator.close();
  });

  it('of another provider, of no order here, or not signed, changes nothing and is to come again', async () => {
    const { operator, notify, order, row } = await start();
    expect(await notify(order(paid), 'alipay')).toEqual(notTaken);
    expect(await notify(order(paid, 'KM00000000000000000000000000'))).toEqual(notTaken);
    expect(await notify(order(paid), 'wechat', 'by nobody')).toEqual(notTaken);
    expect((await notify(order(paid), 'fake')).status).toBe(404);
    expect(await row()).toMatchObject({ state: 'accepted', inDoubt: true });
    await operator.close();
  });

  it('about an agreement changes how its account stands, at that provider alone', async () => {
    const { operator, notify } = await start();
    const accounts = ['wechat', 'alipay'].map(
      (name) => new StoredAccounts(operator.db, operator.clock, name),
    );
    for (const account of accounts)
      await account.put({ memberId: 'M1001', account: 'A1', agreement: 'valid' });
    expect(await notify({ kind: 'agreement', account: 'A1', state: 'ended' })).toEqual(taken);
    expect(await notify({ kind: 'agreement', account: 'nobody', state: 'ended' })).toEqual(taken);
    const known = await Promise.all(accounts.map((account) => account.find('M1001')));
    expect(known.map((found) => found?.agreement)).toEqual(['ended', 'valid']);
    await operator.close();
  });

  it('that is too large is refused, and who sends many that nobody signed is slowed down', async () => {
    const { operator, notify, order } = await start();
    const long = order({ kind: 'unknown', message: 'x'.repeat(noticeBodyMaxBytes) });
    expect((await notify(long)).status).toBe(413);
    for (let i = 0; i < failedNoticesOfAddress.burst; i++) await notify(order(paid), 'wechat', 'by nobody');
    expect((await notify(order(paid))).status).toBe(429);
    await operator.pass(2_000, 1_000);
    expect(await notify(order(paid))).toEqual(taken);
    await operator.close();
  });
});
