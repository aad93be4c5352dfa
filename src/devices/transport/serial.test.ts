import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { WatchedTransport } from '../../testkit/devices/watched-transport.ts';
import { SerialTransport } from './serial.ts';
import type { SerialHandle, SerialPackage, SerialSpec } from './serial.ts';
import type { UsbDeviceFacts } from './sysfs.ts';
import { openTimeoutMs, writeTimeoutMs } from './transport.ts';

/** One port of the system, played at its bytes: what the device sends waits in `arrived` until it is read. */
class FakePort implements SerialHandle {
  readonly calls: string[] = [];
  stallWrite = false;
  #arrived: Buffer = Buffer.alloc(0);
  #reader: {
    buffer: Buffer;
    resolve: (r: { bytesRead: number }) => void;
    reject: (e: Error) => void;
  } | null = null;
  #failure: Error | null = null;

  send(...bytes: number[]): void {
    this.#arrived = Buffer.concat([this.#arrived, Buffer.from(bytes)]);
    this.#serve();
  }
  unplug(): void {
    this.#failure = new Error('EIO');
    this.#reader?.reject(this.#failure);
  }
  read(buffer: Buffer): Promise<{ bytesRead: number }> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#reader = { buffer, resolve, reject };
      this.#serve();
    });
  }
  write(bytes: Buffer): Promise<void> {
    this.calls.push(`write ${bytes.toString('hex')}`);
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return this.stallWrite ? new Promise(() => undefined) : Promise.resolve();
  }
  set(): Promise<void> {
    return Promise.reject(new Error('no modem lines'));
  }
  flush(): Promise<void> {
    this.calls.push('flush');
    this.#arrived = Buffer.alloc(0);
    return Promise.resolve();
  }
  close(): Promise<void> {
    this.calls.push('close');
    this.#reader?.reject(new Error('Canceled'));
    return Promise.resolve();
  }
  #serve(): void {
    if (this.#reader === null || this.#arrived.length === 0) return;
    const bytesRead = this.#arrived.copy(this.#reader.buffer);
    this.#arrived = this.#arrived.subarray(bytesRead);
    const { resolve } = this.#reader;
    this.#reader = null;
    resolve({ bytesRead });
  }
}

function adapter(portPath: string, tty: string): UsbDeviceFacts {
  const one = { number: 0, classCode: 0xff, subclassCode: 1, protocolCode: 2, driver: 'ch341', hidraws: [] };
  return {
    portPath,
    deviceNumber: 5,
    vendorId: 0x1a86,
    productId: 0x7523,
    manufacturer: null,
    product: 'USB Serial',
    serialNumber: null,
    interfaces: [{ ...one, ttys: [tty] }],
  };
}
const line = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;
const match = { vendorId: 0x1a86, productId: 0x7523 };

function harness(change: {
  spec?: Partial<SerialSpec>;
  devices?: UsbDeviceFacts[] | null;
  native?: Partial<SerialPackage>;
  load?: () => Promise<SerialPackage>;
}) {
  const port = new FakePort();
  const opened: string[] = [];
  const native: SerialPackage = {
    open: (options) => {
      opened.push(
        `${options.path} ${options.baudRate} ${options.dataBits}${options.parity}${options.stopBits}`,
      );
      return Promise.resolve(port);
    },
    list: () => Promise.resolve([]),
    ...change.native,
  };
  const devices =
    change.devices === undefined ? [adapter('1-1', 'ttyUSB0'), adapter('1-2.3', 'ttyUSB1')] : change.devices;
  const system = {
    load: change.load ?? (() => Promise.resolve(native)),
    readUsbDevices: () => Promise.resolve(devices),
  };
  const spec: SerialSpec = {
    kind: 'serial',
    ...line,
    match: { ...match, portPath: '1-2.3' },
    ...change.spec,
  };
  const transport = new WatchedTransport((clock) => new SerialTransport(spec, clock, system));
  return { port, opened, transport };
}

describe('serial port', () => {
  it('opens the port of the matched device, drops what is old, carries bytes both ways', async () => {
    const { port, opened, transport } = harness({});
    port.send(0xaa);
    expect(await transport.open()).toBe('ok');
    expect(opened).toEqual(['/dev/ttyUSB1 9600 8none1']);
    expect(transport.inner.name).toBe('serial 1A86:7523 in port 1-2.3 (/dev/ttyUSB1)');
    port.send(1, 2);
    await transport.clock.advance(0);
    expect(await transport.ended(transport.inner.write(Uint8Array.of(0x80, 1)))).toBe('ok');
    expect(transport.data).toEqual(['0102']);
    expect(port.calls).toEqual(['flush', 'write 8001']);
  });

  it.each([
    ['none there', { devices: [] }, 'transport.refused: 1A86:7523 in port 1-2.3 is not plugged in'],
    [
      'twins',
      { spec: { match } },
      'transport.ambiguous: 1A86:7523 fits 2 devices: 1-1 interface 0 (/dev/ttyUSB0) and 1-2.3 ' +
        'interface 0 (/dev/ttyUSB1)',
    ],
    [
      'not allowed',
      {
        native: {
          open: () => Promise.reject(new Error('Error: Permission denied, cannot open /dev/ttyUSB1')),
        },
      },
      'transport.refused: serial 1A86:7523 in port 1-2.3 (/dev/ttyUSB1): no permission for ' +
        '/dev/ttyUSB1: install the udev rules (npm run devices)',
    ],
    [
      'no package',
      { load: () => Promise.reject(new Error('no binding')) },
      'transport.refused: serial 1A86:7523 in port 1-2.3: serialport cannot be loaded: no binding',
    ],
  ])('%s', async (_name, change, failure) => {
    const { transport } = harness(change);
    expect(await transport.open()).toBe(failure);
  });

  it('a port of the board by its name; other systems by what they list', async () => {
    const uart = harness({ spec: { path: '/dev/ttyS1', match: undefined }, devices: null });
    expect(await uart.transport.open()).toBe('ok');
    expect(uart.opened).toEqual(['/dev/ttyS1 9600 8none1']);
    const ports = [
      { path: 'COM1' },
      { path: 'COM7', vendorId: '1A86', productId: '7523', serialNumber: 'X' },
    ];
    const listed = harness({
      spec: { match },
      devices: null,
      native: { list: () => Promise.resolve(ports) },
    });
    expect(await listed.transport.open()).toBe('ok');
    expect(listed.opened).toEqual(['COM7 9600 8none1']);
  });

  it('unplugged: reported once, closed, and nothing is written any more', async () => {
    const { port, transport } = harness({});
    await transport.open();
    port.unplug();
    await transport.clock.advance(0);
    expect(transport.closed.map((why) => why.code)).toEqual(['transport.closed']);
    expect(await transport.ended(transport.inner.write(Uint8Array.of(1)))).toContain('transport.closed');
    await transport.inner.close();
    await transport.inner.close();
    expect(port.calls).toEqual(['flush', 'flush', 'close']);
    expect(transport.closed.length).toBe(1);
  });

  it('a write that hangs: timed out, closed, what waits behind it never goes out', async () => {
    const { port, transport } = harness({});
    await transport.open();
    port.stallWrite = true;
    const first = transport.inner.write(Uint8Array.of(1));
    const second = transport.inner.write(Uint8Array.of(2));
    expect(await transport.ended(first, writeTimeoutMs)).toContain('transport.timeout');
    expect(await transport.ended(second)).toContain('transport.timeout');
    expect(transport.closed.map((why) => why.code)).toEqual(['transport.timeout']);
    await transport.clock.advance(0);
    expect(port.calls).toEqual(['flush', 'write 01', 'flush', 'close']);
  });

  it('an open that hangs is aborted; the port that comes late is closed', async () => {
    let give: (port: SerialHandle) => void = () => undefined;
    const native = { open: () => new Promise<SerialHandle>((resolve) => (give = resolve)) };
    const { port, transport } = harness({ native });
    const opening = transport.inner.open(transport.abort.signal);
    expect(await transport.ended(opening, openTimeoutMs)).toContain('transport.timeout');
    give(port);
    await transport.clock.advance(100);
    expect(port.calls.at(-1)).toBe('close');
    expect(transport.closed).toEqual([]);
  });

  it('aborted, or closed, while it opens', async () => {
    const native = { open: () => new Promise<SerialHandle>(() => undefined) };
    const aborted = harness({ native });
    const opening = aborted.transport.inner.open(aborted.transport.abort.signal);
    aborted.transport.abort.abort();
    expect(await aborted.transport.ended(opening)).toContain('transport.aborted');
    const closed = harness({ native });
    const other = closed.transport.inner.open(closed.transport.abort.signal);
    void closed.transport.inner.close();
    expect(await closed.transport.ended(other)).toContain('transport.closed');
  });
});

describe('the descriptor itself is read where there is one', () => {
  async function onDescriptor(fd: number, readable: { listener: (error: Error | null) => void }) {
    const port: SerialHandle = Object.assign(new FakePort(), {
      fd,
      poller: {
        once: (_event: 'readable', listener: (error: Error | null) => void) => {
          readable.listener = listener;
        },
        stop: () => {
          readable.listener(new Error('Canceled'));
        },
      },
    });
    const system = {
      load: () => Promise.resolve({ open: () => Promise.resolve(port), list: () => Promise.resolve([]) }),
      readUsbDevices: () => Promise.resolve(null),
    };
    const spec = { kind: 'serial', path: '/dev/ttyS1', ...line } as const;
    const transport = new SerialTransport(spec, systemClock, system);
    const data: string[] = [];
    transport.onData((bytes) => data.push(Buffer.from(bytes).toString()));
    const closed = new Promise((resolve) => {
      transport.onClosed(resolve);
    });
    expect(await transport.open(new AbortController().signal)).toMatchObject({ ok: true });
    return { transport, data, closed };
  }

  it('nothing there yet: waits until there is; closed while it waits', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'kaimen-fifo-')), 'line');
    execFileSync('mkfifo', [path]);
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const nobody = (): void => undefined;
    const readable = { listener: nobody };
    const { transport, data } = await onDescriptor(fd, readable);
    // It has read, found nothing and waits: a poller of the system's would tell it also of what came before.
    while (readable.listener === nobody) await new Promise((resolve) => setTimeout(resolve, 5));
    writeSync(fd, 'hello');
    readable.listener();
    while (data.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(data).toEqual(['hello']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await transport.close();
    closeSync(fd);
  });

  it('no bytes is the end of the line, not a reason to ask again', async () => {
    const fd = openSync('/dev/null', constants.O_RDWR);
    const { closed, transport } = await onDescriptor(fd, { listener: () => undefined });
    expect(await closed).toMatchObject({ code: 'transport.closed' });
    await transport.close();
    closeSync(fd);
  });
});
