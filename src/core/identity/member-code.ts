import type { ReasonCode } from '../../shared/model/charge.ts';
import { type MemberCode, parseMemberCode } from '../../shared/model/member.ts';
import { type Result, err, ok } from '../../shared/result.ts';

export interface MemberCodeFailure {
  code: Extract<ReasonCode, 'account.code_malformed' | 'account.code_expired'>;
}

/** A code that is this much past its end is refused here, without a question to the operator: clocks differ, ms. */
export const codeClockSkewMs = 5 * 60_000;

/**
 * Reads a member code (model/member.ts) and refuses what cannot be one: too long, another layout, characters that do not
 * belong, or out of date by more than clocks differ. Whether it is true only the operator can tell (signature, used once).
 * `nowMs`: the operator's time; null while it is not known, and then nothing is out of date here: a clock of ours that is
 * wrong would refuse every code.
 */
export function readMemberCode(text: string, nowMs: number | null): Result<MemberCode, MemberCodeFailure> {
  const code = parseMemberCode(text);
  if (code === null) return err({ code: 'account.code_malformed' });
  const { purpose, memberId, expiresAtMs, nonce } = code;
  if (nowMs !== null && expiresAtMs + codeClockSkewMs < nowMs) return err({ code: 'account.code_expired' });
  return ok({ purpose, memberId, expiresAtMs, nonce });
}
