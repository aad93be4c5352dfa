import { describe, expect, it } from 'vitest';
import type { UsbDeviceFacts, UsbInterfaceFacts } from '../transport/sysfs.ts';
import { FakeUsb } from '../../testkit/devices/fake-usb.ts';
import { inventoryText, takeInventory } from './inventory.ts';
import type { InventorySystem } from './inventory.ts';

function face(change: Partial<UsbInterfaceFacts>): UsbInterfaceFacts {
  return {
    number: 0,
    classCode: 0xff,
    subclassCode: 0,
    protocolCode: 0,
    driver: null,
    ttys: [],
    hidraws: [],
    ...change,
  };
}
function device(
  portPath: string,
  ids: [number, number],
  change: Partial<UsbDeviceFacts> = {},
): UsbDeviceFacts {
  return {
    portPath,
    deviceNumber: 1,
    vendorId: ids[0],
    productId: ids[1],
    manufacturer: null,
    product: null,
    serialNumber: null,
    interfaces: [face({})],
    ...change,
  };
}

const ch340 = (portPath: string, tty: string): UsbDeviceFacts =>
  device(portPath, [0x1a86, 0x7523], { interfaces: [face({ driver: 'ch341', ttys: [tty] })] });
const hid = (hidraw: string, change: Partial<UsbInterfaceFacts> = {}): UsbInterfaceFacts =>
  face({ classCode: 3, driver: 'usbhid', hidraws: [hidraw], ...change });

function system(change: Partial<InventorySystem>, devices: UsbDeviceFacts[] | null = []): InventorySystem {
  return {
    platform: 'linux',
    readUsbDevices: () => Promise.resolve(devices),
    loadHid: () =>
      Promise.resolve({ devicesAsync: () => Promise.resolve([]), open: () => Promise.reject(new Error()) }),
    loadSerial: () =>
      Promise.resolve({ list: () => Promise.resolve([]), open: () => Promise.reject(new Error()) }),
    loadUsb: () => Promise.resolve(new FakeUsb()),
    mayOpen: () => Promise.resolve(true),
    exists: () => false,
    ...change,
  };
}
const withHid = (path: string, usagePage: number): Partial<InventorySystem> => ({
  loadHid: () =>
    Promise.resolve({
      devicesAsync: () =>
        Promise.resolve([{ path, vendorId: 1, productId: 2, interface: 0, usagePage, usage: 2 }]),
      open: () => Promise.reject(new Error()),
    }),
});

describe('what it probably is', () => {
  it.each([
    ['CH340 serial adapter', 'serial', ch340('1-1', 'ttyUSB0'), {}],
    [
      'virtual serial port (CDC-ACM)',
      'serial',
      device('1-1', [1, 2], {
        interfaces: [
          face({ classCode: 2, subclassCode: 2, ttys: ['ttyACM0'] }),
          face({ number: 1, classCode: 10 }),
        ],
      }),
      {},
    ],
    [
      'code scanner in HID-POS mode (Honeywell/Metrologic)',
      'hid-scanner',
      device('1-1', [0x0c2e, 1], { interfaces: [hid('hidraw0')] }),
      withHid('/dev/hidraw0', 0x8c),
    ],
    [
      'USB scale',
      'hid-scale',
      device('1-1', [9, 9], { interfaces: [hid('hidraw0')] }),
      withHid('/dev/hidraw0', 0x8d),
    ],
    [
      'relay board with 2 relays (dcttech): for a lock or a light',
      'relay',
      device('1-1', [0x16c0, 0x05df], { product: 'USBRelay2', interfaces: [hid('hidraw0')] }),
      {},
    ],
    [
      'HID device',
      'other',
      device('1-1', [0x16c0, 0x05df], { product: 'somebody else', interfaces: [hid('hidraw0')] }),
      {},
    ],
    [
      'code scanner that types as a keyboard (Newland)',
      'keyboard',
      device('1-1', [0x1eab, 1], { interfaces: [hid('hidraw0', { subclassCode: 1, protocolCode: 1 })] }),
      {},
    ],
    ['printer', 'other', device('1-1', [1, 2], { interfaces: [face({ classCode: 7 })] }), {}],
  ] as const)('%s', async (what, role, one, change) => {
    const { devices } = await takeInventory(system(change, [one]));
    expect(devices.map((d) => [d.what, d.role])).toEqual([[what, role]]);
  });

  it('hubs are left out', async () => {
    const hub = device('1-1', [5, 5], { interfaces: [face({ classCode: 9 })] });
    expect((await takeInventory(system({}, [hub]))).devices).toEqual([]);
  });
});

describe('why it cannot be used', () => {
  const problemOf = async (one: UsbDeviceFacts, change: Partial<InventorySystem> = {}): Promise<string> =>
    (await takeInventory(system(change, [one]))).devices[0]!.problems.join(' | ');

  it('no permission: the rules and how to install them', async () => {
    const text = await problemOf(ch340('1-1', 'ttyUSB0'), { mayOpen: () => Promise.resolve(false) });
    expect(text).toContain('no permission for /dev/ttyUSB0');
    expect(text).toContain('sudo install -m 644 build/udev/70-kaimen.rules /etc/udev/rules.d/');
  });

  it('an adapter without a port: brltty where it is installed, no driver else, WinUSB on Windows', async () => {
    const bare = device('1-1', [0x1a86, 0x7523]);
    expect(await problemOf(bare)).toContain('no kernel driver is bound');
    expect(await problemOf(bare, { exists: (path) => path.includes('brltty') })).toContain(
      'mask brltty-udev.service',
    );
    const held = device('1-1', [0x1a86, 0x7523], { interfaces: [face({ driver: 'usbfs' })] });
    expect(await problemOf(held)).toContain('another program holds it');
    expect(await problemOf(bare, { platform: 'win32' })).toContain('Zadig');
  });

  it('a keyboard scanner: says what to set', async () => {
    const one = device('1-1', [0x1eab, 1], {
      interfaces: [hid('hidraw0', { subclassCode: 1, protocolCode: 1 })],
    });
    expect(await problemOf(one)).toContain('set it to HID-POS');
  });

  it('libraries that are missing, and a system without USB, are said once', async () => {
    const fail = (message: string) => (): Promise<never> => Promise.reject(new Error(message));
    const inventory = await takeInventory(
      system(
        { loadHid: fail('libusb-1.0.so.0: no such file'), loadSerial: fail('s'), loadUsb: fail('u') },
        null,
      ),
    );
    expect(inventory.problems).toEqual([
      'HID devices cannot be used: the system library libusb-1.0 is missing: apt-get install libusb-1.0-0',
      'serial ports cannot be used: s',
      'libusb cannot be used: u',
      'this system has no USB (no /sys/bus/usb): a container or virtual machine sees it only when it is handed in',
    ]);
  });
});

describe('what the profile would say', () => {
  it('ids; for twins the serial number, else the port; for V-USB the name', async () => {
    const relay = device('1-9', [0x16c0, 0x05df], { product: 'USBRelay1', interfaces: [hid('hidraw0')] });
    const named = (port: string, serialNumber: string): UsbDeviceFacts =>
      device(port, [7, 7], { serialNumber });
    const all = [
      ch340('1-1', 'ttyUSB0'),
      ch340('1-2', 'ttyUSB1'),
      relay,
      named('1-3', 'A'),
      named('1-4', 'B'),
    ];
    const { devices } = await takeInventory(system({}, all));
    expect(devices.map((one) => one.match)).toEqual([
      { vendorId: 0x1a86, productId: 0x7523, portPath: '1-1' },
      { vendorId: 0x1a86, productId: 0x7523, portPath: '1-2' },
      { vendorId: 0x16c0, productId: 0x05df, product: 'USBRelay1' },
      { vendorId: 7, productId: 7, serialNumber: 'A' },
      { vendorId: 7, productId: 7, serialNumber: 'B' },
    ]);
  });
});

it('elsewhere than on Linux it is put together from what the libraries list', async () => {
  const usb = new FakeUsb();
  usb.plug('1-2');
  const { devices } = await takeInventory(
    system(
      {
        platform: 'win32',
        ...withHid('\\\\?\\hid#1', 0x8d),
        loadUsb: () => Promise.resolve(usb),
        loadSerial: () =>
          Promise.resolve({
            list: () => Promise.resolve([{ path: 'COM7', vendorId: '1A86', productId: '7523' }]),
            open: () => Promise.reject(new Error()),
          }),
      },
      null,
    ),
  );
  expect(devices.map((one) => [one.ids, one.what, one.nodes.join()])).toEqual([
    ['1A86:7523', 'CH340 serial adapter', 'COM7'],
    ['0001:0002', 'USB scale', '\\\\?\\hid#1'],
    ['1209:B002', 'virtual serial port (CDC-ACM)', ''],
  ]);
});

it('reads well', async () => {
  const one = { ...ch340('1-2.3', 'ttyUSB0'), product: 'USB Serial', serialNumber: 'X1' };
  expect(inventoryText(await takeInventory(system({}, [one])))).toBe(
    [
      ' 1  1-2.3    1A86:7523  CH340 serial adapter',
      '      USB Serial, serial X1, /dev/ttyUSB0, driver ch341',
    ].join('\n'),
  );
});
