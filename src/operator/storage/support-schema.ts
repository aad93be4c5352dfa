import { bigint, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

/** What cabinets have said of their health when somebody of their staff asked for help (operator/fleet/support-bundles.ts). */
export const supportBundle = pgTable(
  'support_bundle',
  {
    cabinetId: text('cabinet_id').notNull(),
    /** SHA-256 of its bytes, base64url. */
    name: text('name').notNull(),
    form: integer('form').notNull(),
    byteCount: integer('byte_count').notNull(),
    /** As `StaffKeys.seal` has it. */
    sealed: text('sealed').notNull(),
    receivedAtMs: bigint('received_at_ms', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.name] })],
);
