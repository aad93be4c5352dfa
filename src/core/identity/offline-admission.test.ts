import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OfflineCaps, defaultOfflineCaps } from '../../shared/model/offline-policy.ts';
import { minor } from '../../shared/money.ts';
import {
  type OfflineCabinet,
  type OfflineMember,
  type OfflineProof,
  judgeOffline,
  offlineBlockOf,
} from './offline-admission.ts';

const hourMs = 3_600_000;
const nowMs = 1_800_000_000_000;
const caps = defaultOfflineCaps;
const policy = { caps, issuedAtMs: nowMs - hourMs, expiresAtMs: nowMs + hourMs };
const cabinet: OfflineCabinet = {
  nowMs,
  policy,
  undelivered: { sumMinor: 0, count: 0, oldestMs: null },
  dearestMinor: minor(1_200),
};
const byCode: OfflineProof = { by: 'code', code: 'good', isUsed: false };
const byFace: OfflineProof = { by: 'face', isListed: true };
const member: OfflineMember = {
  verifiedAtMs: nowMs - 24 * hourMs,
  isDenied: false,
  unsettled: { sumMinor: 0, count: 0 },
};
const withCaps = (over: Partial<OfflineCaps>): Partial<OfflineCabinet> => ({
  policy: { ...policy, caps: { ...caps, ...over } },
});
const undelivered = (over: Partial<OfflineCabinet['undelivered']>): Partial<OfflineCabinet> => ({
  undelivered: { ...cabinet.undelivered, ...over },
});
const unsettled = (sumMinor: number, count: number): Partial<OfflineMember> => ({
  unsettled: { sumMinor, count },
});

describe('who may come in without the operator', () => {
  it.each<[string, number, Partial<OfflineCabinet>, Partial<OfflineMember>]>([
    ['a visit costs what the policy says', 3_000, {}, {}],
    ['or what is left of the member’s cap', 2_500, {}, unsettled(3_500, 1)],
    ['to the last cent of the dearest article', 1_200, {}, unsettled(4_800, 1)],
    ['or what is left of the cabinet’s cap', 1_300, undelivered({ sumMinor: 198_700, count: 199 }), {}],
    ['an article that no visit may cost shuts nobody out', 3_000, { dearestMinor: minor(9_900) }, {}],
    ['verified to the hour', 3_000, {}, { verifiedAtMs: nowMs - 30 * 24 * hourMs }],
    ['the oldest to the hour', 3_000, undelivered({ count: 1, oldestMs: nowMs - 24 * hourMs }), {}],
    ['nothing for sale', 3_000, { dearestMinor: null }, {}],
    ['verified within that time until the policy ends', 3_000, {}, { verifiedAtMs: 'within' }],
  ])('%s: %i', (_, maxMinor, ofCabinet, ofMember) => {
    for (const proof of [byCode, byFace])
      expect(judgeOffline({ ...cabinet, ...ofCabinet }, proof, { ...member, ...ofMember })).toEqual({
        ok: true,
        value: { maxMinor },
      });
  });

  it.each<[string, Partial<OfflineCabinet>]>([
    ['network.offline_time_unknown', { nowMs: null }],
    ['network.offline_no_policy', { policy: null }],
    ['network.offline_no_policy', { policy: { ...policy, expiresAtMs: nowMs } }],
    ['network.offline_no_policy', { policy: { ...policy, issuedAtMs: nowMs + 60_001 } }],
    ['network.offline_no_policy', withCaps({ visitMaxMinor: minor(0) })],
    ['network.offline_cabinet_cap', undelivered({ count: 200 })],
    ['network.offline_cabinet_cap', undelivered({ sumMinor: 198_801 })],
    ['network.offline_cabinet_cap', undelivered({ count: 1, oldestMs: nowMs - 24 * hourMs - 1 })],
    ['network.offline_cabinet_cap', undelivered({ count: 1, oldestMs: nowMs + 24 * hourMs + 1 })],
  ])('nobody: %s', (code, over) => {
    const shut = { ...cabinet, ...over };
    expect(offlineBlockOf(shut)).toBe(code);
    for (const proof of [byCode, byFace])
      expect(judgeOffline(shut, proof, member)).toEqual({ ok: false, error: { code } });
  });

  it.each<[string, OfflineProof, Partial<OfflineMember>]>([
    ['account.code_unknown', { ...byCode, code: 'forged' }, {}],
    ['account.code_expired', { ...byCode, code: 'expired' }, {}],
    ['account.code_replayed', { ...byCode, isUsed: true }, {}],
    ['account.face_not_enrolled', { ...byFace, isListed: false }, {}],
    ['account.offline_unverified', byCode, { verifiedAtMs: null }],
    ['account.offline_unverified', byCode, { verifiedAtMs: nowMs - 30 * 24 * hourMs - 1 }],
    ['account.offline_unverified', byFace, { verifiedAtMs: nowMs + hourMs }],
    ['account.offline_denied', byCode, { isDenied: true }],
    ['account.offline_denied', byFace, { isDenied: true, verifiedAtMs: null }],
    ['account.offline_member_cap', byCode, unsettled(200, 2)],
    ['account.offline_member_cap', byFace, unsettled(4_801, 1)],
  ])('not this one: %s', (code, proof, over) => {
    expect(offlineBlockOf(cabinet)).toBeNull();
    expect(judgeOffline(cabinet, proof, { ...member, ...over })).toEqual({ ok: false, error: { code } });
  });

  it('a face: as long as the operator has said lately whose may be used, else by code', () => {
    const issuedAt = (ageMs: number): OfflineCabinet => ({
      ...cabinet,
      policy: { ...policy, issuedAtMs: nowMs - ageMs },
    });
    expect(judgeOffline(issuedAt(24 * hourMs), byFace, member).ok).toBe(true);
    const old = issuedAt(24 * hourMs + 1);
    const code = 'network.offline_face_list_old';
    expect(judgeOffline(old, byFace, member)).toEqual({ ok: false, error: { code } });
    expect(judgeOffline(old, byCode, member).ok).toBe(true);
  });

  it('a forged code tells nothing about whom it names', () => {
    const poor = { ...member, verifiedAtMs: null, isDenied: true, ...unsettled(9_999, 9) };
    expect(judgeOffline(cabinet, { ...byCode, code: 'forged' }, poor)).toEqual({
      ok: false,
      error: { code: 'account.code_unknown' },
    });
  });
});

const amount = fc.integer({ min: 0, max: 300_000 });
const anyCaps = fc.record({
  visitMaxMinor: amount.map(minor),
  memberSumMinor: amount.map(minor),
  memberCount: fc.integer({ min: 0, max: 5 }),
  cabinetSumMinor: amount.map(minor),
  cabinetCount: fc.integer({ min: 0, max: 300 }),
  oldestAgeMs: fc.integer({ min: 0, max: 100 * hourMs }),
  verifiedWithinMs: fc.integer({ min: 0, max: 100 * hourMs }),
  faceListAgeMaxMs: fc.integer({ min: 0, max: 100 * hourMs }),
});
const aboutNow = fc.integer({ min: -100 * hourMs, max: 100 * hourMs }).map((ms) => nowMs + ms);
const anyCabinet: fc.Arbitrary<OfflineCabinet> = fc.record({
  nowMs: fc.option(fc.constant(nowMs), { freq: 10 }),
  policy: fc.option(fc.record({ caps: anyCaps, issuedAtMs: aboutNow, expiresAtMs: aboutNow }), { freq: 10 }),
  undelivered: fc.record({
    sumMinor: amount,
    count: fc.integer({ min: 0, max: 300 }),
    oldestMs: fc.option(aboutNow),
  }),
  dearestMinor: fc.option(amount.map(minor)),
});
const anyProof: fc.Arbitrary<OfflineProof> = fc.oneof(
  fc.record({
    by: fc.constant('code' as const),
    code: fc.constantFrom('good', 'good', 'good', 'forged', 'expired'),
    isUsed: fc.boolean(),
  }),
  fc.record({
    by: fc.constant('face' as const),
    isListed: fc.boolean(),
  }),
);
const anyMember: fc.Arbitrary<OfflineMember> = fc.record({
  verifiedAtMs: fc.oneof(aboutNow, fc.constant('within' as const), fc.constant(null)),
  isDenied: fc.boolean(),
  unsettled: fc.record({ sumMinor: amount, count: fc.integer({ min: 0, max: 5 }) }),
});

describe('whatever is known', () => {
  it('a visit fits below every cap, and whoever is denied, unknown or forged never gets one', () => {
    fc.assert(
      fc.property(anyCabinet, anyProof, anyMember, (any, proof, somebody) => {
        const judged = judgeOffline(any, proof, somebody);
        if (!judged.ok) return;
        const { maxMinor } = judged.value;
        const { policy: inForce } = any;
        expect(any.nowMs).not.toBeNull();
        if (inForce === null) throw new Error('let in without a policy');
        expect(inForce.expiresAtMs).toBeGreaterThan(nowMs);
        expect(maxMinor).toBeGreaterThan(0);
        expect(maxMinor).toBeLessThanOrEqual(inForce.caps.visitMaxMinor);
        expect(somebody.unsettled.sumMinor + maxMinor).toBeLessThanOrEqual(inForce.caps.memberSumMinor);
        expect(any.undelivered.sumMinor + maxMinor).toBeLessThanOrEqual(inForce.caps.cabinetSumMinor);
        expect(somebody.unsettled.count).toBeLessThan(inForce.caps.memberCount);
        expect(any.undelivered.count).toBeLessThan(inForce.caps.cabinetCount);
        expect(somebody.isDenied).toBe(false);
        expect(somebody.verifiedAtMs).not.toBeNull();
        expect(proof).toMatchObject(
          proof.by === 'code' ? { code: 'good', isUsed: false } : { isListed: true },
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('what somebody else has unsettled, or a dearer article, never lets anybody in', () => {
    fc.assert(
      fc.property(anyCabinet, anyProof, anyMember, amount, (any, proof, somebody, more) => {
        if (judgeOffline(any, proof, somebody).ok) return;
        const fuller: OfflineCabinet = {
          ...any,
          undelivered: { ...any.undelivered, sumMinor: any.undelivered.sumMinor + more },
          dearestMinor: minor((any.dearestMinor ?? 0) + more),
        };
        expect(judgeOffline(fuller, proof, somebody).ok).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });
});
