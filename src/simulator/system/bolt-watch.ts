import { type Visit, mustSurvive } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import type { World } from '../world.ts';

const lookEveryMs = 20;

interface BoltWatchOptions {
  readonly world: World;
  readonly clock: Clock;
  /** Null: the kiosk is not running. */
  readonly visit: () => Visit | null;
  /** Somebody of the staff is at work, and that is on record. */
  readonly isStaffAtWork: () => boolean;
  /** Called once each time that it becomes loose. */
  readonly onLooseWithoutVisit: (visit: Visit) => void;
}

/** Looks at the bolt all the time: it may be loose only while a visit or the staff is in hand (or nobody runs who could know). */
export class BoltWatch {
  readonly #options: BoltWatchOptions;
  #wasLoose = false;
  #was: World['bolt'] = 'locked';
  #isStopped = false;
  /** How often the bolt has let go. */
  releaseCount = 0;

  constructor(options: BoltWatchOptions) {
    this.#options = options;
    const { world } = options;
    world.onChange(() => {
      if (this.#was === 'locked' && world.bolt === 'released') this.releaseCount++;
      this.#was = world.bolt;
      this.#check();
    });
    this.#lookAgain();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #lookAgain(): void {
    if (this.#isStopped) return;
    this.#check();
    this.#options.clock.after(lookEveryMs, () => {
      this.#lookAgain();
    });
  }

  #check(): void {
    const { world, visit: visitNow, isStaffAtWork, onLooseWithoutVisit } = this.#options;
    const isLoose = world.bolt === 'released' && world.door === 'closed';
    const visit = visitNow();
    const isWrong = isLoose && visit !== null && !mustSurvive(visit) && !isStaffAtWork();
    if (isWrong && !this.#wasLoose) onLooseWithoutVisit(visit);
    this.#wasLoose = isWrong;
  }
}
