import { timingSafeEqual } from 'node:crypto';
import { type FaceCapacityLevel, capacityLevel } from '../../core/identity/face-capacity.ts';
import type { FaceTemplate } from '../../core/identity/face-match.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import { enrolmentIdSchema } from '../../shared/ids.schema.ts';
import { type FaceRecord, faceRecordSchema } from '../../shared/model/face-view.schema.ts';
import { descriptorLengths } from '../../shared/model/face.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type Database, type Row, type StorageFailure, openDatabase } from '../storage/database.ts';
import { encryptFace, decryptDigits, decryptTemplate, vaultKeys } from './face-encryption.ts';
import { vaultMigrations } from './vault-schema.ts';
import { WithdrawalOutbox, enrolmentPendingMs } from './withdrawal-outbox.ts';

export const vaultFileName = 'faces.db';
const dayMs = 86_400_000;
/** Up to this all of its pages are checked at open: nothing else reads them all. */
const vaultCheckMaxBytes = 64 * 1024 * 1024;
/** The law's three years, as the schema holds them. */
const recordKeptMs = 1_096 * dayMs;
type VaultFact = 'erase_due' | 'people_ever' | 'clocks_differ_since' | 'operator_seen_at';
/** The cabinet's clock and the operator's may differ by this much for one of them to be believed. */
const clockSkewMaxMs = dayMs;
/**
 * So long apart, neither has jumped for a moment: the operator's counts. Its own time has jumped when it goes on by more
 * than that between two looks: a cabinet that is off for a night, or a few, is no jump.
 */
export const clocksDifferMaxMs = 7 * dayMs;
/** Faces, and entries of the record, that one `expire` deletes at most. */
export const expireMax = 200;

/**
 * `vault.full`: too many people for this cabinet; `vault.not_enrolled`: nobody of that name is there;
 * `vault.clock_doubtful`: two clocks disagree, so nothing was deleted for its age.
 */
export type VaultFailure =
  StorageFailure | Failure<'vault.full' | 'vault.not_enrolled' | 'vault.clock_doubtful'>;

export interface VaultOptions {
  readonly path: string;
  /** `Secrets.vaultKeyHex`. */
  readonly vaultKeyHex: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For the test that looks for a person's bytes in the files: they would be hidden in any case. */
  readonly plainFile?: true;
}

export interface FaceInfo {
  readonly enrolledAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly consentVersion: string;
  /** The last four digits of the phone are known. */
  readonly hasDigits: boolean;
}

export interface VaultCount {
  readonly enrolled: number;
  /** People who have ever been enrolled here, also those who are gone. */
  readonly ever: number;
  readonly level: FaceCapacityLevel;
  /** Rows that cannot be read: those people are strangers until they enrol again. */
  readonly damaged: number;
}

/** Consents as numbers, of nobody by name. */
export interface ConsentCount {
  /** In force, to the text of today. */
  readonly present: number;
  /** In force, to an earlier text. */
  readonly earlier: number;
  /** Withdrawn, deleted or run out, as far as the record goes back (three years). */
  readonly ended: number;
}

/**
 * The faces of this cabinet's members, in a file of their own under a key of their own: what copies, reports on or updates
 * the rest never meets them. Every template is sealed under its person's data key; in the clear they exist only in the
 * memory of main. What happens to them is on record in the same file and transaction.
 */
export class FaceVault {
  /** Faces that are gone, as far as the operator does not know it yet. */
  readonly withdrawals: WithdrawalOutbox;
  readonly #db: Database;
  readonly #wrappingKey: Uint8Array;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners: Listeners;
  #gallery: readonly FaceTemplate[] | null = null;
  #damaged = 0;

  private constructor(db: Database, wrappingKey: Uint8Array, { clock, logger }: VaultOptions) {
    this.#db = db;
    this.withdrawals = new WithdrawalOutbox(db);
    this.#wrappingKey = wrappingKey;
    this.#clock = clock;
    this.#logger = logger;
    this.#listeners = new Listeners(clock);
  }

  /** Opens or makes the file, and finishes a clean-up that the power cut short. */
  static open(options: VaultOptions): Result<FaceVault, VaultFailure> {
    const { fileKeyHex, wrappingKey } = vaultKeys(options.vaultKeyHex);
    const db = openDatabase({
      path: options.path,
      clock: options.clock,
      logger: options.logger,
      keyHex: options.plainFile === true ? null : fileKeyHex,
      migrations: vaultMigrations,
      checkMaxBytes: vaultCheckMaxBytes,
      secureDelete: true,
    });
    if (!db.ok) return db;
    const vault = new FaceVault(db.value, wrappingKey, options);
    vault.#eraseIfDue();
    return ok(vault);
  }

  /** The file has failed, and nothing is read or kept until it is opened anew. */
  get isBroken(): boolean {
    return this.#db.isBroken;
  }

  close(): Result<void, VaultFailure> {
    for (const face of this.#gallery ?? []) face.centroid.fill(0);
    this.#gallery = null;
    this.#wrappingKey.fill(0);
    return this.#db.close();
  }

  /** Everybody, to compare with. Read once; a row that is damaged is left out and counted. Empty when the file fails. */
  gallery(): readonly FaceTemplate[] {
    if (this.#gallery !== null) return this.#gallery;
    const rows = this.#db.read(() =>
      this.#db.prepare('SELECT member_id, model, wrapped_key, template FROM face').all(),
    );
    if (!rows.ok) {
      this.#logger.error('vault.not_read', { error: rows.error });
      return [];
    }
    const templates = rows.value.map((row) => this.#templateOf(row));
    this.#gallery = templates.filter((template) => template !== null);
    this.#damaged = templates.length - this.#gallery.length;
    if (this.#damaged > 0) this.#logger.error('vault.rows_damaged', { count: this.#damaged });
    return this.#gallery;
  }

  /**
   * Keeps a person's face, in the place of an earlier one. Digits that are not four are not kept. `atMs`: the best known
   * wall time (the operator's, where it is known), from which its age counts.
   */
  put(face: {
    readonly template: FaceTemplate;
    readonly phoneDigits: string | null;
    readonly consentVersion: string;
    /** As the operator has it; left out: the operator was not asked. */
    readonly enrolmentId?: EnrolmentId;
    readonly atMs: number;
  }): Result<void, VaultFailure> {
    const { template, consentVersion, enrolmentId = null, atMs } = face;
    const { memberId, model, centroid } = template;
    if (centroid.length !== descriptorLengths[model]) throw new TypeError('a template of a wrong length');
    const digits = /^\d{4}$/.test(face.phoneDigits ?? '') ? face.phoneDigits : null;
    const encrypted = encryptFace(this.#wrappingKey, template, digits);
    const done = this.#db.transaction((): Result<void, VaultFailure> => {
      const replaced = this.#delete(memberId);
      if (!replaced && capacityLevel(this.#number('SELECT COUNT(*) FROM face')) === 'full') {
        return fail('vault.full', 'no more people may be enrolled here');
      }
      if (!replaced && !this.#wasEnrolled(memberId)) this.#set('people_ever', this.#fact('people_ever') + 1);
      this.#db
        .prepare(
          `INSERT INTO face (member_id, model, wrapped_key, template, phone_digits, consent_version, enrolled_ms,
             enrolment_id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          ...[
            memberId,
            model,
            encrypted.wrappedKey,
            encrypted.template,
            encrypted.phoneDigits,
            consentVersion,
            atMs,
            enrolmentId,
          ],
        );
      if (enrolmentId !== null) this.withdrawals.remove(enrolmentId);
      this.#note(memberId, 'enrolled', atMs, null);
      return ok();
    });
    if (!done.ok) return done;
    this.#forget([memberId]);
    if (this.#gallery !== null)
      this.#gallery = [...this.#gallery, { ...template, centroid: centroid.slice() }];
    this.#eraseIfDue();
    this.#listeners.emit();
    return ok();
  }

  /** Of the member's face, as the operator has it; null: it is from before, or there is none. */
  enrolmentOf(memberId: string): EnrolmentId | null {
    const row = this.#db.read(() =>
      this.#db.prepare('SELECT enrolment_id FROM face WHERE member_id = ? LIMIT 1').first(memberId),
    );
    const known = enrolmentIdSchema.safeParse(row.ok ? row.value?.['enrolment_id'] : null);
    return known.success ? known.data : null;
  }

  /**
   * Before the operator is asked to enrol: when no face comes of it, for whatever reason, the operator is told so. `nowMs`: the
   * operator's time as far as it is known.
   */
  prepareEnrolment(memberId: string, enrolmentId: EnrolmentId, nowMs: number): Result<void, VaultFailure> {
    return this.#db.transaction((): Result<void, VaultFailure> => {
      this.withdrawals.add(memberId, enrolmentId, nowMs + enrolmentPendingMs);
      return ok();
    });
  }

  /** No face comes of it: the operator is told now. When that cannot be written down, it is told a little later. */
  abandonEnrolment(enrolmentId: EnrolmentId): void {
    const done = this.#db.transaction((): Result<void, VaultFailure> => {
      this.withdrawals.hasten(enrolmentId);
      return ok();
    });
    if (!done.ok) this.#logger.error('vault.enrolment_not_abandoned', { error: done.error });
    this.#listeners.emit();
  }

  /** Null: there is no face of this member. */
  info(memberId: string): Result<FaceInfo | null, VaultFailure> {
    return this.#db.read(() => {
      const row = this.#db
        .prepare(
          `SELECT enrolled_ms, last_used_ms, consent_version, phone_digits IS NOT NULL AS has_digits
           FROM face WHERE member_id = ? LIMIT 1`,
        )
        .first(memberId);
      if (row === undefined) return null;
      return {
        enrolledAtMs: Number(row['enrolled_ms']),
        lastUsedAtMs: row['last_used_ms'] === null ? null : Number(row['last_used_ms']),
        consentVersion: String(row['consent_version']),
        hasDigits: row['has_digits'] === 1,
      };
    });
  }

  /** Are these the last four digits of the member's phone? Takes as long for wrong ones; false when there are none. */
  digitsAre(memberId: string, digits: string): boolean {
    const row = this.#db.read(() =>
      this.#db
        .prepare('SELECT model, wrapped_key, phone_digits FROM face WHERE member_id = ? LIMIT 1')
        .first(memberId),
    );
    if (!row.ok || row.value === undefined) return false;
    const { model, wrapped_key: key, phone_digits: encrypted } = row.value;
    const known = decryptDigits(this.#wrappingKey, memberId, String(model), {
      wrappedKey: bytesOf(key),
      phoneDigits: encrypted === null ? null : bytesOf(encrypted),
    });
    const said = Buffer.from(digits);
    return known !== null && known.length === said.length && timingSafeEqual(known, said);
  }

  /** The member came in by face: on record, and the time until the face expires begins anew. */
  touch(memberId: string, atMs: number): Result<void, VaultFailure> {
    return this.#db.transaction((): Result<void, VaultFailure> => {
      const changed = this.#db
        .prepare('UPDATE face SET last_used_ms = MAX(COALESCE(last_used_ms, 0), ?) WHERE member_id = ?')
        .run(atMs, memberId);
      if (changed === 0) return fail('vault.not_enrolled', 'no such face');
      this.#note(memberId, 'used', atMs, null);
      return ok();
    });
  }

  /**
   * Deletes a member's face and its key, and then what the files still hold of it. Ok also when there was none, and when only
   * the second step failed: that is tried again at the next start and at every `expire`. `atMs`: the best known wall time.
   */
  withdraw(memberId: string, atMs: number): Result<void, VaultFailure> {
    const done = this.#db.transaction((): Result<void, VaultFailure> => {
      const enrolmentId = this.enrolmentOf(memberId);
      if (this.#delete(memberId)) {
        this.#note(memberId, 'withdrawn', atMs, null);
        this.withdrawals.add(memberId, enrolmentId, 0);
      }
      return ok();
    });
    if (!done.ok) return done;
    this.#forget([memberId]);
    this.#eraseIfDue();
    this.#listeners.emit();
    return ok();
  }

  /** Deletes the faces of all, as `withdraw` does each: how many. What a power cut leaves is as whole as it was. */
  withdrawAll(atMs: number): Result<number, VaultFailure> {
    for (let count = 0; ;) {
      const gone = this.#withdrawSome(atMs);
      if (!gone.ok) return gone;
      count += gone.value;
      if (gone.value < expireMax) return ok(count);
    }
  }

  /** What is gone is known no more, whatever becomes of the next part. */
  #withdrawSome(atMs: number): Result<number, VaultFailure> {
    const gone: string[] = [];
    const done = this.#db.transaction((): Result<void, VaultFailure> => {
      const rows = this.#db.prepare('SELECT member_id FROM face LIMIT ?').all(expireMax);
      for (const row of rows) {
        const memberId = String(row['member_id']);
        const enrolmentId = this.enrolmentOf(memberId);
        this.#delete(memberId);
        this.#note(memberId, 'withdrawn', atMs, null);
        this.withdrawals.add(memberId, enrolmentId, 0);
        gone.push(memberId);
      }
      return ok();
    });
    if (!done.ok) return done;
    this.#forget(gone);
    // Writing the file anew takes long: once, when all are gone.
    if (gone.length < expireMax) this.#eraseIfDue();
    if (gone.length > 0) this.#listeners.emit();
    return ok(gone.length);
  }

  /**
   * Deletes whoever has not come for `days`, and records that have been kept long enough, at most `expireMax` of each;
   * how many faces went (`expireMax`: there may be more). To be called now and then. Age is judged by the operator's time
   * (null: it has not told), once it agrees with the cabinet's within a day or has gone on for `clocksDifferMaxMs` by
   * itself: a clock that has jumped for a while must not delete everybody, and one that stays wrong keeps nobody.
   */
  expire(operatorNowMs: number | null, days: number): Result<number, VaultFailure> {
    const isTold = operatorNowMs !== null && Number.isFinite(operatorNowMs);
    const isTimeSure = isTold ? this.#isTimeSure(operatorNowMs) : ok(false);
    if (!isTimeSure.ok) return isTimeSure;
    if (!isTold || !isTimeSure.value) {
      this.#eraseIfDue();
      const clockAheadMs = isTold ? this.#clock.nowMs() - operatorNowMs : null;
      this.#logger.warn('vault.expiry_put_off', { clockAheadMs });
      return fail('vault.clock_doubtful', 'the clocks of cabinet and operator do not agree');
    }
    const gone: string[] = [];
    const done = this.#db.transaction((): Result<void, VaultFailure> => {
      const latestMs = operatorNowMs + clockSkewMaxMs;
      // Times out of the future are of a clock that was wrong then: from now on they count as now.
      this.#db
        .prepare('UPDATE face SET last_used_ms = ? WHERE MAX(enrolled_ms, COALESCE(last_used_ms, 0)) > ?')
        .run(operatorNowMs, latestMs);
      this.#db.prepare('UPDATE face SET enrolled_ms = ? WHERE enrolled_ms > ?').run(operatorNowMs, latestMs);
      const rows = this.#db
        .prepare('SELECT member_id FROM face WHERE MAX(enrolled_ms, COALESCE(last_used_ms, 0)) <= ? LIMIT ?')
        .all(operatorNowMs - days * dayMs, expireMax);
      for (const row of rows) {
        const memberId = String(row['member_id']);
        this.withdrawals.add(memberId, this.enrolmentOf(memberId), 0);
        this.#delete(memberId);
        this.#note(memberId, 'expired', operatorNowMs, null);
        gone.push(memberId);
      }
      // The newest entry is the schema's measure; after a time in the future it is not ours.
      this.#db
        .prepare(
          `DELETE FROM face_record WHERE record_id IN (
             SELECT record_id FROM face_record WHERE at_ms <= MIN(?, (SELECT MAX(at_ms) FROM face_record)) - ?
             LIMIT ?)`,
        )
        .run(operatorNowMs, recordKeptMs, expireMax);
      return ok();
    });
    if (!done.ok) return done;
    if (gone.length > 0) this.#logger.info('vault.expired', { count: gone.length });
    this.#forget(gone);
    // Writing the file anew takes long: once, when all are gone.
    if (gone.length < expireMax) this.#eraseIfDue();
    if (gone.length > 0) this.#listeners.emit();
    return ok(gone.length);
  }

  /**
   * Since when the clocks differ is by the operator's time, and by that alone: a jump of its own begins anew. How much they
   * differ says nothing: the clock of a machine without a battery begins at the same date each morning.
   */
  #isTimeSure(operatorNowMs: number): Result<boolean, VaultFailure> {
    const nowMs = Math.round(operatorNowMs);
    return this.#db.transaction((): Result<boolean, VaultFailure> => {
      const sinceMs = this.#fact('clocks_differ_since');
      if (Math.abs(nowMs - this.#clock.nowMs()) <= clockSkewMaxMs) {
        if (sinceMs !== 0) this.#set('clocks_differ_since', 0);
        return ok(true);
      }
      const wentOnMs = nowMs - this.#fact('operator_seen_at');
      const isKnown = sinceMs > 0 && wentOnMs >= -clockSkewMaxMs && wentOnMs <= clocksDifferMaxMs;
      if (!isKnown) this.#set('clocks_differ_since', nowMs);
      this.#set('operator_seen_at', nowMs);
      return ok(isKnown && nowMs - sinceMs >= clocksDifferMaxMs);
    });
  }

  /** Puts on record what this class does not see by itself. `atMs`: the best known wall time. */
  record(
    memberId: string,
    { kind, consentVersion, atMs }: Pick<FaceRecord, 'kind' | 'consentVersion' | 'atMs'>,
  ): Result<void, VaultFailure> {
    return this.#db.transaction((): Result<void, VaultFailure> => {
      this.#note(memberId, kind, atMs, consentVersion);
      return ok();
    });
  }

  /** What was done with a member's face: how many entries there are, and the newest of them first. */
  records(
    memberId: string,
    countMax: number,
  ): Result<{ count: number; newest: readonly FaceRecord[] }, VaultFailure> {
    return this.#db.read(() => {
      const rows = this.#db
        .prepare(
          `SELECT kind, at_ms, consent_version FROM face_record WHERE member_id = ?
           ORDER BY record_id DESC LIMIT ?`,
        )
        .all(memberId, countMax);
      const newest = rows.map((row) =>
        faceRecordSchema.parse({
          kind: row['kind'],
          atMs: row['at_ms'],
          consentVersion: row['consent_version'],
        }),
      );
      return {
        count: this.#number('SELECT COUNT(*) FROM face_record WHERE member_id = ?', memberId),
        newest,
      };
    });
  }

  /** Called when people have come or gone; also when one has enrolled anew. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** How many people are enrolled; without their faces being read. */
  enrolledCount(): Result<number, VaultFailure> {
    return this.#db.read(() => this.#number('SELECT COUNT(*) FROM face'));
  }

  count(): Result<VaultCount, VaultFailure> {
    return this.#db.read(() => {
      const enrolled = this.#number('SELECT COUNT(*) FROM face');
      this.gallery();
      return {
        enrolled,
        ever: this.#fact('people_ever'),
        level: capacityLevel(enrolled),
        damaged: this.#damaged,
      };
    });
  }

  /** A face that is kept has a consent: which text, and how many have ended. */
  consents(presentVersion: string): Result<ConsentCount, VaultFailure> {
    return this.#db.read(() => ({
      present: this.#number('SELECT COUNT(*) FROM face WHERE consent_version = ?', presentVersion),
      earlier: this.#number('SELECT COUNT(*) FROM face WHERE consent_version <> ?', presentVersion),
      ended: this.#number("SELECT COUNT(*) FROM face_record WHERE kind IN ('withdrawn', 'expired')"),
    }));
  }

  #templateOf(row: Row): FaceTemplate | null {
    return decryptTemplate(this.#wrappingKey, String(row['member_id']), String(row['model']), {
      wrappedKey: bytesOf(row['wrapped_key']),
      template: bytesOf(row['template']),
    });
  }

  /** Whether there was one. From here on until `#eraseIfDue` has done it, the files have to be cleaned. */
  #delete(memberId: string): boolean {
    const there = this.#db.prepare('DELETE FROM face WHERE member_id = ?').run(memberId) > 0;
    if (there) this.#set('erase_due', 1);
    return there;
  }

  #forget(memberIds: readonly string[]): void {
    if (this.#gallery === null || memberIds.length === 0) return;
    const gone = new Set(memberIds);
    for (const face of this.#gallery) if (gone.has(face.memberId)) face.centroid.fill(0);
    this.#gallery = this.#gallery.filter((face) => !gone.has(face.memberId));
  }

  #eraseIfDue(): void {
    const due = this.#db.read(() => this.#fact('erase_due') === 1);
    if (!due.ok || !due.value) return;
    const erased = this.#db.eraseDeleted();
    const noted = erased.ok
      ? this.#db.transaction((): Result<void, StorageFailure> => {
          this.#set('erase_due', 0);
          return ok();
        })
      : erased;
    if (!noted.ok) this.#logger.error('vault.erase_put_off', { error: noted.error });
  }

  #note(memberId: string, kind: FaceRecord['kind'], atMs: number, consentVersion: string | null): void {
    this.#db
      .prepare('INSERT INTO face_record (member_id, kind, at_ms, consent_version) VALUES (?, ?, ?, ?)')
      .run(memberId, kind, atMs, consentVersion);
  }

  #wasEnrolled(memberId: string): boolean {
    const sql = "SELECT COUNT(*) FROM face_record WHERE member_id = ? AND kind = 'enrolled'";
    return this.#number(sql, memberId) > 0;
  }

  #fact(name: VaultFact): number {
    return this.#number('SELECT value FROM vault_fact WHERE name = ? LIMIT 1', name);
  }

  #set(name: VaultFact, value: number): void {
    this.#db.prepare('UPDATE vault_fact SET value = ? WHERE name = ?').run(value, name);
  }

  #number(sql: string, ...values: string[]): number {
    const row = this.#db.prepare(sql).first(...values);
    return Number(Object.values(row ?? {})[0]);
  }
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array();
}
