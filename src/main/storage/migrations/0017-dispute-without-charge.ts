import type { Migration } from './migration.ts';

/**
 * When staff was told of a report that the operator does not have the charge it is about, though it is paid (wall time, ms;
 * `without_charge_ms`): the report is told again a few times, and staff once.
 */
export const disputeWithoutCharge: Migration = {
  version: 17,
  name: 'dispute-without-charge',
  sql: `
ALTER TABLE dispute ADD COLUMN without_charge_ms INTEGER;
`,
};
