import { chargeStateSchema, reasonCodeSchema } from '../../shared/model/charge.schema.ts';
import type { ChargeState, ReasonCode } from '../../shared/model/charge.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, StorageFailure } from '../storage/database.ts';
import { isUnsettled } from './charge-store.ts';

/** Unsettled charges of one state and reason; of nobody. */
export interface UnsettledGroup {
  readonly state: ChargeState;
  readonly reason: ReasonCode | null;
  readonly count: number;
  /** When the oldest of them was opened, wall time. */
  readonly oldestMs: number;
}

/** What is not settled, by state and reason, the most first: there are not more groups than states times reasons. */
export function unsettledGroups(db: Database): Result<UnsettledGroup[], StorageFailure> {
  return db.read(() =>
    db
      .prepare(
        `SELECT state, reason, COUNT(*) AS count, MIN(opened_ms) AS oldest_ms
         FROM charge WHERE ${isUnsettled} GROUP BY state, reason ORDER BY count DESC LIMIT 1000`,
      )
      .all()
      .map((row) => ({
        state: chargeStateSchema.parse(row['state']),
        // One that this version does not know: as in any row (charge-record.ts).
        reason: reasonCodeSchema.nullable().catch('system.operator_error').parse(row['reason']),
        count: Number(row['count']),
        oldestMs: Number(row['oldest_ms']),
      })),
  );
}
