import type { Migration } from './migration.ts';

/**
 * What is due is found by an index however long the backlog is: what has failed least first, of that the oldest. A row
 * that cannot be read (`quarantined_ms`) is kept and passed by. `tried_ms`: when a dispute was last sent, so that the
 * network's return makes it due without a write.
 */
export const chargeBacklog: Migration = {
  version: 5,
  name: 'charge-backlog',
  sql: `
ALTER TABLE charge ADD COLUMN quarantined_ms INTEGER;
CREATE INDEX charge_to_send ON charge (attempts, next_attempt_ms, charge_id)
  WHERE state IN ('queued', 'in_doubt') AND quarantined_ms IS NULL;
CREATE INDEX charge_to_ask ON charge (attempts, next_attempt_ms, charge_id)
  WHERE state IN ('accepted', 'collecting') AND quarantined_ms IS NULL;
ALTER TABLE dispute ADD COLUMN tried_ms INTEGER;
`,
};
