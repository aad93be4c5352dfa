import type { Database, Row } from '../storage/database.ts';
import {
  disputeHoldMaxMs,
  refusedAgainMs,
  retryAfterMaxMs,
  waitingSlowMs,
} from '../../core/charge/delivery.ts';

/**
 * Which charge is next, found by the indexes of migration 5 with a few searches, however long the backlog is. First the
 * one of a visit that has just ended, then what was tried in vain before the network came back, oldest first,
 * then what is not at the operator yet, and of that what has failed least (so that one charge on which the operator
 * stumbles never stands before a new one), then by due time. Last, and only when the
 * caller says so, what waits for a human: it is queried slowly, and never in front of any other.
 */

/** Failures that are counted for the order; more of them change nothing, and the number of searches stays bounded. */
export const attemptsCountedMax = 40;

/** Reasons that pass with the network's or the operator's return. */
export const passingReasons = ['network.unreachable', 'network.timeout', 'system.operator_error'] as const;

/**
 * A charge that has not left yet waits for the disputes about it, so that they are heard before the first debit; not for
 * ever: `?` is the time (when it was said, or put back because the operator has forgotten it) up to which a dispute has
 * been waited for long enough, and the latest believed.
 */
const waitsForDispute = `(state IN ('queued', 'needs_attention') AND EXISTS (SELECT 1 FROM dispute
  WHERE dispute.charge_id = charge.charge_id AND dispute.next_attempt_ms IS NOT NULL
    AND COALESCE(dispute.again_ms, dispute.created_ms) > ?
    AND COALESCE(dispute.again_ms, dispute.created_ms) <= ?))`;

const groups = [
  { index: 'charge_to_send', states: `state IN ('queued', 'in_doubt')` },
  { index: 'charge_to_ask', states: `state IN ('accepted', 'collecting')` },
].map(({ index, states }) => {
  const from = `FROM charge INDEXED BY ${index} WHERE ${states} AND quarantined_ms IS NULL`;
  const searches = (level: string, order: string): LevelSearches => {
    const first = (due: string): string => `SELECT rowid AS row_id, * ${from} AND ${level} AND ${due}
      AND NOT ${waitsForDispute} ORDER BY ${order} LIMIT 1`;
    return {
      due: first('next_attempt_ms <= ?'),
      undated: first('next_attempt_ms IS NULL'),
      ahead: first('next_attempt_ms > ?'),
      passed: first(`next_attempt_ms > ? AND updated_ms <= ?
        AND reason IN (${passingReasons.map((reason) => `'${reason}'`).join(', ')})`),
    };
  };
  return {
    nextLevel: `SELECT attempts ${from} AND attempts BETWEEN ? AND ${attemptsCountedMax} ORDER BY attempts LIMIT 1`,
    level: searches('attempts = ?', 'next_attempt_ms, charge_id'),
    /** Counts of an earlier version, which had no bound, and damaged ones. */
    beyond: searches(`attempts > ${attemptsCountedMax}`, 'attempts'),
    below: searches('attempts < 0', 'attempts'),
  };
});

interface LevelSearches {
  readonly due: string;
  readonly undated: string;
  readonly ahead: string;
  readonly passed: string;
}

/** What our operator has refused, for another look; the latest that is believed is the wait itself. */
const refused = `FROM charge INDEXED BY charge_by_due WHERE state = 'needs_attention' AND reason = 'system.rejected'
  AND billed_minor IS NULL AND quarantined_ms IS NULL AND NOT ${waitsForDispute}`;
const refusedAgain = `SELECT rowid AS row_id, * ${refused}`;
const refusedNext = `SELECT next_attempt_ms ${refused} AND next_attempt_ms IS NOT NULL
  ORDER BY next_attempt_ms LIMIT 1`;
const refusedDue = `${refusedAgain} AND next_attempt_ms <= ? ORDER BY next_attempt_ms LIMIT 1`;
const refusedAhead = `${refusedAgain} AND next_attempt_ms > ? ORDER BY next_attempt_ms LIMIT 1`;

/** What waits for a human; the latest that is believed is the longest wait. */
const waiting = `FROM charge INDEXED BY charge_waiting WHERE state = 'needs_attention'
  AND (reason IS NOT 'system.rejected' OR billed_minor IS NOT NULL)
  AND quarantined_ms IS NULL AND next_attempt_ms IS NOT NULL`;
const waitingDue = `SELECT rowid AS row_id, * ${waiting} AND next_attempt_ms <= ? ORDER BY next_attempt_ms LIMIT 1`;
const waitingAhead = `SELECT rowid AS row_id, * ${waiting} AND next_attempt_ms > ? ORDER BY next_attempt_ms LIMIT 1`;
const waitingNext = `SELECT next_attempt_ms ${waiting} ORDER BY next_attempt_ms LIMIT 1`;

const pendingStates = ['queued', 'in_doubt', 'accepted', 'collecting'] as const;
const nextOfState = `SELECT next_attempt_ms FROM charge INDEXED BY charge_by_due
  WHERE state = ? AND next_attempt_ms IS NOT NULL AND quarantined_ms IS NULL AND NOT ${waitsForDispute}
  ORDER BY next_attempt_ms LIMIT 1`;
/** The first of those since a moment that have never failed. */
const newest = `SELECT rowid AS row_id, * FROM charge INDEXED BY charge_to_send WHERE state IN ('queued', 'in_doubt')
  AND quarantined_ms IS NULL AND attempts = 0 AND next_attempt_ms <= ? AND next_attempt_ms > ?
  AND NOT ${waitsForDispute} ORDER BY next_attempt_ms, charge_id LIMIT 1`;
/** The oldest that failed for the network alone, and not since it came back; ids are in the order of their time. */
const triedBefore = `SELECT rowid AS row_id, * FROM charge INDEXED BY charge_to_send_by_age
  WHERE state IN ('queued', 'in_doubt') AND quarantined_ms IS NULL AND charge_id > '' AND attempts > 0
    AND reason IN ('network.unreachable', 'network.timeout') AND updated_ms <= ? AND NOT ${waitsForDispute}
  ORDER BY charge_id LIMIT 1`;
/** So long a charge is that of somebody who may still stand before the screen: it goes before the backlog. */
const liveMs = 60_000;
const anyDispute = 'SELECT 1 AS one FROM dispute WHERE next_attempt_ms IS NOT NULL LIMIT 1';
/** A charge that waits for a dispute is looked at again after this. */
const disputeLookMs = 60_000;

/** All of them, for the test that looks at how SQLite performs them. */
export const dueStatements: readonly string[] = [
  ...groups.flatMap(({ nextLevel, level, beyond, below }) => [
    nextLevel,
    ...[level, beyond, below].flatMap((searches) => Object.values(searches) as string[]),
  ]),
  nextOfState,
  newest,
  triedBefore,
  anyDispute,
  refusedDue,
  refusedAhead,
  refusedNext,
  waitingDue,
  waitingAhead,
  waitingNext,
];

/**
 * The row of the next charge, or undefined. `linkBackMs`: when the network or the operator came back: what waits since
 * before that because of them is due as well. All times are operating time (main/operating-clock.ts). A due time further
 * ahead than any wait can be is of a wall clock that was ahead, before there was operating time: then it is due, too.
 * `mayAskWaiting`: also one that waits for a human.
 */
export function dueRow(
  db: Database,
  nowMs: number,
  linkBackMs: number,
  mayAskWaiting: boolean,
): Row | undefined {
  const waits = [nowMs - disputeHoldMaxMs, nowMs + disputeHoldMaxMs] as const;
  const live = db.prepare(newest).first(nowMs, nowMs - liveMs, ...waits);
  if (live !== undefined) return live;
  const tried = db.prepare(triedBefore).first(linkBackMs, ...waits);
  if (tried !== undefined) return tried;
  const search = ({ undated, due, ahead, passed }: LevelSearches, ...level: number[]): Row | undefined =>
    db.prepare(undated).first(...level, ...waits) ??
    db.prepare(due).first(...level, nowMs, ...waits) ??
    db.prepare(ahead).first(...level, nowMs + retryAfterMaxMs, ...waits) ??
    db.prepare(passed).first(...level, nowMs, linkBackMs, ...waits);
  for (const group of groups) {
    for (let level = 0; ; level++) {
      const next = db.prepare(group.nextLevel).first(level)?.['attempts'];
      if (next === undefined) break;
      level = Number(next);
      const row = search(group.level, level);
      if (row !== undefined) return row;
    }
    const row = search(group.beyond) ?? search(group.below);
    if (row !== undefined) return row;
  }
  const refusedRow =
    db.prepare(refusedDue).first(...waits, nowMs) ??
    db.prepare(refusedAhead).first(...waits, nowMs + refusedAgainMs);
  if (refusedRow !== undefined || !mayAskWaiting) return refusedRow;
  return db.prepare(waitingDue).first(nowMs) ?? db.prepare(waitingAhead).first(nowMs + waitingSlowMs);
}

/**
 * When the next charge falls due (operating time); null when none waits. What waits for a human is not queried before
 * `waitingFromMs`, and one whose due time is not believed is looked for then.
 */
export function nextDueMs(db: Database, nowMs: number, waitingFromMs: number): number | null {
  const waits = [nowMs - disputeHoldMaxMs, nowMs + disputeHoldMaxMs] as const;
  const dueMs = pendingStates.flatMap((state) => {
    const found = db.prepare(nextOfState).first(state, ...waits)?.['next_attempt_ms'];
    return typeof found === 'number' ? [found] : [];
  });
  const again = db.prepare(refusedNext).first(...waits)?.['next_attempt_ms'];
  if (typeof again === 'number') dueMs.push(again);
  const human = db.prepare(waitingNext).first()?.['next_attempt_ms'];
  if (typeof human === 'number') dueMs.push(Math.max(Math.min(human, nowMs + waitingSlowMs), waitingFromMs));
  if (db.prepare(anyDispute).first() !== undefined) dueMs.push(nowMs + disputeLookMs);
  return dueMs.length === 0 ? null : Math.min(...dueMs);
}

/** So many charges, and as many reports, are made due at once. */
const hastenMax = 200;

/** Charges that are not settled, and reports that have not arrived, wait for no later moment; those that are due first. */
export function hasten(db: Database, nowMs: number): void {
  for (const [table, isWaiting] of [
    [
      'charge',
      `state IN ('queued', 'in_doubt', 'accepted', 'collecting', 'needs_attention')
       AND quarantined_ms IS NULL`,
    ],
    ['dispute', 'TRUE'],
  ] as const)
    db.prepare(
      `UPDATE ${table} SET next_attempt_ms = ? WHERE rowid IN (SELECT rowid FROM ${table}
         WHERE ${isWaiting} AND next_attempt_ms > ? ORDER BY next_attempt_ms LIMIT ?)`,
    ).run(nowMs, nowMs, hastenMax);
}
