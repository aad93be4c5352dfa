import { z } from 'zod';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { disputeHoldMaxMs, toldAgainAfterMs } from '../../core/charge/delivery.ts';
import { newlyDisputed } from '../../core/charge/dispute.ts';
import type { Clock } from '../../shared/clock.ts';
import { chargeIdSchema, disputeIdSchema } from '../../shared/ids.schema.ts';
import type { ChargeId, DisputeId } from '../../shared/ids.ts';
import { reportedMinorOf } from '../../shared/model/charge-lines.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import { sumMinor } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import type { ChargeLog } from './charge-log.ts';
import { chargeRecordOf } from './charge-record.ts';
import type { TellStaff } from './tell-staff.ts';
import { WaitingRows } from './waiting-rows.ts';

/** `charge.unknown`: no such charge, or its visit has not ended; `dispute.no_such_line`: not billed. Nothing has changed. */
export type DisputeFailure = Failure<'charge.unknown' | 'dispute.no_such_line'> | StorageFailure;

export type SentAgain = 'put_back' | 'on_its_way' | 'none';

/** A dispute that is still to be delivered. */
export interface DueDispute {
  readonly disputeId: DisputeId;
  readonly chargeId: ChargeId;
  /** The very bytes that are sent, every time. */
  readonly bodyJson: string;
  /** Attempts so far that were not answered, and when the last of them was (operating time); null: none yet. */
  readonly attempts: number;
  readonly triedMs: number | null;
  /** Since when its charge waits for it, operating time: since the shopper said it, or it was put back. */
  readonly heldFromMs: number;
}

const rowSchema = z.object({
  dispute_id: disputeIdSchema,
  charge_id: chargeIdSchema,
  skus_json: z.string(),
  created_ms: z.number().int(),
  said_ms: z.number().int().nullish(),
  attempts: z.number().int().min(0),
  tried_ms: z.number().int().nullable(),
  again_ms: z.number().int().nullish(),
});
const skusSchema = z.array(z.string());

/** By `told_count`: how long before it, at least, what is told again was told last. */
const toldBeforeMs = `CASE told_count ${toldAgainAfterMs.map((ms, count) => `WHEN ${count + 1} THEN ${ms}`).join(' ')}
  ELSE ${disputeHoldMaxMs} END`;

/** The schema lets none be put back oftener than once in `disputeHoldMaxMs`. */
const tellAgain = `UPDATE dispute
  SET again_ms = ?, next_attempt_ms = ?, sent_ms = NULL, attempts = 0, tried_ms = NULL, told_count = told_count + 1
  WHERE sent_ms + CASE told_count ${toldAgainAfterMs.map((ms, count) => `WHEN ${count} THEN ${ms}`).join(' ')} END <= ?
    AND (again_ms IS NULL OR again_ms <= ?)
    AND EXISTS (SELECT 1 FROM charge WHERE charge.charge_id = dispute.charge_id AND charge.state = 'paid')`;

/** What shoppers reported about their charges. Each method is one transaction, durable when it returns ok. */
export class DisputeStore {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #operatingClock: Clock;
  readonly #log: ChargeLog;
  readonly #tellStaff: TellStaff;
  readonly #waiting: WaitingRows;

  /**
   * `clock` dates the record; all waits are counted by `operatingClock` (main/operating-clock.ts). `tellStaff`: of a row that
   * cannot be read and was put aside, and of a report that is given up.
   */
  constructor(
    db: Database,
    log: ChargeLog,
    clock: Clock,
    operatingClock: Clock,
    tellStaff: TellStaff = () => undefined,
  ) {
    this.#db = db;
    this.#clock = clock;
    this.#operatingClock = operatingClock;
    this.#log = log;
    this.#tellStaff = tellStaff;
    const table = { table: 'dispute', key: 'dispute_id', sinceMs: 'created_ms' } as const;
    this.#waiting = new WaitingRows(db, operatingClock, table);
  }

  /** All charges of which something was ever reported here. */
  disputedCharges(): Result<readonly ChargeId[], StorageFailure> {
    return this.#db.read(() =>
      this.#db
        .prepare('SELECT DISTINCT charge_id FROM dispute')
        .all()
        .map((row) => chargeIdSchema.parse(row['charge_id'])),
    );
  }

  /**
   * Puts these lines on record as disputed, due now. `saidMs`: when, by the operator's time, as it is told; absent: by the
   * cabinet's clock. What was disputed before is left out; `false`: all of it was.
   */
  add(
    chargeId: ChargeId,
    disputeId: DisputeId,
    skus: readonly string[],
    saidMs?: number,
  ): Result<boolean, DisputeFailure> {
    return this.#db.transaction((): Result<boolean, DisputeFailure> => {
      const row = this.#db.prepare('SELECT * FROM charge WHERE charge_id = ? LIMIT 1').first(chargeId);
      const { bodyJson } = row === undefined ? { bodyJson: null } : chargeRecordOf(row);
      if (bodyJson === null) return fail('charge.unknown', `no bill for ${chargeId}`);
      const { lines } = chargeBodySchema.parse(JSON.parse(bodyJson));
      const before = [...this.#skusOf(chargeId, 'refused'), ...this.#skusOf(chargeId, 'taken')];
      const fresh = newlyDisputed(lines, before, skus);
      if (!fresh.ok) return fresh;
      if (fresh.value.length === 0) return ok(false);
      const [nowMs, operatingMs] = [this.#clock.nowMs(), this.#operatingClock.nowMs()];
      // `created_ms` beside `said_ms`: how long the charge waits for it is counted in operating time.
      this.#db
        .prepare(
          `INSERT INTO dispute (dispute_id, charge_id, skus_json, created_ms, said_ms, next_attempt_ms)
           VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .run(disputeId, chargeId, canonicalJson(fresh.value), operatingMs, saidMs ?? nowMs, operatingMs);
      this.#log.append(chargeId, nowMs, { type: 'dispute', disputeId, skus: fresh.value });
      return ok(true);
    });
  }

  /** The lines of this charge that are disputed: the operator has the report, or it is on its way. Empty when none are. */
  skusOf(chargeId: ChargeId): Result<string[], StorageFailure> {
    return this.#db.read(() => this.#skusOf(chargeId, 'taken'));
  }

  /** The lines that are in a report alone which the operator does not take: nobody looks at them. */
  refusedSkusOf(chargeId: ChargeId): Result<string[], StorageFailure> {
    return this.#db.read(() => {
      const taken = this.#skusOf(chargeId, 'taken');
      return this.#skusOf(chargeId, 'refused').filter((sku) => !taken.includes(sku));
    });
  }

  /** What is to be sent next (waiting-rows.ts). A row that cannot be read is put aside for a human: it holds its charge no longer. */
  nextDue(nowMs: number, linkBackMs: number): Result<DueDispute | null, StorageFailure> {
    return this.#waiting.next(nowMs, linkBackMs, readDue, (rowId, message) => this.#putAside(rowId, message));
  }

  /** When the next one falls due (operating time); null when none waits. */
  nextDueMs(): Result<number | null, StorageFailure> {
    return this.#waiting.nextDueMs();
  }

  /**
   * The operator has it. `hasCharge` false: and says that it does not have its charge. Of one that is paid that cannot be, and
   * nobody there sees it (its database was put back, and what is paid is not sent again): staff is told what is due
   * back, once for all that is told (again) of a charge at that time.
   */
  markSent(disputeId: DisputeId, hasCharge: boolean): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      const nowMs = this.#operatingClock.nowMs();
      // First: what is sent is done, and changes no more.
      if (!hasCharge) this.#tellWithoutCharge(disputeId, nowMs);
      this.#db
        .prepare('UPDATE dispute SET next_attempt_ms = NULL, sent_ms = ? WHERE dispute_id = ?')
        .run(nowMs, disputeId);
      return ok();
    });
  }

  /**
   * The operator has shown that it may have forgotten what it had taken of this charge: puts that back into the queue, as it
   * was said, at most once in `disputeHoldMaxMs`, and with `isOnlyOnce` at most once at all. `on_its_way`: nothing was put
   * back, but the charge waits for some of it (charge-due.ts): what the operator says before it has that is not its last word.
   */
  sendAgain(chargeId: ChargeId, isOnlyOnce: boolean): Result<SentAgain, StorageFailure> {
    return this.#db.transaction(() => {
      const nowMs = this.#operatingClock.nowMs();
      const longAgoMs = nowMs - disputeHoldMaxMs;
      const putBackCount = this.#db
        .prepare(
          `UPDATE dispute SET again_ms = ?, next_attempt_ms = ?, sent_ms = NULL, attempts = 0, tried_ms = NULL
           WHERE charge_id = ? AND sent_ms IS NOT NULL AND (again_ms IS NULL OR (again_ms <= ? AND NOT ?))`,
        )
        .run(nowMs, nowMs, chargeId, longAgoMs, Number(isOnlyOnce));
      if (putBackCount > 0) return ok('put_back');
      const held = this.#db
        .prepare(
          `SELECT 1 FROM dispute WHERE charge_id = ? AND next_attempt_ms IS NOT NULL
             AND COALESCE(again_ms, created_ms) > ? AND COALESCE(again_ms, created_ms) <= ? LIMIT 1`,
        )
        .first(chargeId, longAgoMs, nowMs + disputeHoldMaxMs);
      return ok(held === undefined ? 'none' : 'on_its_way');
    });
  }

  /**
   * Puts back into the queue, as it was said, what the operator has taken of charges that are paid, when it is time
   * (`toldAgainAfterMs`): nobody asks about these charges any more, so that nothing would show that it was forgotten. Answers
   * how many. What is stored as sent later than now is left alone.
   */
  tellAgain(): Result<number, StorageFailure> {
    return this.#db.transaction(() => {
      const nowMs = this.#operatingClock.nowMs();
      return ok(this.#db.prepare(tellAgain).run(nowMs, nowMs, nowMs, nowMs - disputeHoldMaxMs));
    });
  }

  /**
   * The operator does not take it as it is: it holds its charge no longer, and stays on record for a human, who is told. One
   * that it had taken stays taken: only this telling has ended, and the next one comes when it is time (`tellAgain`). Where
   * it says that it has no such charge, and that is paid, staff is told what is due back, as by `markSent`.
   */
  markRefused(disputeId: DisputeId, code: string): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      if (code === 'operator.unknown_charge')
        this.#tellWithoutCharge(disputeId, this.#operatingClock.nowMs());
      if (this.#end('dispute_id', disputeId, code) === 'refused')
        this.#tellStaff(`dispute_given_up: ${disputeId}, ${code}`);
      return ok();
    });
  }

  /** Not answered: again at this operating time, after so many attempts that were not. */
  defer(disputeId: DisputeId, nextAttemptMs: number, attempts: number): Result<void, StorageFailure> {
    return this.#waiting.defer(disputeId, nextAttemptMs, attempts);
  }

  /** Keeps a row that cannot be read, as it is, and passes it by from now on; a human is told. */
  #putAside(rowId: number, message: string): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#end('rowid', rowId, 'unreadable');
      this.#tellStaff('charge_unreadable', message);
      return ok();
    });
  }

  /**
   * Takes out of the queue what the operator does not take. What it had taken (only that is ever put back, `again_ms`) is not
   * refused by that. It may be put back again a day from now: until then its charge goes on without it.
   */
  #end(column: 'dispute_id' | 'rowid', key: string | number, code: string): 'taken_before' | 'refused' {
    const nowMs = this.#operatingClock.nowMs();
    const takenCount = this.#db
      .prepare(
        `UPDATE dispute SET next_attempt_ms = NULL, sent_ms = ?, again_ms = ?
         WHERE ${column} = ? AND again_ms IS NOT NULL`,
      )
      .run(nowMs, nowMs, key);
    if (takenCount > 0) return 'taken_before';
    this.#db
      .prepare(`UPDATE dispute SET next_attempt_ms = NULL, refused = ? WHERE ${column} = ?`)
      .run(code, key);
    return 'refused';
  }

  /**
   * One word for the charge: what is due back of it in all, by its reports, and how it was decided, if it was. Whether people knew
   * of each report then, the cabinet cannot tell: so nothing is left out for a decision. It is told each time that the report is
   * told again, for the operator may have been put back once more, and what its staff had heard with it; not where another
   * report of the charge has brought it since this one was told last.
   */
  #tellWithoutCharge(disputeId: DisputeId, nowMs: number): void {
    const row = this.#db
      .prepare(
        `SELECT charge_id, body_json, resolved_how, COALESCE(resolved_minor, billed_minor) AS paid_minor,
           COALESCE(again_ms - ${toldBeforeMs}, told.created_ms) AS before_ms,
           (SELECT MAX(without_charge_ms) FROM dispute WHERE charge_id = told.charge_id) AS word_ms
         FROM dispute AS told JOIN charge USING (charge_id)
         WHERE dispute_id = ? AND state = 'paid' AND (word_ms IS NULL OR word_ms <= before_ms) LIMIT 1`,
      )
      .first(disputeId);
    if (row === undefined) return;
    const chargeId = chargeIdSchema.parse(row['charge_id']);
    const skus = this.#skusOf(chargeId, 'taken');
    const lines = linesIn(row['body_json']);
    const paidMinor = Number(row['paid_minor']);
    const allMinor = sumMinor(lines.map(({ amountMinor }) => amountMinor));
    // What was reported before the debit was not debited in the first place. A bill that cannot be read has no lines.
    const dueMinor = allMinor - reportedMinorOf(lines, skus);
    const backMinor = lines.length === 0 ? paidMinor : paidMinor - dueMinor;
    if (backMinor <= 0) return;
    // Of this one alone: what is sent already changes no more. All that was reported until now is in the word.
    this.#db.prepare('UPDATE dispute SET without_charge_ms = ? WHERE dispute_id = ?').run(nowMs, disputeId);
    const how = row['resolved_how'];
    const decided = typeof how === 'string' ? ` (decided: ${how})` : '';
    const before = row['word_ms'] === null ? '' : ' (told before)';
    const sums = `paid ${paidMinor}, due back ${backMinor} minor units${decided}${before}`;
    this.#tellStaff(`dispute_without_charge: ${chargeId}, ${sums}: ${skus.join(' ')}`);
  }

  /** A report that cannot be read names nothing: it takes neither the others with it nor what else is told of the charge. */
  #skusOf(chargeId: ChargeId, which: 'taken' | 'refused'): string[] {
    return this.#db
      .prepare(
        `SELECT skus_json FROM dispute WHERE charge_id = ? AND (refused IS NOT NULL) = ?
         ORDER BY created_ms, dispute_id`,
      )
      .all(chargeId, Number(which === 'refused'))
      .flatMap((row) => skusIn(row['skus_json']) ?? []);
  }
}

function readDue(row: Row): Result<DueDispute, Failure<'storage.corrupt'>> {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return fail('storage.corrupt', `a dispute row: ${z.prettifyError(parsed.error)}`);
  const { dispute_id: disputeId, charge_id: chargeId, created_ms: createdMs, attempts } = parsed.data;
  const skus = skusIn(parsed.data.skus_json);
  if (skus === null) return fail('storage.corrupt', `the lines of dispute ${disputeId}`);
  const { said_ms: saidMs, tried_ms: triedMs, again_ms: againMs } = parsed.data;
  const bodyJson = canonicalJson({ disputeId, skus, atMs: saidMs ?? createdMs });
  return ok({ disputeId, chargeId, attempts, bodyJson, triedMs, heldFromMs: againMs ?? createdMs });
}

/** The lines of a bill; none when it cannot be read. */
function linesIn(bodyJson: unknown): readonly ChargeLine[] {
  try {
    return chargeBodySchema.parse(JSON.parse(String(bodyJson))).lines;
  } catch {
    return [];
  }
}

/** Null: that is no list of SKUs. */
function skusIn(json: unknown): string[] | null {
  try {
    return skusSchema.parse(JSON.parse(String(json)));
  } catch {
    return null;
  }
}

/** When the newest report that waits was made or put back, operating ms, of those before `beforeMs`; 0: none waits. */
export function newestWaitingMs(db: Database, beforeMs: number): Result<number, StorageFailure> {
  return db.read(() => {
    const row = db
      .prepare(
        `SELECT MAX(COALESCE(again_ms, created_ms)) AS newest_ms FROM dispute
          WHERE next_attempt_ms IS NOT NULL AND COALESCE(again_ms, created_ms) < ?`,
      )
      .first(beforeMs);
    return Number(row?.['newest_ms'] ?? 0);
  });
}
