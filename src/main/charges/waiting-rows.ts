import { retryAfterMaxMs } from '../../core/charge/delivery.ts';
import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';

/** What waits in a table of the cabinet's own until the operator has taken it. */
export interface WaitingTable {
  readonly table: 'dispute' | 'visit_closing';
  readonly key: 'dispute_id' | 'visit_id';
  /** The column with the time since when it waits. */
  readonly sinceMs: 'created_ms' | 'ended_ms';
}

/**
 * The waits of such rows, all in operating time: `next_attempt_ms` (null: it waits no more), `attempts` and `tried_ms`. Each
 * method is one transaction, or joins the outer one.
 */
export class WaitingRows {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #table: WaitingTable;

  /** `clock`: of operating time (main/operating-clock.ts). */
  constructor(db: Database, clock: Clock, table: WaitingTable) {
    this.#db = db;
    this.#clock = clock;
    this.#table = table;
  }

  /**
   * What is to be sent next: what failed least, the oldest of those; null: none. `linkBackMs`: when the network came back;
   * what was tried before that is due. A due time beyond any wait is of a clock that was ahead. `putAside` takes a row that
   * cannot be read out of those that wait.
   */
  next<T>(
    nowMs: number,
    linkBackMs: number,
    read: (row: Row) => Result<T, Failure<'storage.corrupt'>>,
    putAside: (rowId: number, message: string) => Result<void, StorageFailure>,
  ): Result<T | null, StorageFailure> {
    const { table, key, sinceMs } = this.#table;
    const sql = `SELECT rowid AS row_id, * FROM ${table} WHERE next_attempt_ms IS NOT NULL
      AND (next_attempt_ms <= ? OR next_attempt_ms > ? OR tried_ms <= ?)
      ORDER BY attempts, ${sinceMs}, ${key} LIMIT 1`;
    for (;;) {
      const found = this.#db.read(() =>
        this.#db.prepare(sql).first(nowMs, nowMs + retryAfterMaxMs, linkBackMs),
      );
      if (!found.ok) return found;
      if (found.value === undefined) return ok(null);
      const due = read(found.value);
      if (due.ok) return due;
      const aside = putAside(Number(found.value['row_id']), due.error.message);
      if (!aside.ok) return aside;
    }
  }

  /** When the next one falls due; null when none waits. */
  nextDueMs(): Result<number | null, StorageFailure> {
    return this.#db.read(() => {
      const sql = `SELECT MIN(next_attempt_ms) AS due_ms FROM ${this.#table.table}`;
      const dueMs = this.#db.prepare(sql).first()?.['due_ms'];
      return typeof dueMs === 'number' ? dueMs : null;
    });
  }

  /** Not taken: again at `nextAttemptMs`, after so many attempts that were not. */
  defer(id: string, nextAttemptMs: number, attempts: number): Result<void, StorageFailure> {
    const { table, key } = this.#table;
    return this.#db.transaction(() => {
      this.#db
        .prepare(`UPDATE ${table} SET attempts = ?, next_attempt_ms = ?, tried_ms = ? WHERE ${key} = ?`)
        .run(attempts, nextAttemptMs, this.#clock.nowMs(), id);
      return ok();
    });
  }
}
