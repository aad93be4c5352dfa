import type { PlanMove, PlanSlot } from '../../shared/model/planogram.schema.ts';
import { waitingMovesMax } from '../../shared/model/planogram.schema.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';

/** What recognition knows of places: no move changes it. */
export interface MoveRoom {
  /** Which article stands on which scale. */
  readonly laneOf: ReadonlyMap<string, number>;
  /** Articles that a camera inside looks for in their place. */
  readonly seen: ReadonlySet<string>;
}

/** An article, its new place, and who stood there and takes its old one; null: nobody did. */
export interface WantedMove {
  readonly sku: string;
  readonly slot: string;
  readonly swapWith: string | null;
}

export type MoveFailure = Failure<
  'not_planned' | 'same_place' | 'stands_other' | 'other_scale' | 'seen_by_camera' | 'too_many'
>;

/** Where articles stand: the plan's places, and of what was moved the last one. */
export function withMoves(slots: readonly PlanSlot[], moves: readonly PlanMove[]): PlanSlot[] {
  const slotOf = new Map(moves.map(({ sku, slot }) => [sku, slot]));
  return slots.map((one) => ({
    ...one,
    slot: slotOf.has(one.sku) ? (slotOf.get(one.sku) ?? null) : one.slot,
  }));
}

/** The last move of each article of this plan; what stands where the plan wants it is moved no more. */
export function movesThatCount(slots: readonly PlanSlot[], moves: readonly PlanMove[]): PlanMove[] {
  const lastOf = new Map(moves.map((move) => [move.sku, move]));
  return slots.flatMap(({ sku, slot }) => {
    const move = lastOf.get(sku);
    return move === undefined || move.slot === slot ? [] : [move];
  });
}

/**
 * One step more: of the places as they are now (`places`). Refused where it would say otherwise than scales and cameras are set
 * up to see, and where somebody else stands there than the one who is named.
 */
export function moveStep(
  places: readonly PlanSlot[],
  { sku, slot, swapWith }: WantedMove,
  { laneOf, seen }: MoveRoom,
  said: Pick<PlanMove, 'by' | 'atMs'>,
): Result<PlanMove[], MoveFailure> {
  const it = places.find((one) => one.sku === sku);
  if (it === undefined) return fail('not_planned', sku);
  if (it.slot === slot) return fail('same_place', slot);
  const there = places.filter((one) => one.slot === slot).map((one) => one.sku);
  // Who looked at the screen saw another cabinet, or two stand there and nobody knows which one goes.
  if (there.length > 1 || (there[0] ?? null) !== swapWith) return fail('stands_other', there.join(' '));
  const both = swapWith === null ? [sku] : [sku, swapWith];
  if (both.some((one) => seen.has(one))) return fail('seen_by_camera', both.join(' '));
  if (swapWith !== null && laneOf.get(sku) !== laneOf.get(swapWith))
    return fail('other_scale', both.join(' '));
  const move: PlanMove = { sku, slot, ...said };
  return ok(swapWith === null ? [move] : [move, { sku: swapWith, slot: it.slot, ...said }]);
}

/** As many steps wait at most. */
export function mayWait(steps: readonly unknown[]): Result<void, MoveFailure> {
  return steps.length < waitingMovesMax ? ok() : fail('too_many', `${waitingMovesMax} wait`);
}
