import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { deviceRelease } from './descriptors.ts';
import type { UsbDevice } from './usb-device.ts';
import type { UsbTransfer } from './usb-transfer.ts';
import {
  UsbipReader,
  devidOf,
  encodeImportReply,
  encodeListReply,
  encodeSubmitReply,
  encodeUnlinkReply,
  transferStatus,
} from './usbip-codec.ts';
import type { UsbipCommand, UsbipDevice, UsbipFailure, UsbipOperation, UsbipSubmit } from './usbip-codec.ts';

/** A connection that has not said within this time what it wants is closed. */
export const operationMaxMs = 10_000;
/** Connections at a time; each imported device holds one. */
const connectionsMax = 64;
/** Replies that wait for a host that does not read; then it is cut off. */
const unreadMaxBytes = 4 * 1024 * 1024;
const busNumber = 1;
/** 1 would be the root hub. */
const firstDeviceNumber = 2;

/**
 * Shows USB devices to any Linux machine with vhci-hcd (`usbip attach -r host -b 1-1`). One machine at a time has a device.
 * Whatever comes that is no USB/IP closes that connection, and nothing else. A device that is pulled ends its connection
 * and is not listed until it is back; the machine has to attach it again, as the protocol has it.
 */
export class UsbipServer {
  readonly #devices: readonly UsbDevice[];
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #holders = new Map<UsbDevice, Socket>();

  constructor(devices: readonly UsbDevice[], clock: Clock) {
    this.#devices = devices;
    this.#clock = clock;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#accept(socket);
    });
    for (const device of devices) {
      device.onPlug((plugged) => {
        if (!plugged) this.#holders.get(device)?.destroy();
      });
    }
  }

  /** 0 = any free port. Rejects when the port is taken. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    if (this.#sockets.size >= connectionsMax) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const cancelTimer = this.#clock.after(operationMaxMs, () => socket.destroy());
    const reader = new UsbipReader();
    let connection: UsbipLink | null = null;
    let isAnswered = false;
    socket.on('data', (chunk: Buffer) => {
      // After a list or a refusal nothing more is expected; the timer ends a client that stays.
      if (isAnswered && connection === null) return;
      reader.push(chunk);
      if (connection === null) {
        const operation = reader.nextOperation();
        if (!operation.ok) socket.destroy();
        if (!operation.ok || operation.value === null) return;
        isAnswered = true;
        connection = this.#operate(socket, operation.value);
        if (connection !== null) cancelTimer();
      }
      if (connection?.serve(reader).ok === false) socket.destroy();
    });
    socket.on('error', () => {
      // A reset is as good as an end: `close` follows.
    });
    socket.on('close', () => {
      cancelTimer();
      this.#sockets.delete(socket);
      connection?.end();
    });
  }

  /** The connection, when a device has been imported. */
  #operate(socket: Socket, operation: UsbipOperation): UsbipLink | null {
    if (operation.type === 'list') {
      socket.end(encodeListReply(this.#devices.flatMap((one) => (one.plugged ? [this.#record(one)] : []))));
      return null;
    }
    const device = this.#devices.find((one) => this.#record(one).busId === operation.busId);
    if (device?.plugged !== true || this.#holders.has(device)) {
      socket.end(encodeImportReply(null));
      return null;
    }
    const record = this.#record(device);
    this.#holders.set(device, socket);
    device.reset();
    socket.write(encodeImportReply(record));
    return new UsbipLink(socket, device, devidOf(record), () => {
      this.#holders.delete(device);
    });
  }

  #record(device: UsbDevice): UsbipDevice {
    const index = this.#devices.indexOf(device);
    const { shape, identity } = device;
    return {
      busId: `${busNumber}-${index + 1}`,
      busNumber,
      deviceNumber: firstDeviceNumber + index,
      speed: shape.speed,
      codes: shape.codes,
      vendorId: identity.vendorId,
      productId: identity.productId,
      release: deviceRelease,
      configuration: device.configuration,
      interfaces: shape.interfaces.map((one) => one.codes),
    };
  }
}

/** The transfers of one imported device. */
class UsbipLink {
  readonly #socket: Socket;
  readonly #device: UsbDevice;
  readonly #devid: number;
  readonly #release: () => void;
  readonly #live = new Map<number, UsbTransfer>();

  constructor(socket: Socket, device: UsbDevice, devid: number, release: () => void) {
    this.#socket = socket;
    this.#device = device;
    this.#devid = devid;
    this.#release = release;
  }

  serve(reader: UsbipReader): { ok: true } | { ok: false; error: UsbipFailure } {
    for (;;) {
      const command = reader.nextCommand();
      if (!command.ok) return command;
      if (command.value === null || this.#socket.destroyed) return { ok: true };
      this.#perform(command.value);
    }
  }

  end(): void {
    for (const transfer of this.#live.values()) this.#device.cancel(transfer);
    this.#live.clear();
    this.#device.reset();
    this.#release();
  }

  #perform(command: UsbipCommand): void {
    if (command.type === 'submit') {
      // A number that is under way already, or another device: a client that is out of its mind.
      if (this.#live.has(command.seqnum) || command.devid !== this.#devid) this.#socket.destroy();
      else this.#submit(command);
      return;
    }
    const transfer = this.#live.get(command.target);
    this.#live.delete(command.target);
    const isUnlinked = transfer !== undefined && this.#device.cancel(transfer);
    this.#write(encodeUnlinkReply(command.seqnum, isUnlinked ? transferStatus.unlinked : transferStatus.ok));
  }

  #submit(command: UsbipSubmit): void {
    const { seqnum, isIn, endpoint } = command;
    const transfer: UsbTransfer = {
      endpoint: endpoint === 0 ? 0 : endpoint + (isIn ? 0x80 : 0),
      setup: endpoint === 0 ? command.setup : null,
      data: command.data,
      wantedBytes: isIn ? command.length : 0,
      complete: ({ status, data, actualBytes }) => {
        this.#live.delete(seqnum);
        this.#write(encodeSubmitReply(seqnum, { status: transferStatus[status], data, actualBytes }));
      },
    };
    this.#live.set(seqnum, transfer);
    this.#device.submit(transfer);
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.writableLength > unreadMaxBytes) this.#socket.destroy();
    else if (!this.#socket.destroyed) this.#socket.write(bytes);
  }
}
