import { assert } from '../../shared/assert.ts';
import type { PaysBack, Provider, RealProvider } from './provider.ts';

/** The providers that this operator works with, by name. A new one is written beside the fake one and added in compose.ts. */
export class ProviderRegistry {
  readonly #byName: ReadonlyMap<string, Provider>;
  readonly #real: ReadonlyMap<string, RealProvider>;

  readonly #paysBack: ReadonlyMap<string, PaysBack>;

  /** `paysBack`: of those that are not real, by name. */
  constructor(
    providers: readonly Provider[],
    real: readonly RealProvider[] = [],
    paysBack: readonly (PaysBack & Pick<Provider, 'name'>)[] = [],
  ) {
    const all = [...providers, ...real];
    this.#paysBack = new Map([...paysBack, ...real].map((provider) => [provider.name, provider]));
    this.#byName = new Map(all.map((provider) => [provider.name, provider]));
    this.#real = new Map(real.map((provider) => [provider.name, provider]));
    assert(this.#byName.size === all.length, 'each provider has a name of its own');
    assert(
      real.every(({ beforeDoor, close }) => beforeDoor === null || close !== null),
      'what is opened before the door can be closed',
    );
  }

  /** Null: a charge of a provider that this program does not have (any more). */
  find(name: string | null): Provider | null {
    return name === null ? null : (this.#byName.get(name) ?? null);
  }

  /** One that sends notices, takes orders before the door, and pays back. */
  findReal(name: string): RealProvider | null {
    return this.#real.get(name) ?? null;
  }

  /** By which money goes back; null: not in this program. */
  findPayingBack(name: string): PaysBack | null {
    return this.#paysBack.get(name) ?? null;
  }

  /** Names of those by which money goes back. */
  get payingBack(): readonly string[] {
    return [...this.#paysBack.keys()];
  }

  /** Some provider wants an order before the door. */
  get wantsOrders(): boolean {
    return [...this.#real.values()].some(({ beforeDoor }) => beforeDoor !== null);
  }

  /** Some provider has orders that stand open until somebody closes them. */
  get hasOrders(): boolean {
    return [...this.#real.values()].some(({ close }) => close !== null);
  }

  /** Those that money may have moved at besides this one. */
  othersThan(name: string): readonly Provider[] {
    return [...this.#byName.values()].filter((provider) => provider.name !== name);
  }

  /** Of all of them. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** Of those by which nobody comes in without an agreement. */
  get namesWithAgreement(): readonly string[] {
    return [...this.#real.values()].filter((real) => real.wantsAgreement === true).map(({ name }) => name);
  }

  /** See Provider. */
  payUrl(name: string | null, orderId: string): string | null {
    return this.find(name)?.payUrl(orderId) ?? null;
  }
}
