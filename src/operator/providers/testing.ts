import type { AgreementState } from './provider.ts';
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
