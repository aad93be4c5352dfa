import type { Migration } from './migration.ts';

/**
 * Opening while offline: the operator's policy as it came last, whom the operator has refused since, and the codes that have
 * opened the door here (times are the operator's, ms). And the order in which what could not be sent goes afterwards.
 */
export const openingOffline: Migration = {
  version: 19,
  name: 'opening-offline',
  sql: `
CREATE TABLE offline_policy (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  etag TEXT,
  policy_json TEXT NOT NULL
) STRICT;
CREATE TRIGGER offline_policy_newer BEFORE UPDATE ON offline_policy WHEN NEW.version < OLD.version
BEGIN SELECT RAISE(ABORT, 'a policy never makes place for an older one'); END;
CREATE TABLE offline_denied (
  member_id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX offline_denied_by_time ON offline_denied (at_ms);
CREATE TABLE used_code (
  nonce TEXT PRIMARY KEY,
  visit_id TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX used_code_by_end ON used_code (expires_ms);
CREATE INDEX charge_to_send_by_age ON charge (charge_id)
  WHERE state IN ('queued', 'in_doubt') AND quarantined_ms IS NULL;
`,
};
