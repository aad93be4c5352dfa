import { createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto';

/** Signing as Alipay does it; written from its documents with Node's own functions. */

export interface KeyPair {
  /** As Alipay's tools give keys: base64 without a frame. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly privatePem: string;
}

export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export function signText(text: string, privatePem: string): string {
  return createSign('RSA-SHA256').update(text).sign(privatePem, 'base64');
}

/** `name=value` of all but these names, sorted. */
export function sortedText(params: Readonly<Record<string, string>>, without: readonly string[]): string {
  const names = Object.keys(params).filter((name) => !without.includes(name));
  return names
    .sort()
    .map((name) => `${name}=${params[name] ?? ''}`)
    .join('&');
}

/** Why a request is not the app's own; null: it is. `nowMs`: wall time, by which its time-stamp may be 10 min off. */
export function whyNotSigned(
  params: Readonly<Record<string, string>>,
  app: { readonly appId: string; readonly publicKey: string },
  nowMs: number,
): 'isv.invalid-app-id' | 'isv.invalid-timestamp' | 'isv.invalid-signature' | null {
  if (params['app_id'] !== app.appId) return 'isv.invalid-app-id';
  const atMs = Date.parse(`${(params['timestamp'] ?? '').replace(' ', 'T')}+08:00`);
  if (!(Math.abs(atMs - nowMs) <= 600_000)) return 'isv.invalid-timestamp';
  const der = Buffer.from(app.publicKey, 'base64');
  const isOurs = createVerify('RSA-SHA256')
    .update(sortedText(params, ['sign']))
    .verify(createPublicKey({ key: der, format: 'der', type: 'spki' }), params['sign'] ?? '', 'base64');
  return isOurs ? null : 'isv.invalid-signature';
}

/** The form of a notice. Those about trades are signed without `sign_type`, those of the message service with it. */
export function signedForm(params: Readonly<Record<string, string>>, privatePem: string): string {
  const all = { ...params, sign_type: 'RSA2' };
  const without = 'msg_method' in params ? [] : ['sign_type'];
  return new URLSearchParams({
    ...all,
    sign: signText(sortedText(all, without), privatePem),
  }).toString();
}
