import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { cabinetDevicesSchema } from '../shared/model/device.ts';
import { until } from '../testkit/until.ts';
import { TestLink } from './testing.ts';

const entry = fileURLToPath(new URL('./index.ts', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Ready {
  readonly ready: true;
  readonly control: string;
  readonly operatorProxy: string;
  readonly devices: { readonly devices: { readonly transport: { readonly port: number } }[] };
}

function run(
  args: string[],
  env: Record<string, string> = {},
): { child: ChildProcess; out: () => string; err: () => string } {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  started.push(child);
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return { child, out: () => out, err: () => errors };
}

/** Starts one, kills it, and starts another one on its ports; null: another program has taken one of them meanwhile. */
async function killedAndStartedAgain(): Promise<{
  ready: Ready;
  lock: string;
  second: ReturnType<typeof run>;
} | null> {
  const first = run(['--operator', 'http://127.0.0.1:9']);
  await until('ready', () => first.out().includes('\n'));
  const ready = JSON.parse(first.out()) as Ready;
  expect(ready.ready).toBe(true);
  const [lock = '', reader = '', scanner = ''] = ready.devices.devices.map((d) => String(d.transport.port));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const portOf = (url: string): string => new URL(url).port;
  const devices = ['--lock-port', lock, '--reader-port', reader, '--scanner-port', scanner];
  const second = run([...devices, '--proxy-port', portOf(ready.operatorProxy)], {
    KAIMEN_SIM_CONTROL_PORT: portOf(ready.control),
  });
  await until('ready again, or not', () => second.out().includes('\n') || second.child.exitCode !== null);
  if (second.child.exitCode === null) return { ready, lock, second };
  expect(second.err()).toMatch(/EADDRINUSE/);
  return null;
}

test('one line when ready; the same ports after a kill; ends on SIGTERM', async () => {
  const started = (await killedAndStartedAgain()) ?? (await killedAndStartedAgain());
  if (started === null) throw new Error('its ports were taken twice');
  const { ready, lock, second } = started;
  expect(JSON.parse(second.out())).toEqual(ready);
  const link = await new TestLink(Number(lock)).opened();
  link.writeHex('80010133B3');
  await until('the lock answers', () => link.got === '8001011191');
  second.child.kill('SIGTERM');
  const [code] = (await once(second.child, 'exit')) as [number];
  expect(code).toBe(0);
});

test('it goes with the one who started it, when told so', async () => {
  const { child, out } = run(['--until-stdin-ends']);
  await until('ready', () => out().includes('\n'));
  child.stdin?.end();
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
});

test('--lock: another lock board, with what it needs', async () => {
  const { child, out } = run(['--lock', 'relay-dcttech']);
  await until('ready', () => out().includes('\n'));
  const { devices } = JSON.parse(out()) as { devices: unknown };
  const config = cabinetDevicesSchema.parse(devices);
  expect(config.devices.map((one) => [one.kind, one.protocol]).slice(0, 2)).toEqual([
    ['lock', 'relay-dcttech'],
    ['door-sensor', 'lock-8a'],
  ]);
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('--reader and --scanner: others than the usual ones', async () => {
  const { child, out } = run(['--reader', 'rfid-sw5357', '--scanner', 'scanner-serial']);
  await until('ready', () => out().includes('\n'));
  const { devices } = JSON.parse(out()) as { devices: unknown };
  const config = cabinetDevicesSchema.parse(devices);
  expect(config.devices.map((one) => one.protocol)).toEqual(['lock-8a', 'rfid-sw5357', 'scanner-serial']);
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('--light: a relay board of its own', async () => {
  const { child, out } = run(['--lock', 'relay-dcttech', '--light', 'relay-dcttech']);
  await until('ready', () => out().includes('\n'));
  const { devices } = JSON.parse(out()) as { devices: unknown };
  const config = cabinetDevicesSchema.parse(devices);
  expect(config.devices.map((one) => one.kind)).toEqual([
    ...['lock', 'door-sensor', 'tag-reader', 'code-scanner', 'light'],
  ]);
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test("--usbip: the cabinet's three devices are listed over USB/IP", async () => {
  const { child, out } = run(['--usbip', '0']);
  await until('ready', () => out().includes('\n'));
  const { usbipPort } = JSON.parse(out()) as { usbipPort: number };
  const link = await new TestLink(usbipPort).opened();
  link.writeHex('0111800500000000');
  await link.closed;
  expect(link.got.slice(0, 24)).toBe('011100050000000000000003');
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test.each([
  ['an unknown option', ['--turbo']],
  ['a port that is none', ['--lock-port', '70000']],
  ['an operator that is no URL', ['--operator', 'localhost']],
])('%s: usage and exit code 2', async (_name, args) => {
  const { child, out, err } = run(args);
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(2);
  expect(err()).toContain('usage:');
  expect(out()).toBe('');
});
