import { assert } from '../../shared/assert.ts';
import type { Provider } from './provider.ts';

/** The providers that this operator works with, by name. A new one is written beside the fake one and added in compose.ts. */
export class ProviderRegistry {
  readonly #byName: ReadonlyMap<string, Provider>;

  constructor(providers: readonly Provider[]) {
    this.#byName = new Map(providers.map((provider) => [provider.name, provider]));
    assert(this.#byName.size === providers.length, 'each provider has a name of its own');
  }

  /** Null: a charge of a provider that this program does not have (any more). */
  find(name: string | null): Provider | null {
    return name === null ? null : (this.#byName.get(name) ?? null);
  }

  /** See Provider. */
  payUrl(name: string | null, orderId: string): string | null {
    return this.find(name)?.payUrl(orderId) ?? null;
  }
}
