import { type SQL, sql } from 'drizzle-orm';
import { charge } from './schema.ts';

/** `dueMinorOf` (debits/debit-life.ts) of a row, within a statement. */
export const dueMinor: SQL = sql`coalesce(${charge.approvedMinor}, ${charge.totalMinor} - ${charge.disputedMinor})`;
