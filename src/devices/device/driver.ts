import type { DeviceErrorCode, DeviceFailure, DeviceFault, DeviceKind } from '../../shared/model/device.ts';
import type { Err, Result } from '../../shared/result.ts';
import type { Transport } from '../transport/transport.ts';

/** What a driver may do with the connection it was started on. */
export interface DriverTransport extends Pick<
  Transport,
  'write' | 'sendFeature' | 'getFeature' | 'reportDescriptor'
> {
  /** Ends this connection: it is closed, and a new one is made after the back-off. */
  abort(reason: string): void;
}

export interface DriverHealth {
  readonly state: 'connecting' | 'ready' | 'silent' | 'error';
  /** Host monotonic time of the last valid frame, or null. */
  readonly lastSeenMs: number | null;
  /** Failed exchanges, bad checksums, frames that fit nothing. Only grows. */
  readonly errorCount: number;
  /** Messages that could be used. Only grows; left out: not counted. */
  readonly usefulCount?: number;
  /** Restarts on a live connection (a reader that had stopped). Only grows. */
  readonly resetCount: number;
  readonly detail: string;
  /** Of an `error`; left out: none that has a name. */
  readonly fault?: DeviceFault;
}

export interface DisconnectMessages {
  /** Sent before an orderly end only (the reader stops radiating). */
  readonly frame?: Uint8Array;
  /** A feature report for the end of every connection, orderly or not, as long as it still takes one (relays off). */
  readonly featureReport?: Uint8Array;
}

/**
 * One device as a human understands it. Lives as long as the configuration; `start` and `stop` bracket each connection.
 * Nothing that was requested on one connection is ever sent on the next.
 */
export interface Driver {
  readonly kind: DeviceKind;
  /** The connection is open. */
  start(transport: DriverTransport): void;
  receive(bytes: Uint8Array): void;
  /** The connection is gone: what is pending fails with `device.disconnected`. Idempotent. */
  stop(): void;
  /** What is to be sent as the last thing on a connection, if anything. */
  onDisconnect?(): DisconnectMessages;
  health(): DriverHealth;
  /** What the device itself says right now, not interpreted, for service. Errors as with its other calls. */
  readRawState?(): Promise<Result<RawDeviceState, DeviceFailure>>;
}

export type RawDeviceState = Readonly<Record<string, string | number | boolean | null>>;

export function deviceFail(code: DeviceErrorCode, message: string): Err<DeviceFailure> {
  return { ok: false, error: { code, message: message.slice(0, 500) } };
}
