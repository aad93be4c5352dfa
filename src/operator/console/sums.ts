import type { Sums } from '../../shared/console/work.schema.ts';
import type { Currency } from '../../shared/money.ts';

export interface Summed {
  readonly currency: Currency | null;
  readonly amountMinor: number | null;
}

/** Adds up amounts, each currency apart; what has no amount, or one of which the currency is not known, is not in it. */
export class Summing {
  readonly #sums = new Map<Currency, number>();

  add({ currency, amountMinor }: Summed): void {
    if (currency !== null && amountMinor !== null)
      this.#sums.set(currency, (this.#sums.get(currency) ?? 0) + amountMinor);
  }

  all(): Sums {
    return [...this.#sums].map(([currency, amountMinor]) => ({ currency, amountMinor }));
  }
}
