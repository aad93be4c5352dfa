import type { Clock } from '../../shared/clock.ts';
import { factoryBaudRates } from '../../shared/model/baud-rates.ts';
import type { HidPosLayout } from '../../devices/protocol/scanner-hid-pos.ts';
import type { LockOptions } from '../cabinet-lock.ts';
import type { ScaleOptions, ScaleProtocol } from '../cabinet-scale.ts';
import type { SensorOptions } from '../cabinet-sensors.ts';
import { CdcAcmFunction } from './cdc-acm-function.ts';
import type { UsbIdentity } from './descriptors.ts';
import type { DeviceCable } from './device-cable.ts';
import { HidFunction } from './hid-function.ts';
import {
  relayReportDescriptor,
  scaleReportDescriptor,
  scannerReportDescriptor,
} from './report-descriptors.ts';
import { UsbDevice } from './usb-device.ts';

/**
 * Who the cabinet's devices say they are. Vendor numbers are the makers' own, so that rules for real devices fit; product
 * strings say what they are.
 */
const maker = 'Kaimen simulator';
export const usbIdentities = {
  /** CH9102, a USB-serial chip that speaks CDC-ACM. */
  lock: {
    vendorId: 0x1a86,
    productId: 0x55d4,
    manufacturer: maker,
    product: 'Lock board (virtual)',
    serialNumber: 'LOCK0001',
  },
  /** CH343, the same. */
  reader: {
    vendorId: 0x1a86,
    productId: 0x55d3,
    manufacturer: maker,
    product: 'Tag reader (virtual)',
    serialNumber: 'READER0001',
  },
  /** Honeywell's vendor number; the product number is ours. */
  scanner: {
    vendorId: 0x0c2e,
    productId: 0x0f01,
    manufacturer: maker,
    product: 'HID-POS scanner (virtual)',
    serialNumber: 'SCANNER0001',
  },
  /** The same scanner with a virtual serial port. */
  serialScanner: {
    vendorId: 0x0c2e,
    productId: 0x0f02,
    manufacturer: maker,
    product: 'Serial scanner (virtual)',
    serialNumber: 'SCANNER0002',
  },
  /** The shared V-USB number: the product string tells what it is, and there is no serial number. */
  relay: {
    vendorId: 0x16c0,
    productId: 0x05df,
    manufacturer: 'www.dcttech.com',
    product: 'USBRelay8',
    serialNumber: null,
  },
  /** The same with one relay. */
  light: {
    vendorId: 0x16c0,
    productId: 0x05df,
    manufacturer: 'www.dcttech.com',
    product: 'USBRelay1',
    serialNumber: null,
  },
  sensor: {
    vendorId: 0x1a86,
    productId: 0x55d4,
    manufacturer: maker,
    product: 'Door sensor board (virtual)',
    serialNumber: 'SENSOR0001',
  },
  /** DYMO M10. */
  scale: {
    vendorId: 0x0922,
    productId: 0x8003,
    manufacturer: maker,
    product: 'HID scale (virtual)',
    serialNumber: 'SCALE0001',
  },
  scaleBus: {
    vendorId: 0x1a86,
    productId: 0x55d4,
    manufacturer: maker,
    product: 'Scale bus (virtual)',
    serialNumber: 'SCALEBUS0001',
  },
} as const satisfies Record<string, UsbIdentity>;

const scannerIntervalMs = 4;
const relayIntervalMs = 10;
const scaleIntervalMs = 10;

/** A device behind a USB-serial bridge. */
function serialUsbDevice(cable: DeviceCable, identity: UsbIdentity, baud: number, clock: Clock): UsbDevice {
  const makeFunction = (send: (endpoint: number, unit: Uint8Array) => boolean): CdcAcmFunction =>
    new CdcAcmFunction({ cable, send, baud });
  return follow(cable, new UsbDevice({ clock, identity, makeFunction }));
}

export function scannerUsbDevice(
  cable: DeviceCable,
  identity: UsbIdentity,
  layout: HidPosLayout,
  clock: Clock,
): UsbDevice {
  const makeFunction = (send: (endpoint: number, unit: Uint8Array) => boolean): HidFunction =>
    new HidFunction({
      cable,
      send,
      speed: 'full',
      hasReportIds: true,
      intervalMs: scannerIntervalMs,
      reportDescriptor: scannerReportDescriptor(layout),
    });
  return follow(cable, new UsbDevice({ clock, identity, makeFunction }));
}

/** Low speed; its reports are features on the control pipe, the interrupt endpoint is never used. */
function relayUsbDevice(cable: DeviceCable, identity: UsbIdentity, clock: Clock): UsbDevice {
  const makeFunction = (send: (endpoint: number, unit: Uint8Array) => boolean): HidFunction =>
    new HidFunction({
      cable,
      send,
      speed: 'low',
      hasReportIds: false,
      intervalMs: relayIntervalMs,
      reportDescriptor: relayReportDescriptor,
    });
  return follow(cable, new UsbDevice({ clock, identity, makeFunction }));
}

function scaleUsbDevice(cable: DeviceCable, protocol: ScaleProtocol, clock: Clock): UsbDevice {
  if (protocol === 'scale-modbus')
    return serialUsbDevice(cable, usbIdentities.scaleBus, factoryBaudRates['scale-modbus'], clock);
  const makeFunction = (send: (endpoint: number, unit: Uint8Array) => boolean): HidFunction =>
    new HidFunction({
      cable,
      send,
      speed: 'full',
      hasReportIds: true,
      intervalMs: scaleIntervalMs,
      reportDescriptor: scaleReportDescriptor,
    });
  return follow(cable, new UsbDevice({ clock, identity: usbIdentities.scale, makeFunction }));
}

/** The cabinet's cable switch is the USB plug. */
function follow(cable: DeviceCable, device: UsbDevice): UsbDevice {
  cable.onPlug((plugged) => {
    device.setPlugged(plugged);
  });
  device.setPlugged(cable.plugged);
  return device;
}

export interface CabinetCables {
  readonly lock: DeviceCable;
  /** The door's contact on a board of its own. */
  readonly sensor: DeviceCable | null;
  readonly reader: DeviceCable;
  readonly scanner: DeviceCable;
  readonly scale: DeviceCable | null;
  readonly light: DeviceCable | null;
}

/** The whole cabinet as USB devices, in the order lock, tag reader, code scanner, then door sensor, scale and light if any. */
export function cabinetUsbDevices(
  { lock, sensor, reader, scanner, scale, light }: CabinetCables,
  options: LockOptions & SensorOptions & ScaleOptions,
  clock: Clock,
): UsbDevice[] {
  const lockKind = options.lock ?? 'lock-8a';
  const { scannerLayout = 'standard', reader: readerKind = 'rfid-r200' } = options;
  // The new form of its inventory data is a matter of the firmware, not of the line.
  const readerProtocol = readerKind === 'rfid-uhfreader18-new' ? 'rfid-uhfreader18' : readerKind;
  return [
    lockKind === 'relay-dcttech'
      ? relayUsbDevice(lock, usbIdentities.relay, clock)
      : serialUsbDevice(lock, usbIdentities.lock, factoryBaudRates[lockKind], clock),
    serialUsbDevice(reader, usbIdentities.reader, factoryBaudRates[readerProtocol], clock),
    options.scanner === 'scanner-serial'
      ? serialUsbDevice(scanner, usbIdentities.serialScanner, factoryBaudRates['scanner-serial'], clock)
      : scannerUsbDevice(scanner, usbIdentities.scanner, scannerLayout, clock),
    ...(sensor === null
      ? []
      : [serialUsbDevice(sensor, usbIdentities.sensor, factoryBaudRates['lock-8a'], clock)]),
    ...(scale === null ? [] : [scaleUsbDevice(scale, options.scale ?? 'scale-hid', clock)]),
    ...(light === null ? [] : [relayUsbDevice(light, usbIdentities.light, clock)]),
  ];
}
