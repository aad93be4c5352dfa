import type { KeyObject } from 'node:crypto';
import { sign, verify } from 'node:crypto';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import { err, ok } from '../../shared/result.ts';
import type { MemberCode, MemberCodePurpose } from '../../shared/model/member.ts';
import { memberCodePrefixes, parseMemberCode } from '../../shared/model/member.ts';

/** The operator's own Ed25519 key for member codes. */
export interface MemberCodeKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface MemberCodeFailure {
  readonly code: 'account.code_malformed' | 'account.code_unknown';
}

/** Makes the text that a member's phone shows (form: shared/model/member.ts). `expiresAtS` in seconds since the epoch. */
export function makeMemberCode(
  keys: MemberCodeKeys,
  random: Random,
  memberId: string,
  expiresAtS: number,
  purpose: MemberCodePurpose = 'visit',
): string {
  const nonce = Buffer.from(random.bytes(9)).toString('base64url');
  const signed = `${memberCodePrefixes[purpose]}.${memberId}.${expiresAtS.toString(36)}.${nonce}`;
  return `${signed}.${sign(null, Buffer.from(signed), keys.privateKey).toString('base64url')}`;
}

/**
 * Form and signature only; whether it has expired or was used is the caller's matter. `code_malformed`: not of the form;
 * `code_unknown`: of the form, but not signed by us.
 */
export function readMemberCode(
  keys: Pick<MemberCodeKeys, 'publicKey'>,
  text: string,
): Result<MemberCode, MemberCodeFailure> {
  const malformed = err({ code: 'account.code_malformed' as const });
  const code = parseMemberCode(text);
  if (code === null) return malformed;
  const { purpose, memberId, expiresAtMs, nonce, signed, signature: signatureText } = code;
  const signature = Buffer.from(signatureText, 'base64url');
  // 86 characters hold 4 bits more than 64 bytes: only one of the 16 spellings is the one we made.
  if (signature.toString('base64url') !== signatureText) return malformed;
  if (!verify(null, Buffer.from(signed), keys.publicKey, signature))
    return err({ code: 'account.code_unknown' });
  return ok({ purpose, memberId, expiresAtMs, nonce });
}
