import type { OfflineBlock, ReasonCode } from '../../shared/model/charge.ts';
import type { OfflineCaps } from '../../shared/model/offline-policy.ts';
import { type Minor, minor } from '../../shared/money.ts';
import { type Result, err, ok } from '../../shared/result.ts';
import type { OperatorFailure } from '../charge/delivery.ts';

/**
 * Who may come in while nobody can ask the operator (docs/payments.md#opening-while-offline). The risk is the operator's,
 * so that everything here is bounded by what it has said while it could be heard.
 */

/** Bills, in minor units of the policy's currency. */
export interface Unsettled {
  readonly sumMinor: number;
  readonly count: number;
}

/** What of the whole cabinet the operator does not have. `oldestMs`: the operator's time; null: there is none. */
export interface Undelivered extends Unsettled {
  readonly oldestMs: number | null;
}

/** What of the operator's policy is judged by; times are the operator's. */
export interface OfflinePolicyInForce {
  readonly caps: OfflineCaps;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What decides whether anybody may come in at all. */
export interface OfflineCabinet {
  /** The operator's time, carried on by a clock that nobody sets; null: it is not known, or no longer trusted. */
  readonly nowMs: number | null;
  /** As the operator has signed it; null: there is none, or one of another currency. */
  readonly policy: OfflinePolicyInForce | null;
  readonly undelivered: Undelivered;
  /** Price of the dearest article; null: nothing is for sale. */
  readonly dearestMinor: Minor | null;
}

/** How the shopper shows who it is, as far as that was found out. */
export type OfflineProof =
  | {
      readonly by: 'code';
      /** `forged`: of no key that the operator has named; `expired`: not of this minute. */
      readonly code: 'good' | 'forged' | 'expired';
      /** Another visit at this cabinet has used it. */
      readonly isUsed: boolean;
    }
  | {
      readonly by: 'face';
      /** The policy names this enrolment. */
      readonly isListed: boolean;
    };

export interface OfflineMember {
  /**
   * When the operator has let this member in last, its own time; `within`: so lately that it counts as long as the policy
   * does; null: the operator has not named this member.
   */
  readonly verifiedAtMs: number | 'within' | null;
  /** The operator has said no, then or since. */
  readonly isDenied: boolean;
  readonly unsettled: Unsettled;
}

/** Why it does not open for this one. */
export type OfflineRefusal =
  | OfflineBlock
  | Extract<
      ReasonCode,
      | 'network.offline_face_list_old'
      | 'account.offline_unverified'
      | 'account.offline_denied'
      | 'account.offline_member_cap'
      | 'account.code_unknown'
      | 'account.code_expired'
      | 'account.code_replayed'
      | 'account.face_not_enrolled'
    >;

/** By so much the operator's time may have gone back since it signed something, ms. */
const issuedAheadMaxMs = 60_000;

/**
 * The operator was asked, and nobody who is known to be it has answered: no way there, a portal, a stranger. Not where it says
 * itself that it cannot, or something before it does (5xx, 429): it is there, and will say when it can.
 */
export function isUnheard(code: OperatorFailure['code']): boolean {
  return code.startsWith('network.');
}

/** Why nobody at all may come in; null: somebody may. */
export function offlineBlockOf(cabinet: OfflineCabinet): OfflineBlock | null {
  const { nowMs, policy } = cabinet;
  if (nowMs === null) return 'network.offline_time_unknown';
  if (policy === null || !isInForce(policy, nowMs)) return 'network.offline_no_policy';
  return isCabinetFull(policy.caps, cabinet, nowMs) ? 'network.offline_cabinet_cap' : null;
}

/**
 * Whether this member may come in without the operator, and what the visit may cost then; or the one reason why not. Whoever
 * shows a code that is not good learns nothing about the member that it names.
 */
export function judgeOffline(
  cabinet: OfflineCabinet,
  proof: OfflineProof,
  member: OfflineMember,
): Result<{ readonly maxMinor: Minor }, { readonly code: OfflineRefusal }> {
  const block = offlineBlockOf(cabinet);
  const { nowMs, policy } = cabinet;
  if (block !== null || nowMs === null || policy === null)
    return err({ code: block ?? 'network.offline_no_policy' });
  const { caps } = policy;
  const code = refusalOfProof(proof, policy, nowMs) ?? refusalOfMember(member, caps, nowMs);
  if (code !== null) return err({ code });
  const memberRoom = caps.memberSumMinor - member.unsettled.sumMinor;
  if (member.unsettled.count >= caps.memberCount || memberRoom < neededMinor(caps, cabinet))
    return err({ code: 'account.offline_member_cap' });
  return ok({ maxMinor: minor(Math.min(caps.visitMaxMinor, memberRoom, cabinetRoom(caps, cabinet))) });
}

/** One by which a visit may cost nothing is the operator's word that nobody comes in so. */
function isInForce({ issuedAtMs, expiresAtMs, caps }: OfflinePolicyInForce, nowMs: number): boolean {
  return nowMs < expiresAtMs && issuedAtMs - nowMs <= issuedAheadMaxMs && caps.visitMaxMinor > 0;
}

function refusalOfProof(
  proof: OfflineProof,
  { caps, issuedAtMs }: OfflinePolicyInForce,
  nowMs: number,
): OfflineRefusal | null {
  if (proof.by === 'code') {
    if (proof.code === 'forged') return 'account.code_unknown';
    if (proof.code === 'expired') return 'account.code_expired';
    return proof.isUsed ? 'account.code_replayed' : null;
  }
  if (!isRecent(issuedAtMs, caps.faceListAgeMaxMs, nowMs)) return 'network.offline_face_list_old';
  return proof.isListed ? null : 'account.face_not_enrolled';
}

function refusalOfMember(
  { verifiedAtMs, isDenied }: OfflineMember,
  caps: OfflineCaps,
  nowMs: number,
): OfflineRefusal | null {
  if (isDenied) return 'account.offline_denied';
  const isVerified = verifiedAtMs === 'within' || isRecent(verifiedAtMs, caps.verifiedWithinMs, nowMs);
  return isVerified ? null : 'account.offline_unverified';
}

/** `atMs` lies back by no more than that, and not ahead. */
function isRecent(atMs: number | null, ageMaxMs: number, nowMs: number): boolean {
  return atMs !== null && nowMs - atMs <= ageMaxMs && atMs - nowMs <= issuedAheadMaxMs;
}

/** One that is dated ahead of the operator's time was written by a clock that was wrong: nobody knows how old it is. */
function isCabinetFull(caps: OfflineCaps, cabinet: OfflineCabinet, nowMs: number): boolean {
  const { oldestMs, count } = cabinet.undelivered;
  const isTooOld = oldestMs !== null && Math.abs(nowMs - oldestMs) > caps.oldestAgeMs;
  return isTooOld || count >= caps.cabinetCount || cabinetRoom(caps, cabinet) < neededMinor(caps, cabinet);
}

function cabinetRoom(caps: OfflineCaps, { undelivered }: OfflineCabinet): number {
  return caps.cabinetSumMinor - undelivered.sumMinor;
}

/**
 * With less room than this nobody is let in: any one article must fit. One that is dearer than a whole visit may be fits
 * none, and shuts nobody out from the others.
 */
function neededMinor(caps: OfflineCaps, { dearestMinor }: OfflineCabinet): number {
  return Math.min(Math.max(dearestMinor ?? 0, 1), caps.visitMaxMinor);
}
