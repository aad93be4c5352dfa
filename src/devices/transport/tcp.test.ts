import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, systemClock } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import { frameReport, ReportFramer } from '../../shared/report-framing.ts';
import type { ReportFrame } from '../../shared/report-framing.ts';
import { NameServer } from '../../testkit/name-server.ts';
import { TcpTransport, keepAliveAfterMs } from './tcp.ts';
import { featureTimeoutMs, openTimeoutMs, writeMaxBytes } from './transport.ts';
import type { TransportFailure } from './transport.ts';

const never = new AbortController().signal;
let servers: Server[] = [];
afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
});

async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer(onSocket);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function connect(
  port: number,
  framing: 'stream' | 'report' = 'stream',
  clock: Clock = systemClock,
  host = '127.0.0.1',
) {
  const transport = new TcpTransport({ host, port, framing }, clock);
  const data: Uint8Array[] = [];
  const closed: TransportFailure[] = [];
  let onChange: () => void = () => undefined;
  transport.onData((bytes) => {
    data.push(bytes);
    onChange();
  });
  transport.onClosed((why) => {
    closed.push(why);
    onChange();
  });
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise<void>((resolve) => (onChange = resolve));
  };
  return { transport, data, closed, until };
}

/** Of an address as the kernel lists it: `0100007F:1F90`. */
function hexPortOf(address = ''): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}

describe('tcp', () => {
  it('carries a stream both ways', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const { transport, data, until } = connect(port);
    expect(await transport.open(never)).toEqual({ ok: true, value: undefined });
    expect(await transport.write(Uint8Array.of(1, 2, 3))).toMatchObject({ ok: true });
    await until(() => data.reduce((n, d) => n + d.length, 0) === 3);
    await transport.close();
  });

  it('carries reports whole, whatever the cuts', async () => {
    const reports = [Uint8Array.of(2, 1), new Uint8Array(64).fill(7), new Uint8Array(1024).fill(9)];
    const wire = Uint8Array.from(reports.flatMap((bytes) => [...frameReport({ kind: 'report', bytes })]));
    const port = await serve((socket) => {
      socket.setNoDelay(true);
      socket.write(wire.subarray(0, 1));
      setTimeout(() => socket.write(wire.subarray(1, 40)), 10);
      setTimeout(() => socket.write(wire.subarray(40)), 20);
    });
    const { transport, data, until } = connect(port, 'report');
    await transport.open(never);
    await until(() => data.length === 3);
    expect(data.map((d) => [...d])).toEqual(reports.map((r) => [...r]));
    await transport.close();
  });

  it('writes a report with its length before it', async () => {
    const got: number[] = [];
    const port = await serve((socket) => socket.on('data', (d: Buffer) => got.push(...d)));
    const { transport } = connect(port, 'report');
    await transport.open(never);
    await transport.write(Uint8Array.of(0xfe, 1));
    while (got.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(got).toEqual([0, 2, 0xfe, 1]);
    await transport.close();
  });

  it.each([
    [0, 0],
    [4, 1],
    [0x3f, 0xff],
    [0xff, 0xff],
  ])('a stated report length of %i·256+%i ends the transport', async (high, low) => {
    const port = await serve((socket) => socket.write(Uint8Array.of(high, low, 1, 2, 3)));
    const { transport, closed, data, until } = connect(port, 'report');
    await transport.open(never);
    await until(() => closed.length > 0);
    expect(closed[0]?.code).toBe('transport.bad_frame');
    expect(data).toEqual([]);
    expect(await transport.write(Uint8Array.of(1))).toMatchObject({ error: { code: 'transport.closed' } });
  });

  it('refused where nothing listens', async () => {
    const port = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const { transport, closed } = connect(port);
    expect(await transport.open(never)).toMatchObject({ error: { code: 'transport.refused' } });
    expect(closed).toEqual([]);
  });

  it('closed by the other side: reported once; not reported after our own close', async () => {
    const port = await serve((socket) => setTimeout(() => socket.destroy(), 10));
    const remote = connect(port);
    await remote.transport.open(never);
    await remote.until(() => remote.closed.length > 0);
    const ours = connect(port);
    await ours.transport.open(never);
    await ours.transport.close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([remote.closed.length, ours.closed.length]).toEqual([1, 0]);
  });

  it.runIf(process.platform === 'linux')(
    'of one that is silent the system asks whether it is still there (its power may have gone and come back)',
    async () => {
      const remotePorts: number[] = [];
      const port = await serve((socket) => remotePorts.push(socket.remotePort ?? 0));
      const { transport } = connect(port);
      await transport.open(never);
      while (remotePorts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const [own = 0] = remotePorts;
      // proc(5): the timer that is running, 2 being that of the question, and when it is over, in hundredths of a second.
      const fields = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .find(([, local, remote]) => hexPortOf(local) === own && hexPortOf(remote) === port);
      const [timer, whenHex = ''] = fields?.[5]?.split(':') ?? [];
      expect(timer).toBe('02');
      expect(Number.parseInt(whenHex, 16) * 10).toBeLessThanOrEqual(keepAliveAfterMs);
      await transport.close();
    },
  );

  it('an open that never ends: aborted, timed out, or closed', async () => {
    // 192.0.2.0/24 is reserved for documentation: no one answers there (or the network refuses at once).
    const make = (clock: FakeClock): TcpTransport =>
      new TcpTransport({ host: '192.0.2.1', port: 9, framing: 'stream' }, clock);
    const clock = new FakeClock();
    const abort = new AbortController();
    const aborted = make(clock).open(abort.signal);
    abort.abort();
    expect(await aborted).toMatchObject({ error: { code: 'transport.aborted' } });
    const closing = make(clock);
    const closed = closing.open(never);
    await closing.close();
    expect(await closed).toMatchObject({ error: { code: 'transport.closed' } });
    const slow = make(clock).open(never);
    await clock.advance(openTimeoutMs);
    expect(await slow).toMatchObject({ error: { code: 'transport.timeout' } });
  });

  it('under a name server that hangs one lookup is under way, and each try ends in its time', async () => {
    const port = await serve(() => undefined);
    const clock = new FakeClock();
    const names = new NameServer(clock);
    try {
      for (let tried = 0; tried < 20; tried++) {
        const opened = new TcpTransport({ host: 'serial.example', port, framing: 'stream' }, clock).open(
          never,
        );
        await clock.advance(openTimeoutMs);
        expect(await opened).toMatchObject({ error: { code: 'transport.timeout' } });
        expect(names.pendingCount).toBeLessThanOrEqual(1);
      }
      names.isHung = false;
      await clock.advance(20_000);
      const { transport } = connect(port, 'stream', clock, 'serial.example');
      const opened = transport.open(never);
      await clock.advance(100);
      expect(await opened).toMatchObject({ ok: true });
      await transport.close();
    } finally {
      names.restore();
    }
  });

  it('one write, and all that waits, have a bound', async () => {
    const port = await serve((socket) => socket.pause());
    const { transport } = connect(port);
    await transport.open(never);
    expect(await transport.write(new Uint8Array(writeMaxBytes + 1))).toMatchObject({
      error: { code: 'transport.too_large' },
    });
    await transport.close();
    expect(await transport.write(Uint8Array.of(1))).toMatchObject({ error: { code: 'transport.closed' } });
  });
});

describe('feature reports over tcp', () => {
  /** Plays the device: answers each frame of the host with the frames that `answer` gives. */
  async function features(answer: (frame: ReportFrame) => ReportFrame[], clock: Clock = systemClock) {
    const onChange: ReportFrame[] = [];
    const port = await serve((socket) => {
      const framer = new ReportFramer();
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        const frames = framer.push(chunk);
        for (const frame of frames.ok ? frames.value : []) {
          onChange.push(frame);
          for (const one of answer(frame)) socket.write(frameReport(one));
        }
      });
    });
    const transport = connect(port, 'report', clock);
    await transport.transport.open(never);
    return { ...transport, onChange };
  }
  const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

  it('are set and read, in the order of the calls, amid input reports', async () => {
    const { transport, onChange, data } = await features(({ kind, bytes: [id = 0] }) => [
      { kind: 'report', bytes: bytes(2, 2) },
      { kind, bytes: kind === 'getFeature' ? bytes(id, 7, 7) : bytes(id) },
    ]);
    const answers = await Promise.all([
      transport.sendFeature(bytes(0, 0xff, 1)),
      transport.getFeature(0, 9),
      transport.getFeature(5, 600),
    ]);
    expect(answers).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: bytes(0, 7, 7) },
      { ok: true, value: bytes(5, 7, 7) },
    ]);
    expect(onChange).toEqual([
      { kind: 'setFeature', bytes: bytes(0, 0xff, 1) },
      { kind: 'getFeature', bytes: bytes(0, 0, 9) },
      { kind: 'getFeature', bytes: bytes(5, 2, 88) },
    ]);
    expect(data.length).toBe(3);
    await transport.close();
  });

  it('refused: transport.io, and the transport lives on', async () => {
    const { transport, closed } = await features(({ bytes: [id = 0] }) => [
      { kind: 'refused', bytes: bytes(id) },
    ]);
    expect(await transport.sendFeature(bytes(1, 2))).toMatchObject({ error: { code: 'transport.io' } });
    expect(await transport.getFeature(1, 9)).toMatchObject({ error: { code: 'transport.io' } });
    expect(closed).toEqual([]);
    await transport.close();
  });

  it.each([
    ['another id', { kind: 'setFeature', bytes: bytes(9) }],
    ['another kind', { kind: 'getFeature', bytes: bytes(1, 0) }],
  ] as const)('an answer with %s ends the transport', async (_name, frame) => {
    const { transport, closed } = await features(() => [frame]);
    expect(await transport.sendFeature(bytes(1, 2))).toMatchObject({
      error: { code: 'transport.bad_frame' },
    });
    expect(closed.map((why) => why.code)).toEqual(['transport.bad_frame']);
  });

  it('an answer longer than was asked for is no answer', async () => {
    const { transport } = await features(() => [{ kind: 'getFeature', bytes: bytes(1, 2, 3, 4) }]);
    expect(await transport.getFeature(1, 3)).toMatchObject({ error: { code: 'transport.bad_frame' } });
    await transport.close();
  });

  it('no answer: timed out, and the transport is closed so that a late one cannot count', async () => {
    const clock = new FakeClock();
    const { transport, closed, onChange } = await features(() => [], clock);
    const first = transport.getFeature(1, 9);
    const second = transport.sendFeature(bytes(1, 2));
    while (onChange.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(featureTimeoutMs);
    expect(await first).toMatchObject({ error: { code: 'transport.timeout' } });
    expect(await second).toMatchObject({ error: { code: 'transport.closed' } });
    expect(closed.map((why) => why.code)).toEqual(['transport.timeout']);
    expect(onChange.length).toBe(1);
  });

  it('closed meanwhile: transport.closed', async () => {
    const { transport } = await features(() => []);
    const call = transport.getFeature(1, 9);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await transport.close();
    expect(await call).toMatchObject({ error: { code: 'transport.closed' } });
  });

  it('a stream has none', async () => {
    const { transport } = connect(1);
    expect(await transport.getFeature(1, 9)).toMatchObject({ error: { code: 'transport.unsupported' } });
    expect(await transport.sendFeature(bytes(1))).toMatchObject({ error: { code: 'transport.unsupported' } });
  });
});
