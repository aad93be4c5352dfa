import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import type { UsbMatch } from '../../shared/model/transport.ts';
import { hidLoadProblem, listHid, loadHid } from '../transport/hid.ts';
import type { HidPackage } from '../transport/hid.ts';
import { usbIdText } from '../../shared/model/usb-id.ts';
import type { Candidate } from '../transport/identity.ts';
import { messageOf } from '../transport/transport-base.ts';
import { listSerialPorts, loadSerial } from '../transport/serial.ts';
import type { SerialPackage } from '../transport/serial.ts';
import { readUsbDevices } from '../transport/sysfs.ts';
import type { UsbDeviceFacts } from '../transport/sysfs.ts';
import { loadUsb, portPathOf } from '../transport/usb-package.ts';
import type { UsbPackage } from '../transport/usb-package.ts';
import { guessDevice, isHub } from './known-devices.ts';
import type { DeviceRole } from '../../shared/model/device-form.ts';

/** One thing that is plugged in. */
export interface Finding {
  readonly ids: string;
  readonly portPath: string | null;
  readonly what: string;
  readonly role: DeviceRole;
  readonly product: string | null;
  readonly serialNumber: string | null;
  /** `/dev/ttyUSB0`, `/dev/hidraw1`, `COM7`. */
  readonly nodes: readonly string[];
  readonly drivers: readonly string[];
  /** Why it cannot be used as it is, and what to do. Empty: it can. */
  readonly problems: readonly string[];
  /** What the cabinet's profile would say to mean exactly this one. */
  readonly match: UsbMatch;
}

export interface Inventory {
  readonly devices: readonly Finding[];
  /** What is wrong with the system as a whole. */
  readonly problems: readonly string[];
}

export interface InventorySystem {
  readonly platform: NodeJS.Platform;
  readonly readUsbDevices: () => Promise<UsbDeviceFacts[] | null>;
  readonly loadHid: () => Promise<HidPackage>;
  readonly loadSerial: () => Promise<SerialPackage>;
  readonly loadUsb: () => Promise<UsbPackage>;
  /** Whether this user may read and write the node. */
  readonly mayOpen: (path: string) => Promise<boolean>;
  readonly exists: (path: string) => boolean;
}

export const realInventorySystem: InventorySystem = {
  platform: process.platform,
  readUsbDevices: () => readUsbDevices(),
  loadHid,
  loadSerial,
  loadUsb,
  mayOpen: (path) =>
    access(path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    ),
  exists: existsSync,
};

export const rulesFile = 'build/udev/70-kaimen.rules';
const installRules =
  `sudo install -m 644 ${rulesFile} /etc/udev/rules.d/ && sudo udevadm control --reload && sudo udevadm trigger, ` +
  'then: sudo usermod -aG plugdev $USER, and log in anew';
const brlttyRules = ['/usr/lib/udev/rules.d/85-brltty.rules', '/usr/lib/udev/rules.d/90-brltty-device.rules'];

/** All that is plugged in, what it probably is, and what stands in the way of using it. Opens nothing. */
export async function takeInventory(system: InventorySystem = realInventorySystem): Promise<Inventory> {
  const problems: string[] = [];
  const attempt = async <T>(run: () => Promise<T[]>, explain: (error: unknown) => string): Promise<T[]> => {
    try {
      return await run();
    } catch (error) {
      problems.push(explain(error));
      return [];
    }
  };
  const facts = await system.readUsbDevices();
  const hids = await attempt(
    async () => listHid(await system.loadHid(), system.readUsbDevices),
    (error) => `HID devices cannot be used: ${hidLoadProblem(error)}`,
  );
  const ports = await attempt(
    async () => {
      const native = await system.loadSerial();
      return facts === null && system.platform === 'linux'
        ? []
        : listSerialPorts(native, system.readUsbDevices);
    },
    (error) => `serial ports cannot be used: ${messageOf(error)}`,
  );
  const libusb = await attempt(
    async () => (await system.loadUsb()).getDeviceList(),
    (error) => `libusb cannot be used: ${messageOf(error)}`,
  );
  if (facts === null && system.platform === 'linux') {
    problems.push(
      'this system has no USB (no /sys/bus/usb): a container or virtual machine sees it only when it is handed in',
    );
  }
  const devices = facts ?? withoutSysfs(hids, ports, libusb);
  const shown = devices.filter((one) => !isHub(one) && !(facts !== null && one.interfaces.length === 0));
  return {
    devices: await Promise.all(shown.map((one) => describe(one, shown, hids, system))),
    problems,
  };
}

async function describe(
  device: UsbDeviceFacts,
  all: readonly UsbDeviceFacts[],
  hids: readonly Candidate[],
  system: InventorySystem,
): Promise<Finding> {
  const nodes = device.interfaces.flatMap((one) => [...one.ttys, ...one.hidraws]).map(nodePath);
  const usages = hids.filter((one) => nodes.includes(one.path));
  const guess = guessDevice(device, usages);
  const drivers = [...new Set(device.interfaces.flatMap((one) => one.driver ?? []))];
  const problems: string[] = [];
  if (guess.role === 'serial' && device.interfaces.every((one) => one.ttys.length === 0)) {
    problems.push(noPortProblem(drivers, system));
  }
  if (guess.role === 'keyboard') {
    problems.push(
      'types its codes: set it to HID-POS by the programming code in its manual, or use scanner-wedge',
    );
  }
  for (const node of nodes) {
    if (guess.role === 'other' || guess.role === 'keyboard' || system.platform !== 'linux') break;
    if (!(await system.mayOpen(node))) problems.push(`no permission for ${node}: ${installRules}`);
  }
  return {
    ids: usbIdText(device),
    portPath: device.portPath === '' ? null : device.portPath,
    ...guess,
    product: device.product,
    serialNumber: device.serialNumber,
    nodes,
    drivers,
    problems,
    match: matchOf(device, all),
  };
}

function noPortProblem(drivers: readonly string[], system: InventorySystem): string {
  if (system.platform === 'win32') {
    return 'has no COM port: install its driver, or bind it to WinUSB with Zadig and use the transport usb';
  }
  if (drivers.includes('usbfs')) return 'another program holds it without the kernel (driver usbfs)';
  return brlttyRules.some((path) => system.exists(path))
    ? 'has no port: brltty takes such adapters for braille displays: sudo systemctl mask ' +
        'brltty-udev.service, plug in again'
    : 'has no port: no kernel driver is bound to it (is its module there?)';
}

/** Ids, and as much more as it takes to mean this one among all that are there. */
function matchOf(device: UsbDeviceFacts, all: readonly UsbDeviceFacts[]): UsbMatch {
  const { vendorId, productId, serialNumber, portPath, product } = device;
  const twins = all.filter((one) => one.vendorId === vendorId && one.productId === productId);
  const ids = { vendorId, productId };
  // V-USB's shared id is anybody's: the product's name is part of what it is.
  const named = vendorId === 0x16c0 && product !== null ? { ...ids, product } : ids;
  if (twins.length === 1) return named;
  const isTellingApart =
    serialNumber !== null && twins.filter((one) => one.serialNumber === serialNumber).length === 1;
  if (isTellingApart) return { ...named, serialNumber };
  return portPath === '' ? named : { ...named, portPath };
}

function nodePath(node: string): string {
  return /^(tty[A-Z]|hidraw)/.test(node) ? `/dev/${node}` : node;
}

/** Windows and macOS: put together from what each library lists; what one device gives is joined by its ids and serial number. */
function withoutSysfs(
  hids: readonly Candidate[],
  ports: readonly Candidate[],
  libusb: ReturnType<UsbPackage['getDeviceList']>,
): UsbDeviceFacts[] {
  const devices = new Map<string, UsbDeviceFacts & { interfaces: UsbDeviceFacts['interfaces'][number][] }>();
  const at = (
    ids: { vendorId: number; productId: number },
    serialNumber: string | null,
    port: string | null,
  ) => {
    const key = `${usbIdText(ids)} ${serialNumber ?? ''}`;
    const known = devices.get(key) ?? {
      vendorId: ids.vendorId,
      productId: ids.productId,
      serialNumber,
      interfaces: [],
      portPath: port ?? '',
      deviceNumber: 0,
      manufacturer: null,
      product: null,
    };
    devices.set(key, known);
    return known;
  };
  const face = { subclassCode: 0, protocolCode: 0, driver: null, ttys: [], hidraws: [] };
  for (const one of ports) {
    const number = one.interface ?? 0;
    at(one, one.serialNumber, null).interfaces.push({ ...face, number, classCode: 0xff, ttys: [one.path] });
  }
  for (const one of hids) {
    const number = one.interface ?? 0;
    at(one, one.serialNumber, null).interfaces.push({ ...face, number, classCode: 3, hidraws: [one.path] });
  }
  const known = new Set([...devices.values()].map(usbIdText));
  for (const one of libusb) {
    const ids = { vendorId: one.deviceDescriptor.idVendor, productId: one.deviceDescriptor.idProduct };
    if (known.has(usbIdText(ids)) || portPathOf(one) === null) continue;
    const interfaces = (one.configDescriptor?.interfaces ?? []).flatMap(([first]) =>
      first === undefined
        ? []
        : [
            {
              ...face,
              number: first.bInterfaceNumber,
              classCode: first.bInterfaceClass,
              subclassCode: first.bInterfaceSubClass,
            },
          ],
    );
    at(ids, null, portPathOf(one)).interfaces.push(...interfaces);
  }
  return [...devices.values()];
}

/** For people. */
export function inventoryText(inventory: Inventory): string {
  const lines = inventory.devices.flatMap((one, index) => [
    `${String(index + 1).padStart(2)}  ${(one.portPath ?? '-').padEnd(8)} ${one.ids}  ${one.what}`,
    ...detailLines(one).map((line) => `      ${line}`),
  ]);
  if (inventory.devices.length === 0) lines.push('No USB device is plugged in.');
  return [...lines, ...inventory.problems.map((one) => `! ${one}`)].join('\n');
}

function detailLines(one: Finding): string[] {
  const named = [one.product, one.serialNumber === null ? null : `serial ${one.serialNumber}`];
  const held = one.drivers.length === 0 ? null : `driver ${one.drivers.join(', ')}`;
  const facts = [...named, ...one.nodes, held].filter((text) => text !== null);
  return [...(facts.length === 0 ? [] : [facts.join(', ')]), ...one.problems.map((text) => `! ${text}`)];
}
