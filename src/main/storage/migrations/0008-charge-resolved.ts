import type { Migration } from './migration.ts';

/**
 * How a charge that waited for a human was put right, as the operator tells it, and what waits so found by an index: it is
 * asked about now and then. What waits from before has never been asked about, so it is due. A decision may release what
 * was held: then its amount (`resolved_minor`) counts instead of `billed_minor`, which never rises.
 */
export const chargeResolved: Migration = {
  version: 8,
  name: 'charge-resolved',
  sql: `
ALTER TABLE charge ADD COLUMN resolved_how TEXT;
ALTER TABLE charge ADD COLUMN resolved_by TEXT;
ALTER TABLE charge ADD COLUMN resolved_ms INTEGER;
ALTER TABLE charge ADD COLUMN resolved_minor INTEGER CHECK (resolved_minor >= 0);
CREATE TRIGGER charge_resolved_stays BEFORE UPDATE OF resolved_ms, resolved_minor ON charge
WHEN OLD.resolved_ms IS NOT NULL AND (NEW.resolved_ms IS NULL OR NEW.resolved_minor IS NULL
  OR NEW.resolved_ms < OLD.resolved_ms
  OR (NEW.resolved_ms = OLD.resolved_ms AND NEW.resolved_minor > OLD.resolved_minor))
BEGIN SELECT RAISE(ABORT, 'without a later decision what was decided never rises'); END;
CREATE INDEX charge_waiting ON charge (next_attempt_ms)
  WHERE state = 'needs_attention' AND (reason IS NOT 'system.rejected' OR billed_minor IS NOT NULL)
    AND quarantined_ms IS NULL AND next_attempt_ms IS NOT NULL;
UPDATE charge SET next_attempt_ms = updated_ms, attempts = 0
  WHERE state = 'needs_attention' AND (reason IS NOT 'system.rejected' OR billed_minor IS NOT NULL);
`,
};
