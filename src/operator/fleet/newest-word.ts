import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Signer } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { Db } from '../storage/storage.ts';

/** A row for each cabinet: what it said last of something, when that was signed, and when it came, ms. */
type WordTable = PgTable & {
  readonly cabinetId: PgColumn;
  readonly signedAtMs: PgColumn;
  readonly receivedAtMs: PgColumn;
};
type Said<T extends WordTable> = Omit<T['$inferInsert'], 'cabinetId' | 'signedAtMs' | 'receivedAtMs'>;

/**
 * Keeps what a cabinet says in its row of `table`, within the transaction that holds its key (`whileKeyHolds`). `nowMs`: when it
 * came. `conflict`: one that was signed later is there, and stays.
 */
export async function keepNewestWord<T extends WordTable>(
  tx: Db,
  table: T,
  { cabinetId, signedAtMs }: Signer,
  nowMs: number,
  said: Said<T>,
): Promise<Result<void, ApiFailure>> {
  // `Said` has made sure of the columns: drizzle does not see through the type parameter.
  const row: Record<string, unknown> = { ...said, signedAtMs, receivedAtMs: nowMs };
  const kept = await tx
    .insert(table as PgTable)
    .values({ ...row, cabinetId })
    .onConflictDoUpdate({
      target: table.cabinetId,
      set: row,
      setWhere: isNewest(table.signedAtMs, signedAtMs, nowMs),
    })
    .returning({ cabinetId: table.cabinetId });
  return kept.length === 0 ? fail('conflict', 'a report that was signed later is here') : ok();
}

/** One from the future was taken while our own clock was wrong: it must not stay in force until then. */
function isNewest(kept: PgColumn, signedAtMs: number, nowMs: number): SQL {
  return sql`${kept} <= ${signedAtMs} or ${kept} > ${nowMs + clockSkewMaxMs}`;
}
