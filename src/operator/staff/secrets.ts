import { randomBytes } from 'node:crypto';
import { base32Of } from './totp.ts';

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
