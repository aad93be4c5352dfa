import type { VisitId } from '../../shared/ids.ts';
import { offlineListMax } from '../../shared/model/offline-policy.ts';
import { type OfflinePolicy, offlinePolicySchema } from '../../shared/model/offline-policy.schema.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, StorageFailure } from './database.ts';
import { fromJson } from './json-text.ts';

export interface KeptPolicy {
  readonly etag: string | null;
  readonly policy: OfflinePolicy;
}

/** Of those whom the operator has refused since its last policy so many are kept at most, the latest: as many as a policy names. */
export const deniedMax = offlineListMax;
/** Codes of more than a minute: one opens the door every few seconds at most. */
export const usedCodesMax = 1_000;

/**
 * What opening while offline goes by, over restarts (docs/payments.md#opening-while-offline). Times are the operator's, ms.
 * Each method is one transaction, durable when it returns ok.
 */
export class OfflineStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** Null when there is none, or none that this version can read: it is fetched again anyway. */
  policy(): Result<KeptPolicy | null, StorageFailure> {
    return this.#db.read(() => {
      const row = this.#db
        .prepare('SELECT etag, policy_json FROM offline_policy WHERE id = 1 LIMIT 1')
        .first();
      const policy = offlinePolicySchema.safeParse(fromJson(row?.['policy_json']));
      if (!policy.success) return null;
      const etag = row?.['etag'];
      return { etag: typeof etag === 'string' ? etag : null, policy: policy.data };
    });
  }

  /**
   * Takes the place of the one before, whose version must not be higher; with it the operator has said anew who is denied,
   * so that what it had said until then counts no more.
   */
  keepPolicy({ etag, policy }: KeptPolicy): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO offline_policy (id, version, etag, policy_json) VALUES (1, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET version = excluded.version, etag = excluded.etag,
             policy_json = excluded.policy_json`,
        )
        .run(policy.version, etag, JSON.stringify(policy));
      this.#db.prepare('DELETE FROM offline_denied WHERE at_ms <= ?').run(policy.issuedAtMs);
      return ok();
    });
  }

  /** The operator lets nobody open offline. */
  forgetPolicy(): Result<void, StorageFailure> {
    return this.#write('DELETE FROM offline_policy');
  }

  /** The operator has said no to this member: so it stays until it says yes, or hands out a policy that it made later. */
  deny(memberId: string, atMs: number): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO offline_denied (member_id, at_ms) VALUES (?, ?)
           ON CONFLICT (member_id) DO UPDATE SET at_ms = MAX(at_ms, excluded.at_ms)`,
        )
        .run(memberId, atMs);
      this.#db
        .prepare(
          `DELETE FROM offline_denied WHERE member_id IN (
             SELECT member_id FROM offline_denied ORDER BY at_ms DESC LIMIT -1 OFFSET ?)`,
        )
        .run(deniedMax);
      return ok();
    });
  }

  /** The operator has said yes to this member. */
  allow(memberId: string): Result<void, StorageFailure> {
    return this.#write('DELETE FROM offline_denied WHERE member_id = ?', memberId);
  }

  isDenied(memberId: string): Result<boolean, StorageFailure> {
    const sql = 'SELECT 1 FROM offline_denied WHERE member_id = ? LIMIT 1';
    return this.#db.read(() => this.#db.prepare(sql).first(memberId) !== undefined);
  }

  /** By which visit this code was used up here, or at the operator by its answer; null: by none that is on record. */
  codeUsedBy(nonce: string): Result<string | null, StorageFailure> {
    return this.#db.read(() => {
      const row = this.#db.prepare('SELECT visit_id FROM used_code WHERE nonce = ? LIMIT 1').first(nonce);
      const visitId = row?.['visit_id'];
      return typeof visitId === 'string' ? visitId : null;
    });
  }

  /**
   * The code is used up by this visit. What could not be shown any more before `deadBeforeMs` goes: a code is refused for its
   * time from then on.
   */
  useCode(
    code: { readonly nonce: string; readonly expiresAtMs: number },
    visitId: VisitId,
    deadBeforeMs: number,
  ): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM used_code WHERE expires_ms < ?').run(deadBeforeMs);
      this.#db
        .prepare(
          `DELETE FROM used_code WHERE nonce IN (
             SELECT nonce FROM used_code ORDER BY expires_ms DESC LIMIT -1 OFFSET ?)`,
        )
        .run(usedCodesMax - 1);
      this.#db
        .prepare(
          'INSERT INTO used_code (nonce, visit_id, expires_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        )
        .run(code.nonce, visitId, code.expiresAtMs);
      return ok();
    });
  }

  #write(sql: string, ...values: string[]): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db.prepare(sql).run(...values);
      return ok();
    });
  }
}
