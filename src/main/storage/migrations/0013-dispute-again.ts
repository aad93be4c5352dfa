import type { Migration } from './migration.ts';

/**
 * An operator whose database was put back has forgotten reports that it had taken: what was sent may be put back into the
 * queue, as it was said (`again_ms`: when that was last done), at most once a day.
 */
export const disputeAgain: Migration = {
  version: 13,
  name: 'dispute-again',
  sql: `
ALTER TABLE dispute ADD COLUMN again_ms INTEGER;
DROP TRIGGER dispute_done;
CREATE TRIGGER dispute_done BEFORE UPDATE ON dispute
WHEN OLD.next_attempt_ms IS NULL AND (OLD.sent_ms IS NULL OR NEW.next_attempt_ms IS NULL OR NEW.again_ms IS NULL
  OR NEW.again_ms - OLD.again_ms < 86400000)
BEGIN SELECT RAISE(ABORT, 'a dispute that is sent or refused is done'); END;
`,
};
