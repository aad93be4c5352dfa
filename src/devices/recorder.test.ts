import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import type { Log } from './device-slot.ts';
import { recordSessions, recordingMax, recordingMaxBytes } from './recorder.ts';
import { MemoryTransport } from './transport/memory.ts';
import { parseTrace } from './transport/recording.ts';

const spec = { kind: 'tcp', host: 'h', port: 1, framing: 'stream' } as const;

function harness(dir = join(mkdtempSync(join(tmpdir(), 'kaimen-record-')), 'new')) {
  const clock = new FakeClock();
  const logged: string[] = [];
  const transports: MemoryTransport[] = [];
  const log: Log = (event) => logged.push(event);
  const make = recordSessions(
    () => {
      const transport = new MemoryTransport('memory');
      transports.push(transport);
      return transport.hostEnd;
    },
    { dir, clock, log },
  );
  const open = async () => {
    const transport = make(spec, 'lock', 'lock-1');
    transport.onData(() => undefined);
    await transport.open(new AbortController().signal);
    return transport;
  };
  const files = (): string[] => readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
  return { clock, dir, logged, transports, open, files };
}

it('each connection is a file that parses and that nobody else may read', async () => {
  const { clock, dir, transports, open, files, logged } = harness();
  const transport = await open();
  await transport.write(Uint8Array.of(0x80, 1));
  await clock.advance(12);
  transports[0]!.send(Uint8Array.of(7));
  await transport.close();
  await (await open()).write(Uint8Array.of(1));
  const [first = '', second] = files();
  expect(first.split('\n').slice(1)).toEqual(['0 => 80 01', '12 <= 07', '']);
  expect(first).toContain('# lock-1 (lock) memory, begun 2026-01-01T00:00:00.000Z');
  expect(parseTrace(first)).toMatchObject({ ok: true });
  expect(second).toBeDefined();
  expect(readdirSync(dir).every((name) => (statSync(join(dir, name)).mode & 0o077) === 0)).toBe(true);
  expect(logged).toEqual(['recording.on']);
});

it('a recording has a greatest size, and ends by saying so', async () => {
  const { open, transports, files } = harness();
  await open();
  for (let sent = 0; sent < recordingMaxBytes; sent += 3000) transports[0]!.send(new Uint8Array(1000));
  const [text = ''] = files();
  expect(text.length).toBeLessThan(recordingMaxBytes + 100);
  expect(text.endsWith('# full: the rest is not recorded\n')).toBe(true);
});

it('a plug that comes and goes does not fill the disk', async () => {
  const { open, files } = harness();
  for (let i = 0; i < recordingMax + 10; i++) {
    const transport = await open();
    await transport.write(Uint8Array.of(i));
    await transport.close();
  }
  expect(files().length).toBe(recordingMax);
});

it('a device that is never there leaves no file', async () => {
  const { dir, open } = harness();
  for (let i = 0; i < 10; i++) await (await open()).close();
  expect(existsSync(dir)).toBe(false);
});

it('a folder that cannot be written is said once a connection, and the device works', async () => {
  const { open, transports, logged } = harness('/dev/null/none');
  const transport = await open();
  expect(await transport.write(Uint8Array.of(1))).toMatchObject({ ok: true });
  expect(transports[0]!.written.length).toBe(1);
  expect(logged).toEqual(['recording.on', 'recording.failed']);
});
