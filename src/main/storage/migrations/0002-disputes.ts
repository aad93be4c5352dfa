import type { Migration } from './migration.ts';

/**
 * What shoppers reported on a receipt, and its way to the operator. What was said never changes and is never deleted; only
 * the columns of the delivery move, and they end: sent or refused, once.
 */
export const disputes: Migration = {
  version: 2,
  name: 'disputes',
  sql: `
CREATE TABLE dispute (
  dispute_id TEXT PRIMARY KEY,
  charge_id TEXT NOT NULL REFERENCES charge (charge_id),
  skus_json TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_ms INTEGER,
  sent_ms INTEGER,
  refused TEXT,
  CHECK ((next_attempt_ms IS NULL) = (sent_ms IS NOT NULL OR refused IS NOT NULL)),
  CHECK (sent_ms IS NULL OR refused IS NULL)
) STRICT;
CREATE INDEX dispute_by_charge ON dispute (charge_id);
CREATE INDEX dispute_by_due ON dispute (next_attempt_ms) WHERE next_attempt_ms IS NOT NULL;
CREATE TRIGGER dispute_no_delete BEFORE DELETE ON dispute
BEGIN SELECT RAISE(ABORT, 'a dispute is never deleted'); END;
CREATE TRIGGER dispute_identity BEFORE UPDATE OF dispute_id, charge_id, skus_json, created_ms ON dispute
BEGIN SELECT RAISE(ABORT, 'what was disputed never changes'); END;
CREATE TRIGGER dispute_done BEFORE UPDATE ON dispute
WHEN OLD.next_attempt_ms IS NULL
BEGIN SELECT RAISE(ABORT, 'a dispute that is sent or refused is done'); END;
`,
};
