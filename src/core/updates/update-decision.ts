import { compareVersions, shareParts } from '../../shared/model/release-version.ts';
import type { UpdateOrder } from '../../shared/model/update-order.schema.ts';

/** A version that failed so often at this cabinet is not tried again. */
export const updateFailuresMax = 3;

export interface UpdateFacts {
  readonly running: string;
  /** How often the wanted version has failed here. */
  readonly failures: number;
  /** Where this cabinet stands among all for the wanted version: 0 to `shareParts - 1`, stable. */
  readonly share: number;
  /** The operator's time. */
  readonly nowMs: number;
  /** Of the day, local. */
  readonly minute: number;
}

/** Why nothing is done. */
export type UpdateRest =
  | 'no_order'
  | 'expired'
  | 'up_to_date'
  | 'older'
  | 'withdrawn'
  | 'failed_before'
  | 'not_its_turn'
  | 'paused'
  | 'outside_window';

/** Whether the wanted version is to be fetched and installed into the slot that rests; null: it is. */
export function restOfInstalling(order: UpdateOrder | null, facts: UpdateFacts): UpdateRest | null {
  if (order?.release == null) return 'no_order';
  const { release, percent, expiresAtMs, withdrawn, isPaused } = order;
  if (facts.nowMs >= expiresAtMs) return 'expired';
  if (release === facts.running) return 'up_to_date';
  if (compareVersions(release, facts.running) < 0) return 'older';
  if (withdrawn.includes(release)) return 'withdrawn';
  if (facts.failures >= updateFailuresMax) return 'failed_before';
  if (facts.share >= (percent * shareParts) / 100) return 'not_its_turn';
  return isPaused ? 'paused' : null;
}

/** The same of switching to what is installed: asked again right before it. */
export function restOfSwitching(order: UpdateOrder | null, facts: UpdateFacts): UpdateRest | null {
  const rest = restOfInstalling(order, facts);
  if (rest !== null || order === null || order.windows.length === 0) return rest;
  const isIn = order.windows.some(({ fromMinute, toMinute }) =>
    fromMinute <= toMinute
      ? facts.minute >= fromMinute && facts.minute < toMinute
      : facts.minute >= fromMinute || facts.minute < toMinute,
  );
  return isIn ? null : 'outside_window';
}
