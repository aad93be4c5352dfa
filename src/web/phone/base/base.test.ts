import { afterEach, expect, it, vi } from 'vitest';
import { PhoneClient } from './client.ts';
import { failureOf } from './failure.ts';
import { blobOf, fittedSize } from '../../ui/photo.ts';
import { positionNow } from './position.ts';
import { keepReturn, takeReturn } from './return-to.ts';
import { firstLanguageOf } from './settings.tsx';
import { MemoryStore } from './store.ts';
import { sampleSession } from '../testing/samples.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** An operator, or what stands before it, that answers each call with the next of these. */
function answering(...answers: readonly (Response | Error)[]): Request[] {
  const asked: Request[] = [];
  const left = answers.values();
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    asked.push(new Request(new URL(path, 'https://m.example'), init));
    const next = left.next().value;
    return next instanceof Response
      ? Promise.resolve(next)
      : Promise.reject(next ?? new Error('asked too often'));
  });
  return asked;
}
const refusal = (status: number, error: string): Response =>
  Response.json({ error, message: 'm' }, { status });

it('tells what somebody can do about a failure', () => {
  expect(failureOf(401, { error: 'unauthenticated' })).toBe('ended');
  expect(failureOf(409, { error: 'conflict' })).toBe('conflict');
  expect(failureOf(429, { error: 'too_many' })).toBe('busy');
  // Not our operator's word.
  expect(failureOf(502, null)).toBe('busy');
  expect(failureOf(413, '<html>')).toBe('too_large');
  expect(failureOf(418, { error: 'teapot' })).toBe('other');
});

it('knows who is signed in, proves its page with what changes something, and sees the end', async () => {
  const client = new PhoneClient();
  const asked = answering(
    Response.json(sampleSession),
    new Response(null, { status: 204 }),
    refusal(401, 'unauthenticated'),
  );
  await client.look();
  expect(client.standing()).toEqual({ at: 'in', session: sampleSession });
  expect(await client.ask('setLanguage', { language: 'en' })).toEqual({ ok: true, value: null });
  expect(asked.map(({ headers }) => headers.get('x-kaimen-csrf'))).toEqual([null, 'c']);
  expect(await client.ask('purchases', undefined)).toEqual({ ok: false, failure: 'ended' });
  expect(client.standing()).toEqual({ at: 'out', hasEnded: true });
});

it('asks two things at once; whom to ask is known from then on, or asked for again', async () => {
  const client = new PhoneClient();
  const welcome = { providers: [], contact: '400-123-4567' };
  const asked = answering(
    refusal(401, 'unauthenticated'),
    refusal(503, 'unavailable'),
    Response.json(welcome),
    new Error('not asked a third time'),
  );
  let told = 0;
  client.subscribe(() => void told++);
  client.begin();
  // Both have left before either is answered.
  expect(asked.map(({ url }) => new URL(url).pathname)).toEqual(['/m/api/session', '/m/api/welcome']);
  expect(await client.welcome()).toEqual({ ok: false, failure: 'busy' });
  expect(client.contact()).toBeNull();
  const before = told;
  expect(await client.welcome()).toEqual({ ok: true, value: welcome });
  expect([client.contact(), told]).toEqual(['400-123-4567', before + 1]);
  expect(await client.welcome()).toEqual({ ok: true, value: welcome });
  expect(asked).toHaveLength(3);
});

it('takes a page of somebody else for no answer, and no answer for no sign-out', async () => {
  const client = new PhoneClient();
  const portal = new Response('<html>log in to the hotel</html>', {
    headers: { 'content-type': 'text/html' },
  });
  const late = new DOMException('late', 'TimeoutError');
  answering(portal, Response.json(sampleSession), new TypeError('no network'), late);
  await client.look();
  expect(client.standing()).toEqual({ at: 'unreachable', failure: 'busy' });
  await client.look();
  await client.look();
  expect(client.standing().at).toBe('in');
  expect(await client.ask('purchases', undefined)).toEqual({ ok: false, failure: 'slow' });
});

it('makes pictures smaller, never larger, and keeps their bytes', async () => {
  expect(fittedSize(4000, 3000, 1000)).toEqual({ width: 1000, height: 750 });
  expect(fittedSize(10, 4000, 1000)).toEqual({ width: 3, height: 1000 });
  expect(fittedSize(300, 200, 1000)).toEqual({ width: 300, height: 200 });
  const blob = blobOf(`data:image/jpeg;base64,${btoa('abc')}`);
  expect([blob.type, await blob.text()]).toEqual(['image/jpeg', 'abc']);
});

it('leads back within the page alone, once', () => {
  const store = new MemoryStore();
  const origin = 'https://m.example';
  keepReturn(store, `${origin}/m/c#KC1.X`);
  expect(takeReturn(store, origin)).toBe('/m/c#KC1.X');
  expect(takeReturn(store, origin)).toBe('/m/');
  for (const href of [
    'https://evil.example/m/',
    `${origin}/m/in#token`,
    `${origin}/other`,
    '//evil.example/m/',
    'x:y',
  ]) {
    keepReturn(store, href);
    expect(takeReturn(store, origin), href).toBe('/m/');
  }
});

it('speaks as chosen, else as the phone, Chinese first', () => {
  expect(firstLanguageOf('en', ['zh-CN'])).toBe('en');
  expect(firstLanguageOf(null, ['en-US', 'zh'])).toBe('en');
  expect(firstLanguageOf(null, ['de-DE', 'zh-TW'])).toBe('zh');
  expect(firstLanguageOf('nonsense', [])).toBe('zh');
});

it('says where the phone is only when its owner lets it, and waits for nobody for ever', async () => {
  const coords = { latitude: 1, longitude: 2, accuracy: 3 };
  const allowed = { getCurrentPosition: (yes: (p: object) => void) => yes({ coords }) };
  const denied = { getCurrentPosition: (_yes: unknown, no: () => void) => no() };
  expect(await positionNow(allowed as unknown as Geolocation)).toEqual({
    latitude: 1,
    longitude: 2,
    accuracyM: 3,
  });
  expect(await positionNow(denied as unknown as Geolocation)).toBeNull();
  vi.useFakeTimers();
  const silent = positionNow({ getCurrentPosition: () => undefined } as unknown as Geolocation);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await silent).toBeNull();
  vi.useRealTimers();
});
