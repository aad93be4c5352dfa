/** Minor units. What is spread over goods may be more than one line can cost; whole numbers all the same. */
export type Amount = number;

/** One key, and how much of the whole it has. */
export interface Weight {
  readonly key: string;
  readonly weight: Amount;
}

/**
 * Spreads an amount over the weights, in whole units that sum up to it: each gets its share rounded down, and the units that are
 * left go one each to those that lost most by that, of equals to the first by key. No share is more than its weight as long as
 * the amount is no more than all weights together.
 */
export function spread(amount: Amount, weights: readonly Weight[]): ReadonlyMap<string, Amount> {
  const all = weights.reduce((sum, { weight }) => sum + weight, 0);
  if (all === 0) return new Map();
  const shares = weights.map(({ key, weight }) => {
    // Beyond what a double counts exactly.
    const product = BigInt(amount) * BigInt(weight);
    return { key, share: Number(product / BigInt(all)), rest: Number(product % BigInt(all)) };
  });
  const left = amount - shares.reduce((sum, { share }) => sum + share, 0);
  const byRest = [...shares].sort((a, b) => b.rest - a.rest || (a.key < b.key ? -1 : 1));
  const more = new Set(byRest.slice(0, left).map(({ key }) => key));
  return new Map(shares.map(({ key, share }) => [key, share + (more.has(key) ? 1 : 0)]));
}

/** So much of what `of` pieces save do `count` of them save: rounded up, in favour of whoever pays for these first. */
export function savedBy(count: number, of: number, savedMinor: Amount): Amount {
  if (count >= of) return savedMinor;
  return Number((BigInt(savedMinor) * BigInt(count) + BigInt(of) - 1n) / BigInt(of));
}
