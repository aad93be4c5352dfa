import { assert } from '../../shared/assert.ts';

/** USB 2.0 §9.6 descriptors, HID 1.11 §6.2.1, CDC 1.2 §5.2.3 and PSTN 1.2 §5.3. All numbers are little-endian. */
export type UsbSpeed = 'low' | 'full' | 'high';
export const endpointTypes = ['control', 'isochronous', 'bulk', 'interrupt'] as const;

export interface EndpointSpec {
  /** Number 1..15; bit 7 = towards the host. */
  readonly address: number;
  readonly type: 'bulk' | 'interrupt';
  readonly maxPacketBytes: number;
  /** How often an interrupt endpoint is asked, in frames of 1 ms (low and full speed). */
  readonly interval: number;
}

export interface InterfaceSpec {
  readonly number: number;
  /** Class, subclass, protocol. */
  readonly codes: readonly [number, number, number];
  /** Class descriptors between the interface's own and those of its endpoints. */
  readonly extra: readonly Uint8Array[];
  readonly endpoints: readonly EndpointSpec[];
}

/** What a device is; `UsbIdentity` says which one. */
export interface UsbShape {
  readonly speed: UsbSpeed;
  readonly codes: readonly [number, number, number];
  readonly controlPacketBytes: 8 | 64;
  readonly interfaces: readonly InterfaceSpec[];
}

export interface UsbIdentity {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturer: string;
  readonly product: string;
  /** Null: none, as cheap boards have it. */
  readonly serialNumber: string | null;
}

/** 1.00 as BCD: the device's own release. */
export const deviceRelease = 0x0100;
const usb20 = 0x0200;
const usb11 = 0x0110;
const maxPower2mA = 50;
const busPowered = 0x80;
const langUsEnglish = 0x0409;
const stringTextMax = 126;

const u16 = (value: number): [number, number] => [value & 0xff, value >> 8];

export const descriptorTypes = {
  device: 1,
  configuration: 2,
  string: 3,
  interface: 4,
  endpoint: 5,
  hid: 0x21,
  hidReport: 0x22,
  cdc: 0x24,
} as const;

export function deviceDescriptor(shape: UsbShape, identity: UsbIdentity): Uint8Array {
  const { device } = descriptorTypes;
  const release = shape.speed === 'low' ? usb11 : usb20;
  const serialIndex = identity.serialNumber === null ? 0 : 3;
  return Uint8Array.of(
    ...[18, device, ...u16(release), ...shape.codes, shape.controlPacketBytes],
    ...[...u16(identity.vendorId), ...u16(identity.productId), ...u16(deviceRelease)],
    ...[1, 2, serialIndex, 1],
  );
}

/** The one configuration with all interfaces, class descriptors and endpoints. */
export function configurationDescriptor(shape: UsbShape): Uint8Array {
  const body = shape.interfaces.flatMap(({ number, codes, extra, endpoints }) => [
    ...[9, descriptorTypes.interface, number, 0, endpoints.length, ...codes, 0],
    ...extra.flatMap((bytes) => [...bytes]),
    ...endpoints.flatMap(({ address, type, maxPacketBytes, interval }) => [
      ...[7, descriptorTypes.endpoint, address, endpointTypes.indexOf(type)],
      ...[...u16(maxPacketBytes), interval],
    ]),
  ]);
  const { configuration } = descriptorTypes;
  const total = u16(9 + body.length);
  const head = [9, configuration, ...total, shape.interfaces.length, 1, 0, busPowered, maxPower2mA];
  return Uint8Array.from([...head, ...body]);
}

/** String 0 is the list of languages, 1..3 manufacturer, product, serial number. Null: no such string. */
export function stringDescriptor(identity: UsbIdentity, index: number): Uint8Array | null {
  if (index === 0) return Uint8Array.of(4, descriptorTypes.string, ...u16(langUsEnglish));
  const text = [identity.manufacturer, identity.product, identity.serialNumber][index - 1];
  if (text === undefined || text === null) return null;
  assert(text.length <= stringTextMax, 'a string descriptor holds 126 UTF-16 units');
  const bytes = Buffer.from(text, 'utf16le');
  return Uint8Array.of(bytes.length + 2, descriptorTypes.string, ...bytes);
}

/** HID 1.11, no country, one report descriptor of that length. */
export function hidDescriptor(reportDescriptorBytes: number): Uint8Array {
  return Uint8Array.of(
    ...[9, descriptorTypes.hid, ...u16(0x0111), 0, 1],
    ...[descriptorTypes.hidReport, ...u16(reportDescriptorBytes)],
  );
}

/** Header (CDC 1.10), call management (none), ACM (line coding, control line state: bit 1), union of control and data. */
export function cdcAcmDescriptors(control: number, data: number): Uint8Array[] {
  const { cdc } = descriptorTypes;
  return [
    Uint8Array.of(5, cdc, 0, ...u16(0x0110)),
    Uint8Array.of(5, cdc, 1, 0, data),
    Uint8Array.of(4, cdc, 2, 0x02),
    Uint8Array.of(5, cdc, 6, control, data),
  ];
}
