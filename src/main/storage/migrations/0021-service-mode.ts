import type { Migration } from './migration.ts';

/**
 * Service mode: who may come in (the operator's list, PINs that were set here), how often somebody has tried to, and the sealed
 * record of what was done. A row of that record never changes; it goes only from the front, when there are very many.
 */
export const serviceMode: Migration = {
  version: 21,
  name: 'service-mode',
  sql: `
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
`,
};
