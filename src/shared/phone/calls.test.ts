import { expect, test } from 'vitest';
import type { PhoneCallName } from './calls.ts';
import { phoneCalls, phonePagePath } from './calls.ts';
import { callPhone } from './client.ts';
import { phoneRoutes } from './routes.ts';
import { callPhoneStrictly } from './strict-client.ts';

const names = Object.keys(phoneCalls) as PhoneCallName[];

test('each call stands below the page, once, and asks and answers what its row says', () => {
  const places = names.map((name) => `${phoneCalls[name].method} ${phoneCalls[name].path}`);
  expect(new Set(places).size).toBe(names.length);
  for (const name of names) {
    const { path, method, body } = phoneCalls[name];
    expect(path.startsWith(`${phonePagePath}api/`)).toBe(true);
    expect(phoneRoutes[name].request !== null).toBe(body === 'json');
    if (method === 'GET') expect(body).toBeNull();
  }
});

test('both clients send the same; the strict one refuses what is not as agreed, and gives out no more', async () => {
  const sent: unknown[] = [];
  const send = (request: unknown) => {
    sent.push(request);
    return Promise.resolve({ status: 200, body: { state: 'ready', more: 1 } });
  };
  const body = { token: 'A'.repeat(43) };
  expect(await callPhone(send, 'openLink', body)).toEqual({ ok: true, value: { state: 'ready', more: 1 } });
  expect(await callPhoneStrictly(send, 'openLink', body)).toEqual({ ok: true, value: { state: 'ready' } });
  expect(sent[0]).toEqual(sent[1]);
  await expect(callPhoneStrictly(send, 'welcome', undefined)).rejects.toThrow(/providers/);
});
