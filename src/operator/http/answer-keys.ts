import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { asc, sql } from 'drizzle-orm';
import { revokedKeysMax } from '../../shared/api/answer-signing.ts';
import { assert } from '../../shared/assert.ts';
import { publicKeyFromRaw, rawPublicKey } from '../../shared/node/ed25519.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { readGuardedFile } from '../guarded-files.ts';
import { answerKey } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/** The keys of the operator's answers (shared/api/answer-signing.ts); public ones are raw, base64url. */
export interface AnswerKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
  readonly next: string | null;
  readonly revoked: readonly string[];
}

/**
 * `answer_key`: not a key of this kind, not to be read, or keys that contradict each other; the message names the file or the
 * setting and nothing of what is in it.
 */
export type AnswerKeyFailure = Failure<'answer_key'>;

/** Where the keys are. Files, as other programs of the same user can see an environment. */
export interface AnswerKeyFiles {
  /** Private key: PEM, PKCS #8, Ed25519. */
  readonly keyFile: string;
  /** The key to come, PEM; its public half is enough, and all that is used. */
  readonly nextKeyFile?: string | undefined;
  /** Raw public keys in base64url, separated by commas. */
  readonly revoked?: string | undefined;
}

/** Reads the keys that the operator is given. Fails as well for keys that no cabinet could go by. */
export function loadAnswerKeys(files: AnswerKeyFiles): Result<AnswerKeys, AnswerKeyFailure> {
  const own = readKey(files.keyFile, (pem) => createPrivateKey(pem));
  if (!own.ok) return own;
  const next =
    files.nextKeyFile === undefined ? ok(null) : readKey(files.nextKeyFile, (pem) => createPublicKey(pem));
  if (!next.ok) return next;
  const publicKey = rawPublicKey(own.value);
  const nextKey = next.value === null ? null : rawPublicKey(next.value);
  const revoked = files.revoked === undefined || files.revoked === '' ? [] : files.revoked.split(',');
  const wrong = whatIsWrong(publicKey, nextKey, revoked);
  if (wrong !== null) return fail('answer_key', wrong);
  return ok({ privateKey: own.value, publicKey, next: nextKey, revoked });
}

/** Why no cabinet could go by these keys, in a sentence for staff that names none of them; null: it can. */
function whatIsWrong(present: string, next: string | null, revoked: readonly string[]): string | null {
  if (next === present) return 'ANSWER_NEXT_KEY_FILE: the next key is the present one; make another one';
  const list = 'ANSWER_KEYS_REVOKED';
  const noKey = revoked.findIndex((key) => publicKeyFromRaw(key) === null) + 1;
  if (noKey > 0) return `${list}: number ${noKey} is not a public key, raw in base64url`;
  if (new Set(revoked).size < revoked.length) return `${list}: names a key twice`;
  if (revoked.includes(present))
    return `${list}: names the key that signs; sign with the next key first, then revoke this one`;
  if (next !== null && revoked.includes(next))
    return `${list}: names the next key, which no cabinet would take; announce another one, or none`;
  return revoked.length > revokedKeysMax
    ? `${list}: names ${revoked.length} keys, and cabinets hear of ${revokedKeysMax} at most; take out the oldest`
    : null;
}

function readKey(path: string, parse: (pem: string) => KeyObject): Result<KeyObject, AnswerKeyFailure> {
  const file = readGuardedFile(path, 'secret');
  if (!file.ok) return fail('answer_key', file.error.message);
  let key: KeyObject;
  try {
    key = parse(file.value.bytes.toString());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('answer_key', `${path}: no key that can be read (${code ?? 'unknown'})`);
  }
  return key.asymmetricKeyType === 'ed25519' ? ok(key) : fail('answer_key', `${path}: not an Ed25519 key`);
}

/** The key in the database, made at the first call; every instance has the same. Without a next one. */
export async function answerKeysOfDatabase(db: Db): Promise<AnswerKeys> {
  const pem = (await keptKey(db)) ?? (await db.transaction(makeKey));
  const privateKey = createPrivateKey(pem);
  return { privateKey, publicKey: rawPublicKey(privateKey), next: null, revoked: [] };
}

async function keptKey(db: Db): Promise<string | undefined> {
  const [row] = await db.select().from(answerKey).orderBy(asc(answerKey.keyId)).limit(1);
  return row?.privateKey;
}

/** One instance at a time: whoever waits for the lock finds the key there. */
async function makeKey(tx: Db): Promise<string> {
  await tx.execute(sql`lock table ${answerKey} in exclusive mode`);
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  if ((await keptKey(tx)) === undefined) await tx.insert(answerKey).values({ privateKey: pem });
  const kept = await keptKey(tx);
  assert(kept !== undefined, 'a key is there once it was made');
  return kept;
}
