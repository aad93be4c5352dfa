import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, FakeClock, systemClock } from '../shared/clock.ts';
import { Network } from './network.ts';
import { until } from '../testkit/until.ts';
import { TestLink } from './testing.ts';

let seen: string[];
let network: Network;
let base: string;
let port: number;
let upstreamPort: number;
const upstream = createServer((request, response) => {
  seen.push(request.url ?? '');
  let size = 0;
  request.on('data', (chunk: Buffer) => (size += chunk.length));
  request.on('end', () => response.end(`got ${size}`));
});

const begin = async (clock: Clock): Promise<void> => {
  network = new Network({
    clock,
    upstream: { host: '127.0.0.1', port: upstreamPort },
    onChange: () => undefined,
  });
  port = await network.listen(0);
  base = `http://127.0.0.1:${port}`;
};

beforeEach(async () => {
  seen = [];
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  upstreamPort = (upstream.address() as AddressInfo).port;
  await begin(systemClock);
});
afterEach(async () => {
  await network.close();
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

/** `close`: a connection of its own, so that no test finds one of another. The time only bounds hanging. */
const get = async (path: string, timeoutMs = 120_000): Promise<string> => {
  const signal = AbortSignal.timeout(timeoutMs);
  return (await fetch(base + path, { signal, headers: { connection: 'close' } })).text();
};

test('up: requests and replies go through, large ones too', async () => {
  expect(await get('/a')).toBe('got 0');
  const body = new Uint8Array(3_500_000);
  expect(await (await fetch(base, { method: 'POST', body })).text()).toBe('got 3500000');
});

test('the delay makes one exchange longer by itself, once', async () => {
  await network.close();
  const clock = new FakeClock();
  await begin(clock);
  network.set('up', 400);
  const asked = get('/slow');
  await until('the request is under way', () => clock.untilNextMs() === 400);
  await clock.advance(399);
  expect(seen).toEqual([]);
  await clock.advance(1);
  expect(await asked).toBe('got 0');
});

test('order holds when the delay is taken away in between', async () => {
  const link = await new TestLink(port).opened();
  network.set('up', 100);
  link.socket.write('GET /one HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 30));
  network.set('up', 0);
  link.socket.write('GET /two HTTP/1.1\r\nhost: x\r\n\r\n');
  await until('both', () => seen.length === 2);
  expect(seen).toEqual(['/one', '/two']);
  link.socket.destroy();
});

test('cut: connections break, new ones too; up again it works', async () => {
  const link = await new TestLink(port).opened();
  await until('a pair', () => network.connectionCount === 1);
  network.set('cut', 0);
  await link.closed;
  await expect(get('/x')).rejects.toThrow();
  expect(seen).toEqual([]);
  network.set('up', 0);
  expect(await get('/y')).toBe('got 0');
});

test('blackhole: it connects, nothing arrives, and after it those connections break', async () => {
  network.set('blackhole', 0);
  await expect(get('/x', 200)).rejects.toThrow(/timeout|aborted/i);
  const link = await new TestLink(port).opened();
  link.socket.write('GET /z HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([seen, link.got]).toEqual([[], '']);
  network.set('up', 0);
  await link.closed;
  expect(await get('/y')).toBe('got 0');
});

test('blackhole swallows on a connection that was open before, and that one is never used again', async () => {
  const link = await new TestLink(port).opened();
  await until('a pair', () => network.connectionCount === 1);
  network.set('blackhole', 0);
  link.socket.write('GET /lost HTTP/1.1\r\nhost: x\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  network.set('up', 0);
  await link.closed;
  expect(seen).toEqual([]);
});

test('drop-replies: the request arrives, the reply does not', async () => {
  network.set('drop-replies', 0);
  await expect(get('/charge')).rejects.toThrow();
  expect(seen).toEqual(['/charge']);
});

test('a request under way when the cable is cut does not arrive', async () => {
  network.set('up', 200);
  const pending = get('/never');
  await new Promise((resolve) => setTimeout(resolve, 60));
  network.set('cut', 200);
  await expect(pending).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(seen).toEqual([]);
});

test('no operator behind it: reset, and the proxy stays', async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
  await expect(get('/x')).rejects.toThrow();
  await new Promise<void>((resolve) => upstream.listen(upstreamPort, '127.0.0.1', resolve));
  expect(await get('/x')).toBe('got 0');
});

test('more connections than the bound are turned away', async () => {
  const links = await Promise.all(Array.from({ length: 128 }, () => new TestLink(port).opened()));
  await until('all pairs', () => network.connectionCount === 128);
  await expect(get('/x')).rejects.toThrow();
  for (const link of links) link.socket.destroy();
  await until('none left', () => network.connectionCount === 0);
  expect(await get('/x')).toBe('got 0');
});
