import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, StorageFailure } from './database.ts';

/** Codes remembered at once; the soonest to expire go first (a code lives for a minute, so this is never met in use). */
export const memberCodesMax = 1000;

/** Which member codes were shown here and could still be shown again. */
export class MemberCodeStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** Remembers the nonce of a code until it expires: `seen` when it was here before. */
  remember(nonce: string, expiresMs: number, nowMs: number): Result<'new' | 'seen', StorageFailure> {
    return this.#db.transaction(() => {
      const db = this.#db;
      db.prepare('DELETE FROM member_code_seen WHERE expires_ms < ?').run(nowMs);
      const added = db
        .prepare(
          'INSERT INTO member_code_seen (nonce, expires_ms) VALUES (?, ?) ON CONFLICT (nonce) DO NOTHING',
        )
        .run(nonce, expiresMs);
      if (added === 0) return ok('seen');
      db.prepare(
        `DELETE FROM member_code_seen WHERE nonce IN
           (SELECT nonce FROM member_code_seen ORDER BY expires_ms DESC, nonce LIMIT -1 OFFSET ?)`,
      ).run(memberCodesMax);
      return ok('new');
    });
  }
}
