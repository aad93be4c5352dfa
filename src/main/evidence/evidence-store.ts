import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { chargeIdSchema, visitIdSchema } from '../../shared/ids.schema.ts';
import type { ChargeId, VisitId } from '../../shared/ids.ts';
import {
  type EvidenceReason,
  type MissingEvidence,
  type ShelfEvent,
  evidenceReasons,
  shelfEventSchema,
} from '../../shared/model/evidence.schema.ts';
import { type Result, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type Database, type Row, type StorageFailure, openDatabase } from '../storage/database.ts';
import { evidenceMigrations } from './evidence-schema.ts';

export const evidenceFileName = 'evidence.db';
/** All that is kept of one visit; what comes after it is counted and left out. */
export const visitBytesMax = 512 * 1024;
/** One part, as it is sent. */
export const partBytesMax = 40 * 1024;
const dayMs = 86_400_000;
/** Parts that one message has at most: they may be small. */
const partsOfMessageMax = 200;
/** Visits that one look for what is due takes up, beside those that are put off. */
const dueLookMax = 20;
/** Visits that one `forgetOld` deletes at most. */
export const forgetMax = 20;
/** What was deleted is on record for so long, and so often at most. */
const deletionKeptMs = 400 * dayMs;
const deletionsMax = 100_000;

/** As told parts: what cannot be read is told no more. */
const unreadableParts = Number.MAX_SAFE_INTEGER;

/** From the settings. */
export interface EvidenceLimits {
  readonly cleanDays: number;
  readonly flaggedDays: number;
  readonly disputedDays: number;
  readonly megabytesMax: number;
}

export interface EvidenceStoreOptions {
  readonly path: string;
  /** `Secrets.vaultKeyHex`; the file has a key of its own that is made of it. */
  readonly vaultKeyHex: string;
  readonly limits: EvidenceLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is to be told next of a visit: some of its parts in a row. */
export interface DueEvidence {
  readonly visitId: VisitId;
  readonly chargeId: ChargeId;
  readonly why: EvidenceReason;
  /** Number of the first of these parts, and of the first after them. */
  readonly part: number;
  readonly nextPart: number;
  readonly isLast: boolean;
  /** Events that were left out, because there was no more room for this visit. */
  readonly dropped: number;
  readonly events: readonly ShelfEvent[];
}

const eventsSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('no JSON');
      return z.NEVER;
    }
  })
  .pipe(z.array(shelfEventSchema));
const dueSchema = z.object({
  visit_id: visitIdSchema,
  charge_id: chargeIdSchema,
  why: z.enum(evidenceReasons),
  told_parts: z.number().int(),
  dropped: z.number().int(),
  parts: z.number().int(),
});

/**
 * What the shelf was seen to do, visit by visit, in a file and under a key of its own. Each method is one transaction, durable
 * when it returns ok: a power cut loses what was not appended yet, and nothing else. Money never waits for it.
 */
export class EvidenceStore {
  readonly #db: Database;
  readonly #limits: EvidenceLimits;
  readonly #logger: Logger;

  private constructor(db: Database, { limits, logger }: EvidenceStoreOptions) {
    this.#db = db;
    this.#limits = limits;
    this.#logger = logger;
  }

  static open(options: EvidenceStoreOptions): Result<EvidenceStore, StorageFailure> {
    const { path, vaultKeyHex, clock, logger } = options;
    const key = hkdfSync('sha256', Buffer.from(vaultKeyHex, 'hex'), '', `kaimen ${evidenceFileName}`, 32);
    const db = openDatabase({
      path,
      clock,
      logger,
      keyHex: Buffer.from(key).toString('hex'),
      migrations: evidenceMigrations,
      secureDelete: true,
    });
    return db.ok ? ok(new EvidenceStore(db.value, options)) : db;
  }

  /** Its file has failed: only opening it anew tells what is in it. */
  get isBroken(): boolean {
    return this.#db.isBroken;
  }

  close(): Result<void, StorageFailure> {
    return this.#db.close();
  }

  /** A visit begins, or goes on after a restart. Others without an end were cut off: somebody has to look at them. */
  begin(visitId: VisitId, chargeId: ChargeId, atMs: number): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#endOthers(visitId, atMs);
      this.#db
        .prepare('INSERT OR IGNORE INTO visit_evidence (visit_id, charge_id, began_ms) VALUES (?, ?, ?)')
        .run(visitId, chargeId, atMs);
      return ok();
    });
  }

  /** What was seen since, or what the last picture shows that came when the visit was over. Beyond `visitBytesMax` it is counted and left out. */
  append(visitId: VisitId, events: readonly ShelfEvent[]): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      const row = this.#db
        .prepare('SELECT bytes FROM visit_evidence WHERE visit_id = ? LIMIT 1')
        .first(visitId);
      let bytes = typeof row?.['bytes'] === 'number' ? row['bytes'] : visitBytesMax;
      let dropped = 0;
      for (const text of inParts(events)) {
        if (bytes + text.json.length > visitBytesMax) {
          dropped += text.count;
          continue;
        }
        bytes += text.json.length;
        this.#db
          .prepare(
            `INSERT INTO evidence_part (visit_id, part, events_json)
             VALUES (?, (SELECT COUNT(*) FROM evidence_part WHERE visit_id = ?), ?)`,
          )
          .run(visitId, visitId, text.json);
      }
      this.#db
        .prepare('UPDATE visit_evidence SET bytes = ?, dropped = dropped + ? WHERE visit_id = ?')
        .run(bytes, dropped, visitId);
      return ok();
    });
  }

  /** The visit is over; `why` null: nothing is wrong with it. */
  end(visitId: VisitId, why: EvidenceReason | null, atMs: number): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          'UPDATE visit_evidence SET ended_ms = ?, why = COALESCE(why, ?) WHERE visit_id = ? AND ended_ms IS NULL',
        )
        .run(atMs, why, visitId);
      return ok();
    });
  }

  /** The shopper has reported something of these charges. */
  disputed(chargeIds: readonly ChargeId[]): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      for (const chargeId of chargeIds)
        this.#db
          .prepare(`UPDATE visit_evidence SET why = 'disputed' WHERE charge_id = ? AND why IS NOT 'disputed'`)
          .run(chargeId);
      return ok();
    });
  }

  /**
   * People want to see what was seen in this visit, and the operator has not got all of it: from now on it is kept and told like
   * a disputed one. Null: it is here; else why nothing of it can be told.
   */
  wanted(visitId: VisitId): Result<MissingEvidence | null, StorageFailure> {
    return this.#db.transaction(() => {
      const row = this.#db
        .prepare(
          `SELECT ended_ms, told_parts, (SELECT COUNT(*) FROM evidence_part WHERE visit_id = ?) AS parts
           FROM visit_evidence WHERE visit_id = ? LIMIT 1`,
        )
        .first(visitId, visitId);
      if (row === undefined) return ok(this.#whyGone(visitId));
      const [told, parts] = [Number(row['told_parts']), Number(row['parts'])];
      if (told === unreadableParts) return ok<MissingEvidence>('unreadable');
      if (parts === 0 && row['ended_ms'] !== null) return ok<MissingEvidence>('nothing_seen');
      // An operator that was told all and has not got it has lost it since.
      const toldThen = told >= parts ? 0 : told;
      this.#db
        .prepare(
          `UPDATE visit_evidence SET why = 'disputed', told_parts = ?
           WHERE visit_id = ? AND (why IS NOT 'disputed' OR told_parts <> ?)`,
        )
        .run(toldThen, visitId, toldThen);
      return ok(null);
    });
  }

  #whyGone(visitId: VisitId): MissingEvidence {
    const deletion = this.#db
      .prepare('SELECT reason FROM evidence_deletion WHERE visit_id = ? ORDER BY deletion_id DESC LIMIT 1')
      .first(visitId);
    const reason = deletion?.['reason'];
    return reason === 'age' || reason === 'room' ? reason : 'not_kept';
  }

  /** What somebody needs and has not got; the oldest visit first, and not those `except`. What cannot be read is left out. */
  nextDue(except: ReadonlySet<VisitId>): Result<DueEvidence | null, StorageFailure> {
    return this.#db.transaction(() => {
      const rows = this.#db
        .prepare(
          `SELECT * FROM (SELECT visit_id, charge_id, began_ms, why, dropped, told_parts,
             (SELECT COUNT(*) FROM evidence_part AS p WHERE p.visit_id = v.visit_id) AS parts
           FROM visit_evidence AS v WHERE why IS NOT NULL AND ended_ms IS NOT NULL)
           WHERE told_parts < parts ORDER BY began_ms LIMIT ?`,
        )
        .all(except.size + dueLookMax);
      for (const row of rows) {
        const visitId = String(row['visit_id']);
        if (except.has(visitId as VisitId)) continue;
        const due = this.#dueOf(row);
        if (due !== null) return ok(due);
        this.#logger.error('evidence.unreadable', { visitId });
        this.#db
          .prepare('UPDATE visit_evidence SET told_parts = ? WHERE visit_id = ?')
          .run(unreadableParts, visitId);
      }
      return ok(null);
    });
  }

  /** As many parts as one message may have; null: they cannot be read. */
  #dueOf(row: Row): DueEvidence | null {
    const head = dueSchema.safeParse(row);
    if (!head.success) return null;
    const { visit_id: visitId, charge_id: chargeId, why, dropped, told_parts: part, parts } = head.data;
    const rows = this.#db
      .prepare('SELECT events_json FROM evidence_part WHERE visit_id = ? AND part >= ? ORDER BY part LIMIT ?')
      .all(visitId, part, partsOfMessageMax);
    const events: ShelfEvent[] = [];
    let [nextPart, length] = [part, 0];
    for (const { events_json: json } of rows) {
      length += String(json).length;
      if (nextPart > part && length > partBytesMax) break;
      const read = eventsSchema.safeParse(json);
      if (!read.success) return null;
      events.push(...read.data);
      nextPart++;
    }
    return { visitId, chargeId, why, part, nextPart, isLast: nextPart === parts, dropped, events };
  }

  /** The operator has these parts. */
  told({
    visitId,
    part,
    nextPart,
  }: Pick<DueEvidence, 'visitId' | 'part' | 'nextPart'>): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare('UPDATE visit_evidence SET told_parts = ? WHERE visit_id = ? AND told_parts = ?')
        .run(nextPart, visitId, part);
      return ok();
    });
  }

  /** Deletes what was kept long enough by this time; answers how many visits. What it deletes is on record. */
  forgetOld(nowMs: number): Result<number, StorageFailure> {
    const { cleanDays, flaggedDays, disputedDays } = this.#limits;
    return this.#db.transaction(() => {
      const aged = this.#db
        .prepare(
          `SELECT visit_id, why, bytes FROM visit_evidence WHERE ended_ms IS NOT NULL AND began_ms <= CASE
             WHEN why = 'disputed' THEN ? WHEN why = 'flagged' THEN ? ELSE ? END
           ORDER BY began_ms LIMIT ?`,
        )
        .all(...[disputedDays, flaggedDays, cleanDays].map((days) => nowMs - days * dayMs), forgetMax);
      for (const row of aged) this.#delete(row, 'age', nowMs);
      this.#db
        .prepare(
          `DELETE FROM evidence_deletion WHERE at_ms <= ?
             OR deletion_id <= (SELECT MAX(deletion_id) FROM evidence_deletion) - ?`,
        )
        .run(nowMs - deletionKeptMs, deletionsMax);
      return ok(aged.length);
    });
  }

  /**
   * Deletes what is more than there is room for, the oldest of what nobody asked for first, as `forgetOld` does. It asks for no
   * time that has to be true: a cabinet that has no network for months has a disk of an end, too.
   */
  makeRoom(atMs: number): Result<number, StorageFailure> {
    return this.#db.transaction(() => {
      const sum = this.#db.prepare('SELECT SUM(bytes) AS bytes FROM visit_evidence').first();
      let over = Number(sum?.['bytes'] ?? 0) - this.#limits.megabytesMax * 1024 * 1024;
      if (over <= 0) return ok(0);
      const oldest = this.#db
        .prepare(
          `SELECT visit_id, why, bytes FROM visit_evidence WHERE ended_ms IS NOT NULL
           ORDER BY CASE why WHEN 'disputed' THEN 2 WHEN 'flagged' THEN 1 ELSE 0 END, began_ms LIMIT ?`,
        )
        .all(forgetMax);
      let count = 0;
      for (const row of oldest) {
        if (over <= 0) break;
        this.#delete(row, 'room', atMs);
        over -= Number(row['bytes']);
        count++;
      }
      return ok(count);
    });
  }

  /** What was deleted, the newest first. */
  deletions(countMax: number): Result<readonly Row[], StorageFailure> {
    return this.#db.read(() =>
      this.#db
        .prepare(
          'SELECT visit_id, why, reason, bytes, at_ms FROM evidence_deletion ORDER BY deletion_id DESC LIMIT ?',
        )
        .all(countMax),
    );
  }

  #delete({ visit_id: visitId, why, bytes }: Row, reason: 'age' | 'room', nowMs: number): void {
    this.#db
      .prepare('INSERT INTO evidence_deletion (visit_id, why, reason, bytes, at_ms) VALUES (?, ?, ?, ?, ?)')
      .run(String(visitId), typeof why === 'string' ? why : null, reason, Number(bytes), nowMs);
    this.#db.prepare('DELETE FROM visit_evidence WHERE visit_id = ?').run(String(visitId));
    this.#logger.info('evidence.deleted', { visitId: String(visitId), reason });
  }

  #endOthers(visitId: VisitId, atMs: number): void {
    this.#db
      .prepare(
        `UPDATE visit_evidence SET ended_ms = ?, why = COALESCE(why, 'flagged')
         WHERE ended_ms IS NULL AND visit_id <> ?`,
      )
      .run(atMs, visitId);
  }
}

/** Events as JSON, none longer than a part may be. */
function inParts(events: readonly ShelfEvent[]): { json: string; count: number }[] {
  const parts: { json: string; count: number }[] = [];
  let [texts, length] = [[] as string[], 2];
  const close = (): void => {
    if (texts.length > 0) parts.push({ json: `[${texts.join(',')}]`, count: texts.length });
    [texts, length] = [[], 2];
  };
  for (const event of events) {
    const text = JSON.stringify(event);
    if (length + text.length + 1 > partBytesMax) close();
    texts.push(text);
    length += text.length + 1;
  }
  close();
  return parts;
}
