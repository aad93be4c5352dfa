import type { methods } from '../codes.ts';

export type Act = keyof typeof methods;

/** What goes wrong with one request. */
export type Fault =
  /** Nothing: so many requests pass before the next fault. */
  | { readonly kind: 'none' }
  /** The connection breaks, and nothing is done. */
  | { readonly kind: 'drop' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'answer_lost' }
  /** It is done, and no answer comes. */
  | { readonly kind: 'hang' }
  /** It is on its way, and arrives when it is let go. */
  | { readonly kind: 'held' }
  /** It is not done, and answered so. */
  | { readonly kind: 'code'; readonly code: string; readonly subCode?: string }
  /** It is done, and answered as if it were not. */
  | { readonly kind: 'code_after'; readonly code: string; readonly subCode?: string }
  /** A page in HTML with this status (200: maintenance; 429: too many requests), signed by nobody. */
  | { readonly kind: 'page'; readonly status: number }
  /** It is done; the answer is changed after it was signed, is not signed, or is signed with a key that nobody knows. */
  | { readonly kind: 'altered' | 'unsigned' | 'foreign_key' }
  /** It is done; a second answer, of nobody, stands beside the signed one under the same name. */
  | { readonly kind: 'doubled' }
  /** It is done; the answer, well signed, says something else in these fields. */
  | { readonly kind: 'answer_with'; readonly fields: Readonly<Record<string, unknown>> };

interface Rule {
  readonly act: Act | 'any';
  readonly fault: Fault;
  left: number;
}

/** All that goes wrong at the test server. */
export class Faults {
  /** The server's clock is so far from ours, s. */
  clockOffS = 0;
  /** So long after they came about queries find neither an order nor its trade, ms. */
  invisibleMs = 0;
  /** So long after it was taken a debit comes about, ms. */
  debitAfterMs = 0;
  /** 芝麻 takes no new order of anybody. */
  isRisky = false;
  /** A new order under a number that is there: the same one again, or a refusal. Which one it is nobody has written down. */
  repeats: 'same' | 'refused' = 'same';
  /** Refunds that are done are not shown by queries. */
  areRefundsHidden = false;
  /** Agreements whose money does not suffice. */
  readonly poor = new Set<string>();
  readonly #rules: Rule[] = [];
  readonly #waiting: (() => void)[] = [];

  /** The next `times` requests of this kind go wrong so. */
  next(act: Act | 'any', fault: Fault, times = 1): void {
    this.#rules.push({ act, fault, left: times });
  }

  /** All is well again. */
  clear(): void {
    this.#rules.length = 0;
    [this.clockOffS, this.invisibleMs, this.debitAfterMs] = [0, 0, 0];
    [this.isRisky, this.areRefundsHidden] = [false, false];
    this.repeats = 'same';
    this.poor.clear();
  }

  /** A held request waits for this. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** What was held arrives now. */
  letGo(): void {
    this.#waiting.splice(0).forEach((go) => {
      go();
    });
  }

  /** What goes wrong with this request; null: nothing. */
  take(act: Act): Fault | null {
    const rule = this.#rules.find((one) => one.left > 0 && ['any', act].includes(one.act));
    if (rule === undefined) return null;
    rule.left -= 1;
    return rule.fault;
  }
}
