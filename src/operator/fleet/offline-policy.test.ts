import { eq } from 'drizzle-orm';
import { expect, it, test } from 'vitest';
import { apiReplyMaxBytes } from '../../shared/api/operator.ts';
import { makeEnrolmentId } from '../../shared/ids.ts';
import { offlinePolicySchema } from '../../shared/model/offline-policy.schema.ts';
import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import {
  defaultOfflineCaps,
  offlineListMax,
  offlinePolicyLifeMs,
} from '../../shared/model/offline-policy.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { memberDigest } from '../../shared/node/member-digest.ts';
import { chargeBody, makeCabinet, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import {
  defaultPolicy,
  memberCodeKeyAgeMaxMs,
  offlineIssueKeptMs,
  offlinePolicyCheckMs,
  offlinePolicyEveryMs,
} from '../limits.ts';
import { member, offlineCodeKey, offlinePolicy } from '../storage/schema.ts';

const path = '/v1/offline-policy';

async function policyOf(operator: OperatorHarness, cabinet = operator.cabinet): Promise<OfflinePolicy> {
  const answer = await operator.send('GET', path, undefined, cabinet);
  expect(answer.status).toBe(200);
  return offlinePolicySchema.parse(answer.body);
}
const isNamed = ({ salt }: OfflinePolicy, digests: readonly string[], memberId: string): boolean =>
  digests.includes(memberDigest(salt, memberId));
/** So that the next one that is asked for is looked at anew. */
const later = (operator: OperatorHarness, ms = offlinePolicyCheckMs) => operator.clock.advance(ms);

onStorage('the policy for opening offline', (harness) => {
  it('says how far a cabinet may go, for how long, and whose codes it may take', async () => {
    const operator = harness();
    const nowMs = operator.clock.nowMs();
    expect(await policyOf(operator)).toMatchObject({
      version: Math.floor(nowMs / 1000),
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + offlinePolicyLifeMs,
      currency: 'CNY',
      caps: defaultOfflineCaps,
      memberCodeKeys: [rawPublicKey(operator.keys.publicKey)],
      ...{ members: [], memberDigests: [], denied: [], faces: [] },
    });
  });

  it('names to a cabinet only whom it has seen itself, and of others nothing that names them', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    await operator.visit('M1001');
    await operator.visit('M1002', other);
    await operator.clock.advance(1);
    const here = await policyOf(operator);
    expect(here.members).toMatchObject([{ member: { memberId: 'M1001', display: '王*' } }]);
    expect((await policyOf(operator, other)).members).toMatchObject([{ member: { memberId: 'M1002' } }]);
    for (const memberId of ['M1001', 'M1002']) expect(isNamed(here, here.memberDigests, memberId)).toBe(true);
    expect(isNamed(here, here.memberDigests, 'M1003')).toBe(false);
    expect(JSON.stringify(here)).not.toContain('M1002');
  });

  it('names nobody whom a machine before has seen', async () => {
    const operator = harness();
    await operator.visit('M1001');
    await operator.clock.advance(1_000);
    await operator.enrol({ ...makeCabinet('CAB-1') });
    const machine = makeCabinet('CAB-1');
    await operator.enrol(machine);
    const { members, memberDigests, salt } = await policyOf(operator, machine);
    expect(members).toEqual([]);
    expect(memberDigests).toEqual([memberDigest(salt, 'M1001')]);
  });

  it('lets in only who was let in by the operator lately, and may come in now', async () => {
    const operator = harness();
    const myData = { visitId: newVisitId(1), code: operator.code('M1004'), purpose: 'account' };
    await operator.send('POST', '/v1/visits/authorise', myData);
    const bought = await operator.visit('M1001');
    operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
    await operator.visit('M1002');
    expect((await policyOf(operator)).memberDigests).toHaveLength(2);
    await operator.db.update(member).set({ standing: 'suspended' }).where(eq(member.memberId, 'M1002'));
    await operator.during(operator.send('PUT', `/v1/charges/${bought.chargeId}`, chargeBody(bought)));
    const secondVisit = await operator.visit('M1001');
    const second = operator.send('PUT', `/v1/charges/${secondVisit.chargeId}`, chargeBody(secondVisit));
    await operator.during(second);
    await later(operator);
    const after = await policyOf(operator);
    expect(after).toMatchObject({ members: [], memberDigests: [] });
    for (const memberId of ['M1001', 'M1002']) expect(isNamed(after, after.denied, memberId)).toBe(true);
    operator.clock.jumpWall(defaultOfflineCaps.verifiedWithinMs);
    await later(operator);
    expect((await policyOf(operator)).denied).toEqual([]);
  });

  it('lets in until it ends only who is verified as long', async () => {
    const operator = harness();
    await operator.visit('M1001');
    operator.clock.jumpWall(defaultOfflineCaps.verifiedWithinMs - offlinePolicyLifeMs - 1);
    expect((await policyOf(operator)).memberDigests).toHaveLength(1);
    operator.clock.jumpWall(1);
    await later(operator);
    operator.clock.jumpWall(offlinePolicyEveryMs);
    await later(operator);
    expect((await policyOf(operator)).memberDigests).toEqual([]);
  });

  it('stays the same for an hour, and is not sent again', async () => {
    const operator = harness();
    const first = await operator.send('GET', path);
    const again = (etag: unknown) =>
      operator.send('GET', path, undefined, operator.cabinet, { 'if-none-match': String(etag) });
    await operator.visit('M1001');
    await later(operator, offlinePolicyEveryMs - 1);
    expect(await again(first.headers['etag'])).toMatchObject({ status: 304, body: '' });
    expect((await operator.send('GET', path)).body).toEqual(first.body);
    await later(operator, offlinePolicyCheckMs);
    const next = await again(first.headers['etag']);
    expect(next.status).toBe(200);
    const [before, after] = [first.body, next.body].map((body) => offlinePolicySchema.parse(body));
    expect(after?.version).toBeGreaterThan(before?.version ?? Infinity);
    expect(after?.members).toHaveLength(1);
  });

  it('is another within a minute of a suspension, and never an older one, whatever the clock does', async () => {
    const operator = harness();
    await operator.visit('M1001');
    const first = await policyOf(operator);
    await operator.db.update(member).set({ standing: 'suspended' }).where(eq(member.memberId, 'M1001'));
    operator.clock.jumpWall(-10 * offlinePolicyEveryMs);
    await later(operator);
    const second = await policyOf(operator);
    expect(second.version).toBe(first.version + 1);
    expect(second).toMatchObject({ members: [], memberDigests: [], issuedAtMs: operator.clock.nowMs() });
  });

  it('rises over a database that was put back', async () => {
    const operator = harness();
    const { version } = await policyOf(operator);
    await operator.db.delete(offlinePolicy);
    await operator.clock.advance(1_000);
    expect((await policyOf(operator.restarted())).version).toBeGreaterThan(version);
  });

  it('names the faces that stand here, and none any more that was withdrawn a moment ago', async () => {
    const operator = harness();
    const [first, second] = [await operator.enrolFace('M1001'), await operator.enrolFace('M1002')];
    const before = await operator.send('GET', path);
    expect(offlinePolicySchema.parse(before.body).faces.toSorted()).toEqual([first, second].toSorted());
    await operator.send('POST', '/v1/face-withdrawals', { memberId: 'M1001', enrolmentId: first });
    const ifChanged = { 'if-none-match': String(before.headers['etag']) };
    const after = await operator.send('GET', path, undefined, operator.cabinet, ifChanged);
    expect(offlinePolicySchema.parse(after.body).faces).toEqual([second]);
  });

  it('is the same from two instances that begin at once', async () => {
    const operator = harness();
    const instances = [operator.restarted(), operator.restarted()];
    const policies = await Promise.all(instances.map((one) => policyOf(one)));
    expect(policies[0]).toEqual(policies[1]);
    expect(await operator.db.select().from(offlinePolicy)).toHaveLength(1);
    for (const one of instances) await one.close();
  });

  it('names the next key of member codes before any code is signed with it', async () => {
    const operator = harness().restarted({ ownMemberCodeKeys: false });
    const [first] = (await policyOf(operator)).memberCodeKeys;
    await operator.db.execute(
      `update member_code_key set made_at_ms = made_at_ms - ${memberCodeKeyAgeMaxMs}`,
    );
    await later(operator);
    const told = (await policyOf(operator)).memberCodeKeys;
    expect(told).toEqual([expect.any(String), first]);
    expect(await operator.db.select().from(offlineCodeKey)).toHaveLength(2);
    await operator.close();
  });

  it('is none where nobody opens offline', async () => {
    const operator = harness();
    const policy = { ...defaultPolicy, offline: null };
    const answer = await operator.restarted({ policy }).send('GET', path);
    expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
  });

  it('keeps the caps of those before for as long as a charge of them may come, and not their lists', async () => {
    const operator = harness();
    const { version } = await policyOf(operator);
    await later(operator, offlinePolicyEveryMs + offlinePolicyCheckMs);
    await policyOf(operator);
    const of = async () =>
      (await operator.db.select().from(offlinePolicy).where(eq(offlinePolicy.version, version)))[0];
    expect(await of()).toMatchObject({ told: null, caps: JSON.stringify(defaultOfflineCaps) });
    operator.clock.jumpWall(offlineIssueKeptMs);
    await operator.until(async () => (await of()) === undefined, 3 * 3_600_000, 60_000);
    expect(await operator.db.select().from(offlinePolicy)).toHaveLength(1);
  });
});

test('a policy whose lists are full is one that a cabinet reads', () => {
  const key = 'k'.repeat(43);
  const digests = Array.from({ length: offlineListMax }, (_, i) => String(i).padStart(11, '-'));
  const one = { memberId: 'M'.repeat(64), display: '\u0001'.repeat(40), means: 'wechat_pay' };
  const full = {
    ...{ version: Number.MAX_SAFE_INTEGER, issuedAtMs: 0, expiresAtMs: offlinePolicyLifeMs, currency: 'CNY' },
    ...{ caps: defaultOfflineCaps, memberCodeKeys: [key, key, key, key], salt: 's'.repeat(22) },
    members: digests.map(() => ({ member: one, verifiedAtMs: Number.MAX_SAFE_INTEGER })),
    ...{ memberDigests: digests, denied: digests },
    faces: digests.map(() => makeEnrolmentId(0, new Uint8Array(10))),
  };
  expect(offlinePolicySchema.safeParse(full).error).toBeUndefined();
  expect(Buffer.byteLength(JSON.stringify(full))).toBeLessThan(apiReplyMaxBytes);
  for (const wrong of [{ expiresAtMs: 0 }, { expiresAtMs: offlinePolicyLifeMs + 1 }])
    expect(offlinePolicySchema.safeParse({ ...full, ...wrong }).success).toBe(false);
});
