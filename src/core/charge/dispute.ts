import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';

/**
 * Which of these SKUs are new in a dispute of a charge with these billed lines, sorted, each once; empty when all of them
 * were disputed before. `dispute.no_such_line`: one of them is not billed, so there is nothing to dispute.
 */
export function newlyDisputed(
  lines: readonly Pick<ChargeLine, 'sku'>[],
  already: readonly string[],
  skus: readonly string[],
): Result<string[], Failure<'dispute.no_such_line'>> {
  const foreign = skus.find((sku) => !lines.some((line) => line.sku === sku));
  if (foreign !== undefined) return fail('dispute.no_such_line', `${foreign} is not billed`);
  return ok([...new Set(skus)].filter((sku) => !already.includes(sku)).sort());
}
