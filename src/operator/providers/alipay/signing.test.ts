import { createPrivateKey } from 'node:crypto';
import { AlipaySdk } from 'alipay-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sign, signContent, verifyNotify, verifyResponse } from './signing.ts';
import { makeKeyPair, signedForm, signText, whyNotSigned } from './test-server/wire.ts';

/** A key of nobody, and two signatures by it; made with the openssl program. */
const publicKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvJ4qUtA3dgHYKCN9RmQg/o/16ibPS7s9pzbyAOPU7dV3xg/tAMCdR7t9HmrC' +
  's1cenlU8/Y6ZjVU0jA6Mz7lWdq11VFGRywT9gmEDlPWWvzfSRKKU/YMLaUUhQE001RnJmnrFZyYtfK/OPcOX3FY6wVXgQjciZC1a09Wv' +
  '61Eb7QUA4gFSkbcBpNuzLQc2ZolmhRoNSzKhg3hGXiZKX/QjHb9XszKgs9jYfxTza8VyEpjH2Z4dN9mZhJ1Tp3xVGljkOQu+Hd0r13+i' +
  'nLNVu5Kg5xvQEwZ52wq57Zm6cT8z9lg8nBlGR5Uhet1ikTetPe9YNFFu7XvmWG8PX+ukKlVBywIDAQAB';
const publicPem = `-----BEGIN PUBLIC KEY-----\n${publicKey}\n-----END PUBLIC KEY-----`;
const content =
  '{ "code":"10000","msg":"Success","trade_no":"2026041822001400001234567890",' +
  '"total_amount":"10.00","subject":"a\\/b } \\"sign\\" 商品" }';
const contentSignature =
  'QYH4605d6QDT/z/GWrJfIdtP1CDe5B5a01KSCOHTdUf/v3W+bj8fFu/cQ85UdWaTw31QNh1FXRyYrVjlwhMOgLbV' +
  '0OYUpOTKMXH+Udyo70JUGmcouZNL1vw5rG/kmVd9QfW6foFNpZhv5pBOVD2jES7PrX2kIU6XDtODE9Vs8zT7fQ1M' +
  'QhgoP014BWwzFSoFWtwklHars0Cp2YhVpoK9XYA+w2rXmkBgYjTrkMVPQGxkdzqFcvG6WVuYf6S7ZJFESX1zYRZQ' +
  'Zu44liZrhD4T9FO5mZjMunUpUcq7tw5rGn2ewfbKVPDAMvUTCMHxPN1BGtnqkZapJBESJzftuzGDeQ==';
const notice = {
  app_id: '2021000122671080',
  body: 'KM1',
  charset: 'utf-8',
  out_trade_no: 'ZMCB99',
  subject: 'a b',
  total_amount: '10.50',
  trade_status: 'TRADE_SUCCESS',
};
const noticeSignature =
  'S5Q8xwxPcD9LBD4FVsggI+2xgw28rshxQl1dtPL54HqI24729mlDOy1xj9Kp/BUnG/ttj1e+u5kw2DIXkM1sHhiM' +
  'nlr1N9aYpTQq8kyCyqkt1SgOR1/pKZb/erzq2zDfcx63G4w7uZ7b5Mt26yYilrLvKv4+GB3suPMVrJYzB7HlEBsX' +
  'SU64DEW0J9WIw6aI3q3anDL0qraFWQv/CEt03GGkP4/Koq7vGBuPfo1zi4rWKUWMkUCHdEq3Gba7t5h0CQIBMVtJ' +
  'ObJ3Z0vhn0mOF2d4CIdec3GVALZf2oZT6rlJM7C3jYnxx9Mc/fXMMLSo/I5do/ONK1GMjYhD1XQyeA==';
const pair = makeKeyPair();
const method = 'alipay.trade.query';
const name = 'alipay_trade_query_response';

describe('requests', () => {
  const params = { method: 'alipay.trade.query', app_id: '1', version: '1.0', sign: 'old', empty: '' };

  it('signs what is sorted, without the signature and what is empty', () => {
    expect(signContent(params)).toBe('app_id=1&method=alipay.trade.query&version=1.0');
    expect(sign(params, pair.privateKey)).toBe(sign(signContent(params), pair.privatePem));
  });

  it('signs as the official library does, with any kind of key', () => {
    const key = createPrivateKey(pair.privatePem);
    const pkcs1 = key.export({ type: 'pkcs1', format: 'der' }).toString('base64');
    const library = new AlipaySdk({ appId: '1', privateKey: pair.privateKey, keyType: 'PKCS8' });
    const bizContent = { out_trade_no: 'ZMCB1', total_amount: '10.50', subject: '商品 a+b' };
    const made = library.sdkExecute(method, { bizContent });
    const { sign: theirs, ...theirParams } = Object.fromEntries(
      new URLSearchParams(made.replaceAll('+', '%2B')),
    );
    for (const privateKey of [pair.privateKey, pair.privatePem, pkcs1])
      expect(sign(theirParams, privateKey)).toBe(theirs);
  });

  it('is the app its key and time say', () => {
    const app = { appId: '1', publicKey: pair.publicKey };
    const nowMs = Date.UTC(2026, 10, 29, 4);
    const request = { app_id: '1', timestamp: '2026-11-29 12:00:00', biz_content: '{"a":"商品"}' };
    const signed = { ...request, sign: sign(request, pair.privateKey) };
    expect(whyNotSigned(signed, app, nowMs)).toBeNull();
    expect(whyNotSigned({ ...signed, biz_content: '{"a":"商品" }' }, app, nowMs)).toBe(
      'isv.invalid-signature',
    );
    expect(whyNotSigned(signed, app, nowMs + 601_000)).toBe('isv.invalid-timestamp');
  });

  it('says so when the key cannot be read', () => {
    for (const key of ['', 'no key', pair.publicKey]) expect(() => sign('a=1', key)).toThrow();
  });
});

describe('answers', () => {
  const proven = { ok: true, content };
  const answer = `{"${name}":${content},"sign":"${contentSignature}"}`;

  it('are proven by their raw text, wherever the signature stands and whatever they have in them', () => {
    for (const key of [publicKey, publicPem]) expect(verifyResponse(answer, method, [key])).toEqual(proven);
    expect(verifyResponse(answer, name, [publicKey])).toEqual(proven);
    const others = '"alipay_cert_sn":"ab","other":[1,{"a":"]}"}]';
    const first = ` {"sign" : "${contentSignature}" ,\n${others} , "${name}" : ${content} }\n`;
    expect(verifyResponse(first, method, [publicKey])).toEqual(proven);
    const escaped = `{"${name}":${content},"sign":"${contentSignature.replaceAll('/', '\\/')}"}`;
    expect(verifyResponse(escaped, method, [publicKey])).toEqual(proven);
    const error = `{"error_response":${content},"sign":"${contentSignature}"}`;
    expect(verifyResponse(error, method, [publicKey])).toEqual(proven);
  });

  it('are proven by any of the keys while they are rotated', () => {
    expect(verifyResponse(answer, method, [pair.publicKey, publicKey])).toEqual(proven);
    expect(verifyResponse(answer, method, [publicKey, 'no key'])).toEqual(proven);
    const refused = { ok: false, refusal: 'signature' };
    expect(verifyResponse(answer, method, [pair.publicKey, 'no key'])).toEqual(refused);
    expect(verifyResponse(answer, method, [])).toEqual(refused);
  });

  it('that mean the same and are written otherwise are not proven', () => {
    const written = JSON.stringify(JSON.parse(content));
    const text = `{"${name}":${written},"sign":"${contentSignature}"}`;
    expect(verifyResponse(text, method, [publicKey])).toEqual({ ok: false, refusal: 'signature' });
  });

  it.each([
    ['no answer', '<html>系统维护中</html>', 'shape'],
    ['nothing', '', 'shape'],
    ['an empty one', '{}', 'shape'],
    ['another call', `{"alipay_trade_pay_response":${content},"sign":"${contentSignature}"}`, 'shape'],
    ['one beside it under the same name', `${answer.slice(0, -1)},"${name}":{"code":"10000"}}`, 'shape'],
    ['the same name in other letters', `${answer.slice(0, -1)},"\\u0061${name.slice(1)}":{}}`, 'shape'],
    ['two signatures', `${answer.slice(0, -1)},"sign":"${contentSignature}"}`, 'shape'],
    ['something behind it', `${answer}{}`, 'shape'],
    ['a part of it', answer.slice(0, -1), 'shape'],
    ['a text instead', `{"${name}":"${contentSignature}","sign":"${contentSignature}"}`, 'shape'],
    ['no signature', `{"${name}":${content}}`, 'unsigned'],
    ['an empty signature', `{"${name}":${content},"sign":""}`, 'unsigned'],
    ['a signature that is no text', `{"${name}":${content},"sign":1}`, 'unsigned'],
    ['another signature', `{"${name}":${content},"sign":"AAAA"}`, 'signature'],
  ])('%s is refused', (_, text, refusal) => {
    expect(verifyResponse(text, method, [publicKey])).toEqual({ ok: false, refusal });
  });

  it('each byte counts', () => {
    const at = answer.indexOf('{', 2);
    for (let i = at; i < at + content.length; i += 3) {
      const other = String.fromCharCode(answer.charCodeAt(i) ^ 1);
      const text = `${answer.slice(0, i)}${other}${answer.slice(i + 1)}`;
      expect(verifyResponse(text, method, [publicKey]).ok).toBe(false);
    }
  });

  it('what is proven can be read as it was meant, whatever it is', () => {
    const anything = (value: object) => {
      const inner = JSON.stringify(value, null, 1);
      const text = `{"${name}":${inner},"sign":"${signText(inner, pair.privatePem)}"}`;
      const read = verifyResponse(text, method, [pair.publicKey]);
      expect(read).toEqual({ ok: true, content: inner });
    };
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), anything), { numRuns: 100, seed: 1 });
  });

  it('never throws', () => {
    const part = fc.constantFrom('{', '}', '"', '\\', ':', ',', '[', ']', name, 'sign', ' ', '1', '"a"');
    const anything = (parts: string[]) => {
      expect(verifyResponse(parts.join(''), method, [publicKey]).ok).toBe(false);
    };
    fc.assert(fc.property(fc.array(part, { maxLength: 20 }), anything), { numRuns: 500, seed: 2 });
  });
});

describe('notices', () => {
  const signed = { ...notice, sign: noticeSignature, sign_type: 'RSA2' };
  const form = (params: Record<string, string>) => new URLSearchParams(params).toString();

  it('are proven by their parameters, in any order, from the form or from what it says', () => {
    const reversed = Object.fromEntries(Object.entries(signed).reverse());
    for (const params of [signed, reversed])
      for (const body of [params, form(params), form(params).replaceAll('+', '%20')])
        expect(verifyNotify(body, ['no key', publicPem])).toEqual({ ok: true, params: signed });
  });

  it('about trades are signed without the kind of signature, those of the message service with it', () => {
    for (const params of [notice, { ...notice, msg_method: 'a.b.changed', biz_content: '{"a":"/ +&=%商"}' }])
      expect(verifyNotify(signedForm(params, pair.privatePem), [pair.publicKey])).toMatchObject({
        ok: true,
        params,
      });
  });

  it.each([
    ['an altered value', { ...signed, total_amount: '99.50' }, 'signature'],
    ['one more parameter', { ...signed, gmt_refund: '' }, 'signature'],
    ['one less', { ...signed, body: undefined }, 'signature'],
    ['the old kind of signature', { ...signed, sign_type: 'RSA' }, 'unsigned'],
    ['no signature', { ...signed, sign: undefined }, 'unsigned'],
    ['another signature', { ...signed, sign: contentSignature }, 'signature'],
    ['another encoding', { ...signed, charset: 'GBK' }, 'shape'],
  ])('%s is refused', (_, params, refusal) => {
    const body = form(JSON.parse(JSON.stringify(params)) as Record<string, string>);
    expect(verifyNotify(body, [publicKey])).toEqual({ ok: false, refusal });
  });

  it('in which a name stands twice, or nothing at all, are none', () => {
    for (const body of [`${form(signed)}&total_amount=10.50`, ''])
      expect(verifyNotify(body, [publicKey])).toEqual({ ok: false, refusal: 'shape' });
  });

  it('of a stranger with thousands of parameters are not even verified', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`p${n}`, '']));
    const forged = form({ ...many, ...signed });
    expect(verifyNotify(forged, [publicKey])).toEqual({ ok: false, refusal: 'shape' });
    // Alipay's own are not refused for some that we do not know.
    const more = Object.fromEntries(Object.entries(many).slice(0, 100));
    const body = signedForm({ ...notice, ...more }, pair.privatePem);
    expect(verifyNotify(body, [pair.publicKey])).toMatchObject({ ok: true, params: more });
  });

  it('never throws', () => {
    const anything = (body: string) => {
      expect(verifyNotify(body, [publicKey]).ok).toBe(false);
    };
    fc.assert(fc.property(fc.string(), anything), { numRuns: 200, seed: 1 });
  });
});
