import { isDeepStrictEqual } from 'node:util';
import type { RecordEffect, VisitEvent } from '../../core/visit/visit-model.ts';
import { type Visit, mustSurvive } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import { type Failure, type Result, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import {
  type Recorded,
  type StoredVisitRow,
  type VisitPorts,
  type VisitRecords,
  recordEffect,
} from './visit-records.ts';

/** After a commit that failed with nobody here, a small write shows whether the database takes anything again. */
const probeEveryMs = 1_000;

/** The one writer of the visit: commits each step of it, and knows whether the database takes what it is given. */
export class VisitRecorder {
  readonly #records: VisitRecords;
  readonly #ports: VisitPorts;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #memory: () => unknown;
  /** What the estimator remembered when the visit was last put on record. */
  #savedMemory: unknown = null;
  #isOk = true;
  #hasLoaded = false;
  #triedMs = 0;

  /** `memory`: what the inventory estimator must remember to go on with the visit. */
  constructor(options: {
    records: VisitRecords;
    ports: VisitPorts;
    clock: Clock;
    logger: Logger;
    memory: () => unknown;
  }) {
    this.#records = options.records;
    this.#ports = options.ports;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#memory = options.memory;
  }

  /** Whether the database took what it was last given. */
  get isOk(): boolean {
    return this.#isOk;
  }
  /** The database has answered whether a visit was interrupted. */
  get hasLoaded(): boolean {
    return this.#hasLoaded;
  }
  /** The database failed, and so long ago that it is time to see whether it still does. */
  get isProbeDue(): boolean {
    return !this.#isOk && this.#clock.monotonicMs() - this.#triedMs >= probeEveryMs;
  }

  /**
   * Reads the visit that a restart interrupted and gives it to `restore`. One that cannot be restored is put aside as
   * it is, for a human, so that the next can begin; its charge stays open on record. `tell` tells staff of it, in the
   * same transaction.
   */
  load(
    restore: (row: StoredVisitRow) => Result<unknown, Failure<string>>,
    tell: (putAside: VisitId) => void,
  ): void {
    const stored = this.#records.loadActive();
    const row = stored.ok ? stored.value : null;
    if (row === null) {
      this.#loaded(stored);
      return;
    }
    const restored = restore(row);
    if (restored.ok) {
      this.#loaded(ok());
      return;
    }
    this.#logger.error('visit.unreadable', { error: restored.error.message.slice(0, 300) });
    const putAside = this.#records.transaction(() => {
      const done = this.#records.quarantine(row.visitId);
      if (done.ok) tell(row.visitId);
      return done;
    });
    this.#loaded(putAside);
  }

  #loaded(result: Recorded): void {
    this.#hasLoaded = result.ok;
    this.#note(result);
    if (!result.ok) this.#logger.error('visit.not_loaded', { error: result.error });
  }

  /** A small write, to see whether the database takes anything again. */
  probe(): void {
    this.#note(this.#records.probe());
  }

  /**
   * The new state, the event that led to it, its records and what `tell` tells staff: all or nothing. False: nothing, and
   * why is logged.
   */
  commit(
    step: { before: Visit; visit: Visit; event: VisitEvent },
    effects: readonly RecordEffect[],
    tell: () => void,
  ): boolean {
    const { before, visit, event } = step;
    return this.#transaction(event.type, () => {
      const { visitId } = visit.context;
      if (visitId !== null) {
        // The first entry of its journal is the visit as it was before the first event that is put on record.
        const begun = mustSurvive(before) ? ok() : this.#records.beginVisit(visitId, before);
        if (!begun.ok) return begun;
        const saved = this.#save(visit, event);
        if (!saved.ok) return saved;
      }
      for (const effect of effects) {
        const recorded = recordEffect(this.#records, this.#ports, effect, visit);
        if (!recorded.ok) return recorded;
      }
      tell();
      return ok();
    });
  }

  /**
   * The same number of each article is taken, but other pieces may be: what the estimator remembers is put on record
   * if it has changed. False: that failed and must be tried again.
   */
  keepMemory(visit: Visit): boolean {
    if (!mustSurvive(visit) || isDeepStrictEqual(this.#memory(), this.#savedMemory)) return true;
    return this.#transaction('evidence', () => this.#save(visit, null));
  }

  #transaction(on: VisitEvent['type'], write: () => Recorded): boolean {
    const committed = this.#records.transaction(write);
    this.#note(committed);
    if (!committed.ok) this.#logger.error('visit.commit_failed', { on, error: committed.error });
    return committed.ok;
  }

  #save(visit: Visit, event: VisitEvent | null): Recorded {
    const { visitId } = visit.context;
    if (visitId === null) return ok();
    const estimator = this.#memory();
    const saved = this.#records.saveVisit({ visitId, visit, estimator, event, active: mustSurvive(visit) });
    // Set too early if the transaction fails later: then the same event is tried again, and with it all of this.
    if (saved.ok) this.#savedMemory = estimator;
    return saved;
  }

  #note(result: Recorded): void {
    this.#isOk = result.ok;
    this.#triedMs = this.#clock.monotonicMs();
  }
}
