import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import type { HostEnd } from '../devices/device-port.ts';
import { until } from '../../testkit/until.ts';
import { CdcAcmFunction } from './cdc-acm-function.ts';
import { UsbDevice } from './usb-device.ts';
import { decodeImportReply, encodeCommand, encodeOperation } from './usbip-codec.ts';
import { UsbipServer } from './usbip-server.ts';

let device: UsbDevice;
let other: UsbDevice;
let server: UsbipServer;
let port: number;
let end: HostEnd | null;
let received: Uint8Array[];
const clients: Client[] = [];

function bridge(productId: number): UsbDevice {
  return new UsbDevice({
    clock: systemClock,
    identity: { vendorId: 0x1a86, productId, manufacturer: 'a', product: 'b', serialNumber: 'c' },
    makeFunction: (send) =>
      new CdcAcmFunction({
        send,
        baud: 9600,
        cable: {
          plugged: true,
          onPlug: () => undefined,
          attach: (taken) => {
            end = taken;
            return {
              receive: (bytes) => received.push(bytes),
              receiveFeature: () => undefined,
              release: () => undefined,
            };
          },
        },
      }),
  });
}

/** A machine that attaches devices. */
class Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  isClosed = false;
  bytes = Buffer.alloc(0);

  constructor() {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
    clients.push(this);
  }
  async import(busId: string): Promise<this> {
    this.socket.write(encodeOperation({ type: 'import', busId }));
    await until('the reply', () => this.bytes.length >= 320 || this.isClosed);
    this.bytes = this.bytes.subarray(320);
    return this;
  }
  submit(
    seqnum: number,
    endpoint: number,
    isIn: boolean,
    more: { setup?: string; data?: number[]; length?: number },
  ): void {
    const data = Uint8Array.from(more.data ?? []);
    const setup = Buffer.from(more.setup ?? '0000000000000000', 'hex');
    const length = more.length ?? data.length;
    const devid = 0x10002;
    this.socket.write(encodeCommand({ type: 'submit', seqnum, devid, isIn, endpoint, length, setup, data }));
  }
  /** The replies that have come: command, number, status, data. */
  replies(): [number, number, number, string][] {
    const all: [number, number, number, string][] = [];
    for (let at = 0; at + 48 <= this.bytes.length;) {
      const head = this.bytes.subarray(at);
      const actual = head.readUInt32BE(0) === 3 ? head.readUInt32BE(24) : 0;
      // The length of a write's reply is what was written, without bytes.
      const hasData = !this.outSeqnums.has(head.readUInt32BE(4));
      const data = hasData ? head.subarray(48, 48 + actual) : Buffer.alloc(0);
      all.push([head.readUInt32BE(0), head.readUInt32BE(4), head.readInt32BE(20), data.toString('hex')]);
      at += 48 + data.length;
    }
    return all;
  }
  readonly outSeqnums = new Set<number>();
}

beforeEach(async () => {
  end = null;
  received = [];
  device = bridge(0x55d4);
  other = bridge(0x55d3);
  server = new UsbipServer([device, other], systemClock);
  port = await server.listen(0, '127.0.0.1');
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await server.close();
});

describe('operations', () => {
  it('lists what is plugged in', async () => {
    other.setPlugged(false);
    const client = new Client();
    client.socket.write(encodeOperation({ type: 'list' }));
    await client.closed;
    expect(client.bytes.length).toBe(12 + 312 + 2 * 4);
    expect(client.bytes.toString('hex', 0, 12)).toBe('011100050000000000000001');
    expect(client.bytes.toString('latin1', 12 + 256, 12 + 259)).toBe('1-1');
  });

  it('a device is imported once, and again when it is free', async () => {
    const first = await new Client().import('1-1');
    const second = new Client();
    second.socket.write(encodeOperation({ type: 'import', busId: '1-1' }));
    await second.closed;
    expect(decodeImportReply(second.bytes).ok).toBe(false);
    first.socket.destroy();
    await first.closed;
    await until('free', () => device.configuration === 0);
    expect((await new Client().import('1-1')).isClosed).toBe(false);
  });

  it.each(['1-3', '', 'x'.repeat(31)])('the bus id "%s" is refused', async (busId) => {
    const client = new Client();
    client.socket.write(encodeOperation({ type: 'import', busId }));
    await client.closed;
    expect(client.bytes.toString('hex')).toBe('0111000300000001');
  });
});

describe('transfers', () => {
  it('descriptors, configuration, both directions, a stall', async () => {
    const client = await new Client().import('1-1');
    client.outSeqnums.add(2).add(4);
    client.submit(1, 0, true, { setup: '8006000100001200', length: 18 });
    client.submit(2, 0, false, { setup: '0009010000000000' });
    client.submit(3, 1, true, { length: 64 });
    client.submit(4, 2, false, { data: [1, 2, 3] });
    client.submit(5, 0, true, { setup: '8006000600000a00', length: 10 });
    await until('written', () => received.length === 1);
    end?.deliver(Uint8Array.of(9, 8));
    await until('all answers', () => client.replies().length === 5);
    expect(client.replies()).toEqual([
      [3, 1, 0, '120100020200004086' + '1ad455' + '000101020301'],
      [3, 2, 0, ''],
      [3, 4, 0, ''],
      [3, 5, -32, ''],
      [3, 3, 0, '0908'],
    ]);
    expect(received[0]).toEqual(Buffer.from([1, 2, 3]));
  });

  it('an unlinked read is not answered; one that is over cannot be unlinked', async () => {
    const client = await new Client().import('1-1');
    client.submit(1, 0, false, { setup: '0009010000000000' });
    client.submit(2, 1, true, { length: 64 });
    client.submit(3, 1, true, { length: 64 });
    client.socket.write(encodeCommand({ type: 'unlink', seqnum: 4, target: 2 }));
    await until('unlinked', () => client.replies().length === 2);
    end?.deliver(Uint8Array.of(7));
    await until('read', () => client.replies().length === 3);
    client.socket.write(encodeCommand({ type: 'unlink', seqnum: 5, target: 3 }));
    await until('answered', () => client.replies().length === 4);
    expect(client.replies().slice(1)).toEqual([
      [4, 4, -104, ''],
      [3, 3, 0, '07'],
      [4, 5, 0, ''],
    ]);
  });

  it('pulled: the connection ends; the other device stays', async () => {
    const client = await new Client().import('1-1');
    const neighbour = await new Client().import('1-2');
    device.setPlugged(false);
    await client.closed;
    const again = new Client();
    again.socket.write(encodeOperation({ type: 'import', busId: '1-1' }));
    await again.closed;
    device.setPlugged(true);
    expect((await new Client().import('1-1')).isClosed).toBe(false);
    expect(neighbour.isClosed).toBe(false);
  });
});

describe('bad input closes this connection and nothing else', () => {
  it.each([
    ['noise before the import', Buffer.alloc(40, 0xa5), false],
    ['noise after it', Buffer.alloc(48, 0xa5), true],
    ['another device', submitOf({ devid: 0x10003 }), true],
    ['a number twice', Buffer.concat([submitOf({ isIn: true, endpoint: 1, length: 8 }), submitOf({})]), true],
  ])('%s', async (_, bytes, isImported) => {
    const neighbour = await new Client().import('1-2');
    const setOne = submitOf({ seqnum: 9, setup: Buffer.from('0009010000000000', 'hex') });
    const client = new Client();
    if (isImported) (await client.import('1-1')).socket.write(setOne);
    client.socket.write(bytes);
    await client.closed;
    expect(neighbour.isClosed).toBe(false);
    expect((await new Client().import('1-1')).isClosed).toBe(false);
  });
});

function submitOf(what: object): Buffer {
  return Buffer.from(
    encodeCommand({
      type: 'submit',
      seqnum: 1,
      devid: 0x10002,
      isIn: false,
      endpoint: 0,
      length: 0,
      setup: new Uint8Array(8),
      data: new Uint8Array(),
      ...what,
    }),
  );
}
