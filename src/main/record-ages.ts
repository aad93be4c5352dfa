import { z } from 'zod';
import { ok } from '../shared/result.ts';
import type { Result } from '../shared/result.ts';
import type { Database, StorageFailure } from './storage/database.ts';
import { MetaStore } from './storage/meta-store.ts';
import type { MetaKey } from './storage/meta-store.ts';

/** So many marks are made in the time that a record is kept: it is kept a fortieth longer at most. */
const marksInKept = 40;

/** At `atMs` (the operator's time) everything up to entry `seq` was on record. */
const marksSchema = z.array(z.object({ seq: z.number().int().min(0), atMs: z.number() })).max(100);
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
    // One of later than now is of a time that was wrong.
    const known = marksOf(stored.value).filter(({ atMs }) => atMs <= nowMs);
    const aged = known.findLast(({ atMs }) => atMs <= nowMs - keptMs);
    const kept = aged === undefined ? known : known.slice(known.indexOf(aged));
    const newest = kept.at(-1);
    if (newest === undefined || newest.atMs <= nowMs - keptMs / marksInKept) {
      const last = this.#lastSeq();
      if (!last.ok) return last;
      const written = this.#meta.set(key, JSON.stringify([...kept, { seq: last.value, atMs: nowMs }]));
      if (!written.ok) return written;
    }
    return ok(aged?.seq ?? 0);
  }

  #lastSeq(): Result<number, StorageFailure> {
    const { db, table } = this.#o;
    return db.read(() => Number(db.prepare(`SELECT MAX(seq) AS seq FROM ${table}`).first()?.['seq'] ?? 0));
  }
}

/** Oldest first. What cannot be read is none: then everything is kept for its whole time from now on. */
function marksOf(text: string | null): Mark[] {
  if (text === null) return [];
  try {
    const parsed = marksSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
