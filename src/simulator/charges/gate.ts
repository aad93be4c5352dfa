import type { Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { Db, Storage } from '../../operator/storage/storage.ts';
import type { InHand } from './in-hand.ts';

type Work = (...args: unknown[]) => Promise<unknown>;

/**
 * The way of one program to its database, which can end at any question: what it asks then is never asked, or done and never
 * heard of, and whatever its transaction had not committed is undone.
 */
export class Gate {
  readonly db: Db;
  readonly #inHand: InHand;
  readonly #onDeath: () => void;
  /** So many questions are still answered. */
  #left = Number.POSITIVE_INFINITY;
  #isLastDone = false;
  #isDead = false;
  #ownPool: Pool | null = null;
  readonly #connected = new Set<PoolClient>();

  /** `onDeath`: the program ends at this very question. */
  constructor(storage: Storage, inHand: InHand, onDeath: () => void) {
    this.#inHand = inHand;
    this.#onDeath = onDeath;
    const client = '$client' in storage.db ? storage.db.$client : undefined;
    if (storage.kind === 'pglite') {
      this.db = drizzlePglite(this.#embedded(client as PGlite)) as unknown as Db;
      return;
    }
    // Connections of its own, as each program has: with it they break, and the server undoes what was begun on them.
    this.#ownPool = new Pool((client as Pool).options);
    this.#ownPool.on('error', () => undefined);
    this.#ownPool.on('connect', (connected) => {
      this.#connected.add(connected);
      connected.on('error', () => undefined);
      if (this.#isDead) cut(connected);
    });
    this.#ownPool.on('remove', (removed) => this.#connected.delete(removed));
    this.db = drizzlePostgres(this.#pool(this.#ownPool)) as unknown as Db;
  }

  /** The orderly end of the program. */
  async close(): Promise<void> {
    await this.#ownPool?.end();
  }

  /** The program ends with the n-th question from now on; `isLastDone`: that one is done all the same. */
  dieAfter(count: number, isLastDone: boolean): void {
    this.#left = count;
    this.#isLastDone = isLastDone;
  }
  /** It ends now. */
  shut(): void {
    this.#isDead = true;
    for (const client of this.#connected) cut(client);
  }

  #ask(work: () => Promise<unknown>): Promise<unknown> {
    if (this.#isDead) return ended();
    const isLast = --this.#left < 0;
    if (!isLast) return this.#inHand.during(work).then((answer) => (this.#isDead ? ended() : answer));
    this.#isDead = true;
    const last = this.#isLastDone ? this.#inHand.during(work) : Promise.resolve();
    return last.then(this.#onDeath, this.#onDeath).then(ended);
  }

  #embedded(client: PGlite): PGlite {
    return this.#wrapped(client, (name, call) => {
      if (name === 'query' || name === 'exec') return (...args) => this.#ask(() => call(...args));
      if (name !== 'transaction') return null;
      return (work) => {
        if (this.#isDead) return ended();
        const inner = (tx: PGlite): unknown => (work as (tx: PGlite) => unknown)(this.#embedded(tx));
        return call(inner);
      };
    });
  }

  #pool(pool: Pool): Pool {
    return this.#wrapped(pool, (name, call) => {
      if (name === 'query') return (...args) => this.#ask(() => call(...args));
      if (name !== 'connect') return null;
      return async () => this.#connection((await this.#ask(() => call())) as object);
    });
  }

  #connection(client: object): object {
    return this.#wrapped(client, (name, call) =>
      name === 'query' ? (...args) => this.#ask(() => call(...args)) : null,
    );
  }

  /** The same object, but for some of its methods. */
  #wrapped<T extends object>(inner: T, change: (name: string | symbol, call: Work) => Work | null): T {
    return new Proxy(inner, {
      get: (target, name): unknown => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const call: Work = (...args) => Reflect.apply(member, target, args) as Promise<unknown>;
        return change(name, call) ?? member.bind(target);
      },
    });
  }
}

/** As the end of a process leaves a connection: the types of the package do not name what is below it. */
function cut(client: PoolClient): void {
  (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
}

function ended(): Promise<never> {
  return Promise.reject(new Error('this program has ended'));
}
