import { createHash } from 'node:crypto';

/**
 * By what a policy for opening offline knows a member without naming them: the first 8 bytes of SHA-256 over `salt`, ":" and
 * the member's id, base64url (11 characters). Whoever has the list can ask it about an id that they have, and no more.
 */
export function memberDigest(salt: string, memberId: string): string {
  return createHash('sha256').update(`${salt}:${memberId}`).digest().subarray(0, 8).toString('base64url');
}
