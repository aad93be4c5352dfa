import * as alipaySigning from './alipay/signing.ts';
import * as stripeSigning from './stripe/signing.ts';
import * as wechatSigning from './wechat/signing.ts';
import type { Notified, NotifyOptions } from './wechat/signing.ts';

/**
 * What `npm run provider-shim` gives to programs outside: the adapters' functions for signatures and notices, with plain
 * arguments (docs/provider-shim.md). All of it is production code; here arguments are only checked and errors named.
 */

/** `argument`: not what the table says; the others: it is not a key, a certificate, a ciphertext of this key. */
export type ShimErrorCode = 'argument' | 'key' | 'certificate' | 'ciphertext';

/** Why a function of the shim has no result. */
export class ShimError extends Error {
  override readonly name = 'ShimError';
  readonly code: ShimErrorCode;

  constructor(code: ShimErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** UTF-8 where it is bytes. */
type Text = string | Uint8Array;

function textOf(value: unknown, what: string): string {
  return typeof value === 'string' ? value : Buffer.from(bytesOf(value, what)).toString('utf8');
}

function timestampOf(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : textOf(value, 'the time-stamp');
  if (!/^\d{1,15}$/.test(text)) throw new ShimError('argument', 'the time-stamp is no number of seconds');
  return text;
}

function numberOf(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ShimError('argument', `${what} is no number`);
}

function recordOf(value: unknown, what: string): Record<string, string> {
  if (typeof value !== 'object' || value === null) throw new ShimError('argument', `${what} is no object`);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([name, one]) => [name, textOf(one, `${what}: ${name}`)]));
}

/** What a function of production code throws is this. */
function named<T>(code: ShimErrorCode, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ShimError) throw error;
    throw new ShimError(code, error instanceof Error ? error.message : String(error), error);
  }
}

type Timestamp = string | number;

export const wechat = {
  canonicalRequest(
    method: Text,
    urlPathWithQuery: Text,
    timestamp: Timestamp,
    nonce: Text,
    body: Text,
  ): string {
    return wechatSigning.canonicalRequest(
      textOf(method, 'the method'),
      textOf(urlPathWithQuery, 'the path'),
      timestampOf(timestamp),
      textOf(nonce, 'the nonce'),
      textOf(body, 'the body'),
    );
  },

  sign(
    method: Text,
    urlPathWithQuery: Text,
    timestamp: Timestamp,
    nonce: Text,
    body: Text,
    privateKeyPem: Text,
  ): string {
    const key = textOf(privateKeyPem, 'the key');
    return named('key', () =>
      wechatSigning.sign(
        textOf(method, 'the method'),
        textOf(urlPathWithQuery, 'the path'),
        timestampOf(timestamp),
        textOf(nonce, 'the nonce'),
        textOf(body, 'the body'),
        key,
      ),
    );
  },

  verify(
    timestamp: Timestamp,
    nonce: Text,
    body: Text,
    signatureBase64: Text,
    publicKeyOrCertificatePem: Text,
  ): boolean {
    return wechatSigning.verify(
      timestampOf(timestamp),
      textOf(nonce, 'the nonce'),
      textOf(body, 'the body'),
      textOf(signatureBase64, 'the signature'),
      textOf(publicKeyOrCertificatePem, 'the key'),
    );
  },

  decryptResource(apiV3Key: Text, nonce: Text, associatedData: Text, ciphertextBase64: Text): string {
    return named('ciphertext', () =>
      wechatSigning.decryptResource(
        textOf(apiV3Key, 'the API v3 key'),
        textOf(nonce, 'the nonce'),
        textOf(associatedData, 'the associated data'),
        textOf(ciphertextBase64, 'the ciphertext'),
      ),
    );
  },

  certificateSerial(pem: Text): string {
    return named('certificate', () => wechatSigning.certificateSerial(textOf(pem, 'the certificate')));
  },

  notify(headers: Record<string, Text>, body: Text, options: NotifyOptions): Notified {
    return wechatSigning.notify(recordOf(headers, 'the headers'), textOf(body, 'the body'), {
      keys: recordOf(options.keys, 'the keys'),
      apiV3Key: textOf(options.apiV3Key, 'the API v3 key'),
      nowS: numberOf(options.nowS, 'nowS'),
      toleranceS: numberOf(options.toleranceS, 'toleranceS'),
    });
  },
};

/** Keys are PEM, or the bare base64 that Alipay's tools give; of public ones one or several (they are being rotated). */
export const alipay = {
  sign(params: Record<string, Text> | Text, privateKey: Text): string {
    const content = paramsOf(params, 'the parameters');
    const key = textOf(privateKey, 'the key');
    return named('key', () => alipaySigning.sign(content, key));
  },

  verifyNotify(
    body: Record<string, Text> | Text,
    publicKeys: Text | readonly Text[],
  ): ReturnType<typeof alipaySigning.verifyNotify> {
    return alipaySigning.verifyNotify(paramsOf(body, 'the notice'), keysOf(publicKeys));
  },

  verifyResponse(
    text: Text,
    method: Text,
    publicKeys: Text | readonly Text[],
  ): ReturnType<typeof alipaySigning.verifyResponse> {
    return alipaySigning.verifyResponse(
      textOf(text, 'the answer'),
      textOf(method, 'the method'),
      keysOf(publicKeys),
    );
  },
};

/** A parameter that was parsed is the text that the official library makes of it: its JSON. */
function paramsOf(value: unknown, what: string): Record<string, string> | string {
  if (typeof value === 'string' || value instanceof Uint8Array) return textOf(value, what);
  if (typeof value !== 'object' || value === null) throw new ShimError('argument', `${what} is no object`);
  const texts = Object.entries(value).map(([name, one]: [string, unknown]) => {
    const isParsed = typeof one === 'object' && one !== null && !(one instanceof Uint8Array);
    return [name, isParsed ? JSON.stringify(one) : one] as const;
  });
  return recordOf(Object.fromEntries(texts), what);
}

function keysOf(value: unknown): string[] {
  return listOf(value).map((key) => textOf(key, 'the key'));
}

interface StripeOptions {
  /** Of the endpoint: one, or several while they are rotated. */
  readonly secrets: Text | readonly Text[];
  readonly nowS: number;
  readonly toleranceS: number;
}

export const stripe = {
  verifyWebhook(
    body: Text,
    signatureHeader: Text,
    options: StripeOptions,
  ): ReturnType<typeof stripeSigning.verifyWebhook> {
    // Signed are bytes, whatever they are.
    const bytes = typeof body === 'string' ? body : Buffer.from(bytesOf(body, 'the body'));
    return stripeSigning.verifyWebhook(bytes, textOf(signatureHeader, 'the header'), {
      secrets: listOf(options.secrets).map((secret) => textOf(secret, 'the secret')),
      nowS: numberOf(options.nowS, 'nowS'),
      toleranceS: numberOf(options.toleranceS, 'toleranceS'),
    });
  },
};

function bytesOf(value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ShimError('argument', `${what} is neither a text nor bytes`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
