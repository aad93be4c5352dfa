import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EndpointSpec } from './descriptors.ts';
import type { UsbTransfer } from './usb-transfer.ts';

/** What a bridge chip keeps for a host that does not read; what is more is lost. */
export const streamWaitingMaxBytes = 4096;
/** Reports that wait while the host asks for them, however slowly. */
export const reportsWaitingMax = 512;
/** A host that has not asked for this long has closed the device: the endpoint's buffer holds one report, the rest is lost. */
export const askedWithinMs = 1000;

/** One IN endpoint: transfers that wait for bytes, or bytes that wait for transfers, each in order. */
export class InQueue {
  readonly #endpoint: EndpointSpec;
  readonly #clock: Clock;
  #asking: UsbTransfer[] = [];
  #units: Uint8Array[] = [];
  #askedMs = -askedWithinMs;

  constructor(endpoint: EndpointSpec, clock: Clock) {
    this.#endpoint = endpoint;
    this.#clock = clock;
  }

  request(transfer: UsbTransfer): void {
    this.#asking.push(transfer);
    this.#askedMs = this.#clock.monotonicMs();
  }

  forget(transfer: UsbTransfer): void {
    this.#asking = this.#asking.filter((one) => one !== transfer);
  }

  /** False: it does not fit and is lost. */
  put(unit: Uint8Array): boolean {
    if (this.#endpoint.type === 'bulk') {
      const heldBytes = this.#units.reduce((sum, one) => sum + one.length, 0);
      const room = this.#asking.length > 0 ? Infinity : streamWaitingMaxBytes - heldBytes;
      if (room > 0) this.#units.push(unit.slice(0, Math.min(unit.length, room)));
      return room >= unit.length;
    }
    assert(unit.length <= this.#endpoint.maxPacketBytes, 'a report fits into one packet');
    const isAsked = this.#asking.length > 0 || this.#clock.monotonicMs() - this.#askedMs < askedWithinMs;
    if (this.#units.length >= (isAsked ? reportsWaitingMax : 1)) return false;
    this.#units.push(unit.slice());
    return true;
  }

  /** The next transfer that can be served, with its bytes; null when there is none. */
  take(): { transfer: UsbTransfer; data: Uint8Array } | null {
    const transfer = this.#asking[0];
    if (transfer === undefined || this.#units.length === 0) return null;
    this.#asking.shift();
    this.#askedMs = this.#clock.monotonicMs();
    const whole = this.#endpoint.type === 'bulk' ? Buffer.concat(this.#units.splice(0)) : this.#units.shift();
    const data = whole?.subarray(0, transfer.wantedBytes) ?? new Uint8Array();
    const rest = whole?.subarray(data.length);
    if (rest !== undefined && rest.length > 0) this.#units.unshift(rest);
    return { transfer, data };
  }

  /** All transfers that wait; they are the caller's now. */
  drain(): UsbTransfer[] {
    return this.#asking.splice(0);
  }
  dropData(): void {
    this.#units = [];
  }
  clear(): void {
    this.#asking = [];
    this.#units = [];
  }
}
