import type { ProviderOrders } from '../provider-orders.ts';
import type { Act, KnownIntent, KnownOrder } from './known-order.ts';
import { begun, newOrder, withoutIntent } from './known-order.ts';

/** Whose turn it is: who acts must find the order as it was. */
export interface Turn {
  readonly generation: number;
  /** Null: before there is one. */
  readonly intentId: string | null;
}

export interface Begun {
  readonly known: KnownOrder;
  readonly n: number;
  /** Whether taking money was asked for before, without a definite answer. */
  readonly wasAsking: boolean;
}

export const turnOf = ({ generation, intent }: KnownOrder): Turn => ({
  generation,
  intentId: intent?.id ?? null,
});

/** What is on record of the orders, and how that changes: before each act, and with each definite answer. */
export class OrderRecord {
  readonly #orders: ProviderOrders<KnownOrder>;

  constructor(orders: ProviderOrders<KnownOrder>) {
    this.#orders = orders;
  }

  find(orderId: string): Promise<KnownOrder | null> {
    return this.#orders.find(orderId);
  }

  /** The order, for this member. */
  start(orderId: string, memberId: string): Promise<KnownOrder> {
    return this.#orders.change(orderId, (order) => {
      if (order === null) return newOrder(memberId);
      return order.memberId === null ? { ...order, memberId } : order;
    });
  }

  /**
   * This act is about to be sent. Null: somebody else has closed the order, or gone on with it, meanwhile.
   * `attempt`: the last one on the card before a confirmation.
   */
  async begin(
    orderId: string,
    turn: Turn,
    act: Act,
    params: string,
    attempt: string | null = null,
  ): Promise<Begun | null> {
    let before: KnownOrder | null = null;
    const known = await this.#orders.change(orderId, (order) => {
      before = order !== null && isTurn(order, turn) ? order : null;
      if (before === null) return order ?? newOrder(null);
      const next = begun(before, act, params);
      return act === 'confirm' && !before.isAsking ? { ...next, seenAttempt: attempt } : next;
    });
    const was = before as KnownOrder | null;
    if (was === null || known.out === null) return null;
    return { known, n: known.out.n, wasAsking: was.isAsking };
  }

  /** The act has its definite answer, and its key is used up. */
  answered(orderId: string, n: number, change: Partial<KnownOrder> = {}): Promise<KnownOrder> {
    return this.#change(orderId, (order) =>
      order.out?.n === n ? { ...order, out: null, ...change } : order,
    );
  }

  /** Its key would only give the same answer again, which says nothing. */
  spend(orderId: string, n: number): Promise<KnownOrder> {
    return this.#change(orderId, (order) =>
      order.out?.n === n ? { ...order, out: { ...order.out, isSpent: true } } : order,
    );
  }

  /** An intent that is there now: made by act n, or found at Stripe. Given is the order as it is then. */
  remember(orderId: string, { generation, intentId }: Turn, intent: KnownIntent): Promise<KnownOrder> {
    return this.#change(orderId, (order) =>
      isTurn(order, { generation, intentId })
        ? { ...order, intent, out: null, isAsking: false, seenAttempt: null }
        : order,
    );
  }

  /** Changes an order if it is as it was in this turn. */
  inTurn(orderId: string, turn: Turn, change: (order: KnownOrder) => KnownOrder): Promise<KnownOrder> {
    return this.#change(orderId, (order) => (isTurn(order, turn) ? change(order) : order));
  }

  /** Its intent has ended for certain. */
  end(orderId: string, turn: Turn): Promise<KnownOrder> {
    return this.inTurn(orderId, turn, withoutIntent);
  }

  /**
   * There is a link now, and who has begun before does not go on; where another one is there already, that one counts, and
   * nobody is given this one's address.
   */
  linked(orderId: string, turn: Turn, link: NonNullable<KnownOrder['link']>): Promise<KnownOrder> {
    return this.inTurn(orderId, turn, (order) =>
      order.link === null ? { ...withoutIntent(order), link } : order,
    );
  }

  /** Nobody who has begun before goes on. False: somebody has made another intent or link meanwhile. */
  async shut(orderId: string): Promise<boolean> {
    let isShut = false;
    await this.#change(orderId, (order) => {
      isShut = order.intent === null && order.link === null;
      return isShut ? withoutIntent(order) : order;
    });
    return isShut;
  }

  #change(orderId: string, change: (order: KnownOrder) => KnownOrder): Promise<KnownOrder> {
    return this.#orders.change(orderId, (order) => change(order ?? newOrder(null)));
  }
}

function isTurn(order: KnownOrder, { generation, intentId }: Turn): boolean {
  return order.generation === generation && (order.intent?.id ?? null) === intentId;
}
