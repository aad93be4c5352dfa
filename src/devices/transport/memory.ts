import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { writeMaxBytes } from './transport.ts';
import type { Transport, TransportFailure } from './transport.ts';

/**
 * Both ends of a link inside one process: `transport` for the device host, the methods for whoever plays the device.
 * Each fault that a cable or a device can have is a switch, so that a test sets it and nothing is mocked.
 */
export class MemoryLink {
  readonly transport: Transport;
  /** `open()` fails with `transport.refused` while true. */
  refuseOpen = false;
  /** `open()` never answers (until its signal) while true. */
  stallOpen = false;
  /** Writes are accepted and never completed while true: a hung driver. */
  stallWrite = false;
  /** Host bytes are thrown away while true: the device does not hear. */
  deafDevice = false;
  /** Device bytes are thrown away while true: a silent device on a live link. */
  muteDevice = false;
  /** Bytes flipped on the way to the host: (bytes) → what arrives. */
  corrupt: ((bytes: Uint8Array) => Uint8Array) | null = null;
  /** All that the host has written, in order: one entry a write. */
  readonly written: Uint8Array[] = [];
  #toDevice: (bytes: Uint8Array) => void = () => undefined;
  #toHost: (bytes: Uint8Array) => void = () => undefined;
  #hostClosed: (why: TransportFailure) => void = () => undefined;
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(name = 'memory') {
    this.transport = {
      name,
      open: (signal) => this.#open(signal),
      write: (bytes) => this.#write(bytes),
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
    if (this.#state !== 'new') return Promise.resolve(fail('transport.closed', 'a link is opened once'));
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
}
