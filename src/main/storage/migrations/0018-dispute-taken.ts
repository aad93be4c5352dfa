import type { Migration } from './migration.ts';

/**
 * What the operator has taken once (`again_ms` is there: only what was sent is put back) is never refused, however it is
 * answered when it is told again. Those that were refused so before count as told, and are told again when it is time.
 */
export const disputeTaken: Migration = {
  version: 18,
  name: 'dispute-taken',
  sql: `
DROP TRIGGER dispute_done;
UPDATE dispute SET refused = NULL, sent_ms = again_ms WHERE refused IS NOT NULL AND again_ms IS NOT NULL;
CREATE TRIGGER dispute_done BEFORE UPDATE ON dispute
WHEN OLD.next_attempt_ms IS NULL AND (OLD.sent_ms IS NULL OR NEW.next_attempt_ms IS NULL OR NEW.again_ms IS NULL
  OR NEW.again_ms - OLD.again_ms < 86400000)
BEGIN SELECT RAISE(ABORT, 'a dispute that is sent or refused is done'); END;
CREATE TRIGGER dispute_taken BEFORE UPDATE ON dispute
WHEN (OLD.again_ms IS NULL AND NEW.again_ms IS NOT NULL AND OLD.sent_ms IS NULL)
  OR (OLD.again_ms IS NOT NULL AND (NEW.again_ms IS NULL OR NEW.refused IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'what the operator has taken is never refused, and nothing else is put back'); END;
`,
};
