import { z } from 'zod';
import type { WithPeople } from '../../shared/api/sent-before.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { applyChargeEvent, newCharge } from '../../core/charge/charge-life.ts';
import type { ChargeEvent, ChargeLife } from '../../core/charge/charge-life.ts';
import { disputeIdSchema } from '../../shared/ids.schema.ts';
import type { DisputeId } from '../../shared/ids.ts';
import { reasonCodeSchema } from '../../shared/model/charge.schema.ts';
import { resolutionSchema } from '../../shared/model/resolution.schema.ts';
import { minorSchema } from '../../shared/money.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import { sha256Hex } from '../storage/hash-chain.ts';
import type { ChargeChain } from './charge-chain.ts';

/** The events as they lie in the log: those of core/charge, `open`, with which every charge begins, and `dispute`. */
const reason = { reason: reasonCodeSchema };
const loggedEventSchema = z.discriminatedUnion('type', [
  // Without the digest: written before there was one.
  z.object({ type: z.literal('open'), ofSha256: z.string().optional() }),
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
    namedMinor: minorSchema.optional(),
  }),
  z.object({
    type: z.literal('resolved'),
    ...resolutionSchema.shape,
    state: z.enum(['accepted', 'paid', 'collecting', 'needs_attention']),
    totalMinor: minorSchema,
    reason: reasonCodeSchema.nullable(),
    namedMinor: minorSchema,
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
  | { type: 'open'; ofSha256?: string | undefined }
  /** A shopper's report about a bill. It changes no state here: the operator decides. */
  | { type: 'dispute'; disputeId: DisputeId; skus: string[] }
  | { type: 'finalise'; totalMinor: z.output<typeof minorSchema>; bodySha256: string };

export interface LogEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly event: LoggedEvent;
}

/**
 * The append-only, chained record of what happened to every charge: each event in words of core/charge. Used inside
 * transactions of ChargeStore and DisputeStore.
 */
export class ChargeLog {
  readonly #chain: Pick<ChargeChain, 'append'>;

  constructor(chain: Pick<ChargeChain, 'append'>) {
    this.#chain = chain;
  }

  /** Adds one event at the end of the chain; inside a transaction. */
  append(chargeId: string, atMs: number, event: LoggedEvent): void {
    const { type, ...data } = event;
    this.#chain.append({ chargeId, atMs, type, dataJson: canonicalJson(data) });
  }
}

/**
 * What happened to one charge, in order; inside a read or transaction. `storage.corrupt`: an event of it cannot be read
 * any more.
 */
export function historyOf(db: Database, chargeId: string): Result<LogEntry[], StorageFailure> {
  const rows = db
    .prepare('SELECT seq, at_ms, type, data_json FROM charge_event WHERE charge_id = ? ORDER BY seq')
    .all(chargeId);
  const entries: LogEntry[] = [];
  for (const row of rows) {
    const entry = entryOf(row);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok(entries);
}

/**
 * When this charge was first sent, and nothing came back that says whether it was taken, wall time; null: never. Inside a
 * read or transaction.
 */
export function unansweredSince(db: Database, chargeId: string): number | null {
  const atMs = db
    .prepare(
      `SELECT at_ms FROM charge_event WHERE charge_id = ? AND type = 'submit' AND seq <
         (SELECT MIN(seq) FROM charge_event WHERE charge_id = ? AND type IN ('doubt', 'recover'))
       ORDER BY seq DESC LIMIT 1`,
    )
    .first(chargeId, chargeId)?.['at_ms'];
  return typeof atMs === 'number' ? atMs : null;
}

/**
 * How far people at the operator have come with this charge, as it was told: they have decided, or else it has waited for
 * them; null: neither. Inside a read or transaction.
 */
export function stageWithPeople(db: Database, chargeId: string): WithPeople['stage'] | null {
  // Not by the functions for JSON: what is damaged must not stop the delivery. The spelling is canonical. Under a decision the
  // last word counts: it may wait again. Without one, that it waited is known for ever.
  const last = db
    .prepare(
      `SELECT ${isDecided} AS is_decided, ${isWaiting} AS is_waiting FROM charge_event
       WHERE charge_id = ? AND type IN ('reply', 'resolved') AND (${isDecided} OR ${isWaiting})
       ORDER BY is_decided DESC, seq DESC LIMIT 1`,
    )
    .first(chargeId);
  return last === undefined ? null : stageOf(last);
}

/**
 * The same by the operator's last word that is on record: null also where that forgets what people had in hand, so that it
 * shows once. Inside a read or transaction.
 */
export function stageToldLast(db: Database, chargeId: string): WithPeople['stage'] | null {
  const last = db
    .prepare(
      `SELECT ${isDecided} AS is_decided, ${isWaiting} AS is_waiting FROM charge_event
       WHERE charge_id = ? AND type IN ('reply', 'resolved') ORDER BY seq DESC LIMIT 1`,
    )
    .first(chargeId);
  return last === undefined ? null : stageOf(last);
}

/** Of an answer on record: a decision, or one that is told under it; it waits for people. */
const isDecided = `(type = 'resolved' OR instr(data_json, '"namedMinor":') > 0)`;
const isWaiting = `(instr(data_json, '"state":"needs_attention"') > 0)`;

function stageOf(row: Row): WithPeople['stage'] | null {
  if (row['is_waiting'] === 1) return 'waiting';
  return row['is_decided'] === 1 ? 'decided' : null;
}

/** What a charge is, apart from its bill: goes into its first event. */
export function identitySha256(charge: {
  readonly visitId: string;
  readonly memberId: string;
  readonly cabinetId: string;
  readonly currency: string;
}): string {
  const { visitId, memberId, cabinetId, currency } = charge;
  return sha256Hex(canonicalJson({ visitId, memberId, cabinetId, currency }));
}

/** Id → lines of each dispute that these events tell of. */
export function disputesIn(entries: readonly LogEntry[]): Record<string, unknown> {
  const found = entries.flatMap(({ event }) => (event.type === 'dispute' ? [event] : []));
  return Object.fromEntries(found.map((event) => [event.disputeId, canonicalJson(event.skus)]));
}

/** The life that these events lead to; null: none that core/charge allows. */
export function replay(entries: readonly LogEntry[]): ChargeLife | null {
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

function entryOf(row: Row): Result<LogEntry, StorageFailure> {
  const seq = Number(row['seq']);
  let data: unknown;
  try {
    data = JSON.parse(String(row['data_json']));
  } catch {
    return fail('storage.corrupt', `the data of charge event ${seq}`);
  }
  const parsed = loggedEventSchema.safeParse({ ...(data as object), type: row['type'] });
  if (!parsed.success)
    return fail('storage.corrupt', `charge event ${seq}: ${z.prettifyError(parsed.error)}`);
  const event: LoggedEvent = parsed.data;
  return ok({ seq, atMs: Number(row['at_ms']), event });
}
