import type { VisitLimits } from '../../core/visit/limits.ts';
import { replayJournal } from '../../core/visit/replay.ts';
import { storedVisitVersion, toStoredVisit } from '../../core/visit/stored-visit.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import { VisitChart } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import { type Result, ok } from '../../shared/result.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import type { Database, StorageFailure } from '../storage/database.ts';
import { type JournalEntry, VisitStore, journalStart } from './visit-store.ts';

export interface JournalVerification {
  /** Visits whose journal leads to the state on record, byte for byte. */
  readonly verifiedCount: number;
  /** Visits without a whole journal: of an earlier version, put aside, or tidied away. */
  readonly skippedCount: number;
  /** What does not hold, in words, one for each visit. */
  readonly wrong: readonly string[];
}

/**
 * Replays the journal of each visit on record (the latest 10,000) and compares where it leads with the state that was
 * stored. `limits`: those of the program that wrote them. Only reads.
 */
export function verifyJournals(
  database: Database,
  clock: Clock,
  limits?: VisitLimits,
): Result<JournalVerification, StorageFailure> {
  const store = new VisitStore(database, clock);
  const chart = new VisitChart(limits);
  const visits = store.list();
  if (!visits.ok) return visits;
  const wrong: string[] = [];
  let verifiedCount = 0;
  let skippedCount = 0;
  for (const { visitId, state } of visits.value) {
    const journal = store.journal(visitId);
    if (!journal.ok) return journal;
    const [start, ...entries] = journal.value;
    // An earlier version wrote other events, which this chart cannot apply.
    const isCurrent = start?.type === journalStart && fieldOf(start.data, 'version') === storedVisitVersion;
    if (!isCurrent || entries.some((entry) => entry.type === 'quarantined')) {
      skippedCount++;
      continue;
    }
    const replayed = replayJournal(chart, start.data, entries.map(toEvent));
    if (!replayed.ok) {
      wrong.push(`${visitId}: ${replayed.error.message}`);
      continue;
    }
    const expected = canonicalJson(state);
    // What the estimator remembers is no part of the journal: it is taken as it was stored.
    const found = canonicalJson(toStoredVisit(replayed.value, fieldOf(state, 'estimator')));
    if (found === expected) verifiedCount++;
    else wrong.push(`${visitId}: ${found} instead of ${expected}`);
  }
  return ok({ verifiedCount, skippedCount, wrong });
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** The stored event is the applied event, its type beside its data. */
function toEvent({ type, data }: JournalEntry): VisitEvent {
  return { ...(data as object), type } as VisitEvent;
}
