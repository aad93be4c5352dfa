import type { Migration } from './migration.ts';

/**
 * Each event of a charge carries a seal under a key that is not in this file (storage/hash-chain.ts). Events from before
 * have none; the first seal covers them all.
 */
export const chargeSeal: Migration = {
  version: 6,
  name: 'charge-seal',
  sql: 'ALTER TABLE charge_event ADD COLUMN seal TEXT;',
};
