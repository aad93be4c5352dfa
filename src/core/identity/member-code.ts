import type { ReasonCode } from '../../shared/model/charge.ts';
import { isWithinLife } from '../../shared/lifetime.ts';
import { type MemberCode, memberCodeLifetimeS, parseMemberCode } from '../../shared/model/member.ts';
import { type Result, err, ok } from '../../shared/result.ts';

export interface MemberCodeFailure {
  code: Extract<ReasonCode, 'account.code_malformed' | 'account.code_expired'>;
}

/** Clocks differ by up to this, ms: a code that is further out of its time is refused here, the operator is not asked. */
export const codeClockSkewMs = 5 * 60_000;

/**
 * Reads a member code (model/member.ts) and refuses what cannot be one: too long, another layout, characters that do not
 * belong, or out of its minute by more than clocks differ. Whether it is true only the operator can tell (signature, used once).
 * `nowMs`: the operator's time; null while it is not known, and then nothing is out of date here: a clock of ours that is
 * wrong would refuse every code.
 */
export function readMemberCode(text: string, nowMs: number | null): Result<MemberCode, MemberCodeFailure> {
  const code = parseMemberCode(text);
  if (code === null) return err({ code: 'account.code_malformed' });
  const { purpose, memberId, expiresAtMs, nonce } = code;
  const life = { lifetimeMs: memberCodeLifetimeS * 1000, skewMs: codeClockSkewMs };
  if (nowMs !== null && !isWithinLife(expiresAtMs, nowMs, life)) return err({ code: 'account.code_expired' });
  return ok({ purpose, memberId, expiresAtMs, nonce });
}
