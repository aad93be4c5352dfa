import { createHash, createHmac, randomBytes } from 'node:crypto';

/** The form of `newToken`. */
export const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits for a cookie or a one-time token. Only their hash is ever stored. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 (hex): enough for what is random, and looked up by. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** What the page has to say with each change: only who has the session's cookie, or was told by us, can know it. */
export function csrfOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('kaimen csrf').digest('base64url');
}
