import { describe, expect, it } from 'vitest';
import { chargeRequestSchema } from '../../shared/api/operator.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import { lineCountMax } from '../../shared/model/basket.ts';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { jsonMembersMax, jsonValuesMax } from '../limits.ts';
import { parseSentJson, parseWith } from './json.ts';

/** A list that is nearly as long as a body may be. */
function full(one: string): string {
  const count = Math.floor((apiRoutes.putCharge.bodyMaxBytes - 2_000) / (one.length + 1));
  return `[${Array.from({ length: count }, () => one).join()}]`;
}
const manyLists = `[${Array.from({ length: jsonValuesMax / 100 }, () => `[${'0,'.repeat(99)}0]`).join()}]`;

onStorage('whoever has a cabinet’s key, and sends charges that are full of values', (harness) => {
  it.each([
    ['empty objects', full('{}')],
    ['empty lists', full('[]')],
    ['numbers', full('0')],
    ['texts', full('"],[{\\\\"')],
    ['lists of a hundred', manyLists],
    ['lists in lists', `${'['.repeat(jsonValuesMax)}${']'.repeat(jsonValuesMax)}`],
    ['fields', `{${full('"a":0').slice(1, -1)}}`],
  ])('has none of them read, in a field that nobody knows: %s', async (_, many) => {
    const visit = await harness().visit();
    const body = JSON.stringify({ ...chargeBody(visit), more: '…' }).replace('"…"', many);
    const answer = await harness().send('PUT', `/v1/charges/${visit.chargeId}`, body);
    expect(answer).toMatchObject({ status: 400, body: { error: 'bad_request' } });
    expect(answer.body).toMatchObject({ message: 'the body has more in it than any of ours' });
  });
});

describe('a body', () => {
  it('of the largest charge that there can be is read, also with a little more in it than we know', () => {
    const text = ',[{"\\'.repeat(12);
    const lines = Array.from({ length: lineCountMax }, (_, n) => ({
      ...line(`S${n}`, 1, 1),
      ...{ name: { zh: text, en: text }, more: [1, 2, 3] },
    }));
    const ids = { chargeId: newChargeId(0), visitId: newVisitId(0), cabinetId: 'CAB-1', memberId: 'M1001' };
    const body = { ...chargeBody(ids, { lines }), heldLines: lines };
    const json = parseSentJson(Buffer.from(JSON.stringify(body)));
    expect(json).toMatchObject({ ok: true, value: body });
    expect(json.ok && parseWith(chargeRequestSchema, json.value).ok).toBe(true);
  });

  it.each([
    ['as many members as there may be', `[${'0,'.repeat(jsonMembersMax - 1)}0]`, true],
    ['one more', `[${'0,'.repeat(jsonMembersMax)}0]`, false],
    [
      'what looks like more, in texts',
      JSON.stringify([`${'[{,'.repeat(jsonValuesMax)}\\"`, '"\\', ',']),
      true,
    ],
    ['a text without an end', `["${'[{,'.repeat(jsonValuesMax)}`, false],
    ['a text whose end is none', `["\\"${'[{,'.repeat(jsonValuesMax)}]`, false],
    ['nothing', '', false],
    ['ends alone', ']}'.repeat(jsonValuesMax), false],
  ])('with %s', (_, text, isRead) => {
    expect(parseSentJson(Buffer.from(text)).ok).toBe(isRead);
  });
});
