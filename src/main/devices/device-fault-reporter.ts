import type { Clock } from '../../shared/clock.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';

/** A device that is away for less (a restart, a cable put back) is no news, nor one that is well for less. */
export const faultAfterMs = 60_000;
/** At most one report a device in this time, however it flaps. */
export const reportEveryMs = 600_000;
/** A fault that lasts is said again. */
export const repeatAfterMs = 86_400_000;
/** How often it is looked whether one lasts long enough. */
const checkEveryMs = 10_000;

const hostId = 'device host';

interface Watched {
  /** For people; empty: it is well. */
  trouble: string;
  sinceMs: number;
  /** What was reported last, and when; empty: that it is well, or nothing. */
  reported: string;
  reportedMs: number;
}

/**
 * Tells the operator's staff of devices that cannot be used, or can with a hint (Caps Lock is on), when that lasts, and when it
 * is over. Bounded by the devices of a cabinet and by `reportEveryMs`; what waits for the network waits with the alarms.
 */
export class DeviceFaultReporter {
  readonly #clock: Clock;
  readonly #report: (detail: string) => void;
  readonly #devices = new Map<string, Watched>();
  #cancelCheck: () => void = () => undefined;
  #isStopped = false;

  constructor(options: { readonly clock: Clock; readonly report: (detail: string) => void }) {
    this.#clock = options.clock;
    this.#report = options.report;
    this.#checkLater();
  }

  /** What all devices of the cabinet say of themselves. */
  update(health: readonly DeviceHealth[]): void {
    this.#note(hostId, '');
    for (const one of health) this.#note(one.id, troubleOf(one));
  }

  /** The process that has the devices is down. */
  hostGone(): void {
    this.#note(hostId, 'does not run');
  }

  #note(id: string, trouble: string): void {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#devices.get(id);
    if (known === undefined) {
      const reportedMs = Number.NEGATIVE_INFINITY;
      this.#devices.set(id, { trouble, sinceMs: nowMs, reported: '', reportedMs });
      return;
    }
    // Another word for the same trouble does not begin it anew.
    if ((known.trouble === '') !== (trouble === '')) known.sinceMs = nowMs;
    known.trouble = trouble;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelCheck();
  }

  #checkLater(): void {
    this.#cancelCheck = this.#clock.after(checkEveryMs, () => {
      const nowMs = this.#clock.monotonicMs();
      for (const [id, device] of this.#devices) this.#check(id, device, nowMs);
      if (!this.#isStopped) this.#checkLater();
    });
  }

  #check(id: string, device: Watched, nowMs: number): void {
    const { trouble, sinceMs, reported, reportedMs } = device;
    const isNews = trouble !== reported || (trouble !== '' && nowMs - reportedMs >= repeatAfterMs);
    if (!isNews || nowMs - sinceMs < faultAfterMs || nowMs - reportedMs < reportEveryMs) return;
    device.reported = trouble;
    device.reportedMs = nowMs;
    this.#report(trouble === '' ? `${id}: well again` : `${id}: ${trouble}`);
  }
}

function troubleOf({ state, detail }: DeviceHealth): string {
  if (state === 'ready') return detail;
  return detail === '' ? state : `${state}, ${detail}`;
}
