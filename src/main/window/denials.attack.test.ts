import { expect, test, vi } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { RepeatedWarnings, warningEveryMs } from '../platform/repeated-warnings.ts';

/** What Electron would call of a session, by name. */
type Handlers = Record<string, (...args: never[]) => unknown>;
const { handlers, session } = vi.hoisted(() => {
  const handlers: Handlers = {};
  const keep = (name: string) => (handler: Handlers[string]) => void (handlers[name] = handler);
  const session = {
    setPermissionRequestHandler: keep('permission'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: () => undefined,
    on: () => undefined,
    webRequest: { onBeforeRequest: keep('request') },
    protocol: { handle: (_scheme: string, handler: Handlers[string]) => void (handlers['file'] = handler) },
  };
  return { handlers, session };
});
vi.mock('electron', () => ({
  app: { on: () => undefined },
  protocol: {},
  session: { defaultSession: session, fromPartition: () => session },
}));
const { harden } = await import('./hardening.ts');
const { serveRenderer } = await import('./page-files.ts');

const ask = (name: string, ...args: unknown[]): unknown => handlers[name]?.(...(args as never[]));

test('names of cameras are told to the document that may have one, while it may, and to no other', () => {
  const isWanted = { face: false, goods: true };
  const quiet = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const warnings = new RepeatedWarnings(new FakeClock(), quiet);
  // The session that is made last is that of the view that looks at goods: the stand-in has one for all.
  harden(quiet, warnings, { face: () => isWanted.face, goods: () => isWanted.goods });
  const may = (by: string, mediaType = 'video') => ask('check', null, 'media', by, { mediaType });
  // As Electron says it: the document where devices are listed, its origin where a camera is opened.
  expect(may('app://kaimen/goods.html')).toBe(true);
  expect(may('app://kaimen/')).toBe(true);
  expect(may('app://kaimen/goods.html', 'audio')).toBe(false);
  expect(may('app://kaimen/index.html')).toBe(false);
  expect(may('app://kaimen.example/')).toBe(false);
  isWanted.goods = false;
  expect(may('app://kaimen/goods.html')).toBe(false);
});

test('a page that asks for what it may not have without end fills no log', async () => {
  const clock = new FakeClock();
  const logged: string[] = [];
  const note = (event: string, fields?: object): void =>
    void logged.push(`${event} ${JSON.stringify(fields)}`);
  const warnings = new RepeatedWarnings(clock, { debug: note, info: note, warn: note, error: note });
  harden({ debug: note, info: note, warn: note, error: note }, warnings, {
    face: () => false,
    goods: () => false,
  });
  serveRenderer({
    session: session as never,
    caller: 'page',
    folder: '/nowhere',
    pictures: { read: () => Promise.resolve(null) },
    warnings,
  });
  const tryAll = async (i: number) => {
    await ask('file', { url: `app://kaimen/${i}` });
    ask('request', { url: `https://example.com/${i}` }, () => undefined);
    ask('permission', { getURL: () => '' }, 'notifications', () => undefined, {});
  };
  for (let i = 0; i < 1_000; i++) await tryAll(i);
  expect(logged.map((line) => line.split(' ')[0])).toEqual([
    'page.refused',
    'page.request_denied',
    'page.permission_denied',
  ]);
  await clock.advance(warningEveryMs);
  await tryAll(1_000);
  expect(logged.slice(3)).toHaveLength(3);
  for (const line of logged.slice(3)) expect(line).toContain('"moreSinceLast":999');
});
