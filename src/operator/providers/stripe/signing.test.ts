import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { expect, it } from 'vitest';
import { verifyWebhook } from './signing.ts';

const secret = 'whsec_test_secret';
const nowS = 1_795_000_000;
const body = '{"id":"evt_1","object":"event"}';
const options = { secrets: [secret], nowS, toleranceS: 300 };
const v1 = (text: string | Buffer, key = secret, atS = nowS): string =>
  createHmac('sha256', key).update(`${atS}.`).update(text).digest('hex');
const header = `t=${nowS},v1=${v1(body)}`;
const refused = (refusal: string) => ({ ok: false, refusal });

it('believes what the library of Stripe has signed', () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 0, max: 300 }), (payload, ageS) => {
      const signed = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: nowS - ageS });
      expect(verifyWebhook(payload, signed, options)).toEqual({ ok: true });
      expect(verifyWebhook(Buffer.from(payload), signed, options)).toEqual({ ok: true });
    }),
  );
});

it('any one of several signatures and secrets suffices, and other schemes count nothing', () => {
  const wrong = '0'.repeat(64);
  expect(verifyWebhook(body, `t=${nowS},v1=${wrong},v1=${v1(body)},v0=x`, options)).toEqual({ ok: true });
  for (const secrets of [
    ['whsec_new', secret],
    [secret, 'whsec_old'],
  ])
    expect(verifyWebhook(body, header, { ...options, secrets })).toEqual({ ok: true });
  expect(verifyWebhook(body, `t=${nowS},v0=${v1(body)}`, options)).toEqual(refused('headers'));
});

it.each([
  undefined,
  '',
  'v1',
  't=,v1=',
  `v1=${v1(body)}`,
  `t=${nowS}`,
  `t=now,v1=${v1(body)}`,
  `t=${nowS},v1=abc`,
])('a header that proves nothing: %s', (said) => {
  expect(verifyWebhook(body, said, options)).toEqual(refused('headers'));
});

it('another body, secret or time-stamp is refused, byte for byte', () => {
  const bytes = Buffer.from(body);
  for (let i = 0; i < bytes.length; i++) {
    const altered = Buffer.from(bytes);
    altered.writeUInt8(altered.readUInt8(i) ^ 0x80, i);
    expect(verifyWebhook(altered, header, options)).toEqual(refused('signature'));
  }
  expect(verifyWebhook(body, `t=${nowS - 1},v1=${v1(body)}`, options)).toEqual(refused('signature'));
  expect(verifyWebhook(body, header, { ...options, secrets: ['whsec_another'] })).toEqual(
    refused('signature'),
  );
  // Bytes that are no text, and a mark that a decoder would swallow.
  const odd = Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0xfe]);
  expect(verifyWebhook(odd, `t=${nowS},v1=${v1(odd)}`, options)).toEqual({ ok: true });
  expect(verifyWebhook(odd.subarray(3), `t=${nowS},v1=${v1(odd)}`, options)).toEqual(refused('signature'));
});

it('no secret proves nothing', () => {
  for (const none of ['', ' '])
    expect(verifyWebhook(body, `t=${nowS},v1=${v1(body, none)}`, { ...options, secrets: [none] })).toEqual(
      refused('signature'),
    );
  expect(verifyWebhook(body, header, { ...options, secrets: [] })).toEqual(refused('signature'));
});

it('is too old after 300 s, and not before', () => {
  const at = (atS: number) => `t=${atS},v1=${v1(body, secret, atS)}`;
  expect(verifyWebhook(body, at(nowS - 300), options)).toEqual({ ok: true });
  expect(verifyWebhook(body, at(nowS - 301), options)).toEqual(refused('timestamp'));
  expect(verifyWebhook(body, at(nowS + 3_600), options)).toEqual({ ok: true });
});
