import type { KeyObject } from 'node:crypto';
import { sign, verify } from 'node:crypto';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import { err, ok } from '../../shared/result.ts';
import { memberCodeMaxLength, memberCodePrefix } from '../../shared/model/member.ts';

/** The operator's own Ed25519 key for member codes. */
export interface MemberCodeKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface MemberCode {
  readonly memberId: string;
  readonly expiresAtMs: number;
  /** What makes the code work once. */
  readonly nonce: string;
}

export interface MemberCodeFailure {
  readonly code: 'account.code_malformed' | 'account.code_unknown';
}

// Ten base-36 digits stay below 2^53 seconds; a code made today has six.
const form = /^([A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{12})$/;
const signatureForm = /^[A-Za-z0-9_-]{86}$/;

/** Makes the text that a member's phone shows (form: shared/model/member.ts). `expiresAtS` in seconds since the epoch. */
export function makeMemberCode(
  keys: MemberCodeKeys,
  random: Random,
  memberId: string,
  expiresAtS: number,
): string {
  const nonce = Buffer.from(random.bytes(9)).toString('base64url');
  const signed = `${memberCodePrefix}.${memberId}.${expiresAtS.toString(36)}.${nonce}`;
  return `${signed}.${sign(null, Buffer.from(signed), keys.privateKey).toString('base64url')}`;
}

/**
 * Form and signature only; whether it has expired or was used is the caller's matter. `code_malformed`: not of the form;
 * `code_unknown`: of the form, but not signed by us.
 */
export function readMemberCode(keys: MemberCodeKeys, text: string): Result<MemberCode, MemberCodeFailure> {
  const malformed = err({ code: 'account.code_malformed' as const });
  if (text.length > memberCodeMaxLength || !text.startsWith(`${memberCodePrefix}.`)) return malformed;
  const lastDot = text.lastIndexOf('.');
  const signed = text.slice(0, lastDot);
  const signatureText = text.slice(lastDot + 1);
  const parts = form.exec(signed.slice(memberCodePrefix.length + 1));
  if (parts === null || !signatureForm.test(signatureText)) return malformed;
  const [, memberId = '', expires = '', nonce = ''] = parts;
  const signature = Buffer.from(signatureText, 'base64url');
  // 86 characters hold 4 bits more than 64 bytes: only one of the 16 spellings is the one we made.
  if (signature.toString('base64url') !== signatureText) return malformed;
  if (!verify(null, Buffer.from(signed), keys.publicKey, signature))
    return err({ code: 'account.code_unknown' });
  return ok({ memberId, expiresAtMs: Number.parseInt(expires, 36) * 1000, nonce });
}
