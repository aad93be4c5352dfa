import { totpCode, totpStepOf } from '../../operator/staff/totp.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What authenticators make of the text that people type in. */
export function bytesOfBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

/** The code that an authenticator with this key shows `steps` of 30 s from then. */
export function codeOfAuthenticator(secretText: string, atMs: number, steps = 0): string {
  return totpCode(bytesOfBase32(secretText), totpStepOf(atMs) + steps);
}
