import { spawnSync } from 'node:child_process';
import { createHmac, createSign, createVerify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { altered } from '../../testkit/altered.ts';
import { certificatePem } from './wechat/test-server/certificate.ts';
import { makeKeyPair, seal, signBody } from './wechat/test-server/wire.ts';

const nodeOf24 = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const writer = fileURLToPath(new URL('../../../build/provider-shim.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kaimen-shim-'));
const shim = join(folder, 'provider-shim.mjs');
const caller = join(folder, 'caller.mjs');

/** Reads calls, `[provider, name, arguments]`, and says what each gave; `{ bytes }` is a Buffer of this base64. */
const callerText = `
import { readFileSync } from 'node:fs';
import * as shim from './provider-shim.mjs';
const given = (value) => (value?.bytes === undefined ? value : Buffer.from(value.bytes, 'base64'));
const results = JSON.parse(readFileSync(0, 'utf8')).map(([provider, name, args]) => {
  try {
    return { result: shim[provider][name](...args.map(given)) };
  } catch (error) {
    return { error: error instanceof shim.ShimError ? error.code : String(error) };
  }
});
console.log(JSON.stringify(results));
`;

type Call = readonly [provider: string, name: string, args: readonly unknown[]];
type Answer = { readonly result?: unknown; readonly error?: string };

/** Calls the shim in a process of its own; with `flags` of Node. */
function callAll(calls: readonly Call[], flags: readonly string[] = []): Answer[] {
  const input = JSON.stringify(calls);
  const ran = spawnSync(nodeOf24, [...flags, caller], { input, encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as Answer[];
}

beforeAll(() => {
  const written = spawnSync(nodeOf24, [writer, shim], { encoding: 'utf8' });
  expect({ status: written.status, said: written.stdout.trim() }).toEqual({ status: 0, said: shim });
  writeFileSync(caller, callerText);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const keys = makeKeyPair();
const others = makeKeyPair();
const bytes = (text: string) => ({ bytes: Buffer.from(text).toString('base64') });

describe('wechat', () => {
  const apiV3Key = '0123456789abcdef0123456789abcdef';
  const request = ['POST', '/v3/payscore/serviceorder?x=1', 1_795_000_000, 'n0nce', '{"a":"货"}'] as const;
  const text = 'POST\n/v3/payscore/serviceorder?x=1\n1795000000\nn0nce\n{"a":"货"}\n';
  const nowS = 1_795_000_000;
  const options = { keys: { PUB_KEY_ID_1: keys.publicPem }, apiV3Key, nowS, toleranceS: 300 };
  const sealed = seal('{"out_order_no":"KM1"}', apiV3Key, 'payscore');
  const notice = signBody(
    JSON.stringify({ id: 'N1', event_type: 'PAYSCORE.USER_PAID', resource: sealed }),
    'PUB_KEY_ID_1',
    keys.privatePem,
    nowS,
  );

  it('signs what is to be signed, from text and from bytes', () => {
    const [canonical, signed, same] = callAll([
      ['wechat', 'canonicalRequest', request],
      ['wechat', 'sign', [...request, keys.privatePem]],
      ['wechat', 'sign', [...request.slice(0, 4), bytes(request[4]), bytes(keys.privatePem)]],
    ]);
    expect(canonical).toEqual({ result: text });
    const verifies = createVerify('RSA-SHA256').update(text);
    expect(verifies.verify(keys.publicPem, String(signed?.result), 'base64')).toBe(true);
    expect(same).toEqual(signed);
  });

  it('verifies, and takes nothing that was altered', () => {
    const signature = createSign('RSA-SHA256').update('1\nn\nbody\n').sign(keys.privatePem, 'base64');
    const good = ['1', 'n', 'body', signature, keys.publicPem] as const;
    const answers = callAll([
      ['wechat', 'verify', good],
      ['wechat', 'verify', [1, 'n', bytes('body'), signature, keys.publicPem]],
      ['wechat', 'verify', ['2', ...good.slice(1)]],
      ['wechat', 'verify', ['1', 'm', ...good.slice(2)]],
      ['wechat', 'verify', ['1', 'n', 'Body', ...good.slice(3)]],
      ['wechat', 'verify', [...good.slice(0, 3), altered(signature), keys.publicPem]],
      ['wechat', 'verify', [...good.slice(0, 4), others.publicPem]],
      ['wechat', 'verify', [...good.slice(0, 4), 'no key']],
    ]);
    expect(answers.map(({ result }) => result)).toEqual([true, true, ...Array<boolean>(6).fill(false)]);
  });

  it('decrypts, knows a certificate by its number, and says by a code why not', () => {
    const { nonce, associated_data: aad, ciphertext } = sealed;
    const answers = callAll([
      ['wechat', 'decryptResource', [apiV3Key, nonce, aad, ciphertext]],
      ['wechat', 'decryptResource', [apiV3Key, nonce, aad, altered(ciphertext)]],
      ['wechat', 'decryptResource', [apiV3Key, nonce, 'other', ciphertext]],
      ['wechat', 'decryptResource', [apiV3Key.replace('0', '1'), nonce, aad, ciphertext]],
      ['wechat', 'decryptResource', [apiV3Key, nonce, aad, 17]],
      ['wechat', 'certificateSerial', [certificatePem]],
      ['wechat', 'certificateSerial', ['none']],
      ['wechat', 'sign', [...request, 'none']],
      ['wechat', 'sign', [...request.slice(0, 2), 'now', 'n', '', keys.privatePem]],
    ]);
    expect(answers).toEqual([
      { result: '{"out_order_no":"KM1"}' },
      ...Array<Answer>(3).fill({ error: 'ciphertext' }),
      { error: 'argument' },
      { result: '0A1B2C3D4E5F60718293A4B5C6D7E8F901234567' },
      { error: 'certificate' },
      { error: 'key' },
      { error: 'argument' },
    ]);
  });

  it('proves a notice, or says why it is none', () => {
    const { headers, body } = notice;
    const notify = (more: object): Call => ['wechat', 'notify', [headers, body, { ...options, ...more }]];
    const answers = callAll([
      notify({}),
      ['wechat', 'notify', [headers, bytes(body), options]],
      notify({ nowS: nowS + 301 }),
      notify({ keys: { PUB_KEY_ID_2: keys.publicPem } }),
      notify({ keys: { PUB_KEY_ID_1: others.publicPem } }),
      notify({ apiV3Key: apiV3Key.replace('0', '1') }),
      ['wechat', 'notify', [{}, body, options]],
      ['wechat', 'notify', [headers, body.replace('N1', 'N2'), options]],
    ]);
    const proven = { ok: true, id: 'N1', eventType: 'PAYSCORE.USER_PAID', resource: { out_order_no: 'KM1' } };
    expect(answers.map(({ result }) => result)).toEqual([
      proven,
      proven,
      ...['timestamp', 'key', 'signature', 'resource', 'headers', 'signature'].map((refusal) => ({
        ok: false,
        refusal,
      })),
    ]);
  });
});

describe('alipay', () => {
  const params = { method: 'alipay.trade.query', app_id: '2026', biz_content: '{"a":"货"}', empty: '' };
  const signBy = (content: string) =>
    createSign('RSA-SHA256').update(content).sign(keys.privatePem, 'base64');

  it('signs parameters, sorted, without those that are empty', () => {
    const text = 'app_id=2026&biz_content={"a":"货"}&method=alipay.trade.query';
    const answers = callAll([
      ['alipay', 'sign', [params, keys.privatePem]],
      ['alipay', 'sign', [bytes(text), keys.privatePem]],
      ['alipay', 'sign', [params, 'none']],
      ['alipay', 'sign', [{ ...params, app_id: 2026 }, keys.privatePem]],
    ]);
    const { result } = answers[0]!;
    const verifies = createVerify('RSA-SHA256').update(text);
    expect(verifies.verify(keys.publicPem, String(result), 'base64')).toBe(true);
    expect(answers.slice(1)).toEqual([{ result }, { error: 'key' }, { error: 'argument' }]);
  });

  it('proves an answer by the text of its member, and nothing that was altered', () => {
    const content = '{"code":"10000","trade_no":"T1"}';
    const answer = (inner: string) => `{"alipay_trade_query_response":${inner},"sign":"${signBy(content)}"}`;
    const verify = (text: unknown, key: unknown): Call => [
      'alipay',
      'verifyResponse',
      [text, 'alipay.trade.query', key],
    ];
    const answers = callAll([
      verify(answer(content), keys.publicPem),
      verify(bytes(answer(content)), [others.publicPem, keys.publicPem]),
      verify(answer(content), others.publicPem),
      verify(answer(content.replace('T1', 'T2')), keys.publicPem),
      verify('<html>', keys.publicPem),
      verify(`{"alipay_trade_query_response":${content}}`, keys.publicPem),
    ]);
    expect(answers.map(({ result }) => result)).toEqual([
      { ok: true, content },
      { ok: true, content },
      ...['signature', 'signature', 'shape', 'unsigned'].map((refusal) => ({ ok: false, refusal })),
    ]);
  });

  it('proves a notice, as a form or as its parameters', () => {
    const said = { notify_id: 'N1', out_trade_no: 'ZMCB1', subject: '货 1&2', trade_status: 'TRADE_SUCCESS' };
    const text = Object.entries(said)
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    const signed = { ...said, sign_type: 'RSA2', sign: signBy(text) };
    const form = new URLSearchParams(signed).toString();
    const verify = (body: unknown, key: unknown): Call => ['alipay', 'verifyNotify', [body, key]];
    const answers = callAll([
      verify(form, keys.publicPem),
      verify(bytes(form), [keys.publicPem]),
      verify(signed, keys.publicPem),
      verify(form.replace('ZMCB1', 'ZMCB2'), keys.publicPem),
      verify({ ...signed, subject: '' }, keys.publicPem),
      verify(form, others.publicPem),
      verify(said, keys.publicPem),
    ]);
    const proven = { ok: true, params: signed };
    expect(answers.map(({ result }) => result)).toEqual([
      ...[proven, proven, proven],
      ...['signature', 'signature', 'signature', 'unsigned'].map((refusal) => ({ ok: false, refusal })),
    ]);
  });
});

describe('stripe', () => {
  const nowS = 1_795_000_000;
  const body = '{"id":"evt_1","name":"货"}';
  const v1 = (text: string, secret = 'whsec_1') =>
    createHmac('sha256', secret).update(`${nowS}.${text}`).digest('hex');
  const header = `t=${nowS},v1=${v1(body)}`;
  const options = { secrets: 'whsec_1', nowS, toleranceS: 300 };
  const verify = (...args: unknown[]): Call => ['stripe', 'verifyWebhook', args];

  it('proves an event, or says why it is none', () => {
    const answers = callAll([
      verify(body, header, options),
      verify(bytes(body), bytes(header), { ...options, secrets: ['whsec_2', 'whsec_1'] }),
      verify(body.replace('evt_1', 'evt_2'), header, options),
      verify(body, `t=${nowS + 1},v1=${v1(body)}`, options),
      verify(body, header, { ...options, secrets: ['whsec_2'] }),
      verify(body, header, { ...options, nowS: nowS + 301 }),
      verify(body, '', options),
    ]);
    expect(answers.map(({ result }) => result)).toEqual([
      ...[{ ok: true }, { ok: true }],
      ...['signature', 'signature', 'signature', 'timestamp', 'headers'].map((refusal) => ({
        ok: false,
        refusal,
      })),
    ]);
  });

  it('says which argument it cannot work with', () => {
    const answers = callAll([
      verify(17, header, options),
      verify(body, null, options),
      verify(body, header, { ...options, nowS: 'now' }),
      verify(body, header, { ...options, secrets: 5 }),
    ]);
    expect(answers).toEqual(Array<Answer>(4).fill({ error: 'argument' }));
  });
});

it('is read by a Node that cannot read TypeScript by itself', () => {
  const calls: Call[] = [['wechat', 'canonicalRequest', ['GET', '/', 1, 'n', '']]];
  expect(callAll(calls, ['--no-strip-types'])).toEqual([{ result: 'GET\n/\n1\nn\n\n' }]);
});

it('writes one file, where it is told to', () => {
  const written = spawnSync(nodeOf24, [writer, shim, 'more'], { encoding: 'utf8' });
  expect({ status: written.status, said: written.stderr }).toMatchObject({ status: 2 });
});
