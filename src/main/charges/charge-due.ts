import type { Database, Row } from '../storage/database.ts';
import { disputeHoldMaxMs, refusedAgainMs, retryAfterMaxMs } from '../../core/charge/delivery.ts';

/**
 * Which charge is next, found by the indexes of migration 5 with a few searches, however long the backlog is. First the
 * one of a visit that has just ended, then what is not at the operator yet, and of that what has failed least (so that one charge on which the operator stumbles
 * never stands before a new one), then by due time.
 */

/** Failures that are counted for the order; more of them change nothing, and the number of searches stays bounded. */
export const attemptsCountedMax = 40;

/** Reasons that pass with the network's or the operator's return. */
export const passingReasons = ['network.unreachable', 'network.timeout', 'system.operator_error'] as const;

/**
 * A charge that has not left yet waits for the disputes about it, so that they are heard before the first debit; not for
 * ever: `?` is the time of creation up to which a dispute has been waited for long enough, and the latest believed.
 */
const waitsForDispute = `(state = 'queued' AND EXISTS (SELECT 1 FROM dispute
  WHERE dispute.charge_id = charge.charge_id AND dispute.next_attempt_ms IS NOT NULL
    AND dispute.created_ms > ? AND dispute.created_ms <= ?))`;

const groups = [
  { index: 'charge_to_send', states: `state IN ('queued', 'in_doubt')` },
  { index: 'charge_to_ask', states: `state IN ('accepted', 'collecting')` },
].map(({ index, states }) => {
  const from = `FROM charge INDEXED BY ${index} WHERE ${states} AND quarantined_ms IS NULL`;
  const first = (due: string): string => `SELECT rowid AS row_id, * ${from} AND attempts = ? AND ${due}
    AND NOT ${waitsForDispute} ORDER BY next_attempt_ms, charge_id LIMIT 1`;
  return {
    nextLevel: `SELECT attempts ${from} AND attempts >= ? ORDER BY attempts LIMIT 1`,
    due: first('next_attempt_ms <= ?'),
    undated: first('next_attempt_ms IS NULL'),
    ahead: first('next_attempt_ms > ?'),
    passed: first(`next_attempt_ms > ? AND updated_ms <= ?
      AND reason IN (${passingReasons.map((reason) => `'${reason}'`).join(', ')})`),
  };
});

/** What our operator has refused, for another look; the latest that is believed is the wait itself. */
const refusedAgain = `SELECT rowid AS row_id, * FROM charge INDEXED BY charge_by_due WHERE state = 'needs_attention'
  AND quarantined_ms IS NULL`;
const refusedDue = `${refusedAgain} AND next_attempt_ms <= ? ORDER BY next_attempt_ms LIMIT 1`;
const refusedAhead = `${refusedAgain} AND next_attempt_ms > ? ORDER BY next_attempt_ms LIMIT 1`;

const pendingStates = ['queued', 'in_doubt', 'accepted', 'collecting', 'needs_attention'] as const;
const nextOfState = `SELECT next_attempt_ms FROM charge INDEXED BY charge_by_due
  WHERE state = ? AND next_attempt_ms IS NOT NULL AND quarantined_ms IS NULL AND NOT ${waitsForDispute}
  ORDER BY next_attempt_ms LIMIT 1`;
/** The first of those since a moment that have never failed. */
const newest = `SELECT rowid AS row_id, * FROM charge INDEXED BY charge_to_send WHERE state IN ('queued', 'in_doubt')
  AND quarantined_ms IS NULL AND attempts = 0 AND next_attempt_ms <= ? AND next_attempt_ms > ?
  AND NOT ${waitsForDispute} ORDER BY next_attempt_ms, charge_id LIMIT 1`;
/** So long a charge is that of somebody who may still stand before the screen: it goes before the backlog. */
const liveMs = 60_000;
const anyDispute = 'SELECT 1 AS one FROM dispute WHERE next_attempt_ms IS NOT NULL LIMIT 1';
/** A charge that waits for a dispute is looked at again after this. */
const disputeLookMs = 60_000;

/** All of them, for the test that looks at how SQLite performs them. */
export const dueStatements: readonly string[] = [
  ...groups.flatMap((group) => Object.values(group)),
  nextOfState,
  newest,
  anyDispute,
  refusedDue,
  refusedAhead,
];

/**
 * The row of the next charge, or undefined. `linkBackMs`: when the network or the operator came back (wall time): what
 * waits since before that because of them is due as well. A due time further ahead than any wait can be means that the
 * wall clock has jumped back: then it is due, too.
 */
export function dueRow(db: Database, nowMs: number, linkBackMs: number): Row | undefined {
  const waits = [nowMs - disputeHoldMaxMs, nowMs + disputeHoldMaxMs] as const;
  const live = db.prepare(newest).first(nowMs, nowMs - liveMs, ...waits);
  if (live !== undefined) return live;
  for (const group of groups) {
    // From the lowest on, so that a damaged count is met as well.
    for (let level = Number.MIN_SAFE_INTEGER; ; level++) {
      const next = db.prepare(group.nextLevel).first(level)?.['attempts'];
      if (next === undefined) break;
      level = Number(next);
      const row =
        db.prepare(group.undated).first(level, ...waits) ??
        db.prepare(group.due).first(level, nowMs, ...waits) ??
        db.prepare(group.ahead).first(level, nowMs + retryAfterMaxMs, ...waits) ??
        db.prepare(group.passed).first(level, nowMs, linkBackMs, ...waits);
      if (row !== undefined) return row;
    }
  }
  return db.prepare(refusedDue).first(nowMs) ?? db.prepare(refusedAhead).first(nowMs + refusedAgainMs);
}

/** When the next charge falls due (wall time); null when none waits. */
export function nextDueMs(db: Database, nowMs: number): number | null {
  const waits = [nowMs - disputeHoldMaxMs, nowMs + disputeHoldMaxMs] as const;
  const dueMs = pendingStates.flatMap((state) => {
    const found = db.prepare(nextOfState).first(state, ...waits)?.['next_attempt_ms'];
    return typeof found === 'number' ? [found] : [];
  });
  if (db.prepare(anyDispute).first() !== undefined) dueMs.push(nowMs + disputeLookMs);
  return dueMs.length === 0 ? null : Math.min(...dueMs);
}
