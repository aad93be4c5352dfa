import { createHmac, timingSafeEqual } from 'node:crypto';

/** One-time codes of an authenticator: RFC 6238 over RFC 4226, with what every such app does: SHA-1, 6 digits, 30 s. */
const stepMs = 30_000;
const digits = 6;
/** Steps before and after that count, for clocks apart (RFC 6238, 5.2). */
const windowSteps = 1;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** As long as the hash (RFC 4226, section 4). */
export const totpSecretBytes = 20;

export function totpStepOf(nowMs: number): number {
  return Math.floor(nowMs / stepMs);
}

export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  // RFC 4226, 5.3: four bytes from where the last half byte says, without the sign.
  const number = mac.readUInt32BE((mac[mac.length - 1] ?? 0) & 0x0f) & 0x7f_ff_ff_ff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** No step after it has a code that counts now. */
export function newestStepAt(nowMs: number): number {
  return totpStepOf(nowMs) + windowSteps;
}

/** The step whose code this is, of those that count now; null: none. */
export function totpStepOfCode(secret: Uint8Array, code: string, nowMs: number): number | null {
  const now = totpStepOf(nowMs);
  const sent = Buffer.from(code);
  for (let step = now - windowSteps; step <= now + windowSteps; step++) {
    const expected = Buffer.from(totpCode(secret, step));
    if (sent.length === expected.length && timingSafeEqual(sent, expected)) return step;
  }
  return null;
}

/** As authenticators read it (RFC 4648, without padding). */
export function base32Of(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += base32[(held >> (bits - 5)) & 31] ?? '';
  }
  return bits > 0 ? text + (base32[(held << (5 - bits)) & 31] ?? '') : text;
}
