import type { Alarm } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';

/** So many of a kind are told at once in an hour; the more of that hour are one alarm with their count. */
export const alarmsAtOnceMax = 5;
export const alarmHourMs = 3_600_000;

interface Hour {
  told: number;
  untold: number;
  last: Alarm;
  cancel: () => void;
}

/**
 * Holds alarms that repeat (a contact that flaps) far below what the operator takes of a kind in a day (200): the first ones
 * of a spell at once, then their sum each hour. Each kind has a bound of its own, so that none crowds out another.
 */
export class AlarmBound {
  readonly #clock: Clock;
  readonly #raise: (alarm: Alarm) => void;
  readonly #hours = new Map<Alarm['kind'], Hour>();

  constructor(options: { readonly clock: Clock; readonly raise: (alarm: Alarm) => void }) {
    this.#clock = options.clock;
    this.#raise = options.raise;
  }

  raise(alarm: Alarm): void {
    const hour = this.#hours.get(alarm.kind) ?? this.#begin(alarm);
    hour.last = alarm;
    if (hour.told >= alarmsAtOnceMax) {
      hour.untold++;
      return;
    }
    hour.told++;
    this.#raise(alarm);
  }

  /** Tells the sums that wait. */
  stop(): void {
    for (const hour of this.#hours.values()) {
      hour.cancel();
      this.#tellSum(hour);
    }
    this.#hours.clear();
  }

  /** The hour begins with its first alarm. */
  #begin(alarm: Alarm): Hour {
    const cancel = this.#clock.after(alarmHourMs, () => {
      this.#hours.delete(alarm.kind);
      this.#tellSum(hour);
    });
    const hour: Hour = { told: 0, untold: 0, last: alarm, cancel };
    this.#hours.set(alarm.kind, hour);
    return hour;
  }

  #tellSum({ untold, last }: Hour): void {
    if (untold === 0) return;
    this.#raise({ ...last, detail: `${last.detail.slice(0, 250)} (×${untold} more within an hour)` });
  }
}
