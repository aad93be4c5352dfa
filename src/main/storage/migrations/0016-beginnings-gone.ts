import type { Migration } from './migration.ts';

/**
 * How the visits of a member began (by face, by code) leaves the journals when their face is gone (ADR 0090): of a visit that
 * has ended and says so (`beginning_gone`) those entries may be removed, whatever their age. All others are kept as before.
 */
export const beginningsGone: Migration = {
  version: 16,
  name: 'beginnings-gone',
  sql: `
ALTER TABLE visit ADD COLUMN beginning_gone INTEGER NOT NULL DEFAULT 0 CHECK (beginning_gone IN (0, 1));
CREATE INDEX visit_event_by_face ON visit_event (json_extract(data_json, '$.memberId')) WHERE type = 'faceAccepted';
DROP TRIGGER visit_event_kept;
CREATE TRIGGER visit_event_kept BEFORE DELETE ON visit_event
WHEN NOT (OLD.type IN ('started', 'faceAccepted', 'codeScanned')
    AND EXISTS (SELECT 1 FROM visit WHERE visit_id = OLD.visit_id AND active = 0 AND beginning_gone = 1))
  AND ((SELECT at_ms FROM visit_event ORDER BY seq DESC LIMIT 1) BETWEEN OLD.at_ms AND OLD.at_ms + 7775999999
    OR EXISTS (SELECT 1 FROM visit WHERE visit_id = OLD.visit_id AND active = 1)
    OR EXISTS (SELECT 1 FROM charge WHERE visit_id = OLD.visit_id AND state NOT IN ('paid', 'voided'))
    OR EXISTS (SELECT 1 FROM dispute JOIN charge ON charge.charge_id = dispute.charge_id
      WHERE charge.visit_id = OLD.visit_id AND dispute.next_attempt_ms IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'visit_event is append-only: still needed'); END;
`,
};
