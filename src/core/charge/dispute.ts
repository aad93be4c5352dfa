import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { ChargeState } from '../../shared/model/charge.ts';
import type { Resolution } from '../../shared/model/resolution.ts';
import { reportedMinorOf } from '../../shared/model/charge-lines.ts';
import { type Minor, minor } from '../../shared/money.ts';

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

/** What decides how much of a charge is debited, or is to be. */
export interface BilledInput {
  readonly state: ChargeState;
  readonly resolution: Resolution | null;
  readonly lines: readonly ChargeLine[];
  /** Sum of the lines. */
  readonly totalMinor: Minor;
  /** As the operator has said it; null: not yet. */
  readonly billedMinor: Minor | null;
  /** SKUs of lines that the shopper has reported. */
  readonly disputed: readonly string[];
}

/**
 * What was debited, or is to be. Once it is debited, or somebody has decided, the operator's word counts; before that,
 * what was reported is not debited, even if the operator has not heard of the report yet.
 */
export function billedMinorOf(charge: BilledInput): Minor {
  const { state, resolution, lines, totalMinor, billedMinor, disputed } = charge;
  if (billedMinor !== null && (state === 'paid' || resolution !== null)) return billedMinor;
  const undisputedMinor = Math.max(totalMinor - reportedMinorOf(lines, disputed), 0);
  return minor(Math.min(billedMinor ?? totalMinor, undisputedMinor));
}
