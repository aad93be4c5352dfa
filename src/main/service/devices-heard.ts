import type { Clock } from '../../shared/clock.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import type { ShownDevice } from '../../shared/model/service.schema.ts';
import { troubleOfDevice } from '../visit/device-status.ts';

interface Heard {
  readonly health: DeviceHealth;
  /** The operator's time. */
  readonly sinceMs: number;
  /** Monotonic time of this program; null: never since it has started. */
  readonly heardMs: number | null;
}

/**
 * The devices as whoever mends them sees them: since when each is as it is, and how long ago it was heard. The device host's own
 * clock is another one, so what counts is when its word of it came here.
 */
export class DevicesHeard {
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  #all: readonly Heard[] = [];

  constructor(clock: Clock, nowMs: () => number) {
    this.#clock = clock;
    this.#nowMs = nowMs;
  }

  update(devices: readonly DeviceHealth[]): void {
    this.#all = devices.map((health) => {
      const before = this.#all.find((one) => one.health.id === health.id);
      const isSame =
        before !== undefined &&
        before.health.state === health.state &&
        troubleOfDevice(before.health) === troubleOfDevice(health);
      const isHeard = health.lastSeenMs !== null && health.lastSeenMs !== before?.health.lastSeenMs;
      return {
        health,
        sinceMs: isSame ? before.sinceMs : this.#nowMs(),
        heardMs: isHeard ? this.#clock.monotonicMs() : (before?.heardMs ?? null),
      };
    });
  }

  shown(): ShownDevice[] {
    const nowMs = this.#clock.monotonicMs();
    return this.#all.map(({ health, sinceMs, heardMs }) => ({
      ...health,
      trouble: troubleOfDevice(health),
      sinceMs,
      heardAgoMs: heardMs === null ? null : Math.round(nowMs - heardMs),
    }));
  }
}
