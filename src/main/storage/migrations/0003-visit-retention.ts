import type { Migration } from './migration.ts';

/**
 * The journal of a visit may go once it is 90 days older than the newest entry and nothing hangs on it any more: the visit has ended, its
 * charge is paid or voided, and no dispute about it is on its way. Until then the schema itself refuses, as before.
 */
export const visitRetention: Migration = {
  version: 3,
  name: 'visit-retention',
  sql: `
CREATE INDEX visit_event_by_time ON visit_event (at_ms);
DROP TRIGGER visit_event_no_delete;
CREATE TRIGGER visit_event_kept BEFORE DELETE ON visit_event
WHEN OLD.at_ms > (SELECT MAX(at_ms) FROM visit_event) - 7776000000
  OR EXISTS (SELECT 1 FROM visit WHERE visit_id = OLD.visit_id AND active = 1)
  OR EXISTS (SELECT 1 FROM charge WHERE visit_id = OLD.visit_id AND state NOT IN ('paid', 'voided'))
  OR EXISTS (SELECT 1 FROM dispute JOIN charge ON charge.charge_id = dispute.charge_id
    WHERE charge.visit_id = OLD.visit_id AND dispute.next_attempt_ms IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'visit_event is append-only: still needed'); END;
`,
};
