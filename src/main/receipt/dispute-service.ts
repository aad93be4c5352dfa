import type { VisitEvent } from '../../core/visit/visit-model.ts';
import { phaseOf } from '../../core/visit/visit-phase.ts';
import type { Visit } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import { type ChargeId, idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { PurchaseHistory } from '../account/purchase-history.ts';
import type { DisputeStore } from '../charges/dispute-store.ts';

export interface DisputeServiceOptions {
  readonly disputes: Pick<DisputeStore, 'add'>;
  readonly purchases: Pick<PurchaseHistory, 'mayDispute' | 'localChanged'>;
  readonly visit: { readonly visit: Visit; dispatch(event: VisitEvent): void };
  /** A dispute is on record and can be sent. */
  readonly onAdded: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Takes what a shopper reports about a charge that is on screen, on the receipt or among the purchases. */
export class DisputeService {
  readonly #options: DisputeServiceOptions;

  constructor(options: DisputeServiceOptions) {
    this.#options = options;
  }

  /**
   * Ok once the dispute is durable. `stale`: another charge or none is on screen; `bad_request`: it has no such line;
   * `internal`: the database did not take it.
   */
  dispute(
    chargeId: ChargeId,
    skus: readonly string[],
  ): Result<null, Failure<'stale' | 'bad_request' | 'internal'>> {
    const { disputes, purchases, visit, onAdded, clock, random, logger } = this.#options;
    const phase = phaseOf(visit.visit);
    const isOnReceipt = phase.phase === 'charged' && phase.chargeId === chargeId;
    if (!isOnReceipt && !purchases.mayDispute(chargeId)) return fail('stale', 'not what is on screen');
    const disputeId = makeDisputeId(clock.nowMs(), random.bytes(idRandomByteCount));
    const added = disputes.add(chargeId, disputeId, skus);
    if (!added.ok) {
      logger.error('dispute.not_recorded', { chargeId, error: added.error });
      const { code, message } = added.error;
      return fail(code === 'dispute.no_such_line' ? 'bad_request' : 'internal', message);
    }
    onAdded();
    purchases.localChanged();
    visit.dispatch({ type: isOnReceipt ? 'disputed' : 'active' });
    return ok(null);
  }
}
