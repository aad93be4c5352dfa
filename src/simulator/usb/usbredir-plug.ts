import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { UsbDevice } from './usb-device.ts';
import type { UsbResult, UsbTransfer } from './usb-transfer.ts';
import {
  RedirReader,
  deviceConnectBody,
  encodeRedir,
  endpointInfoBody,
  helloBody,
  interfaceInfoBody,
  interruptBody,
  interruptStallBody,
  parseTransfer,
  redirStatus,
  transferBody,
} from './usbredir-codec.ts';
import type { RedirMessage, RedirTransfer, RedirType } from './usbredir-codec.ts';

/** Pause before a port that is not there (yet), or has closed, is tried again. */
export const redialMs = 100;
/** Answers that wait for a host that does not read; then it is cut off. */
const unreadMaxBytes = 4 * 1024 * 1024;
const noData = Buffer.alloc(0);

/**
 * Keeps one device plugged into a QEMU port (`-chardev socket,path=…,server=on -device usb-redir`): dials the Unix socket
 * while the device is plugged in, and again when it has been pulled or the machine has started anew.
 */
export class UsbRedirPlug {
  readonly #device: UsbDevice;
  readonly #path: string;
  readonly #clock: Clock;
  #socket: Socket | null = null;
  #cancelDial: () => void = () => undefined;
  readonly #forget: () => void;

  constructor(device: UsbDevice, path: string, clock: Clock) {
    this.#device = device;
    this.#path = path;
    this.#clock = clock;
    this.#forget = device.onPlug((plugged) => {
      if (plugged) this.#dial();
      else this.#hangUp();
    });
    if (device.plugged) this.#dial();
  }

  close(): void {
    this.#forget();
    this.#hangUp();
  }

  #hangUp(): void {
    this.#cancelDial();
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }

  #dial(): void {
    const socket = connect({ path: this.#path });
    this.#socket = socket;
    const connection = new RedirLink(this.#device, socket);
    socket.on('connect', () => {
      connection.begin();
    });
    socket.on('data', (chunk: Buffer) => {
      if (!connection.receive(chunk)) socket.destroy();
    });
    socket.on('error', () => {
      // `close` follows.
    });
    socket.on('close', () => {
      connection.end();
      if (this.#socket !== socket) return;
      this.#cancelDial = this.#clock.after(redialMs, () => {
        this.#dial();
      });
    });
  }
}

type TransferType = 'control' | 'bulk' | 'interrupt';
interface LiveTransfer {
  readonly type: TransferType;
  readonly request: RedirTransfer;
  readonly transfer: UsbTransfer;
}

/** One connection to a QEMU port. */
class RedirLink {
  readonly #device: UsbDevice;
  readonly #socket: Socket;
  readonly #reader = new RedirReader();
  readonly #live = new Map<bigint, LiveTransfer>();
  /** Interrupt endpoints that are read all the time, with the read under way; null: stalled, until it is cleared. */
  readonly #polled = new Map<number, UsbTransfer | null>();
  #reportId = 0n;
  #ended = false;

  constructor(device: UsbDevice, socket: Socket) {
    this.#device = device;
    this.#socket = socket;
  }

  begin(): void {
    this.#send('hello', 0n, helloBody());
  }

  /** False: what came is no usb-redir. */
  receive(chunk: Uint8Array): boolean {
    this.#reader.push(chunk);
    for (;;) {
      const message = this.#reader.next();
      if (!message.ok) return false;
      if (message.value === null) return true;
      if (!this.#perform(message.value)) return false;
    }
  }

  end(): void {
    this.#ended = true;
    this.#cancelAll();
    this.#device.reset();
  }

  #perform({ type, id, body }: RedirMessage): boolean {
    const [first = 0, second = 0] = body;
    switch (type) {
      case 'hello':
        this.#announce();
        return true;
      case 'control':
      case 'bulk':
      case 'interrupt':
        return this.#transfer(type, id, body);
      case 'cancel':
        this.#cancel(id);
        return true;
      case 'reset':
        this.#cancelAll();
        this.#device.reset();
        return true;
      case 'setConfiguration': {
        const status = this.#device.setConfiguration(first) ? redirStatus.ok : redirStatus.invalid;
        this.#send('configurationStatus', id, Uint8Array.of(status, first));
        return true;
      }
      case 'getConfiguration':
        this.#send('configurationStatus', id, Uint8Array.of(redirStatus.ok, this.#device.configuration));
        return true;
      case 'setAlternate':
      case 'getAlternate': {
        // There is only setting 0.
        const isThere = type === 'getAlternate' || second === 0;
        const status = isThere ? redirStatus.ok : redirStatus.invalid;
        this.#send('alternateStatus', id, Uint8Array.of(status, first, 0));
        return true;
      }
      case 'startInterrupt':
        this.#send('interruptStatus', id, Uint8Array.of(redirStatus.ok, first));
        if (!this.#polled.has(first)) this.#poll(first);
        return true;
      case 'stopInterrupt':
        this.#stopPoll(first);
        this.#send('interruptStatus', id, Uint8Array.of(redirStatus.ok, first));
        return true;
      default:
        // Filters, streams, isochronous and what later versions have: not announced, so not answered.
        return true;
    }
  }

  #announce(): void {
    const { shape, identity } = this.#device;
    this.#device.reset();
    this.#send('interfaceInfo', 0n, interfaceInfoBody(shape));
    this.#send('endpointInfo', 0n, endpointInfoBody(shape));
    this.#send('deviceConnect', 0n, deviceConnectBody(shape, identity));
  }

  #transfer(type: TransferType, id: bigint, body: Buffer): boolean {
    const request = parseTransfer(type, body);
    if (request === null || this.#live.has(id)) return false;
    const { endpoint, setup, data, wantedBytes, head } = request;
    const transfer: UsbTransfer = {
      endpoint,
      setup,
      data,
      wantedBytes,
      complete: (result) => {
        this.#live.delete(id);
        this.#send(type, id, transferBody(type, head, statusOf(result)));
        if (type === 'control') this.#pollCleared();
      },
    };
    this.#live.set(id, { type, request, transfer });
    this.#device.submit(transfer);
    return true;
  }

  #cancel(id: bigint): void {
    const live = this.#live.get(id);
    if (live === undefined || !this.#device.cancel(live.transfer)) return;
    this.#live.delete(id);
    const result = { status: redirStatus.cancelled, actualBytes: 0, data: noData };
    this.#send(live.type, id, transferBody(live.type, live.request.head, result));
  }

  #poll(endpoint: number): void {
    const spec = this.#device.endpoints.find((one) => one.address === endpoint);
    const transfer: UsbTransfer = {
      endpoint,
      setup: null,
      data: noData,
      wantedBytes: spec?.maxPacketBytes ?? 0,
      complete: (result) => {
        if (this.#polled.get(endpoint) !== transfer) return;
        if (result.status === 'stall') {
          // As a report with that status: QEMU does not wake its controller for a status message, and the machine would
          // never learn of it. Reading goes on when the machine has cleared the halt.
          this.#polled.set(endpoint, null);
          this.#send('interrupt', this.#reportId++, interruptStallBody(endpoint));
          return;
        }
        this.#send('interrupt', this.#reportId++, interruptBody(endpoint, result.data));
        this.#poll(endpoint);
      },
    };
    this.#polled.set(endpoint, transfer);
    this.#device.submit(transfer);
  }

  #pollCleared(): void {
    for (const [endpoint, transfer] of this.#polled) {
      if (transfer === null && !this.#device.isHalted(endpoint)) this.#poll(endpoint);
    }
  }

  #stopPoll(endpoint: number): void {
    const transfer = this.#polled.get(endpoint) ?? null;
    this.#polled.delete(endpoint);
    if (transfer !== null) this.#device.cancel(transfer);
  }

  #cancelAll(): void {
    for (const { transfer } of this.#live.values()) this.#device.cancel(transfer);
    this.#live.clear();
    for (const endpoint of [...this.#polled.keys()]) this.#stopPoll(endpoint);
  }

  #send(type: RedirType, id: bigint, body: Uint8Array): void {
    if (this.#ended || this.#socket.destroyed) return;
    if (this.#socket.writableLength > unreadMaxBytes) this.#socket.destroy();
    else this.#socket.write(encodeRedir(type, id, body, this.#reader.ids64));
  }
}

function statusOf({ status, data, actualBytes }: UsbResult): {
  status: number;
  data: Uint8Array;
  actualBytes: number;
} {
  return { status: redirStatus[status], data, actualBytes };
}
