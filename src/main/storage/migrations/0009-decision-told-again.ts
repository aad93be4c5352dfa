import type { Migration } from './migration.ts';

/**
 * A decision is told first with the amount of an attempt that is still in doubt, and later with its own: under the same
 * decision the amount may rise up to what the screen named (billed and held, by the stored body). And what waits for a
 * human is asked about without end: what was given up by an earlier version is due.
 */
export const decisionToldAgain: Migration = {
  version: 9,
  name: 'decision-told-again',
  sql: `
DROP TRIGGER charge_resolved_stays;
CREATE TRIGGER charge_resolved_stays BEFORE UPDATE OF resolved_ms, resolved_minor ON charge
WHEN OLD.resolved_ms IS NOT NULL AND (NEW.resolved_ms IS NULL OR NEW.resolved_minor IS NULL
  OR NEW.resolved_ms < OLD.resolved_ms
  OR (NEW.resolved_ms = OLD.resolved_ms AND NEW.resolved_minor > MAX(OLD.resolved_minor, NEW.total_minor
    + COALESCE((SELECT SUM(value ->> 'amountMinor') FROM json_each(NEW.body_json, '$.heldLines')), 0))))
BEGIN SELECT RAISE(ABORT, 'without a later decision it never rises above what the screen named'); END;
UPDATE charge SET next_attempt_ms = updated_ms
  WHERE state = 'needs_attention' AND (reason IS NOT 'system.rejected' OR billed_minor IS NOT NULL)
    AND quarantined_ms IS NULL AND next_attempt_ms IS NULL;
`,
};
