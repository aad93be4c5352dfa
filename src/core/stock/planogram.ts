import { pieceCountMax } from '../../shared/model/basket.ts';
import type { PlanSlot } from '../../shared/model/planogram.schema.ts';
import type { PlanProblem } from '../../shared/model/planogram.ts';

/** What a cabinet is like, as far as a plan has to fit it. */
export interface PlanRoom {
  /** Articles that are sold. */
  readonly skus: ReadonlySet<string>;
  /** Which article stands on which scale; null: nobody says, and lanes are not looked at. */
  readonly laneOf: ReadonlyMap<string, number> | null;
}

interface PlanFault {
  readonly problem: PlanProblem;
  /** The article, and what of it. */
  readonly about: string;
}

/** What of a plan does not fit: the first of each article, and what it is about. Empty: all of it fits. */
export function problemsOfPlan(slots: readonly PlanSlot[], { skus, laneOf }: PlanRoom): readonly PlanFault[] {
  const lanes = new Set(laneOf?.values());
  const ofSlots = slots.flatMap(({ sku, lane }): PlanFault[] => {
    if (!skus.has(sku)) return [{ problem: 'unknown_sku', about: sku }];
    if (lane === null || laneOf === null) return [];
    if (!lanes.has(lane)) return [{ problem: 'no_such_lane', about: `${sku} ${lane}` }];
    return laneOf.get(sku) === lane ? [] : [{ problem: 'other_lane', about: `${sku} ${lane}` }];
  });
  const pieces = slots.reduce((sum, { target }) => sum + target, 0);
  if (pieces <= pieceCountMax) return ofSlots;
  return [...ofSlots, { problem: 'over_capacity', about: `${pieces} > ${pieceCountMax}` }];
}

/** What has to be brought: what the plan wants more than lies there and is good. */
export function toBring(
  slots: readonly PlanSlot[],
  stockOf: (sku: string) => number,
  expiredOf: (sku: string) => number,
): readonly { readonly sku: string; readonly bring: number; readonly takeOut: number }[] {
  return slots.map(({ sku, target }) => {
    const takeOut = expiredOf(sku);
    return { sku, bring: Math.max(target - Math.max(stockOf(sku) - takeOut, 0), 0), takeOut };
  });
}
