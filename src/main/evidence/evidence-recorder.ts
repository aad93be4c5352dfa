import { ShelfLog } from '../../core/evidence/shelf-log.ts';
import { comingInStates, type VisitStateName } from '../../core/visit/visit-model.ts';
import { type Visit, mustSurvive } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { EvidenceReason, ShelfEvent } from '../../shared/model/evidence.schema.ts';
import { shelfCamerasMax } from '../../shared/model/shelf-camera.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import { observationsOf } from '../visit/observations.ts';
import type { EvidenceStore } from './evidence-store.ts';

/** What was seen is on the disk after this: a power cut loses no more. */
export const flushEveryMs = 5_000;
/** Events that wait for the disk at most; beyond, it refuses, and those that come are left out. */
const waitingMax = 2_000;

type ShelfPicture = Extract<ShelfEvent, { kind: 'picture' }>;
/** Nobody has come in. */
const idleStates: readonly VisitStateName[] = ['attract', 'outOfService'];

export interface EvidenceRecorderOptions {
  readonly store: Pick<EvidenceStore, 'begin' | 'append' | 'end'>;
  /** The operator's time as far as it is known: what is kept may be told. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** A visit has ended: there may be something to tell, if it was flagged. */
  readonly onEnded: () => void;
}

/**
 * Keeps what the sensors say while a visit is under way, beside it: the visit does not know of it, and nothing that fails here
 * keeps anybody from buying.
 */
export class EvidenceRecorder {
  readonly #o: EvidenceRecorderOptions;
  #visitId: VisitId | null = null;
  #isBegun = false;
  readonly #log = new ShelfLog();
  #waiting: ShelfEvent[] = [];
  #flushedMs = 0;
  /** Taken while somebody comes in: of the visit that may begin. By camera. */
  readonly #early = new Map<string, ShelfPicture>();
  /** The visit that has just ended: its bill waits for no picture, and the last ones come after it. */
  #ended: VisitId | null = null;

  constructor(options: EvidenceRecorderOptions) {
    this.#o = options;
  }

  /** Call with each message of the device host, after the visit. */
  deviceEvent(event: DeviceEvent): void {
    const { clock } = this.#o;
    for (const observation of observationsOf(event, clock.monotonicMs()))
      this.#log.observe(observation, clock.nowMs());
    if (this.#visitId === null) this.#log.take(clock.monotonicMs(), clock.nowMs());
    else if (clock.monotonicMs() - this.#flushedMs >= flushEveryMs) this.#flush(false);
  }

  /** Call with each state of the visit. */
  onVisitChanged(visit: Visit): void {
    const { visitId, chargeId, taken, added } = visit.context;
    const isOpen = mustSurvive(visit) && visitId !== null && chargeId !== null;
    if (this.#visitId !== null && (!isOpen || this.#visitId !== visitId))
      this.#end(this.#visitId, reasonOf(visit, this.#visitId));
    if (!isOpen) {
      // Whoever came in has gone, or the next one comes: from here on nobody knows whose a picture is.
      if (idleStates.includes(visit.state)) this.#early.clear();
      else if (comingInStates.includes(visit.state)) this.#ended = null;
      return;
    }
    if (this.#visitId === null) {
      this.#visitId = visitId;
      this.#ended = null;
      this.#waiting = [...this.#early.values()];
      this.#early.clear();
      this.#log.begin(this.#o.clock.monotonicMs(), this.#o.clock.nowMs());
      this.#flushedMs = this.#o.clock.monotonicMs();
      this.#isBegun = this.#try('begin', () => this.#o.store.begin(visitId, chargeId, this.#o.clock.nowMs()));
    }
    this.#log.decided(taken, added, this.#o.clock.nowMs());
  }

  /**
   * A picture of the shelf: of the visit that is under way, of the one that may begin (from before the door opens), or of the one
   * that has just ended (from after it was shut).
   */
  pictureTaken(picture: ShelfPicture): void {
    if (this.#visitId !== null) {
      this.#waiting = [...this.#waiting, picture].slice(0, waitingMax);
      return;
    }
    if (picture.when === 'before') {
      if (this.#early.has(picture.deviceId) || this.#early.size < shelfCamerasMax)
        this.#early.set(picture.deviceId, picture);
      return;
    }
    const ended = this.#ended;
    if (ended === null) return;
    if (this.#try('append', () => this.#o.store.append(ended, [picture]))) this.#o.onEnded();
  }

  /** The program ends: a visit that is under way goes on after it. */
  stop(): void {
    if (this.#visitId !== null) this.#flush(true);
  }

  #end(visitId: VisitId, why: EvidenceReason | null): void {
    const { clock, store, onEnded } = this.#o;
    this.#flush(true);
    this.#visitId = null;
    this.#waiting = [];
    if (!this.#isBegun) return;
    this.#ended = visitId;
    if (this.#try('end', () => store.end(visitId, why, clock.nowMs()))) onEnded();
  }

  #flush(isLast: boolean): void {
    const { clock, store } = this.#o;
    const visitId = this.#visitId;
    if (visitId === null || !this.#isBegun) return;
    this.#flushedMs = clock.monotonicMs();
    this.#log.look(clock.monotonicMs(), clock.nowMs());
    const fresh = this.#log.take(clock.monotonicMs(), clock.nowMs(), isLast);
    const waiting = [...this.#waiting, ...fresh].slice(0, waitingMax);
    const isKept = waiting.length === 0 || this.#try('append', () => store.append(visitId, waiting));
    this.#waiting = isKept ? [] : waiting;
  }

  #try(what: string, step: () => Result<unknown, Failure<string>>): boolean {
    const done = step();
    if (!done.ok) this.#o.logger.warn('evidence.not_kept', { what, error: done.error });
    return done.ok;
  }
}

/** Whether people will look at this visit; of one that the cabinet is not about any more nobody can say that it was right. */
function reasonOf({ context }: Visit, visitId: VisitId): EvidenceReason | null {
  if (context.visitId !== visitId) return 'flagged';
  const { bill, isOverdue } = context;
  const isLookedAt = isOverdue || (bill !== null && bill.review.length + bill.heldLines.length > 0);
  return isLookedAt ? 'flagged' : null;
}
