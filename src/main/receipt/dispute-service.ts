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
import type { DisputeDrafts } from './dispute-drafts.ts';

export interface DisputeServiceOptions {
  readonly disputes: Pick<DisputeStore, 'add'>;
  readonly drafts: Pick<DisputeDrafts, 'put'>;
  readonly purchases: Pick<PurchaseHistory, 'mayDispute' | 'localChanged'>;
  readonly visit: { readonly visit: Visit; dispatch(event: VisitEvent): void };
  /** A dispute is on record and can be sent. */
  readonly onAdded: (chargeId: ChargeId) => void;
  /** The operator's time as far as it is known: a report leaves the cabinet. */
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Takes what a shopper reports, and begins to report, about a charge on screen: on the receipt or among the purchases. */
export class DisputeService {
  readonly #options: DisputeServiceOptions;
  /** What was reported last: a touch of its form that comes late opens none. */
  #lastReported: ChargeId | null = null;

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
    const { disputes, drafts, purchases, visit, onAdded, clock, random, logger } = this.#options;
    if (!this.#isOnScreen(chargeId)) return notOnScreen();
    const saidMs = clock.nowMs();
    const disputeId = makeDisputeId(saidMs, random.bytes(idRandomByteCount));
    const added = disputes.add(chargeId, disputeId, skus, saidMs);
    if (!added.ok) {
      logger.error('dispute.not_recorded', { chargeId, error: added.error });
      const { code, message } = added.error;
      return fail(code === 'dispute.no_such_line' ? 'bad_request' : 'internal', message);
    }
    this.#lastReported = chargeId;
    onAdded(chargeId);
    drafts.put(chargeId, []);
    purchases.localChanged();
    visit.dispatch({ type: 'disputed' });
    return ok(null);
  }

  /**
   * The report as it is being filled in: opened, marked or just touched. Kept as a draft from the first mark on, whatever
   * becomes of the screen. `stale`: another charge or none is on screen, or the report has been sent.
   */
  fill(chargeId: ChargeId, skus: readonly string[]): Result<null, Failure<'stale'>> {
    const { drafts, purchases, visit } = this.#options;
    if (!this.#isOnScreen(chargeId) || chargeId === this.#lastReported) return notOnScreen();
    drafts.put(chargeId, skus);
    purchases.localChanged();
    visit.dispatch({ type: 'formChanged', chargeId, skus });
    return ok(null);
  }

  /** The shopper goes back from it and wants none of it. `stale`: no report is open. */
  putAway(): Result<null, Failure<'stale'>> {
    const { drafts, purchases, visit } = this.#options;
    const { form } = visit.visit.context;
    if (form === null) return fail('stale', 'no report is open');
    drafts.put(form.chargeId, []);
    purchases.localChanged();
    visit.dispatch({ type: 'formClosed' });
    return ok(null);
  }

  /**
   * Call when what the account shows has changed. A form whose purchase is not on screen any more, or takes no report any
   * more, is in nobody's hand; what was marked stays as a draft.
   */
  onShownChanged(): void {
    const { visit } = this.#options;
    const { state, context } = visit.visit;
    if (state !== 'account' || context.form === null || this.#isOnScreen(context.form.chargeId)) return;
    visit.dispatch({ type: 'formClosed' });
  }

  #isOnScreen(chargeId: ChargeId): boolean {
    const { purchases, visit } = this.#options;
    const phase = phaseOf(visit.visit);
    const isOnReceipt = phase.phase === 'charged' && phase.chargeId === chargeId;
    return isOnReceipt || purchases.mayDispute(chargeId);
  }
}

function notOnScreen(): Result<never, Failure<'stale'>> {
  return fail('stale', 'not what is on screen');
}
