import type { KeyObject } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { readGuardedFile } from '../guarded-files.ts';
import { memberCodeKeyAgeMaxMs } from '../limits.ts';
import { memberCodeKey } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { KeyFailure } from './member-code-keys.ts';

/** What the keys for member codes are sealed with in the database; null: with nothing. */
export type KeySecret = string | null;

const secretMinLength = 32;

/** The secret in this file, without what stands around it (an end of line). Fails where it is short enough to be guessed. */
export function readKeySecret(path: string): Result<string, KeyFailure> {
  const file = readGuardedFile(path, 'secret');
  if (!file.ok) return fail('key_unreadable', file.error.message);
  const secret = file.value.bytes.toString().trim();
  return secret.length < secretMinLength
    ? fail('key_unreadable', `${path}: fewer than ${secretMinLength} characters`)
    : ok(secret);
}

/** PEM, PKCS #8; with a secret it is encrypted (PBES2, AES-256). */
export function sealKey(key: KeyObject, secret: KeySecret): string {
  const form = { type: 'pkcs8', format: 'pem' } as const;
  const sealed = secret === null ? {} : { cipher: 'aes-256-cbc', passphrase: secret };
  return key.export({ ...form, ...sealed }).toString();
}

/** Null: sealed with another secret, or with one where there is none. What is not sealed is opened, too. */
export function openKey(pem: string, secret: KeySecret): KeyObject | null {
  try {
    return createPrivateKey(secret === null ? pem : { key: pem, passphrase: secret });
  } catch {
    return null;
  }
}

/**
 * Seals the keys that are in the database already, before anything is served. Copies from before have them open, so each of
 * them is as old as if its time were over: the next look makes another one, and that takes its place as ever
 * (`memberCodeKeyLeadMs`). `key_unreadable`: one cannot be opened with this secret, so that no code could be read.
 */
export async function sealKeptKeys(db: Db, secret: KeySecret): Promise<Result<void, KeyFailure>> {
  return db.transaction(async (tx): Promise<Result<void, KeyFailure>> => {
    // No other instance makes one meanwhile.
    await tx.execute(sql`lock table ${memberCodeKey} in exclusive mode`);
    for (const { keyId, privateKey } of await tx.select().from(memberCodeKey)) {
      const key = openKey(privateKey, secret);
      if (key === null)
        return fail(
          'key_unreadable',
          'MEMBER_CODE_SECRET_FILE: the keys for member codes in the database are sealed with another secret',
        );
      if (secret !== null && openKey(privateKey, null) !== null)
        await tx
          .update(memberCodeKey)
          .set({
            privateKey: sealKey(key, secret),
            madeAtMs: sql`${memberCodeKey.madeAtMs} - ${memberCodeKeyAgeMaxMs}::bigint`,
          })
          .where(eq(memberCodeKey.keyId, keyId));
    }
    return ok();
  });
}
