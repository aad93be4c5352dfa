import type { ServiceRole } from '../../shared/model/service.ts';

/** What the cabinet keeps of one member of its staff. Hashes are PHC strings of argon2id. */
export interface StaffMember {
  readonly staffNo: string;
  readonly name: string;
  readonly role: ServiceRole;
  /** Null: they have no PIN from the operator, and set one at the cabinet with a one-time code. */
  readonly pinHash: string | null;
  /** Opens like the PIN, and tells the operator at once that somebody was forced. */
  readonly duressHash: string | null;
  /** Rises with each PIN that the operator gives: one that was set at the cabinet counts until then. */
  readonly pinVersion: number;
}

/** A PIN that was set at the cabinet itself, and for which of the operator's versions. */
export interface OwnPin {
  readonly pinHash: string;
  readonly pinVersion: number;
}

/** With what somebody's PIN is compared; nulls: with nothing, and it is wrong. */
export interface Comparison {
  readonly pinHash: string | null;
  readonly duressHash: string | null;
}

const nothing: Comparison = { pinHash: null, duressHash: null };

/**
 * The PIN that counts now: the one set here, unless the operator has given a newer one. While the list is out of date no PIN
 * counts at all.
 */
export function comparisonOf(
  member: StaffMember | null,
  own: OwnPin | null,
  isListGood: boolean,
): Comparison {
  if (member === null || !isListGood) return nothing;
  const { pinHash, duressHash, pinVersion } = member;
  if (own === null || own.pinVersion < pinVersion) return { pinHash, duressHash };
  return { pinHash: own.pinHash, duressHash };
}

/** A one-time code as it was typed: the number of its issue, and the last day (UTC, since 1970) on which it is good. */
export interface ServiceCode {
  readonly serial: number;
  readonly lastDay: number;
}

export const dayMs = 86_400_000;

/**
 * Whether a code whose seal fits may be used. `usedSerial`: of the last one that was used here; one that was issued before it
 * is worth nothing any more. `nowMs`: the operator's time, at least as late as was ever told here.
 */
export function faultOfCode(
  { serial, lastDay }: ServiceCode,
  usedSerial: number,
  nowMs: number,
): 'used' | 'too_old' | null {
  if (serial <= usedSerial) return 'used';
  return Math.floor(nowMs / dayMs) > lastDay ? 'too_old' : null;
}
