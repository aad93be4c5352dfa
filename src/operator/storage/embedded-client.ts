import type { PGlite, QueryOptions, Results } from '@electric-sql/pglite';
import { Mutex, TransactionAbortedError, parse, protocol } from '@electric-sql/pglite';

/** How many statements the database keeps parsed and planned. They are written in the code: there are fewer in use. */
const statementsMax = 400;

/** What is worth a plan that is kept. */
const isPlanned = (text: string): boolean => /^\s*(?:select|insert|update|delete|with)\b/i.test(text);
/** After it what is kept may have another shape: then a kept statement fails once. */
const isOfShape = (text: string): boolean => /^\s*(?:create|alter|drop)\b/i.test(text);

/** As drizzle asks, inside of a transaction and outside. */
interface Asking {
  query(text: string, params?: readonly unknown[], options?: QueryOptions): Promise<Results>;
}

/**
 * The way of all questions to the embedded database. PGlite's own asks five times for each: to parse, to describe, to bind,
 * to execute and to end it; that was more work than the question itself. Here they go together, and a statement that came
 * before is named instead of sent, so that it is not planned anew.
 */
export class EmbeddedClient implements Asking {
  readonly #pglite: PGlite;
  /** One after the other; a transaction is one. */
  readonly #turn = new Mutex();
  /** The name under which the database keeps it, by its text. */
  readonly #kept = new Map<string, string>();
  /** Told to be forgotten with the next question. */
  #toForget: string[] = [];
  #nameCount = 0;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  query(text: string, params?: readonly unknown[], options?: QueryOptions): Promise<Results> {
    return this.#turn.runExclusive(() => this.#ask(text, params, options));
  }

  transaction<T>(work: (inner: Asking) => Promise<T>): Promise<T> {
    return this.#turn.runExclusive(async () => {
      await this.#ask('begin');
      const state = { isOver: false };
      const inner: Asking = {
        query: async (...question) => {
          if (state.isOver) throw new Error('the transaction is over');
          return this.#ask(...question);
        },
      };
      let result: T;
      try {
        result = await work(inner);
      } catch (error) {
        state.isOver = true;
        await this.#ask('rollback');
        throw error;
      }
      state.isOver = true;
      const { command } = await this.#ask('commit');
      // It says so where a question had failed.
      if (command === 'ROLLBACK') throw new TransactionAbortedError();
      return result;
    });
  }

  /** Whether somebody's question or transaction has not ended. */
  get isBusy(): boolean {
    return this.#turn.isLocked();
  }

  close(): Promise<void> {
    return this.#turn.runExclusive(() => this.#pglite.close());
  }

  /** Those of a transaction may come at once. */
  #ask(text: string, params?: readonly unknown[], options?: QueryOptions): Promise<Results> {
    return this.#pglite.runExclusive(() => this.#send(text, params, options));
  }

  async #send(text: string, params: readonly unknown[] = [], options?: QueryOptions): Promise<Results> {
    if (this.#pglite.closed) throw new Error('the embedded database is closed');
    const { serialize } = protocol;
    const known = this.#kept.get(text);
    const statement = known ?? (isPlanned(text) ? `k${++this.#nameCount}` : '');
    const forgotten = this.#toForget;
    this.#toForget = [];
    const message = Buffer.concat([
      ...forgotten.map((name) => serialize.close({ type: 'S', name })),
      ...(known === undefined ? [serialize.parse({ name: statement, text })] : []),
      serialize.bind({ statement, values: params.map(textOf) }),
      serialize.describe({ type: 'P' }),
      serialize.execute(),
      serialize.sync(),
    ]);
    try {
      const answers = await this.#pglite.execProtocolStream(message, { syncToFs: false });
      if (known === undefined) this.#keep(text, statement);
      const [result] = parse.parseResults(answers, {}, options);
      return result ?? { rows: [], fields: [] };
    } catch (error) {
      if (known === undefined && statement !== '') this.#toForget.push(statement);
      throw error;
    }
  }

  #keep(text: string, statement: string): void {
    if (isOfShape(text) || this.#kept.size >= statementsMax) {
      this.#toForget.push(...this.#kept.values());
      this.#kept.clear();
    }
    if (statement !== '') this.#kept.set(text, statement);
  }
}

/** As the database reads a value of any type. drizzle has made texts of all that is more than these. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value);
}
