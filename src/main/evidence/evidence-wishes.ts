import { isFinalNo } from '../../core/charge/delivery.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { MissingEvidence } from '../../shared/model/evidence.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { OperatorClient } from '../operator/operator-client.ts';
import { syncRetryMs } from '../operator/versioned-sync.ts';
import type { StorageFailure } from '../storage/database.ts';
import { evidenceAgainMs } from './evidence-queue.ts';

export interface EvidenceWishesOptions {
  readonly client: Pick<OperatorClient, 'wantedEvidence' | 'evidenceMissing'>;
  /** Notes it; null: it is here and will be told (`EvidenceStore.wanted`). */
  readonly wanted: (visitId: VisitId) => Result<MissingEvidence | null, StorageFailure>;
  /** Something is to be told. */
  readonly wake: () => void;
  readonly isOnline: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Does what the operator wishes of evidence: what is here is kept like a disputed visit's and told, of what is not here it says
 * why. Nothing of a wish is remembered but that: after a restart the operator says again what it has not got.
 */
export class EvidenceWishes {
  readonly #o: EvidenceWishesOptions;
  readonly #loop: RetryLoop;
  /** Something is asked for, or may be. */
  #isDue = false;

  constructor(options: EvidenceWishesOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#look() });
  }

  start(): void {
    this.#loop.start(null);
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** The operator has said that it wishes something. */
  changed(): void {
    this.#isDue = true;
    this.#loop.wake();
  }

  /** The link is back. */
  wake(): void {
    if (this.#isDue) this.#loop.wake();
  }

  async #look(): Promise<number | null> {
    const { client, isOnline, logger, wake } = this.#o;
    if (!this.#isDue || !isOnline()) return null;
    const answer = await client.wantedEvidence();
    if (!answer.ok) {
      logger.debug('evidence.wishes_not_told', { error: answer.error.code });
      return syncRetryMs;
    }
    const { visits } = answer.value;
    let isBroken = false;
    for (const visitId of visits) if (!(await this.#note(visitId))) isBroken = true;
    if (visits.length > 0) wake();
    this.#isDue = visits.length > 0;
    if (isBroken) return syncRetryMs;
    // Until all of them are there: more may be asked for than fit into one answer, and what was here may go for want of room.
    return this.#isDue ? evidenceAgainMs : null;
  }

  /** False: to be tried again soon. */
  async #note(visitId: VisitId): Promise<boolean> {
    const { client, logger, wanted } = this.#o;
    const missing = wanted(visitId);
    if (!missing.ok) {
      logger.warn('evidence.wish_not_noted', { visitId, error: missing.error });
      return false;
    }
    if (missing.value === null) return true;
    logger.info('evidence.missing', { visitId, because: missing.value });
    const said = await client.evidenceMissing(visitId, { because: missing.value });
    return said.ok || isFinalNo(said.error);
  }
}
