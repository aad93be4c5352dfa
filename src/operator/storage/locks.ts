import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';

/**
 * What all instances on one database do one at a time, by any numbers that are different ones: two with the same number would wait
 * for each other.
 */
const lockNumbers = {
  migration: 5_524_101,
  actLog: 5_524_149,
  accounts: 5_524_150,
  catalog: 5_524_151,
  proposals: 5_524_152,
  cabinetStaff: 5_524_153,
  updateOrders: 5_524_156,
  promotions: 5_524_157,
  cabinetSettings: 5_524_170,
} as const;

interface Transaction {
  execute(query: SQL): PromiseLike<unknown>;
}

/** Whoever has it does that alone, until the transaction ends; the others wait. */
export async function lockOneAtATime(tx: Transaction, what: keyof typeof lockNumbers): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${lockNumbers[what]})`);
}

/** The same for one thing of many, by what it is called: two names may have one lock, and then wait for each other for nothing. */
export async function lockNamedThing(tx: Transaction, name: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}
