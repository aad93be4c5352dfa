import { createHmac } from 'node:crypto';
import { and, asc, desc, gt, isNull, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { staffAct } from '../storage/schema.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import type { Db } from '../storage/storage.ts';
import { isActOfPerson } from './persons.ts';

/** Whoever does something in the console. */
export interface Actor {
  readonly accountId: string;
  readonly name: string;
}

export interface Act {
  readonly act: string;
  readonly subject: string;
  readonly reason: string;
  readonly before: unknown;
  readonly after: unknown;
  /** The account that has agreed, where two are needed. */
  readonly agreedBy?: string | null;
}

type Row = typeof staffAct.$inferSelect;

const chainStart = '0'.repeat(64);

/** Puts on record what somebody has done, in the transaction in which it is done: neither is there without the other. */
export async function recordAct(
  tx: Db,
  clock: Clock,
  key: Uint8Array,
  { accountId, name: actor }: Actor,
  { act, subject, reason, before, after, agreedBy = null }: Act,
): Promise<void> {
  await lockOneAtATime(tx, 'actLog');
  const [last] = await tx
    .select({ seq: staffAct.seq, seal: staffAct.seal })
    .from(staffAct)
    .orderBy(desc(staffAct.seq))
    .limit(1);
  const row = {
    seq: (last?.seq ?? 0) + 1,
    atMs: clock.nowMs(),
    accountId,
    actor,
    act,
    subject,
    reason,
    agreedBy,
    before: JSON.stringify(before ?? null),
    after: JSON.stringify(after ?? null),
  };
  await tx.insert(staffAct).values({ ...row, seal: sealOf(key, last?.seal ?? chainStart, row) });
}

/**
 * How much of money somebody's acts (with all accounts that may be theirs) were about to which nobody else has agreed, since then
 * (wall time, ms): of one subject, and of all. After `recordAct` it counts that one, too, and nothing is added beside it.
 */
export async function stakesAlone(
  tx: Db,
  { accountId }: Actor,
  subject: string,
  sinceMs: number,
): Promise<{ readonly ofSubjectMinor: number; readonly ofAllMinor: number }> {
  const stake = sql`coalesce((${staffAct.after}::json ->> 'stakeMinor')::bigint, 0)`;
  const isAlone = and(
    await isActOfPerson(tx, accountId),
    gt(staffAct.atMs, sinceMs),
    isNull(staffAct.agreedBy),
  );
  const [sums] = await tx
    .select({
      ofSubjectMinor: sql`coalesce(sum(${stake}) filter (where ${staffAct.subject} = ${subject}), 0)`.mapWith(
        Number,
      ),
      ofAllMinor: sql`coalesce(sum(${stake}), 0)`.mapWith(Number),
    })
    .from(staffAct)
    .where(isAlone);
  return sums ?? { ofSubjectMinor: 0, ofAllMinor: 0 };
}

/** Covers what was done and the seal before it: nobody without the key changes, removes or adds one in between. */
function sealOf(key: Uint8Array, before: string, row: Omit<Row, 'id' | 'seal'>): string {
  const { seq, atMs, accountId, actor, act, subject, reason, agreedBy } = row;
  const said = { seq, atMs, accountId, actor, act, subject, reason, agreedBy };
  const text = canonicalJson({ ...said, was: row.before, is: row.after });
  return createHmac('sha256', key).update(`${before}\n${text}`, 'utf8').digest('hex');
}

/** Rows that are read at once when the log is looked through. */
const auditBatch = 1_000;

/** The first place in the log that is not as it was written; null: it is whole. (That its end is there, it cannot say.) */
export async function brokenActOf(db: Db, key: Uint8Array): Promise<number | null> {
  let [seq, seal] = [0, chainStart];
  for (;;) {
    const rows = await db
      .select()
      .from(staffAct)
      .where(gt(staffAct.seq, seq))
      .orderBy(asc(staffAct.seq))
      .limit(auditBatch);
    for (const row of rows) {
      if (row.seq !== seq + 1 || row.seal !== sealOf(key, seal, row)) return seq + 1;
      [seq, seal] = [row.seq, row.seal];
    }
    if (rows.length < auditBatch) return null;
  }
}
