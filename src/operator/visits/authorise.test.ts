import { expect, it } from 'vitest';
import { memberCodeGraceMs } from '../limits.ts';
import { charge } from '../storage/schema.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const allowedM1001 = {
  decision: 'allowed',
  member: { memberId: 'M1001', display: '王*', means: 'simulated' },
  // What the member may owe, of which nothing is used.
  visitMaxMinor: 6_000,
  phoneDigits: null,
};
/** The same beside a visit that is open. */
const allowedBeside = { ...allowedM1001, visitMaxMinor: 4_000 };
const refused = (reason: string) => ({ decision: 'refused', reason });
const newVisit = (operator: OperatorHarness) => newVisitId(operator.clock.nowMs());

onStorage('authorise', (harness) => {
  it('allows a member in good standing', async () => {
    expect(await harness().authorise(newVisit(harness()), harness().code())).toEqual(allowedM1001);
  });

  it('gives the same visit the same answer, also after the code has expired', async () => {
    const operator = harness();
    const [visitId, code] = [newVisit(operator), operator.code()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => operator.authorise(visitId, code)));
    expect(answers).toEqual(answers.map(() => allowedM1001));
    operator.clock.jumpWall(200_000);
    expect(await operator.authorise(visitId, code)).toEqual(allowedM1001);
  });

  it('takes a code once: for one visit, at one cabinet', async () => {
    const operator = harness();
    const second = makeCabinet('CAB-2');
    await operator.enrol(second);
    const [visitId, code] = [newVisit(operator), operator.code()];
    await operator.authorise(visitId, code);
    expect(await operator.authorise(newVisit(operator), code)).toEqual(refused('account.code_replayed'));
    expect(await operator.authorise(visitId, code, second)).toEqual(refused('account.code_replayed'));
    operator.clock.jumpWall(200_000);
    expect(await operator.authorise(newVisit(operator), code)).toEqual(refused('account.code_replayed'));
  });

  it('lets one of many visits that show the same code at once in', async () => {
    const operator = harness();
    const code = operator.code();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => operator.authorise(newVisit(operator), code)),
    );
    const reasons = answers.map((a) => (a.decision === 'allowed' ? 'allowed' : a.reason)).sort();
    expect(reasons).toEqual([...Array.from({ length: 7 }, () => 'account.code_replayed'), 'allowed']);
  });

  it('takes a code until its time and a little longer, then not', async () => {
    const operator = harness();
    const codes = [operator.code(), operator.code()];
    operator.clock.jumpWall(60_000 + memberCodeGraceMs);
    expect(await operator.authorise(newVisit(operator), codes[0]!)).toEqual(allowedM1001);
    operator.clock.jumpWall(1);
    expect(await operator.authorise(newVisit(operator), codes[1]!)).toEqual(refused('account.code_expired'));
    expect(await operator.authorise(newVisit(operator), operator.code('M1001', -100))).toEqual(
      refused('account.code_expired'),
    );
  });

  it.each([
    ['nobody we know', 'M9999', 'account.code_unknown'],
    ['a suspended member', 'M1003', 'account.suspended'],
    ['one with unpaid charges elsewhere', 'M1004', 'account.unpaid_charges'],
  ])('refuses %s', async (_name, memberId, reason) => {
    const operator = harness();
    const [visitId, code] = [newVisit(operator), operator.code(memberId)];
    expect(await operator.authorise(visitId, code)).toEqual(refused(reason));
    expect(await operator.authorise(visitId, code)).toEqual(refused(reason));
    expect(await operator.authorise(newVisit(operator), code)).toEqual(refused('account.code_replayed'));
  });

  it('shuts the door at two charges in collection, and opens it when they are paid', async () => {
    const operator = harness();
    const visits = [await operator.visit(), await operator.visit()];
    operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
    for (const visit of visits) {
      const put = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
      expect(put.body).toMatchObject({ state: 'collecting', reason: 'account.insufficient_funds' });
    }
    expect(await operator.authorise(newVisit(operator), operator.code())).toEqual(
      refused('account.unpaid_charges'),
    );
    expect(await operator.authorise(newVisit(operator), operator.code('M1002'))).toMatchObject({
      decision: 'allowed',
    });
    await operator.db
      .update(charge)
      .set({ state: 'paid', paidAtMs: 1, paidMinor: 1300, nextAttemptAtMs: null });
    expect(await operator.authorise(newVisit(operator), operator.code())).toEqual(allowedM1001);
  });

  it('shuts the door at 60.00 in collection', async () => {
    const operator = harness();
    const visit = await operator.visit();
    operator.provider.set({ mode: 'decline', reason: 'account.declined', delayMs: 0 });
    const body = chargeBody(visit, { lines: [line('B2', 600, 10)] });
    const put = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, body);
    expect(put.body).toMatchObject({ state: 'collecting' });
    expect(await operator.authorise(newVisit(operator), operator.code())).toEqual(
      refused('account.unpaid_charges'),
    );
  });

  it.each([
    ['empty', '', 400],
    ['oversized', `KM1.${'a'.repeat(300)}`, 400],
    ['not text', 17, 400],
    ['garbage', '\u0000\uFFFF\uD800', 200],
    ['an address', 'https://example.org/?q=1', 200],
    ['without a signature', 'KM1.M1001.tox000.AAAAAAAAAAAA', 200],
    ['with one part too many', `KM1.M1001.tox000.AAAAAAAAAAAA.x.${'A'.repeat(86)}`, 200],
    ['of another version', `KM2.M1001.tox000.AAAAAAAAAAAA.${'A'.repeat(86)}`, 200],
  ])('refuses a code that is %s', async (_name, code, status) => {
    const answer = await harness().send('POST', '/v1/visits/authorise', {
      visitId: newVisit(harness()),
      code,
    });
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body).toEqual(refused('account.code_malformed'));
    else expect(answer.body).toMatchObject({ error: 'bad_request' });
  });

  it('refuses a code signed by somebody else', async () => {
    const expires = (Math.ceil(harness().clock.nowMs() / 1000) + 60).toString(36);
    const code = `KM1.M1001.${expires}.AAAAAAAAAAAA.${'A'.repeat(86)}`;
    expect(await harness().authorise(newVisit(harness()), code)).toEqual(refused('account.code_unknown'));
  });

  it('answers 400 to a visit id that is none', async () => {
    const body = { visitId: newChargeId(1), code: harness().code() };
    expect((await harness().send('POST', '/v1/visits/authorise', body)).status).toBe(400);
  });
});

onStorage('a member known by face', (harness) => {
  const ask = async (
    operator: OperatorHarness,
    visitId: string,
    { of: faceOf, named: enrolmentId }: { readonly of: string; readonly named?: EnrolmentId },
    cabinet = operator.cabinet,
  ) => (await operator.send('POST', '/v1/visits/authorise', { visitId, faceOf, enrolmentId }, cabinet)).body;

  it('is allowed where they have enrolled a face, and the same visit gets the same answer', async () => {
    const operator = harness();
    const [first, second] = [newVisit(operator), newVisit(operator)];
    // A code that was shown there is no word about a face.
    await operator.authorise(newVisit(operator), operator.code());
    expect(await ask(operator, first, { of: 'M1001' })).toEqual(refused('account.face_not_enrolled'));
    const face = { of: 'M1001', named: await operator.enrolFace() };
    const another = { of: 'M1002', named: await operator.enrolFace('M1002') };
    expect(await ask(operator, second, face)).toEqual(allowedBeside);
    expect(await ask(operator, second, face)).toEqual(allowedBeside);
    expect(await ask(operator, second, another)).toEqual(refused('account.code_replayed'));
  });

  it('is not known at another cabinet, and judged as any other', async () => {
    const operator = harness();
    const face = { of: 'M1001', named: await operator.enrolFace() };
    const suspended = { of: 'M1003', named: await operator.enrolFace('M1003') };
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    expect(await ask(operator, newVisit(operator), face, other)).toEqual(
      refused('account.face_not_enrolled'),
    );
    expect(await ask(operator, newVisit(operator), suspended)).toEqual(refused('account.suspended'));
    expect(await ask(operator, newVisit(operator), { of: 'NOBODY' })).toEqual(
      refused('account.face_not_enrolled'),
    );
  });

  it('can be charged for that visit', async () => {
    const operator = harness();
    const face = { of: 'M1001', named: await operator.enrolFace() };
    const visit = await operator.visit();
    const visitId = newVisit(operator);
    expect(await ask(operator, visitId, face)).toEqual(allowedBeside);
    const next = { ...visit, visitId, chargeId: newChargeId(operator.clock.nowMs()) };
    const answer = await operator.send('PUT', `/v1/charges/${next.chargeId}`, chargeBody(next));
    expect(answer).toMatchObject({ status: 200, body: { state: 'paid' } });
  });
});

onStorage('a member who asks for "my data"', (harness) => {
  const ask = async (operator: OperatorHarness, visitId: string, code: string) =>
    (await operator.send('POST', '/v1/visits/authorise', { visitId, code, purpose: 'account' })).body;

  it('is recognised, suspended or not, with the digits of the phone where they are known', async () => {
    const operator = harness();
    expect(await ask(operator, newVisit(operator), operator.code('M1002'))).toMatchObject({
      decision: 'allowed',
      member: { memberId: 'M1002' },
      visitMaxMinor: 0,
      phoneDigits: '0217',
    });
    expect(await ask(operator, newVisit(operator), operator.code('M1003'))).toMatchObject({
      decision: 'allowed',
      phoneDigits: null,
    });
  });

  it('has used up the code, and has no visit that could be charged', async () => {
    const operator = harness();
    const visit = {
      ...(await operator.visit()),
      visitId: newVisit(operator),
      chargeId: newChargeId(operator.clock.nowMs()),
    };
    const code = operator.code();
    await ask(operator, visit.visitId, code);
    expect(await operator.authorise(newVisit(operator), code)).toEqual(refused('account.code_replayed'));
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    expect((await operator.chargeRow(visit.chargeId)).state).toBe('needs_attention');
  });
});
