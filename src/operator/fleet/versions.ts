import { createHash } from 'node:crypto';
import { max } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Clock } from '../../shared/clock.ts';
import type { Db } from '../storage/storage.ts';

// What is told to cabinets in versions.

/** Names this very answer: whoever has it is told no more than that. */
export function etagOf(told: object): string {
  return `"${createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 22)}"`;
}

/** Seconds since 1970, so that a database which was put back goes on above what cabinets were told; always above the one before. */
export function versionAfter(before: number | null | undefined, clock: Clock): number {
  return Math.max((before ?? 0) + 1, Math.floor(clock.nowMs() / 1000));
}

/** The newest version of each cabinet in a table; read anew only once its `mark`, whatever that is, is another one. */
export class NewestOfCabinets {
  readonly #table: PgTable & { readonly cabinetId: PgColumn; readonly version: PgColumn };
  #mark: string | number | null = null;
  #newest: ReadonlyMap<string, number> = new Map();

  constructor(table: PgTable & { readonly cabinetId: PgColumn; readonly version: PgColumn }) {
    this.#table = table;
  }

  /** Rows that are of no cabinet alone are left out. */
  async read(db: Db, mark: string | number): Promise<ReadonlyMap<string, number>> {
    if (mark === this.#mark) return this.#newest;
    const { cabinetId, version } = this.#table;
    const columns = { cabinetId, version: max(version) };
    const rows = await db.select(columns).from(this.#table).groupBy(cabinetId);
    const known = rows.filter((row): row is { cabinetId: string; version: number } => row.cabinetId !== null);
    this.#newest = new Map(known.map((row) => [row.cabinetId, row.version]));
    this.#mark = mark;
    return this.#newest;
  }
}
