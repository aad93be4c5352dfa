import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
