import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { chargeBody, makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { readStory } from '../console/story.ts';
import { evidencePart, evidenceWish } from '../storage/schema.ts';
import { wishMs } from './wishes.ts';

onStorage('what a cabinet is asked to tell of its shelf', (harness) => {
  /** A purchase that its member has reported on the phone. */
  async function reported(operator: OperatorHarness) {
    const { phone } = await signedInPhone(operator);
    const visit = await operator.visit('M1001');
    const body = chargeBody(visit);
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, body));
    await operator.untilState(visit.chargeId, 'paid', 60_000);
    expect(await wanted(operator)).toEqual([]);
    const disputeId = makeDisputeId(operator.clock.nowMs(), systemRandom.bytes(idRandomByteCount));
    const report = { disputeId, skus: ['A1'], text: '没拿这个' };
    const send = () => operator.during(phone.call('reportPurchase', report, { chargeId: visit.chargeId }));
    expect(await send()).toMatchObject({ ok: true });
    expect(await send()).toMatchObject({ ok: true });
    return visit;
  }
  const wanted = async (operator: OperatorHarness, cabinet = operator.cabinet): Promise<unknown> =>
    ((await operator.send('GET', '/v1/wanted-evidence', undefined, cabinet)).body as { visits: unknown })
      .visits;
  const missing = (operator: OperatorHarness, visitId: string, because: string, cabinet = operator.cabinet) =>
    operator.send('PUT', `/v1/visits/${visitId}/evidence-missing`, { because }, cabinet);
  const told = async (operator: OperatorHarness, chargeId: string): Promise<string[]> => {
    const story = await readStory(operator.db, chargeId);
    return story.ok ? story.value.entries.flatMap(({ type, what }) => (type === 'shelf' ? [what] : [])) : [];
  };

  it('is a visit that a member reports on the phone, once, until all of it is there', async () => {
    const operator = harness();
    const { visitId, chargeId } = await reported(operator);
    expect(await wanted(operator)).toEqual([visitId]);
    expect(await told(operator, chargeId)).toEqual(['asked']);
    const events = [{ kind: 'door', atMs: operator.clock.nowMs(), door: 'open' }];
    const send = (part: number, isLast: boolean) => {
      const body = { chargeId, why: 'disputed', isLast, dropped: 0, events };
      return operator.send('PUT', `/v1/visits/${visitId}/evidence/${part}`, body);
    };
    expect((await send(0, false)).status).toBe(204);
    expect(await wanted(operator)).toEqual([visitId]);
    expect((await send(1, true)).status).toBe(204);
    expect(await wanted(operator)).toEqual([]);
    expect(await told(operator, chargeId)).toEqual(expect.arrayContaining(['asked', 'arrived', 'door_open']));
  });

  it('ends with the first word of why there is none, and with its time', async () => {
    const operator = harness();
    const { visitId, chargeId } = await reported(operator);
    expect((await missing(operator, visitId, 'because')).status).toBe(400);
    expect((await missing(operator, visitId, 'age')).status).toBe(204);
    expect((await missing(operator, visitId, 'room')).status).toBe(204);
    expect(await wanted(operator)).toEqual([]);
    expect(await told(operator, chargeId)).toEqual(['asked', 'missing_age']);
    await operator.db.update(evidenceWish).set({ missing: null, missingAtMs: null });
    expect(await wanted(operator)).toEqual([visitId]);
    operator.clock.jumpWall(wishMs + 1);
    expect(await wanted(operator)).toEqual([]);
  });

  it('is nothing that another cabinet hears of, ends or answers', async () => {
    const operator = harness();
    const { visitId, chargeId } = await reported(operator);
    const thief = makeCabinet('CAB-2');
    await operator.enrol(thief);
    expect(await wanted(operator, thief)).toEqual([]);
    expect((await missing(operator, visitId, 'age', thief)).status).toBe(404);
    const body = { chargeId, why: 'disputed', isLast: true, dropped: 0, events: [] };
    const planted = await operator.send('PUT', `/v1/visits/${visitId}/evidence/0`, body, thief);
    expect(planted.status).toBe(404);
    expect(await operator.db.select().from(evidencePart)).toEqual([]);
    expect(await wanted(operator)).toEqual([visitId]);
  });
});
