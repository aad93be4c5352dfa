import type { DeviceHealth, DeviceKind, DoorState } from '../../shared/model/device.ts';
import type { DeviceEvent } from '../devices/device-host.ts';

/**
 * Whether a kind of device can be relied on. With several of a kind it takes all: goods that only the second reader sees
 * would be free while it is away. None at all is not ready.
 */
export function areReady(health: readonly DeviceHealth[], kind: DeviceKind): boolean {
  const all = health.filter((one) => one.kind === kind);
  return all.length > 0 && all.every((one) => one.state === 'ready');
}

/** What the devices said last of the door and of themselves. The only holder of the door's state in the main process. */
export class DeviceStatus {
  #door: DoorState = 'unknown';
  #health: readonly DeviceHealth[] = [];

  get door(): DoorState {
    return this.#door;
  }

  isReady(kind: DeviceKind): boolean {
    return areReady(this.#health, kind);
  }

  /** Takes over what an event says; a device host that is gone says that nothing is known. */
  update(event: DeviceEvent): void {
    if (event.type === 'door') this.#door = event.door;
    if (event.type === 'health') this.#health = event.devices;
    if (event.type === 'hostGone') [this.#door, this.#health] = ['unknown', []];
  }
}
