import { sign } from 'node:crypto';
import { Readable } from 'node:stream';
import { type SQL, count, eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { cabinetCodeText, cabinetCodeToSign } from '../../core/identity/cabinet-code.ts';
import { chainHeaderOf, chainTextToSign } from '../../shared/api/chain-header.ts';
import { publicKeyFromRaw } from '../../shared/node/ed25519.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import {
  chargeBody,
  line,
  makeCabinet,
  newChargeId,
  newEnrolmentId,
  newVisitId,
  signedHeaders,
} from '../../testkit/operator/cabinet.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage, onPostgres } from '../../testkit/operator/suite.ts';
import { noteChainEnd } from '../charges/chain-ends.ts';
import { signaturesHere } from '../http/signatures.ts';
import { withdrawAsMember } from '../members/face-enrolments.ts';
import { cabinet, chainEnd, earlyWithdrawal, faceCount, faceEnrolment, visit } from '../storage/schema.ts';

const cabinetId = 'CAB-1';

/** Whoever has the enrolment token of a cabinet enrols this machine in its place. */
async function takeOver(operator: OperatorHarness, machine: TestCabinet): Promise<void> {
  const api = operator.operator.developmentApi;
  const answer = await api?.inject({ method: 'POST', url: '/dev/enrol-token', payload: { cabinetId } });
  const payload = { cabinetId, token: answer?.json<{ token: string }>().token, publicKey: machine.publicKey };
  expect((await operator.raw({ method: 'POST', url: '/v1/cabinets/enrol', payload })).status).toBe(204);
}
/** Until so many transactions wait for a lock that another one holds, or `last`, which is one of them, has ended. */
async function untilWaiting(
  { db }: OperatorHarness,
  transactions: number,
  last: Promise<unknown>,
): Promise<void> {
  const state = { ended: false };
  const end = (): void => {
    state.ended = true;
  };
  last.then(end, end);
  const isWaiting = sql`datname = current_database() and wait_event_type = 'Lock'`;
  while (!state.ended) {
    const waiting = await db
      .select({ n: count() })
      .from(sql`pg_stat_activity`)
      .where(isWaiting);
    if ((waiting[0]?.n ?? 0) >= transactions) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
/** Another machine comes while `first` is under way, which is held up by `lock` until both wait. */
async function whileUnderWay<T>(
  operator: OperatorHarness,
  { lock, first, machine }: { lock: SQL; first: () => Promise<T>; machine: TestCabinet },
): Promise<T> {
  const both = await operator.db.transaction(async (tx) => {
    await tx.execute(lock);
    const under = first();
    await untilWaiting(operator, 1, under);
    const coming = takeOver(operator, machine);
    await untilWaiting(operator, 2, coming);
    return { under, coming };
  });
  const [answer] = await Promise.all([both.under, both.coming]);
  return answer;
}
/** A question about a member by face. `enrolmentId` absent: the face is not named. */
const askByFace = async (operator: OperatorHarness, enrolmentId?: string): Promise<unknown> => {
  const asked = { visitId: newVisitId(operator.clock.nowMs()), faceOf: 'M1001', enrolmentId };
  return (await operator.send('POST', '/v1/visits/authorise', asked)).body;
};
/** A visit of "my data"; `enrol`: by a code that may enrol a face. */
const openMyData = async (operator: OperatorHarness, purpose: 'visit' | 'enrol'): Promise<VisitId> => {
  const visitId = newVisitId(operator.clock.nowMs());
  const asked = { visitId, code: operator.code('M1001', 60, purpose), purpose: 'account' };
  const { body } = await operator.send('POST', '/v1/visits/authorise', asked);
  expect(body).toMatchObject({ decision: 'allowed' });
  return visitId;
};
/** The code on this cabinet's screen. */
function shownCode({ clock }: OperatorHarness, showing: string, cabinet: TestCabinet): string {
  const expiresAtS = Math.floor(clock.nowMs() / 1000) + 30;
  const signed = cabinetCodeToSign({ cabinetId: cabinet.cabinetId, expiresAtS, showing });
  return cabinetCodeText('HTTPS://M.EXAMPLE/', signed, sign(null, Buffer.from(signed), cabinet.privateKey));
}
const liveFaces = async (operator: OperatorHarness): Promise<number> => {
  const rows = await operator.db.select().from(faceEnrolment).where(eq(faceEnrolment.cabinetId, cabinetId));
  return rows.filter(({ withdrawnAtMs }) => withdrawnAtMs === null).length;
};

onStorage('another machine in the place of a cabinet', (harness) => {
  it('names nobody by a face that the one before kept, and has nobody debited', async () => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace('M1001');
    await operator.pass(3_600_000, 60_000);
    const machine = makeCabinet(cabinetId);
    await takeOver(operator, machine);
    expect(await liveFaces(operator)).toBe(0);
    const nowMs = operator.clock.nowMs();
    const visit = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
    const asked = { visitId: visit.visitId, faceOf: 'M1001', enrolmentId };
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
    'reads "my data" of before and enrols no face there: replaced %s',
    async (isReplaced) => {
      const operator = harness();
      const visitId = await openMyData(operator, 'enrol');
      const machine = isReplaced ? makeCabinet(cabinetId) : operator.cabinet;
      await takeOver(operator, machine);
      const purchases = await operator.send('POST', '/v1/purchases', { visitId }, machine);
      expect(purchases.status).toBe(isReplaced ? 403 : 200);
      const path = `/v1/face-enrolments/${newEnrolmentId(operator.clock.nowMs())}`;
      const face = await operator.send('PUT', path, { visitId }, machine);
      expect(face.status).toBe(isReplaced ? 403 : 204);
    },
  );

  it.each([true, false])('is given a code that was scanned before: replaced %s', async (isReplaced) => {
    const operator = harness();
    const showing = 'AAAAAAA2';
    const shown = shownCode(operator, showing, operator.cabinet);
    expect(await operator.qrSignIn.recordScan('M1001', shown)).toMatchObject({ accepted: true });
    const machine = isReplaced ? makeCabinet(cabinetId) : operator.cabinet;
    const { body: before } = await operator.send('POST', '/v1/claims/next', { showing, waitMs: 0 });
    const { code } = before as { code: string };
    await takeOver(operator, machine);
    const { body } = await operator.send('POST', '/v1/claims/next', { showing, waitMs: 0 }, machine);
    expect(body).toEqual({ code: isReplaced ? null : code });
    // It stays one of this cabinet alone, also after the next scan, which clears what nobody needs.
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    await operator.qrSignIn.recordScan('M1002', shownCode(operator, 'BBBBBBB3', other));
    const elsewhere = await operator.authorise(newVisitId(operator.clock.nowMs()), code, other);
    expect(elsewhere).toEqual({ decision: 'refused', reason: 'account.code_unknown' });
  });

  it('a code that the key of before has shown lets nobody in', async () => {
    const operator = harness();
    const code = shownCode(operator, 'AAAAAAA2', operator.cabinet);
    await takeOver(operator, makeCabinet(cabinetId));
    expect(await operator.qrSignIn.recordScan('M1001', code)).toEqual({ accepted: false, reason: 'forged' });
  });

  it('the end of a record that the key of before tells late is not written down', async () => {
    const operator = harness();
    const key = publicKeyFromRaw(operator.cabinet.publicKey);
    const signedAtMs = operator.clock.nowMs();
    const statement = { seq: 7, seal: '7'.padStart(64, '0'), told: null };
    const text = chainTextToSign({ ...statement, cabinetId, timestampMs: signedAtMs });
    const signature = sign(null, Buffer.from(text), operator.cabinet.privateKey).toString('base64url');
    const { db, clock } = operator;
    const tell = () =>
      noteChainEnd(
        { db, clock, signatures: signaturesHere },
        { cabinetId, signedAtMs, key },
        chainHeaderOf(statement, signature),
      );
    await tell();
    expect(await operator.db.select().from(chainEnd)).toHaveLength(1);
    await takeOver(operator, makeCabinet(cabinetId));
    await tell();
    expect(await operator.db.select().from(chainEnd)).toEqual([]);
  });

  it('a face that was enrolled with a code is not taken without its number', async () => {
    const operator = harness();
    const enrolmentId = await operator.enrolFace('M1001');
    expect(await askByFace(operator)).toEqual({ decision: 'refused', reason: 'account.face_not_enrolled' });
    expect(await askByFace(operator, enrolmentId)).toMatchObject({ decision: 'allowed' });
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

onPostgres('another machine comes at the very moment', (harness) => {
  it('at which a face is enrolled: both come to an end, and the face with it', async () => {
    const operator = harness();
    await operator.enrolFace('M1001');
    const visitId = await openMyData(operator, 'enrol');
    const path = `/v1/face-enrolments/${newEnrolmentId(operator.clock.nowMs())}`;
    const face = await whileUnderWay(operator, {
      lock: sql`select from face_enrolment for update`,
      first: () => operator.send('PUT', path, { visitId }),
      machine: makeCabinet(cabinetId),
    });
    expect(face.status).toBe(204);
    expect(await liveFaces(operator)).toBe(0);
  });

  it('at which the member withdraws by phone: both come to an end', async () => {
    const operator = harness();
    await operator.enrolFace('M1001');
    await openMyData(operator, 'enrol');
    await whileUnderWay(operator, {
      lock: sql`select from face_enrolment for update`,
      first: () => withdrawAsMember(operator, 'M1001', cabinetId),
      machine: makeCabinet(cabinetId),
    });
    expect(await liveFaces(operator)).toBe(0);
  });

  it.each([true, false])(
    'at which "my data" is opened: it is shut again; replaced %s',
    async (isReplaced) => {
      const operator = harness();
      const machine = isReplaced ? makeCabinet(cabinetId) : operator.cabinet;
      const visitId = await whileUnderWay(operator, {
        lock: sql`lock table visit in exclusive mode`,
        first: () => openMyData(operator, 'enrol'),
        machine,
      });
      const purchases = await operator.send('POST', '/v1/purchases', { visitId }, machine);
      const path = `/v1/face-enrolments/${newEnrolmentId(operator.clock.nowMs())}`;
      const face = await operator.send('PUT', path, { visitId }, machine);
      const statuses = [purchases.status, face.status];
      expect(statuses).toEqual(isReplaced ? [403, 403] : [200, 204]);
    },
  );

  it.each<[string, 'POST' | 'PUT', string, (nowMs: number, operator: OperatorHarness) => object]>([
    [
      'a code',
      'POST',
      '/v1/visits/authorise',
      (nowMs, operator) => ({ visitId: newVisitId(nowMs), code: operator.code() }),
    ],
    [
      '"my data"',
      'POST',
      '/v1/visits/authorise',
      (nowMs, operator) => ({
        visitId: newVisitId(nowMs),
        code: operator.code('M1001', 60, 'enrol'),
        purpose: 'account',
      }),
    ],
    ['a face', 'POST', '/v1/visits/authorise', (nowMs) => ({ visitId: newVisitId(nowMs), faceOf: 'M1001' })],
    [
      'the enrolment of a face',
      'PUT',
      `/v1/face-enrolments/${newEnrolmentId(0)}`,
      (nowMs) => ({ visitId: newVisitId(nowMs) }),
    ],
    [
      'the withdrawal of a face',
      'POST',
      '/v1/face-withdrawals',
      (nowMs) => ({ memberId: 'M1001', enrolmentId: newEnrolmentId(nowMs) }),
    ],
    ['a count of faces', 'PUT', '/v1/face-count', () => ({ enrolled: 7 })],
  ])(
    'at which the key of before sends %s: refused, and nothing is written',
    async (_, method, path, bodyOf) => {
      const operator = harness();
      const body = bodyOf(operator.clock.nowMs(), operator);
      const sent = await operator.db.transaction(async (tx) => {
        const { publicKey } = makeCabinet(cabinetId);
        await tx.update(cabinet).set({ publicKey }).where(eq(cabinet.cabinetId, cabinetId));
        const answer = operator.send(method, path, body);
        await untilWaiting(operator, 1, answer);
        return { answer };
      });
      expect((await sent.answer).status).toBe(401);
      for (const table of [visit, faceEnrolment, earlyWithdrawal, faceCount])
        expect(await operator.db.select().from(table)).toEqual([]);
    },
  );
});
