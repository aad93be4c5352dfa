import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { NameServer } from '../../testkit/name-server.ts';
import { NodeHttpTransport, connectTimeoutMs } from './http-transport.ts';
import { NetworkLinkMonitor } from './network-link-monitor.ts';
import { OperatorClient } from './operator-client.ts';

/** Lookups cannot be called off: those of requests that were given up stand before those that somebody waits for. */
let server: Server;
let port: number;
let clock: FakeClock;
let names: NameServer;
let monitor: NetworkLinkMonitor;

beforeEach(async () => {
  clock = new FakeClock();
  server = createServer((_, response) => response.end('{"ok":true}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  // Only now: a server that begins to listen asks for its own name.
  names = new NameServer(clock);
  const client = new OperatorClient({
    baseUrl: `http://operator.example:${port}`,
    cabinetId: 'KM-1',
    sign: () => 'A'.repeat(86),
    randomNonce: () => 'n'.repeat(22),
    clock,
  });
  monitor = new NetworkLinkMonitor({ client, clock });
});
afterEach(async () => {
  monitor.stop();
  names.isHung = false;
  await pass(20_000);
  names.restore();
  server.closeAllConnections();
  server.close();
});

/** Virtual time, and room for the real sockets of this machine. */
async function pass(ms: number): Promise<void> {
  for (let done = 0; done < ms; done += 100) {
    await clock.advance(100);
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

test('one lookup is under way, however long the name server hangs', async () => {
  monitor.start();
  for (let minute = 0; minute < 5; minute++) {
    await pass(60_000);
    expect(names.pendingCount).toBeLessThanOrEqual(1);
  }
});

test('it is online soon after the name server answers again', async () => {
  monitor.start();
  await pass(300_000);
  names.isHung = false;
  const fromMs = clock.monotonicMs();
  while (!monitor.isOnline() && clock.monotonicMs() - fromMs < 60_000) await pass(500);
  expect(clock.monotonicMs() - fromMs).toBeLessThan(15_000);
});

test('each request is given up in its own time, over HTTP and HTTPS', async () => {
  const transport = new NodeHttpTransport(clock);
  const ended: string[] = [];
  const send = (name: string, url: string, ownConnection: boolean): void => {
    const request = { method: 'GET', headers: {}, body: Buffer.alloc(0), responseMaxBytes: 100 } as const;
    void transport
      .send({ ...request, url: new URL(url), timeoutMs: 5000, ownConnection })
      .then((answer) => ended.push(`${name} ${answer.ok ? 'ok' : answer.error.code}`));
  };
  send('first', `https://operator.example:${port}/`, false);
  await pass(1000);
  send('second', `https://operator.example:${port}/`, true);
  send('third', `http://operator.example:${port}/`, true);
  await pass(connectTimeoutMs - 1000);
  expect(ended).toEqual(['first not_sent']);
  await pass(1000);
  expect(ended).toEqual(['first not_sent', 'second not_sent', 'third not_sent']);
  expect(names.asked).toEqual(['operator.example']);
});
