import type { HostEnd, HostLink } from '../devices/device-port.ts';

/** What a USB function hangs on: a device of the cabinet, its wire faults included (`DevicePort` is one). */
export interface DeviceCable {
  readonly plugged: boolean;
  attach(end: HostEnd): HostLink | null;
  onPlug(listener: (plugged: boolean) => void): void;
}

/** The cable as a function holds it: taken while the host has the device configured. */
export class HeldCable {
  readonly #cable: DeviceCable;
  readonly #deliver: (unit: Uint8Array) => boolean;
  #link: HostLink | null = null;

  constructor(cable: DeviceCable, deliver: (unit: Uint8Array) => boolean) {
    this.#cable = cable;
    this.#deliver = deliver;
  }

  /** Null while nobody may speak to the device: not configured, unplugged, or taken over. */
  get link(): HostLink | null {
    return this.#link;
  }

  hold(isOn: boolean): void {
    this.#link?.release();
    this.#link = null;
    if (!isOn) return;
    this.#link = this.#cable.attach({
      deliver: this.#deliver,
      cut: () => {
        this.#link = null;
      },
    });
  }
}
