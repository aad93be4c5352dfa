import { sign } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { cabinetCodeText, cabinetCodeToSign } from '../../core/identity/cabinet-code.ts';
import { memberCodeMaxLength } from '../../shared/model/member.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { makeCabinet, newEnrolmentId } from '../../testkit/operator/cabinet.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { letInOffline, sendOffline } from '../../testkit/operator/offline-visit.ts';
import type { OfflineVisit } from '../../testkit/operator/offline-visit.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { makeMemberCodeKeys } from '../members/member-code-keys.ts';
import { makeMemberCode } from '../members/member-code.ts';
import { charge, offlineCodeKey, visit } from '../storage/schema.ts';

/** Whoever has its key says what they like of whom it has let in. */
async function stolenCabinet(operator: OperatorHarness): Promise<TestCabinet> {
  const stolen = makeCabinet('CAB-9');
  await operator.enrol(stolen);
  await operator.visit('M1001');
  return stolen;
}
/** A member scans what is shown at this cabinet, whose key is given the member code. */
async function codeOfScan(operator: OperatorHarness, cabinet: TestCabinet, showing: string): Promise<string> {
  const expiresAtS = Math.floor(operator.clock.nowMs() / 1000) + 30;
  const signed = cabinetCodeToSign({ cabinetId: cabinet.cabinetId, expiresAtS, showing });
  const text = cabinetCodeText(
    'HTTPS://M.EXAMPLE/',
    signed,
    sign(null, Buffer.from(signed), cabinet.privateKey),
  );
  expect(await operator.qrSignIn.recordScan('M1001', text)).toMatchObject({ accepted: true });
  const answer = await operator.send('POST', '/v1/claims/next', { showing, waitMs: 0 }, cabinet);
  return (answer.body as { code: string }).code;
}
async function expectHeld(operator: OperatorHarness, sent: OfflineVisit, kind: string): Promise<void> {
  expect((await sendOffline(operator, sent)).status).toBe(200);
  const row = await operator.chargeRow(sent.chargeId);
  expect(row).toMatchObject({ state: 'needs_attention', visitKnown: false });
  expect(await operator.debitCount(sent.chargeId)).toBe(0);
  expect((await operator.incidentKinds()).at(-1)).toBe(kind);
  expect(await operator.db.select().from(visit).where(eq(visit.visitId, sent.visitId))).toEqual([]);
}

onStorage('whoever has stolen a cabinet’s key, and says that it was offline', (harness) => {
  it('gets nothing debited without a code that a member has shown', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const nowS = Math.ceil(operator.clock.nowMs() / 1000);
    const forged = makeMemberCode(makeMemberCodeKeys(), systemRandom, 'M1001', nowS + 60);
    const real = operator.code('M1001');
    const codes: readonly string[] = [
      forged,
      'x',
      'KM1.M1001.zz.0000',
      `${real.slice(0, -1)}${real.endsWith('A') ? 'B' : 'A'}`,
      real.replace('M1001', 'M1002'),
      // Those are no codes that open a door.
      operator.code('M1001', 60, 'enrol'),
      // Of another member, and of another time: shown, and never used.
      operator.code('M1002'),
      operator.code('M1001', -6),
      operator.code('M1001', 67),
    ];
    for (const code of codes)
      await expectHeld(
        operator,
        await letInOffline(operator, { cabinet, change: { code } }),
        'offline_not_proven',
      );
  });

  it('gets nothing debited at a time that is not yet, of nobody, or by a face that it makes up', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const atMs = operator.clock.nowMs() + 600_000;
    const code = operator.code('M1001', 600);
    const ahead = await letInOffline(operator, { cabinet, change: { code, atMs } });
    await expectHeld(operator, ahead, 'offline_not_proven');
    await expectHeld(
      operator,
      await letInOffline(operator, { cabinet, memberId: 'M9999' }),
      'offline_not_proven',
    );
    const enrolmentId = newEnrolmentId(atMs);
    const change = { by: 'face', enrolmentId } as never;
    await expectHeld(operator, await letInOffline(operator, { cabinet, change }), 'face_not_enrolled');
  });

  it('cannot use a code twice, nor one that has opened a door elsewhere', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const shown = await letInOffline(operator, { cabinet });
    const again = { ...(await letInOffline(operator, { cabinet })), admission: shown.admission };
    await sendOffline(operator, shown);
    expect(await operator.chargeRow(shown.chargeId)).toMatchObject({ state: 'paid' });
    await expectHeld(operator, again, 'offline_code_replayed');
    expect(await operator.chargeRow(again.chargeId)).toMatchObject({ reason: 'account.code_replayed' });
    const code = operator.code('M1001');
    const elsewhere = await letInOffline(operator, { change: { code } });
    expect(await operator.authorise(elsewhere.visitId, code)).toMatchObject({ decision: 'allowed' });
    const copied = await letInOffline(operator, { cabinet, change: { code } });
    await expectHeld(operator, copied, 'offline_code_replayed');
  });

  it('cannot make codes of today with a key that was replaced, out of an old copy of the database', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const keys = makeMemberCodeKeys();
    const publicKey = rawPublicKey(keys.publicKey);
    const toldAtMs = operator.clock.nowMs();
    await operator.db.insert(offlineCodeKey).values({ publicKey, toldAtMs });
    const codeNow = () => {
      const nowS = Math.ceil(operator.clock.nowMs() / 1000);
      return makeMemberCode(keys, systemRandom, 'M1001', nowS + 30);
    };
    const inTime = await letInOffline(operator, { cabinet, change: { code: codeNow() } });
    operator.clock.jumpWall(20 * 86_400_000);
    const stolen = await letInOffline(operator, { cabinet, change: { code: codeNow() } });
    await expectHeld(operator, stolen, 'offline_not_proven');
    // What a phone has shown while it counted comes late, and is the member's proof.
    await sendOffline(operator, inTime);
    expect(await operator.chargeRow(inTime.chargeId)).toMatchObject({ state: 'paid' });
  });

  it('cannot use a code that a scan has made for it at another cabinet, however late that comes', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const code = await codeOfScan(operator, cabinet, 'AAAAAAA2');
    const taken = [
      await letInOffline(operator, { change: { code } }),
      await letInOffline(operator, { change: { code } }),
    ] as const;
    await expectHeld(operator, taken[0], 'offline_not_proven');
    // Whose scan has not opened the door scans again, and whoever has the key shows the same turn.
    operator.clock.jumpWall(20_000);
    expect(await codeOfScan(operator, cabinet, 'AAAAAAA2')).not.toBe(code);
    operator.clock.jumpWall(20 * 86_400_000);
    const own = await codeOfScan(operator, operator.cabinet, 'BBBBBBB3');
    await expectHeld(operator, taken[1], 'offline_not_proven');
    // Where it was made for it is the member's proof.
    const honest = await letInOffline(operator, { change: { code: own } });
    await sendOffline(operator, honest);
    expect(await operator.chargeRow(honest.chargeId)).toMatchObject({ state: 'paid' });
  });

  it('cannot use a code after the member’s own visit, once its charge has come', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const bought = await letInOffline(operator, { cabinet: operator.cabinet });
    const copied = { ...(await letInOffline(operator, { cabinet })), admission: bought.admission };
    await sendOffline(operator, bought);
    await expectHeld(operator, copied, 'offline_code_replayed');
    expect(await operator.debitCount(bought.chargeId)).toBe(1);
  });

  it('gets nothing debited by what is no admission at all, however long it is', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const changes: readonly object[] = [
      { code: 'K'.repeat(memberCodeMaxLength + 1) },
      { code: 'K'.repeat(500_000) },
      { by: 'wish' },
      { policyVersion: 1.5 },
      { atMs: 1e300 },
      { code: undefined },
    ];
    for (const change of changes) {
      const sent = await letInOffline(operator, { cabinet, change });
      const { status } = await sendOffline(operator, sent);
      expect([200, 400]).toContain(status);
      expect(await operator.debitCount(sent.chargeId)).toBe(0);
    }
    // What was taken at all waits for people.
    const states = (await operator.db.select().from(charge)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['needs_attention']));
  });

  it('learns no name that the cabinet has not been told', async () => {
    const operator = harness();
    const cabinet = await stolenCabinet(operator);
    const answer = await operator.send('GET', '/v1/offline-policy', undefined, cabinet);
    expect(answer).toMatchObject({ status: 200, body: { members: [], memberDigests: [expect.any(String)] } });
    expect(JSON.stringify(answer.body)).not.toContain('M1001');
  });
});

onStorage('one code at two cabinets that are offline', (harness) => {
  it('is debited once: the second charge is held, and the operator bears it', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    await operator.visit('M1001');
    const code = operator.code('M1001');
    const [here, there] = [operator.cabinet, other].map((cabinet) =>
      letInOffline(operator, { cabinet, change: { code } }),
    );
    const visits = [await here, await there].filter((one) => one !== undefined);
    await operator.during(Promise.all(visits.map((one) => sendOffline(operator, one))), 50);
    const rows = await operator.db.select().from(charge);
    expect(rows.map(({ state }) => state).toSorted()).toEqual(['needs_attention', 'paid']);
    expect(rows.map(({ reason }) => reason)).toContain('account.code_replayed');
    expect(await operator.incidentKinds()).toEqual(['offline_code_replayed']);
  });
});
