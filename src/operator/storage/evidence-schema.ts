import { bigint, boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { EvidenceReason, MissingEvidence } from '../../shared/model/evidence.schema.ts';

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

/** Visits whose evidence a cabinet is asked for. */
export const evidenceWish = pgTable(
  'evidence_wish',
  {
    cabinetId: text('cabinet_id').notNull(),
    visitId: text('visit_id').notNull(),
    /** Above the one before of this cabinet: it is told that there is another one. */
    version: bigint('version', { mode: 'number' }).notNull(),
    askedAtMs: timeMs('asked_at_ms').notNull(),
    /** What the cabinet has said; null: nothing yet, or it has sent what it has. */
    missing: text('missing').$type<MissingEvidence>(),
    missingAtMs: timeMs('missing_at_ms'),
  },
  (t) => [primaryKey({ columns: [t.cabinetId, t.visitId] })],
);
