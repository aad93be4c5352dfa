import type { Label } from './judgement.ts';

/**
 * What two pictures of a slot say. `doubt` means that something is not as it was and nobody can tell what: never a claim,
 * and never "no change".
 */
export type SlotVerdict =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'nudged'; readonly sku: string | null }
  | { readonly kind: 'changed'; readonly before: string | null; readonly after: string | null }
  | { readonly kind: 'doubt' };

/** Share of the blocks of a slot that must have changed before anybody looks at what lies in it. */
export const changedFrom = 0.25;

export function slotVerdict(changedShare: number, before: Label, after: Label): SlotVerdict {
  if (changedShare < changedFrom) return { kind: 'unchanged' };
  if (!before.isSure || !after.isSure) return { kind: 'doubt' };
  if (before.sku === after.sku) return { kind: 'nudged', sku: before.sku };
  return { kind: 'changed', before: before.sku, after: after.sku };
}

/**
 * What appears in a slot came from another slot, or is something that this visit has taken before (`taken`, one entry each).
 * Else it is not known to be ours, however alike it looks: something is there, and what it is stays in doubt.
 */
export function accountedFor(
  verdicts: readonly SlotVerdict[],
  taken: readonly string[] = [],
): readonly SlotVerdict[] {
  const balance = new Map<string, number>();
  const count = (sku: string | null, by: number): void => {
    if (sku !== null) balance.set(sku, (balance.get(sku) ?? 0) + by);
  };
  for (const sku of taken) count(sku, 1);
  for (const verdict of verdicts) {
    if (verdict.kind !== 'changed') continue;
    count(verdict.before, 1);
    count(verdict.after, -1);
  }
  return verdicts.map((verdict) => {
    if (verdict.kind !== 'changed' || verdict.after === null) return verdict;
    return (balance.get(verdict.after) ?? 0) < 0 ? { kind: 'doubt' } : verdict;
  });
}
