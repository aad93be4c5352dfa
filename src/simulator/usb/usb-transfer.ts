/** One transfer that a host has asked for, whatever carries it (USB/IP, usb-redir). */
export interface UsbTransfer {
  /** 0 = control pipe; else number with bit 7 = towards the host. */
  readonly endpoint: number;
  /** 8 bytes, on the control pipe only. */
  readonly setup: Uint8Array | null;
  /** Towards the device; empty on the way in. */
  readonly data: Uint8Array;
  /** Most bytes wanted from the device; 0 on the way out. */
  readonly wantedBytes: number;
  /** Called at most once; never after `cancel`. */
  complete(result: UsbResult): void;
}

export interface UsbResult {
  readonly status: 'ok' | 'stall';
  /** From the device. */
  readonly data: Uint8Array;
  /** Bytes moved, in either direction. */
  readonly actualBytes: number;
}
