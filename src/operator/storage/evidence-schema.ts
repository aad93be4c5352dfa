import { bigint, boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { EvidenceReason } from '../../shared/model/evidence.schema.ts';

/** Wall-clock ms. */
const timeMs = (name: string) => bigint(name, { mode: 'number' });

/** What the shelf was seen to do in visits that people look at, as their cabinets have told it. */
export const evidencePart = pgTable(
  'evidence_part',
  {
    cabinetId: text('cabinet_id').notNull(),
    visitId: text('visit_id').notNull(),
    /** Parts come in this order; numbers are left out. */
    part: integer('part').notNull(),
    chargeId: text('charge_id').notNull(),
    why: text('why').$type<EvidenceReason>().notNull(),
    isLast: boolean('is_last').notNull(),
    dropped: integer('dropped').notNull(),
    /** JSON, as `shelfEventSchema` has it. */
    events: text('events').notNull(),
    receivedAtMs: timeMs('received_at_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.visitId, t.part] })],
);
