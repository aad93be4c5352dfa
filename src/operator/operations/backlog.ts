import { count, eq, isNull, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { OfflineRisk } from '../fleet/offline-risk.ts';
import { offlineRisksOf } from '../fleet/offline-risk.ts';
import type { Policy } from '../limits.ts';
import { differenceKinds } from '../reconciliation/kinds.ts';
import { charge, difference, incident, incidentKinds } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/** What a charge waits for: its debit, an answer to it, the provider's own collection or a later try, people. */
const waits = ['debit', 'doubt', 'collecting', 'people'] as const;

/** What waits, at one moment. */
export interface Backlog {
  /** Each of `waits`, also where nothing does. `oldestS`: since the oldest of them arrived; 0: there is none. */
  readonly waiting: readonly {
    readonly what: (typeof waits)[number];
    readonly count: number;
    readonly oldestS: number;
  }[];
  /** Open ones of each kind that there are; kinds of a newer program are `other`. */
  readonly incidents: readonly { readonly kind: string; readonly count: number }[];
  /** The same of what differs between bills and charges (reconciliation/). */
  readonly differences: readonly { readonly kind: string; readonly count: number }[];
  /** What may come to be owed while all cabinets are offline. */
  readonly offlineRisks: readonly OfflineRisk[];
}

/** Reads it from what is not settled, which is indexed. Rejects as the database does. */
export async function readBacklog(db: Db, clock: Clock, policy: Policy): Promise<Backlog> {
  const what = sql<string>`case when ${charge.state} = 'needs_attention' and not ${charge.inDoubt} then 'people'
    when ${charge.state} = 'collecting' or ${charge.collectedByProvider} then 'collecting'
    when ${charge.inDoubt} then 'doubt' else 'debit' end`;
  const rows = await db
    .select({ what, count: count(), oldestMs: sql`min(${charge.firstAtMs})`.mapWith(Number) })
    .from(charge)
    .where(
      sql`${charge.state} <> 'paid' and (${charge.state} = 'needs_attention'
      or ${charge.nextAttemptAtMs} is not null)`,
    )
    .groupBy(sql`1`);
  const open = await db
    .select({ kind: incident.kind, count: count() })
    .from(incident)
    .where(isNull(incident.resolvedAtMs))
    .groupBy(incident.kind);
  const differences = await db
    .select({ kind: difference.kind, count: count() })
    .from(difference)
    .where(eq(difference.state, 'open'))
    .groupBy(difference.kind);
  const nowMs = clock.nowMs();
  const waiting = waits.map((one) => {
    const row = rows.find((found) => found.what === one);
    const oldestS = row === undefined ? 0 : Math.max(nowMs - row.oldestMs, 0) / 1_000;
    return { what: one, count: row?.count ?? 0, oldestS };
  });
  return {
    waiting,
    incidents: byKnownKind(open, incidentKinds),
    differences: byKnownKind(differences, differenceKinds),
    offlineRisks: await offlineRisksOf(db, policy),
  };
}

function byKnownKind(
  open: readonly { kind: string; count: number }[],
  kinds: readonly string[],
): Backlog['incidents'] {
  const counts = new Map<string, number>();
  for (const { kind, count: more } of open) {
    const known = kinds.includes(kind) ? kind : 'other';
    counts.set(known, (counts.get(known) ?? 0) + more);
  }
  return Array.from(counts, ([kind, sum]) => ({ kind, count: sum }));
}
