import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** One interface of a USB device as the Linux kernel shows it. */
export interface UsbInterfaceFacts {
  readonly number: number;
  readonly classCode: number;
  readonly subclassCode: number;
  readonly protocolCode: number;
  /** The kernel driver that holds it, or null. */
  readonly driver: string | null;
  /** Names below /dev of the serial ports and raw HID nodes that it gives. */
  readonly ttys: readonly string[];
  readonly hidraws: readonly string[];
}

export interface UsbDeviceFacts {
  /** `1-2.3`: bus, then ports. */
  readonly portPath: string;
  /** Grows with every device that is plugged in: the same port with another number is another plugging in. */
  readonly deviceNumber: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly serialNumber: string | null;
  readonly interfaces: readonly UsbInterfaceFacts[];
}

/** More devices than any cabinet has: a bound for a broken tree. */
const deviceMax = 256;

/**
 * All USB devices (hubs too) that the Linux kernel knows, read from `<root>/bus/usb/devices` (Documentation/ABI/testing/
 * sysfs-bus-usb): no permission and no library needed. null where there is no such tree (no USB, or not Linux).
 */
export async function readUsbDevices(root = '/sys'): Promise<UsbDeviceFacts[] | null> {
  const folder = join(root, 'bus', 'usb', 'devices');
  const names = await list(folder);
  if (names === null) return null;
  const devices: UsbDeviceFacts[] = [];
  for (const name of names.filter((one) => /^\d+-[\d.]+$/.test(one)).slice(0, deviceMax)) {
    const interfaceNames = names.filter((one) => one.startsWith(`${name}:`));
    const device = await readDevice(folder, name, interfaceNames);
    if (device !== null) devices.push(device);
  }
  return devices;
}

/** A word for each plugging in (`1-2.3#17`): quick to read, and another one when the same port is used again. Or null. */
export async function readPlugs(root = '/sys'): Promise<ReadonlySet<string> | null> {
  const folder = join(root, 'bus', 'usb', 'devices');
  const names = await list(folder);
  if (names === null) return null;
  const ports = names.filter((one) => /^\d+-[\d.]+$/.test(one)).slice(0, deviceMax);
  return new Set(
    await Promise.all(
      ports.map(async (port) => `${port}#${(await readText(join(folder, port, 'devnum'))) ?? ''}`),
    ),
  );
}

/** The report descriptor of a raw HID node (`hidraw0`), or null where the kernel does not show it. */
export async function readReportDescriptor(node: string, root = '/sys'): Promise<Uint8Array | null> {
  return readFile(join(root, 'class', 'hidraw', node, 'device', 'report_descriptor')).then(
    (bytes) => Uint8Array.from(bytes),
    () => null,
  );
}

async function readDevice(
  folder: string,
  portPath: string,
  interfaceNames: readonly string[],
): Promise<UsbDeviceFacts | null> {
  const text = (file: string): Promise<string | null> => readText(join(folder, portPath, file));
  const vendorId = parseHex(await text('idVendor'));
  const productId = parseHex(await text('idProduct'));
  // Gone between the listing and the reading.
  if (vendorId === null || productId === null) return null;
  const interfaces: UsbInterfaceFacts[] = [];
  for (const name of interfaceNames) {
    const facts = await readInterface(join(folder, name));
    if (facts !== null) interfaces.push(facts);
  }
  return {
    portPath,
    deviceNumber: Number(await text('devnum')),
    vendorId,
    productId,
    manufacturer: await text('manufacturer'),
    product: await text('product'),
    serialNumber: await text('serial'),
    interfaces: interfaces.sort((a, b) => a.number - b.number),
  };
}

async function readInterface(folder: string): Promise<UsbInterfaceFacts | null> {
  const number = parseHex(await readText(join(folder, 'bInterfaceNumber')));
  if (number === null) return null;
  const code = async (file: string): Promise<number> => parseHex(await readText(join(folder, file))) ?? 0;
  return {
    number,
    classCode: await code('bInterfaceClass'),
    subclassCode: await code('bInterfaceSubClass'),
    protocolCode: await code('bInterfaceProtocol'),
    driver: await readlink(join(folder, 'driver')).then(
      (target) => basename(target),
      () => null,
    ),
    ...(await readNodes(folder)),
  };
}

/** cdc_acm: `tty/ttyACM0`; usb-serial: `ttyUSB0/tty/ttyUSB0`; HID: `0003:0C2E:0B61.0001/hidraw/hidraw0`. */
async function readNodes(folder: string): Promise<{ ttys: string[]; hidraws: string[] }> {
  const ttys = (await list(join(folder, 'tty'))) ?? [];
  const hidraws: string[] = [];
  for (const name of (await list(folder)) ?? []) {
    if (/^tty[A-Z]/.test(name)) ttys.push(name);
    if (/^[\dA-F]{4}:[\dA-F]{4}:[\dA-F]{4}\./i.test(name)) {
      hidraws.push(...((await list(join(folder, name, 'hidraw'))) ?? []));
    }
  }
  return { ttys, hidraws };
}

async function list(folder: string): Promise<string[] | null> {
  return readdir(folder).then(
    (names) => names.sort(),
    () => null,
  );
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.trim() || null,
    () => null,
  );
}

function parseHex(text: string | null): number | null {
  return text !== null && /^[0-9a-f]{1,4}$/i.test(text) ? parseInt(text, 16) : null;
}
