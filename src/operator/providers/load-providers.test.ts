import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { loadProviders } from './load-providers.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const apiV3Key = 'k'.repeat(32);
const wechat = {
  baseUrl: 'https://wechat.example',
  mchid: '1900000001',
  appid: 'wx0000000000000001',
  serviceId: '500001',
  serviceIntroduction: '智能货柜',
  notifyUrl: 'https://operator.example/v1/notices/wechat',
  merchantSerial: '3775B6A45ACD588826D15E583A95F5DD4C1A2B3C',
  merchantKeyPem: privateKey,
  platformKeys: { PUB_KEY_ID_1: publicKey },
  apiV3Key,
};

const stripe = {
  baseUrl: 'https://api.stripe.com',
  secretKey: 'sk_test_0123456789',
  webhookSecret: ['whsec_0123456789', 'whsec_9876543210'],
  accountId: null,
  hold: 'visit',
  payPages: null,
};

const alipay = {
  gatewayUrl: 'https://alipay.example/gateway.do',
  appId: '2021000000000001',
  sellerId: '2088000000000001',
  appPrivateKey: privateKey,
  alipayPublicKeys: [publicKey],
  notifyUrl: 'https://operator.example/v1/notices/alipay',
  title: '智能货柜',
};

let path: string;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  [path, remove] = [join(scratch.path, 'providers.json'), scratch.remove];
});
afterEach(() => {
  remove();
});
const load = (text: string) => {
  writeFileSync(path, text, { mode: 0o400 });
  return loadProviders(path);
};

test('the merchants are read as they stand in the file', () => {
  expect(load(JSON.stringify({ wechat }))).toEqual({ ok: true, value: { wechat } });
  expect(load(JSON.stringify({ stripe, wechat }))).toEqual({ ok: true, value: { stripe, wechat } });
  for (const merchants of [{ alipay }, { alipay, stripe, wechat }])
    expect(load(JSON.stringify(merchants))).toEqual({ ok: true, value: merchants });
  expect(load('{}')).toEqual({ ok: true, value: {} });
  expect(load('{"wallet":{}}')).toEqual({ ok: true, value: { wallet: { openMinMinor: 1 } } });
});

const ofShanghai = {
  ...{ ...wechat, mchid: '1900000002', notifyUrl: 'https://operator.example/v1/notices/wechat:shanghai' },
};
const cafe = { ...stripe, accountId: 'acct_1' };

test('a provider may have several merchants, each by an id of its own', () => {
  const several = { wechat, 'wechat:shanghai': ofShanghai, 'stripe:cafe': cafe, stripe };
  expect(load(JSON.stringify(several))).toEqual({ ok: true, value: several });
  // The merchant without a name is one as the others.
  expect(load(JSON.stringify({ 'wechat:shanghai': ofShanghai }))).toMatchObject({ ok: true });
});

test.each([
  ['wechat:Shanghai', { 'wechat:Shanghai': ofShanghai }],
  ['wechat:', { 'wechat:': ofShanghai }],
  ['wallet:b', { 'wallet:b': {} }],
  ['__proto__', JSON.parse('{"__proto__": {}}') as object],
  ['wechat:shanghai: mchid', { wechat, 'wechat:shanghai': { ...ofShanghai, mchid: 'x' } }],
  ['wechat:b: has the mchid of wechat', { wechat, 'wechat:b': { ...ofShanghai, mchid: wechat.mchid } }],
  [
    'wechat:b: has the notifyUrl of wechat',
    { wechat, 'wechat:b': { ...ofShanghai, notifyUrl: wechat.notifyUrl } },
  ],
  ['stripe:b: has the account of stripe', { stripe, 'stripe:b': stripe }],
  ['alipay:b: has the appId of alipay', { alipay, 'alipay:b': { ...alipay, sellerId: '2088000000000002' } }],
])('%s: an id or a merchant that cannot be beside the others', (message, merchants) => {
  const loaded = load(JSON.stringify(merchants));
  expect(loaded).toMatchObject({ ok: false, error: { code: 'providers_wrong' } });
  expect(loaded.ok ? '' : loaded.error.message).toContain(message);
});

test.each([
  ['no JSON', `{"wechat": "${apiV3Key}`],
  ['a provider that there is not', JSON.stringify({ wechat, paypal: {} })],
  ['a key of another length', JSON.stringify({ wechat: { ...wechat, apiV3Key: `${apiV3Key}k` } })],
  ['a key that is none', JSON.stringify({ wechat: { ...wechat, merchantKeyPem: 'MIIE' } })],
  ['no key of the provider', JSON.stringify({ wechat: { ...wechat, platformKeys: {} } })],
  ['a publishable key', JSON.stringify({ stripe: { ...stripe, secretKey: 'pk_live_0123456789' } })],
  ['no secret of the events', JSON.stringify({ stripe: { ...stripe, webhookSecret: [] } })],
  ['an address with a path', JSON.stringify({ stripe: { ...stripe, baseUrl: 'https://a.example/v1' } })],
  ['another hold', JSON.stringify({ stripe: { ...stripe, hold: 'always' } })],
  ['a field that there is not', JSON.stringify({ wallet: { overdraft: true } })],
  ['no key of Alipay', JSON.stringify({ alipay: { ...alipay, alipayPublicKeys: [] } })],
  ['a key of the app that is none', JSON.stringify({ alipay: { ...alipay, appPrivateKey: 'MIIE' } })],
  ['a field that is missing', JSON.stringify({ wechat: { ...wechat, appid: undefined } })],
])('with %s nothing is started, and the message has nothing of the file', (_, text) => {
  const loaded = load(text);
  expect(loaded).toMatchObject({ ok: false, error: { code: 'providers_wrong' } });
  const message = loaded.ok ? '' : loaded.error.message;
  expect(message).toContain(path);
  for (const secret of [apiV3Key, privateKey.split('\n')[1] ?? '', 'MIIE', '0123456789'])
    expect(message).not.toContain(secret);
});

test('a file that is not there', () => {
  expect(loadProviders(path)).toMatchObject({ ok: false, error: { code: 'providers_unreadable' } });
});
