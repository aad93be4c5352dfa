import { assert } from '../../shared/assert.ts';
import { storageErrorOf } from './failure.ts';

/** What goes in. Numbers are whole: money and times. */
export type SqlValue = string | number | Uint8Array | null;
/** What comes out; callers parse it. Bytes come as ArrayBuffer. */
export type Row = Readonly<Record<string, unknown>>;

/** The part of libsql's connection that is used. */
export interface RawConnection {
  readonly inTransaction: boolean;
  prepare(sql: string): RawStatement;
  exec(sql: string): void;
  close(): void;
}
interface RawStatement {
  run(...values: unknown[]): { changes: number };
  all(...values: unknown[]): Row[];
}

/**
 * A prepared statement with positional `?` parameters.
 *
 * The checks before binding stand because of how libsql 0.5 binds (found by experiment): a boolean aborts the process, a
 * missing parameter keeps the value of the call before, a text is cut at U+0000, and every number is bound as REAL.
 */
export class Statement {
  readonly #raw: RawStatement;
  readonly #sql: string;
  readonly #parameterCount: number;
  readonly #beforeUse: () => void;

  constructor(connection: RawConnection, sql: string, beforeUse: () => void = () => undefined) {
    this.#sql = sql;
    this.#parameterCount = sql.split('?').length - 1;
    this.#beforeUse = beforeUse;
    this.#raw = guarded(() => connection.prepare(sql));
  }

  /** Runs a write; how many rows it changed. */
  run(...values: SqlValue[]): number {
    const bound = this.#bind(values);
    return guarded(() => this.#raw.run(bound).changes);
  }

  /** All rows. */
  all(...values: SqlValue[]): Row[] {
    const bound = this.#bind(values);
    return guarded(() => this.#raw.all(bound));
  }

  /** The first row; the SQL says LIMIT 1 (it is read to its end; libsql's own `get` mixes a `_metadata` member in). */
  first(...values: SqlValue[]): Row | undefined {
    return this.all(...values)[0];
  }

  #bind(values: readonly SqlValue[]): unknown[] {
    this.#beforeUse();
    assert(values.length === this.#parameterCount, `wrong number of parameters for: ${this.#sql}`);
    return values.map((value) => {
      if (value === null || value instanceof Uint8Array) return value;
      if (typeof value === 'string') {
        assert(!value.includes('\0'), 'a text with U+0000 would be cut');
        return value;
      }
      assert(Number.isSafeInteger(value), `not a whole number for: ${this.#sql}`);
      return BigInt(value);
    });
  }
}

/** The number in the first column of the first row. */
export function firstNumber(connection: RawConnection, sql: string): number {
  const row = new Statement(connection, sql).first();
  const value: unknown = row === undefined ? undefined : Object.values(row)[0];
  assert(typeof value === 'number', `no number from: ${sql}`);
  return value;
}

function guarded<T>(fn: () => T): T {
  try {
    return fn();
  } catch (thrown) {
    throw storageErrorOf(thrown);
  }
}
