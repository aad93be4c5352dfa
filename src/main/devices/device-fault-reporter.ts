import type { Clock } from '../../shared/clock.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { TroubleReporter } from '../operator/trouble-reporter.ts';

const hostId = 'device host';

/**
 * Tells the operator's staff of devices that cannot be used, or can with a hint (Caps Lock is on), when that lasts or comes
 * and goes without end, and when it is over. What waits for the network waits with the alarms.
 */
export class DeviceFaultReporter {
  readonly #troubles: TroubleReporter;

  constructor(options: { readonly clock: Clock; readonly report: (detail: string) => void }) {
    this.#troubles = new TroubleReporter(options);
  }

  /** What all devices of the cabinet say of themselves. */
  update(health: readonly DeviceHealth[]): void {
    this.#troubles.note(hostId, '');
    this.camerasUpdate(health);
  }

  /** How the cameras inside are. */
  camerasUpdate(health: readonly DeviceHealth[]): void {
    for (const one of health)
      if (one.state !== 'connecting' || one.kind !== 'camera') this.#troubles.note(one.id, troubleOf(one));
  }

  /** The process that has the devices is down. */
  hostGone(): void {
    this.#troubles.note(hostId, 'does not run');
  }

  stop(): void {
    this.#troubles.stop();
  }
}

/** What is wrong with a device, for people; empty: nothing. */
export function troubleOf({ state, detail }: DeviceHealth): string {
  if (state === 'ready') return detail;
  return detail === '' ? state : `${state}, ${detail}`;
}
