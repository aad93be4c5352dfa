import { Readable } from 'node:stream';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import {
  chargeBody,
  line,
  makeCabinet,
  newChargeId,
  newVisitId,
  signedHeaders,
} from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onEachStorage } from '../../testkit/operator/suite.ts';
import { faceEnrolment } from '../storage/schema.ts';

const cabinetId = 'CAB-1';

/** Whoever has the enrolment token of a cabinet enrols this machine in its place. */
async function takeOver(operator: OperatorHarness, machine: TestCabinet): Promise<void> {
  const api = operator.operator.developmentApi;
  const answer = await api?.inject({ method: 'POST', url: '/dev/enrol-token', payload: { cabinetId } });
  const payload = { cabinetId, token: answer?.json<{ token: string }>().token, publicKey: machine.publicKey };
  expect((await operator.raw({ method: 'POST', url: '/v1/cabinets/enrol', payload })).status).toBe(204);
}
const liveFaces = async (operator: OperatorHarness): Promise<number> => {
  const rows = await operator.db.select().from(faceEnrolment).where(eq(faceEnrolment.cabinetId, cabinetId));
  return rows.filter(({ withdrawnAtMs }) => withdrawnAtMs === null).length;
};

onEachStorage('another machine in the place of a cabinet', (harness) => {
  it('names nobody by a face that the one before kept, and has nobody debited', async () => {
    const operator = harness();
    await operator.enrolFace('M1001');
    await operator.pass(3_600_000, 60_000);
    const machine = makeCabinet(cabinetId);
    await takeOver(operator, machine);
    expect(await liveFaces(operator)).toBe(0);
    const nowMs = operator.clock.nowMs();
    const visit = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const asked = { visitId: visit.visitId, faceOf: 'M1001' };
    const { body } = await operator.send('POST', '/v1/visits/authorise', asked, machine);
    expect(body).toMatchObject({ decision: 'refused', reason: 'account.face_not_enrolled' });
    const lines = [line('D4', 3_100, 1)];
    const bill = chargeBody({ ...visit, cabinetId, memberId: 'M1001' }, { lines });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, bill, machine));
    await operator.pass(5_000);
    expect((await operator.chargeRow(visit.chargeId)).state).toBe('needs_attention');
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
  });

  it('is told to delete none of them: it has none', async () => {
    const operator = harness();
    await operator.enrolFace('M1001');
    const machine = makeCabinet(cabinetId);
    await takeOver(operator, machine);
    const { body } = await operator.send('GET', '/v1/health', undefined, machine);
    expect((body as { facesToDelete?: unknown[] }).facesToDelete ?? []).toEqual([]);
  });

  it('the same machine with a token of its own keeps them', async () => {
    const operator = harness();
    await operator.enrolFace('M1001');
    await takeOver(operator, operator.cabinet);
    expect(await liveFaces(operator)).toBe(1);
  });

  it.each([true, false])(
    'a request whose headers the key of before has passed counts while it is the key: replaced %s',
    async (isReplaced) => {
      const operator = harness();
      const [method, path] = ['POST', '/v1/visits/authorise'] as const;
      const nowMs = operator.clock.nowMs();
      const body = JSON.stringify({ visitId: newVisitId(nowMs), code: operator.code() });
      const late = new Readable({ read: () => undefined });
      const headers = {
        ...signedHeaders(operator.cabinet, { method, path, timestampMs: nowMs, body }),
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      };
      const answer = operator.raw({ method, url: path, headers, payload: late });
      // The headers are read in turns of their own, before anything of the body is there.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
      if (isReplaced) await takeOver(operator, makeCabinet(cabinetId));
      late.push(body);
      late.push(null);
      expect((await answer).status).toBe(isReplaced ? 401 : 200);
    },
  );
});
