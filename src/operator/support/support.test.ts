import { randomBytes } from 'node:crypto';
import { and, asc, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId, shortRef } from '../../shared/ids.ts';
import { newChargeId } from '../../testkit/operator/cabinet.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import type { Answer, OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { chargeEvent, incident } from '../storage/schema.ts';

/** What support will call; today the development API does. */
async function decide(operator: OperatorHarness, path: string, body: object): Promise<Answer> {
  const response = await operator.operator.developmentApi?.inject({
    method: 'POST',
    url: path,
    payload: body,
  });
  if (response === undefined) throw new Error('no development API');
  return { status: response.statusCode, body: response.json(), headers: response.headers };
}
const resolve = (operator: OperatorHarness, chargeId: string, decision: string, amountMinor: number) =>
  decide(operator, `/dev/charges/${chargeId}/resolve`, {
    ...{ by: 'anna', decision, amountMinor, cabinetId: 'CAB-1' },
  });
const put = (operator: OperatorHarness, visit: Visit, change = {}) =>
  operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, change));
async function reportLine(operator: OperatorHarness, { chargeId }: Visit, sku: string): Promise<void> {
  const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
  const body = { disputeId, skus: [sku], atMs: operator.clock.nowMs() };
  await operator.send('POST', `/v1/charges/${chargeId}/disputes`, body);
}
/** 1300 billed, 200 held, and nothing is debited by itself. */
const readerLost = {
  review: ['recognition.reader_lost'],
  confirmedByShopper: false,
  heldLines: [line('C3', 200, 1)],
};

onStorage('a human', (harness) => {
  const held = async (): Promise<Visit> => {
    const visit = await harness().visit();
    expect((await put(harness(), visit, readerLost)).body).toMatchObject({ state: 'needs_attention' });
    return visit;
  };

  it('finds a charge by the end of its number that the receipt shows', async () => {
    const operator = harness();
    const [visit] = [await held(), await operator.visit()];
    const find = async (text: string) =>
      (await operator.operator.developmentApi?.inject({ url: `/dev/charges?chargeId=${text}` }))?.json<
        { chargeId: string }[]
      >();
    for (const text of [shortRef(visit.chargeId), visit.chargeId])
      expect(await find(text)).toMatchObject([{ chargeId: visit.chargeId }]);
    expect(await find('00000000')).toEqual([]);
  });

  it('lets a charge be debited, for at most what the screen named', async () => {
    const operator = harness();
    const { chargeId } = await held();
    for (const amountMinor of [0, 1501])
      expect(await resolve(operator, chargeId, 'debit', amountMinor)).toMatchObject({ status: 400 });
    expect(await resolve(operator, chargeId, 'debit', 1500)).toMatchObject({
      status: 200,
      body: { state: 'accepted', totalMinor: 1500 },
    });
    await operator.untilState(chargeId, 'paid', 10_000);
    expect(await operator.chargeRow(chargeId)).toMatchObject({
      paidMinor: 1500,
      review: false,
      reason: null,
    });
    expect(await operator.debitCount(chargeId)).toBe(1);
    const isIt = eq(chargeEvent.chargeId, chargeId);
    const history = await operator.db.select().from(chargeEvent).where(isIt).orderBy(asc(chargeEvent.id));
    expect(history.map(({ kind }) => kind)).toEqual([
      'received',
      'needs_attention',
      'resolved',
      'debit_leased',
      'paid',
    ]);
    expect(history[2]?.detail).toBe('{"by":"anna","decision":"debit","amountMinor":1500}');
  });

  it('lets it go, or says that it was paid in another way', async () => {
    const operator = harness();
    const waived = await held();
    expect(await resolve(operator, waived.chargeId, 'waive', 0)).toMatchObject({
      body: { state: 'paid', totalMinor: 0, resolved: { how: 'written_off', by: 'support' } },
    });
    const settled = await held();
    expect(await resolve(operator, settled.chargeId, 'settled', 600)).toMatchObject({
      body: { state: 'paid', totalMinor: 600, resolved: { how: 'settled', by: 'support' } },
    });
    await operator.pass(20_000, 5_000);
    for (const { chargeId } of [waived, settled]) expect(await operator.debitCount(chargeId)).toBe(0);
  });

  it('decides once, about what waits for a human, and about nobody without an account', async () => {
    const operator = harness();
    const paid = await operator.visit();
    await put(operator, paid);
    expect(await resolve(operator, paid.chargeId, 'settled', 100)).toMatchObject({ status: 409 });
    const { chargeId } = await held();
    await resolve(operator, chargeId, 'waive', 0);
    expect(await resolve(operator, chargeId, 'debit', 100)).toMatchObject({ status: 409 });
    expect(await resolve(operator, newChargeId(1), 'debit', 100)).toMatchObject({ status: 404 });
    const stranger = { ...(await operator.visit()), memberId: 'NOBODY' };
    await put(operator, stranger);
    expect(await resolve(operator, stranger.chargeId, 'debit', 100)).toMatchObject({ status: 409 });
    expect(await resolve(operator, stranger.chargeId, 'steal', 100)).toMatchObject({ status: 400 });
  });

  it('has what was debited paid back where nothing more is asked for, and says so', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await put(operator, visit);
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    const answers = [];
    for (let i = 0; i < 2; i++) {
      answers.push(await resolve(operator, visit.chargeId, 'waive', 500));
      await operator.pass(5_000);
    }
    expect(answers[0]).toMatchObject({
      status: 200,
      body: { state: 'paid', totalMinor: 1300, resolved: { how: 'refunded_in_part', by: 'support' } },
    });
    // The same request once more, because its answer was lost, decides nothing again.
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ paidMinor: 1300, refundDueMinor: 800 });
    expect(await operator.incidentKinds()).toEqual(['refund_due']);
    expect(await resolve(operator, visit.chargeId, 'waive', 1301)).toMatchObject({ status: 400 });
  });

  it('denies a report of what is paid, with a name and a reason, once', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await put(operator, visit);
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    const path = `/dev/charges/${visit.chargeId}/resolve`;
    const deny = { by: 'anna', decision: 'deny_dispute', amountMinor: 1300, reason: 'seen on "film"' };
    expect(await decide(operator, path, deny)).toMatchObject({ status: 409 });
    const report = (sku: string) => reportLine(operator, visit, sku);
    await report('A1');
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ review: true, refundDueMinor: 700 });
    expect(await decide(operator, path, { ...deny, reason: undefined })).toMatchObject({ status: 400 });
    const first = await decide(operator, path, deny);
    expect(first).toMatchObject({
      status: 200,
      body: { state: 'paid', totalMinor: 1300, resolved: { how: 'dispute_denied', by: 'support' } },
    });
    await operator.pass(60_000, 10_000);
    expect((await decide(operator, path, deny)).body).toEqual(first.body);
    expect(await decide(operator, path, { ...deny, by: 'ben' })).toMatchObject({ status: 409 });
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ review: false, refundDueMinor: 0 });
    const isIt = and(eq(chargeEvent.chargeId, visit.chargeId), eq(chargeEvent.kind, 'resolved'));
    const decisions = await operator.db.select().from(chargeEvent).where(isIt);
    expect(decisions.map(({ detail }) => JSON.parse(detail) as unknown)).toEqual([deny]);
    // Another report asks for another decision, and the same words are one.
    await report('B2');
    expect(await decide(operator, path, deny)).toMatchObject({ status: 200 });
    expect(await operator.db.select().from(chargeEvent).where(isIt)).toHaveLength(2);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it.each([
    ['deny_dispute', 1300],
    ['waive', 1300],
    ['debited', 1500],
  ])(
    'decides (%s) about the reports that were seen: not when another has come since',
    async (decision, amount) => {
      const operator = harness();
      const visit = await operator.visit();
      await put(operator, visit);
      await operator.untilState(visit.chargeId, 'paid', 10_000);
      const report = (sku: string) => reportLine(operator, visit, sku);
      const path = `/dev/charges/${visit.chargeId}/resolve`;
      const seen = async () => (await operator.chargeRow(visit.chargeId)).disputedMinor;
      await report('A1');
      const request = {
        by: 'anna',
        decision,
        amountMinor: amount,
        reason: 'film',
        disputedMinor: await seen(),
      };
      await report('B2');
      expect(await decide(operator, path, request)).toMatchObject({ status: 409 });
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ review: true, resolvedHow: null });
      const looked = { ...request, disputedMinor: await seen() };
      const answers = [await decide(operator, path, looked), await decide(operator, path, looked)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers[1]?.body).toEqual(answers[0]?.body);
    },
  );

  it('decides once about a report, though its answer is lost and another report comes', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await put(operator, visit);
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    await reportLine(operator, visit, 'A1');
    const request = {
      by: 'anna',
      decision: 'deny_dispute',
      amountMinor: 1300,
      reason: 'film',
      disputedMinor: 700,
    };
    const path = `/dev/charges/${visit.chargeId}/resolve`;
    expect(await decide(operator, path, request)).toMatchObject({ status: 200 });
    await reportLine(operator, visit, 'B2');
    expect(await decide(operator, path, request)).toMatchObject({ status: 409 });
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ review: true, refundDueMinor: 600 });
  });

  it('knows a decision by all of its words, whatever they are made of', async () => {
    const operator = harness();
    const path = ({ chargeId }: Visit) => `/dev/charges/${chargeId}/resolve`;
    const long = '"\n'.repeat(49);
    const [by, loneHalf] = ['a\u0001'.repeat(32), '\ud83d'];
    const visit = await held();
    const waive = { by, decision: 'waive', amountMinor: 0, reason: `${long}1` };
    for (let i = 0; i < 2; i++)
      expect(await decide(operator, path(visit), waive)).toMatchObject({ status: 200 });
    await decide(operator, path(visit), { ...waive, reason: `${long}2` });
    const isIt = and(eq(chargeEvent.chargeId, visit.chargeId), eq(chargeEvent.kind, 'resolved'));
    const decisions = await operator.db.select().from(chargeEvent).where(isIt).orderBy(asc(chargeEvent.id));
    expect(decisions.map(({ detail }) => (JSON.parse(detail) as { reason: string }).reason)).toEqual([
      `${long}1`,
      `${long}2`,
    ]);
    for (const reason of [loneHalf, 'a\u0000b', `${'x'.repeat(149)}${loneHalf}`]) {
      const [here, early] = [await held(), await unknown()];
      const request = { by: 'anna', decision: 'waive', amountMinor: 0, reason, cabinetId: 'CAB-1' };
      const answers = [];
      for (const one of [here, here, early, early])
        answers.push((await decide(operator, path(one), request)).body);
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[3]).toEqual(answers[2]);
      await put(operator, early);
      expect((await decide(operator, path(early), request)).body).toEqual(answers[2]);
    }
  });

  it('cannot deny a report of a charge that is not here, or that has cost nothing', async () => {
    const operator = harness();
    const deny = { by: 'anna', decision: 'deny_dispute', amountMinor: 1300, reason: 'x', cabinetId: 'CAB-1' };
    const unknown = newChargeId(operator.clock.nowMs());
    expect(await decide(operator, `/dev/charges/${unknown}/resolve`, deny)).toMatchObject({ status: 404 });
    const { chargeId } = await held();
    expect(await decide(operator, `/dev/charges/${chargeId}/resolve`, deny)).toMatchObject({ status: 409 });
  });

  /** Refused with 400 the charge is known at the cabinet only, which sends it again hours later. */
  const unknown = async (): Promise<Visit> => {
    const visit = await harness().visit();
    const refused = await put(harness(), visit, { memberId: 'not a member id' });
    expect(refused).toMatchObject({ status: 400 });
    return visit;
  };

  it.each([
    ['waive', 0],
    ['settled', 900],
    ['settled', 1300],
  ] as const)(
    'decides (%s %i) about a charge before it arrives, and it is never debited',
    async (what, paid) => {
      const operator = harness();
      const visit = await unknown();
      const { chargeId } = visit;
      // A slip, which the next decision puts right.
      expect(await resolve(operator, chargeId, 'settled', 1)).toMatchObject({ status: 200 });
      for (let i = 0; i < 2; i++)
        expect(await resolve(operator, chargeId, what, paid)).toMatchObject({
          status: 200,
          body: { chargeId, state: 'paid', reason: null, totalMinor: paid },
        });
      expect(await resolve(operator, chargeId, 'debit', 1300)).toMatchObject({ status: 404 });
      for (let i = 0; i < 2; i++)
        expect(await put(operator, visit)).toMatchObject({
          status: 200,
          body: { state: 'paid', reason: null, totalMinor: paid, resolved: { by: 'support' } },
        });
      await operator.pass(20_000, 5_000);
      expect(await operator.debitCount(chargeId)).toBe(0);
      expect(await operator.chargeRow(chargeId)).toMatchObject({ paidMinor: paid, review: false });
      const isIt = eq(chargeEvent.chargeId, chargeId);
      const history = await operator.db.select().from(chargeEvent).where(isIt).orderBy(asc(chargeEvent.id));
      expect(history.at(-1)).toMatchObject({
        kind: 'resolved',
        detail: JSON.stringify({ by: 'anna', decision: what, amountMinor: paid }),
      });
      // Until it came.
      expect(await operator.incidentKinds()).toEqual(['decision_not_heard']);
      expect((await operator.db.select().from(incident))[0]?.resolvedAtMs).not.toBeNull();
    },
  );

  it('is asked again when the charge that arrives is smaller than what was settled', async () => {
    const operator = harness();
    const visit = await unknown();
    expect(await resolve(operator, visit.chargeId, 'settled', 1301)).toMatchObject({ status: 200 });
    expect((await put(operator, visit)).body).toMatchObject({ state: 'needs_attention' });
    await operator.pass(20_000, 5_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    expect(await operator.incidentKinds()).toEqual(['decision_not_applied']);
    expect(await resolve(operator, visit.chargeId, 'settled', 1300)).toMatchObject({
      body: { state: 'paid' },
    });
  });

  it('cannot let a charge be debited that is not there, nor waive more than nothing of it', async () => {
    const operator = harness();
    const { chargeId } = await unknown();
    expect(await resolve(operator, chargeId, 'debit', 1300)).toMatchObject({ status: 404 });
    expect(await resolve(operator, chargeId, 'waive', 1)).toMatchObject({ status: 400 });
  });

  it('closes an incident, once, with a name and a word', async () => {
    const operator = harness();
    await put(operator, {
      ...(await operator.visit()),
      chargeId: newChargeId(operator.clock.nowMs()),
      memberId: 'M1002',
    });
    const [open] = await operator.db.select().from(incident);
    expect(open).toMatchObject({
      kind: 'charge_without_visit',
      actor: null,
      resolution: null,
      resolvedAtMs: null,
    });
    const path = `/dev/incidents/${open?.id ?? 0}/resolve`;
    const word = { actor: 'anna', resolution: 'a test cabinet\u0000' };
    for (let i = 0; i < 2; i++)
      expect(await decide(operator, path, word)).toMatchObject({ status: 200, body: { actor: 'anna' } });
    expect(await decide(operator, path, { ...word, actor: 'ben' })).toMatchObject({ status: 409 });
    expect(await decide(operator, '/dev/incidents/999999/resolve', word)).toMatchObject({ status: 404 });
    expect(await decide(operator, '/dev/incidents/x/resolve', word)).toMatchObject({ status: 400 });
  });
});
