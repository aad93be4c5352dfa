import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';

const timeMs = (name: string) => bigint(name, { mode: 'number' });

/** What was ordered, each change a row; the newest counts: of the fleet, and of one cabinet before that. */
export const updateOrder = pgTable('update_order', {
  version: integer('version').primaryKey(),
  /** Null: of the fleet. */
  cabinetId: text('cabinet_id'),
  /** JSON, as `orderBodySchema` has it. */
  body: text('body').notNull(),
});

/** The newest word of each cabinet. */
export const updateReport = pgTable('update_report', {
  cabinetId: text('cabinet_id').primaryKey(),
  running: text('running').notNull(),
  wanted: text('wanted'),
  state: text('state').$type<UpdateReport['state']>().notNull(),
  detail: text('detail').notNull(),
  failures: integer('failures').notNull(),
  /** JSON, as `usefulnessSchema` has it; null: it has not said. */
  usefulness: text('usefulness'),
  signedAtMs: timeMs('signed_at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
});

/** What each cabinet has said last that is in force there. */
export const cabinetInForce = pgTable('cabinet_in_force', {
  cabinetId: text('cabinet_id').primaryKey(),
  app: text('app'),
  catalog: text('catalog'),
  offlinePolicy: timeMs('offline_policy'),
  cabinetStaff: timeMs('cabinet_staff'),
  updateOrder: integer('update_order'),
  promotions: timeMs('promotions'),
  signedAtMs: timeMs('signed_at_ms').notNull(),
  receivedAtMs: timeMs('received_at_ms').notNull(),
});
