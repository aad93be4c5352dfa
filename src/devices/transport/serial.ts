import { read } from 'node:fs';
import type { Clock } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import type { TransportSpec } from '../../shared/model/transport.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { describeMatch, openRefusal, pickDevice } from './identity.ts';
import type { Candidate } from './identity.ts';
import { TransportBase, messageOf } from './transport-base.ts';
import { readUsbDevices } from './sysfs.ts';
import type { UsbDeviceFacts } from './sysfs.ts';
import { staleDropMs } from './transport.ts';
import type { TransportFailure } from './transport.ts';

export type SerialSpec = Extract<TransportSpec, { kind: 'serial' }>;

/** What is used of the package serialport (its bindings, without streams), and what a test plays. */
export interface SerialPackage {
  open(options: SerialOptions): Promise<SerialHandle>;
  /** Ports with what the system tells of the USB device behind each; ids are hex. */
  list(): Promise<
    {
      path: string;
      vendorId?: string | undefined;
      productId?: string | undefined;
      serialNumber?: string | undefined;
    }[]
  >;
}
interface SerialOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: string;
  readonly stopBits: 1 | 2;
  /** TIOCEXCL: nobody else opens it meanwhile. */
  readonly lock: boolean;
}
export interface SerialHandle {
  readonly fd?: number | null;
  readonly poller?: {
    once(event: 'readable', listener: (error: Error | null) => void): unknown;
    /** Calls the waiting listeners with an error. */
    stop(): void;
  };
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number }>;
  write(buffer: Buffer): Promise<void>;
  set(flags: { dtr: boolean; rts: boolean }): Promise<void>;
  /** Throws away what is received and not read, and what is written and not sent. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Only importer of serialport. Loaded when first used, so that a cabinet without serial ports needs nothing of it. */
export async function loadSerial(): Promise<SerialPackage> {
  const { SerialPort } = await import('serialport');
  const binding: unknown = SerialPort.binding;
  return binding as SerialPackage;
}

export interface SerialSystem {
  load(): Promise<SerialPackage>;
  /** null: not Linux. */
  readonly readUsbDevices: () => Promise<UsbDeviceFacts[] | null>;
}
const realSystem: SerialSystem = { load: loadSerial, readUsbDevices };

const readBytes = 4096;

/**
 * A serial port of the system. On a real kernel: the port in /dev (cdc_acm, ch341, cp210x, ftdi_sio) opens exclusively, old
 * bytes in either direction are thrown away, a pulled cable ends a waiting read.
 */
export class SerialTransport extends TransportBase {
  readonly #spec: SerialSpec;
  readonly #system: SerialSystem;
  #name: string;
  #handle: SerialHandle | null = null;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(spec: SerialSpec, clock: Clock, system: SerialSystem = realSystem) {
    super(clock);
    this.#spec = spec;
    this.#system = system;
    this.#name = `serial ${spec.path ?? (spec.match === undefined ? '' : describeMatch(spec.match))}`;
  }

  get name(): string {
    return this.#name;
  }

  protected async connect(): Promise<Result<void, TransportFailure>> {
    let native: SerialPackage;
    try {
      native = await this.#system.load();
    } catch (error) {
      return fail('transport.refused', `${this.name}: serialport cannot be loaded: ${messageOf(error)}`);
    }
    const path = await this.#findPath(native);
    if (!path.ok) return path;
    const { baudRate, dataBits, parity, stopBits } = this.#spec;
    try {
      this.#handle = await native.open({
        path: path.value,
        baudRate,
        dataBits,
        parity,
        stopBits,
        lock: true,
      });
    } catch (error) {
      return openRefusal(this.name, path.value, messageOf(error));
    }
    // Modem lines up, as a terminal program has them: many adapters say nothing without. Not every port has any.
    await this.#handle.set({ dtr: true, rts: true }).catch(() => undefined);
    return ok();
  }

  async #findPath(native: SerialPackage): Promise<Result<string, TransportFailure>> {
    const { path, match } = this.#spec;
    if (path !== undefined || match === undefined) return ok(path ?? '');
    const picked = pickDevice(await listSerialPorts(native, this.#system.readUsbDevices), match);
    if (!picked.ok) return picked;
    this.#name = `serial ${describeMatch(match)} (${picked.value.path})`;
    return ok(picked.value.path);
  }

  /** Old bytes: the kernel's, and those that the adapter still held and sends as soon as somebody reads. */
  protected override async settle(): Promise<void> {
    await sleep(this.clock, staleDropMs);
    await this.#handle?.flush();
    this.#underWay = this.#readOn();
  }

  async #readOn(): Promise<void> {
    const buffer = Buffer.alloc(readBytes);
    try {
      while (!this.isOver && this.#handle !== null) {
        const count = await readSome(this.#handle, buffer);
        if (count === 0) break;
        this.received(Uint8Array.from(buffer.subarray(0, count)));
      }
    } catch {
      // Whatever the number of the error (EIO, EBADF, ENXIO): reading from a serial port fails when it is gone.
    }
    this.lost({ code: 'transport.closed', message: `${this.name}: unplugged` });
  }

  protected async send(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    try {
      await this.#handle?.write(Buffer.from(bytes));
      return ok();
    } catch (error) {
      return fail('transport.closed', `${this.name}: ${messageOf(error)}`);
    }
  }

  protected async release(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    if (handle === null) return;
    // What could not be sent must not be sent later, and would keep the close waiting for up to 30 s.
    await handle.flush().catch(() => undefined);
    if (handle.poller !== undefined) {
      // No read may be under way when the number of the descriptor becomes free for somebody else.
      handle.poller.stop();
      await this.#underWay;
    }
    await handle.close();
    await this.#underWay;
  }
}

/**
 * At least one byte; 0: the line is gone. The package's own read takes 0 (what Linux gives after a hang-up) for "try
 * again" and spins for ever, so where it shows its descriptor that is read instead.
 */
function readSome(handle: SerialHandle, buffer: Buffer): Promise<number> {
  const { fd, poller } = handle;
  if (typeof fd !== 'number' || poller === undefined) {
    return handle.read(buffer, 0, buffer.length).then(({ bytesRead }) => bytesRead);
  }
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, count) => {
      if (error === null) {
        resolve(count);
        return;
      }
      if (error.code !== 'EAGAIN' && error.code !== 'EINTR') {
        reject(error);
        return;
      }
      if (handle.fd !== fd) {
        reject(new Error('closed'));
        return;
      }
      poller.once('readable', (pollError) => {
        if (pollError) reject(pollError);
        else resolve(readSome(handle, buffer));
      });
    });
  });
}

/** All serial ports with a USB device behind them. */
export async function listSerialPorts(
  native: SerialPackage,
  readDevices: SerialSystem['readUsbDevices'] = readUsbDevices,
): Promise<Candidate[]> {
  const none = { usagePage: null, usage: null };
  const devices = await readDevices();
  if (devices !== null) {
    return devices.flatMap((device) =>
      device.interfaces.flatMap((one) =>
        one.ttys.map((tty) => ({ ...device, ...none, path: `/dev/${tty}`, interface: one.number })),
      ),
    );
  }
  const ports = await native.list();
  return ports.flatMap(({ path, vendorId, productId, serialNumber }) =>
    vendorId === undefined || productId === undefined
      ? []
      : [
          {
            path,
            ...none,
            product: null,
            portPath: null,
            interface: null,
            vendorId: parseInt(vendorId, 16),
            productId: parseInt(productId, 16),
            serialNumber: serialNumber ?? null,
          },
        ],
  );
}
