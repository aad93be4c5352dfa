import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { until } from '../../testkit/until.ts';
import { Trace } from '../trace.ts';
import { DevicePort } from '../devices/device-port.ts';
import { Scanner } from '../devices/scanner.ts';
import { scannerUsbDevice, usbIdentities } from './cabinet-usb.ts';
import type { UsbDevice } from './usb-device.ts';
import { RedirReader, encodeRedir, helloBody, parseTransfer } from './usbredir-codec.ts';
import type { RedirType } from './usbredir-codec.ts';
import { UsbRedirPlug } from './usbredir-plug.ts';

/** The QEMU side of one port. */
let server: Server;
let folder: string;
let machine: Socket | null;
let connectionCount: number;
let got: { type: RedirType | null; id: bigint; hex: string }[];
let port: DevicePort<Scanner>;
let device: UsbDevice;
let plug: UsbRedirPlug;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kaimen-redir-'));
  const path = join(folder, 'port');
  machine = null;
  connectionCount = 0;
  got = [];
  server = createServer((socket) => {
    connectionCount++;
    machine = socket;
    const reader = new RedirReader();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      for (let next = reader.next(); next.ok && next.value !== null; next = reader.next()) {
        got.push({ type: next.value.type, id: next.value.id, hex: next.value.body.toString('hex') });
      }
    });
    socket.write(encodeRedir('hello', 0n, helloBody(), false));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  port = new DevicePort({
    kind: 'code-scanner',
    framing: 'report',
    clock: systemClock,
    random: new SeededRandom(1),
    trace: new Trace(systemClock),
    spoilCheck: (frame) => frame,
    onChange: () => undefined,
    makeDevice: (send) => new Scanner({ clock: systemClock, send, layout: 'standard' }),
  });
  device = scannerUsbDevice(port, usbIdentities.scanner, 'standard', systemClock);
  plug = new UsbRedirPlug(device, path, systemClock);
  await until('announced', () => got.some((one) => one.type === 'deviceConnect'));
});
afterEach(async () => {
  plug.close();
  machine?.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const say = (type: RedirType, id: bigint, hex: string): void => {
  machine?.write(encodeRedir(type, id, Buffer.from(hex, 'hex'), true));
};
const answerTo = (id: bigint): string | undefined => got.find((one) => one.id === id)?.hex;

it('announces interfaces, endpoints and the device, in this order', () => {
  expect(got.map((one) => one.type)).toEqual(['hello', 'interfaceInfo', 'endpointInfo', 'deviceConnect']);
  // Full speed, class by interface, 0C2E:0F01, release 1.00.
  expect(got[3]?.hex).toBe('010000002e0c010f0001');
  const info = Buffer.from(got[2]?.hex ?? '', 'hex');
  // Slot 17 is endpoint 81: interrupt, each 4 ms, 64 bytes. The control pipe is in 0 and 16; there is no other.
  expect([info[17], info[32 + 17], info.readUInt16LE(96 + 2 * 17), info[0], info[16]]).toEqual([
    3, 4, 64, 0, 0,
  ]);
  expect([...info.subarray(0, 32)].filter((type) => type !== 255).length).toBe(3);
});

it('control transfers, configuration, reports that come by themselves', async () => {
  // Endpoint 80, GET_DESCRIPTOR (6), request type 80, value 0100, index 0, length 8.
  say('control', 5n, '80068000' + '0001' + '0000' + '0800');
  say('setConfiguration', 6n, '01');
  say('startInterrupt', 7n, '81');
  await until('started', () => answerTo(7n) === '0081');
  expect(answerTo(5n)).toBe('80068000' + '0001' + '0000' + '0800' + '1201000200000040');
  expect(answerTo(6n)).toBe('0001');
  port.device.scan('x'.repeat(60));
  await until('two reports', () => got.filter((one) => one.type === 'interrupt').length === 2);
  const [first, second] = got.filter((one) => one.type === 'interrupt');
  expect(first?.hex).toMatch(/^8100400002385?/);
  expect([first?.id, second?.id]).toEqual([0n, 1n]);
  // A halted endpoint is reported once. Reports come again when the halt is cleared (CLEAR_FEATURE).
  device.halt(0x81);
  await until('stalled', () => got.some((one) => one.type === 'interrupt' && one.hex === '81040000'));
  port.device.scan('after');
  say('control', 20n, '80060000' + '0001' + '0000' + '0800');
  await until('answered', () => answerTo(20n) !== undefined);
  expect(got.filter((one) => one.type === 'interrupt').length).toBe(3);
  say('control', 21n, '00010200' + '0000' + '8100' + '0000');
  await until('the next scan', () => got.filter((one) => one.type === 'interrupt').length === 4);
});

it('a cancelled transfer is answered as cancelled; an unknown type and id do no harm', async () => {
  say('setConfiguration', 6n, '01');
  say('bulk', 8n, '8100' + '4000' + '00000000' + '0000');
  say('cancel', 99n, '');
  say('cancel', 8n, '');
  machine?.write(Buffer.from('7b00000001000000' + '0100000000000000' + 'ff', 'hex'));
  await until('cancelled', () => answerTo(8n) !== undefined);
  expect(answerTo(8n)).toBe('8101' + '0000' + '00000000' + '0000');
  say('getConfiguration', 10n, '');
  await until('alive', () => answerTo(10n) === '0001');
});

it('pulled and plugged in again: a new connection each time; no USB/redir at all: the same', async () => {
  const first = machine;
  port.setPlugged(false);
  await until('closed', () => first?.destroyed === true || first?.readableEnded === true);
  expect(connectionCount).toBe(1);
  port.setPlugged(true);
  await until('back', () => connectionCount === 2);
  machine?.write(Buffer.alloc(64, 0xff));
  await until('back again', () => connectionCount === 3);
});

it('bodies that promise other data than they carry are none', () => {
  const parse = (type: 'control' | 'bulk' | 'interrupt', hex: string): unknown =>
    parseTransfer(type, Buffer.from(hex, 'hex'));
  expect(parse('control', '00')).toBeNull();
  expect(parse('bulk', '0200' + '0300' + '00000000' + '0000' + 'aabb')).toBeNull();
  expect(parse('bulk', '8100' + '0300' + '00000000' + '0000' + 'aa')).toBeNull();
  expect(parse('bulk', '8100' + '0300' + '00000000' + 'ffff')).toBeNull();
  expect(parse('interrupt', '0200' + '0200' + 'aabb')).toMatchObject({ endpoint: 2, wantedBytes: 0 });
});

it('random bytes never throw, whatever the cuts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
      const reader = new RedirReader();
      for (const chunk of chunks) {
        reader.push(chunk);
        for (let next = reader.next(); next.ok; next = reader.next()) {
          if (next.value === null) break;
          for (const type of ['control', 'bulk', 'interrupt'] as const) parseTransfer(type, next.value.body);
        }
      }
    }),
  );
});
