import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Result, ok } from '../../shared/result.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import type { Database, Row, StorageFailure } from '../storage/database.ts';
import { fromJson } from '../storage/json-text.ts';
import { chainBeginSeal, chainEndSeal, chainHash, chainSeal, chainStart } from '../storage/hash-chain.ts';
import { MetaStore } from '../storage/meta-store.ts';
import type { Audit } from '../storage/sliced-check.ts';

/** So many acts are kept: years of them. The oldest go first, and where the record begins then is sealed. */
export const serviceActsKept = 20_000;

export interface ServiceLogEntry {
  readonly seq: number;
  readonly atMs: number;
  /** Whose act: a staff number, or `-`: nobody's (a try that failed, a power cut). */
  readonly actor: string;
  readonly act: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const edgeSchema = z.object({
  seq: z.number().int().min(0),
  hash: z.string(),
  seal: z.string(),
  mac: z.string(),
});
type Edge = z.infer<typeof edgeSchema>;
type Place = Pick<Edge, 'seq' | 'hash' | 'seal'>;

/** `brokenSeq`: as `broken` answers, once it is done. */
export interface ServiceLogAudit extends Audit {
  readonly brokenSeq: number | null;
}
/** Entries that are looked at in one step. */
const pageCount = 20;

/**
 * What was done in service mode, and who has tried to come in: hashed and sealed onto each other as the events of charges are
 * (storage/hash-chain.ts), under a key made from theirs, so that no part of one record can stand in the other.
 */
export class ServiceLog {
  readonly #db: Database;
  readonly #meta: MetaStore;
  readonly #key: Uint8Array;

  constructor(db: Database, chainKey: Uint8Array) {
    this.#db = db;
    this.#meta = new MetaStore(db);
    this.#key = createHmac('sha256', chainKey).update('kaimen service log').digest();
  }

  /** Adds one act at the end, durable when it returns ok. */
  append({ atMs, actor, act, data }: Omit<ServiceLogEntry, 'seq'>): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      const last = this.#last();
      const seq = last.seq + 1;
      // Its end was taken off: what is added next says so, for the end that is sealed below hides it.
      const dataJson = canonicalJson(this.#isEndOf(last) ? data : { ...data, recordDamaged: true });
      const hash = hashOf(last.hash, { seq, atMs: Math.round(atMs), actor, act, dataJson });
      const seal = chainSeal(this.#key, last.seal, hash);
      this.#db
        .prepare(
          `INSERT INTO service_act (seq, at_ms, actor, act, data_json, hash, seal)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(seq, Math.round(atMs), actor, act, dataJson, hash, seal);
      this.#cutFront(seq);
      const end: Edge = { seq, hash, seal, mac: chainEndSeal(this.#key, seq, seal) };
      return this.#meta.set('service_log_end', JSON.stringify(end));
    });
  }

  /** The newest first. */
  latest(limit: number): Result<ServiceLogEntry[], StorageFailure> {
    return this.#db.read(() =>
      this.#db
        .prepare('SELECT * FROM service_act ORDER BY seq DESC LIMIT ?')
        .all(limit)
        .map((row) => ({
          seq: Number(row['seq']),
          atMs: Number(row['at_ms']),
          actor: String(row['actor']),
          act: String(row['act']),
          data: (fromJson(row['data_json']) ?? {}) as Record<string, unknown>,
        })),
    );
  }

  /** The number of the first act that is not as it was written, or is missing; null: all of it is whole. At once: for tests. */
  broken(): Result<number | null, StorageFailure> {
    const audit = this.audit();
    while (!audit.isDone) {
      const stepped = audit.step();
      if (!stepped.ok) return stepped;
    }
    return ok(audit.brokenSeq);
  }

  /** Looks through all of it, a page at a time, while acts are added. */
  audit(): ServiceLogAudit {
    let [isDone, brokenSeq]: [boolean, number | null] = [false, null];
    let before: Place = start;
    const ends = (seq: number | null): void => {
      [isDone, brokenSeq] = [true, seq];
    };
    const page = (): void => {
      const { begin, end } = this.#edges();
      if (begin === 'false' || end === 'false') {
        ends(1);
        return;
      }
      // Its front may have been taken off meanwhile.
      if (begin !== null && begin.seq > before.seq) before = begin;
      const rows = this.#db
        .prepare('SELECT * FROM service_act WHERE seq > ? ORDER BY seq LIMIT ?')
        .all(before.seq, pageCount);
      for (const row of rows) {
        const next = this.#fits(before, row);
        if (next === null) {
          ends(before.seq + 1);
          return;
        }
        before = next;
      }
      if (rows.length === pageCount) return;
      const isEnd = before.seq === (end?.seq ?? 0) && (end === null || before.seal === end.seal);
      ends(isEnd ? null : before.seq + 1);
    };
    return {
      get isDone() {
        return isDone;
      },
      get brokenSeq() {
        return brokenSeq;
      },
      step: () => this.#db.read(page),
    };
  }

  /** Whether it ends where its seal says: a moment's work. What is added next would hide it. */
  isEndWhole(): Result<boolean, StorageFailure> {
    return this.#db.read(() => this.#isEndOf(this.#last()));
  }

  #edges(): Record<'begin' | 'end', Edge | null | 'false'> {
    return {
      begin: this.#edge('service_log_begin', chainBeginOf(this.#key)),
      end: this.#edge('service_log_end', ({ seq, seal }) => chainEndSeal(this.#key, seq, seal)),
    };
  }

  #isEndOf(last: Pick<Edge, 'seq' | 'seal'>): boolean {
    const { end } = this.#edges();
    return end !== 'false' && (end?.seq ?? 0) === last.seq && (end === null || end.seal === last.seal);
  }

  #last(): Place {
    const row = this.#db.prepare('SELECT seq, hash, seal FROM service_act ORDER BY seq DESC LIMIT 1').first();
    if (row === undefined) return start;
    return { seq: Number(row['seq']), hash: String(row['hash']), seal: String(row['seal']) };
  }

  #fits(before: Place, row: Row): Place | null {
    const [seq, atMs] = [Number(row['seq']), Number(row['at_ms'])];
    const [actor, act, dataJson] = [String(row['actor']), String(row['act']), String(row['data_json'])];
    if (seq !== before.seq + 1 || fromJson(dataJson) === null) return null;
    const hash = hashOf(before.hash, { seq, atMs, actor, act, dataJson });
    const seal = chainSeal(this.#key, before.seal, hash);
    return hash === row['hash'] && seal === row['seal'] ? { seq, hash, seal } : null;
  }

  #cutFront(seq: number): void {
    const lastGone = seq - serviceActsKept;
    if (lastGone < 1 || lastGone % 100 !== 0) return;
    const row = this.#db.prepare('SELECT seq, hash, seal FROM service_act WHERE seq = ?').first(lastGone);
    if (row === undefined) return;
    const begin = { seq: lastGone, hash: String(row['hash']), seal: String(row['seal']) };
    this.#db.prepare('DELETE FROM service_act WHERE seq <= ?').run(lastGone);
    const edge: Edge = { ...begin, mac: chainBeginOf(this.#key)(begin) };
    const kept = this.#meta.set('service_log_begin', JSON.stringify(edge));
    // Inside the transaction that adds: it fails as a whole.
    if (!kept.ok) throw new Error(kept.error.message);
  }

  /** Null: nothing is on record; `false`: it is not what this program wrote. */
  #edge(key: 'service_log_begin' | 'service_log_end', macOf: (edge: Place) => string): Edge | null | 'false' {
    const kept = this.#db.prepare('SELECT value FROM meta WHERE key = ? LIMIT 1').first(key)?.['value'];
    if (kept === undefined) return null;
    const edge = edgeSchema.safeParse(fromJson(kept));
    if (!edge.success) return 'false';
    const [said, mac] = [Buffer.from(edge.data.mac), Buffer.from(macOf(edge.data))];
    return said.length === mac.length && timingSafeEqual(said, mac) ? edge.data : 'false';
  }
}

const start: Place = { seq: 0, hash: chainStart, seal: chainStart };

function chainBeginOf(key: Uint8Array) {
  return ({ seq, hash, seal }: Place): string => chainBeginSeal(key, seq, hash, seal);
}

/** The actor stands where the events of charges have their charge. */
function hashOf(
  prevHash: string,
  { seq, atMs, actor, act, dataJson }: Omit<ServiceLogEntry, 'data'> & { readonly dataJson: string },
): string {
  return chainHash(prevHash, { seq, chargeId: actor, atMs, type: act, dataJson });
}
