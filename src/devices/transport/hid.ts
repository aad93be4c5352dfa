import { basename } from 'node:path';
import { sleep } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { TransportSpec } from '../../shared/model/transport.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { describeMatch, openRefusal, pickDevice } from './identity.ts';
import type { Candidate } from './identity.ts';
import { TransportBase, messageOf } from './transport-base.ts';
import { readReportDescriptor, readUsbDevices } from './sysfs.ts';
import type { UsbDeviceFacts } from './sysfs.ts';
import { staleDropMs } from './transport.ts';
import type { TransportFailure } from './transport.ts';

type HidSpec = Extract<TransportSpec, { kind: 'hid' }>;

/** What is used of the package node-hid, and what a test plays. */
export interface HidPackage {
  devicesAsync(): Promise<HidInfo[]>;
  open(path: string): Promise<HidHandle>;
}
interface HidInfo {
  readonly path?: string | undefined;
  readonly vendorId: number;
  readonly productId: number;
  readonly serialNumber?: string | undefined;
  readonly product?: string | undefined;
  /** -1 where there is none. */
  readonly interface: number;
  readonly usagePage?: number | undefined;
  readonly usage?: number | undefined;
}
export interface HidHandle {
  on(event: 'data', listener: (report: Buffer) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
  write(report: Buffer): Promise<number>;
  sendFeatureReport(report: Buffer): Promise<number>;
  getFeatureReport(reportId: number, maxBytes: number): Promise<Buffer>;
  /** Waits for the calls and the reading thread that are under way. */
  close(): Promise<void>;
}

/** Only importer of node-hid. Loaded when first used: its binary needs the system library libusb-1.0-0. */
export async function loadHid(): Promise<HidPackage> {
  const { HIDAsync, devicesAsync } = await import('node-hid');
  return { devicesAsync: () => devicesAsync(), open: (path) => HIDAsync.open(path) };
}

/** What is missing, in words that lead to it. */
export function hidLoadProblem(error: unknown): string {
  const message = messageOf(error);
  return /libusb-1\.0/.test(message)
    ? 'the system library libusb-1.0 is missing: apt-get install libusb-1.0-0'
    : `node-hid cannot be loaded: ${message}`;
}

export interface HidSystem {
  load(): Promise<HidPackage>;
  readonly readUsbDevices: () => Promise<UsbDeviceFacts[] | null>;
  /** By the node's name (`hidraw0`); null: the system does not tell. */
  readonly readReportDescriptor: (node: string) => Promise<Uint8Array | null>;
}
const realSystem: HidSystem = { load: loadHid, readUsbDevices, readReportDescriptor };

/**
 * A HID device: one input report a data event, its id first where the device has ids. On a real kernel: the hidraw node of
 * exactly the matched device is opened, feature reports go over the control pipe, a pulled cable ends the reading.
 */
export class HidTransport extends TransportBase {
  readonly #spec: HidSpec;
  readonly #system: HidSystem;
  #name: string;
  #handle: HidHandle | null = null;
  #reportDescriptor: Uint8Array | null = null;

  constructor(spec: HidSpec, clock: Clock, system: HidSystem = realSystem) {
    super(clock);
    this.#spec = spec;
    this.#system = system;
    this.#name = `hid ${describeMatch(spec.match)}`;
  }

  get name(): string {
    return this.#name;
  }

  get reportDescriptor(): Uint8Array | null {
    return this.#reportDescriptor;
  }

  protected async connect(): Promise<Result<void, TransportFailure>> {
    let native: HidPackage;
    let candidates: Candidate[];
    try {
      native = await this.#system.load();
      candidates = await listHid(native, this.#system.readUsbDevices);
    } catch (error) {
      return fail('transport.refused', `${this.name}: ${hidLoadProblem(error)}`);
    }
    const picked = pickDevice(candidates, this.#spec.match);
    if (!picked.ok) return picked;
    const { path } = picked.value;
    this.#name = `hid ${describeMatch(this.#spec.match)} (${path})`;
    this.#reportDescriptor = await this.#system.readReportDescriptor(basename(path));
    try {
      this.#handle = await native.open(path);
    } catch (error) {
      return openRefusal(this.name, path, messageOf(error));
    }
    this.#handle.on('error', () => {
      this.lost({ code: 'transport.closed', message: `${this.name}: unplugged` });
    });
    this.#handle.on('data', (report) => {
      this.received(Uint8Array.from(report));
    });
    return ok();
  }

  protected override settle(): Promise<void> {
    return sleep(this.clock, staleDropMs);
  }

  protected async send(report: Uint8Array): Promise<Result<void, TransportFailure>> {
    try {
      await this.#opened().write(Buffer.from(report));
      return ok();
    } catch (error) {
      return fail('transport.io', `${this.name}: ${messageOf(error)}`);
    }
  }

  protected override readonly features = {
    set: async (report: Uint8Array): Promise<Result<void, TransportFailure>> => {
      try {
        await this.#opened().sendFeatureReport(Buffer.from(report));
        return ok();
      } catch (error) {
        return fail('transport.io', `${this.name}: ${messageOf(error)}`);
      }
    },
    get: async (reportId: number, maxBytes: number): Promise<Result<Uint8Array, TransportFailure>> => {
      try {
        const report = await this.#opened().getFeatureReport(reportId, maxBytes);
        return report.length > 0
          ? ok(Uint8Array.from(report))
          : fail('transport.io', `${this.name}: empty answer`);
      } catch (error) {
        return fail('transport.io', `${this.name}: ${messageOf(error)}`);
      }
    },
  };

  #opened(): HidHandle {
    if (this.#handle === null) throw new Error('closed');
    return this.#handle;
  }

  protected async release(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    // node-hid 3.4 begins to read a tick after it got its listener, and throws there, where nobody can catch it, when it is
    // closed by then: it took the whole device host with it when an open was aborted at its very end.
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    await handle?.close();
  }
}

/** All HID devices, one entry for each top-level collection; on Linux with the port that each is plugged into. */
export async function listHid(
  native: HidPackage,
  readDevices: HidSystem['readUsbDevices'] = readUsbDevices,
): Promise<Candidate[]> {
  const ports = new Map(
    ((await readDevices()) ?? []).flatMap((device) =>
      device.interfaces.flatMap((one) => one.hidraws.map((node) => [node, device.portPath] as const)),
    ),
  );
  return (await native.devicesAsync()).flatMap((info) =>
    info.path === undefined
      ? []
      : [
          {
            path: info.path,
            vendorId: info.vendorId,
            productId: info.productId,
            serialNumber: info.serialNumber === '' ? null : (info.serialNumber ?? null),
            product: info.product ?? null,
            portPath: ports.get(basename(info.path)) ?? null,
            interface: info.interface >= 0 ? info.interface : null,
            usagePage: info.usagePage ?? null,
            usage: info.usage ?? null,
          },
        ],
  );
}
