import { makeReceipt } from '../../core/charge/receipt.ts';
import type { Visit } from '../../core/visit/visit.ts';
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
}

/** The receipt of the visit that has just ended, with what is on record of its charge at this moment. */
export class ReceiptService {
  readonly #options: ReceiptServiceOptions;

  constructor(options: ReceiptServiceOptions) {
    this.#options = options;
  }

  receiptOf({ context }: Visit): Receipt {
    const { charges, disputes, pictureOf, clock } = this.#options;
    const { chargeId, bill, member, closedAtMs } = context;
    const charge = chargeId === null ? null : charges.get(chargeId);
    const disputed = chargeId === null ? null : disputes.skusOf(chargeId);
    return makeReceipt({
      charge: charge?.ok === true ? charge.value : null,
      chargeId,
      bill,
      disputed: disputed?.ok === true ? disputed.value : [],
      memberDisplay: member?.display ?? '',
      atMs: closedAtMs ?? clock.nowMs(),
      pictureOf,
    });
  }
}
