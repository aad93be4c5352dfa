import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { serveUpdates } from './update-files.ts';

const scratch = makeScratchFolder();
const folder = join(scratch.path, 'updates');
const app = fastify();
const bytes = Buffer.from('0123456789');

beforeAll(() => {
  for (const sub of ['metadata', 'targets/files/ab']) mkdirSync(join(folder, sub), { recursive: true });
  writeFileSync(join(folder, 'metadata', 'timestamp.json'), '{}');
  writeFileSync(join(folder, 'targets', 'files', 'ab', 'abc'), bytes);
  writeFileSync(join(folder, 'targets', 'empty'), '');
  serveUpdates(app, folder);
});
afterAll(async () => {
  await app.close();
  scratch.remove();
});
const get = (path: string, range?: string) =>
  app.inject({ url: path, headers: range === undefined ? {} : { range } });

it('gives the whole, the rest, or says that there is no such rest', async () => {
  const whole = await get('/updates/targets/files/ab/abc');
  expect([whole.statusCode, whole.body, whole.headers['content-length']]).toEqual([200, '0123456789', '10']);
  const rest = await get('/updates/targets/files/ab/abc', 'bytes=7-');
  expect([rest.statusCode, rest.body, rest.headers['content-range']]).toEqual([206, '789', 'bytes 7-9/10']);
  expect((await get('/updates/targets/files/ab/abc', 'bytes=10-')).statusCode).toBe(416);
  // Of any other kind the whole is given.
  expect((await get('/updates/targets/files/ab/abc', 'bytes=-3')).body).toBe('0123456789');
  expect((await get('/updates/metadata/timestamp.json')).body).toBe('{}');
  expect((await get('/updates/targets/empty')).statusCode).toBe(200);
});
