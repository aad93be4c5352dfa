import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { testChainKey } from '../../testkit/main/charges/charge-log.ts';
import { until } from '../../testkit/until.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { OperatorClient } from '../operator/operator-client.ts';
import type { Database } from '../storage/database.ts';
import { parseChainHeader } from '../../shared/api/chain-header.ts';
import { ChargeChain } from './charge-chain.ts';
import { NetworkLinkMonitor } from '../operator/network-link-monitor.ts';
import { ChargeQueue } from './charge-queue.ts';
import { ChargeLog } from './charge-log.ts';
import { ChargeStore } from './charge-store.ts';
import { DisputeStore } from './dispute-store.ts';

/** The few rows that say where the record of charges ends, damaged: money leaves all the same. */
let db: Database;
let server: Server;
let remove: () => void;
let client: OperatorClient;
let store: ChargeStore;
let headers: string[];
let putCount = 0;
const { privateKey } = generateKeyPairSync('ed25519');

beforeEach(async () => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  db = mustOpen(join(scratch.path, 'kaimen.db'), systemClock);
  const chain = new ChargeChain(db, testChainKey);
  store = new ChargeStore(db, new ChargeLog(chain), systemClock, systemClock);
  assertOk(store.open({ ...sale(1, 1250, 0).body, memberDisplay: '王*' }));
  headers = [];
  putCount = 0;
  server = createServer((request, response) => {
    headers.push(String(request.headers['kaimen-chain']));
    response.setHeader('content-type', 'application/json');
    response.setHeader('kaimen-api-version', '1');
    if (request.method === 'PUT') putCount++;
    if (request.url?.includes('charges') === true) {
      response.statusCode = 404;
      response.end(JSON.stringify({ error: 'unknown_charge', message: 'x' }));
      return;
    }
    response.end(JSON.stringify({ ok: true, nowMs: Date.now() }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  client = new OperatorClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cabinetId: 'CAB-1',
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    clock: systemClock,
    chain,
    randomNonce: () => 'n'.repeat(22),
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  remove();
});
const put = (key: string, value: string) =>
  assertOk(
    db.transaction(() => {
      db.prepare(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      ).run(key, value);
      return ok();
    }),
  );
const end = (seal: string) => JSON.stringify({ seq: 1, seal, endSeal: 'x' });

test('control: a sound end reaches the operator', async () => {
  await client.health();
  expect(parseChainHeader(headers[0] ?? '')).not.toBeNull();
});
test.each([
  ['a line break', 'ab\ncd'],
  ['another script', '封'],
  ['a control character', '\u0001'],
])('a damaged end of the chain (%s) does not make the health call throw', async (_, seal) => {
  put('charge_chain_end', end(seal));
  await expect(client.health()).resolves.toBeDefined();
  expect(headers).toHaveLength(1);
});
test('a damaged end that has grown long does not end the network', async () => {
  put('charge_chain_end', end('a'.repeat(20_000)));
  await client.health();
  expect(headers).toHaveLength(1);
});
test('a damaged "told" does not spoil the header', async () => {
  put('charge_chain_told', 'x');
  await client.health();
  expect(parseChainHeader(headers[0] ?? '')).not.toBeNull();
});

test('a damaged "told": the charge leaves all the same, in this run and after a restart', async () => {
  assertOk(store.finalise(sale(1, 1250, 0).chargeId, sale(1, 1250, 0).body));
  put('charge_chain_told', 'x');
  const stopped: unknown[] = [];
  for (let run = 0; run < 3; run++) {
    const queue = new ChargeQueue({
      store,
      disputes: new DisputeStore(
        db,
        new ChargeLog(new ChargeChain(db, testChainKey)),
        systemClock,
        systemClock,
      ),
      client,
      link: { onChange: () => () => undefined },
      clock: systemClock,
      random: () => 0.5,
      onChange: () => undefined,
      onDisputesDue: () => undefined,
      onStopped: (failure) => stopped.push(failure),
    });
    const before = putCount;
    queue.start();
    await until('it is sent, or the queue stops', () =>
      Promise.resolve(putCount > before || stopped.length > 0),
    );
    await queue.stop();
  }
  expect({ stopped, sent: putCount > 0 }).toEqual({ stopped: [], sent: true });
});

test('a damaged "told": the probe of the network ends no process (an unhandled rejection does)', async () => {
  put('charge_chain_told', 'x');
  const unhandled: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
  const link = new NetworkLinkMonitor({ client, clock: systemClock });
  link.start();
  await until('an answer', () => Promise.resolve(link.isOnline() || unhandled.length > 0));
  link.stop();
  process.removeAllListeners('unhandledRejection');
  for (const other of others) process.on('unhandledRejection', other);
  expect({ unhandled, online: link.isOnline() }).toEqual({ unhandled: [], online: true });
});
