import { makeReceipt } from '../../core/charge/receipt.ts';
import { phaseOf } from '../../core/visit/visit-phase.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Receipt } from '../../shared/model/visit.schema.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { DisputeStore } from '../charges/dispute-store.ts';

export interface ReceiptServiceOptions {
  readonly charges: Pick<ChargeStore, 'get'>;
  readonly disputes: Pick<DisputeStore, 'skusOf'>;
  /** Path of a product's picture; '' without one. */
  readonly pictureOf: (sku: string) => string;
  readonly clock: Clock;
  /** A moment of the cabinet's own clock as the operator has it; the same while that is unknown. */
  readonly operatorTimeOf: (wallMs: number) => number;
}

/** The receipt of the visit that has just ended, with what is on record of its charge at this moment. */
export class ReceiptService {
  readonly #options: ReceiptServiceOptions;

  constructor(options: ReceiptServiceOptions) {
    this.#options = options;
  }

  receiptOf(visit: Visit): Receipt {
    const { charges, disputes, pictureOf, clock, operatorTimeOf } = this.#options;
    const phase = phaseOf(visit);
    assert(phase.phase === 'charged', 'a receipt is of a visit that was charged');
    const { chargeId, bill, member } = phase;
    const charge = charges.get(chargeId);
    const disputed = disputes.skusOf(chargeId);
    return makeReceipt({
      charge: charge.ok ? charge.value : null,
      chargeId,
      bill,
      disputed: disputed.ok ? disputed.value : [],
      memberDisplay: member.display,
      atMs: operatorTimeOf(visit.context.closedAtMs ?? clock.nowMs()),
      pictureOf,
    });
  }
}
