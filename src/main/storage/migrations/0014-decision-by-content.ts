import type { Migration } from './migration.ts';

/**
 * A decision is another one when anything of it differs, not only when its time is later: two may fall into one ms, and the
 * operator's clock may be put back. Under the same one the amount still stays within what the screen named.
 */
export const decisionByContent: Migration = {
  version: 14,
  name: 'decision-by-content',
  sql: `
DROP TRIGGER charge_resolved_stays;
CREATE TRIGGER charge_resolved_stays BEFORE UPDATE OF resolved_ms, resolved_minor ON charge
WHEN OLD.resolved_ms IS NOT NULL AND (NEW.resolved_ms IS NULL OR NEW.resolved_minor IS NULL
  OR (NEW.resolved_ms = OLD.resolved_ms AND NEW.resolved_how IS OLD.resolved_how
    AND NEW.resolved_by IS OLD.resolved_by AND NEW.resolved_minor > MAX(OLD.resolved_minor, NEW.total_minor
    + COALESCE((SELECT SUM(value ->> 'amountMinor') FROM json_each(NEW.body_json, '$.heldLines')), 0))))
BEGIN SELECT RAISE(ABORT, 'without another decision it never rises above what the screen named'); END;
`,
};
