import type { Minor } from '../money.ts';
import { minor } from '../money.ts';

/**
 * Opening while the cabinet has no network (docs/payments.md#opening-while-offline): what both sides of it agree on beside the
 * schemas (offline-policy.schema.ts). Sums are minor units of the policy's currency.
 */

/**
 * How far a cabinet may go while nobody can ask the operator. "Unsettled": a charge of a visit that was let in offline and
 * that the operator has not taken yet. The caps of a person and of a cabinet are looked at before the door: at or over one of
 * them it stays shut (for that person; for everybody). What is already in somebody's hand is charged all the same.
 */
export interface OfflineCaps {
  /** Of one visit: what the screen warns of from 80 % on. What is taken beyond it is charged and looked at. */
  readonly visitMaxMinor: Minor;
  /** Of one person at one cabinet, unsettled: sum and count. */
  readonly memberSumMinor: Minor;
  readonly memberCount: number;
  /** Of one cabinet, unsettled: sum, count, and the age of the oldest, ms. */
  readonly cabinetSumMinor: Minor;
  readonly cabinetCount: number;
  readonly oldestAgeMs: number;
  /** So long ago at most the operator itself has let the member in, ms. */
  readonly verifiedWithinMs: number;
  /** By face only while the policy is no older than this (since `issuedAtMs`), ms. */
  readonly faceListAgeMaxMs: number;
}

const hourMs = 3_600_000;

/** What holds where the operator sets nothing else. */
export const defaultOfflineCaps: OfflineCaps = {
  visitMaxMinor: minor(3_000),
  memberSumMinor: minor(6_000),
  memberCount: 2,
  cabinetSumMinor: minor(200_000),
  cabinetCount: 200,
  oldestAgeMs: 24 * hourMs,
  verifiedWithinMs: 30 * 24 * hourMs,
  faceListAgeMaxMs: 24 * hourMs,
};

/** Most that each list of a policy names; the most recent stand first. All of them full fit into `apiReplyMaxBytes`. */
export const offlineListMax = 5_000;
/** No policy is good for longer than this from its issue, ms: a weekend. */
export const offlinePolicyLifeMs = 72 * hourMs;
