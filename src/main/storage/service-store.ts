import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Maintenance } from '../../core/service/maintenance.ts';
import type { OwnPin } from '../../core/service/staff-list.ts';
import { type Throttle, noFailures, unreadable } from '../../core/service/throttle.ts';
import { staffListSchema } from '../../shared/model/service.schema.ts';
import type { StaffList } from '../../shared/model/service.schema.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, StorageFailure } from './database.ts';
import { fromJson } from './json-text.ts';
import { MetaStore } from './meta-store.ts';

export interface KeptStaffList {
  readonly etag: string | null;
  readonly list: StaffList;
}
/** What is tried: a PIN, or a one-time code. Each has waits of its own, so that a storm of PINs shuts out no code. */
export type ThrottleKind = 'pin' | 'code';

const throttleSchema = z.object({
  failure_count: z.number().int().min(0),
  wait_until_ms: z.number().int().min(0),
});
const maintenanceSchema = z.object({ by: z.string(), sinceMs: z.number() }).nullable();

/** What service mode knows over restarts. Each method is one transaction, durable when it returns ok. */
export class ServiceStore {
  readonly #db: Database;
  readonly #meta: MetaStore;
  constructor(db: Database) {
    this.#db = db;
    this.#meta = new MetaStore(db);
  }

  /** Null: there is none, or none that this version can read: it is fetched again anyway. */
  list(): Result<KeptStaffList | null, StorageFailure> {
    return this.#db.read(() => {
      const row = this.#db.prepare('SELECT etag, list_json FROM service_list WHERE id = 1 LIMIT 1').first();
      const list = staffListSchema.safeParse(fromJson(row?.['list_json']));
      if (!list.success) return null;
      const etag = row?.['etag'];
      return { etag: typeof etag === 'string' ? etag : null, list: list.data };
    });
  }

  /** Whoever is in the list no more loses the PIN that was set here, too. */
  keepList({ etag, list }: KeptStaffList): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO service_list (id, etag, list_json) VALUES (1, ?, ?)
           ON CONFLICT (id) DO UPDATE SET etag = excluded.etag, list_json = excluded.list_json`,
        )
        .run(etag, JSON.stringify(list));
      const versions = new Map(list.staff.map(({ staffNo, pinVersion }) => [staffNo, pinVersion]));
      for (const row of this.#db.prepare('SELECT staff_no, pin_version FROM service_pin LIMIT 1000').all()) {
        const version = versions.get(String(row['staff_no']));
        if (version === undefined || version > Number(row['pin_version']))
          this.#db.prepare('DELETE FROM service_pin WHERE staff_no = ?').run(String(row['staff_no']));
      }
      return ok();
    });
  }

  /** Perhaps another operator: nobody of the one before comes in any more. Codes that were used stay used (`usedSerial`). */
  forgetList(): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM service_list').run();
      this.#db.prepare('DELETE FROM service_pin').run();
      return ok();
    });
  }

  /** The PIN that this person has set here; null: none. */
  ownPin(staffNo: string): Result<OwnPin | null, StorageFailure> {
    return this.#db.read(() => {
      const sql = 'SELECT pin_hash, pin_version FROM service_pin WHERE staff_no = ? LIMIT 1';
      const row = this.#db.prepare(sql).first(staffNo);
      if (typeof row?.['pin_hash'] !== 'string') return null;
      return { pinHash: row['pin_hash'], pinVersion: Number(row['pin_version']) };
    });
  }

  setOwnPin(staffNo: string, { pinHash, pinVersion }: OwnPin, atMs: number): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO service_pin (staff_no, pin_hash, pin_version, set_ms) VALUES (?, ?, ?, ?)
           ON CONFLICT (staff_no) DO UPDATE SET pin_hash = excluded.pin_hash,
             pin_version = excluded.pin_version, set_ms = excluded.set_ms`,
        )
        .run(staffNo, pinHash, pinVersion, atMs);
      return ok();
    });
  }

  /**
   * `nowMs`: operating time. What is there and cannot be read counts as very many failures just now, and is written so: else
   * it would be just now for ever.
   */
  throttle(kind: ThrottleKind, nowMs: number): Result<Throttle, StorageFailure> {
    const kept = this.#throttle(kind);
    if (!kept.ok || kept.value !== 'unreadable') return kept as Result<Throttle, StorageFailure>;
    const throttle = unreadable(nowMs);
    const stored = this.setThrottle(kind, throttle);
    return stored.ok ? ok(throttle) : stored;
  }

  #throttle(kind: ThrottleKind): Result<Throttle | 'unreadable', StorageFailure> {
    return this.#db.read(() => {
      const sql = 'SELECT failure_count, wait_until_ms FROM service_throttle WHERE kind = ? LIMIT 1';
      const row = this.#db.prepare(sql).first(kind);
      if (row === undefined) return noFailures;
      const parsed = throttleSchema.safeParse(row);
      if (!parsed.success) return 'unreadable';
      return { failureCount: parsed.data.failure_count, waitUntilMs: parsed.data.wait_until_ms };
    });
  }

  setThrottle(kind: ThrottleKind, { failureCount, waitUntilMs }: Throttle): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO service_throttle (kind, failure_count, wait_until_ms) VALUES (?, ?, ?)
           ON CONFLICT (kind) DO UPDATE SET failure_count = excluded.failure_count,
             wait_until_ms = excluded.wait_until_ms`,
        )
        .run(kind, failureCount, Math.round(waitUntilMs));
      return ok();
    });
  }

  /**
   * Of the last one-time code under this key that was used here: the key is the operator's and this cabinet's, and codes of
   * another operator have numbers of their own. What cannot be read counts as if all were used.
   */
  usedSerial(codeKey: string): Result<number, StorageFailure> {
    const kept = this.#meta.get('service_code_used');
    if (!kept.ok) return kept;
    const used = (kept.value ?? '0').split(',').map((one) => /^(\d{1,9})(?: (\S+))?$/.exec(one));
    if (used.includes(null)) return ok(Number.MAX_SAFE_INTEGER);
    // One without a name was noted before keys were told apart: it counts for all.
    const ofKey = used.find((one) => one?.[2] === undefined || one[2] === nameOfKey(codeKey));
    return ok(Number(ofKey?.[1] ?? 0));
  }
  useSerial(codeKey: string, serial: number): Result<void, StorageFailure> {
    const kept = this.#meta.get('service_code_used');
    if (!kept.ok) return kept;
    const name = nameOfKey(codeKey);
    const others = (kept.value ?? '').split(',').filter((one) => one.includes(' ') && !one.endsWith(name));
    return this.#meta.set('service_code_used', [`${serial} ${name}`, ...others].slice(0, keysKept).join());
  }

  /** Somebody is at work, as far as is on record; what cannot be read is somebody who is not known. */
  maintenance(): Result<Maintenance | null, StorageFailure> {
    const kept = this.#meta.get('service_maintenance');
    if (!kept.ok) return kept;
    if (kept.value === null) return ok(null);
    const parsed = maintenanceSchema.safeParse(fromJson(kept.value));
    return ok(parsed.success ? parsed.data : { by: '?', sinceMs: 0 });
  }
  setMaintenance(maintenance: Maintenance | null): Result<void, StorageFailure> {
    return this.#meta.set('service_maintenance', JSON.stringify(maintenance));
  }
}

/** Of so many operators the codes that were used are known: codes are good for two days at most. */
const keysKept = 8;

/** By which a key is told from another, and that says nothing of it. */
function nameOfKey(codeKey: string): string {
  return createHash('sha256').update(`kaimen service code key\n${codeKey}`).digest('base64url').slice(0, 22);
}
