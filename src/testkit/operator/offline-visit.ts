import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { OfflineAdmission } from '../../shared/model/offline-policy.schema.ts';
import { offlinePolicySchema } from '../../shared/model/offline-policy.schema.ts';
import type { TestCabinet } from './cabinet.ts';
import { chargeBody, line, newChargeId, newVisitId } from './cabinet.ts';
import type { Answer, OperatorHarness, Visit } from './harness.ts';

/** A visit that a cabinet lets in now without asking, by what its policy of now allows. */
export interface OfflineVisit extends Visit {
  readonly cabinet: TestCabinet;
  readonly admission: OfflineAdmission;
}

export async function policyVersionOf(operator: OperatorHarness, cabinet: TestCabinet): Promise<number> {
  return offlinePolicySchema.parse(
    (await operator.send('GET', '/v1/offline-policy', undefined, cabinet)).body,
  ).version;
}

/** `change`: of what the cabinet says of how the visit was let in; by a code of the member unless it says otherwise. */
export async function letInOffline(
  operator: OperatorHarness,
  {
    memberId = 'M1001',
    cabinet = operator.cabinet,
    change = {},
  }: { memberId?: string; cabinet?: TestCabinet; change?: Partial<OfflineAdmission> } = {},
): Promise<OfflineVisit> {
  const atMs = operator.clock.nowMs();
  const policyVersion = await policyVersionOf(operator, cabinet);
  const byCode = { by: 'code', code: operator.code(memberId), policyVersion, atMs } as const;
  const ids = { visitId: newVisitId(atMs), chargeId: newChargeId(atMs), cabinetId: cabinet.cabinetId };
  return { ...ids, memberId, cabinet, admission: { ...byCode, ...change } as OfflineAdmission };
}

/** The charge of such a visit, as it comes once there is a network again: of 3.50, unless `change` says otherwise. */
export function sendOffline(
  operator: OperatorHarness,
  { cabinet, admission, ...ids }: OfflineVisit,
  change: Partial<ChargeBody> = {},
): Promise<Answer> {
  const body = chargeBody(ids, { lines: [line('A1', 350, 1)], admission, ...change });
  return operator.during(operator.send('PUT', `/v1/charges/${ids.chargeId}`, body, cabinet), 50);
}
