import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { DeviceKind } from '../../shared/model/device.ts';
import type { Random } from '../random.ts';
import type { Trace } from '../trace.ts';
import { Line } from './line.ts';
import type { Emulator } from './line.ts';

export interface DevicePortOptions<E extends Emulator> {
  readonly kind: DeviceKind;
  readonly framing: 'stream' | 'report';
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: Trace;
  readonly spoilCheck: (frame: Uint8Array) => Uint8Array;
  /** Makes the device at the end of the line; `send` takes one whole frame (or report). */
  readonly makeDevice: (send: (frame: Uint8Array) => void) => E;
  /** Called when the cable, the fault or the kiosk's link changes. */
  readonly onChange: () => void;
}

/** Bytes that wait for a kiosk that does not read; what is more is lost, as a full UART loses it. */
const unreadMaxBytes = 256 * 1024;

/**
 * One device behind a loopback TCP port, as a serial device server (ser2net) shows it. One kiosk at a time: a new one takes
 * over (ser2net's `kickolduser`), so that a restarted kiosk never waits for a dead connection. Unplugged: the port is still
 * there, but each connection is reset at once, and the device has lost its power.
 */
export class DevicePort<E extends Emulator> {
  readonly device: E;
  readonly #options: DevicePortOptions<E>;
  readonly #line: Line;
  readonly #server: Server;
  #socket: Socket | null = null;
  #plugged = true;

  constructor(options: DevicePortOptions<E>) {
    this.#options = options;
    const { clock, random, framing, spoilCheck } = options;
    this.#line = new Line({
      ...{ clock, random, framing, spoilCheck },
      write: (unit) => {
        this.#write(unit);
      },
    });
    this.device = options.makeDevice((frame) => {
      this.#line.send(frame);
    });
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#accept(socket);
    });
  }

  get plugged(): boolean {
    return this.#plugged;
  }
  /** Whether a kiosk holds the link right now. */
  get attached(): boolean {
    return this.#socket !== null;
  }
  get line(): Line {
    return this.#line;
  }

  /** Listens on loopback; 0 = any free port. Rejects when the port is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Pulls or plugs the cable; it carries the power as well. */
  setPlugged(plugged: boolean): void {
    if (plugged === this.#plugged) return;
    this.#plugged = plugged;
    if (plugged) {
      // Babble, if that is the fault, begins again.
      this.#line.setFault(this.#line.fault);
    } else {
      this.#line.clear();
      this.device.powerOff();
      this.#socket?.resetAndDestroy();
    }
    this.#options.onChange();
  }

  close(): Promise<void> {
    this.#line.clear();
    this.device.powerOff();
    this.#socket?.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {
      // A reset by the kiosk is as good as an end: `close` follows.
    });
    if (!this.#plugged) {
      socket.resetAndDestroy();
      return;
    }
    this.#socket?.destroy();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      // The scanner's few host bytes come report-framed; nothing in them matters to it, they are shown as they come.
      this.#options.trace.add(this.#options.kind, 'to_device', chunk);
      if (this.#line.hears) this.device.receive(chunk);
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#options.onChange();
    });
    this.#options.onChange();
  }

  #write(unit: Uint8Array): void {
    const socket = this.#socket;
    if (!this.#plugged || socket === null || socket.writableLength > unreadMaxBytes) return;
    socket.write(this.#options.framing === 'report' ? framed(unit) : unit);
    this.#options.trace.add(this.#options.kind, 'from_device', unit);
  }
}

/** u16 big-endian length, then the report (shared/model/device.ts, framing `report`). */
function framed(report: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(report.length >> 8, report.length & 0xff), report]);
}
