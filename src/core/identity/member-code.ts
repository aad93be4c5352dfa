import type { ReasonCode } from '../../shared/model/charge.ts';
import { memberCodeMaxLength, memberCodePrefix } from '../../shared/model/member.ts';
import { memberIdSchema } from '../../shared/model/member.schema.ts';
import { type Result, err, ok } from '../../shared/result.ts';

export interface MemberCodeFailure {
  code: Extract<ReasonCode, 'account.code_malformed' | 'account.code_expired'>;
}

/** A code that is this much past its end is refused here, without a question to the operator: clocks differ, ms. */
export const codeClockSkewMs = 5 * 60_000;

/** What a code says of itself; whether it is true only the operator can tell (signature, used once). */
export interface MemberCode {
  memberId: string;
  expiresAtMs: number;
  nonce: string;
}

/**
 * Reads the form of a member code (model/member.ts) and refuses what cannot be one: too long, another layout,
 * characters that do not belong, or out of date by more than clocks differ.
 */
export function readMemberCode(text: string, nowMs: number): Result<MemberCode, MemberCodeFailure> {
  const malformed = err({ code: 'account.code_malformed' as const });
  if (text.length > memberCodeMaxLength) return malformed;
  const match = /^([A-Z0-9]+)\.([^.]+)\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{12})\.([A-Za-z0-9_-]{86})$/.exec(
    text,
  );
  if (match?.[1] !== memberCodePrefix) return malformed;
  const [, , memberId = '', expires = '', nonce = ''] = match;
  if (!memberIdSchema.safeParse(memberId).success) return malformed;
  const expiresAtMs = parseInt(expires, 36) * 1000;
  if (!Number.isSafeInteger(expiresAtMs)) return malformed;
  if (expiresAtMs + codeClockSkewMs < nowMs) return err({ code: 'account.code_expired' });
  return ok({ memberId, expiresAtMs, nonce });
}
