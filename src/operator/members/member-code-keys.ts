import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { MemberCodeKeys } from './member-code.ts';

export type KeyFailure = Failure<'key_unreadable'>;

/** A key for this run only: codes live a minute, so a restart costs at most those on a screen right now. */
export function makeMemberCodeKeys(): MemberCodeKeys {
  return generateKeyPairSync('ed25519');
}

/** Reads the key from a PEM file (PKCS #8), or makes the file (mode 600) when it is not there. */
export function loadMemberCodeKeys(file: string): Result<MemberCodeKeys, KeyFailure> {
  try {
    const privateKey = createPrivateKey(readFileSync(file));
    if (privateKey.asymmetricKeyType !== 'ed25519')
      return fail('key_unreadable', `${file}: not an Ed25519 key`);
    return ok({ privateKey, publicKey: createPublicKey(privateKey) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      return fail('key_unreadable', `${file}: ${String(error)}`);
  }
  try {
    const keys = makeMemberCodeKeys();
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
    return ok(keys);
  } catch (error) {
    return fail('key_unreadable', `${file}: ${String(error)}`);
  }
}
