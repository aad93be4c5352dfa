import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { endpointTypes } from './descriptors.ts';
import type { UsbIdentity, UsbShape } from './descriptors.ts';
import { deviceRelease } from './descriptors.ts';

/**
 * The usb-redir protocol 0.7 (SPICE project, usbredir/docs/usb-redirection-protocol.md), little-endian, as the side that
 * has the device. QEMU's `usb-redir` device is the other side.
 */
export type RedirFailure = Failure<'usbredir.bad_message'>;

const types = {
  hello: 0,
  deviceConnect: 1,
  deviceDisconnect: 2,
  reset: 3,
  interfaceInfo: 4,
  endpointInfo: 5,
  setConfiguration: 6,
  getConfiguration: 7,
  configurationStatus: 8,
  setAlternate: 9,
  getAlternate: 10,
  alternateStatus: 11,
  startInterrupt: 15,
  stopInterrupt: 16,
  interruptStatus: 17,
  cancel: 21,
  control: 100,
  bulk: 101,
  interrupt: 103,
} as const;
export type RedirType = keyof typeof types;
const typeNames = new Map<number, RedirType>(
  Object.entries(types).map(([name, value]) => [value, name as RedirType]),
);

/**
 * Bits of the hello. QEMU refuses a device on an xHCI controller without the packet sizes of endpoints, 64-bit ids and
 * 32-bit bulk lengths.
 */
const capabilities = { deviceVersion: 1, endpointPacketSizes: 4, ids64: 5, bulkLength32: 6 } as const;
const ourCapabilities = Object.values(capabilities).reduce((bits, bit) => bits | (1 << bit), 0);
export const redirStatus = { ok: 0, cancelled: 1, invalid: 2, stall: 4 } as const;

const speeds = { low: 0, full: 1, high: 2 } as const;
const versionBytes = 64;
/** Longest body of a message: the longest transfer and its head. */
export const bodyMaxBytes = 1024 * 1024 + 16;
const slots = 32;
const noEndpoint = 255;
const controlHeadBytes = 10;
const bulkHeadBytes = 10;
const interruptHeadBytes = 4;

export interface RedirMessage {
  /** Null: a type that we do not know; it is skipped. */
  readonly type: RedirType | null;
  readonly id: bigint;
  readonly body: Buffer;
}

/** A transfer as the host asks for it. `data` is empty on the way in. */
export interface RedirTransfer {
  /** With direction bit. */
  readonly endpoint: number;
  readonly setup: Uint8Array | null;
  readonly data: Uint8Array;
  readonly wantedBytes: number;
  /** What goes into the answer: the head of the request. */
  readonly head: Buffer;
}

/** Takes the byte stream to pieces. After the hellos ids are 64 bits wide, when both sides can. */
export class RedirReader {
  #held = Buffer.alloc(0);
  #ids64 = false;

  /** Both hellos are through and say 64-bit ids. */
  get ids64(): boolean {
    return this.#ids64;
  }
  push(chunk: Uint8Array): void {
    this.#held = Buffer.concat([this.#held, chunk]);
  }

  /** Null: not whole yet. A failure ends the connection. */
  next(): Result<RedirMessage | null, RedirFailure> {
    if (this.#held.length < 12) return ok(null);
    const typeNumber = this.#held.readUInt32LE(0);
    const length = this.#held.readUInt32LE(4);
    const isHello = typeNumber === types.hello;
    const headBytes = this.#ids64 && !isHello ? 16 : 12;
    if (length > bodyMaxBytes) return bad(`a message of ${length} bytes`);
    if (this.#held.length < headBytes + length) return ok(null);
    const id = headBytes === 16 ? this.#held.readBigUInt64LE(8) : BigInt(this.#held.readUInt32LE(8));
    const body = this.#held.subarray(headBytes, headBytes + length);
    this.#held = this.#held.subarray(headBytes + length);
    if (isHello) {
      if (length < versionBytes) return bad('a hello without version');
      const bits = length >= versionBytes + 4 ? body.readUInt32LE(versionBytes) : 0;
      this.#ids64 = (bits & (1 << capabilities.ids64)) !== 0;
    }
    return ok({ type: typeNames.get(typeNumber) ?? null, id, body });
  }
}

export function encodeRedir(type: RedirType, id: bigint, body: Uint8Array, ids64: boolean): Uint8Array {
  const isWide = ids64 && type !== 'hello';
  const head = Buffer.alloc(isWide ? 16 : 12);
  head.writeUInt32LE(types[type], 0);
  head.writeUInt32LE(body.length, 4);
  if (isWide) head.writeBigUInt64LE(id, 8);
  else head.writeUInt32LE(Number(id & 0xffffffffn), 8);
  return Buffer.concat([head, body]);
}

export function helloBody(): Uint8Array {
  const body = Buffer.alloc(versionBytes + 4);
  body.write('kaimen simulated device', 'latin1');
  body.writeUInt32LE(ourCapabilities, versionBytes);
  return body;
}

export function interfaceInfoBody(shape: UsbShape): Uint8Array {
  const body = Buffer.alloc(4 + 4 * slots);
  body.writeUInt32LE(shape.interfaces.length, 0);
  shape.interfaces.forEach(({ number, codes }, i) => {
    [number, ...codes].forEach((value, field) => body.writeUInt8(value, 4 + slots * field + i));
  });
  return body;
}

/** Slots 0..15 are the OUT endpoints, 16..31 the IN ones; number 0 is the control pipe. */
export function endpointInfoBody(shape: UsbShape): Uint8Array {
  const body = Buffer.alloc(3 * slots + 2 * slots);
  body.fill(noEndpoint, 0, slots);
  const put = (slot: number, type: number, interval: number, inInterface: number, bytes: number): void => {
    body.writeUInt8(type, slot);
    body.writeUInt8(interval, slots + slot);
    body.writeUInt8(inInterface, 2 * slots + slot);
    body.writeUInt16LE(bytes, 3 * slots + 2 * slot);
  };
  for (const slot of [0, 16]) put(slot, endpointTypes.indexOf('control'), 0, 0, shape.controlPacketBytes);
  for (const { number, endpoints } of shape.interfaces) {
    for (const { address, type, interval, maxPacketBytes } of endpoints) {
      const slot = ((address & 0x80) >> 3) + (address & 0x0f);
      put(slot, endpointTypes.indexOf(type), interval, number, maxPacketBytes);
    }
  }
  return body;
}

export function deviceConnectBody(shape: UsbShape, identity: UsbIdentity): Uint8Array {
  const body = Buffer.alloc(10);
  body.set([speeds[shape.speed], ...shape.codes]);
  body.writeUInt16LE(identity.vendorId, 4);
  body.writeUInt16LE(identity.productId, 6);
  body.writeUInt16LE(deviceRelease, 8);
  return body;
}

/** Null when it is too short, or promises other data than it carries. */
export function parseTransfer(type: 'control' | 'bulk' | 'interrupt', body: Buffer): RedirTransfer | null {
  const headBytes = { control: controlHeadBytes, bulk: bulkHeadBytes, interrupt: interruptHeadBytes }[type];
  if (body.length < headBytes) return null;
  const head = Buffer.from(body.subarray(0, headBytes));
  const data = body.subarray(headBytes);
  const endpoint = head.readUInt8(0);
  const isIn = (endpoint & 0x80) !== 0;
  const low = head.readUInt16LE(type === 'control' ? 8 : 2);
  const length = type === 'bulk' ? low + head.readUInt16LE(8) * 0x10000 : low;
  if (length > bodyMaxBytes || data.length !== (isIn ? 0 : length)) return null;
  const wantedBytes = isIn ? length : 0;
  if (type !== 'control') return { endpoint, setup: null, data, wantedBytes, head };
  // Here request comes before request type; on the wire of USB it is the other way round.
  const setup = Uint8Array.of(head.readUInt8(2), head.readUInt8(1), ...head.subarray(4, 10));
  return { endpoint: 0, setup, data, wantedBytes, head };
}

/** The answer to a transfer: its head with status and length, then the data from the device. */
export function transferBody(
  type: 'control' | 'bulk' | 'interrupt',
  head: Buffer,
  result: { status: number; actualBytes: number; data: Uint8Array },
): Uint8Array {
  const answer = Buffer.from(head);
  answer.writeUInt8(result.status, type === 'control' ? 3 : 1);
  answer.writeUInt16LE(result.actualBytes & 0xffff, type === 'control' ? 8 : 2);
  if (type === 'bulk') answer.writeUInt16LE(result.actualBytes >> 16, 8);
  return Buffer.concat([answer, result.data]);
}

/** An input report that came without being asked for one by one. */
export function interruptBody(endpoint: number, data: Uint8Array): Uint8Array {
  return transferBody('interrupt', Buffer.from([endpoint, 0, 0, 0]), {
    status: redirStatus.ok,
    actualBytes: data.length,
    data,
  });
}

export function interruptStallBody(endpoint: number): Uint8Array {
  return Uint8Array.of(endpoint, redirStatus.stall, 0, 0);
}

function bad(message: string): ReturnType<typeof fail<'usbredir.bad_message'>> {
  return fail('usbredir.bad_message', message);
}
