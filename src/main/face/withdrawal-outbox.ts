import { toldAgainAfterMs } from '../../core/charge/delivery.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import { enrolmentIdSchema } from '../../shared/ids.schema.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { Database, StorageFailure } from '../storage/database.ts';

/** So long after the operator was asked about a face that is not there: it was given up, or the power failed meanwhile. */
export const enrolmentPendingMs = 60_000;

/** What the operator has refused is told again after this, for as long as it takes: until it knows, the face counts there. */
export const withdrawalAgainMs = 3_600_000;

/** A face that is gone, as the operator has to be told. */
export interface Withdrawal {
  readonly withdrawalId: number;
  readonly memberId: string;
  /** Null: of a face from before the operator was asked. */
  readonly enrolmentId: EnrolmentId | null;
}

/**
 * What the operator is to be told of faces that are gone: in the vault's file, and gone from it once told often enough
 * (`toldAgainAfterMs`). All times are the operator's, as far as it is known: the cabinet's own clock may begin at the same date
 * each morning.
 */
export class WithdrawalOutbox {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Within the transaction that deletes the face, or before one is enrolled. `dueMs`: the operator's time; 0: now. */
  add(memberId: string, enrolmentId: EnrolmentId | null, dueMs: number): void {
    this.#db
      .prepare('INSERT INTO withdrawal (member_id, enrolment_id, due_ms) VALUES (?, ?, ?)')
      .run(memberId, enrolmentId, dueMs);
  }

  /** The operator asks for it, and no such face is here (any more): it is told so now. */
  confirm(memberId: string, enrolmentId: EnrolmentId | null): Result<void, StorageFailure> {
    return this.#db.transaction((): Result<void, StorageFailure> => {
      const waits = this.#db
        .prepare(
          `UPDATE withdrawal SET due_ms = CASE WHEN told_count > 0 THEN 0 ELSE due_ms END
           WHERE member_id = ? AND enrolment_id IS ?`,
        )
        .run(memberId, enrolmentId);
      if (waits === 0) this.add(memberId, enrolmentId, 0);
      return ok();
    });
  }

  /** Within the transaction that keeps the face: there is nothing to tell. */
  remove(enrolmentId: EnrolmentId): void {
    this.#db.prepare('DELETE FROM withdrawal WHERE enrolment_id = ?').run(enrolmentId);
  }

  /** Within a transaction: it is told now. */
  hasten(enrolmentId: EnrolmentId): void {
    this.#db.prepare('UPDATE withdrawal SET due_ms = 0 WHERE enrolment_id = ?').run(enrolmentId);
  }

  /** The oldest that is due, of those that were told least; null: none. */
  next(nowMs: number): Result<Withdrawal | null, StorageFailure> {
    return this.#db.read(() => {
      // Due later than any can be: it was written while the clock was ahead.
      const row = this.#db
        .prepare(
          `SELECT * FROM withdrawal
           WHERE due_ms <= ? OR due_ms > CASE WHEN told_count = 0 THEN ? ELSE ? END
           ORDER BY told_count, withdrawal_id LIMIT 1`,
        )
        .first(nowMs, nowMs + withdrawalAgainMs, nowMs + Math.max(...toldAgainAfterMs));
      if (row === undefined) return null;
      return {
        withdrawalId: Number(row['withdrawal_id']),
        memberId: String(row['member_id']),
        enrolmentId: enrolmentIdSchema.nullable().catch(null).parse(row['enrolment_id']),
      };
    });
  }

  /** When the next one falls due; null: none waits. */
  nextDueMs(): Result<number | null, StorageFailure> {
    return this.#db.read(() => {
      const row = this.#db.prepare('SELECT due_ms FROM withdrawal ORDER BY due_ms LIMIT 1').first();
      return row === undefined ? null : Number(row['due_ms']);
    });
  }

  /** The operator refuses it: it is told again later, and holds up nothing meanwhile. */
  putOff(withdrawalId: number, nowMs: number): Result<void, StorageFailure> {
    return this.#db.transaction((): Result<void, StorageFailure> => {
      this.#db
        .prepare('UPDATE withdrawal SET due_ms = ? WHERE withdrawal_id = ?')
        .run(nowMs + withdrawalAgainMs, withdrawalId);
      return ok();
    });
  }

  /** The operator knows. */
  arrived(withdrawalId: number, nowMs: number): Result<void, StorageFailure> {
    return this.#db.transaction((): Result<void, StorageFailure> => {
      const row = this.#db
        .prepare('SELECT told_count FROM withdrawal WHERE withdrawal_id = ?')
        .first(withdrawalId);
      const toldCount = Number(row?.['told_count'] ?? 0);
      const againMs = toldAgainAfterMs[toldCount];
      if (againMs === undefined)
        this.#db.prepare('DELETE FROM withdrawal WHERE withdrawal_id = ?').run(withdrawalId);
      else
        this.#db
          .prepare('UPDATE withdrawal SET told_count = ?, due_ms = ? WHERE withdrawal_id = ?')
          .run(toldCount + 1, nowMs + againMs, withdrawalId);
      return ok();
    });
  }
}
