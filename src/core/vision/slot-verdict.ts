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
