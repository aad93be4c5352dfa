import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalRequest, certificateSerial, decryptResource, notify, sign, verify } from './signing.ts';
import { certificatePem } from './test-server/certificate.ts';
import { makeKeyPair, seal, signBody, whyNotSigned } from './test-server/wire.ts';

/** By the key of that certificate; made with the openssl program, as it was. */
const signature =
  'LFRXEZjmW//UQAKRGaHE3iUNXnbMpm+zei4EDN0ozwPOGAkVhbGFr553BLlQp7xKH5d2Ggumdhk/csd7A6FW8z6C' +
  'iVsdUzpCGQu1oQGAUNdPWIZ/6mVIAN1DQwF/Af07s5ICNv6a3xTmD+bz44Y5+LQF65KuetZdgbTP9Ql5nGUjVHOR' +
  'Oaq5Axo08lljXTaQv9+Ipfpgqfzg7NVOxykidBXOc9vCcClJNMjqiwGZK1PPAPNGdMCd+hbl+22HvGwLtx2cz+Nr' +
  'kj4q8qcaWWBMSVMtOm30X7pOg7xsBaM5FLA5aNyQxvpOOSe/JuNP+Jf3F/lld1BdHmggdjLm6VCFgA==';
const timestamp = '1554208460';
const nonce = '593BEC0C930BF1AFEB40B4A08C8FB242';
const apiV3Key = '0123456789abcdef0123456789abcdef';
const pair = makeKeyPair();

describe('requests', () => {
  it('signs method, path with query, time, nonce and body, each with a line feed', () => {
    const path = '/v3/payscore/serviceorder?out_order_no=KM1*2&appid=wx1';
    expect(canonicalRequest('GET', path, 1_554_208_460, nonce, '')).toBe(
      `GET\n${path}\n1554208460\n${nonce}\n\n`,
    );
    const body = '{"a":"商品"}';
    const made = sign('POST', path, timestamp, nonce, body, pair.privatePem);
    const authorization =
      'WECHATPAY2-SHA256-RSA2048 mchid="1",serial_no="AB",' +
      `timestamp="${timestamp}",nonce_str="${nonce}",signature="${made}"`;
    const merchant = { mchid: '1', serial: 'AB', publicPem: pair.publicPem };
    const request = { method: 'POST', url: path, body };
    expect(whyNotSigned(request, authorization, merchant, Number(timestamp))).toBeNull();
    expect(whyNotSigned({ ...request, body: `${body} ` }, authorization, merchant, Number(timestamp))).toBe(
      'signature',
    );
  });

  it('says so when the key cannot be read', () => {
    expect(() => sign('GET', '/', 1, 'n', '', 'no key')).toThrow();
  });
});

describe('verify', () => {
  it('takes a certificate or a public key, and nothing that was altered', () => {
    expect(verify(timestamp, nonce, '{"a":1}', signature, certificatePem)).toBe(true);
    expect(verify(1_554_208_460, nonce, '{"a":1}', signature, certificatePem)).toBe(true);
    expect(verify(timestamp, nonce, '{"a":2}', signature, certificatePem)).toBe(false);
    expect(verify('1554208461', nonce, '{"a":1}', signature, certificatePem)).toBe(false);
    expect(verify(timestamp, `${nonce}0`, '{"a":1}', signature, certificatePem)).toBe(false);
    expect(verify(timestamp, nonce, '{"a":1}', signature, pair.publicPem)).toBe(false);
    expect(verify(timestamp, nonce, '{"a":1}', '', certificatePem)).toBe(false);
    expect(verify(timestamp, nonce, '{"a":1}', signature, 'no key')).toBe(false);
  });

  it('knows a certificate by its serial number', () => {
    expect(certificateSerial(certificatePem)).toBe('0A1B2C3D4E5F60718293A4B5C6D7E8F901234567');
    expect(() => certificateSerial('none')).toThrow();
  });
});

describe('decryptResource', () => {
  it('gives what was sealed, whatever it is', () => {
    const anything = (text: string) => {
      const { nonce: iv, associated_data: aad, ciphertext } = seal(text, apiV3Key, 'payscore');
      expect(decryptResource(apiV3Key, iv, aad, ciphertext)).toBe(text);
    };
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
    fc.assert(fc.property(texts, anything), { numRuns: 50, seed: 1 });
  });

  it('throws for another key, an altered byte, another context, a tag that was cut short', () => {
    const { nonce: iv, ciphertext } = seal('{"a":1}', apiV3Key, 'payscore');
    const bytes = Buffer.from(ciphertext, 'base64');
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(i) ^ 1, i);
      expect(() => decryptResource(apiV3Key, iv, 'payscore', altered.toString('base64'))).toThrow();
    }
    const otherKey = 'f'.repeat(32);
    expect(() => decryptResource(otherKey, iv, 'payscore', ciphertext)).toThrow();
    expect(() => decryptResource('short', iv, 'payscore', ciphertext)).toThrow();
    expect(() => decryptResource(apiV3Key, iv, 'refund', ciphertext)).toThrow();
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length).toString('base64');
      expect(() => decryptResource(apiV3Key, iv, 'payscore', cut)).toThrow();
    }
  });
});

describe('notify', () => {
  const nowS = 1_764_000_000;
  const options = { keys: { KEY: pair.publicPem }, apiV3Key, nowS, toleranceS: 300 };
  const noticeOf = (fields: object, resource: unknown = { mchid: '1' }) =>
    JSON.stringify({
      id: 'EV-1',
      event_type: 'PAYSCORE.USER_PAID',
      resource: seal(JSON.stringify(resource), apiV3Key, 'payscore'),
      ...fields,
    });
  const signed = (body: string, atS = nowS) => signBody(body, 'KEY', pair.privatePem, atS);

  it('gives what a proven notice says, however its headers are written', () => {
    const { headers, body } = signed(noticeOf({}));
    const expected = { ok: true, id: 'EV-1', eventType: 'PAYSCORE.USER_PAID', resource: { mchid: '1' } };
    expect(notify(headers, body, options)).toEqual(expected);
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(notify(upper, body, options)).toEqual(expected);
  });

  it.each([-300, 300])('takes a time-stamp of %i s beside ours', (offS) => {
    const { headers, body } = signed(noticeOf({}), nowS + offS);
    expect(notify(headers, body, options).ok).toBe(true);
  });

  it.each([-301, 301])('refuses one of %i s', (offS) => {
    const { headers, body } = signed(noticeOf({}), nowS + offS);
    expect(notify(headers, body, options)).toEqual({ ok: false, refusal: 'timestamp' });
  });

  it('refuses whatever is missing, altered or unknown, and says what', () => {
    const { headers, body } = signed(noticeOf({}));
    for (const name of Object.keys(headers))
      expect(notify({ ...headers, [name]: undefined }, body, options)).toEqual({
        ok: false,
        refusal: 'headers',
      });
    const refusalOf = (changed: Record<string, string>) => notify({ ...headers, ...changed }, body, options);
    expect(refusalOf({ 'wechatpay-timestamp': 'now' })).toEqual({ ok: false, refusal: 'headers' });
    expect(refusalOf({ 'wechatpay-serial': 'OTHER' })).toEqual({ ok: false, refusal: 'key' });
    expect(refusalOf({ 'wechatpay-serial': 'toString' })).toEqual({ ok: false, refusal: 'key' });
    // Replayed with a new time-stamp, or a probe of WeChat with a signature that is none.
    expect(refusalOf({ 'wechatpay-timestamp': String(nowS + 1) })).toEqual({
      ok: false,
      refusal: 'signature',
    });
    expect(refusalOf({ 'wechatpay-signature': 'WECHATPAY/SIGNTEST/abc' })).toEqual({
      ok: false,
      refusal: 'signature',
    });
    expect(notify(headers, `${body} `, options)).toEqual({ ok: false, refusal: 'signature' });
  });

  it.each([
    ['not json', 'body'],
    ['[]', 'body'],
    ['null', 'body'],
    [noticeOf({ id: 1 }), 'body'],
    [noticeOf({ event_type: undefined }), 'body'],
    [noticeOf({ resource: 'text' }), 'body'],
    [noticeOf({ resource: { algorithm: 'NONE', nonce: '', ciphertext: '' } }), 'body'],
    [noticeOf({ resource: { algorithm: 'AEAD_AES_256_GCM', nonce: 'n', ciphertext: 'AAAA' } }), 'resource'],
    [noticeOf({ resource: { ...seal('{}', apiV3Key, 'payscore'), associated_data: 1 } }), 'body'],
    [noticeOf({ resource: seal('{}', 'f'.repeat(32), 'payscore') }), 'resource'],
    [noticeOf({}, [1]), 'resource'],
    [noticeOf({ resource: seal('no json', apiV3Key, 'payscore') }), 'resource'],
  ])('refuses what is signed and cannot be read: %#', (body, refusal) => {
    const { headers } = signed(body);
    expect(notify(headers, body, options)).toEqual({ ok: false, refusal });
  });

  it('never throws', () => {
    const anything = (body: string, values: string[]) => {
      const headers = Object.fromEntries(
        ['timestamp', 'nonce', 'signature', 'serial'].map((name, i) => [`wechatpay-${name}`, values[i]]),
      );
      expect(notify(headers, body, options).ok).toBe(false);
    };
    const value = fc.oneof(fc.string(), fc.constant(String(nowS)), fc.constant('KEY'));
    const values = fc.array(value, { minLength: 4, maxLength: 4 });
    fc.assert(fc.property(fc.string(), values, anything), { numRuns: 200, seed: 1 });
  });
});
