import type { Migration } from './migration.ts';

/**
 * When a report was made by the operator's time, which is what it is told; null: as `created_ms`, which is the cabinet's
 * own clock and measures how long the charge waits for it.
 */
export const disputeTime: Migration = {
  version: 11,
  name: 'dispute-time',
  sql: `
ALTER TABLE dispute ADD COLUMN said_ms INTEGER;
CREATE TRIGGER dispute_said BEFORE UPDATE OF said_ms ON dispute
WHEN OLD.said_ms IS NOT NULL OR OLD.attempts > 0
BEGIN SELECT RAISE(ABORT, 'when it was said never changes'); END;
`,
};
