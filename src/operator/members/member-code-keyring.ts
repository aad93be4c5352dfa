import { createPublicKey } from 'node:crypto';
import { and, desc, ne, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { MemberCode, MemberCodePurpose } from '../../shared/model/member.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import {
  memberCodeKeyAgeMaxMs,
  memberCodeKeyLeadMs,
  memberCodeKeyOverMs,
  memberCodeKeysReadAgainMs,
  memberCodeKeysReadEveryMs,
} from '../limits.ts';
import { memberCodeKey } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { makeMemberCodeKeys } from './member-code-keys.ts';
import type { KeySecret } from './member-code-secret.ts';
import { openKey, sealKey } from './member-code-secret.ts';
import type { MemberCodeFailure, MemberCodeKeys } from './member-code.ts';
import { makeMemberCode, readMemberCode } from './member-code.ts';

/** Makes and reads member codes, with whichever keys there are. */
export interface MemberCodes {
  make(random: Random, memberId: string, expiresAtS: number, purpose?: MemberCodePurpose): Promise<string>;
  read(text: string): Promise<Result<MemberCode, MemberCodeFailure>>;
  /** Of the codes that are good now or are made next, raw, base64url; newest first. */
  publicKeys(): Promise<readonly string[]>;
}

/** With one key that never changes: for tests that make codes themselves. */
export function memberCodesOf(keys: MemberCodeKeys): MemberCodes {
  return {
    make: (random, memberId, expiresAtS, purpose) =>
      Promise.resolve(makeMemberCode(keys, random, memberId, expiresAtS, purpose)),
    read: (text) => Promise.resolve(readMemberCode(keys, text)),
    publicKeys: () => Promise.resolve([rawPublicKey(keys.publicKey)]),
  };
}

export interface MemberCodeKeyringOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** Taken in as the first key when the database has none: of an operator from before, which had it in a file. */
  readonly firstKey?: MemberCodeKeys | undefined;
  /** Left out: the keys are not sealed. */
  readonly secret?: KeySecret | undefined;
}

/**
 * The keys are in the database, so that every instance makes codes that every other one takes, also after a restart. The
 * newest signs once it is old enough for cabinets to know it (`memberCodeKeyLeadMs`), until then the one before it does. That
 * is still good for a while afterwards (`memberCodeKeyOverMs`), so that a change of keys refuses nobody's code, and no longer:
 * it lies in every older copy of the database. Their age is the database's own: instances may have other clocks.
 */
export class MemberCodeKeyring implements MemberCodes {
  readonly #options: MemberCodeKeyringOptions;
  /** Newest first, and when they were read (monotonic). */
  #read: { readonly keys: readonly AgedKeys[]; readonly atMs: number } | null = null;

  constructor(options: MemberCodeKeyringOptions) {
    this.#options = options;
  }

  async make(
    random: Random,
    memberId: string,
    expiresAtS: number,
    purpose?: MemberCodePurpose,
  ): Promise<string> {
    const [newest, before] = await this.#keys(memberCodeKeysReadEveryMs);
    assert(newest !== undefined, 'there is a key once the keys were read');
    const signing = newest.ageMs < memberCodeKeyLeadMs ? (before ?? newest) : newest;
    return makeMemberCode(signing, random, memberId, expiresAtS, purpose);
  }

  /** A code of another key may be of one that another instance has just made: looked for, but not at each such code. */
  async read(text: string): Promise<Result<MemberCode, MemberCodeFailure>> {
    const read = readWithAny(await this.#keys(memberCodeKeysReadEveryMs), text);
    if (read.ok || read.error.code !== 'account.code_unknown') return read;
    return readWithAny(await this.#keys(memberCodeKeysReadAgainMs), text);
  }

  async publicKeys(): Promise<readonly string[]> {
    const keys = await this.#keys(memberCodeKeysReadEveryMs);
    return keys.map(({ publicKey }) => rawPublicKey(publicKey));
  }

  async #keys(ageMaxMs: number): Promise<readonly AgedKeys[]> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#read !== null && nowMs - this.#read.atMs < ageMaxMs) return this.#read.keys;
    const keys = await this.#fromDatabase();
    this.#read = { keys, atMs: nowMs };
    return keys;
  }

  async #fromDatabase(): Promise<readonly AgedKeys[]> {
    const { db } = this.#options;
    const rows = await newestFirst(db);
    const kept = isFresh(rows[0]) ? rows : await this.#renewed();
    const [newest] = kept;
    const isAlone = newest !== undefined && newest.ageMs >= memberCodeKeyLeadMs + memberCodeKeyOverMs;
    return (isAlone ? [newest] : kept).map((row) => keysOf(row, this.#options.secret ?? null));
  }

  /** One instance at a time: whoever waits for the lock finds the new key there. */
  async #renewed(): Promise<readonly Row[]> {
    const { db, firstKey, secret = null } = this.#options;
    return db.transaction(async (tx) => {
      await tx.execute(sql`lock table ${memberCodeKey} in exclusive mode`);
      const [newest] = await newestFirst(tx);
      if (!isFresh(newest)) {
        const keys = (newest === undefined ? firstKey : undefined) ?? makeMemberCodeKeys();
        await tx.insert(memberCodeKey).values({ privateKey: sealKey(keys.privateKey, secret) });
        if (newest !== undefined) {
          const [made] = await newestFirst(tx);
          const isOther = and(
            ne(memberCodeKey.keyId, newest.keyId),
            ne(memberCodeKey.keyId, made?.keyId ?? 0),
          );
          await tx.delete(memberCodeKey).where(isOther);
        }
      }
      return newestFirst(tx);
    });
  }
}

/** `ageMs`: when they were read. */
interface AgedKeys extends MemberCodeKeys {
  readonly ageMs: number;
}

interface Row {
  readonly keyId: number;
  readonly privateKey: string;
  readonly ageMs: number;
}

function newestFirst(db: Db): Promise<Row[]> {
  const ageMs = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint - ${memberCodeKey.madeAtMs}`;
  return db
    .select({
      keyId: memberCodeKey.keyId,
      privateKey: memberCodeKey.privateKey,
      ageMs: ageMs.mapWith(Number),
    })
    .from(memberCodeKey)
    .orderBy(desc(memberCodeKey.keyId))
    .limit(2);
}

/** One from the future was made while the database's clock was ahead. */
function isFresh(row: Row | undefined): boolean {
  return row !== undefined && Math.abs(row.ageMs) < memberCodeKeyAgeMaxMs;
}

/** Throws where it is sealed with another secret: an instance with another setting has made it (`sealKeptKeys` at the start). */
function keysOf({ privateKey: pem, ageMs }: Row, secret: KeySecret): AgedKeys {
  const privateKey = openKey(pem, secret);
  if (privateKey === null) throw new Error('a key for member codes is sealed with another secret');
  return { privateKey, publicKey: createPublicKey(privateKey), ageMs };
}

function readWithAny(keys: readonly MemberCodeKeys[], text: string): Result<MemberCode, MemberCodeFailure> {
  const reads = keys.map((one) => readMemberCode(one, text));
  const read = reads.find(({ ok }) => ok) ?? reads[0];
  assert(read !== undefined, 'there is a key once the keys were read');
  return read;
}
