import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { Restock } from '../../shared/model/restock.schema.ts';
import { type RestockStep, restockSteps } from '../../shared/model/restock.ts';

/** What a step of a restock has to know. */
export interface RestockFacts {
  /** Pieces past their day that nobody has taken out. */
  readonly expiredCount: number;
  /** The door is shut, and the goods are counted. */
  readonly isCounted: boolean;
}

export type RestockFailure = Failure<'expired_left' | 'not_settled'>;

/** What comes after this step; null: it is over. Refused while what belongs to the step is not done. */
export function afterStep(
  step: RestockStep,
  { expiredCount, isCounted }: RestockFacts,
): Result<RestockStep | null, RestockFailure> {
  if (step === 'waste' && expiredCount > 0) return fail('expired_left', `${expiredCount} are past their day`);
  if ((step === 'fill' || step === 'count') && !isCounted) return fail('not_settled', 'shut, and wait');
  return ok(restockSteps[restockSteps.indexOf(step) + 1] ?? null);
}

/** Begun by somebody: first what has to go is taken out. */
export function beginRestock(by: string, atMs: number): Restock {
  return { step: 'waste', by, beganMs: atMs };
}
