import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { TransportFailure } from './transport.ts';

/** What is used of the package usb (libusb), and what a test plays. Only importer of it. */
export interface UsbPackage {
  getDeviceList(): UsbDevice[];
  /** Type 0 is a control transfer, 2 a bulk one. A time-out of 0 is none: those of the prebuilt library do not fire. */
  makeTransfer(device: UsbDevice, endpoint: number, type: 0 | 2, done: TransferDone): UsbTransfer;
  onAttach(listener: () => void): () => void;
}

export type TransferDone = (error: LibusbError | undefined, buffer: Buffer, actualLength: number) => void;
export type LibusbError = Error & { errno?: number };

export interface UsbTransfer {
  /** Throws when the device is gone or closed. */
  submit(buffer: Buffer): unknown;
  /** False when it was not under way. Its callback is still called. */
  cancel(): boolean;
}

/** A device as libusb lists it: one object for each that is plugged in, shared by all who open it. */
export interface UsbDevice {
  readonly busNumber: number;
  readonly portNumbers?: readonly number[] | undefined;
  readonly deviceDescriptor: {
    readonly idVendor: number;
    readonly idProduct: number;
    readonly iSerialNumber: number;
    readonly iProduct: number;
  };
  /** Undefined while it is not configured; reading it needs no open device. */
  readonly configDescriptor?:
    { readonly interfaces: readonly (readonly UsbInterfaceDescriptor[])[] } | undefined;
  open(): void;
  /** Throws while a transfer is under way. */
  close(): void;
  __claimInterface(number: number): void;
  __releaseInterface(number: number, done: (error?: LibusbError) => void): void;
  __isKernelDriverActive(number: number): boolean;
  __detachKernelDriver(number: number): void;
  __attachKernelDriver(number: number): void;
  __clearHalt(endpoint: number, done: (error?: LibusbError) => void): void;
}
export interface UsbInterfaceDescriptor {
  readonly bInterfaceNumber: number;
  readonly bInterfaceClass: number;
  readonly bInterfaceSubClass: number;
  readonly endpoints: readonly {
    readonly bEndpointAddress: number;
    readonly bmAttributes: number;
    readonly wMaxPacketSize: number;
  }[];
}

export async function loadUsb(): Promise<UsbPackage> {
  const { usb } = await import('usb');
  if (usb.INIT_ERROR !== 0) throw new Error(`libusb cannot start (${usb.INIT_ERROR})`);
  return {
    getDeviceList: () => usb.getDeviceList(),
    makeTransfer: (device, endpoint, type, done) =>
      new usb.Transfer(device as never, endpoint, type, 0, done),
    onAttach: (listener) => {
      const onAttach = (): void => {
        listener();
      };
      usb.on('attach', onAttach);
      usb.unrefHotplugEvents();
      return () => {
        usb.off('attach', onAttach);
      };
    },
  };
}

/** `1-2.3`, as the kernel names it; null for a root hub or where libusb cannot tell. */
export function portPathOf({ busNumber, portNumbers }: UsbDevice): string | null {
  return portNumbers === undefined || portNumbers.length === 0
    ? null
    : `${busNumber}-${portNumbers.join('.')}`;
}

/** libusb's numbers (libusb.h): errors of calls are below zero, states of transfers above. */
export const libusb = {
  transferError: 1,
  transferCancelled: 3,
  transferStall: 4,
  transferNoDevice: 5,
  errorNoDevice: -4,
  errorNotFound: -5,
  errorNotSupported: -12,
} as const;

export type EndedTransfer = Result<Uint8Array, TransportFailure & { errno: number }>;

/**
 * One transfer from submit to end. `timeoutMs` null: as long as it takes. It is cancelled by `cancel` and by the time-out,
 * and has always ended, buffer and all, when the promise resolves.
 */
export function runTransfer(options: {
  readonly native: UsbPackage;
  readonly device: UsbDevice;
  readonly endpoint: number;
  readonly type: 0 | 2;
  readonly buffer: Buffer;
}): { ended: Promise<EndedTransfer>; cancel: () => void } {
  const { native, device, endpoint, type, buffer } = options;
  let cancel = (): void => undefined;
  const ended = new Promise<EndedTransfer>((resolve) => {
    const done: TransferDone = (error, filled, actualLength) => {
      cancel = () => undefined;
      resolve(error === undefined ? ok(Uint8Array.from(filled.subarray(0, actualLength))) : failure(error));
    };
    try {
      const transfer = native.makeTransfer(device, endpoint, type, done);
      transfer.submit(buffer);
      cancel = () => {
        try {
          transfer.cancel();
        } catch {
          // The device is gone: its callback comes by itself.
        }
      };
    } catch (error) {
      resolve(failure(error as LibusbError));
    }
  });
  return {
    ended,
    cancel: () => {
      cancel();
    },
  };
}

function failure(error: LibusbError): EndedTransfer & { ok: false } {
  const errno = error.errno ?? libusb.transferError;
  const isGone = errno === libusb.transferNoDevice || errno === libusb.errorNoDevice;
  const { error: why } = fail(isGone ? 'transport.closed' : 'transport.io', error.message);
  return { ok: false, error: { ...why, errno } };
}
