import type { Migration } from './migration.ts';

/** What waits for a human is asked about without end: what an earlier version has given up after 38 answers is due. */
export const askedWithoutEnd: Migration = {
  version: 10,
  name: 'asked-without-end',
  sql: `
UPDATE charge SET next_attempt_ms = updated_ms
  WHERE state = 'needs_attention' AND (reason IS NOT 'system.rejected' OR billed_minor IS NOT NULL)
    AND quarantined_ms IS NULL AND next_attempt_ms IS NULL;
`,
};
