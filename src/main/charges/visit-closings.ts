import { z } from 'zod';
import type { VisitClosing } from '../../shared/api/operator.ts';
import { visitEnds } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { chargeIdSchema, visitIdSchema } from '../../shared/ids.schema.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import { zeroMinor } from '../../shared/money.ts';
import { minorSchema } from '../../shared/money.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import type { TellStaff } from './tell-staff.ts';
import { WaitingRows } from './waiting-rows.ts';

/** What is told is kept for so long, operating time, ms: for whoever asks what was said of a visit. */
export const closingKeptMs = 31 * 86_400_000;

/** A closing report that is still to be delivered. */
export interface DueClosing {
  readonly visitId: VisitId;
  /** The very bytes that are sent, every time. */
  readonly bodyJson: string;
  /** Attempts so far that were not answered, and when the last of them was (operating time); null: none yet. */
  readonly attempts: number;
  readonly triedMs: number | null;
  /** When the visit ended, operating time. */
  readonly endedMs: number;
}

const rowSchema = z.object({
  visit_id: visitIdSchema,
  charge_id: chargeIdSchema,
  ended: z.enum(visitEnds),
  total_minor: minorSchema,
  held_minor: minorSchema,
  closed_ms: z.number().int(),
  ended_ms: z.number().int(),
  attempts: z.number().int().min(0),
  tried_ms: z.number().int().nullable(),
});

/** What came of a closing report: taken; the operator has no such visit; or given up, and why. */
export type ClosingOutcome = 'taken' | 'no_such_visit' | 'unreadable' | `given_up: ${string}`;

/**
 * How each visit has ended that the operator was asked to allow, until it has heard it. Each method is one transaction (or
 * joins the outer one), durable when it returns ok. Waits are counted in operating time.
 */
export class VisitClosings {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #operatingClock: Clock;
  readonly #tellStaff: TellStaff;
  readonly #onDue: () => void;
  readonly #waiting: WaitingRows;
  /** The visit that the cabinet is about; null: none. */
  #present: VisitId | null = null;
  /** There may be visits without an end: of the last run, or of this one. */
  #mayBeUnended = true;

  /** `clock`: the operator's time as far as it is known. `onDue`: there is something to send. */
  constructor(
    db: Database,
    clock: Clock,
    operatingClock: Clock,
    tellStaff: TellStaff = () => undefined,
    onDue: () => void = () => undefined,
  ) {
    this.#db = db;
    this.#clock = clock;
    this.#operatingClock = operatingClock;
    this.#tellStaff = tellStaff;
    this.#onDue = onDue;
    const table = { table: 'visit_closing', key: 'visit_id', sinceMs: 'ended_ms' } as const;
    this.#waiting = new WaitingRows(db, operatingClock, table);
  }

  /** The operator is about to be asked: from now on this visit has an end that is told, whatever becomes of it. */
  expect(visitId: VisitId, chargeId: ChargeId): Result<void, StorageFailure> {
    this.#mayBeUnended = true;
    return this.#db.transaction(() => {
      const oldMs = this.#operatingClock.nowMs() - closingKeptMs;
      this.#db.prepare('DELETE FROM visit_closing WHERE done_ms <= ?').run(oldMs);
      this.#db
        .prepare('INSERT OR IGNORE INTO visit_closing (visit_id, charge_id) VALUES (?, ?)')
        .run(visitId, chargeId);
      return ok();
    });
  }

  /** It was not allowed, for certain: there is nothing to tell. */
  forget(visitId: VisitId): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM visit_closing WHERE visit_id = ? AND ended IS NULL').run(visitId);
      return ok();
    });
  }

  /** The visit has ended. Belongs into the transaction that ends it. What was said before stays. */
  end(visitId: VisitId, closing: VisitClosing): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#end(visitId, closing);
      return ok();
    });
  }

  /**
   * The cabinet is about this visit now (null: none); another one has ended. That it has not come to a charge, nor to the
   * bolt, is said here; and of one that could not be taken up again, that it was left open.
   */
  present(visitId: VisitId | null): Result<void, StorageFailure> {
    if (visitId === this.#present) return ok();
    this.#present = visitId;
    return this.#mayBeUnended ? this.endOthers() : ok();
  }

  /** Ends what the last run, or the visit before, has left without an end. */
  endOthers(): Result<void, StorageFailure> {
    const ended = this.#db.transaction((): Result<boolean, StorageFailure> => {
      const rows = this.#db
        .prepare(
          `SELECT c.visit_id, c.charge_id, charge.state, charge.total_minor FROM visit_closing AS c
             LEFT JOIN charge ON charge.visit_id = c.visit_id
           WHERE c.ended IS NULL AND c.visit_id IS NOT ?
             AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.visit_id = c.visit_id AND active = 1)`,
        )
        .all(this.#present);
      for (const row of rows) {
        const visitId = visitIdSchema.parse(row['visit_id']);
        this.#end(visitId, this.#endOf(row));
      }
      const left = this.#db.prepare('SELECT 1 FROM visit_closing WHERE ended IS NULL LIMIT 1').first();
      return ok(left !== undefined);
    });
    if (!ended.ok) return ended;
    this.#mayBeUnended = ended.value;
    return ok();
  }

  /** By what is on record of its charge: none is there before the bolt moves. */
  #endOf(row: Row): VisitClosing {
    const state = row['state'];
    // Settled by a version from before, which says nothing here: the operator has its charge, or nothing was taken.
    const settled = state === 'voided' ? 'nothing_taken' : 'charge';
    const ended = state === null ? 'never_unlocked' : state === 'open' ? 'left_open' : settled;
    return {
      chargeId: chargeIdSchema.parse(row['charge_id']),
      ended,
      totalMinor: ended === 'charge' ? minorSchema.parse(row['total_minor']) : zeroMinor,
      heldMinor: zeroMinor,
      closedAtMs: this.#clock.nowMs(),
    };
  }

  #end(visitId: VisitId, { chargeId, ended, totalMinor, heldMinor, closedAtMs }: VisitClosing): void {
    const nowMs = this.#operatingClock.nowMs();
    this.#db
      .prepare(
        `INSERT INTO visit_closing (visit_id, charge_id, ended, total_minor, held_minor, closed_ms, ended_ms,
           next_attempt_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (visit_id) DO UPDATE SET ended = excluded.ended, total_minor = excluded.total_minor,
           held_minor = excluded.held_minor, closed_ms = excluded.closed_ms, ended_ms = excluded.ended_ms,
           next_attempt_ms = excluded.next_attempt_ms
         WHERE visit_closing.ended IS NULL`,
      )
      .run(visitId, chargeId, ended, totalMinor, heldMinor, closedAtMs, nowMs, nowMs);
    this.#onDue();
  }

  /** What is to be sent next (waiting-rows.ts). Of a row that cannot be read staff is told. */
  nextDue(nowMs: number, linkBackMs: number): Result<DueClosing | null, StorageFailure> {
    return this.#waiting.next(nowMs, linkBackMs, readDue, (rowId, message) =>
      this.#db.transaction(() => {
        this.#done('rowid', rowId, 'unreadable');
        this.#tellStaff('visit_closing_unreadable', message);
        return ok();
      }),
    );
  }

  /** When the next one falls due (operating time); null when none waits. */
  nextDueMs(): Result<number | null, StorageFailure> {
    return this.#waiting.nextDueMs();
  }

  /** It is told, or will not be: not sent again. Staff hears of what the operator does not take. */
  done(visitId: VisitId, outcome: ClosingOutcome): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#done('visit_id', visitId, outcome);
      if (outcome.startsWith('given_up')) this.#tellStaff(`visit_closing_${outcome}, ${visitId}`);
      return ok();
    });
  }

  /** Not taken: again at this operating time, after so many attempts that were not. */
  defer(visitId: VisitId, nextAttemptMs: number, attempts: number): Result<void, StorageFailure> {
    return this.#waiting.defer(visitId, nextAttemptMs, attempts);
  }

  #done(column: 'visit_id' | 'rowid', key: string | number, outcome: ClosingOutcome): void {
    this.#db
      .prepare(
        `UPDATE visit_closing SET next_attempt_ms = NULL, done_ms = ?, outcome = ? WHERE ${column} = ?`,
      )
      .run(this.#operatingClock.nowMs(), outcome, key);
  }
}

function readDue(row: Row): Result<DueClosing, Failure<'storage.corrupt'>> {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return fail('storage.corrupt', `a closing row: ${z.prettifyError(parsed.error)}`);
  const { visit_id: visitId, charge_id: chargeId, ended, closed_ms: closedAtMs } = parsed.data;
  const { total_minor: totalMinor, held_minor: heldMinor } = parsed.data;
  const body: VisitClosing = { chargeId, ended, totalMinor, heldMinor, closedAtMs };
  const { attempts, tried_ms: triedMs, ended_ms: endedMs } = parsed.data;
  return ok({ visitId, bodyJson: canonicalJson(body), attempts, triedMs, endedMs });
}
