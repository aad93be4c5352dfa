import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { KeySecret } from '../members/member-code-secret.ts';

/**
 * What is made of the operator's one secret (MEMBER_CODE_SECRET_FILE) for the people who work here: a key for what
 * authenticators share with us, and one for the log of acts. Without the secret (development) the first is not sealed, and the
 * second is one that everybody can make.
 */
export class StaffKeys {
  readonly #sealing: Buffer | null;
  readonly logKey: Buffer;

  constructor(secret: KeySecret) {
    this.#sealing = secret === null ? null : keyOf(secret, 'kaimen staff authenticators');
    this.logKey = keyOf(secret ?? '', 'kaimen staff log');
  }

  /** `of`: whose it is; nobody else's row can be put in its place. */
  seal(bytes: Uint8Array, of: string): string {
    if (this.#sealing === null) return `plain:${Buffer.from(bytes).toString('base64url')}`;
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce).setAAD(Buffer.from(of));
    const sealed = Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    return `gcm:${sealed.toString('base64url')}`;
  }

  /** Null: sealed with another secret, or for somebody else. What is from a time without a secret is read. */
  open(text: string, of: string): Buffer | null {
    const [form, value = ''] = text.split(':');
    const bytes = Buffer.from(value, 'base64url');
    if (form === 'plain') return bytes;
    if (this.#sealing === null || bytes.length < 28) return null;
    const decipher = createDecipheriv('aes-256-gcm', this.#sealing, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(of)).setAuthTag(bytes.subarray(-16));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    } catch {
      return null;
    }
  }
}

function keyOf(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
}
