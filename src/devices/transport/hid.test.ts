import { describe, expect, it } from 'vitest';
import { WatchedTransport } from '../../testkit/devices/watched-transport.ts';
import { HidTransport } from './hid.ts';
import type { HidHandle, HidPackage } from './hid.ts';
import { featureTimeoutMs, writeTimeoutMs } from './transport.ts';

/** One HID device, played at its reports. */
class FakeHid implements HidHandle {
  readonly calls: string[] = [];
  /** What calls do: `work`, `fail` or `hang`. */
  mode: 'work' | 'fail' | 'hang' = 'work';
  feature = Buffer.from([0, 0x50, 0x53, 1]);
  #data: (report: Buffer) => void = () => undefined;
  #error: () => void = () => undefined;

  on(event: 'data' | 'error', listener: ((report: Buffer) => void) | (() => void)): void {
    if (event === 'data') {
      this.#data = listener;
      // As the package does it: it begins to read a tick later, and throws there when it finds itself closed.
      process.nextTick(() => {
        if (this.calls.includes('close')) this.calls.push('read after close');
      });
    } else this.#error = listener as () => void;
  }
  send(...report: number[]): void {
    this.#data(Buffer.from(report));
  }
  unplug(): void {
    this.mode = 'fail';
    this.#error();
  }
  write(report: Buffer): Promise<number> {
    return this.#do(`write ${report.toString('hex')}`, report.length);
  }
  sendFeatureReport(report: Buffer): Promise<number> {
    return this.#do(`set ${report.toString('hex')}`, report.length);
  }
  getFeatureReport(reportId: number, maxBytes: number): Promise<Buffer> {
    return this.#do(`get ${reportId} ${maxBytes}`, this.feature);
  }
  close(): Promise<void> {
    this.calls.push('close');
    return Promise.resolve();
  }
  #do<T>(what: string, result: T): Promise<T> {
    this.calls.push(what);
    if (this.mode === 'hang') return new Promise(() => undefined);
    return this.mode === 'fail' ? Promise.reject(new Error('could not')) : Promise.resolve(result);
  }
}

const match = { vendorId: 0x0c2e, productId: 0x0b61 };
const info = { ...match, interface: 0, usagePage: 0x8c, usage: 2, product: 'Scanner', serialNumber: '' };

function harness(change: { native?: Partial<HidPackage>; match?: object; infos?: object[] } = {}) {
  const device = new FakeHid();
  const opened: string[] = [];
  const infos = change.infos ?? [{ path: '/dev/hidraw0' }, { path: '/dev/hidraw1', usagePage: 1, usage: 6 }];
  const native: HidPackage = {
    devicesAsync: () => Promise.resolve(infos.map((one) => ({ ...info, ...one }))),
    open: (path) => {
      opened.push(path);
      return Promise.resolve(device);
    },
    ...change.native,
  };
  const facts = (portPath: string, hidraw: string) => ({
    portPath,
    deviceNumber: 1,
    ...match,
    manufacturer: null,
    product: null,
    serialNumber: null,
    interfaces: [
      ...[
        {
          number: 0,
          classCode: 3,
          subclassCode: 0,
          protocolCode: 0,
          driver: 'usbhid',
          ttys: [],
          hidraws: [hidraw],
        },
      ],
    ],
  });
  const system = {
    load: () => Promise.resolve(native),
    readUsbDevices: () => Promise.resolve([facts('1-1', 'hidraw0'), facts('1-2', 'hidraw1')]),
    readReportDescriptor: (node: string) => Promise.resolve(Uint8Array.of(0x05, Number(node.at(-1)))),
  };
  const spec = { kind: 'hid', match: { ...match, usagePage: 0x8c, ...change.match } } as const;
  const transport = new WatchedTransport((clock) => new HidTransport(spec, clock, system));
  return { device, opened, transport };
}

describe('hid', () => {
  it('opens the one that fits, drops what it says at once, carries reports both ways', async () => {
    const { device, opened, transport } = harness();
    const opening = transport.inner.open(transport.abort.signal);
    await transport.clock.advance(10);
    device.send(2, 0xee);
    await transport.clock.advance(40);
    expect(await opening).toMatchObject({ ok: true });
    device.send(2, 1);
    expect(await transport.ended(transport.inner.write(Uint8Array.of(2, 9)))).toBe('ok');
    expect(opened).toEqual(['/dev/hidraw0']);
    expect(transport.inner.reportDescriptor).toEqual(Uint8Array.of(0x05, 0));
    expect(transport.data).toEqual(['0201']);
    expect(device.calls).toEqual(['write 0209']);
  });

  it('aborted just as it opens: the package has begun to read before it is closed', async () => {
    let finishOpen: (device: HidHandle) => void = () => undefined;
    const { device, transport } = harness({
      native: { open: () => new Promise((resolve) => (finishOpen = resolve)) },
    });
    const opening = transport.inner.open(transport.abort.signal);
    await transport.clock.advance(1);
    transport.abort.abort();
    finishOpen(device);
    expect(await opening).toMatchObject({ error: { code: 'transport.aborted' } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(device.calls).toEqual(['close']);
  });

  it.each([
    ['another device', { match: { productId: 1 } }, 'is not plugged in'],
    [
      'twins',
      { infos: [{ path: '/dev/hidraw0' }, { path: '/dev/hidraw1' }] },
      'transport.ambiguous: 0C2E:0B61 usage page 008C fits 2 devices: 1-1 interface 0 ' +
        '(/dev/hidraw0) and 1-2 interface 0 (/dev/hidraw1)',
    ],
    [
      'not allowed',
      {
        native: {
          open: () =>
            Promise.reject(new Error('cannot open device with path /dev/hidraw0: Permission denied')),
        },
      },
      'no permission for /dev/hidraw0: install the udev rules',
    ],
    [
      'libusb missing',
      {
        native: {
          devicesAsync: () => Promise.reject(new Error('libusb-1.0.so.0: cannot open shared object file')),
        },
      },
      'the system library libusb-1.0 is missing: apt-get install libusb-1.0-0',
    ],
  ])('%s: a typed error', async (_name, change, words) => {
    const { transport, opened } = harness(change);
    expect(await transport.open()).toContain(words);
    expect(opened).toEqual([]);
  });

  it('twins are told apart by the port', async () => {
    const infos = [{ path: '/dev/hidraw0' }, { path: '/dev/hidraw1' }];
    const { transport, opened } = harness({ infos, match: { portPath: '1-2' } });
    expect(await transport.open()).toBe('ok');
    expect(opened).toEqual(['/dev/hidraw1']);
  });

  it('feature reports: set, read, refused without the transport being lost', async () => {
    const { device, transport: watched } = harness();
    await watched.open();
    const { inner: transport } = watched;
    expect(await watched.ended(transport.sendFeature(Uint8Array.of(0, 0xff, 1)))).toBe('ok');
    expect(await transport.getFeature(0, 9)).toEqual({ ok: true, value: Uint8Array.of(0, 0x50, 0x53, 1) });
    expect(await watched.ended(transport.getFeature(0, 3))).toContain('transport.bad_frame');
    device.mode = 'fail';
    expect(await watched.ended(transport.sendFeature(Uint8Array.of(0, 1)))).toContain('transport.io');
    expect(await watched.ended(transport.getFeature(0, 9))).toContain('transport.io');
    device.mode = 'work';
    device.feature = Buffer.alloc(0);
    expect(await watched.ended(transport.getFeature(0, 9))).toContain('transport.io');
    expect(device.calls).toEqual(['set 00ff01', 'get 0 9', 'get 0 3', 'set 0001', 'get 0 9', 'get 0 9']);
    expect(watched.closed).toEqual([]);
  });

  it('unplugged: reported once, closed; later calls fail', async () => {
    const { device, transport } = harness();
    await transport.open();
    device.unplug();
    device.unplug();
    await transport.clock.advance(0);
    expect(transport.closed.map((why) => why.code)).toEqual(['transport.closed']);
    expect(await transport.ended(transport.inner.getFeature(0, 9))).toContain('transport.closed');
    await transport.inner.close();
    expect(device.calls).toEqual(['close']);
  });

  it.each([
    ['write', writeTimeoutMs, (t: WatchedTransport['inner']) => t.write(Uint8Array.of(1))],
    ['feature report', featureTimeoutMs, (t: WatchedTransport['inner']) => t.sendFeature(Uint8Array.of(1))],
  ] as const)('a %s that hangs: timed out and closed', async (_name, timeoutMs, act) => {
    const { device, transport } = harness();
    await transport.open();
    device.mode = 'hang';
    expect(await transport.ended(act(transport.inner), timeoutMs - 1)).toBe('pending');
    const second = harness();
    await second.transport.open();
    second.device.mode = 'hang';
    expect(await second.transport.ended(act(second.transport.inner), timeoutMs)).toContain(
      'transport.timeout',
    );
    expect(second.transport.closed.map((why) => why.code)).toEqual(['transport.timeout']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(second.device.calls.at(-1)).toBe('close');
  });

  it('a report that cannot be written: transport.io, and closed', async () => {
    const { device, transport } = harness();
    await transport.open();
    device.mode = 'fail';
    expect(await transport.ended(transport.inner.write(Uint8Array.of(1)))).toContain('transport.io');
    expect(transport.closed.map((why) => why.code)).toEqual(['transport.io']);
  });
});
