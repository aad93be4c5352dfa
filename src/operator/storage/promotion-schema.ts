import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Currency } from '../../shared/money.ts';

const timeMs = (name: string) => bigint(name, { mode: 'number' });

/** All promotions, as they were drawn up (fleet/promotions.ts); the newest counts. */
export const promotionVersion = pgTable('promotion_version', {
  /** Seconds since the epoch where that is more, so that it rises over a database that was put back, too. */
  version: timeMs('version').primaryKey(),
  /** JSON, as `promotionsSchema` has it. */
  promotions: text('promotions').notNull(),
  currency: text('currency').$type<Currency>().notNull(),
  timeZone: text('time_zone').notNull(),
  madeBy: text('made_by').notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
});

/** Since when, and until when, a cabinet was told that these are in force. */
export const promotionTold = pgTable(
  'promotion_told',
  {
    cabinetId: text('cabinet_id').notNull(),
    version: timeMs('version').notNull(),
    firstAtMs: timeMs('first_at_ms').notNull(),
    lastAtMs: timeMs('last_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.cabinetId, table.version] })],
);
