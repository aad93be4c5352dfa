import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { Result } from '../../shared/result.ts';

/** So many answers in a row that took nothing are no accident any more. */
const oddAnswersMax = 5;

/**
 * Watches what comes back on one way to the operator and tells staff once when nothing is taken there, until something is
 * again. Silence is no answer: that there is no network is shown by itself.
 */
export class DeliveryTrouble {
  readonly #name: string;
  readonly #tellStaff: (detail: string) => void;
  #oddCount = 0;
  #isTold = false;

  /** `name`: what is not taken, the first word of the alarm's detail. */
  constructor(name: string, tellStaff: (detail: string) => void) {
    this.#name = name;
    this.#tellStaff = tellStaff;
  }

  note(answer: Result<unknown, OperatorFailure>): void {
    const code = answer.ok ? null : answer.error.code;
    if (code === 'network.unreachable' || code === 'network.timeout') return;
    if (code === null || code === 'operator.unknown_charge') {
      this.#oddCount = 0;
      this.#isTold = false;
      return;
    }
    // A no to one entry is for a human at once.
    const isNo = code === 'operator.refused' || code === 'operator.conflict';
    this.#oddCount++;
    if (this.#isTold || (!isNo && this.#oddCount < oddAnswersMax)) return;
    this.#isTold = true;
    this.#tellStaff(`${this.#name}_not_taken: ${code}`);
  }
}
