import type { Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { phoneCalls } from '../../shared/phone/calls.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { PhoneBrowser } from '../../testkit/operator/phone-browser.ts';
import { phoneBrowser, phoneHost, signedInPhone } from '../../testkit/operator/phone-browser.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { until } from '../../testkit/until.ts';
import { Rig } from '../providers/wechat/test-server/rig.ts';
import { phoneLookups, photosAtOnceMax, photosOfMemberAtOnceMax } from './limits.ts';

const rig = new Rig();
/** A provider that takes questions, and answers none before it is told to. */
const asked = new Set<() => void>();
let provider: Server;
beforeAll(async () => {
  await rig.start();
  provider = createServer((_request, response) => {
    const answer = (): void => {
      asked.delete(answer);
      response.end('{"errcode":40029}');
    };
    asked.add(answer);
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
});
const answerAll = (): void => {
  for (const answer of [...asked]) answer();
};
afterEach(answerAll);
afterAll(async () => {
  await rig.stop();
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
});

onStorage('the page for all, beside somebody who holds it up', (harness) => {
  it('a provider that hangs keeps nobody waiting who is signed in, or comes by a link', async () => {
    const apiUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    const signIn = { secret: '5'.repeat(32), apiUrl, authorizeUrl: 'https://open.weixin.qq.com/x' };
    const operator = harness().restarted({
      realProviders: [rig.adapter({ signIn })],
      phoneAddress: () => `https://${phoneHost}`,
    });
    const { phone } = await signedInPhone(operator);
    const comeBack = async () => {
      const stranger = phoneBrowser(operator);
      const begun = await stranger.call('beginProvider', { provider: 'wechat' });
      const url = new URL(begun.ok ? begun.value.url : 'https://none');
      const back = { code: 'guessed', state: url.searchParams.get('state') ?? '' };
      return stranger.call('endProvider', back);
    };
    const strangers = Array.from({ length: phoneLookups.max }, comeBack);
    await until('all of them are asked about', () => asked.size === phoneLookups.max);
    expect(await phone.call('session', undefined)).toMatchObject({ value: { memberId: 'M1001' } });
    expect((await signedInPhone(operator, 'M1002')).session).toMatchObject({ memberId: 'M1002' });
    expect(asked.size).toBe(phoneLookups.max);
    answerAll();
    for (const answer of await Promise.all(strangers))
      expect(answer).toEqual({ ok: true, value: { signedIn: false, reason: 'declined' } });
    await operator.close();
  });

  /** A picture of which only the first bytes come until `end`. */
  const slowly = (phone: PhoneBrowser, chargeId: string) => {
    const body = new PassThrough();
    body.write(Buffer.from('ffd8', 'hex'));
    const path = phoneCalls.addPhoto.path.replace(':chargeId', chargeId);
    const status = phone.raw('POST', path, new Uint8Array(), { payload: body }).then((r) => r.statusCode);
    return { status, end: () => body.end() };
  };
  const reported = async (operator: OperatorHarness, phone: PhoneBrowser, memberId: string) => {
    const visit = await operator.visit(memberId);
    const { chargeId } = visit;
    await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, chargeBody(visit)));
    const disputeId = makeDisputeId(operator.clock.nowMs(), systemRandom.bytes(idRandomByteCount));
    const report = { disputeId, skus: ['A1'] };
    expect(await operator.during(phone.call('reportPurchase', report, { chargeId }))).toMatchObject({
      ok: true,
    });
    return chargeId;
  };

  it('pictures that come slowly are no more than there is room for, of one member and in all', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const chargeId = await reported(operator, phone, 'M1001');
    const slow = Array.from({ length: photosOfMemberAtOnceMax + 1 }, () => slowly(phone, chargeId));
    // Before its bytes have come: nobody has ended one yet.
    expect(await Promise.race(slow.map(({ status }) => status))).toBe(429);
    expect(photosAtOnceMax).toBeGreaterThan(photosOfMemberAtOnceMax);
    const { phone: other } = await signedInPhone(operator, 'M1002');
    const theirs = slowly(other, await reported(operator, other, 'M1002'));
    theirs.end();
    // What it is was read: there is room for others.
    expect(await theirs.status).toBe(400);
    for (const one of slow) one.end();
    const ended = await Promise.all(slow.map(({ status }) => status));
    expect(ended.sort()).toEqual([...Array.from({ length: photosOfMemberAtOnceMax }, () => 400), 429]);
    const after = slowly(phone, chargeId);
    after.end();
    expect(await after.status).toBe(400);
  });

  it('a connection that ends in the middle of a picture leaves its room', async () => {
    const operator = harness();
    const { phone } = await signedInPhone(operator);
    const chargeId = await reported(operator, phone, 'M1001');
    const app = operator.operator.noticeApi;
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}${phoneCalls.addPhoto.path.replace(':chargeId', chargeId)}`;
    const cookie = Array.from(phone.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...phone.headers, cookie, 'x-kaimen-csrf': phone.csrf ?? '' };
    for (let i = 0; i < photosOfMemberAtOnceMax; i++)
      await new Promise<void>((resolve) => {
        const sent = request(url, { method: 'POST', headers: { ...headers, 'content-length': '1000' } });
        sent.on('error', () => undefined).on('close', resolve);
        sent.write('x', () => sent.destroy());
      });
    await until('there is room again', async () => {
      const next = slowly(phone, chargeId);
      next.end();
      return (await next.status) === 400;
    });
  });
});
