import type { Alarm } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';

/** So many of the same are told at once in an hour; the more of that hour are one alarm with their count. */
export const alarmsAtOnceMax = 5;
export const alarmHourMs = 3_600_000;
/** Different alarms of an hour that are bounded each by itself; those beyond are bounded by their kind. */
export const differentAlarmsMax = 500;

interface Hour {
  told: number;
  untold: number;
  last: Alarm;
  cancel: () => void;
}

export interface AlarmBoundOptions {
  readonly clock: Clock;
  /** Calls `undo` when the transaction in which an alarm is raised is undone. */
  readonly ifUndone: (undo: () => void) => void;
  readonly raise: (alarm: Alarm) => void;
}

/**
 * Holds alarms that repeat (a contact that flaps) far below what the operator takes in a day (200): the first ones of a
 * spell at once, then their sum each hour. The same is what has kind, visit and words in common: what flaps crowds out
 * neither another visit's alarm nor another word. What is undone with its transaction does not count.
 */
export class AlarmBound {
  readonly #o: AlarmBoundOptions;
  readonly #hours = new Map<string, Hour>();

  constructor(options: AlarmBoundOptions) {
    this.#o = options;
  }

  raise(alarm: Alarm): void {
    const { kind, visitId, detail } = alarm;
    const own = JSON.stringify([kind, visitId, detail]);
    const key = this.#hours.has(own) || this.#hours.size < differentAlarmsMax ? own : kind;
    const hour = this.#hours.get(key) ?? this.#begin(key, alarm);
    hour.last = alarm;
    const count = hour.told >= alarmsAtOnceMax ? 'untold' : 'told';
    hour[count]++;
    this.#o.ifUndone(() => {
      hour[count]--;
    });
    if (count === 'told') this.#o.raise(alarm);
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
  #begin(key: string, alarm: Alarm): Hour {
    const cancel = this.#o.clock.after(alarmHourMs, () => {
      this.#hours.delete(key);
      this.#tellSum(hour);
    });
    const hour: Hour = { told: 0, untold: 0, last: alarm, cancel };
    this.#hours.set(key, hour);
    return hour;
  }

  #tellSum({ untold, last }: Hour): void {
    if (untold === 0) return;
    this.#o.raise({ ...last, detail: `${last.detail.slice(0, 250)} (×${untold} more within an hour)` });
  }
}
