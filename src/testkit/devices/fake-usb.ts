import type {
  LibusbError,
  TransferDone,
  UsbDevice,
  UsbPackage,
  UsbTransfer,
} from '../../devices/transport/usb-package.ts';
import { libusb } from '../../devices/transport/usb-package.ts';

/** For tests: libusb with CDC-ACM devices behind it, played at their transfers. */
export class FakeUsb implements UsbPackage {
  readonly devices: FakeUsbDevice[] = [];
  readonly listeners = new Set<() => void>();

  plug(portPath: string): FakeUsbDevice {
    const device = new FakeUsbDevice(portPath);
    this.devices.push(device);
    for (const listener of this.listeners) listener();
    return device;
  }
  getDeviceList(): UsbDevice[] {
    return [...this.devices];
  }
  makeTransfer(device: UsbDevice, endpoint: number, type: 0 | 2, done: TransferDone): UsbTransfer {
    const own = this.devices.find((one) => one === device);
    if (own === undefined) throw noDevice;
    return new FakeTransfer(own, endpoint, type, done);
  }
  onAttach(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export function libusbError(errno: number, message: string): LibusbError {
  return Object.assign(new Error(message), { errno });
}
const noDevice = libusbError(libusb.transferNoDevice, 'LIBUSB_TRANSFER_NO_DEVICE');

class FakeTransfer implements UsbTransfer {
  readonly device: FakeUsbDevice;
  readonly endpoint: number;
  readonly type: 0 | 2;
  readonly #done: TransferDone;
  buffer: Buffer = Buffer.alloc(0);

  constructor(device: FakeUsbDevice, endpoint: number, type: 0 | 2, done: TransferDone) {
    this.device = device;
    this.endpoint = endpoint;
    this.type = type;
    this.#done = done;
  }
  submit(buffer: Buffer): void {
    if (!this.device.isOpen) throw new Error('Device is not open');
    this.buffer = buffer;
    this.device.submitted(this);
  }
  cancel(): boolean {
    return this.device.cancel(this);
  }
  /** Later, as a callback of the event thread. */
  end(error: LibusbError | undefined, actualLength = 0): void {
    queueMicrotask(() => {
      this.#done(error, this.buffer, actualLength);
    });
  }
}

export class FakeUsbDevice implements UsbDevice {
  readonly busNumber: number;
  readonly portNumbers: readonly number[];
  readonly deviceDescriptor = { idVendor: 0x1209, idProduct: 0xb002, iSerialNumber: 3, iProduct: 2 };
  /** A control interface (0) with an interrupt endpoint, a data interface (1) with bulk 81 and 02. */
  readonly configDescriptor = {
    interfaces: [
      [face(0, 2, 2, [{ bEndpointAddress: 0x83, bmAttributes: 3, wMaxPacketSize: 8 }])],
      [
        face(1, 10, 0, [
          { bEndpointAddress: 0x81, bmAttributes: 2, wMaxPacketSize: 64 },
          { bEndpointAddress: 0x02, bmAttributes: 2, wMaxPacketSize: 64 },
        ]),
      ],
    ],
  };
  /** All that was done to it, in order. */
  readonly log: string[] = [];
  readonly failures = new Map<'open' | 'claim' | 'detach', LibusbError>();
  strings: Record<number, string> = {};
  isOpen = false;
  stallControl = false;
  stallOut = false;
  ignoreCancel = false;
  #isGone = false;
  #driverActive = new Set([0, 1]);
  readonly #pending = new Set<FakeTransfer>();
  #cancelledCount = 0;

  constructor(portPath: string) {
    const [bus = '', ports = ''] = portPath.split('-');
    this.busNumber = Number(bus);
    this.portNumbers = ports.split('.').map(Number);
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** The device sends one packet. */
  send(...bytes: number[]): void {
    const [transfer] = [...this.#pending].filter((one) => one.endpoint === 0x81);
    if (transfer === undefined) throw new Error('the host does not read');
    transfer.buffer.set(bytes);
    this.#end(transfer, undefined, bytes.length);
  }
  unplug(): void {
    this.#isGone = true;
    for (const transfer of [...this.#pending]) this.#end(transfer, noDevice);
  }
  /** The IN endpoint stalls: all transfers on it end by it. */
  stallIn(): void {
    for (const transfer of [...this.#pending]) {
      this.#end(transfer, libusbError(libusb.transferStall, 'LIBUSB_TRANSFER_STALL'));
    }
  }

  submitted(transfer: FakeTransfer): void {
    if (this.#isGone) throw libusbError(libusb.errorNoDevice, 'LIBUSB_ERROR_NO_DEVICE');
    this.#pending.add(transfer);
    if (transfer.type === 0) this.#control(transfer);
    else if (transfer.endpoint === 0x02 && !this.stallOut) {
      this.log.push(`out 02 ${transfer.buffer.toString('hex')}`);
      this.#end(transfer, undefined, transfer.buffer.length);
    }
  }
  cancel(transfer: FakeTransfer): boolean {
    if (this.ignoreCancel || !this.#pending.has(transfer)) return false;
    this.#cancelledCount++;
    this.#end(transfer, libusbError(libusb.transferCancelled, 'LIBUSB_TRANSFER_CANCELLED'));
    return true;
  }
  #control(transfer: FakeTransfer): void {
    const index = transfer.buffer[2] ?? 0;
    const text = this.strings[index];
    if (transfer.buffer[0] === 0x80 && text !== undefined) {
      const descriptor = Buffer.concat([Buffer.from([2 + text.length * 2, 3]), Buffer.from(text, 'utf16le')]);
      descriptor.copy(transfer.buffer, 8);
      this.#end(transfer, undefined, descriptor.length);
      return;
    }
    this.log.push(`control ${transfer.buffer.toString('hex')}`);
    const stall = libusbError(libusb.transferStall, 'LIBUSB_TRANSFER_STALL');
    this.#end(transfer, this.stallControl ? stall : undefined, transfer.buffer.length - 8);
  }
  #end(transfer: FakeTransfer, error: LibusbError | undefined, actualLength = 0): void {
    this.#pending.delete(transfer);
    transfer.end(error, actualLength);
  }

  open(): void {
    this.#throw('open');
    this.log.push('open');
    this.isOpen = true;
  }
  close(): void {
    if (this.#pending.size > 0) throw new Error("Can't close device with a pending request");
    this.log.push('close');
    this.isOpen = false;
  }
  __claimInterface(number: number): void {
    this.#throw('claim');
    if (this.#driverActive.has(number)) throw libusbError(-6, 'LIBUSB_ERROR_BUSY');
    this.log.push(`claim ${number}`);
  }
  __releaseInterface(number: number, done: (error?: LibusbError) => void): void {
    if (this.#cancelledCount > 0) this.log.push(`cancelled ${this.#cancelledCount}`);
    this.#cancelledCount = 0;
    if (!this.#isGone) this.log.push(`release ${number}`);
    queueMicrotask(() => {
      done(this.#isGone ? noDevice : undefined);
    });
  }
  __isKernelDriverActive(number: number): boolean {
    return this.#driverActive.has(number) || number === 1;
  }
  /** As cdc_acm: letting go of the control interface frees the data interface, which then is "not found". */
  __detachKernelDriver(number: number): void {
    this.#throw('detach');
    if (!this.#driverActive.has(number)) throw libusbError(libusb.errorNotFound, 'LIBUSB_ERROR_NOT_FOUND');
    this.log.push(`detach ${number}`);
    this.#driverActive.clear();
  }
  __attachKernelDriver(number: number): void {
    if (this.#isGone) throw noDevice;
    this.log.push(`attach ${number}`);
    this.#driverActive = new Set([0, 1]);
  }
  __clearHalt(endpoint: number, done: (error?: LibusbError) => void): void {
    this.log.push(`clear ${endpoint.toString(16)}`);
    queueMicrotask(() => {
      done();
    });
  }
  #throw(call: 'open' | 'claim' | 'detach'): void {
    const failure = this.failures.get(call);
    if (failure !== undefined) throw failure;
  }
}

function face(
  bInterfaceNumber: number,
  bInterfaceClass: number,
  bInterfaceSubClass: number,
  endpoints: { bEndpointAddress: number; bmAttributes: number; wMaxPacketSize: number }[],
) {
  return { bInterfaceNumber, bInterfaceClass, bInterfaceSubClass, endpoints };
}
