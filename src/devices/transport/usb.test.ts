import { describe, expect, it } from 'vitest';
import { WatchedTransport } from '../../testkit/devices/watched-transport.ts';
import type { SerialChip } from './serial-chips.ts';
import { FakeUsb, libusbError } from '../../testkit/devices/fake-usb.ts';
import { UsbTransport } from './usb.ts';
import type { UsbDeviceFacts } from './sysfs.ts';
import { writeTimeoutMs } from './transport.ts';

const match = { vendorId: 0x1209, productId: 0xb002 };
const line = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1, chip: 'cdc-acm' } as const;

function facts(portPath: string, serialNumber: string | null = null): UsbDeviceFacts {
  return {
    portPath,
    deviceNumber: 1,
    ...match,
    manufacturer: null,
    product: null,
    serialNumber,
    interfaces: [],
  };
}

function harness(
  change: { match?: object; plain?: boolean; chip?: SerialChip; facts?: UsbDeviceFacts[] | null } = {},
) {
  const usb = new FakeUsb();
  const device = usb.plug('1-2.3');
  const spec = {
    kind: 'usb',
    match: { ...match, ...change.match },
    ...(change.plain ? {} : { line: { ...line, chip: change.chip ?? line.chip } }),
  } as const;
  const known = change.facts === undefined ? [facts('1-2.3')] : change.facts;
  const system = { load: () => Promise.resolve(usb), readUsbDevices: () => Promise.resolve(known) };
  const make = (): WatchedTransport => new WatchedTransport((clock) => new UsbTransport(spec, clock, system));
  return { usb, device, transport: make(), make };
}

describe('bulk endpoints', () => {
  it('CDC-ACM: drivers put aside, line set, bytes both ways', async () => {
    const { device, transport } = harness();
    expect(await transport.open()).toBe('ok');
    expect(device.log).toEqual([
      'open',
      ...['detach 0', 'claim 0', 'claim 1'],
      // SET_LINE_CODING 9600 8N1 and SET_CONTROL_LINE_STATE DTR+RTS on the control interface.
      'control 212000000000070080250000000008',
      'control 2122030000000000',
    ]);
    device.send(1, 2, 3);
    device.send(...new Array<number>(64).fill(7));
    await transport.clock.advance(0);
    expect(transport.data).toEqual(['010203', '07'.repeat(64)]);
    expect(await transport.ended(transport.inner.write(Uint8Array.of(0x80, 1)))).toBe('ok');
    expect(device.log.at(-1)).toBe('out 02 8001');
  });

  it('closing: transfers ended first, interfaces released, the kernel has its driver back', async () => {
    const { device, transport } = harness();
    await transport.open();
    device.log.length = 0;
    await Promise.all([transport.inner.close(), transport.clock.advance(0)]);
    expect(device.log).toEqual(['cancelled 4', 'release 0', 'release 1', 'attach 0', 'close']);
    expect(device.pendingCount).toBe(0);
    expect(transport.closed).toEqual([]);
  });

  it('a plain bulk device: no line, only its interface', async () => {
    const { device, transport } = harness({ plain: true });
    expect(await transport.open()).toBe('ok');
    expect(device.log).toEqual(['open', 'detach 1', 'claim 1']);
  });

  it('a CH34x whose driver the kernel does not have: told by its own requests', async () => {
    const { device, transport } = harness({ chip: 'ch34x' });
    expect(await transport.open()).toBe('ok');
    expect(device.log.filter((entry) => entry.startsWith('control'))).toEqual([
      'control 40a1000000000000',
      'control 409a121382b20000',
      'control 409a1825c3000000',
      'control 40a49fff00000000',
    ]);
    device.send(1, 2, 3);
    await transport.clock.advance(0);
    expect(transport.data).toEqual(['010203']);
  });

  it('an FTDI chip: its two status bytes are in every packet, and no data', async () => {
    const { device, transport } = harness({ chip: 'ftdi' });
    expect(await transport.open()).toBe('ok');
    device.send(1, 0x60, 0x8a);
    device.send(1, 0x60);
    await transport.clock.advance(0);
    expect(transport.data).toEqual(['8a']);
  });

  it('an adapter that knows no line setting is taken as it is', async () => {
    const { device, transport } = harness();
    device.stallControl = true;
    expect(await transport.open()).toBe('ok');
  });

  it('what it says at once is old', async () => {
    const { device, transport } = harness();
    const opening = transport.inner.open(transport.abort.signal);
    await transport.clock.advance(10);
    device.send(0xee);
    await transport.clock.advance(40);
    expect(await opening).toMatchObject({ ok: true });
    expect(transport.data).toEqual([]);
  });
});

describe('which device', () => {
  it('two that fit: ambiguous; the port decides, also its serial number', async () => {
    const twins = harness();
    twins.usb.plug('1-2.4');
    expect(await twins.transport.open()).toContain('fits 2 devices: 1-2.3 interface 1');
    const known = [facts('1-2.3', 'A'), facts('1-2.4', 'B')];
    for (const rule of [{ portPath: '1-2.4' }, { serialNumber: 'B' }]) {
      const { usb, device, transport } = harness({ match: rule, facts: known });
      const other = usb.plug('1-2.4');
      expect(await transport.open()).toBe('ok');
      expect([device.isOpen, other.isOpen]).toEqual([false, true]);
    }
  });

  it('without a sysfs the strings are asked of the device', async () => {
    const { device, transport } = harness({ match: { serialNumber: 'SN-CDC' }, facts: null });
    device.strings = { 3: 'SN-CDC' };
    expect(await transport.open()).toBe('ok');
    const wrong = harness({ match: { serialNumber: 'SN-2' }, facts: null });
    wrong.device.strings = { 3: 'SN-CDC' };
    expect(await wrong.transport.open()).toContain('1209:B002 serial SN-2 is not plugged in');
    expect(wrong.device.isOpen).toBe(false);
  });

  it('the kernel has it and libusb does not: says so', async () => {
    const { usb, transport } = harness();
    usb.devices.length = 0;
    expect(await transport.open()).toContain('is udev running');
  });

  it.each([
    ['open', -3, 'LIBUSB_ERROR_ACCESS', 'no permission for 1-2.3 interface 1'],
    ['claim', -6, 'LIBUSB_ERROR_BUSY', 'another program holds 1-2.3 interface 1'],
    ['detach', -1, 'LIBUSB_ERROR_IO', 'cannot be opened: LIBUSB_ERROR_IO'],
  ] as const)('%s fails: refused, and given back', async (call, errno, message, words) => {
    const { device, transport } = harness();
    device.failures.set(call, libusbError(errno, message));
    const failure = await transport.open();
    expect(failure).toContain('transport.refused');
    expect(failure).toContain(words);
    await transport.clock.advance(0);
    expect(device.isOpen).toBe(false);
  });
});

describe('faults', () => {
  it('unplugged: reported once, however many transfers end by it', async () => {
    const { device, transport } = harness();
    await transport.open();
    device.unplug();
    await transport.clock.advance(0);
    expect(transport.closed.map((why) => why.code)).toEqual(['transport.closed']);
    await transport.inner.close();
    expect(device.log.at(-1)).toBe('close');
    expect(await transport.ended(transport.inner.write(Uint8Array.of(1)))).toContain('transport.closed');
  });

  it('a write that hangs: cancelled by our own timer, closed', async () => {
    const { device, transport } = harness();
    await transport.open();
    device.stallOut = true;
    const call = transport.inner.write(Uint8Array.of(1));
    expect(await transport.ended(call, writeTimeoutMs)).toContain('transport.timeout');
    await transport.clock.advance(0);
    expect(transport.closed.map((why) => why.code)).toEqual(['transport.timeout']);
    expect(device.log.at(-1)).toBe('close');
  });

  it('a stalled endpoint is cleared and goes on; one that stays stalled is aborted', async () => {
    const { device, transport } = harness();
    await transport.open();
    device.stallIn();
    await transport.clock.advance(0);
    device.send(5);
    await transport.clock.advance(0);
    expect(transport.data).toEqual(['05']);
    expect(device.log.filter((one) => one === 'clear 81').length).toBe(1);
    for (let i = 0; i < 4; i++) {
      device.stallIn();
      await transport.clock.advance(0);
    }
    expect(transport.closed.map((why) => why.code)).toEqual(['transport.io']);
  });

  it('a transfer that never ends: the handle is left open, not closed under it', async () => {
    const { device, transport } = harness();
    await transport.open();
    device.ignoreCancel = true;
    await Promise.all([transport.inner.close(), transport.clock.advance(1000)]);
    expect(device.isOpen).toBe(true);
    expect(device.log.at(-1)).not.toBe('close');
  });

  it('two transports on one device: the second one that closes closes it', async () => {
    const { device, transport, make } = harness();
    await transport.open();
    const other = make();
    await other.open();
    await Promise.all([transport.inner.close(), transport.clock.advance(0)]);
    expect(device.isOpen).toBe(true);
    await Promise.all([other.inner.close(), other.clock.advance(0)]);
    expect(device.isOpen).toBe(false);
    expect(device.log.filter((one) => one === 'open').length).toBe(1);
  });
});
