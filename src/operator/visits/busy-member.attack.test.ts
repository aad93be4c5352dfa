import { sign } from 'node:crypto';
import { count, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { cabinetCodeText, cabinetCodeToSign, makeShowing } from '../../core/identity/cabinet-code.ts';
import { assert } from '../../shared/assert.ts';
import { cabinetCodeLifetimeMs, showingByteCount } from '../../shared/model/cabinet-code.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { capDayMs, visitsOfDayMax } from '../limits.ts';
import { visit } from '../storage/schema.ts';

const limitReached = { decision: 'refused', reason: 'account.limit_reached' };

/** As many visits of this member as there may be in a day, but for `left`. */
async function manyVisits(operator: OperatorHarness, left = 0): Promise<void> {
  await operator.visit();
  const [first] = await operator.db.select().from(visit).where(eq(visit.purpose, 'visit'));
  assert(first !== undefined, 'there is the one from a moment ago');
  const another = (number: number) => ({ ...first, id: first.id + 1_000 + number, codeNonce: `n${number}` });
  const rows = Array.from({ length: visitsOfDayMax - 1 - left }, (_, number) => another(number));
  await operator.db.insert(visit).values(rows);
}

onStorage('how often a member comes to one cabinet by code', (harness) => {
  it('is bounded, also where the cabinet’s key and the account are in one hand', async () => {
    const operator = harness();
    await manyVisits(operator, 2);
    const decisions: string[] = [];
    for (let i = 0; i < 6; i++) {
      const expiresAtS = Math.floor((operator.clock.nowMs() + cabinetCodeLifetimeMs) / 1000);
      const showing = makeShowing(systemRandom.bytes(showingByteCount));
      const signed = cabinetCodeToSign({ cabinetId: operator.cabinet.cabinetId, expiresAtS, showing });
      const signature = sign(null, Buffer.from(signed), operator.cabinet.privateKey);
      await operator.qrSignIn.recordScan('M1001', cabinetCodeText('HTTPS://M.EXAMPLE/', signed, signature));
      const asked = await operator.send('POST', '/v1/claims/next', { showing, waitMs: 0 });
      const { code } = asked.body as { code: string };
      decisions.push((await operator.authorise(newVisitId(operator.clock.nowMs()), code)).decision);
    }
    expect(decisions).toEqual(['allowed', 'allowed', 'refused', 'refused', 'refused', 'refused']);
    const [kept] = await operator.db.select({ n: count() }).from(visit).where(eq(visit.memberId, 'M1001'));
    expect(kept?.n).toBe(visitsOfDayMax);
  });

  it('is bounded whether or not each code comes in a visit of its own', async () => {
    const operator = harness();
    const visitId = newVisitId(operator.clock.nowMs());
    for (let i = 0; i < visitsOfDayMax + 3; i++) await operator.authorise(visitId, operator.code());
    const [kept] = await operator.db.select({ n: count() }).from(visit);
    expect(kept?.n).toBe(visitsOfDayMax);
  });

  it('leaves the last one its answer; another cabinet, "my data", the face and the next day', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const enrolmentId = await operator.enrolFace();
    await manyVisits(operator, 1);
    const newVisit = () => newVisitId(operator.clock.nowMs());
    const [last, code] = [newVisit(), operator.code()];
    const allowed = await operator.authorise(last, code);
    expect(allowed).toMatchObject({ decision: 'allowed' });
    expect(await operator.authorise(last, code)).toEqual(allowed);
    expect(await operator.authorise(newVisit(), code)).toMatchObject({ reason: 'account.code_replayed' });
    const refusedCode = operator.code();
    expect(await operator.authorise(newVisit(), refusedCode)).toEqual(limitReached);
    // It is not used up: it opens another cabinet.
    expect(await operator.authorise(newVisit(), refusedCode, other)).toMatchObject({ decision: 'allowed' });
    const ask = async (body: object) => (await operator.send('POST', '/v1/visits/authorise', body)).body;
    const myData = { visitId: newVisit(), code: operator.code(), purpose: 'account' };
    expect(await ask(myData)).toMatchObject({ decision: 'allowed' });
    expect(await ask({ visitId: newVisit(), faceOf: 'M1001', enrolmentId })).toMatchObject({
      decision: 'allowed',
    });
    expect(await operator.authorise(newVisit(), operator.code('M1002'))).toMatchObject({
      decision: 'allowed',
    });
    operator.clock.jumpWall(capDayMs + 1);
    expect(await operator.authorise(newVisit(), operator.code())).toMatchObject({ decision: 'allowed' });
  });
});
