import { makeReceipt } from '../../core/charge/receipt.ts';
import { phaseOf } from '../../core/visit/visit-phase.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { assert } from '../../shared/assert.ts';
import type { Receipt } from '../../shared/model/visit.schema.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { DisputeStore } from '../charges/dispute-store.ts';

export interface ReceiptServiceOptions {
  readonly charges: Pick<ChargeStore, 'get'>;
  readonly disputes: Pick<DisputeStore, 'skusOf' | 'refusedSkusOf'>;
  /** Path of a product's picture; '' without one. */
  readonly pictureOf: (sku: string) => string;
  /** Wall time as the operator has it, as far as that is known. */
  readonly operatorNowMs: () => number;
}

/** The receipt of the visit that has just ended, with what is on record of its charge at this moment. */
export class ReceiptService {
  readonly #options: ReceiptServiceOptions;

  constructor(options: ReceiptServiceOptions) {
    this.#options = options;
  }

  receiptOf(visit: Visit): Receipt {
    const { charges, disputes, pictureOf, operatorNowMs } = this.#options;
    const phase = phaseOf(visit);
    assert(phase.phase === 'charged', 'a receipt is of a visit that was charged');
    const { chargeId, bill, baseline, member } = phase;
    const charge = charges.get(chargeId);
    const disputed = disputes.skusOf(chargeId);
    const refused = disputes.refusedSkusOf(chargeId);
    return makeReceipt({
      charge: charge.ok ? charge.value : null,
      chargeId,
      currency: baseline.currency,
      bill,
      disputed: disputed.ok ? disputed.value : [],
      refused: refused.ok ? refused.value : [],
      member,
      atMs: visit.context.closedAtMs ?? operatorNowMs(),
      pictureOf,
    });
  }
}
