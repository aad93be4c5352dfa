-- schema 22
CREATE TABLE catalog_cache (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  etag TEXT,
  catalog_json TEXT NOT NULL,
  fetched_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE charge (
  charge_id TEXT PRIMARY KEY,
  visit_id TEXT NOT NULL UNIQUE,
  member_id TEXT NOT NULL,
  member_display TEXT NOT NULL,
  cabinet_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'finalised', 'queued', 'submitting', 'in_doubt', 'accepted', 'paid',
    'collecting', 'voided', 'needs_attention')),
  total_minor INTEGER CHECK (total_minor >= 0),
  billed_minor INTEGER CHECK (billed_minor BETWEEN 0 AND total_minor),
  reason TEXT,
  body_json TEXT,
  body_sha256 TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_ms INTEGER,
  opened_ms INTEGER NOT NULL,
  finalised_ms INTEGER,
  updated_ms INTEGER NOT NULL, quarantined_ms INTEGER, resolved_how TEXT, resolved_by TEXT, resolved_ms INTEGER, resolved_minor INTEGER CHECK (resolved_minor >= 0),
  CHECK ((body_json IS NULL) = (body_sha256 IS NULL)),
  CHECK ((body_json IS NULL) = (total_minor IS NULL)),
  CHECK (state IN ('open', 'voided') OR body_json IS NOT NULL)
) STRICT;

CREATE TRIGGER charge_bill_falls BEFORE UPDATE OF billed_minor ON charge
WHEN OLD.billed_minor IS NOT NULL AND (NEW.billed_minor IS NULL OR NEW.billed_minor > OLD.billed_minor)
BEGIN SELECT RAISE(ABORT, 'what is billed never rises'); END;

CREATE TRIGGER charge_body_once BEFORE UPDATE OF body_json, body_sha256, total_minor ON charge
WHEN OLD.body_json IS NOT NULL AND (NEW.body_json IS NOT OLD.body_json OR NEW.body_sha256 IS NOT OLD.body_sha256
  OR NEW.total_minor IS NOT OLD.total_minor)
BEGIN SELECT RAISE(ABORT, 'the body of a charge never changes'); END;

CREATE INDEX charge_by_due ON charge (state, next_attempt_ms);

CREATE INDEX charge_by_member ON charge (member_id, opened_ms);

CREATE TABLE charge_event (
  seq INTEGER PRIMARY KEY,
  charge_id TEXT NOT NULL REFERENCES charge (charge_id),
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  data_json TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
, seal TEXT) STRICT;

CREATE INDEX charge_event_by_charge ON charge_event (charge_id, seq);

CREATE TRIGGER charge_event_in_line BEFORE INSERT ON charge_event
WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM charge_event)
BEGIN SELECT RAISE(ABORT, 'charge_event has no gaps'); END;

CREATE TRIGGER charge_event_kept BEFORE DELETE ON charge_event
WHEN OLD.seq IS NOT (SELECT MIN(seq) FROM charge_event)
  OR (SELECT at_ms FROM charge_event ORDER BY seq DESC LIMIT 1) BETWEEN OLD.at_ms AND OLD.at_ms + 34559999999
  OR EXISTS (SELECT 1 FROM charge WHERE charge_id = OLD.charge_id AND state NOT IN ('paid', 'voided'))
BEGIN SELECT RAISE(ABORT, 'charge_event is append-only: still needed'); END;

CREATE TRIGGER charge_event_no_update BEFORE UPDATE ON charge_event
BEGIN SELECT RAISE(ABORT, 'charge_event is append-only'); END;

CREATE TRIGGER charge_identity BEFORE UPDATE OF charge_id, visit_id, member_id, cabinet_id, currency, opened_ms ON charge
BEGIN SELECT RAISE(ABORT, 'what a charge is never changes'); END;

CREATE TRIGGER charge_kept BEFORE DELETE ON charge
WHEN OLD.state NOT IN ('paid', 'voided')
  OR EXISTS (SELECT 1 FROM charge_event WHERE charge_id = OLD.charge_id)
  OR NOT EXISTS (SELECT 1 FROM charge_event)
BEGIN SELECT RAISE(ABORT, 'a charge is never deleted while it is needed'); END;

CREATE TRIGGER charge_resolved_stays BEFORE UPDATE OF resolved_ms, resolved_minor ON charge
WHEN OLD.resolved_ms IS NOT NULL AND (NEW.resolved_ms IS NULL OR NEW.resolved_minor IS NULL
  OR (NEW.resolved_ms = OLD.resolved_ms AND NEW.resolved_how IS OLD.resolved_how
    AND NEW.resolved_by IS OLD.resolved_by AND NEW.resolved_minor > MAX(OLD.resolved_minor, NEW.total_minor
    + COALESCE((SELECT SUM(value ->> 'amountMinor') FROM json_each(NEW.body_json, '$.heldLines')), 0))))
BEGIN SELECT RAISE(ABORT, 'without another decision it never rises above what the screen named'); END;

CREATE TRIGGER charge_settled BEFORE UPDATE OF state ON charge
WHEN OLD.state IN ('paid', 'voided') AND NEW.state IS NOT OLD.state
BEGIN SELECT RAISE(ABORT, 'paid and voided are final'); END;

CREATE INDEX charge_to_ask ON charge (attempts, next_attempt_ms, charge_id)
  WHERE state IN ('accepted', 'collecting') AND quarantined_ms IS NULL;

CREATE INDEX charge_to_send ON charge (attempts, next_attempt_ms, charge_id)
  WHERE state IN ('queued', 'in_doubt') AND quarantined_ms IS NULL;

CREATE INDEX charge_to_send_by_age ON charge (charge_id)
  WHERE state IN ('queued', 'in_doubt') AND quarantined_ms IS NULL;

CREATE INDEX charge_waiting ON charge (next_attempt_ms)
  WHERE state = 'needs_attention' AND (reason IS NOT 'system.rejected' OR billed_minor IS NOT NULL)
    AND quarantined_ms IS NULL AND next_attempt_ms IS NOT NULL;

CREATE TABLE dispute (
  dispute_id TEXT PRIMARY KEY,
  charge_id TEXT NOT NULL REFERENCES charge (charge_id),
  skus_json TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_ms INTEGER,
  sent_ms INTEGER,
  refused TEXT, tried_ms INTEGER, said_ms INTEGER, again_ms INTEGER, told_count INTEGER NOT NULL DEFAULT 0 CHECK (told_count >= 0), without_charge_ms INTEGER,
  CHECK ((next_attempt_ms IS NULL) = (sent_ms IS NOT NULL OR refused IS NOT NULL)),
  CHECK (sent_ms IS NULL OR refused IS NULL)
) STRICT;

CREATE INDEX dispute_by_charge ON dispute (charge_id);

CREATE INDEX dispute_by_due ON dispute (next_attempt_ms) WHERE next_attempt_ms IS NOT NULL;

CREATE TRIGGER dispute_done BEFORE UPDATE ON dispute
WHEN OLD.next_attempt_ms IS NULL AND (OLD.sent_ms IS NULL OR NEW.next_attempt_ms IS NULL OR NEW.again_ms IS NULL
  OR NEW.again_ms - OLD.again_ms < 86400000)
BEGIN SELECT RAISE(ABORT, 'a dispute that is sent or refused is done'); END;

CREATE TRIGGER dispute_identity BEFORE UPDATE OF dispute_id, charge_id, skus_json, created_ms ON dispute
BEGIN SELECT RAISE(ABORT, 'what was disputed never changes'); END;

CREATE TRIGGER dispute_kept BEFORE DELETE ON dispute
WHEN OLD.next_attempt_ms IS NOT NULL OR EXISTS (SELECT 1 FROM charge_event WHERE charge_id = OLD.charge_id)
BEGIN SELECT RAISE(ABORT, 'a dispute is never deleted while it is needed'); END;

CREATE TRIGGER dispute_said BEFORE UPDATE OF said_ms ON dispute
WHEN OLD.said_ms IS NOT NULL OR OLD.attempts > 0
BEGIN SELECT RAISE(ABORT, 'when it was said never changes'); END;

CREATE TRIGGER dispute_taken BEFORE UPDATE ON dispute
WHEN (OLD.again_ms IS NULL AND NEW.again_ms IS NOT NULL AND OLD.sent_ms IS NULL)
  OR (OLD.again_ms IS NOT NULL AND (NEW.again_ms IS NULL OR NEW.refused IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'what the operator has taken is never refused, and nothing else is put back'); END;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE offline_denied (
  member_id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX offline_denied_by_time ON offline_denied (at_ms);

CREATE TABLE offline_policy (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  etag TEXT,
  policy_json TEXT NOT NULL
) STRICT;

CREATE TRIGGER offline_policy_newer BEFORE UPDATE ON offline_policy WHEN NEW.version < OLD.version
BEGIN SELECT RAISE(ABORT, 'a policy never makes place for an older one'); END;

CREATE TABLE service_act (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  data_json TEXT NOT NULL,
  hash TEXT NOT NULL,
  seal TEXT NOT NULL
) STRICT;

CREATE TRIGGER service_act_said BEFORE UPDATE ON service_act
BEGIN SELECT RAISE(ABORT, 'what was done in service mode never changes'); END;

CREATE TABLE service_list (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  etag TEXT,
  list_json TEXT NOT NULL
) STRICT;

CREATE TABLE service_pin (
  staff_no TEXT PRIMARY KEY,
  pin_hash TEXT NOT NULL,
  pin_version INTEGER NOT NULL,
  set_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE service_throttle (
  kind TEXT PRIMARY KEY CHECK (kind IN ('pin', 'code')),
  failure_count INTEGER NOT NULL,
  wait_until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE stock_book (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  book_json TEXT NOT NULL
) STRICT;

CREATE TABLE stock_difference (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  difference_json TEXT NOT NULL,
  is_told INTEGER NOT NULL DEFAULT 0 CHECK (is_told IN (0, 1))
) STRICT;

CREATE TRIGGER stock_difference_said BEFORE UPDATE OF id, difference_json ON stock_difference
BEGIN SELECT RAISE(ABORT, 'a difference of stock never changes'); END;

CREATE INDEX stock_difference_untold ON stock_difference (seq) WHERE is_told = 0;

CREATE TABLE used_code (
  nonce TEXT PRIMARY KEY,
  visit_id TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX used_code_by_end ON used_code (expires_ms);

CREATE TABLE visit (
  visit_id TEXT PRIMARY KEY,
  state_json TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
, beginning_gone INTEGER NOT NULL DEFAULT 0 CHECK (beginning_gone IN (0, 1))) STRICT;

CREATE INDEX visit_by_time ON visit (updated_ms);

CREATE TABLE visit_closing (
  visit_id TEXT PRIMARY KEY,
  charge_id TEXT NOT NULL,
  ended TEXT,
  total_minor INTEGER NOT NULL DEFAULT 0,
  held_minor INTEGER NOT NULL DEFAULT 0,
  closed_ms INTEGER,
  ended_ms INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  tried_ms INTEGER,
  next_attempt_ms INTEGER,
  done_ms INTEGER,
  outcome TEXT,
  CHECK ((ended IS NULL) = (closed_ms IS NULL) AND (ended IS NULL) = (ended_ms IS NULL)),
  CHECK ((ended IS NOT NULL AND done_ms IS NULL) = (next_attempt_ms IS NOT NULL)),
  CHECK ((done_ms IS NULL) = (outcome IS NULL))
) STRICT;

CREATE INDEX visit_closing_by_due ON visit_closing (next_attempt_ms) WHERE next_attempt_ms IS NOT NULL;

CREATE INDEX visit_closing_done ON visit_closing (done_ms) WHERE done_ms IS NOT NULL;

CREATE TRIGGER visit_closing_kept BEFORE DELETE ON visit_closing
WHEN OLD.next_attempt_ms IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'what is to be told is not deleted'); END;

CREATE INDEX visit_closing_running ON visit_closing (visit_id) WHERE ended IS NULL;

CREATE TRIGGER visit_closing_said
BEFORE UPDATE OF visit_id, charge_id, ended, total_minor, held_minor, closed_ms, ended_ms ON visit_closing
WHEN OLD.ended IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'how a visit has ended never changes'); END;

CREATE TABLE visit_event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  visit_id TEXT NOT NULL REFERENCES visit (visit_id),
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  data_json TEXT NOT NULL
) STRICT;

CREATE INDEX visit_event_by_face ON visit_event (json_extract(data_json, '$.memberId')) WHERE type = 'faceAccepted';

CREATE INDEX visit_event_by_time ON visit_event (at_ms);

CREATE INDEX visit_event_by_visit ON visit_event (visit_id, seq);

CREATE TRIGGER visit_event_kept BEFORE DELETE ON visit_event
WHEN NOT (OLD.type IN ('started', 'faceAccepted', 'codeScanned')
    AND EXISTS (SELECT 1 FROM visit WHERE visit_id = OLD.visit_id AND active = 0 AND beginning_gone = 1))
  AND ((SELECT at_ms FROM visit_event ORDER BY seq DESC LIMIT 1) BETWEEN OLD.at_ms AND OLD.at_ms + 7775999999
    OR EXISTS (SELECT 1 FROM visit WHERE visit_id = OLD.visit_id AND active = 1)
    OR EXISTS (SELECT 1 FROM charge WHERE visit_id = OLD.visit_id AND state NOT IN ('paid', 'voided'))
    OR EXISTS (SELECT 1 FROM dispute JOIN charge ON charge.charge_id = dispute.charge_id
      WHERE charge.visit_id = OLD.visit_id AND dispute.next_attempt_ms IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'visit_event is append-only: still needed'); END;

CREATE TRIGGER visit_event_no_update BEFORE UPDATE ON visit_event
BEGIN SELECT RAISE(ABORT, 'visit_event is append-only'); END;

CREATE TRIGGER visit_kept BEFORE DELETE ON visit
WHEN OLD.active = 1
  OR EXISTS (SELECT 1 FROM visit_event WHERE visit_id = OLD.visit_id)
  OR EXISTS (SELECT 1 FROM charge WHERE visit_id = OLD.visit_id AND state NOT IN ('paid', 'voided'))
BEGIN SELECT RAISE(ABORT, 'a visit is never deleted while it is needed'); END;

CREATE UNIQUE INDEX visit_one_active ON visit (active) WHERE active = 1;
