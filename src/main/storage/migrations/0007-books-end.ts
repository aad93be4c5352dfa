import type { Migration } from './migration.ts';

/**
 * The books have an end: a visit that is over goes with its journal, and a charge that is paid or voided goes 400 days
 * after the last event of it, from the front of the record only, so that what is left has no gap. Until then the schema
 * itself refuses, as before.
 */
export const booksEnd: Migration = {
  version: 7,
  name: 'books-end',
  sql: `
CREATE INDEX visit_by_time ON visit (updated_ms);
CREATE TRIGGER visit_kept BEFORE DELETE ON visit
WHEN OLD.active = 1
  OR EXISTS (SELECT 1 FROM visit_event WHERE visit_id = OLD.visit_id)
  OR EXISTS (SELECT 1 FROM charge WHERE visit_id = OLD.visit_id AND state NOT IN ('paid', 'voided'))
BEGIN SELECT RAISE(ABORT, 'a visit is never deleted while it is needed'); END;

DROP TRIGGER charge_event_no_delete;
CREATE TRIGGER charge_event_kept BEFORE DELETE ON charge_event
WHEN OLD.seq IS NOT (SELECT MIN(seq) FROM charge_event)
  OR OLD.at_ms > (SELECT at_ms FROM charge_event ORDER BY seq DESC LIMIT 1) - 34560000000
  OR EXISTS (SELECT 1 FROM charge WHERE charge_id = OLD.charge_id AND state NOT IN ('paid', 'voided'))
BEGIN SELECT RAISE(ABORT, 'charge_event is append-only: still needed'); END;

DROP TRIGGER dispute_no_delete;
CREATE TRIGGER dispute_kept BEFORE DELETE ON dispute
WHEN OLD.next_attempt_ms IS NOT NULL OR EXISTS (SELECT 1 FROM charge_event WHERE charge_id = OLD.charge_id)
BEGIN SELECT RAISE(ABORT, 'a dispute is never deleted while it is needed'); END;

DROP TRIGGER charge_no_delete;
CREATE TRIGGER charge_kept BEFORE DELETE ON charge
WHEN OLD.state NOT IN ('paid', 'voided')
  OR EXISTS (SELECT 1 FROM charge_event WHERE charge_id = OLD.charge_id)
  OR NOT EXISTS (SELECT 1 FROM charge_event)
BEGIN SELECT RAISE(ABORT, 'a charge is never deleted while it is needed'); END;
`,
};
