import { z } from 'zod';
import { ok } from '../shared/result.ts';
import type { Result } from '../shared/result.ts';
import type { Database, StorageFailure } from './storage/database.ts';
import { MetaStore } from './storage/meta-store.ts';
import type { MetaKey } from './storage/meta-store.ts';

/** So many marks are made in the time that a record is kept: it is kept a fortieth longer at most. */
const marksInKept = 40;

/** More than there are unless the time goes back and forth; the oldest go. */
const marksMax = 100;
/** In the order in which they were made. At `atMs` (the operator's time) everything up to entry `seq` was on record. */
const marksSchema = z.array(z.object({ seq: z.number().int().min(0), atMs: z.number() })).max(marksMax);
type Mark = z.infer<typeof marksSchema>[number];

export interface RecordAgesOptions {
  readonly db: Database;
  /** Its entries have a number `seq` that only rises. */
  readonly table: 'charge_event' | 'visit_event';
  readonly key: Extract<MetaKey, 'charge_ages' | 'journal_ages'>;
  /** How long the record is kept, ms. */
  readonly keptMs: number;
}

/**
 * How old the entries of a record surely are, by the operator's time alone. What an entry itself says was said by the
 * cabinet's clock, and with that the age by the operator's would be the difference of two clocks: a clock that was a year
 * behind would make what is of yesterday a year old.
 */
export class RecordAges {
  readonly #o: RecordAgesOptions;

  readonly #meta: MetaStore;

  constructor(options: RecordAgesOptions) {
    this.#o = options;
    this.#meta = new MetaStore(options.db);
  }

  /**
   * The last entry that has surely been on record for as long as it is kept; 0: none. `nowMs`: the operator's time. To be
   * called now and then: each call may leave a mark.
   */
  agedSeq(nowMs: number): Result<number, StorageFailure> {
    const { key, keptMs } = this.#o;
    const stored = this.#meta.get(key);
    if (!stored.ok) return stored;
    const marks = marksOf(stored.value);
    let aged = -1;
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const [i, { atMs }] of marks.entries()) {
      // One of later than now is of a time that was wrong, or this one is.
      if (atMs > nowMs) continue;
      // Numbers only rise, so that nothing here is older than what was marked before it, whatever time was told.
      newestMs = Math.max(newestMs, atMs);
      if (newestMs <= nowMs - keptMs) aged = i;
    }
    if (newestMs <= nowMs - keptMs / marksInKept) {
      const last = this.#lastSeq();
      if (!last.ok) return last;
      const kept = [...marks.slice(Math.max(aged, 0)), { seq: last.value, atMs: nowMs }].slice(-marksMax);
      const written = this.#meta.set(key, JSON.stringify(kept));
      if (!written.ok) return written;
    }
    return ok(marks[aged]?.seq ?? 0);
  }

  #lastSeq(): Result<number, StorageFailure> {
    const { db, table } = this.#o;
    return db.read(() => Number(db.prepare(`SELECT MAX(seq) AS seq FROM ${table}`).first()?.['seq'] ?? 0));
  }
}

/**
 * SQL with four values (`stampValues`): nothing that an entry's own stamp says speaks against removing it. A stamp that is
 * later than the operator's now, or than that of the newest entry, is of a clock that was ahead or has been set back since:
 * it says nothing, the marks alone count. Otherwise a clock that once was years ahead would hold the record for years.
 */
export function isOldByStamp(column: string): string {
  return `(${column} <= ? OR ${column} > ?) AND (${column} <= ? OR ${column} > ?)`;
}

/** `nowMs`: the operator's; `newestMs`: the stamp of the newest entry, by the cabinet's clock; null: there is none. */
export function stampValues(nowMs: number, newestMs: number | null, keptMs: number): number[] {
  const newest = newestMs ?? nowMs;
  return [nowMs - keptMs, nowMs, newest - keptMs, newest];
}

/** What cannot be read is none: then everything is kept for its whole time from now on. */
function marksOf(text: string | null): Mark[] {
  if (text === null) return [];
  try {
    const parsed = marksSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
