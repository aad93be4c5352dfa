import { createHash, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { systemRandom } from '../../shared/node/system-random.ts';
import { lineCountMax, pieceCountMax } from '../../shared/model/basket.ts';
import { assert } from '../../shared/assert.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import { reasonCodes } from '../../shared/model/charge.ts';
import { forEarlierCabinet } from './earlier-cabinet.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { chargeBody, line, makeCabinet, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { Answer, OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** A cabinet that was not updated: what it sends, and what it can read. The file says where it comes from. */
const recordedSchema = z.object({
  method: z.enum(['GET', 'PUT', 'POST']),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  signedText: z.string().optional(),
  bodyText: z.string().optional(),
  accepts: z.record(z.string(), z.string().nullable()),
});
const fixture = z
  .object({
    requests: z.record(z.string(), recordedSchema),
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
  })
  .parse(
    JSON.parse(readFileSync(new URL('fixtures/cabinet-of-50d2130.json', import.meta.url), 'utf8')) as unknown,
  );

/** What the earlier cabinet makes of a value: null when it can read it, else what it finds wrong. */
function problemFor(schemaName: string, value: unknown): string | null {
  const schema = fixture.schemas[schemaName];
  assert(schema !== undefined, `no schema ${schemaName}`);
  const read = z.fromJSONSchema(schema).safeParse(value);
  return read.success ? null : z.prettifyError(read.error);
}

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

/** Sends a recorded request with these values in it, signed as it was signed then. */
async function replay(
  operator: OperatorHarness,
  name: string,
  given: Readonly<Record<string, string>>,
  cabinet: TestCabinet = operator.cabinet,
): Promise<Answer> {
  const recorded = fixture.requests[name];
  assert(recorded !== undefined, `no request ${name}`);
  const bodyText = recorded.bodyText === undefined ? undefined : fill(recorded.bodyText, given);
  const path = fill(recorded.path, given);
  const values: Record<string, string> = {
    ...given,
    timestampMs: String(operator.clock.nowMs()),
    nonce: randomBytes(16).toString('base64url'),
    bodySha256Hex: createHash('sha256')
      .update(bodyText ?? '')
      .digest('hex'),
  };
  if (recorded.signedText !== undefined) {
    const text = Buffer.from(fill(recorded.signedText, values));
    values['signature'] = sign(null, text, cabinet.privateKey).toString('base64url');
  }
  const headers = Object.fromEntries(
    Object.entries(recorded.headers).map(([key, value]) => [key, fill(value, values)]),
  );
  const payload = bodyText === undefined ? {} : { payload: bodyText };
  return operator.raw({ method: recorded.method, url: path, headers, ...payload });
}

/** The answer is one that the earlier cabinet reads as success. */
function expectRead(name: string, answer: Answer): void {
  const accepts = fixture.requests[name]?.accepts ?? {};
  expect({ name, status: answer.status, body: answer.body }).toMatchObject({
    status: expect.toSatisfy((status: number) => String(status) in accepts) as number,
  });
  const schemaName = accepts[String(answer.status)] ?? null;
  if (schemaName === null) expect(answer.body).toBe('');
  else expect(problemFor(schemaName, answer.body)).toBeNull();
}

onStorage('a cabinet that was not updated', (harness) => {
  it('is served in every one of its calls, with answers that it can read', async () => {
    const operator = harness();
    const played = new Set<string>();
    const play = async (
      name: string,
      given: Readonly<Record<string, string>> = {},
      cabinet?: TestCabinet,
    ): Promise<unknown> => {
      played.add(name);
      const answer = await replay(operator, name, given, cabinet);
      expectRead(name, answer);
      return answer.body;
    };
    const fresh = makeCabinet(operator.cabinet.cabinetId);
    const token = await issueEnrolToken(operator.db, operator.clock, systemRandom, fresh.cabinetId);
    await play('enrol', { token, publicKey: fresh.publicKey });
    await play('health', {}, fresh);
    await operator.enrol(operator.cabinet);
    await play('catalog');
    await play('catalog with the ETag of before');

    const nowMs = operator.clock.nowMs();
    const visitId = newVisitId(nowMs);
    const chargeId = newChargeId(nowMs);
    const disputeId = makeDisputeId(nowMs, randomBytes(idRandomByteCount));
    const allowed = await play('authorise by code', { visitId, code: operator.code() });
    expect(allowed).toMatchObject({ decision: 'allowed', member: { memberId: 'M1001' } });
    await play('authorise by face', { visitId: newVisitId(nowMs) });
    await play('next claim');
    await play('dispute', { chargeId, disputeId });
    expect(await play('put charge', { visitId, chargeId })).toMatchObject({ chargeId });
    expect(await play('get charge', { chargeId })).toMatchObject({ chargeId });
    await play('dispute', { chargeId, disputeId });
    const account = newVisitId(nowMs);
    await play('authorise for my data', { visitId: account, code: operator.code() });
    expect(await play('purchases', { visitId: account })).toMatchObject({ purchases: [{ chargeId }] });
    for (const kind of ['door_open_without_visit', 'door_left_open', 'device_fault'])
      await play(`alarm ${kind}`, { visitId });
    await play('face count');
    expect([...played].sort()).toEqual(Object.keys(fixture.requests).sort());
  });

  it('reads refusals, each as one of the errors that it knows', async () => {
    const operator = harness();
    const chargeId = newChargeId(1);
    const stranger = makeCabinet('CAB-1');
    const answers = [
      await replay(operator, 'health', {}, stranger),
      await replay(operator, 'get charge', { chargeId }),
      await replay(operator, 'put charge', { chargeId, visitId: 'none' }),
      await replay(operator, 'purchases', { visitId: newVisitId(1) }),
      await replay(operator, 'enrol', { token: 'x'.repeat(32), publicKey: stranger.publicKey }),
      await replay(operator, 'put charge', { chargeId, visitId: 'x'.repeat(4 * 1024 * 1024) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 404, 400, 403, 403, 413]);
    for (const { body } of answers) expect(problemFor('apiError', body)).toBeNull();
  });

  it('reads the purchases of a member who has bought more than it can count', async () => {
    const operator = harness();
    const goods = {
      pieces: [line('A1', 1, pieceCountMax)],
      lines: Array.from({ length: lineCountMax }, (_, i) => line(`S${i}`, 1, 1)),
    };
    const bought: string[] = [];
    for (const lines of [goods.pieces, goods.lines, [line('A1', 350, 1)]]) {
      const visit = await operator.visit();
      bought.push(visit.chargeId);
      const put = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, { lines }));
      expect(put.status).toBe(200);
    }
    const visitId = newVisitId(operator.clock.nowMs());
    await replay(operator, 'authorise for my data', { visitId, code: operator.code() });
    const answer = await replay(operator, 'purchases', { visitId });
    expectRead('purchases', answer);
    // It is told of what it can read; a cabinet of today is told of all.
    expect(answer.body).toMatchObject({ purchases: [{ chargeId: bought[2] }] });
    const today = await operator.send('POST', '/v1/purchases', { visitId });
    expect(today.body).toMatchObject({ purchases: { length: 3 } });
  });
});

it('an earlier cabinet is told a newer reason by its nearest, and all else as it is', () => {
  const chargeId = newChargeId(1);
  const reply = { chargeId, state: 'collecting', reason: 'account.of_tomorrow', totalMinor: 5 };
  const told = forEarlierCabinet(reply);
  expect(problemFor('chargeReply', reply)).not.toBeNull();
  expect(problemFor('chargeReply', told)).toBeNull();
  expect(told).toEqual({ ...reply, reason: 'account.declined' });
  const disputeId = makeDisputeId(1, randomBytes(idRandomByteCount));
  expect(problemFor('disputeReply', forEarlierCabinet({ disputeId, charge: reply }))).toBeNull();
  for (const reason of ['account.of_tomorrow', 'weather.rain', 'none'])
    expect(problemFor('authoriseReply', forEarlierCabinet({ decision: 'refused', reason }))).toBeNull();
  const atLimit = { decision: 'refused', reason: 'account.limit_reached' };
  expect(forEarlierCabinet(atLimit)).toEqual({ ...atLimit, reason: 'account.declined' });
  const known = { ...reply, reason: 'account.expired_card' };
  expect(forEarlierCabinet(known)).toEqual(known);
  expect(
    reasonCodes.every((reason) => !problemFor('chargeReply', forEarlierCabinet({ ...reply, reason }))),
  ).toBe(true);
});
