import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, StorageFailure } from './database.ts';

/**
 * The few facts that are one value each; the union is the list of them. `charge_ages`, `journal_ages`: since when what is
 * on record is there, by the operator's time (record-ages.ts); `dispute_drafts`: reports that were begun and not sent
 * (receipt/dispute-drafts.ts); `goods_in_doubt`: what is behind the shut door, in doubt after a
 * restart until it is heard (visit/goods-in-doubt.ts); `goods_looks`: what articles look like to the cameras inside, and how
 * those stood (goods/goods-memory.ts); `face_looks`, `wrong_digits`: how long ago looks at the camera came to
 * nothing, and digits were wrong (face/rate-limiter.ts); `lost_readings`: how many visits in a row had no final reading
 * (visit/lost-readings.ts); `opening_failed`: whether the last of the
 * `unseen_openings` was not taken by the lock; `operating_time`: for how long the program has run
 * (operating-clock.ts); `operator_time`: what the operator said last that it is, wall ms;
 * `service_code_used`: the last one-time code that was used (storage/service-store.ts); `service_log_begin`, `service_log_end`:
 * where the record of service mode begins and ends (service/service-log.ts); `service_maintenance`: who is at work;
 * `service_tests`: the last results of the self-tests (service/self-tests.ts);
 * `cooling`, `temperature_log`: whether it was too warm, and how warm it was (cooling/cooling-keeper.ts);
 * `device_usefulness`: in which visits devices were of use, with this version and before (updates/usefulness-keeper.ts);
 * `trends`: how the cabinet has fared for a week (trends/trend-log.ts);
 * `storage_probe`: written to see whether it can be;
 * `planogram_moves`: what stands elsewhere since the goods were accepted last (stock/plan-keeper.ts);
 * `promotions`: what the operator has drawn up for this cabinet (operator/promotion-sync.ts);
 * `settings_order`: what the operator wants the settings to be here (operator/cabinet-settings-sync.ts);
 * `update_order`: what the operator wants this cabinet to run (operator/update-order-sync.ts);
 * `update_postponed`: until when the staff has put an update off (updates/staff-wish.ts);
 * `unseen_openings`: after how many openings in a row the door was not seen open (devices/unseen-openings.ts);
 * `waiting_alarms`: those that are still to be told (operator/alarm-sender.ts).
 */
export type MetaKey =
  | 'charge_ages'
  | 'cooling'
  | 'device_usefulness'
  | 'dispute_drafts'
  | 'enrolled_public_key'
  | 'face_looks'
  | 'goods_in_doubt'
  | 'goods_looks'
  | 'planogram'
  | 'planogram_draft'
  | 'planogram_moves'
  | 'promotions'
  | 'restock'
  | 'journal_ages'
  | 'lost_readings'
  | 'opening_failed'
  | `opening_failed_${2 | 3 | 4}`
  | 'operating_time'
  | 'operator_time'
  | 'service_code_used'
  | 'service_log_begin'
  | 'service_log_end'
  | 'service_maintenance'
  | 'service_tests'
  | 'settings_order'
  | 'storage_probe'
  | 'temperature_log'
  | 'trends'
  | 'unseen_openings'
  | `unseen_openings_${2 | 3 | 4}`
  | 'update_order'
  | 'update_postponed'
  | 'waiting_alarms'
  | 'wrong_digits';

export class MetaStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  get(key: MetaKey): Result<string | null, StorageFailure> {
    return this.#db.read(() => {
      const value = this.#db.prepare('SELECT value FROM meta WHERE key = ? LIMIT 1').first(key)?.['value'];
      return typeof value === 'string' ? value : null;
    });
  }

  /** As `Database.ifUndone`. */
  ifUndone(undo: () => void): void {
    this.#db.ifUndone(undo);
  }

  set(key: MetaKey, value: string): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        )
        .run(key, value);
      return ok();
    });
  }
}
