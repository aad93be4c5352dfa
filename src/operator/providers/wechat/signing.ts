import { X509Certificate } from 'node:crypto';
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin';

/**
 * Signatures and notices of WeChat Pay API v3, as pure functions of texts: nothing here knows a clock, a network or us.
 * The algorithms are the official library's; what it leaves open (short authentication tags, its own clock) is closed here.
 */

/** Bytes of the authentication tag at the end of a ciphertext. */
const tagByteCount = 16;
const apiV3KeyByteCount = 32;

/**
 * What is signed of a request: method, path with query, time-stamp (s), nonce and body, each ended by a line feed. `body`: as
 * sent; empty for GET.
 */
export function canonicalRequest(
  method: string,
  urlPathWithQuery: string,
  timestamp: string | number,
  nonce: string,
  body: string,
): string {
  return Formatter.request(method, urlPathWithQuery, timestamp, nonce, body);
}

/** The signature of a request: RSA-SHA256, base64. Throws when the key cannot be read. */
export function sign(
  method: string,
  urlPathWithQuery: string,
  timestamp: string | number,
  nonce: string,
  body: string,
  privateKeyPem: string,
): string {
  const key = Rsa.from(privateKeyPem, Rsa.KEY_TYPE_PRIVATE);
  return Rsa.sign(canonicalRequest(method, urlPathWithQuery, timestamp, nonce, body), key);
}

/** Whether an answer or a notice is signed by this key. False for a signature or a key that cannot be read, too. */
export function verify(
  timestamp: string | number,
  nonce: string,
  body: string,
  signatureBase64: string,
  publicKeyOrCertificatePem: string,
): boolean {
  try {
    const key = Rsa.from(publicKeyOrCertificatePem, Rsa.KEY_TYPE_PUBLIC);
    return Rsa.verify(Formatter.response(timestamp, nonce, body), signatureBase64, key);
  } catch {
    return false;
  }
}

/**
 * The text of an encrypted resource (AES-256-GCM, the tag of 16 bytes at its end). `apiV3Key`: 32 bytes as text. Throws when
 * it was altered, or is another key's.
 */
export function decryptResource(
  apiV3Key: string,
  nonce: string,
  associatedData: string,
  ciphertextBase64: string,
): string {
  // The library takes shorter tags, which are easier to forge.
  if (Buffer.from(ciphertextBase64, 'base64').length < tagByteCount)
    throw new Error('the ciphertext is shorter than its tag');
  if (Buffer.byteLength(apiV3Key) !== apiV3KeyByteCount) throw new Error('the API v3 key has 32 bytes');
  return Aes.AesGcm.decrypt(ciphertextBase64, apiV3Key, nonce, associatedData);
}

/** The serial number of a certificate, upper-case hex. Throws when it is none. */
export function certificateSerial(pem: string): string {
  return new X509Certificate(pem).serialNumber.toUpperCase();
}

/** Why nothing of a notice, or of an answer, counts. */
export type Refusal =
  /** One of the four headers is not there, or is no number. */
  | 'headers'
  /** The time-stamp is further from now than is allowed. */
  | 'timestamp'
  /** Signed with a key that we do not know. */
  | 'key'
  | 'signature'
  /** The body is not the JSON of a notice. */
  | 'body'
  /** The resource was altered, or encrypted with another key. */
  | 'resource';

export interface NotifyOptions {
  /** Public keys or certificates (PEM), by the id or serial number that the header names. Several: they are being rotated. */
  readonly keys: Readonly<Record<string, string>>;
  readonly apiV3Key: string;
  /** Unix time, s. */
  readonly nowS: number;
  /** How far the time-stamp may be from now, both ways, s. */
  readonly toleranceS: number;
}

export type Notified =
  | {
      readonly ok: true;
      readonly id: string;
      readonly eventType: string;
      /** Decrypted; JSON of an object. */
      readonly resource: Readonly<Record<string, unknown>>;
    }
  | { readonly ok: false; readonly refusal: Refusal };

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Whether these headers prove this body: null, or why not. `headers`: names in any case. Answers are signed the same way as
 * notices.
 */
export function refusalOf(
  headers: Headers,
  body: string,
  { keys, nowS, toleranceS }: Omit<NotifyOptions, 'apiV3Key'>,
): Refusal | null {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const timestamp = byName.get('wechatpay-timestamp') ?? '';
  const nonce = byName.get('wechatpay-nonce') ?? '';
  const signature = byName.get('wechatpay-signature') ?? '';
  const serial = byName.get('wechatpay-serial') ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || nonce === '' || signature === '' || serial === '') return 'headers';
  if (Math.abs(Number(timestamp) - nowS) > toleranceS) return 'timestamp';
  const key = Object.hasOwn(keys, serial) ? keys[serial] : undefined;
  if (key === undefined) return 'key';
  return verify(timestamp, nonce, body, signature, key) ? null : 'signature';
}

/** Proves and decrypts a notice: what it says, or why nothing of it counts. `body`: as it arrived. Never throws. */
export function notify(headers: Headers, body: string, options: NotifyOptions): Notified {
  const refusal = refusalOf(headers, body, options);
  if (refusal !== null) return { ok: false, refusal };
  const notice = objectOf(body);
  const resource = notice?.['resource'];
  if (notice === null || !isObject(resource)) return { ok: false, refusal: 'body' };
  const { id, event_type: eventType } = notice;
  const { algorithm, nonce, associated_data: associatedData = '', ciphertext } = resource;
  if (typeof id !== 'string' || typeof eventType !== 'string') return { ok: false, refusal: 'body' };
  if (algorithm !== 'AEAD_AES_256_GCM' || typeof nonce !== 'string' || typeof ciphertext !== 'string')
    return { ok: false, refusal: 'body' };
  if (typeof associatedData !== 'string') return { ok: false, refusal: 'body' };
  try {
    const text = decryptResource(options.apiV3Key, nonce, associatedData, ciphertext);
    const decrypted = objectOf(text);
    return decrypted === null
      ? { ok: false, refusal: 'resource' }
      : { ok: true, id, eventType, resource: decrypted };
  } catch {
    return { ok: false, refusal: 'resource' };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a JSON text stands for; null: none. */
function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
