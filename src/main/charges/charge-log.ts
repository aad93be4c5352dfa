import { z } from 'zod';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { applyChargeEvent, newCharge } from '../../core/charge/charge-life.ts';
import type { ChargeEvent, ChargeLife } from '../../core/charge/charge-life.ts';
import { disputeIdSchema } from '../../shared/ids.schema.ts';
import type { DisputeId } from '../../shared/ids.ts';
import { reasonCodeSchema } from '../../shared/model/charge.schema.ts';
import { minorSchema } from '../../shared/money.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import { chainHash, chainStart } from '../storage/hash-chain.ts';
import { chargeRecordOf, damaged, lifeOf } from './charge-record.ts';

/** The events as they lie in the log: those of core/charge, `open`, with which every charge begins, and `dispute`. */
const reason = { reason: reasonCodeSchema };
const loggedEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open') }),
  z.object({ type: z.literal('finalise'), totalMinor: minorSchema, bodySha256: z.string() }),
  z.object({ type: z.literal('enqueue') }),
  z.object({
    type: z.literal('void'),
    why: z.enum(['nothing_taken', 'not_opened', 'unlock_failed', 'cancelled']),
  }),
  z.object({ type: z.literal('submit') }),
  z.object({
    type: z.literal('reply'),
    state: z.enum(['accepted', 'paid', 'collecting', 'needs_attention']),
    totalMinor: minorSchema,
    reason: reasonCodeSchema.nullable(),
  }),
  z.object({ type: z.literal('defer'), ...reason }),
  z.object({ type: z.literal('doubt'), ...reason }),
  z.object({ type: z.literal('unknown_there') }),
  z.object({ type: z.literal('reject'), reason: z.enum(['system.rejected', 'system.conflict']) }),
  z.object({ type: z.literal('recover') }),
  z.object({ type: z.literal('dispute'), disputeId: disputeIdSchema, skus: z.array(z.string()) }),
]);
/** A ChargeEvent that is not in the schema does not compile here. */
export type LoggedEvent =
  | (ChargeEvent & { type: Exclude<ChargeEvent['type'], 'finalise'> })
  | { type: 'open' }
  /** A shopper's report about a bill. It changes no state here: the operator decides. */
  | { type: 'dispute'; disputeId: DisputeId; skus: string[] }
  | { type: 'finalise'; totalMinor: z.output<typeof minorSchema>; bodySha256: string };

export interface LogEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly event: LoggedEvent;
}

/** Events read at once when the whole chain is walked. */
const pageCount = 500;

/** The append-only, hash-chained record of what happened to every charge. Used inside transactions of ChargeStore. */
export class ChargeLog {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds one event at the end of the chain; inside a transaction. */
  append(chargeId: string, atMs: number, event: LoggedEvent): void {
    const last = this.#db.prepare('SELECT seq, hash FROM charge_event ORDER BY seq DESC LIMIT 1').first();
    const seq = Number(last?.['seq'] ?? 0) + 1;
    const prevHash = typeof last?.['hash'] === 'string' ? last['hash'] : chainStart;
    const { type, ...data } = event;
    const dataJson = canonicalJson(data);
    const hash = chainHash(prevHash, { seq, chargeId, atMs, type, dataJson });
    this.#db
      .prepare(
        `INSERT INTO charge_event (seq, charge_id, at_ms, type, data_json, prev_hash, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(seq, chargeId, atMs, type, dataJson, prevHash, hash);
  }

  /** What happened to one charge, in order; inside a read or transaction. */
  history(chargeId: string): LogEntry[] {
    return this.#db
      .prepare('SELECT seq, at_ms, type, data_json FROM charge_event WHERE charge_id = ? ORDER BY seq')
      .all(chargeId)
      .map(entryOf);
  }

  /**
   * Walks the whole chain: each hash fits the event and the hash before it, numbers have no gap. `chain.broken` names
   * the first event that does not fit. About 30 µs per event.
   */
  verifyChain(): Result<{ eventCount: number }, Failure<'chain.broken'> | StorageFailure> {
    const walked = this.#db.read(() => {
      let prevHash = chainStart;
      let lastSeq = 0;
      const page = this.#db.prepare('SELECT * FROM charge_event WHERE seq > ? ORDER BY seq LIMIT ?');
      for (;;) {
        const rows = page.all(lastSeq, pageCount);
        for (const row of rows) {
          if (row['seq'] !== lastSeq + 1 || !fits(row, prevHash)) {
            return fail('chain.broken', `charge event ${lastSeq + 1} does not fit the one before`);
          }
          lastSeq++;
          prevHash = String(row['hash']);
        }
        if (rows.length < pageCount) return ok({ eventCount: lastSeq });
      }
    });
    return walked.ok ? walked.value : walked;
  }

  /**
   * The books against the log: the chain holds, and every charge is in the state that its own events lead to. Finds
   * also what a chain alone cannot show, an end that is missing.
   */
  audit(): Result<{ eventCount: number; chargeCount: number }, Failure<'chain.broken'> | StorageFailure> {
    const chain = this.verifyChain();
    if (!chain.ok) return chain;
    const checked = this.#db.read(() => {
      let chargeCount = 0;
      let lastId = '';
      const page = this.#db.prepare('SELECT * FROM charge WHERE charge_id > ? ORDER BY charge_id LIMIT ?');
      for (;;) {
        const rows = page.all(lastId, pageCount);
        for (const row of rows) {
          const record = chargeRecordOf(row);
          const history = this.history(record.chargeId);
          const replayed = replay(history);
          if (canonicalJson(replayed) !== canonicalJson(lifeOf(record))) {
            return fail('chain.broken', `charge ${record.chargeId} is not what its events say`);
          }
          if (canonicalJson(this.#disputes(record.chargeId)) !== canonicalJson(disputesIn(history))) {
            return fail('chain.broken', `the disputes of ${record.chargeId} are not what its events say`);
          }
          lastId = record.chargeId;
          chargeCount++;
        }
        if (rows.length < pageCount) return ok({ eventCount: chain.value.eventCount, chargeCount });
      }
    });
    return checked.ok ? checked.value : checked;
  }

  /** Id → lines, as in the dispute table. */
  #disputes(chargeId: string): Record<string, unknown> {
    const rows = this.#db
      .prepare('SELECT dispute_id, skus_json FROM dispute WHERE charge_id = ?')
      .all(chargeId);
    return Object.fromEntries(rows.map((row) => [String(row['dispute_id']), row['skus_json']]));
  }
}

function disputesIn(entries: readonly LogEntry[]): Record<string, unknown> {
  const found = entries.flatMap(({ event }) => (event.type === 'dispute' ? [event] : []));
  return Object.fromEntries(found.map((event) => [event.disputeId, canonicalJson(event.skus)]));
}

function replay(entries: readonly LogEntry[]): ChargeLife | null {
  if (entries[0]?.event.type !== 'open') return null;
  let life = newCharge;
  for (const { event } of entries.slice(1)) {
    if (event.type === 'open') return null;
    if (event.type === 'dispute') {
      if (life.totalMinor === null) return null;
      continue;
    }
    const next = applyChargeEvent(life, event);
    if (!next.ok) return null;
    life = next.value;
  }
  return life;
}

function fits(row: Row, prevHash: string): boolean {
  const { seq, charge_id: chargeId, at_ms: atMs, type, data_json: dataJson, hash } = row;
  if (row['prev_hash'] !== prevHash) return false;
  if (typeof seq !== 'number' || typeof chargeId !== 'string' || typeof atMs !== 'number') return false;
  if (typeof type !== 'string' || typeof dataJson !== 'string') return false;
  try {
    return hash === chainHash(prevHash, { seq, chargeId, atMs, type, dataJson });
  } catch {
    // Not JSON any more.
    return false;
  }
}

function entryOf(row: Row): LogEntry {
  let data: unknown;
  try {
    data = JSON.parse(String(row['data_json']));
  } catch {
    throw damaged(`the data of charge event ${String(row['seq'])}`);
  }
  const parsed = loggedEventSchema.safeParse({ ...(data as object), type: row['type'] });
  if (!parsed.success) throw damaged(`charge event ${String(row['seq'])}: ${z.prettifyError(parsed.error)}`);
  const event: LoggedEvent = parsed.data;
  return { seq: Number(row['seq']), atMs: Number(row['at_ms']), event };
}
