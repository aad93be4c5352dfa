import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';

/**
 * USB/IP 1.1.1 (Linux, Documentation/usb/usbip_protocol.rst), big-endian. A connection begins with one operation
 * (list of devices, or import of one); after an import it carries transfers of that device.
 */
export type UsbipFailure = Failure<'usbip.bad_message'>;

export const usbipVersion = 0x0111;
const operations = { listRequest: 0x8005, listReply: 0x0005, importRequest: 0x8003, importReply: 0x0003 };
const commands = { submit: 1, unlink: 2, submitReply: 3, unlinkReply: 4 };
/** Status of a refused import (`ST_NA` of the Linux tools). */
const refusedStatus = 1;
/** Status of transfers: negative Linux error numbers. */
export const transferStatus = { ok: 0, stall: -32, unlinked: -104 } as const;
const noIsoPackets = 0xffffffff;
const speeds = { low: 1, full: 2, high: 3 } as const;

const opHeadBytes = 8;
const busIdBytes = 32;
const pathBytes = 256;
const deviceRecordBytes = 312;
const urbHeadBytes = 48;
/** Longest data of one transfer, either way. */
export const transferMaxBytes = 64 * 1024;

export type UsbipOperation = { readonly type: 'list' } | { readonly type: 'import'; readonly busId: string };

export interface UsbipSubmit {
  readonly type: 'submit';
  readonly seqnum: number;
  readonly devid: number;
  readonly isIn: boolean;
  /** Number without direction. */
  readonly endpoint: number;
  /** Bytes wanted (in) or carried (out). */
  readonly length: number;
  readonly setup: Uint8Array;
  readonly data: Uint8Array;
}
export type UsbipCommand =
  UsbipSubmit | { readonly type: 'unlink'; readonly seqnum: number; readonly target: number };

export interface UsbipDevice {
  readonly busId: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  readonly speed: keyof typeof speeds;
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
  /** Class, subclass, protocol of the device and of each interface. */
  readonly codes: readonly [number, number, number];
  readonly configuration: number;
  readonly interfaces: readonly (readonly [number, number, number])[];
}

/** Takes what comes over one connection to pieces; the owner says when the transfers begin. */
export class UsbipReader {
  #held = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    this.#held = Buffer.concat([this.#held, chunk]);
  }
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Null: not whole yet. A failure ends the connection: there is no way to resync. */
  nextOperation(): Result<UsbipOperation | null, UsbipFailure> {
    if (this.#held.length < opHeadBytes) return ok(null);
    const version = this.#held.readUInt16BE(0);
    const code = this.#held.readUInt16BE(2);
    if (version !== usbipVersion) return bad(`version ${version.toString(16)}`);
    if (code === operations.listRequest) {
      this.#take(opHeadBytes);
      return ok({ type: 'list' });
    }
    if (code !== operations.importRequest) return bad(`operation ${code.toString(16)}`);
    if (this.#held.length < opHeadBytes + busIdBytes) return ok(null);
    const busId = cString(this.#take(opHeadBytes + busIdBytes).subarray(opHeadBytes));
    return busId === null ? bad('a bus id without end') : ok({ type: 'import', busId });
  }

  /** As `nextOperation`, for the transfers after an import. */
  nextCommand(): Result<UsbipCommand | null, UsbipFailure> {
    if (this.#held.length < urbHeadBytes) return ok(null);
    const head = this.#held.subarray(0, urbHeadBytes);
    const [command, seqnum, devid, direction, endpoint] = words(head, 5);
    if (command === commands.unlink) {
      this.#take(urbHeadBytes);
      return ok({ type: 'unlink', seqnum, target: head.readUInt32BE(20) });
    }
    if (command !== commands.submit) return bad(`command ${command}`);
    const length = head.readUInt32BE(24);
    const packets = head.readUInt32BE(32);
    if (direction > 1 || endpoint > 15) return bad(`endpoint ${endpoint}, direction ${direction}`);
    if (length > transferMaxBytes) return bad(`a transfer of ${length} bytes`);
    if (packets !== 0 && packets !== noIsoPackets) return bad('isochronous');
    const isIn = direction === 1;
    const total = urbHeadBytes + (isIn ? 0 : length);
    if (this.#held.length < total) return ok(null);
    const whole = this.#take(total);
    const setup = whole.subarray(40, urbHeadBytes);
    const data = whole.subarray(urbHeadBytes);
    return ok({ type: 'submit', seqnum, devid, isIn, endpoint, length, setup, data });
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }
}

/** `busnum << 16 | devnum`, by which transfers name the device. */
export function devidOf(device: Pick<UsbipDevice, 'busNumber' | 'deviceNumber'>): number {
  return device.busNumber * 0x10000 + device.deviceNumber;
}

export function encodeListReply(devices: readonly UsbipDevice[]): Uint8Array {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(devices.length);
  const entries = devices.flatMap((device) => [
    deviceRecord(device),
    ...device.interfaces.map((codes) => Uint8Array.of(...codes, 0)),
  ]);
  return Buffer.concat([opHead(operations.listReply, 0), count, ...entries]);
}

/** Null: refused. */
export function encodeImportReply(device: UsbipDevice | null): Uint8Array {
  if (device === null) return opHead(operations.importReply, refusedStatus);
  return Buffer.concat([opHead(operations.importReply, 0), deviceRecord(device)]);
}

export function encodeSubmitReply(
  seqnum: number,
  result: { status: number; actualBytes: number; data: Uint8Array },
): Uint8Array {
  const head = Buffer.alloc(urbHeadBytes);
  head.writeUInt32BE(commands.submitReply, 0);
  head.writeUInt32BE(seqnum, 4);
  head.writeInt32BE(result.status, 20);
  head.writeUInt32BE(result.actualBytes, 24);
  head.writeUInt32BE(noIsoPackets, 32);
  return Buffer.concat([head, result.data]);
}

export function encodeUnlinkReply(seqnum: number, status: number): Uint8Array {
  const head = Buffer.alloc(urbHeadBytes);
  head.writeUInt32BE(commands.unlinkReply, 0);
  head.writeUInt32BE(seqnum, 4);
  head.writeInt32BE(status, 20);
  return head;
}

// The client's side: what a machine sends that attaches a device.

export function encodeOperation(operation: UsbipOperation): Uint8Array {
  if (operation.type === 'list') return opHead(operations.listRequest, 0);
  const busId = Buffer.alloc(busIdBytes);
  busId.write(operation.busId.slice(0, busIdBytes - 1), 'latin1');
  return Buffer.concat([opHead(operations.importRequest, 0), busId]);
}

export function encodeCommand(command: UsbipCommand): Uint8Array {
  const head = Buffer.alloc(urbHeadBytes);
  head.writeUInt32BE(commands[command.type], 0);
  head.writeUInt32BE(command.seqnum, 4);
  if (command.type === 'unlink') {
    head.writeUInt32BE(command.target, 20);
    return head;
  }
  head.writeUInt32BE(command.devid, 8);
  head.writeUInt32BE(command.isIn ? 1 : 0, 12);
  head.writeUInt32BE(command.endpoint, 16);
  head.writeUInt32BE(command.length, 24);
  head.writeUInt32BE(noIsoPackets, 32);
  head.set(command.setup, 40);
  return Buffer.concat([head, command.data]);
}

export interface ImportedDevice {
  readonly devid: number;
  /** As vhci-hcd takes it. */
  readonly speed: number;
  readonly vendorId: number;
  readonly productId: number;
}

/** Null: not whole yet. */
export function decodeImportReply(bytes: Uint8Array): Result<ImportedDevice | null, UsbipFailure> {
  const reply = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (reply.length < opHeadBytes) return ok(null);
  if (reply.readUInt16BE(2) !== operations.importReply) return bad('no reply to an import');
  if (reply.readUInt32BE(4) !== 0) return bad('import refused');
  if (reply.length < opHeadBytes + deviceRecordBytes) return ok(null);
  const record = reply.subarray(opHeadBytes + pathBytes + busIdBytes);
  const [busNumber, deviceNumber, speed] = words(record, 3);
  return ok({
    devid: devidOf({ busNumber, deviceNumber }),
    speed,
    vendorId: record.readUInt16BE(12),
    productId: record.readUInt16BE(14),
  });
}

function opHead(code: number, status: number): Buffer {
  const head = Buffer.alloc(opHeadBytes);
  head.writeUInt16BE(usbipVersion, 0);
  head.writeUInt16BE(code, 2);
  head.writeUInt32BE(status, 4);
  return head;
}

/** `struct usbip_usb_device`. The path is only shown by tools. */
function deviceRecord(device: UsbipDevice): Buffer {
  const record = Buffer.alloc(deviceRecordBytes);
  record.write(`/sys/devices/virtual/${device.busId}`, 0, 'latin1');
  record.write(device.busId, pathBytes, 'latin1');
  let at = pathBytes + busIdBytes;
  for (const word of [device.busNumber, device.deviceNumber, speeds[device.speed]]) {
    at = record.writeUInt32BE(word, at);
  }
  for (const half of [device.vendorId, device.productId, device.release]) at = record.writeUInt16BE(half, at);
  record.set([...device.codes, device.configuration, 1, device.interfaces.length], at);
  return record;
}

function cString(bytes: Buffer): string | null {
  const end = bytes.indexOf(0);
  return end < 0 ? null : bytes.toString('latin1', 0, end);
}

function words<N extends 3 | 5>(bytes: Buffer, count: N): NumberTuple<N> {
  return Array.from({ length: count }, (_, i) => bytes.readUInt32BE(4 * i)) as NumberTuple<N>;
}
type NumberTuple<N> = N extends 3 ? [number, number, number] : [number, number, number, number, number];

function bad(message: string): ReturnType<typeof fail<'usbip.bad_message'>> {
  return fail('usbip.bad_message', message);
}
