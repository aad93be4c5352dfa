import { sleep } from '../../shared/clock.ts';
import type { Clock } from '../../shared/clock.ts';
import type { TransportSpec } from '../../shared/model/transport.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { describeMatch, openRefusal, pickDevice } from './identity.ts';
import type { Candidate } from './identity.ts';
import { TransportBase, messageOf } from './transport-base.ts';
import { linePayload, lineRequests } from './serial-chips.ts';
import { readUsbDevices } from './sysfs.ts';
import type { UsbDeviceFacts } from './sysfs.ts';
import { staleDropMs } from './transport.ts';
import type { TransportFailure } from './transport.ts';
import { bulkPairs, controlInterfaceOf } from './usb-descriptors.ts';
import type { BulkPair } from './usb-descriptors.ts';
import { libusb, loadUsb, portPathOf, runTransfer } from './usb-package.ts';
import type { EndedTransfer, LibusbError, UsbDevice, UsbPackage } from './usb-package.ts';

type UsbSpec = Extract<TransportSpec, { kind: 'usb' }>;

export interface UsbSystem {
  load(): Promise<UsbPackage>;
  readonly readUsbDevices: () => Promise<UsbDeviceFacts[] | null>;
}
const realSystem: UsbSystem = { load: loadUsb, readUsbDevices };

/** IN transfers under way at once, one packet each: the device never waits for us, and a short packet ends just one. */
const readAheadCount = 4;
const controlTimeoutMs = 500;
/** Stalls of the IN endpoint in a row, each cleared, until the transport is aborted. */
const stallMax = 3;
/** Longest wait at the end for transfers that were cancelled. */
const cancelTimeoutMs = 500;

interface UsbCandidate extends Candidate {
  readonly device: UsbDevice;
  readonly pair: BulkPair;
}

/** How many transports have a device open: libusb has one handle for each device, whoever opens it. */
const openCounts = new WeakMap<UsbDevice, number>();

/**
 * Bulk endpoints through libusb. On a real kernel: the kernel's driver (cdc_acm, usblp) is detached while we hold the
 * interface, and comes back when the transport is closed; a pulled cable ends every transfer with NO_DEVICE.
 */
export class UsbTransport extends TransportBase {
  readonly #spec: UsbSpec;
  readonly #system: UsbSystem;
  #name: string;
  #native: UsbPackage | null = null;
  #device: UsbDevice | null = null;
  #pair: BulkPair | null = null;
  #claimed: number[] = [];
  #detached: number[] = [];
  readonly #underWay = new Set<{ ended: Promise<EndedTransfer>; cancel: () => void }>();
  #stallCount = 0;
  #clearing: Promise<void> | null = null;

  constructor(spec: UsbSpec, clock: Clock, system: UsbSystem = realSystem) {
    super(clock);
    this.#spec = spec;
    this.#system = system;
    this.#name = `usb ${describeMatch(spec.match)}`;
  }

  get name(): string {
    return this.#name;
  }

  protected async connect(): Promise<Result<void, TransportFailure>> {
    try {
      this.#native = await this.#system.load();
    } catch (error) {
      return fail('transport.refused', `${this.name}: libusb cannot be loaded: ${messageOf(error)}`);
    }
    const picked = await this.#find(this.#native);
    if (!picked.ok) return picked;
    const { device, pair, path } = picked.value;
    this.#name = `usb ${describeMatch(this.#spec.match)} (${path})`;
    try {
      this.#hold(device);
      this.#pair = pair;
      const isCdc = this.#spec.line?.chip === 'cdc-acm';
      const control = isCdc ? controlInterfaceOf(device, pair.number) : null;
      // The control interface first: letting go of it frees the data interface of the same driver as well.
      for (const number of control === null ? [pair.number] : [control, pair.number])
        this.#claim(device, number);
      // A CDC device without a control interface has no line to set.
      return isCdc && control === null ? ok() : await this.#setLine(control ?? pair.number);
    } catch (error) {
      return openRefusal(this.name, path, messageOf(error));
    }
  }

  async #find(native: UsbPackage): Promise<Result<UsbCandidate, TransportFailure>> {
    const { match } = this.#spec;
    const facts = await this.#system.readUsbDevices();
    const candidates: UsbCandidate[] = [];
    for (const device of native.getDeviceList()) {
      const { idVendor, idProduct } = device.deviceDescriptor;
      if (idVendor !== match.vendorId || idProduct !== match.productId) continue;
      const portPath = portPathOf(device);
      const known = facts?.find((one) => one.portPath === portPath);
      const strings = known ?? (await this.#readStrings(native, device));
      for (const pair of bulkPairs(device, this.#spec.line?.chip === 'cdc-acm')) {
        candidates.push({
          device,
          pair,
          portPath,
          vendorId: idVendor,
          productId: idProduct,
          path: `${portPath ?? 'unknown port'} interface ${pair.number}`,
          serialNumber: strings.serialNumber,
          product: strings.product,
          interface: pair.number,
          usagePage: null,
          usage: null,
        });
      }
    }
    const picked = pickDevice(candidates, match);
    const isSeen = facts?.some((one) => one.vendorId === match.vendorId && one.productId === match.productId);
    if (!picked.ok && candidates.length === 0 && isSeen === true) {
      const why = 'the kernel has it, libusb does not: is udev running, and has it bulk endpoints?';
      return fail('transport.refused', `usb ${describeMatch(match)}: ${why}`);
    }
    return picked;
  }

  /** Where no sysfs tells them (Windows): by asking the device, and only when the match needs them. */
  async #readStrings(
    native: UsbPackage,
    device: UsbDevice,
  ): Promise<{ serialNumber: string | null; product: string | null }> {
    const { match } = this.#spec;
    if (match.serialNumber === undefined && match.product === undefined)
      return { serialNumber: null, product: null };
    const { iSerialNumber, iProduct } = device.deviceDescriptor;
    try {
      this.#hold(device);
      const read = async (index: number): Promise<string | null> => {
        if (index === 0) return null;
        // GET_DESCRIPTOR, string, US English (USB 2.0, 9.4.3).
        const got = await this.#control(native, device, [0x80, 0x06, 0x0300 | index, 0x0409], 255);
        return got.ok ? Buffer.from(got.value.subarray(2)).toString('utf16le') : null;
      };
      return { serialNumber: await read(iSerialNumber), product: await read(iProduct) };
    } catch {
      return { serialNumber: null, product: null };
    } finally {
      this.#letGo();
    }
  }

  /** Throws what libusb throws. */
  #hold(device: UsbDevice): void {
    const count = openCounts.get(device) ?? 0;
    if (count === 0) device.open();
    openCounts.set(device, count + 1);
    this.#device = device;
  }

  #letGo(): void {
    const device = this.#device;
    if (device === null) return;
    this.#device = null;
    const count = (openCounts.get(device) ?? 1) - 1;
    openCounts.set(device, count);
    if (count === 0) device.close();
  }

  #claim(device: UsbDevice, number: number): void {
    try {
      if (device.__isKernelDriverActive(number)) {
        device.__detachKernelDriver(number);
        this.#detached.push(number);
      }
    } catch (error) {
      // Not found: went along with the interface before. Not supported: a system whose kernel has no such drivers.
      if (!isHarmlessDetach(error)) throw error;
    }
    device.__claimInterface(number);
    this.#claimed.push(number);
  }

  async #setLine(interfaceNumber: number): Promise<Result<void, TransportFailure>> {
    const { line } = this.#spec;
    if (this.#native === null || this.#device === null || line === undefined) return ok();
    for (const { setup, data } of lineRequests(line.chip, line, interfaceNumber)) {
      const done = await this.#control(this.#native, this.#device, setup, Buffer.from(data));
      // A stalled request: adapters with one fixed speed and old chips do not have all of them. All else is an error.
      if (!done.ok && done.error.errno !== libusb.transferStall) {
        return fail(done.error.code, `${this.name}: the line cannot be set: ${done.error.message}`);
      }
    }
    return ok();
  }

  async #control(
    native: UsbPackage,
    device: UsbDevice,
    [requestType, request, value, index]: readonly [number, number, number, number],
    data: Buffer | number,
  ): Promise<EndedTransfer> {
    const length = typeof data === 'number' ? data : data.length;
    const buffer = Buffer.alloc(8 + length);
    buffer.writeUInt8(requestType, 0);
    buffer.writeUInt8(request, 1);
    buffer.writeUInt16LE(value, 2);
    buffer.writeUInt16LE(index, 4);
    buffer.writeUInt16LE(length, 6);
    if (typeof data !== 'number') data.copy(buffer, 8);
    const ended = await this.#transfer({ native, device, endpoint: 0, type: 0, buffer }, controlTimeoutMs);
    // The buffer begins with the setup packet; the length that libusb tells does not count it.
    return ended.ok ? ok(Uint8Array.from(buffer.subarray(8, 8 + ended.value.length))) : ended;
  }

  /** Remembered while under way, so that `release` can wait for it. */
  async #transfer(
    options: Parameters<typeof runTransfer>[0],
    timeoutMs: number | null,
  ): Promise<EndedTransfer> {
    const transfer = runTransfer(options);
    this.#underWay.add(transfer);
    const cancelTimer = timeoutMs === null ? () => undefined : this.clock.after(timeoutMs, transfer.cancel);
    const ended = await transfer.ended;
    cancelTimer();
    this.#underWay.delete(transfer);
    return ended;
  }

  protected override async settle(): Promise<void> {
    for (let i = 0; i < readAheadCount; i++) void this.#readOn();
    await sleep(this.clock, staleDropMs);
  }

  async #readOn(): Promise<void> {
    while (!this.isOver && this.#native !== null && this.#device !== null && this.#pair !== null) {
      const { inAddress, inPacketBytes } = this.#pair;
      const buffer = Buffer.alloc(inPacketBytes);
      const options = {
        native: this.#native,
        device: this.#device,
        endpoint: inAddress,
        type: 2,
        buffer,
      } as const;
      const ended = await this.#transfer(options, null);
      if (ended.ok) {
        this.#stallCount = 0;
        const { line } = this.#spec;
        const bytes = line === undefined ? ended.value : linePayload(line.chip, ended.value);
        if (bytes.length > 0) this.received(bytes);
      } else if (ended.error.errno === libusb.transferStall && this.#stallCount < stallMax) {
        await this.#clearStall(this.#device, inAddress);
      } else {
        this.lost({ code: ended.error.code, message: `${this.name}: ${ended.error.message}` });
      }
    }
  }

  /** Once for all transfers that ended by the same stall. */
  #clearStall(device: UsbDevice, endpoint: number): Promise<void> {
    this.#clearing ??= new Promise<void>((resolve) => {
      this.#stallCount++;
      device.__clearHalt(endpoint, () => {
        resolve();
      });
    }).then(() => {
      this.#clearing = null;
    });
    return this.#clearing;
  }

  protected async send(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    if (this.#native === null || this.#device === null || this.#pair === null) {
      return fail('transport.closed', `${this.name}: not open`);
    }
    const { outAddress } = this.#pair;
    const buffer = Buffer.from(bytes);
    const options = {
      native: this.#native,
      device: this.#device,
      endpoint: outAddress,
      type: 2,
      buffer,
    } as const;
    const ended = await this.#transfer(options, null);
    if (!ended.ok) return fail(ended.error.code, `${this.name}: ${ended.error.message}`);
    if (ended.value.length === bytes.length) return ok();
    return fail('transport.io', `${this.name}: ${ended.value.length} of ${bytes.length} bytes written`);
  }

  protected async release(): Promise<void> {
    const device = this.#device;
    if (device === null) return;
    // A handle that is closed under a transfer takes the process with it: one that does not end is left behind, open.
    if (!(await this.#cancelAll())) return;
    for (const number of this.#claimed) await releaseInterface(device, number);
    for (const number of this.#detached) attachKernelDriver(device, number);
    this.#letGo();
  }

  async #cancelAll(): Promise<boolean> {
    const all = [...this.#underWay];
    for (const transfer of all) transfer.cancel();
    const late = sleep(this.clock, cancelTimeoutMs).then(() => false);
    const clearing = this.#clearing ?? Promise.resolve();
    return Promise.race([late, Promise.all([clearing, ...all.map((one) => one.ended)]).then(() => true)]);
  }
}

function isHarmlessDetach(error: unknown): boolean {
  const { errno } = error as LibusbError;
  return errno === libusb.errorNotFound || errno === libusb.errorNotSupported;
}

function releaseInterface(device: UsbDevice, number: number): Promise<void> {
  return new Promise((resolve) => {
    // An error: the device is gone, and the interface with it.
    device.__releaseInterface(number, () => {
      resolve();
    });
  });
}

function attachKernelDriver(device: UsbDevice, number: number): void {
  try {
    device.__attachKernelDriver(number);
  } catch {
    // Gone, or the driver has taken it along with the interface before.
  }
}
