import type { Migration } from './migration.ts';

/**
 * An entry whose stamp is later than that of the newest one was made by a clock that was ahead, or that has been set back
 * since: its stamp says nothing about its age (record-ages.ts). Until now such an entry held the record for as long as the
 * clock had been ahead.
 */
export const stampsAhead: Migration = {
  version: 12,
  name: 'stamps-ahead',
  sql: `
DROP TRIGGER charge_event_kept;
CREATE TRIGGER charge_event_kept BEFORE DELETE ON charge_event
WHEN OLD.seq IS NOT (SELECT MIN(seq) FROM charge_event)
  OR (SELECT at_ms FROM charge_event ORDER BY seq DESC LIMIT 1) BETWEEN OLD.at_ms AND OLD.at_ms + 34559999999
  OR EXISTS (SELECT 1 FROM charge WHERE charge_id = OLD.charge_id AND state NOT IN ('paid', 'voided'))
BEGIN SELECT RAISE(ABORT, 'charge_event is append-only: still needed'); END;

DROP TRIGGER visit_event_kept;
CREATE TRIGGER visit_event_kept BEFORE DELETE ON visit_event
WHEN (SELECT at_ms FROM visit_event ORDER BY seq DESC LIMIT 1) BETWEEN OLD.at_ms AND OLD.at_ms + 7775999999
  OR EXISTS (SELECT 1 FROM visit WHERE visit_id = OLD.visit_id AND active = 1)
  OR EXISTS (SELECT 1 FROM charge WHERE visit_id = OLD.visit_id AND state NOT IN ('paid', 'voided'))
  OR EXISTS (SELECT 1 FROM dispute JOIN charge ON charge.charge_id = dispute.charge_id
    WHERE charge.visit_id = OLD.visit_id AND dispute.next_attempt_ms IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'visit_event is append-only: still needed'); END;
`,
};
