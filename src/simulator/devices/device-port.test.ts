import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { until } from '../../testkit/until.ts';
import { TestLink } from '../testing.ts';
import { Trace } from '../trace.ts';
import { DevicePort } from './device-port.ts';
import type { Emulator } from './line.ts';

/** Answers each chunk with the same bytes. */
class Echo implements Emulator {
  readonly #send: (frame: Uint8Array) => void;
  offCount = 0;
  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send;
  }
  receive(bytes: Uint8Array): void {
    this.#send(bytes);
  }
  /** Report 1 may be set and read; all else is refused. */
  readonly features = {
    set: (report: Uint8Array): boolean => {
      this.set = report;
      return report[0] === 1;
    },
    get: (id: number): Uint8Array | null => (id === 1 ? this.set : null),
  };
  set: Uint8Array = new Uint8Array();
  powerOff(): void {
    this.offCount++;
  }
}

let close: () => Promise<void> = () => Promise.resolve();
afterEach(() => close());

async function start(
  framing: 'stream' | 'report' = 'stream',
): Promise<{ port: DevicePort<Echo>; number: number; trace: Trace }> {
  const trace = new Trace(systemClock);
  const port = new DevicePort({
    kind: 'lock',
    framing,
    clock: systemClock,
    random: new SeededRandom(1),
    trace,
    spoilCheck: (frame) => frame,
    makeDevice: (send) => new Echo(send),
    onChange: () => undefined,
  });
  close = () => port.close();
  return { port, number: await port.listen(0), trace };
}

test('bytes go both ways and are traced with rising times', async () => {
  const { number, trace } = await start();
  const transport = await new TestLink(number).opened();
  transport.writeHex('80010133B3');
  await until('the echo', () => transport.got === '80010133B3');
  const [to, from] = trace.since(0);
  expect(to).toMatchObject({ device: 'lock', direction: 'to_device', hex: '80010133B3' });
  expect(from).toMatchObject({ direction: 'from_device', hex: '80010133B3' });
  expect(from!.atMs).toBeGreaterThanOrEqual(to!.atMs);
  expect(trace.since(to!.seq)).toEqual([from]);
  transport.socket.destroy();
});

test('reports carry their length before them', async () => {
  const { number, port, trace } = await start('report');
  const transport = await new TestLink(number).opened();
  await until('attached', () => port.attached);
  transport.writeHex('00020203');
  await until('the report', () => transport.got === '00020203');
  expect(trace.since(0).at(-1)?.hex).toBe('0203');
  transport.socket.destroy();
});

test('feature reports: set, read, refused; what is no request at all ends the transport', async () => {
  const { number, port } = await start('report');
  const transport = await new TestLink(number).opened();
  await until('attached', () => port.attached);
  transport.writeHex('4003010203' + '8003010002' + '4001' + '05' + '800107');
  // Set (01), its first two bytes, and refusals of id 5 and of a malformed request for id 7.
  await until('the answers', () => transport.got === '400101' + '80020102' + 'C00105' + 'C00107');
  transport.writeHex('3FFF');
  await transport.closed;
});

test.each([
  ['silent', 0, ''],
  ['mute', 3, ''],
  ['cut', 3, '400101'],
] as const)('feature reports under the fault %s', async (fault, setBytes, got) => {
  const { number, port, trace } = await start('report');
  const transport = await new TestLink(number).opened();
  await until('attached', () => port.attached);
  port.line.setFault(fault);
  transport.writeHex('4003010203');
  await until('it came', () => trace.lastSeq > 0);
  expect(port.device.set.length).toBe(setBytes);
  port.line.setFault('none');
  // All that comes before this refusal has come from the first request.
  transport.writeHex('400105');
  await until('the refusal', () => transport.got.endsWith('C00105'));
  expect(transport.got).toBe(`${got}C00105`);
  transport.socket.destroy();
});

test('unplugged: the transport breaks, new ones too, power is lost; plugged in it all works again', async () => {
  const { port, number } = await start();
  const transport = await new TestLink(number).opened();
  await until('attached', () => port.attached);
  port.setPlugged(false);
  await transport.closed;
  expect(port.device.offCount).toBe(1);
  const second = new TestLink(number);
  await second.closed;
  expect(second.got).toBe('');
  port.setPlugged(true);
  const third = await new TestLink(number).opened();
  third.writeHex('01');
  await until('the echo', () => third.got === '01');
  third.socket.destroy();
});

test('a new kiosk takes the transport over', async () => {
  const { number } = await start();
  const first = await new TestLink(number).opened();
  const second = await new TestLink(number).opened();
  await first.closed;
  second.writeHex('AA');
  await until('the echo', () => second.got === 'AA');
  second.socket.destroy();
});

test('the device lives on when the kiosk dies', async () => {
  const { port, number } = await start();
  const transport = await new TestLink(number).opened();
  await until('attached', () => port.attached);
  transport.socket.resetAndDestroy();
  await until('detached', () => !port.attached);
  expect(port.device.offCount).toBe(0);
});

test('silent: what the kiosk says does not even reach the device', async () => {
  const { port, number, trace } = await start();
  port.line.setFault('silent');
  const transport = await new TestLink(number).opened();
  transport.writeHex('55');
  await until('it came', () => trace.lastSeq === 1);
  port.line.setFault('none');
  transport.writeHex('66');
  await until('the echo', () => transport.got !== '');
  expect(transport.got).toBe('66');
  transport.socket.destroy();
});

test('the cable pulled during flood: silence, and flood again when it is back', async () => {
  const { port, number } = await start();
  port.line.setFault('flood');
  const transport = await new TestLink(number).opened();
  await until('noise', () => transport.got.length > 200);
  port.setPlugged(false);
  await transport.closed;
  port.setPlugged(true);
  const again = await new TestLink(number).opened();
  await until('noise again', () => again.got.length > 200);
  again.socket.destroy();
});

test('a kiosk that never reads does not fill the memory', async () => {
  const { port, number, trace } = await start();
  const transport = await new TestLink(number).opened();
  transport.socket.pause();
  await until('attached', () => port.attached);
  const big = new Uint8Array(64 * 1024);
  for (let i = 0; i < 400; i++) port.line.send(big);
  // Of 25 MiB only what socket buffers and the bound take has been accepted.
  expect(trace.lastSeq).toBeLessThan(200);
  transport.socket.destroy();
});

test('a taken port is said, not swallowed', async () => {
  const { number } = await start();
  const other = new DevicePort({
    kind: 'lock',
    framing: 'stream',
    clock: systemClock,
    random: new SeededRandom(1),
    trace: new Trace(systemClock),
    spoilCheck: (frame) => frame,
    makeDevice: (send) => new Echo(send),
    onChange: () => undefined,
  });
  await expect(other.listen(number)).rejects.toThrow('EADDRINUSE');
});
