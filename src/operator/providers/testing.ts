import type { Clock } from '../../shared/clock.ts';
import type { AgreementState, DebitRequest, RealProvider } from './provider.ts';
import type { ProviderAccount, ProviderAccounts } from './provider-accounts.ts';
import type { ProviderOrders } from './provider-orders.ts';

/** For tests of adapters without a database. What one adapter has written another one reads, as after a restart. */
export class MemoryOrders<T> implements ProviderOrders<T> {
  readonly #known = new Map<string, T>();

  find(orderId: string): Promise<T | null> {
    return Promise.resolve(structuredClone(this.#known.get(orderId)) ?? null);
  }

  change(orderId: string, next: (known: T | null) => T): Promise<T> {
    const changed = next(structuredClone(this.#known.get(orderId)) ?? null);
    this.#known.set(orderId, structuredClone(changed));
    return Promise.resolve(changed);
  }
}

/** For tests of adapters: the members' accounts at the provider under test. */
export class MemoryAccounts implements ProviderAccounts {
  readonly #known = new Map<string, ProviderAccount>();

  put(memberId: string, account: string, agreement: AgreementState = 'valid'): void {
    this.#known.set(memberId, { memberId, account, agreement });
  }

  find(memberId: string): Promise<ProviderAccount | null> {
    return Promise.resolve(this.#known.get(memberId) ?? null);
  }
}

const startMs = Date.UTC(2026, 10, 29, 4);
/** An adapter's pauses are shorter than this, its bound of a request is not, ms. */
const pauseMaxMs = 3_500;

/** For tests of adapters. Time that a pause moves on by itself; a bound falls due only when it is told to. */
export class PauseClock implements Clock {
  #nowMs = startMs;
  readonly #bounds = new Map<() => void, number>();
  #meanwhile: (() => Promise<void>) | null = null;

  nowMs(): number {
    return this.#nowMs;
  }
  monotonicMs(): number {
    return this.#nowMs - startMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    if (delayMs <= pauseMaxMs) {
      this.#nowMs += delayMs;
      const meanwhile = this.#meanwhile;
      this.#meanwhile = null;
      if (meanwhile !== null) {
        void meanwhile().then(fn);
        return () => undefined;
      }
      const turn = setImmediate(fn);
      return () => clearImmediate(turn);
    }
    this.#bounds.set(fn, this.#nowMs + delayMs);
    return () => {
      this.#bounds.delete(fn);
    };
  }
  /** This happens during the next pause. */
  inNextPause(meanwhile: () => Promise<void>): void {
    this.#meanwhile = meanwhile;
  }
  pass(ms: number): void {
    this.#nowMs += ms;
  }
  /** All requests that are out have waited for too long. */
  fallDue(): void {
    for (const fn of [...this.#bounds.keys()]) fn();
  }
  /** So much time passes that all requests that are out have waited for too long. */
  reachBounds(): void {
    this.#nowMs = Math.max(this.#nowMs, ...this.#bounds.values());
    this.fallDue();
  }
}

/** For tests of adapters: the program dies at its n-th note, before or after that is on the disk. */
export class DyingOrders<T> implements ProviderOrders<T> {
  readonly #orders: ProviderOrders<T>;
  readonly #deathAt: number;
  readonly #isStored: boolean;
  #count = 0;

  constructor(orders: ProviderOrders<T>, deathAt: number, isStored: boolean) {
    this.#orders = orders;
    this.#deathAt = deathAt;
    this.#isStored = isStored;
  }

  find(orderId: string): Promise<T | null> {
    return this.#orders.find(orderId);
  }

  async change(orderId: string, next: (known: T | null) => T): Promise<T> {
    const dies = ++this.#count >= this.#deathAt;
    if (dies && !this.#isStored) throw new Error('dead');
    const changed = await this.#orders.change(orderId, next);
    if (dies) throw new Error('dead');
    return changed;
  }
}

/** For tests of adapters: what the debit worker does until an order is paid. `isInDoubt`: it begins with a query. */
export async function untilPaid(
  makeAdapter: () => RealProvider,
  clock: PauseClock,
  order: DebitRequest,
  isInDoubt: boolean,
): Promise<void> {
  let inDoubt = isInDoubt;
  for (let i = 0; i < 10; i++) {
    const adapter = makeAdapter();
    if (!inDoubt) {
      const outcome = await adapter.debit(order);
      if (outcome.kind === 'paid') return;
      inDoubt = outcome.kind !== 'not_sent' && outcome.kind !== 'declined';
    } else {
      const found = await adapter.query(order.orderId);
      if (found.kind === 'paid') return;
      clock.pass((found.kind === 'not_found' ? found.forgottenMs : undefined) ?? adapter.settlingMs);
      const closed = found.kind === 'not_found' ? await adapter.close?.(order.orderId) : found;
      inDoubt = closed?.kind !== 'closed' && closed?.kind !== 'declined';
    }
  }
  throw new Error(`never paid: ${order.orderId}`);
}
