import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { revokedKeysMax } from '../../shared/api/answer-signing.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { loadAnswerKeys } from './answer-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-answer-keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const makeKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const fileOf = (name: string, key: KeyObject): string => {
  const path = join(folder, name);
  writeFileSync(path, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o400 });
  return path;
};
const [presentKey, nextKey] = [makeKey(), makeKey()];
const [present, next] = [rawPublicKey(presentKey), rawPublicKey(nextKey)];
const keyFile = fileOf('present.pem', presentKey);
const nextKeyFile = fileOf('next.pem', nextKey);
const others = Array.from({ length: revokedKeysMax + 1 }, () => rawPublicKey(makeKey()));

const messageOf = (files: { nextKeyFile?: string; revoked?: string }): string => {
  const loaded = loadAnswerKeys({ keyFile, ...files });
  return loaded.ok ? 'taken' : loaded.error.message;
};

describe('the keys that the operator is given', () => {
  test('are taken with a next one and with as many revoked ones as an answer names', () => {
    const revoked = others.slice(0, revokedKeysMax);
    expect(loadAnswerKeys({ keyFile, nextKeyFile, revoked: revoked.join() })).toMatchObject({
      value: { publicKey: present, next, revoked },
    });
    expect(loadAnswerKeys({ keyFile, revoked: '' })).toMatchObject({ value: { next: null, revoked: [] } });
  });

  // Of four spellings of the same 32 bytes one counts: a cabinet compares letters.
  const otherSpelling = `${next.slice(0, -1)}${String.fromCharCode(next.charCodeAt(42) + 1)}`;
  test.each([
    ['a next key that is the present one', { nextKeyFile: keyFile }, 'the next key is the present one'],
    ['a next key that is revoked', { nextKeyFile, revoked: next }, 'names the next key'],
    ['the key that signs as revoked', { revoked: `${others[0]},${present}` }, 'names the key that signs'],
    ['a revoked key twice', { revoked: `${others[0]},${others[0]}` }, 'names a key twice'],
    ['too many revoked keys', { revoked: others.join() }, 'names 5 keys'],
    ['a revoked key that is none', { revoked: `${others[0]},x` }, 'number 2 is not a public key'],
    ['a blank before a revoked key', { revoked: ` ${others[0]}` }, 'number 1 is not a public key'],
    ['another spelling of a revoked key', { revoked: otherSpelling }, 'number 1 is not a public key'],
  ])('are refused with %s, in one sentence without a key in it', (_name, files, sentence) => {
    const message = messageOf(files);
    expect(message).toContain(sentence);
    expect(message).not.toMatch(/[\w-]{43}|\n/);
  });
});
