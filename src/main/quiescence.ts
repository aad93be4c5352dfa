import type { Visit } from '../core/visit/visit.ts';
import type { Clock } from '../shared/clock.ts';
import type { DoorState } from '../shared/model/device.ts';

/**
 * What is going on at the cabinet. `visit`: somebody is being served, or was within the time asked for; `service`: somebody of
 * the staff is at work; `door`: the door is open (or the lock does not say that it is shut); `charge`: a charge is being sent at
 * this moment.
 */
export type Activity = 'visit' | 'service' | 'door' | 'charge';

export interface QuietOptions {
  /** Nobody has been served for at least so long, ms; 0 when absent. */
  readonly idleForMs?: number;
  /** What does not disturb this caller. */
  readonly ignore?: readonly Activity[];
}

/** Asked before work that would disturb somebody: housekeeping of the files, later a restart or an update. */
export interface Quiescence {
  /** The first thing that is going on; null: the cabinet is quiet. */
  activity(options?: QuietOptions): Activity | null;
}

export interface QuiescenceSources {
  readonly clock: Clock;
  readonly door: () => DoorState;
  readonly isStaffAtWork: () => boolean;
  readonly isSendingCharge: () => boolean;
}

/** Answers from the visit (told of each change), the door and the delivery of charges. */
export class QuiescenceMonitor implements Quiescence {
  readonly #sources: QuiescenceSources;
  #isServing = false;
  /** When somebody was last being served, monotonic ms. */
  #servedMs = Number.NEGATIVE_INFINITY;

  constructor(sources: QuiescenceSources) {
    this.#sources = sources;
  }

  /** Call on each change of the visit. */
  onVisitChanged({ state }: Visit): void {
    const isServing = state !== 'attract' && state !== 'outOfService';
    if (this.#isServing || isServing) this.#servedMs = this.#sources.clock.monotonicMs();
    this.#isServing = isServing;
  }

  activity(options: QuietOptions = {}): Activity | null {
    const { idleForMs = 0, ignore = [] } = options;
    const { clock, door, isStaffAtWork, isSendingCharge } = this.#sources;
    const idleMs = clock.monotonicMs() - this.#servedMs;
    const goingOn: readonly (readonly [Activity, boolean])[] = [
      ['visit', this.#isServing || idleMs < idleForMs],
      ['service', isStaffAtWork()],
      ['door', door() !== 'closed'],
      ['charge', isSendingCharge()],
    ];
    return goingOn.find(([activity, isSo]) => isSo && !ignore.includes(activity))?.[0] ?? null;
  }
}
