import type { HidMatch, TransportSpec } from './transport.ts';
import { usbIdText } from './usb-id.ts';

/** Which devices of a cabinet would open one and the same port: a port can be opened once. */

type At = TransportSpec | { readonly kind: 'keyboard' };
/** What counts here of a device's entry (device.ts). */
interface Wired {
  readonly kind: string;
  readonly protocol: string;
  readonly transport: At;
}

/** Whether two devices hang on the same port, and speak the same there. */
export function areOnOneLine(one: Wired, other: Wired): boolean {
  return one.protocol === other.protocol && JSON.stringify(one.transport) === JSON.stringify(other.transport);
}

function maySharePort(one: Wired, other: Wired): boolean {
  return [one, other].every(isOnBoard) && areOnOneLine(one, other);
}

/** Lock boards and door contacts take turns on a line (transport/shared-line.ts); all else has a port of its own. */
export function isOnBoard({ kind, protocol }: Wired): boolean {
  return (kind === 'lock' && protocol !== 'relay-dcttech') || kind === 'door-sensor';
}

/** The first two that cannot both be used, by their place in the list; null: each can have its port. */
export function sharedPort(devices: readonly Wired[]): readonly [number, number] | null {
  for (const [index, one] of devices.entries()) {
    const other = devices.findIndex(
      (two, at) => at > index && isSamePort(one.transport, two.transport) && !maySharePort(one, two),
    );
    if (other !== -1) return [index, other];
  }
  return null;
}

/** Whether both may mean one port. A port by its name and one by the device behind it cannot be compared. */
function isSamePort(one: At, other: At): boolean {
  if (one.kind === 'keyboard' || other.kind === 'keyboard') return one.kind === other.kind;
  if (one.kind === 'tcp' || other.kind === 'tcp')
    return one.kind === 'tcp' && other.kind === 'tcp' && addressOf(one) === addressOf(other);
  const [path, otherPath] = [pathOf(one), pathOf(other)];
  if (path !== undefined || otherPath !== undefined) return path === otherPath;
  // The kernel gives an adapter's port and its HID part different names; libusb takes the whole device.
  const isComparable = one.kind === other.kind || one.kind === 'usb' || other.kind === 'usb';
  return isComparable && mayBeOneDevice(matchOf(one), matchOf(other));
}

function addressOf({ host, port }: Extract<TransportSpec, { kind: 'tcp' }>): string {
  const name = host.toLowerCase();
  return `${name === 'localhost' ? '127.0.0.1' : name}:${port}`;
}

function pathOf(at: Exclude<At, { kind: 'keyboard' }>): string | undefined {
  return at.kind === 'serial' ? at.path : undefined;
}

function matchOf(at: Exclude<At, { kind: 'keyboard' | 'tcp' }>): HidMatch | undefined {
  return at.match;
}

/** Nothing that is said of both tells them apart. */
function mayBeOneDevice(one: HidMatch | undefined, other: HidMatch | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return Object.entries(one).every(([name, value]) => {
    const said = other[name as keyof HidMatch];
    return said === undefined || said === value;
  });
}

/** Where it is, for people. */
export function portText(at: At): string {
  switch (at.kind) {
    case 'keyboard':
      return 'keyboard';
    case 'tcp':
      return `${at.host}:${at.port}`;
    case 'serial':
    case 'hid':
    case 'usb':
      return pathOf(at) ?? matchText(matchOf(at));
  }
}

function matchText(match: HidMatch | undefined): string {
  if (match === undefined) return '';
  const rest = [match.product, match.serialNumber, match.portPath].filter((one) => one !== undefined);
  return [usbIdText(match), ...rest].join(' ');
}
