import type { billErrorCodes, errorCodes, refundErrorCodes } from '../codes.ts';

export type Act =
  | 'create'
  | 'query'
  | 'complete'
  | 'cancel'
  | 'modify'
  | 'refund'
  | 'refund_query'
  | 'bill'
  | 'permit'
  | 'permission'
  | 'permission_of'
  | 'permission_end';

/** What goes wrong with one request. */
export type Fault =
  /** Nothing: so many requests pass before the next fault. */
  | { readonly kind: 'none' }
  /** The connection breaks, and nothing is done. */
  | { readonly kind: 'drop' }
  /** The connection is reset, as where a server has just given up one that was idle: nothing is done. */
  | { readonly kind: 'reset' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'answer_lost' }
  /** It is done, and no answer comes. */
  | { readonly kind: 'hang' }
  /** It is on its way, and arrives when it is let go. */
  | { readonly kind: 'held' }
  /** It is not done, and answered so. */
  | { readonly kind: 'code'; readonly code: FaultCode; readonly message?: string }
  /** It is done, and answered as if it were not. */
  | { readonly kind: 'code_after'; readonly code: FaultCode; readonly message?: string }
  /** A page in HTML, status 200, signed by nobody. */
  | { readonly kind: 'maintenance' }
  /** A gateway's page in HTML with this status, signed by nobody. */
  | { readonly kind: 'gateway'; readonly status: number }
  /** It is done; the answer is changed after it was signed, is not signed, or is signed with a key that nobody knows. */
  | { readonly kind: 'altered' | 'unsigned' | 'foreign_key' }
  /** It is done; the answer, well signed, says something else in these fields. */
  | { readonly kind: 'answer_with'; readonly fields: Readonly<Record<string, unknown>> };

export type FaultCode = keyof typeof errorCodes | keyof typeof refundErrorCodes | keyof typeof billErrorCodes;

interface Rule {
  readonly act: Act | 'any';
  readonly fault: Fault;
  timesLeft: number;
}

/** All that goes wrong at the test server. */
export class Faults {
  /** The server's clock is so far from ours, s. */
  clockOffS = 0;
  /** So long after its last change a query does not find an order, ms. */
  invisibleMs = 0;
  /** So long after its completion an order is debited, ms. */
  debitAfterMs = 0;
  /** What the risk control says to every new order; null: nothing. */
  riskRefusal: string | null = null;
  /** People whose money does not suffice. */
  readonly poor = new Set<string>();
  readonly #rules: Rule[] = [];
  readonly #letGo: (() => void)[] = [];

  /** The next `times` requests of this kind go wrong so. */
  next(act: Act | 'any', fault: Fault, times = 1): void {
    this.#rules.push({ act, fault, timesLeft: times });
  }

  /** All is well again. */
  clear(): void {
    this.#rules.length = 0;
    this.clockOffS = 0;
    this.invisibleMs = 0;
    this.debitAfterMs = 0;
    this.riskRefusal = null;
    this.poor.clear();
  }

  /** A held request waits for this. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#letGo.push(resolve);
    });
  }

  /** What was held arrives now. */
  letGo(): void {
    for (const go of this.#letGo.splice(0)) go();
  }

  /** What goes wrong with this request; null: nothing. */
  take(act: Act): Fault | null {
    const rule = this.#rules.find((one) => one.timesLeft > 0 && (one.act === 'any' || one.act === act));
    if (rule === undefined) return null;
    rule.timesLeft--;
    return rule.fault;
  }
}
