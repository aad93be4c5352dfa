import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, expect, it } from 'vitest';
import { addSecurityHeaders, servePage } from './page-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-console-'));
const page = join(folder, 'page');
mkdirSync(join(page, 'assets'), { recursive: true });
writeFileSync(join(folder, 'secret.js'), 'secret');
writeFileSync(join(page, 'index.html'), '<!doctype html>');
writeFileSync(join(page, 'assets', 'app-1.js'), 'script');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function serverOf(of: string): FastifyInstance {
  const app = fastify() as unknown as FastifyInstance;
  addSecurityHeaders(app);
  servePage(app, of);
  return app;
}

it('serves the page and its files, and the page for each place within it', async () => {
  const app = serverOf(page);
  const of = async (url: string) => {
    const { statusCode, headers, body } = await app.inject({ method: 'GET', url });
    return [statusCode, headers['content-type'], body];
  };
  const html = [200, 'text/html; charset=utf-8', '<!doctype html>'];
  expect(await of('/')).toEqual(html);
  expect(await of('/queue?kinds=dispute')).toEqual(html);
  expect(await of('/assets/app-1.js')).toEqual([200, 'text/javascript; charset=utf-8', 'script']);
  const { headers } = await app.inject({ method: 'GET', url: '/' });
  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(String(headers['content-security-policy'])).toContain("script-src 'self';");
});

it.each([
  '/../secret.js',
  '/..%2fsecret.js',
  '/%2e%2e/secret.js',
  '/assets/../../secret.js',
  '/other.js',
  '/api/x',
])('has nothing at %s', async (url) => {
  const { statusCode, body } = await serverOf(page).inject({ method: 'GET', url });
  expect([statusCode, body]).toEqual([404, '']);
});

it('serves nothing where no page was built', async () => {
  const { statusCode } = await serverOf(join(folder, 'none')).inject({ method: 'GET', url: '/' });
  expect(statusCode).toBe(404);
});

it('sends texts packed as the browser can unpack them', async () => {
  const app = serverOf(page);
  const got = async (accepted: string | null) => {
    const headers = accepted === null ? {} : { 'accept-encoding': accepted };
    const answer = await app.inject({ method: 'GET', url: '/assets/app-1.js', headers });
    expect(answer.headers['vary']).toBe('accept-encoding');
    return [answer.headers['content-encoding'], answer.rawPayload] as const;
  };
  const [br, packed] = await got('gzip, deflate, br;q=0.9');
  expect([br, brotliDecompressSync(packed).toString()]).toEqual(['br', 'script']);
  const [gzip, zipped] = await got('gzip, br;q=0');
  expect([gzip, gunzipSync(zipped).toString()]).toEqual(['gzip', 'script']);
  for (const accepted of [null, 'identity', 'gzip;q=0', 'brx'])
    expect(await got(accepted)).toEqual([undefined, Buffer.from('script')]);
});

it('allows the styles that stand in its own page by their hash, and no others', async () => {
  const other = join(folder, 'styled');
  mkdirSync(other);
  writeFileSync(
    join(other, 'index.html'),
    '<style>@property --x{syntax:"<length>"}</style><style nonce="x">q{}</style>',
  );
  const { headers } = await serverOf(other).inject({ method: 'GET', url: '/m' });
  // SHA-256 of what stands between the first two tags, base64 (sha256sum).
  expect(String(headers['content-security-policy'])).toContain(
    `style-src 'self' 'sha256-SYmaNSQeadx6ywsMhakRE5ZLEOcfWbNVKdlDYWX7CLg='; font-src`,
  );
  expect(String(headers['content-security-policy'])).not.toContain('unsafe');
});
