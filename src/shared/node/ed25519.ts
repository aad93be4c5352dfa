import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** What keys are in base64url: to read it out of one costs nearly as much as to sign. */
const known = new WeakMap<KeyObject, string>();

/** Raw Ed25519 public key in base64url → key; null when it is not 32 bytes in their only spelling. */
export function publicKeyFromRaw(publicKey: string): KeyObject | null {
  const raw = Buffer.from(publicKey, 'base64url');
  if (raw.length !== 32 || raw.toString('base64url') !== publicKey) return null;
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    known.set(key, publicKey);
    return key;
  } catch {
    return null;
  }
}

/**
 * The public key, raw 32 bytes in base64url, of a private or a public key: the last 32 bytes of the
 * SubjectPublicKeyInfo are the key itself (RFC 8410, 4).
 */
export function rawPublicKey(key: KeyObject): string {
  const before = known.get(key);
  if (before !== undefined) return before;
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64url');
  known.set(key, raw);
  return raw;
}
