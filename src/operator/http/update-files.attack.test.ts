import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { serveUpdates, updateTransfersMax } from './update-files.ts';

/** Over a connection of its own: what tests are given (`inject`) shortens an address before it is asked for. */
const scratch = makeScratchFolder();
const folder = join(scratch.path, 'updates');
const app = fastify();
let port = 0;

beforeAll(async () => {
  for (const sub of ['metadata', 'targets/files/ab', 'keys'])
    mkdirSync(join(folder, sub), { recursive: true });
  writeFileSync(join(folder, 'metadata', 'timestamp.json'), '{}');
  writeFileSync(join(folder, 'targets', 'large'), '');
  truncateSync(join(folder, 'targets', 'large'), 32 * 1024 * 1024);
  writeFileSync(join(folder, 'keys', 'online.pem'), 'a secret');
  writeFileSync(join(folder, 'targets', '.hidden'), 'a secret');
  writeFileSync(join(scratch.path, 'beside'), 'a secret');
  serveUpdates(app, folder);
  await app.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = app.server.address() as AddressInfo);
});
afterAll(async () => {
  await app.close();
  scratch.remove();
});

function get(path: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.on('end', () => {
        resolve({ status: response.statusCode, body });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

it('what is there is given', async () => {
  expect(await get('/updates/metadata/timestamp.json')).toEqual({ status: 200, body: '{}' });
});

it.each([
  '/updates/keys/online.pem',
  '/updates/../beside',
  '/updates/targets/../../beside',
  '/updates/targets/%2e%2e/%2e%2e/beside',
  '/updates/targets/..%2f..%2fbeside',
  '/updates/targets/%2e%2e%2f%2e%2e%2fbeside',
  '/updates/targets/%2E%2E%2F%2E%2E%2Fbeside',
  '/updates/targets/x%2f..%2f..%2f..%2fbeside',
  '/updates/targets/x%5c..%5c..%5cbeside',
  '/updates/metadata/%2e%2e%2fkeys%2fonline.pem',
  '/updates/targets/%252e%252e/beside',
  '/updates/targets/%2e%2e%2fkeys/online.pem',
  '/updates/targets/.hidden',
  '/updates/targets/%2ehidden',
  '/updates/targets/files',
  '/updates/targets/files/ab/%00',
  '/updates/targets//files/ab/abc',
  '/updates/metadata/none.json',
])('%s is not there', async (path) => {
  const { status, body } = await get(path);
  expect(body).not.toContain('secret');
  expect(status).toBe(404);
});

let held: Socket[] = [];
afterEach(() => {
  for (const socket of held) socket.destroy();
  held = [];
});
/** Asks for a large file so often over one connection, and reads none of it. */
async function askWithoutReading(count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  held.push(socket);
  // It is cut while something of it is still on its way.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /updates/targets/large HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(count));
}

it('one connection that asks for all there is at once, and reads nothing, keeps nobody else away', async () => {
  await askWithoutReading(updateTransfersMax);
  for (let i = 0; i < 10; i++)
    expect(await get('/updates/metadata/timestamp.json')).toEqual({ status: 200, body: '{}' });
});
