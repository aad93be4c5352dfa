import { z } from 'zod';
import type { ChainStatement } from '../../shared/api/chain-header.ts';
import type { Result } from '../../shared/result.ts';
import type { ChainFloor } from '../platform/secrets.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import {
  type ChainKey,
  type ChainedEvent,
  chainAnchor,
  chainBeginSeal,
  chainEndSeal,
  chainHash,
  chainSeal,
  chainStart,
} from '../storage/hash-chain.ts';

const sealSchema = z.string().regex(/^[0-9a-f]{64}$/);
const endSchema = z.object({ seq: z.number().int().min(1), seal: sealSchema, endSeal: sealSchema });
/** The end of the chain as it was written with its last event. */
export type ChainEnd = z.infer<typeof endSchema>;

const cutSchema = z.object({ end: endSchema.nullable(), foundSeq: z.number().int(), atMs: z.number() });
/** The chain did not end where it had ended: as found before something was added to it. */
export type ChainCut = z.infer<typeof cutSchema>;

const beginSchema = z.object({
  seq: z.number().int().min(1),
  hash: sealSchema,
  seal: sealSchema.nullable(),
  beginSeal: sealSchema,
});
/** The last event that was removed from the front because it had been kept long enough. */
export type ChainBegin = z.infer<typeof beginSchema>;

/** Under these keys of the table `meta`. */
const beginKey = 'charge_chain_begin';
const endKey = 'charge_chain_end';
const toldKey = 'charge_chain_told';
const cutKey = 'charge_chain_cut';

/**
 * The chain of all events of all charges: what is added is hashed onto what was there and sealed with a key that is not
 * in the database. Where it ends stands beside it, sealed too, and is told to the operator.
 */
export class ChargeChain {
  readonly #db: Database;
  readonly #key: ChainKey;
  readonly #floor: ChainFloor | null;
  /** Acknowledged by the operator, and not on record yet: written with the next event. */
  #acknowledgedSeq: number | null = null;

  /** `floor`: what is known of the record outside of this database; null: nothing. */
  constructor(db: Database, key: ChainKey, floor: ChainFloor | null = null) {
    this.#db = db;
    this.#key = key;
    this.#floor = floor;
  }

  /** Adds one event at the end; inside a transaction. `dataJson`: canonical JSON. */
  append({ chargeId, atMs, type, dataJson }: Omit<ChainedEvent, 'seq'>): void {
    const last = this.#db
      .prepare('SELECT seq, hash, seal FROM charge_event ORDER BY seq DESC LIMIT 1')
      .first();
    const lastSeq = Number(last?.['seq'] ?? 0);
    const lastSeal = typeof last?.['seal'] === 'string' ? last['seal'] : null;
    const prevHash = typeof last?.['hash'] === 'string' ? last['hash'] : chainStart;
    this.#noteCut(lastSeq, lastSeal, atMs);
    const seq = lastSeq + 1;
    const hash = chainHash(prevHash, { seq, chargeId, atMs, type, dataJson });
    const seal = chainSeal(this.#key, lastSeal ?? chainAnchor(this.#key, lastSeq, prevHash), hash);
    this.#db
      .prepare(
        `INSERT INTO charge_event (seq, charge_id, at_ms, type, data_json, prev_hash, hash, seal)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(seq, chargeId, atMs, type, dataJson, prevHash, hash, seal);
    const end: ChainEnd = { seq, seal, endSeal: chainEndSeal(this.#key, seq, seal) };
    this.#write(endKey, JSON.stringify(end));
    if (this.#acknowledgedSeq === null) return;
    this.#write(toldKey, String(this.#acknowledgedSeq));
    this.#acknowledgedSeq = null;
  }

  /**
   * For the operator; null: there is nothing to say yet, what is on record is no end of this chain (the check tells staff),
   * or the database does not answer.
   */
  statement(): ChainStatement | null {
    const read = this.#db.read((): ChainStatement | null => {
      const end = readEnd(this.#db);
      if (end === null || !this.#isGenuine(end)) return null;
      const toldSeq = readToldSeq(this.#db);
      // One that cannot be read is none: the operator then says that the record begins anew.
      if (toldSeq === null) return { seq: end.seq, seal: end.seal, told: null };
      // From the event itself: what was rewritten since shall be seen.
      const row = this.#db.prepare('SELECT seal FROM charge_event WHERE seq = ?').first(toldSeq);
      const found = sealSchema.safeParse(row?.['seal']);
      const seal = found.success ? found.data : null;
      return { seq: end.seq, seal: end.seal, told: { seq: toldSeq, seal } };
    });
    return read.ok ? read.value : null;
  }

  /** The operator has the statement that ended with this event. On record with the next event. */
  acknowledged(seq: number): void {
    this.#acknowledgedSeq = Math.max(seq, this.#acknowledgedSeq ?? 0);
  }

  /** The last event that the operator has acknowledged, as on record; 0: none. Inside a read or transaction. */
  acknowledgedSeq(): number {
    return readToldSeq(this.#db) ?? 0;
  }

  /**
   * Removes events from the front; inside a transaction. The last of them is kept, sealed, as where the record begins, so
   * that nobody without the key can remove any more of it. False: they are not as they were written, and all stay; the
   * check tells staff.
   */
  removeFront(events: readonly Row[]): boolean {
    const last = events.at(-1);
    if (last === undefined) return true;
    if (!this.#isFrontWhole(events)) return false;
    const [seq, hash] = [Number(last['seq']), String(last['hash'])];
    const seal = typeof last['seal'] === 'string' ? last['seal'] : null;
    const begin: ChainBegin = { seq, hash, seal, beginSeal: chainBeginSeal(this.#key, seq, hash, seal) };
    const remove = this.#db.prepare('DELETE FROM charge_event WHERE seq = ?');
    for (const event of events) remove.run(Number(event['seq']));
    this.#write(beginKey, JSON.stringify(begin));
    return true;
  }

  /** Each of these events, which are the first that are left, fits the hash and the seal before it. */
  #isFrontWhole(events: readonly Row[]): boolean {
    let before: Pick<ChainBegin, 'seq' | 'hash' | 'seal'> = readBegin(this.#db, this.#key) ?? {
      seq: 0,
      hash: chainStart,
      seal: null,
    };
    return events.every((row) => {
      const hash = hashOfRow(row, before.hash);
      if (row['seq'] !== before.seq + 1 || hash === null || hash !== row['hash']) return false;
      const seal = typeof row['seal'] === 'string' ? row['seal'] : null;
      const isEarly = before.seq < (this.#floor?.unsealedSeq ?? Infinity);
      const prevSeal = before.seal ?? chainAnchor(this.#key, before.seq, before.hash);
      const fits =
        seal === null ? before.seal === null && isEarly : seal === chainSeal(this.#key, prevSeal, hash);
      before = { seq: before.seq + 1, hash, seal };
      return fits;
    });
  }

  /** Adding to a chain whose end is missing would hide that: it is kept, the first time. */
  #noteCut(lastSeq: number, lastSeal: string | null, atMs: number): void {
    const end = readEnd(this.#db);
    const isWhole =
      end === null
        ? lastSeal === null &&
          lastSeq <= (this.#floor?.unsealedSeq ?? lastSeq) &&
          lastSeq >= (this.#floor?.seenSeq ?? 0)
        : end.seq === lastSeq && end.seal === lastSeal && this.#isGenuine(end);
    if (isWhole || readMeta(this.#db, cutKey) !== null) return;
    const cut: ChainCut = { end, foundSeq: lastSeq, atMs };
    this.#write(cutKey, JSON.stringify(cut));
  }

  #isGenuine({ seq, seal, endSeal }: ChainEnd): boolean {
    return endSeal === chainEndSeal(this.#key, seq, seal);
  }

  #write(key: string, value: string): void {
    this.#db
      .prepare(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      )
      .run(key, value);
  }
}

/** Number of the last event without a seal at the begin of the record; 0: there is none. */
export function lastUnsealedSeq(db: Database): Result<number, StorageFailure> {
  return db.read(() => {
    const firstSealed = db.prepare('SELECT MIN(seq) AS seq FROM charge_event WHERE seal IS NOT NULL').first();
    const last = db.prepare('SELECT MAX(seq) AS seq FROM charge_event').first();
    const sealedFrom = firstSealed?.['seq'];
    return typeof sealedFrom === 'number' ? sealedFrom - 1 : Number(last?.['seq'] ?? 0);
  });
}

/** Inside a read or transaction. Null: none is on record, or it is no such record any more. */
export function readEnd(db: Database): ChainEnd | null {
  return parsed(endSchema, readMeta(db, endKey));
}

/**
 * Inside a read or transaction. Null: nothing was removed from the front, or what says so was not written with this key
 * (null: it is not looked at): then the first events are missing.
 */
export function readBegin(db: Database, key: ChainKey | null): ChainBegin | null {
  const begin = parsed(beginSchema, readMeta(db, beginKey));
  if (begin === null || key === null) return begin;
  return begin.beginSeal === chainBeginSeal(key, begin.seq, begin.hash, begin.seal) ? begin : null;
}

/** The hash that the row must have behind this one; null: the row cannot be an event. */
export function hashOfRow(row: Row, prevHash: string): string | null {
  const { seq, charge_id: chargeId, at_ms: atMs, type, data_json: dataJson } = row;
  if (typeof seq !== 'number' || typeof chargeId !== 'string' || typeof atMs !== 'number') return null;
  if (typeof type !== 'string' || typeof dataJson !== 'string') return null;
  try {
    return chainHash(prevHash, { seq, chargeId, atMs, type, dataJson });
  } catch {
    // Not JSON any more.
    return null;
  }
}

function readToldSeq(db: Database): number | null {
  const told = readMeta(db, toldKey);
  return told !== null && /^[1-9]\d{0,14}$/.test(told) ? Number(told) : null;
}

/** Inside a read or transaction. */
export function readCut(db: Database): ChainCut | null {
  const text = readMeta(db, cutKey);
  return text === null ? null : (parsed(cutSchema, text) ?? { end: null, foundSeq: 0, atMs: 0 });
}

function readMeta(db: Database, key: string): string | null {
  const value = db.prepare('SELECT value FROM meta WHERE key = ? LIMIT 1').first(key)?.['value'];
  return typeof value === 'string' ? value : null;
}

function parsed<T>(schema: z.ZodType<T>, text: string | null): T | null {
  if (text === null) return null;
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
