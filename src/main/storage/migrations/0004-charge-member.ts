import type { Migration } from './migration.ts';

/** "My purchases": the charges of one member. */
export const chargeMember: Migration = {
  version: 4,
  name: 'charge-member',
  sql: 'CREATE INDEX charge_by_member ON charge (member_id, opened_ms)',
};
