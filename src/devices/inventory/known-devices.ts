import type { DeviceRole } from '../../shared/model/device-form.ts';
import { usbIdText } from '../../shared/model/usb-id.ts';
import type { UsbDeviceFacts } from '../transport/sysfs.ts';

export interface Guess {
  readonly role: DeviceRole;
  readonly what: string;
}

/** Makers' ids (docs/hardware.md). Classes and usage pages come first: they are said by the device itself. */
const serialChips: Readonly<Record<string, string>> = {
  '1A86:7523': 'CH340 serial adapter',
  '1A86:5523': 'CH341 serial adapter',
  '4348:5523': 'CH341 serial adapter',
  '1A86:55D4': 'CH9102 serial adapter',
  '10C4:EA60': 'CP210x serial adapter',
  '0403:6001': 'FTDI FT232R serial adapter',
  '0403:6015': 'FTDI FT231X serial adapter',
};
const scannerMakers: Readonly<Record<number, string>> = {
  0x0c2e: 'Honeywell/Metrologic',
  0x23d0: 'Honeywell/Hand Held',
  0x05e0: 'Zebra/Symbol',
  0x05f9: 'Datalogic/PSC',
  0x1eab: 'Newland',
};
/** PCsensor TEMPer (docs/hardware.md). */
const temperIds: readonly string[] = ['413D:2107', '0C45:7401', '0C45:7402'];
const posPage = 0x8c;
const scalePage = 0x8d;
const classCodes = { cdc: 0x02, hid: 0x03, printer: 0x07, storage: 0x08, hub: 0x09, video: 0x0e } as const;

/** Top-level collections of its HID interfaces, where the HID library tells them. */
export interface HidUsage {
  readonly usagePage: number | null;
  readonly usage: number | null;
}

export function isHub(device: UsbDeviceFacts): boolean {
  return device.interfaces.length > 0 && device.interfaces.every((one) => one.classCode === classCodes.hub);
}

/** What it probably is. */
export function guessDevice(device: UsbDeviceFacts, usages: readonly HidUsage[]): Guess {
  const ids = usbIdText(device);
  const classes = device.interfaces.map((one) => one.classCode);
  const maker = scannerMakers[device.vendorId];
  const chip = serialChips[ids];
  if (usages.some((one) => one.usagePage === posPage)) {
    return {
      role: 'hid-scanner',
      what: `code scanner in HID-POS mode${maker === undefined ? '' : ` (${maker})`}`,
    };
  }
  if (usages.some((one) => one.usagePage === scalePage)) return { role: 'hid-scale', what: 'USB scale' };
  if (ids === '16C0:05DF' && /^USBRelay[1-8]$/.test(device.product ?? '')) {
    return {
      role: 'relay',
      what: `relay board with ${(device.product ?? '').slice(-1)} relays (dcttech): for a lock or a light`,
    };
  }
  if (temperIds.includes(ids)) return { role: 'hid-thermometer', what: 'USB thermometer (TEMPer)' };
  if (chip !== undefined) return { role: 'serial', what: chip };
  if (device.interfaces.some((one) => one.classCode === classCodes.cdc && one.subclassCode === 2)) {
    return { role: 'serial', what: 'virtual serial port (CDC-ACM)' };
  }
  if (device.interfaces.some((one) => one.ttys.length > 0)) return { role: 'serial', what: 'serial adapter' };
  // Boot keyboard: HID class, subclass 1, protocol 1 (HID 1.11, 4.2 and 4.3).
  const isKeyboard = device.interfaces.some(
    (one) => one.classCode === classCodes.hid && one.subclassCode === 1 && one.protocolCode === 1,
  );
  if (isKeyboard) {
    const what = maker === undefined ? 'keyboard' : `code scanner that types as a keyboard (${maker})`;
    return { role: 'keyboard', what };
  }
  return { role: 'other', what: otherName(classes) };
}

function otherName(classes: readonly number[]): string {
  if (classes.includes(classCodes.hid)) return 'HID device';
  if (classes.includes(classCodes.printer)) return 'printer';
  if (classes.includes(classCodes.storage)) return 'storage';
  if (classes.includes(classCodes.video)) return 'camera';
  return 'unknown device';
}
