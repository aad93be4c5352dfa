import { fail } from '../../shared/result.ts';
import type { Err, Failure, Result } from '../../shared/result.ts';

/**
 * Bytes to and from one device. Everything above speaks to this; tests and the simulated cabinet replace only this.
 *
 * A transport is opened once and closed once; a reconnect makes a new one. Writes go out in the order of the calls. HID
 * transports deliver one input report per data event and take one output report per write; serial ones deliver any cut.
 */
export const transportErrorCodes = [
  'transport.refused', // nothing there, not allowed, or what it takes is not installed
  'transport.ambiguous', // several devices fit and none may be picked by chance
  'transport.timeout', // not open, or not written, within the bound
  'transport.aborted', // the caller's signal
  'transport.closed', // closed by either side, unplugged
  'transport.too_large', // one write, or what waits to be written, is over the bound
  'transport.bad_frame', // the framing of a report transport is broken
  'transport.mismatch', // replay: not the bytes that were recorded
  'transport.unsupported', // this kind of transport has no such thing
  'transport.io',
] as const;
export type TransportErrorCode = (typeof transportErrorCodes)[number];
export type TransportFailure = Failure<TransportErrorCode>;

/** Longest single write. */
export const writeMaxBytes = 1024;
/** Most bytes that may wait to be written. */
export const writeQueueMaxBytes = 16 * 1024;
export const openTimeoutMs = 3000;
export const writeTimeoutMs = 1000;
/** Longest that a feature report may take, in either direction. */
export const featureTimeoutMs = 1000;

/**
 * After a device is opened, what it says for so long is thrown away: the last bytes (a code that was scanned, a door that
 * moved) from before, which the device or its adapter kept until somebody read. Linux drops HID input as long (usbhid).
 */
export const staleDropMs = 50;

export interface Transport {
  /** What it is connected to, for logs: `tcp 127.0.0.1:7001`. */
  readonly name: string;
  /** Once open: how a HID device lays out its reports, where the system tells (Linux). */
  readonly reportDescriptor?: Uint8Array | null;
  /** Opens within `openTimeoutMs`. A transport that failed to open is finished. */
  open(signal: AbortSignal): Promise<Result<void, TransportFailure>>;
  /**
   * Resolves when the bytes are handed to the system, within `writeTimeoutMs`. Says nothing about the device. A transport
   * whose write or feature report timed out is closed: what hangs in it must not go out at a time when nobody waits.
   */
  write(bytes: Uint8Array): Promise<Result<void, TransportFailure>>;
  /**
   * Sets a HID feature report, its id first (0 where the device has no ids), within `featureTimeoutMs`: the device has
   * taken it. `transport.io`: it refused; `transport.unsupported`: no HID transport.
   */
  sendFeature(report: Uint8Array): Promise<Result<void, TransportFailure>>;
  /** Reads a feature report of at most `maxBytes`, its id included and first. Failures as with `sendFeature`. */
  getFeature(reportId: number, maxBytes: number): Promise<Result<Uint8Array, TransportFailure>>;
  /** Idempotent; no event follows it. */
  close(): Promise<void>;
  /** At most one listener each; set before `open`. Data that comes while none is set is lost. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once when the transport ends without `close()` having been called. */
  onClosed(listener: (why: TransportFailure) => void): void;
}

/** The feature reports of a transport that has none. */
export function noFeatures(name: string): {
  sendFeature: () => Promise<Err<TransportFailure>>;
  getFeature: () => Promise<Err<TransportFailure>>;
} {
  const refuse = (): Promise<Err<TransportFailure>> =>
    Promise.resolve(fail('transport.unsupported', `${name}: no feature reports here`));
  return { sendFeature: refuse, getFeature: refuse };
}
