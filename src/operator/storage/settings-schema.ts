import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

const timeMs = (name: string) => bigint(name, { mode: 'number' });

/** What was ordered of the settings of a cabinet (fleet/cabinet-settings.ts); the newest counts. */
export const cabinetSettings = pgTable(
  'cabinet_settings',
  {
    cabinetId: text('cabinet_id').notNull(),
    /** Rises over all cabinets; seconds since the epoch where that is more: so over a database that was put back, too. */
    version: timeMs('version').notNull(),
    /** The cabinet's own version that whoever ordered it had before them. */
    seenVersion: timeMs('seen_version').notNull(),
    /** JSON, as `settingsOrderSchema` has it. */
    changes: text('changes').notNull(),
    madeBy: text('made_by').notNull(),
    madeAtMs: timeMs('made_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.cabinetId, table.version] })],
);

/** The newest word of each cabinet about how it is (fleet/cabinet-states.ts). */
export const cabinetState = pgTable('cabinet_state', {
  cabinetId: text('cabinet_id').primaryKey(),
  /** JSON, as `stateReportSchema` has it. */
  body: text('body').notNull(),
  signedAtMs: timeMs('signed_at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
});

/** The newest word of each cabinet about its settings. */
export const cabinetSettingsReport = pgTable('cabinet_settings_report', {
  cabinetId: text('cabinet_id').primaryKey(),
  /** JSON, as `settingsReportSchema` has it. */
  body: text('body').notNull(),
  signedAtMs: timeMs('signed_at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
});
