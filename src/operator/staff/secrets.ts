import { createHash, createHmac, randomBytes } from 'node:crypto';
import { base32Of } from './totp.ts';

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

/** 80 random bits in four groups of four letters and digits. */
export function newRecoveryCode(): string {
  const text = base32Of(randomBytes(10)).toLowerCase();
  return text.replace(/(.{4})(?=.)/g, '$1-');
}

/** As it is hashed, however it was typed; null: it has not the form of one. */
export function readRecoveryCode(typed: string): string | null {
  const text = typed.toLowerCase().replaceAll(/[\s-]/g, '');
  return /^[a-z2-7]{16}$/.test(text) ? text.replace(/(.{4})(?=.)/g, '$1-') : null;
}
