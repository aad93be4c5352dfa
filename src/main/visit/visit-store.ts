import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import { currencySchema } from '../../shared/money.schema.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { RecordAges, isOldByStamp, stampValues } from '../record-ages.ts';
import type { Database, StorageFailure } from '../storage/database.ts';
import type { StoredVisitRow } from './visit-records.ts';

export interface JournalEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: unknown;
}

/** Type of the first entry of a visit's journal: the visit as it was before its first event on record. */
export const journalStart = 'started';
/** Largest state or event that is taken, in characters of JSON: far above any real one, so more is a bug. */
export const visitJsonMaxLength = 1_000_000;
/** The journal of a visit is kept for so long at least (the schema holds it, too: migration 3), ms. */
export const journalKeptMs = 90 * 86_400_000;
/** Entries that one `forgetOld` removes at most: a moment's work beside a visit. */
export const journalForgetMax = 1_000;
/** Visits read at most by `list`. */
export const visitReadMax = 10_000;
/** Entries read at most by `journal`. */
export const journalReadMax = 10_000;

/**
 * The visit as it is now, and the journal of what happened in it. Synchronous; joins an outer transaction.
 * At most one visit is active (the schema holds it).
 */
export class VisitStore {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #ages: RecordAges;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#ages = new RecordAges({ db, table: 'visit_event', key: 'journal_ages', keptMs: journalKeptMs });
  }

  /**
   * Stores the new state and the event that led to it, both or neither. `event` null: no event, the state alone. `active`: to
   * be taken up after a restart.
   */
  save(
    visitId: string,
    state: unknown,
    event: { readonly type: string } | null,
    active: boolean,
  ): Result<void, StorageFailure> {
    const nowMs = this.#clock.nowMs();
    const stateJson = toJson(state);
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO visit (visit_id, state_json, active, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (visit_id) DO UPDATE SET state_json = excluded.state_json, active = excluded.active,
             updated_ms = excluded.updated_ms`,
        )
        .run(visitId, stateJson, active ? 1 : 0, nowMs, nowMs);
      if (event !== null) this.#addEvent(visitId, event);
      return ok();
    });
  }

  #addEvent(visitId: string, { type, ...data }: { readonly type: string }): void {
    this.#db
      .prepare('INSERT INTO visit_event (visit_id, at_ms, type, data_json) VALUES (?, ?, ?, ?)')
      .run(visitId, this.#clock.nowMs(), type, toJson(data));
  }

  /**
   * The visit that was running when the program ended, if any, when it was stored last (wall time), and the currency of its
   * charge. The caller parses the state; null: it is no JSON.
   */
  loadActive(): Result<StoredVisitRow | null, StorageFailure> {
    return this.#db.read(() => {
      const row = this.#db
        .prepare(
          `SELECT visit.visit_id, state_json, visit.updated_ms, currency FROM visit
             LEFT JOIN charge ON charge.visit_id = visit.visit_id WHERE active = 1 LIMIT 1`,
        )
        .first();
      if (row === undefined) return null;
      return {
        visitId: text(row['visit_id']) as VisitId,
        currency: currencySchema.nullable().catch(null).parse(row['currency']),
        state: fromJson(row['state_json']),
        savedAtMs: Number(row['updated_ms']),
      };
    });
  }

  /** A visit that cannot be read is not taken up again. What is stored of it stays as it is, for a human. */
  quarantine(visitId: string): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db.prepare('UPDATE visit SET active = 0 WHERE visit_id = ?').run(visitId);
      this.#addEvent(visitId, { type: 'quarantined' });
      return ok();
    });
  }

  /**
   * Removes what is older than `journalKeptMs` and belongs to a visit that has ended, whose charge is paid or voided, and about
   * which no dispute is on its way: first the entries of its journal, then the visit. `nowMs`: wall time that is not ahead
   * of the true one. `agedSeq`: beyond this entry none goes. Answers how many rows; from `journalForgetMax` on there may
   * be more.
   */
  forgetOld(nowMs = this.#clock.nowMs(), agedSeq = Number.MAX_SAFE_INTEGER): Result<number, StorageFailure> {
    return this.#db.transaction(() => {
      const newest = this.#db.prepare('SELECT at_ms FROM visit_event ORDER BY seq DESC LIMIT 1').first();
      const stamps = stampValues(nowMs, newest === undefined ? null : Number(newest['at_ms']), journalKeptMs);
      const entries = this.#db
        .prepare(
          `DELETE FROM visit_event WHERE seq IN (
             SELECT seq FROM visit_event AS old WHERE seq <= ? AND ${isOldByStamp('at_ms')}
               AND NOT EXISTS (SELECT 1 FROM visit WHERE visit_id = old.visit_id AND active = 1)
               AND ${nothingHangsOn('old.visit_id')}
             ORDER BY seq LIMIT ?)`,
        )
        .run(agedSeq, ...stamps, journalForgetMax);
      const visits = this.#db
        .prepare(
          `DELETE FROM visit WHERE visit_id IN (
             SELECT visit_id FROM visit AS old WHERE ${isOldByStamp('updated_ms')} AND active = 0
               AND NOT EXISTS (SELECT 1 FROM visit_event WHERE visit_id = old.visit_id)
               AND ${nothingHangsOn('old.visit_id')}
             ORDER BY updated_ms LIMIT ?)`,
        )
        .run(...stamps, journalForgetMax);
      return ok(entries + visits);
    });
  }

  /** Up to which entry the journals are surely so old that they may go (record-ages.ts); 0: none. `nowMs`: the operator's. */
  agedSeq(nowMs: number): Result<number, StorageFailure> {
    return this.#ages.agedSeq(nowMs);
  }

  /** The members of whom a journal says that a visit began by their face. */
  membersByFace(): Result<string[], StorageFailure> {
    return this.#db.read(() =>
      this.#db
        .prepare(`SELECT DISTINCT ${memberOfFace} AS member_id FROM visit_event WHERE type = 'faceAccepted'`)
        .all()
        .flatMap(({ member_id: memberId }) => (typeof memberId === 'string' ? [memberId] : [])),
    );
  }

  /**
   * Takes out of the journals how the visits of this member began before that moment (wall time), by face or by code alike: so
   * that what is missing does not say it either. What happened in them stays. Not of a visit that is under way. How many
   * visits.
   */
  forgetBeginnings(memberId: string, beforeMs: number): Result<number, StorageFailure> {
    return this.#db.transaction(() => {
      const visits = this.#db
        .prepare(
          `SELECT visit_id, state_json FROM visit WHERE active = 0 AND beginning_gone = 0 AND visit_id IN (
             SELECT visit_id FROM visit_event WHERE type = 'faceAccepted' AND ${memberOfFace} = ? AND at_ms < ?
             UNION SELECT visit_id FROM charge WHERE member_id = ? AND opened_ms < ?)`,
        )
        .all(memberId, beforeMs, memberId, beforeMs);
      for (const { visit_id: visitId, state_json: stateJson } of visits) {
        const state = withoutRecognised(fromJson(stateJson));
        this.#db
          .prepare(
            'UPDATE visit SET beginning_gone = 1, state_json = COALESCE(?, state_json) WHERE visit_id = ?',
          )
          // One that cannot be read stays as it is, for a human.
          .run(state === null ? null : toJson(state), text(visitId));
        this.#db
          .prepare(
            `DELETE FROM visit_event WHERE visit_id = ? AND type IN ('${journalStart}', 'faceAccepted', 'codeScanned')`,
          )
          .run(text(visitId));
      }
      return ok(visits.length);
    });
  }

  /** The visits on record, the latest first; `visitReadMax` at most. */
  list(): Result<{ visitId: string; state: unknown }[], StorageFailure> {
    return this.#db.read(() =>
      this.#db
        .prepare('SELECT visit_id, state_json FROM visit ORDER BY created_ms DESC, visit_id LIMIT ?')
        .all(visitReadMax)
        .map((row) => ({ visitId: text(row['visit_id']), state: fromJson(row['state_json']) })),
    );
  }

  /** What happened in a visit, in order. */
  journal(visitId: string): Result<JournalEntry[], StorageFailure> {
    return this.#db.read(() =>
      this.#db
        .prepare(
          'SELECT seq, at_ms, type, data_json FROM visit_event WHERE visit_id = ? ORDER BY seq LIMIT ?',
        )
        .all(visitId, journalReadMax)
        .map((row) => ({
          seq: Number(row['seq']),
          atMs: Number(row['at_ms']),
          type: text(row['type']),
          data: fromJson(row['data_json']),
        })),
    );
  }
}

/** SQL: as the index of migration 16 has it. */
const memberOfFace = `json_extract(data_json, '$.memberId')`;

/** A stored visit that does not say whose face was recognised; of its first version, too. */
function withoutRecognised(state: unknown): unknown {
  if (typeof state !== 'object' || state === null || !('context' in state)) return state;
  const { context } = state;
  if (typeof context !== 'object' || context === null) return state;
  const names = ['recognisedMemberId', 'faceOf', 'admission'].filter((name) => name in context);
  return { ...state, context: { ...context, ...Object.fromEntries(names.map((name) => [name, null])) } };
}

/** SQL: its charge, if it has one, is done, and no dispute about it is on its way. */
function nothingHangsOn(visitId: string): string {
  return `NOT EXISTS (SELECT 1 FROM charge WHERE visit_id = ${visitId} AND state NOT IN ('paid', 'voided'))
    AND NOT EXISTS (SELECT 1 FROM dispute JOIN charge ON charge.charge_id = dispute.charge_id
      WHERE charge.visit_id = ${visitId} AND dispute.next_attempt_ms IS NOT NULL)`;
}

function toJson(value: unknown): string {
  // JSON.stringify gives undefined for undefined, which its type does not say.
  const json = JSON.stringify(value) as string | undefined;
  assert(
    json !== undefined && json.length <= visitJsonMaxLength,
    'a visit record that is none, or too large',
  );
  return json;
}

function fromJson(value: unknown): unknown {
  try {
    return JSON.parse(text(value));
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  assert(typeof value === 'string', 'a text column without a text');
  return value;
}
