import { bigint, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

const timeMs = (name: string) => bigint(name, { mode: 'number' });

/** The newest word of each cabinet about its goods (fleet/stock.ts). */
export const cabinetStock = pgTable('cabinet_stock', {
  cabinetId: text('cabinet_id').primaryKey(),
  /** JSON, as `stockReportSchema` has it, without differences. */
  body: text('body').notNull(),
  signedAtMs: timeMs('signed_at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
});

/** Goods that were gone, or too many, between two counts of a cabinet. */
export const stockDifference = pgTable(
  'stock_difference',
  {
    cabinetId: text('cabinet_id').notNull(),
    differenceId: text('difference_id').notNull(),
    atMs: timeMs('at_ms').notNull(),
    sinceMs: timeMs('since_ms').notNull(),
    sku: text('sku').notNull(),
    expected: integer('expected').notNull(),
    counted: integer('counted').notNull(),
    /** Visits and staff who had the door meanwhile (JSON), the last of `betweenCount`. */
    between: text('between_ids').notNull(),
    betweenCount: integer('between_count').notNull(),
    receivedAtMs: timeMs('received_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.cabinetId, table.differenceId] })],
);

/** What is to stand in a cabinet (fleet/planograms.ts); the newest counts. */
export const planogram = pgTable(
  'planogram',
  {
    cabinetId: text('cabinet_id').notNull(),
    /** Seconds since the epoch where that is more, so that it rises over a database that was put back, too. */
    version: timeMs('version').notNull(),
    /** JSON, as `planSlotsSchema` has it. */
    slots: text('slots').notNull(),
    madeBy: text('made_by').notNull(),
    madeAtMs: timeMs('made_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.cabinetId, table.version] })],
);
