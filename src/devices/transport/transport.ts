import type { Failure, Result } from '../../shared/result.ts';

/**
 * Bytes to and from one device. Everything above speaks to this; tests and the simulated cabinet replace only this.
 *
 * A transport is opened once and closed once; a reconnect makes a new one. Writes go out in the order of the calls. HID
 * transports deliver one input report per data event and take one output report per write; serial ones deliver any cut.
 */
export type TransportErrorCode =
  | 'transport.refused' // nothing there, or not allowed
  | 'transport.timeout' // not open, or not written, within the bound
  | 'transport.aborted' // the caller's signal
  | 'transport.closed' // closed by either side, unplugged
  | 'transport.too_large' // one write, or what waits to be written, is over the bound
  | 'transport.bad_frame' // the framing of a report link is broken
  | 'transport.mismatch' // replay: not the bytes that were recorded
  | 'transport.io';
export type TransportFailure = Failure<TransportErrorCode>;

/** Longest single write. */
export const writeMaxBytes = 1024;
/** Most bytes that may wait to be written. */
export const writeQueueMaxBytes = 16 * 1024;
/** Longest HID report that a report link carries. */
export const reportMaxBytes = 1024;
export const openTimeoutMs = 3000;
export const writeTimeoutMs = 1000;

export interface Transport {
  /** What it is connected to, for logs: `tcp 127.0.0.1:7001`. */
  readonly name: string;
  /** Opens within `openTimeoutMs`. A transport that failed to open is finished. */
  open(signal: AbortSignal): Promise<Result<void, TransportFailure>>;
  /** Resolves when the bytes are handed to the system, within `writeTimeoutMs`. Says nothing about the device. */
  write(bytes: Uint8Array): Promise<Result<void, TransportFailure>>;
  /** Idempotent; no event follows it. */
  close(): Promise<void>;
  /** At most one listener each; set before `open`. Data that comes while none is set is lost. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once when the link ends without `close()` having been called. */
  onClosed(listener: (why: TransportFailure) => void): void;
}
