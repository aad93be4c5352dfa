import { assert } from './assert.ts';

/**
 * Ids are ULIDs (github.com/ulid/spec: 48-bit ms time + 80 random bits, Crockford base 32, sorts by time)
 * with a short prefix that says what they name. A charge id is the idempotency key everywhere and equals the
 * provider's order number: at most 32 of [0-9A-Za-z_-].
 */
export type ChargeId = string & { readonly __brand: 'ChargeId' };
export type DisputeId = string & { readonly __brand: 'DisputeId' };
export type EnrolmentId = string & { readonly __brand: 'EnrolmentId' };
export type VisitId = string & { readonly __brand: 'VisitId' };

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const ulidPattern = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

/** Random bytes that one id takes. */
export const idRandomByteCount = 10;

export function makeChargeId(nowMs: number, random: Uint8Array): ChargeId {
  return `KM${ulid(nowMs, random)}` as ChargeId;
}
export function makeVisitId(nowMs: number, random: Uint8Array): VisitId {
  return `V${ulid(nowMs, random)}` as VisitId;
}

export function makeDisputeId(nowMs: number, random: Uint8Array): DisputeId {
  return `D${ulid(nowMs, random)}` as DisputeId;
}

/** Of one face on one cabinet; says nothing of the face. */
export function makeEnrolmentId(nowMs: number, random: Uint8Array): EnrolmentId {
  return `F${ulid(nowMs, random)}` as EnrolmentId;
}

/** Of an agreement that a member was asked for; it equals the provider's number of it. */
export function makeSignUpId(nowMs: number, random: Uint8Array): string {
  return `A${ulid(nowMs, random)}`;
}

const signUpIdPattern = new RegExp(`^A${ulidPattern}$`);
export function isSignUpId(text: string | null | undefined): text is string {
  return typeof text === 'string' && signUpIdPattern.test(text);
}

/** The part that people read out to customer service: the last 8 characters (40 random bits). */
export function shortRef(id: ChargeId): string {
  return id.slice(-8);
}

function ulid(nowMs: number, random: Uint8Array): string {
  assert(random.length === idRandomByteCount, 'an id takes 10 random bytes');
  assert(Number.isSafeInteger(nowMs) && nowMs >= 0 && nowMs < 2 ** 48, 'time does not fit in 48 bits');
  let bits = BigInt(nowMs);
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = (alphabet[Number(bits & 31n)] ?? '') + text;
    bits >>= 5n;
  }
  return text;
}
