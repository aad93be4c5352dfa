import type { Migration } from './migration.ts';

/**
 * How each visit has ended for which the operator was asked, and the way of that word to the operator. The row is there
 * before the operator is asked, so that no power cut leaves a visit that it has allowed and never hears of. What was said
 * never changes; the row goes when it is done and old.
 */
export const visitClosings: Migration = {
  version: 20,
  name: 'visit-closings',
  sql: `
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
CREATE INDEX visit_closing_running ON visit_closing (visit_id) WHERE ended IS NULL;
CREATE INDEX visit_closing_done ON visit_closing (done_ms) WHERE done_ms IS NOT NULL;
CREATE TRIGGER visit_closing_said
BEFORE UPDATE OF visit_id, charge_id, ended, total_minor, held_minor, closed_ms, ended_ms ON visit_closing
WHEN OLD.ended IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'how a visit has ended never changes'); END;
CREATE TRIGGER visit_closing_kept BEFORE DELETE ON visit_closing
WHEN OLD.next_attempt_ms IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'what is to be told is not deleted'); END;
`,
};
