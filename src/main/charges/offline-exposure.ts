import type { Undelivered, Unsettled } from '../../core/identity/offline-admission.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';

/** What the operator has not confirmed to have; a row that cannot be read is a human's, and counts by what is in it. */
const isUndelivered = `(state IN ('finalised', 'queued', 'submitting', 'in_doubt')
  OR (state = 'needs_attention' AND billed_minor IS NULL))`;
/** Of those: nobody has been told of it. A refused one that is being sent once more was told of when it was refused. */
const isUnseen = `state <> 'needs_attention'
  AND NOT EXISTS (SELECT 1 FROM charge_event AS e WHERE e.charge_id = charge.charge_id AND e.type = 'reject')`;
/** What somebody still owes here as far as this cabinet knows; what waits for a human at the operator counts there. */
const isOwed = `(${isUndelivered} OR state IN ('accepted', 'collecting'))`;

/** What a bill names: billed and held. */
const named = `COALESCE(total_minor, 0) + CASE WHEN json_valid(body_json) THEN COALESCE((
  SELECT SUM(json_extract(line.value, '$.amountMinor')) FROM json_each(body_json, '$.heldLines') AS line), 0)
  ELSE 0 END`;
/** When the door was shut, by the operator's time; of a body that cannot be read when it was opened, by our own clock. */
const shutMs = `CASE WHEN json_valid(body_json) THEN json_extract(body_json, '$.closedAtMs') ELSE opened_ms END`;

/**
 * Of the whole cabinet: what only it knows of. How old the oldest is tells that the cabinet has been unheard for long;
 * so what is with people already (the operator answered and refuses it, or it cannot be read) has no part in that age,
 * or one such charge would end selling offline for good. Its sum and count are owed like any other's.
 */
export function readUndelivered(db: Database): Result<Undelivered, StorageFailure> {
  const sql = `SELECT COUNT(*) AS count, COALESCE(SUM(${named}), 0) AS sum_minor,
    MIN(CASE WHEN ${isUnseen} THEN ${shutMs} END) AS oldest_ms
    FROM charge WHERE ${isUndelivered} LIMIT 1`;
  return db.read(() => {
    const row = db.prepare(sql).first();
    const oldestMs = row?.['oldest_ms'];
    return { ...unsettledOf(row), oldestMs: typeof oldestMs === 'number' ? oldestMs : null };
  });
}

/** Of one member, at this cabinet. */
export function readOwedBy(db: Database, memberId: string): Result<Unsettled, StorageFailure> {
  const sql = `SELECT COUNT(*) AS count, COALESCE(SUM(${named}), 0) AS sum_minor
    FROM charge WHERE member_id = ? AND ${isOwed} LIMIT 1`;
  return db.read(() => unsettledOf(db.prepare(sql).first(memberId)));
}

function unsettledOf(row: Row | undefined): Unsettled {
  return { count: Number(row?.['count']), sumMinor: Number(row?.['sum_minor']) };
}
