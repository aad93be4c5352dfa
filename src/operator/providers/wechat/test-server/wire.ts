import {
  createCipheriv,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';

/** Signing and sealing as WeChat does it; written from its documents with Node's own functions. */

export interface KeyPair {
  readonly privatePem: string;
  readonly publicPem: string;
}

export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export interface Signed {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A body with the four headers that prove it. `atS`: Unix time, s. */
export function signBody(body: string, keyId: string, privatePem: string, atS: number): Signed {
  const nonce = randomBytes(16).toString('hex');
  const text = `${atS}\n${nonce}\n${body}\n`;
  const signature = createSign('RSA-SHA256').update(text).sign(privatePem, 'base64');
  const headers = {
    'wechatpay-serial': keyId,
    'wechatpay-timestamp': String(atS),
    'wechatpay-nonce': nonce,
    'wechatpay-signature': signature,
  };
  return { headers, body };
}

/** Why a request is not the merchant's; null: it is. */
export function whyNotSigned(
  request: { readonly method: string; readonly url: string; readonly body: string },
  authorization: string,
  merchant: { readonly mchid: string; readonly serial: string; readonly publicPem: string },
  nowS: number,
): string | null {
  const [scheme, rest = ''] = authorization.split(' ', 2);
  if (scheme !== 'WECHATPAY2-SHA256-RSA2048') return 'scheme';
  const fields = new Map(
    rest.split(',').map((part) => {
      const [, name = '', value = ''] = /^(\w+)="(.*)"$/.exec(part) ?? [];
      return [name, value];
    }),
  );
  const timestamp = fields.get('timestamp') ?? '';
  if (fields.get('mchid') !== merchant.mchid) return 'mchid';
  if (fields.get('serial_no') !== merchant.serial) return 'serial_no';
  if (!/^\d+$/.test(timestamp) || Math.abs(Number(timestamp) - nowS) > 300) return 'timestamp';
  const text = `${request.method}\n${request.url}\n${timestamp}\n${fields.get('nonce_str') ?? ''}\n${request.body}\n`;
  const isOurs = createVerify('RSA-SHA256')
    .update(text)
    .verify(createPublicKey(merchant.publicPem), fields.get('signature') ?? '', 'base64');
  return isOurs ? null : 'signature';
}

/** A resource as notices carry it. */
export function seal(plain: string, apiV3Key: string, originalType: string) {
  const nonce = randomBytes(6).toString('hex');
  const associatedData = originalType;
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce));
  cipher.setAAD(Buffer.from(associatedData));
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return {
    algorithm: 'AEAD_AES_256_GCM',
    original_type: originalType,
    ciphertext: sealed.toString('base64'),
    nonce,
    associated_data: associatedData,
  };
}
