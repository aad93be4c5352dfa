import type { Migration } from '../storage/migrations/migration.ts';

/**
 * Tables of `faces.db`. A person's row is all there is of a face; `enrolment_id` is null in one from before the operator
 * was asked. `withdrawal` is what the operator is to be told of faces that are gone; a row goes once it was told often
 * enough. The processing record stands beside it, so that both change in one transaction; it outlives the row, is never changed, and goes after three years (here: 1,096 days before the newest).
 */
export const vaultMigrations: readonly Migration[] = [
  {
    version: 1,
    name: 'faces',
    sql: `
CREATE TABLE face (
  member_id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  wrapped_key BLOB NOT NULL,
  template BLOB NOT NULL,
  phone_digits BLOB,
  consent_version TEXT NOT NULL,
  enrolled_ms INTEGER NOT NULL,
  last_used_ms INTEGER
) STRICT;
CREATE TABLE face_record (
  record_id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id TEXT NOT NULL,
  kind TEXT NOT NULL
    CHECK (kind IN ('consented', 'enrolled', 'used', 'improved', 'withdrawn', 'expired', 'exported')),
  at_ms INTEGER NOT NULL,
  consent_version TEXT
) STRICT;
CREATE INDEX face_record_by_member ON face_record (member_id, record_id);
CREATE INDEX face_record_by_time ON face_record (at_ms);
CREATE TRIGGER face_record_no_update BEFORE UPDATE ON face_record
BEGIN SELECT RAISE(ABORT, 'face_record is append-only'); END;
CREATE TRIGGER face_record_kept BEFORE DELETE ON face_record
WHEN OLD.at_ms > (SELECT MAX(at_ms) FROM face_record) - 94694400000
BEGIN SELECT RAISE(ABORT, 'face_record is kept for three years'); END;
CREATE TABLE vault_fact (
  name TEXT PRIMARY KEY CHECK (name IN ('erase_due', 'people_ever')),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO vault_fact (name, value) VALUES ('erase_due', 0), ('people_ever', 0);
`,
  },
  {
    version: 2,
    name: 'enrolments',
    sql: `
ALTER TABLE face ADD COLUMN enrolment_id TEXT;
CREATE TABLE withdrawal (
  withdrawal_id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id TEXT NOT NULL,
  enrolment_id TEXT,
  due_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX withdrawal_by_due ON withdrawal (due_ms);
`,
  },
  {
    version: 3,
    name: 'clocks-differ',
    sql: `
CREATE TABLE vault_fact_3 (
  name TEXT PRIMARY KEY CHECK (name IN ('erase_due', 'people_ever', 'clocks_differ_since')),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO vault_fact_3 SELECT name, value FROM vault_fact;
INSERT INTO vault_fact_3 (name, value) VALUES ('clocks_differ_since', 0);
DROP TABLE vault_fact;
ALTER TABLE vault_fact_3 RENAME TO vault_fact;
`,
  },
  {
    version: 4,
    name: 'clocks-differ-by',
    sql: `
CREATE TABLE vault_fact_4 (
  name TEXT PRIMARY KEY CHECK (name IN ('erase_due', 'people_ever', 'clocks_differ_since', 'clocks_differ_by')),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO vault_fact_4 SELECT name, value FROM vault_fact;
INSERT INTO vault_fact_4 (name, value) VALUES ('clocks_differ_by', 0);
DROP TABLE vault_fact;
ALTER TABLE vault_fact_4 RENAME TO vault_fact;
`,
  },
  {
    version: 5,
    name: 'operator-seen-at-and-told-again',
    sql: `
CREATE TABLE vault_fact_5 (
  name TEXT PRIMARY KEY CHECK (name IN ('erase_due', 'people_ever', 'clocks_differ_since', 'operator_seen_at')),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO vault_fact_5 SELECT name, value FROM vault_fact WHERE name <> 'clocks_differ_by';
INSERT INTO vault_fact_5 (name, value) VALUES ('operator_seen_at', 0);
DROP TABLE vault_fact;
ALTER TABLE vault_fact_5 RENAME TO vault_fact;
ALTER TABLE withdrawal ADD COLUMN told_count INTEGER NOT NULL DEFAULT 0;
`,
  },
];
