import { and, asc, eq } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { plainText } from '../storage/plain-text.ts';
import { difference } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { csvOf } from '../../shared/util/csv.ts';

type DifferenceRow = typeof difference.$inferSelect;

/** What was found, the oldest first: of one day, or all that is open. */
export async function listDifferences(db: Db, day: string | null): Promise<DifferenceRow[]> {
  const which = day === null ? eq(difference.state, 'open') : eq(difference.day, day);
  return db.select().from(difference).where(which).orderBy(asc(difference.id));
}

/** What people say of a difference. */
export interface Closing {
  readonly state: 'explained' | 'closed';
  readonly actor: string;
  readonly resolution: string;
}

/** Closes one, once: the first word stands, and the same again is the same answer. */
export async function closeDifference(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  id: number,
  { state, actor, resolution }: Closing,
): Promise<Result<DifferenceRow, Failure<'not_found' | 'conflict'>>> {
  const said = { state, actor: plainText(actor), resolution: plainText(resolution) };
  await db
    .update(difference)
    .set({ ...said, resolvedAtMs: clock.nowMs() })
    .where(and(eq(difference.id, id), eq(difference.state, 'open')));
  const [row] = await db.select().from(difference).where(eq(difference.id, id));
  if (row === undefined) return fail('not_found', `no difference ${id}`);
  const isSame = row.state === state && row.actor === said.actor && row.resolution === said.resolution;
  return isSame ? ok(row) : fail('conflict', `${row.state} already by ${row.actor ?? ''}`);
}

const head = [
  ...['id', 'provider', 'merchant', 'day', 'kind', 'cause', 'owner', 'order', 'here_minor', 'there_minor'],
  ...['currency', 'detail', 'found_at', 'gone', 'state', 'actor', 'resolution', 'resolved_at'],
] as const;

/** As a table for people who work with spreadsheets; amounts are minor units, times UTC. */
export function csvOfDifferences(rows: readonly DifferenceRow[]): string {
  return csvOf(
    head,
    rows.map((row) => [
      ...[row.id, row.provider, row.merchant, row.day, row.kind, row.cause, row.owner, row.orderId],
      ...[row.hereMinor, row.thereMinor, row.currency, row.detail, timeOf(row.foundAtMs)],
      ...[row.isGone ? 'yes' : 'no', row.state, row.actor, row.resolution, timeOf(row.resolvedAtMs)],
    ]),
  );
}

function timeOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
