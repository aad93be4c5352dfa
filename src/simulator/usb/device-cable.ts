import type { HostEnd, HostConnection } from '../devices/device-port.ts';

/** What a USB function hangs on: a device of the cabinet, its wire faults included (`DevicePort` is one). */
export interface DeviceCable {
  readonly plugged: boolean;
  attach(end: HostEnd): HostConnection | null;
  onPlug(listener: (plugged: boolean) => void): void;
}

/** The cable as a function holds it: taken while the host has the device configured. */
export class HeldCable {
  readonly #cable: DeviceCable;
  readonly #deliver: (unit: Uint8Array) => boolean;
  #connection: HostConnection | null = null;

  constructor(cable: DeviceCable, deliver: (unit: Uint8Array) => boolean) {
    this.#cable = cable;
    this.#deliver = deliver;
  }

  /** Null while nobody may speak to the device: not configured, unplugged, or taken over. */
  get connection(): HostConnection | null {
    return this.#connection;
  }

  hold(isOn: boolean): void {
    this.#connection?.release();
    this.#connection = null;
    if (!isOn) return;
    this.#connection = this.#cable.attach({
      deliver: this.#deliver,
      cut: () => {
        this.#connection = null;
      },
    });
  }
}
