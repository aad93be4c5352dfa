import type { Amount } from './share.ts';
import type { PricedLine } from './line-rules.ts';

/** Of all articles of a bundle together so many pieces are looked at, the dearest first; the others are on their own. */
export const bundlePiecesMax = 200;

/** How many pieces of each article go into bundles, and how many bundles that are. */
export interface Bundled {
  readonly bundles: number;
  readonly taken: ReadonlyMap<string, number>;
}

/** So many of each article may be in bundles. */
function candidates(lines: readonly PricedLine[]): readonly { line: PricedLine; most: number }[] {
  let left = bundlePiecesMax;
  const dearest = [...lines].sort((a, b) => b.priceMinor - a.priceMinor || (a.sku < b.sku ? -1 : 1));
  return dearest.map((line) => {
    const most = Math.min(line.count, left);
    left -= most;
    return { line, most };
  });
}

/**
 * Which pieces go into bundles of `count` for `priceMinor`, so that all of them together cost least: pieces that are on their own
 * cost what `alone` says. Of equals as few bundles as possible, and of those the first pieces in a fixed order.
 */
export function bundle(
  lines: readonly PricedLine[],
  { count, priceMinor }: { readonly count: number; readonly priceMinor: Amount },
  alone: (line: PricedLine, pieces: number) => Amount,
): Bundled {
  const rows = candidates(lines);
  // costs[j]: the least that all articles so far cost on their own with j of their pieces in bundles.
  let costs: Amount[] = [0];
  const choices: number[][] = [];
  for (const { line, most } of rows) {
    const next = new Array<Amount>(costs.length + most).fill(Infinity);
    const choice = new Array<number>(next.length).fill(0);
    for (let taken = 0; taken <= most; taken += 1) {
      const costMinor = alone(line, line.count - taken);
      for (const [j, soFar] of costs.entries()) {
        if (soFar + costMinor >= (next[j + taken] ?? 0)) continue;
        next[j + taken] = soFar + costMinor;
        choice[j + taken] = taken;
      }
    }
    costs = next;
    choices.push(choice);
  }
  let best = 0;
  const costOf = (j: number): Amount => (costs[j] ?? Infinity) + (j / count) * priceMinor;
  for (let j = count; j < costs.length; j += count) if (costOf(j) < costOf(best)) best = j;
  const taken = new Map<string, number>();
  for (let i = rows.length - 1, j = best; i >= 0; i -= 1) {
    const pieces = choices[i]?.[j] ?? 0;
    const sku = rows[i]?.line.sku;
    if (pieces > 0 && sku !== undefined) taken.set(sku, pieces);
    j -= pieces;
  }
  return { bundles: best / count, taken };
}
