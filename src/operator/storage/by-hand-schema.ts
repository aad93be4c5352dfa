import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

/** Of charges that people have made (charges/charge-by-hand.ts), beside the tables of schema.ts. Times are wall-clock ms. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });

/** One of a visit at most. The charge itself is like all others. */
export const chargeByHand = pgTable('charge_by_hand', {
  chargeId: text('charge_id').primaryKey(),
  cabinetId: text('cabinet_id').notNull(),
  visitId: text('visit_id').notNull(),
  actor: text('actor').notNull(),
  reason: text('reason').notNull(),
  madeAtMs: timeMs('made_at_ms').notNull(),
  /** What its cabinet has sent under the same number since, as it was sent; null: nothing yet. */
  originalHash: text('original_hash'),
  originalBody: text('original_body'),
  originalAtMs: timeMs('original_at_ms'),
});
