import { fail, ok } from '../../shared/result.ts';
import type { Err, Result } from '../../shared/result.ts';
import { noFeatures, writeMaxBytes } from './transport.ts';
import type { Transport, TransportFailure } from './transport.ts';

/** Who plays the feature reports of the device. */
export interface FeaturePlayer {
  /** A report was set, id first; false: the device refuses it. */
  set(report: Uint8Array): boolean;
  /** The report with this id, id first; null: the device refuses. */
  get(reportId: number): Uint8Array | null;
}

/**
 * Both ends of a transport inside one process: `transport` for the device host, the methods for whoever plays the device.
 * Each fault that a cable or a device can have is a switch, so that a test sets it and nothing is mocked.
 */
export class MemoryTransport {
  readonly hostEnd: Transport;
  /** `open()` fails with `transport.refused` while true. */
  refuseOpen = false;
  /** `open()` never answers (until its signal) while true. */
  stallOpen = false;
  /** Writes are accepted and never completed while true: a hung driver. */
  stallWrite = false;
  /** Feature reports are never completed while true: a device that answers its control pipe with NAK. */
  stallFeature = false;
  /** Feature reports are refused while true: a stalled control pipe. */
  refuseFeature = false;
  /** Host bytes (feature reports too) are thrown away while true: the device does not hear. */
  deafDevice = false;
  /** Device bytes are thrown away while true: a silent device on a live transport. */
  muteDevice = false;
  /** Bytes flipped on the way to the host, read feature reports too: (bytes) → what arrives. */
  corrupt: ((bytes: Uint8Array) => Uint8Array) | null = null;
  /** What the system tells of the device's reports; set before it is opened. */
  reportDescriptor: Uint8Array | null = null;
  /** All that the host has written, in order: one entry a write. */
  readonly written: Uint8Array[] = [];
  /** All feature reports that the host has tried to set, in order. */
  readonly featuresSet: Uint8Array[] = [];
  #features: FeaturePlayer | null = null;
  #toDevice: (bytes: Uint8Array) => void = () => undefined;
  #toHost: (bytes: Uint8Array) => void = () => undefined;
  #hostClosed: (why: TransportFailure) => void = () => undefined;
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(name = 'memory') {
    const descriptor = (): Uint8Array | null => this.reportDescriptor;
    this.hostEnd = {
      name,
      get reportDescriptor() {
        return descriptor();
      },
      open: (signal) => this.#open(signal),
      write: (bytes) => this.#write(bytes),
      sendFeature: (report) => this.#sendFeature(report),
      getFeature: (reportId, maxBytes) => this.#getFeature(reportId, maxBytes),
      close: () => {
        this.#state = 'closed';
        return Promise.resolve();
      },
      onData: (listener) => {
        this.#toHost = listener;
      },
      onClosed: (listener) => {
        this.#hostClosed = listener;
      },
    };
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** What the device does with the host's bytes. */
  onHostBytes(listener: (bytes: Uint8Array) => void): void {
    this.#toDevice = listener;
  }

  /** What the device does with feature reports; without it they are `transport.unsupported`, as on a stream transport. */
  playFeatures(player: FeaturePlayer): void {
    this.#features = player;
  }

  /** The device sends. */
  send(bytes: Uint8Array): void {
    if (this.#state !== 'open' || this.muteDevice) return;
    this.#toHost(this.corrupt === null ? bytes.slice() : this.corrupt(bytes.slice()));
  }

  /** The cable is pulled. */
  unplug(message = 'unplugged'): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    this.#hostClosed({ code: 'transport.closed', message });
  }

  #open(signal: AbortSignal): Promise<Result<void, TransportFailure>> {
    if (this.#state !== 'new') return Promise.resolve(fail('transport.closed', 'a transport is opened once'));
    if (this.refuseOpen) return Promise.resolve(fail('transport.refused', 'nothing there'));
    if (!this.stallOpen) {
      this.#state = 'open';
      return Promise.resolve(ok());
    }
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(fail('transport.aborted', 'aborted'));
      });
    });
  }

  #write(bytes: Uint8Array): Promise<Result<void, TransportFailure>> {
    if (this.#state !== 'open') return Promise.resolve(fail('transport.closed', 'not open'));
    if (bytes.length > writeMaxBytes) return Promise.resolve(fail('transport.too_large', 'one write'));
    this.written.push(bytes.slice());
    if (this.stallWrite) return new Promise(() => undefined);
    if (!this.deafDevice) this.#toDevice(bytes.slice());
    return Promise.resolve(ok());
  }

  /** Whatever happens to a feature report before the device sees it; null: it gets through. */
  #featureFault(): Promise<Err<TransportFailure>> | null {
    if (this.#state !== 'open') return Promise.resolve(fail('transport.closed', 'not open'));
    if (this.stallFeature) return new Promise(() => undefined);
    return this.refuseFeature ? Promise.resolve(refused) : null;
  }

  #sendFeature(report: Uint8Array): Promise<Result<void, TransportFailure>> {
    if (this.#features === null) return noFeatures(this.hostEnd.name).sendFeature();
    if (report.length > writeMaxBytes)
      return Promise.resolve(fail('transport.too_large', 'one feature report'));
    if (this.#state === 'open') this.featuresSet.push(report.slice());
    const fault = this.#featureFault();
    if (fault !== null) return fault;
    return Promise.resolve(this.deafDevice || this.#features.set(report.slice()) ? ok() : refused);
  }

  #getFeature(reportId: number, maxBytes: number): Promise<Result<Uint8Array, TransportFailure>> {
    if (this.#features === null) return noFeatures(this.hostEnd.name).getFeature();
    const fault = this.#featureFault();
    if (fault !== null) return fault;
    const report = this.#features.get(reportId)?.slice(0, maxBytes);
    if (report === undefined) return Promise.resolve(refused);
    return Promise.resolve(ok(this.corrupt === null ? report : this.corrupt(report)));
  }
}

const refused = fail('transport.io', 'the device refused the feature report');
