import type { Migration } from './migration.ts';

/**
 * A report of a charge that is settled is told again a few times within a month (`told_count`: how often it was), in case the
 * operator's database was put back. Of those from before, what is older than a month has been told.
 */
export const disputeToldAgain: Migration = {
  version: 15,
  name: 'dispute-told-again',
  sql: `
DROP TRIGGER dispute_done;
ALTER TABLE dispute ADD COLUMN told_count INTEGER NOT NULL DEFAULT 0 CHECK (told_count >= 0);
UPDATE dispute SET told_count = 5
WHERE sent_ms <= (SELECT MAX(sent_ms) FROM dispute) - 2678400000;
CREATE TRIGGER dispute_done BEFORE UPDATE ON dispute
WHEN OLD.next_attempt_ms IS NULL AND (OLD.sent_ms IS NULL OR NEW.next_attempt_ms IS NULL OR NEW.again_ms IS NULL
  OR NEW.again_ms - OLD.again_ms < 86400000)
BEGIN SELECT RAISE(ABORT, 'a dispute that is sent or refused is done'); END;
`,
};
