import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import { RecordAges, isOldByStamp, stampValues } from '../record-ages.ts';
import { retentionJob } from '../retention-job.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import type { ChargeChain } from './charge-chain.ts';
import { historyOf, replay } from './charge-log.ts';

/** A charge that is done is kept for so long after its last event (the schema holds it, too: migration 7), ms. */
export const chargeKeptMs = 400 * 86_400_000;
/** Events that are removed at once: a moment's work beside a visit. */
export const chargeForgetMax = 50;

export interface ChargeRetentionOptions {
  readonly db: Database;
  readonly chain: Pick<ChargeChain, 'acknowledgedSeq' | 'removeFront'>;
  /** Up to which event the record was looked through and found whole; 0: never. */
  readonly wholeSeq: () => number;
  /** Wall time that is not ahead of the true one; null: unknown. */
  readonly operatorNowMs: () => number | null;
  readonly logger: Logger;
}

/**
 * Removes charges that are paid or voided and have been kept long enough, with their events and disputes, from the front of
 * the record. Only what is so old by the operator's time, and against which its own stamp does not speak (record-ages.ts),
 * only what the operator has acknowledged, and only what was found whole: nothing that is missing or was changed can be
 * removed from sight.
 */
export function chargeRetention(options: ChargeRetentionOptions): BackgroundJob {
  const { db, chain, operatorNowMs, logger } = options;
  const ages = new RecordAges({ db, table: 'charge_event', key: 'charge_ages', keptMs: chargeKeptMs });
  return retentionJob({
    name: 'charge_retention',
    forgetOld: (nowMs) => {
      const aged = ages.agedSeq(nowMs);
      if (!aged.ok) return aged;
      return forgetOldCharges({ db, chain, wholeSeq: () => Math.min(options.wholeSeq(), aged.value) }, nowMs);
    },
    operatorNowMs,
    log: 'charges.record',
    logger,
  });
}

/**
 * `nowMs` (the operator's) is compared with what the cabinet's clock said; `wholeSeq`: beyond this event nothing is looked
 * at. Answers how many events were removed; `chargeForgetMax`: there may be more.
 */
export function forgetOldCharges(
  { db, chain, wholeSeq }: Pick<ChargeRetentionOptions, 'db' | 'chain' | 'wholeSeq'>,
  nowMs: number,
): Result<number, StorageFailure> {
  return db.transaction(() => {
    const newest = db.prepare('SELECT at_ms FROM charge_event ORDER BY seq DESC LIMIT 1').first();
    const stamps = stampValues(nowMs, newest === undefined ? null : Number(newest['at_ms']), chargeKeptMs);
    // What the operator has acknowledged stays itself: its seal is told with each charge.
    const untilSeq = Math.min(chain.acknowledgedSeq() - 1, wholeSeq());
    const front = db
      .prepare(
        `SELECT e.*, ${isOldByStamp('e.at_ms')} AND c.state IN ('paid', 'voided')
           AND ${isOldByStamp('last.at_ms')} AND last.seq <= ?
           AND NOT EXISTS (SELECT 1 FROM dispute WHERE charge_id = e.charge_id AND next_attempt_ms IS NOT NULL) AS done
         FROM charge_event AS e LEFT JOIN charge AS c ON c.charge_id = e.charge_id
           JOIN charge_event AS last
             ON last.seq = (SELECT MAX(seq) FROM charge_event WHERE charge_id = e.charge_id)
         WHERE e.seq <= ? ORDER BY e.seq LIMIT ?`,
      )
      .all(...stamps, ...stamps, untilSeq, untilSeq, chargeForgetMax);
    const kept = front.findIndex(
      (row) => row['done'] !== 1 || !isDoneByItsEvents(db, String(row['charge_id'])),
    );
    const old = kept === -1 ? front : front.slice(0, kept);
    if (!chain.removeFront(old)) return ok(0);
    removeEmptied(db, old);
    return ok(old.length);
  });
}

/**
 * What stands in a charge's row is not sealed, its events are. One whose first events were removed was looked at then, and
 * is final.
 */
function isDoneByItsEvents(db: Database, chargeId: string): boolean {
  const history = historyOf(db, chargeId);
  if (!history.ok) return false;
  if (history.value[0]?.event.type !== 'open') return true;
  const state = replay(history.value)?.state;
  return state === 'paid' || state === 'voided';
}

/** The charges all of whose events are gone, and what was reported about them. */
function removeEmptied(db: Database, events: readonly Row[]): void {
  for (const chargeId of new Set(events.map((row) => String(row['charge_id'])))) {
    if (db.prepare('SELECT 1 FROM charge_event WHERE charge_id = ? LIMIT 1').first(chargeId) !== undefined)
      continue;
    db.prepare('DELETE FROM dispute WHERE charge_id = ?').run(chargeId);
    db.prepare('DELETE FROM charge WHERE charge_id = ?').run(chargeId);
  }
}
