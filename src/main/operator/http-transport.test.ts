import { spawn } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock, systemClock } from '../../shared/clock.ts';
import { until } from '../../testkit/until.ts';
import { NodeHttpTransport, connectTimeoutMs } from './http-transport.ts';
import type { HttpRequest } from './http-transport.ts';

/** Against real sockets: what is known of a request when it fails depends on them. */
const servers: (Server | NetServer)[] = [];
let transport: NodeHttpTransport;

beforeEach(() => {
  transport = new NodeHttpTransport(systemClock);
});
afterEach(async () => {
  transport.reset();
  for (const socket of rawSockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server | NetServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const http = (handler: RequestListener) => listen(createHttpServer(handler));
const rawSockets: Socket[] = [];
const raw = (handler: (socket: Socket) => void) =>
  listen(
    createServer((socket) => {
      rawSockets.push(socket);
      socket.on('error', () => undefined);
      handler(socket);
    }),
  );

const request = (port: number, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'PUT',
  url: new URL(`http://127.0.0.1:${port}/v1/charges/KM1`),
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"a":"茶"}'),
  timeoutMs: 1000,
  responseMaxBytes: 1000,
  ...more,
});

describe('more requests than connections', () => {
  test('one that got the connection of another and no answer may have arrived', async () => {
    const seen: string[] = [];
    const port = await http((incoming, outgoing) => {
      seen.push(incoming.url ?? '');
      // The last one is seen and never answered.
      if (seen.length < 5) setTimeout(() => outgoing.end('ok'), 50);
    });
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((number) =>
        transport.send(
          request(port, {
            url: new URL(`http://127.0.0.1:${port}/${number}`),
            timeoutMs: connectTimeoutMs + 500,
          }),
        ),
      ),
    );
    expect(seen).toContain('/5');
    expect(answers[4]).toMatchObject({ ok: false, error: { code: 'lost' } });
  });
});

describe('an answer', () => {
  test('bytes there, bytes back', async () => {
    const port = await http((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        outgoing.writeHead(201, { etag: '"7"' });
        outgoing.end(Buffer.concat([Buffer.from(`${incoming.method} ${incoming.url} `), ...chunks]));
      });
    });
    const answer = await transport.send(request(port));
    expect(answer).toMatchObject({ ok: true, value: { status: 201, headers: { etag: '"7"' } } });
    expect(answer.ok && answer.value.body.toString()).toBe('PUT /v1/charges/KM1 {"a":"茶"}');
  });

  test('larger than allowed: cut off, whether announced or not', async () => {
    let sentBytes = 0;
    const port = await http((_, outgoing) => {
      const pour = setInterval(() => {
        sentBytes += 500;
        outgoing.write('x'.repeat(500));
      }, 5);
      outgoing.on('close', () => clearInterval(pour));
    });
    expect(await transport.send(request(port))).toMatchObject({ ok: false, error: { code: 'too_large' } });
    expect(sentBytes).toBeLessThan(5000);
    const exact = await http((_, outgoing) => outgoing.end('x'.repeat(1000)));
    expect(await transport.send(request(exact))).toMatchObject({ ok: true });
  });
});

describe('not sent', () => {
  test('nobody listens', async () => {
    const port = await http(() => undefined);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await transport.send(request(port))).toMatchObject({ ok: false, error: { code: 'not_sent' } });
  });

  test('no such name', async () => {
    const url = new URL('http://operator.invalid/');
    expect(await transport.send(request(0, { url }))).toMatchObject({ error: { code: 'not_sent' } });
  });

  test('a listener that takes no connection: given up long before the time-out of the request', async () => {
    // A full backlog drops the SYN, as a network does that has gone away.
    const script =
      `const n=require('net');const ` +
      `s=n.createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},` +
      `()=>{process.stdout.write(String(s.address().port));for(;;);})`;
    const busy = spawn(process.execPath, ['-e', script]);
    const busyPort = await new Promise<number>((resolve) => {
      busy.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    });
    const fillers = Array.from({ length: 4 }, () =>
      connect(busyPort, '127.0.0.1').on('error', () => undefined),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const clock = new FakeClock();
    transport = new NodeHttpTransport(clock);
    const sending = transport.send(request(busyPort, { timeoutMs: 8000 }));
    await until('it is being connected', () => clock.untilNextMs() === connectTimeoutMs);
    await clock.advance(connectTimeoutMs);
    const answer = await sending;
    for (const filler of fillers) filler.destroy();
    busy.kill('SIGKILL');
    expect(answer).toMatchObject({ ok: false, error: { code: 'not_sent' } });
  });

  test('not TLS', async () => {
    const port = await raw((socket) => socket.end('hello'));
    const url = new URL(`https://127.0.0.1:${port}/`);
    expect(await transport.send(request(port, { url }))).toMatchObject({ error: { code: 'not_sent' } });
  });
});

describe('lost: it may have arrived', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['cut after the request', (socket) => void socket.once('data', () => socket.destroy())],
    ['reset after the request', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
    ['cut in the headers', (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncont'))],
    [
      'cut in the body',
      (socket) =>
        void socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"chargeId"'),
        ),
    ],
    ['not HTTP', (socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))],
    ['headers without end', (socket) => void socket.once('data', () => flood(socket))],
  ])('%s', async (_, handler) => {
    const port = await raw(handler);
    expect(await transport.send(request(port))).toMatchObject({ ok: false, error: { code: 'lost' } });
  });

  test('no answer: given up at the time-out', async () => {
    const port = await http(() => undefined);
    const startMs = performance.now();
    const answer = await transport.send(request(port, { timeoutMs: 300 }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'lost' } });
    expect(performance.now() - startMs).toBeLessThan(1500);
  });

  test('an answer that drips: the time-out is for the whole of it', async () => {
    const port = await http((_, outgoing) => {
      const drip = setInterval(() => outgoing.write('x'), 20);
      outgoing.on('close', () => clearInterval(drip));
    });
    const answer = await transport.send(request(port, { timeoutMs: 300 }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'lost' } });
  });

  test('given up by the caller, before and during', async () => {
    const port = await http(() => undefined);
    const abort = new AbortController();
    const answer = transport.send(request(port, { signal: abort.signal }));
    setTimeout(() => abort.abort(), 100);
    expect(await answer).toMatchObject({ ok: false, error: { code: 'lost' } });
    const { signal } = abort;
    expect(await transport.send(request(port, { signal }))).toMatchObject({ error: { code: 'not_sent' } });
  });
});

describe('connections', () => {
  test('one is kept and used again; after a reset a new one is made', async () => {
    const sockets = new Set<unknown>();
    const port = await http((incoming, outgoing) => {
      sockets.add(incoming.socket);
      outgoing.end('ok');
    });
    for (let i = 0; i < 3; i++) expect((await transport.send(request(port))).ok).toBe(true);
    expect(sockets.size).toBe(1);
    transport.reset();
    expect((await transport.send(request(port))).ok).toBe(true);
    expect(sockets.size).toBe(2);
  });

  test('one of its own leaves the kept one free', async () => {
    let connections = 0;
    const server = createHttpServer((incoming, outgoing) => {
      if (incoming.method === 'PUT') outgoing.end();
    });
    server.on('connection', () => connections++);
    const port = await listen(server);
    await transport.send(request(port));
    const left = new AbortController();
    const held = transport.send(request(port, { method: 'POST', ownConnection: true, signal: left.signal }));
    await transport.send(request(port));
    expect(connections).toBe(2);
    left.abort();
    expect(await held).toMatchObject({ ok: false });
  });

  test('cut on a kept one: it may have arrived', async () => {
    let count = 0;
    const port = await http((incoming, outgoing) => {
      if (++count === 1) outgoing.end('ok');
      else incoming.socket.destroy();
    });
    expect((await transport.send(request(port))).ok).toBe(true);
    expect(await transport.send(request(port))).toMatchObject({ ok: false, error: { code: 'lost' } });
  });

  test('a kept one that the other side has closed meanwhile does no harm', async () => {
    const sockets: Socket[] = [];
    const port = await http((incoming, outgoing) => {
      sockets.push(incoming.socket);
      outgoing.end('ok');
    });
    await transport.send(request(port));
    sockets[0]!.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await transport.send(request(port))).ok).toBe(true);
  });
});

function flood(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\n');
  const pour = setInterval(() => socket.write(`x-${'y'.repeat(4000)}: 1\r\n`), 1);
  socket.on('close', () => clearInterval(pour));
}
