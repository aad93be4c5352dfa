import type { Migration } from '../storage/migrations/migration.ts';

/**
 * Tables of `evidence.db`. A row of `visit_evidence` is one visit; `why` is null where nothing is wrong. `evidence_part` has what
 * was seen, in the order of it; a part is written once. `evidence_deletion` says what was deleted, when and why.
 */
export const evidenceMigrations: readonly Migration[] = [
  {
    version: 1,
    name: 'evidence',
    sql: `
CREATE TABLE visit_evidence (
  visit_id TEXT PRIMARY KEY,
  charge_id TEXT NOT NULL,
  began_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  why TEXT CHECK (why IN ('flagged', 'disputed')),
  bytes INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  told_parts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visit_evidence_by_time ON visit_evidence (began_ms);
CREATE INDEX visit_evidence_by_charge ON visit_evidence (charge_id);
CREATE TABLE evidence_part (
  visit_id TEXT NOT NULL REFERENCES visit_evidence ON DELETE CASCADE,
  part INTEGER NOT NULL,
  events_json TEXT NOT NULL,
  PRIMARY KEY (visit_id, part)
) STRICT;
CREATE TRIGGER evidence_part_no_update BEFORE UPDATE ON evidence_part
BEGIN SELECT RAISE(ABORT, 'evidence is not changed'); END;
CREATE TABLE evidence_deletion (
  deletion_id INTEGER PRIMARY KEY AUTOINCREMENT,
  visit_id TEXT NOT NULL,
  why TEXT,
  reason TEXT NOT NULL CHECK (reason IN ('age', 'room')),
  bytes INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
`,
  },
];
