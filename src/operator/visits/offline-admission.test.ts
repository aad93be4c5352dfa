import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { atListPrice, priceList } from '../../core/basket/priced-list.ts';
import { forShopper, freeze } from '../../core/pricing/pricing.ts';
import { assert } from '../../shared/assert.ts';
import { defaultOfflineCaps } from '../../shared/model/offline-policy.ts';
import { offlinePolicySchema } from '../../shared/model/offline-policy.schema.ts';
import { promotionOrderSchema } from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';
import { promotionOf } from '../../testkit/core/promotions.ts';
import { line, makeCabinet, newChargeId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { letInOffline, policyVersionOf, sendOffline } from '../../testkit/operator/offline-visit.ts';
import type { OfflineVisit } from '../../testkit/operator/offline-visit.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { putPromotions } from '../fleet/promotions.ts';
import { chargeAgeMaxMs, memberCodeKeyAgeMaxMs, memberCodeKeyLeadMs } from '../limits.ts';
import { memberCodeKeysReadEveryMs, offlinePolicyCheckMs } from '../limits.ts';
import { withdrawAsMember } from '../members/face-enrolments.ts';
import { incident, member, memberCodeKey, memberNotice, visit } from '../storage/schema.ts';

const hourMs = 3_600_000;
const paid = { state: 'paid', review: false, visitKnown: true };
const lookedAt = { state: 'paid', review: true, visitKnown: true };
const held = { state: 'needs_attention', reason: 'system.rejected', visitKnown: false };

/** Somebody whom the operator has let in today. */
async function known(operator: OperatorHarness, memberId = 'M1001', cabinet = operator.cabinet) {
  const { visitId, chargeId } = await operator.visit(memberId, cabinet);
  const ids = { visitId, chargeId, memberId, cabinetId: cabinet.cabinetId, cabinet };
  await sendOffline(operator, { ...ids, admission: undefined as never });
  await operator.clock.advance(2_000);
}
async function lastIncident({ db }: OperatorHarness) {
  const all = await db.select().from(incident).orderBy(incident.id);
  return all.at(-1);
}
const outcome = async (operator: OperatorHarness, sent: OfflineVisit, change = {}) => {
  expect((await sendOffline(operator, sent, change)).status).toBe(200);
  return operator.chargeRow(sent.chargeId);
};

onStorage('a visit that was let in offline by a code', (harness) => {
  it.each([
    ['of a newer cabinet', { by: 'palm', print: 'x' }],
    ['of half the fields', { by: 'code', atMs: 1 }],
    ['that is a number', 7],
    ['that is nothing', null],
  ])('a proof %s costs no charge: it is held, and people hear why', async (_, admission) => {
    const operator = harness();
    await known(operator);
    const bought = { ...(await letInOffline(operator)), admission: admission as never };
    expect(await outcome(operator, bought)).toMatchObject({ ...held, totalMinor: 350 });
    expect(await lastIncident(operator)).toMatchObject({
      kind: 'offline_not_proven',
      chargeId: bought.chargeId,
      detail: expect.stringContaining('cannot be read') as string,
    });
    // The same bytes again are the same charge.
    expect(await outcome(operator, bought)).toMatchObject(held);
    // The operator has let this one in itself: it needs none.
    const visitOfOurs = {
      ...(await operator.visit()),
      cabinet: operator.cabinet,
      admission: admission as never,
    };
    expect(await outcome(operator, visitOfOurs)).toMatchObject({ state: 'paid', visitKnown: true });
  });

  it('is debited when its charge comes, once, and is a visit like any other', async () => {
    const operator = harness();
    await known(operator);
    const bought = await letInOffline(operator);
    operator.clock.jumpWall(20 * hourMs);
    expect(await outcome(operator, bought)).toMatchObject({ ...paid, totalMinor: 350 });
    await sendOffline(operator, bought);
    expect(await operator.debitCount(bought.chargeId)).toBe(1);
    const [booked] = await operator.db.select().from(visit).where(eq(visit.visitId, bought.visitId));
    const { policyVersion: offlinePolicyVersion, atMs } = bought.admission;
    expect(booked).toMatchObject({ allowed: true, entryMethod: 'code', atMs, offlinePolicyVersion });
    expect(await operator.incidentKinds()).toEqual([]);
    expect(await operator.db.select().from(memberNotice)).toEqual([]);
    const second = { ...bought, chargeId: newChargeId(operator.clock.nowMs()) };
    expect(await outcome(operator, second)).toMatchObject({ ...held, reason: 'system.conflict' });
  });

  it('stands although the member was suspended meanwhile, and counts in what they owe', async () => {
    const operator = harness();
    await known(operator);
    const [first, second] = [await letInOffline(operator), await letInOffline(operator)];
    await operator.db.update(member).set({ standing: 'suspended' }).where(eq(member.memberId, 'M1001'));
    expect(await outcome(operator, first)).toMatchObject(paid);
    await operator.db.update(member).set({ standing: 'active' }).where(eq(member.memberId, 'M1001'));
    operator.provider.set({ mode: 'down', reason: 'account.declined', delayMs: 0 });
    const dear = { lines: [line('E5', 6_000, 1)] };
    expect(await outcome(operator, second, dear)).toMatchObject({ state: 'accepted', review: true });
    expect(await operator.authorise(first.visitId, operator.code())).toMatchObject({ decision: 'refused' });
  });

  it('is debited whole beyond the cap of a visit, and looked at', async () => {
    const operator = harness();
    await known(operator);
    const lines = [line('D4', 3_100, 1)];
    expect(await outcome(operator, await letInOffline(operator), { lines })).toMatchObject(lookedAt);
    expect(await operator.incidentKinds()).toEqual(['visit_over_limit']);
  });

  it('is priced right by what its cabinet was told of the member with the policy, or by nothing', async () => {
    const operator = harness();
    await known(operator);
    const { db, clock } = operator;
    const promotions = [
      promotionOf('both', { kind: 'bundle', skus: ['A1', 'B2'], count: 2, priceMinor: minor(760) }),
      promotionOf('ours', {
        ...{ kind: 'member_price', skus: ['A1'], priceMinor: minor(100), means: ['simulated'] },
      }),
    ];
    await putPromotions(db, clock, 'anna', { promotions, currency: 'CNY', timeZone: 'Asia/Shanghai' });
    const order = promotionOrderSchema.parse((await operator.send('GET', '/v1/promotions')).body);
    await operator.clock.advance(hourMs);
    const policy = offlinePolicySchema.parse((await operator.send('GET', '/v1/offline-policy')).body);
    const [of] = policy.members;
    expect(of?.member).toMatchObject({ memberId: 'M1001', means: 'simulated' });
    // A1 was reported while the door was open, and is held; each line is priced as the cabinet does it.
    for (const means of [of?.member.means ?? null, null, 'card'] as const) {
      const bought = await letInOffline(operator);
      const frozen = freeze(order, bought.admission.atMs, new Set(['A1', 'B2']));
      const plain = [line('A1', 350, 1), line('B2', 600, 1)];
      const list = priceList(frozen === null ? undefined : forShopper(frozen, { means }), plain);
      const [a1, b2] = plain.map((one) => atListPrice(list, one));
      assert(a1 !== undefined && b2 !== undefined, 'two lines');
      const bill = { lines: [b2], heldLines: [a1], totalMinor: b2.amountMinor };
      const at = bought.admission.atMs;
      const body = {
        ...bill,
        review: ['recognition.line_reported' as const],
        openedAtMs: at,
        closedAtMs: at,
      };
      const sent = await outcome(operator, bought, { ...body, promotionsVersion: order.version });
      expect(sent).toMatchObject({ state: 'paid', totalMinor: means === 'simulated' ? 600 : 480 });
    }
    expect(await operator.incidentKinds()).toEqual([]);
    const dear = { promotionsVersion: order.version, lines: [line('A1', 350, 1), line('B2', 600, 1)] };
    expect(await outcome(operator, await letInOffline(operator), dear)).toMatchObject({
      state: 'needs_attention',
    });
  });

  it('is read by a key that has been replaced twice since', async () => {
    const operator = harness().restarted({ ownMemberCodeKeys: false });
    const made = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: '/dev/member-codes',
      payload: { memberId: 'M1001' },
    });
    const { code } = made?.json<{ code: string }>() ?? { code: '' };
    await known(harness());
    const bought = await letInOffline(operator, { change: { code } });
    for (const ageMs of [memberCodeKeyAgeMaxMs, memberCodeKeyLeadMs, memberCodeKeyAgeMaxMs]) {
      await operator.db.execute(`update member_code_key set made_at_ms = made_at_ms - ${ageMs}`);
      await operator.clock.advance(Math.max(memberCodeKeysReadEveryMs, offlinePolicyCheckMs));
      await policyVersionOf(operator, operator.cabinet);
    }
    expect(await operator.db.select().from(memberCodeKey)).toHaveLength(2);
    expect(await outcome(operator, bought)).toMatchObject({ state: 'paid', visitKnown: true });
    await operator.close();
  });

  it('stands where the operator had refused it, and its answer was not heard', async () => {
    const operator = harness();
    await known(operator);
    const bought = await letInOffline(operator);
    await operator.db.update(member).set({ standing: 'suspended' }).where(eq(member.memberId, 'M1001'));
    const { code } = bought.admission as { code: string };
    expect(await operator.authorise(bought.visitId, code)).toMatchObject({ decision: 'refused' });
    expect(await outcome(operator, bought)).toMatchObject(lookedAt);
    const detail = expect.stringContaining('had refused it') as string;
    expect(await lastIncident(operator)).toMatchObject({ kind: 'offline_beyond_policy', detail });
  });

  it('is the operator’s own where its answer was given and not heard', async () => {
    const operator = harness();
    const bought = await letInOffline(operator);
    const { code } = bought.admission as { code: string };
    expect(await operator.authorise(bought.visitId, code)).toMatchObject({ decision: 'allowed' });
    expect(await outcome(operator, bought)).toMatchObject(paid);
    expect(await operator.db.select().from(visit)).toMatchObject([{ offlinePolicyVersion: null }]);
  });

  it('is debited and looked at where the cabinet has gone beyond its policy', async () => {
    const operator = harness();
    await known(operator);
    const cases: readonly [string, OfflineVisit][] = [
      ['not known', await letInOffline(operator, { change: { policyVersion: 7 } })],
      ['not let in by the operator lately', await letInOffline(operator, { memberId: 'M1002' })],
    ];
    for (const [words, bought] of cases) {
      expect(await outcome(operator, bought)).toMatchObject(lookedAt);
      const detail = expect.stringContaining(words) as string;
      expect(await lastIncident(operator)).toMatchObject({ kind: 'offline_beyond_policy', detail });
    }
    const policyVersion = await policyVersionOf(operator, operator.cabinet);
    operator.clock.jumpWall(73 * hourMs);
    expect(
      await outcome(operator, await letInOffline(operator, { change: { policyVersion } })),
    ).toMatchObject(lookedAt);
    const detail = expect.stringContaining('not good then') as string;
    expect(await lastIncident(operator)).toMatchObject({ detail });
  });

  it('is looked at when the member had two unsettled ones there, in whatever order they come', async () => {
    const operator = harness();
    await known(operator);
    const visits: OfflineVisit[] = [];
    for (let i = 0; i < 3; i++) {
      visits.push(await letInOffline(operator));
      await operator.clock.advance(1_000);
    }
    for (const one of visits.toReversed())
      expect(await outcome(operator, one)).toMatchObject({ state: 'paid' });
    expect(await lastIncident(operator)).toMatchObject({ chargeId: visits[0]?.chargeId });
    expect(await operator.incidentKinds()).toEqual(['offline_beyond_policy']);
    // What has come is settled: the next two are within the caps.
    expect(await outcome(operator, await letInOffline(operator))).toMatchObject(paid);
  });

  it('waits for people after 30 days, as any charge', async () => {
    const operator = harness();
    const bought = await letInOffline(operator);
    operator.clock.jumpWall(chargeAgeMaxMs + hourMs);
    expect(await outcome(operator, bought)).toMatchObject({ ...held, visitKnown: true });
    expect(await operator.incidentKinds()).toEqual(['charge_too_old']);
  });
});

onStorage('a visit that was let in offline by a face', (harness) => {
  const byFace = (operator: OperatorHarness, enrolmentId: string) =>
    letInOffline(operator, { change: { by: 'face', enrolmentId } as never });

  it('is debited, and the member is told', async () => {
    const operator = harness();
    await known(operator);
    const bought = await byFace(operator, await operator.enrolFace());
    expect(await outcome(operator, bought)).toMatchObject(paid);
    const told = await operator.db.select().from(memberNotice);
    expect(told.map(({ kind, ref }) => [kind, ref])).toContainEqual(['charged_by_face', bought.chargeId]);
  });

  it('stands although the face was withdrawn by phone meanwhile, and not if the cabinet had been told', async () => {
    const operator = harness();
    await known(operator);
    const enrolmentId = await operator.enrolFace();
    const policyVersion = await policyVersionOf(operator, operator.cabinet);
    await operator.clock.advance(1_000);
    await withdrawAsMember(operator, 'M1001', null);
    await operator.clock.advance(1_000);
    const change = { by: 'face', enrolmentId, policyVersion } as never;
    const bought = await letInOffline(operator, { change });
    expect(await outcome(operator, bought)).toMatchObject(paid);
    await operator.clock.advance(2 * hourMs);
    expect(await outcome(operator, await byFace(operator, enrolmentId))).toMatchObject(held);
    expect(await operator.incidentKinds()).toEqual(['face_not_enrolled']);
  });

  it('stands where the operator had refused it within the policy, and its answer was not heard', async () => {
    const operator = harness();
    await known(operator);
    const enrolmentId = await operator.enrolFace();
    const bought = await byFace(operator, enrolmentId);
    const ask = { visitId: bought.visitId, faceOf: 'M1001', enrolmentId };
    await operator.db.update(member).set({ standing: 'suspended' }).where(eq(member.memberId, 'M1001'));
    const answer = await operator.send('POST', '/v1/visits/authorise', ask);
    expect(answer.body).toMatchObject({ decision: 'refused', reason: 'account.suspended' });
    expect(await outcome(operator, bought)).toMatchObject(lookedAt);
    const detail = expect.stringContaining('had refused it') as string;
    expect(await lastIncident(operator)).toMatchObject({ kind: 'offline_beyond_policy', detail });
    const told = await operator.db.select().from(memberNotice);
    expect(told.map(({ kind, ref }) => [kind, ref])).toContainEqual(['charged_by_face', bought.chargeId]);
  });

  it('is held beyond the policy: then it is the cabinet’s word alone', async () => {
    const operator = harness();
    await known(operator);
    const enrolmentId = await operator.enrolFace();
    const policyVersion = await policyVersionOf(operator, operator.cabinet);
    operator.clock.jumpWall(defaultOfflineCaps.faceListAgeMaxMs + 1);
    const change = { by: 'face', enrolmentId, policyVersion } as never;
    expect(await outcome(operator, await letInOffline(operator, { change }))).toMatchObject(held);
    const detail = expect.stringContaining('list of faces that was too old') as string;
    expect(await lastIncident(operator)).toMatchObject({ kind: 'offline_beyond_policy', detail });
    await operator.clock.advance(offlinePolicyCheckMs);
    const visits = [];
    for (let i = 0; i < 3; i++) {
      visits.push(await byFace(operator, enrolmentId));
      await operator.clock.advance(1_000);
    }
    const states = [];
    for (const one of visits) states.push((await outcome(operator, one)).state);
    expect(states).toEqual(['paid', 'paid', 'needs_attention']);
  });

  it('is within it while the oldest has waited for less than a day since its door was shut', async () => {
    const operator = harness();
    await known(operator);
    const enrolmentId = await operator.enrolFace();
    const oldest = await byFace(operator, enrolmentId);
    const shutAtMs = operator.clock.nowMs() + hourMs / 2;
    operator.clock.jumpWall(defaultOfflineCaps.oldestAgeMs + hourMs / 4);
    // So that the list of faces is not too old.
    await operator.clock.advance(offlinePolicyCheckMs);
    const later = await byFace(operator, enrolmentId);
    expect(await outcome(operator, oldest, { closedAtMs: shutAtMs })).toMatchObject(paid);
    expect(await outcome(operator, later)).toMatchObject(paid);
  });

  it('is nothing at another cabinet', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    await known(operator);
    const enrolmentId = await operator.enrolFace();
    const change = { by: 'face', enrolmentId } as never;
    const bought = await letInOffline(operator, { cabinet: other, change });
    expect(await outcome(operator, bought)).toMatchObject(held);
  });
});
