import type { Act as Sent } from '../known-order.ts';

export type Act =
  Sent | 'retrieve' | 'search' | 'refunds' | 'payment_method' | 'detach' | 'customer' | 'setup';

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
  /** An error in Stripe's form; `isDone`: it is done all the same. One of 500 and more is replayed to its key. */
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code?: string;
      readonly type?: string;
      readonly isDone?: boolean;
    }
  /** A page in HTML, of Stripe or of a proxy; nothing is done. */
  | { readonly kind: 'page'; readonly status: number }
  /** JSON of somebody else (a proxy, a gateway): no object and no error of Stripe; nothing is done. */
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  /** It is done; the answer says something else in these fields. */
  | {
      readonly kind: 'answer_with';
      readonly fields: Readonly<Record<string, unknown>>;
    };

export interface CardDecline {
  readonly code: string;
  readonly advice?: string;
}

interface Rule {
  readonly act: Act | 'any';
  readonly fault: Fault;
  timesLeft: number;
}

/** All that goes wrong at the test server. */
export class Faults {
  /** What issuers say, by payment method. */
  readonly declines = new Map<string, CardDecline>();
  /** Payment methods whose owner would have to prove something, or that say so late. */
  readonly needAction = new Set<string>();
  /** Issuers raise no hold. */
  canIncrement = true;
  /** So long after its last change an intent is not found by a search, ms. */
  searchLagMs = 0;
  readonly #rules: Rule[] = [];
  readonly #letGo: (() => void)[] = [];

  /** The next `times` requests of this kind go wrong so. */
  next(act: Act | 'any', fault: Fault, times = 1): void {
    this.#rules.push({ act, fault, timesLeft: times });
  }

  /** All is well again. */
  clear(): void {
    this.#rules.length = 0;
    this.declines.clear();
    this.needAction.clear();
    this.canIncrement = true;
    this.searchLagMs = 0;
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
