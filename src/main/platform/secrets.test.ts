import { createPublicKey, verify } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { loadSecrets, secretsFileName } from './secrets.ts';
import type { SafeStorage, Secrets } from './secrets.ts';

let dir: string;
let path: string;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  dir = join(scratch.path, 'data');
  path = join(dir, secretsFileName);
});
afterEach(() => {
  removeFolder();
});

/** A keyring that mixes a password in and notices a wrong one, as the real ones do. */
class FakeKeyring implements SafeStorage {
  password = 0x5a;
  available = true;
  backend: string | undefined = 'gnome_libsecret';
  isEncryptionAvailable(): boolean {
    return this.available;
  }
  encryptString(text: string): Buffer {
    return Buffer.from(`ok${text}`, 'utf8').map((byte) => byte ^ this.password) as Buffer;
  }
  decryptString(bytes: Buffer): string {
    const text = Buffer.from(bytes.map((byte) => byte ^ this.password)).toString('utf8');
    if (!this.available || !text.startsWith('ok')) throw new Error('Error while decrypting the ciphertext');
    return text.slice(2);
  }
  getSelectedStorageBackend(): string {
    return this.backend ?? 'unknown';
  }
}

function must(safeStorage: SafeStorage): Secrets {
  const loaded = loadSecrets({ dir, safeStorage });
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}
const facts = ({ databaseKeyHex, vaultKeyHex, publicKey, degraded }: Secrets) => ({
  databaseKeyHex,
  vaultKeyHex,
  publicKey,
  degraded,
});

describe('with a keyring', () => {
  test('made once, the same afterwards, nothing readable on the disk', () => {
    const keyring = new FakeKeyring();
    const first = must(keyring);
    expect(first.databaseKeyHex).toMatch(/^[0-9a-f]{64}$/);
    expect(first.publicKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(first.vaultKeyHex).toMatch(/^[0-9a-f]{64}$/);
    expect(first.vaultKeyHex).not.toBe(first.databaseKeyHex);
    expect(first.degraded).toBe(false);
    const { protection, payload } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
    expect(protection).toBe('keyring');
    expect(Buffer.from(payload!, 'base64').includes(first.databaseKeyHex)).toBe(false);
    expect(facts(must(keyring))).toEqual(facts(first));
    expect(readdirSync(dir)).toEqual([secretsFileName]);
  });

  test('the signature is one of the public key', () => {
    const secrets = must(new FakeKeyring());
    // RFC 8410: the prefix of an Ed25519 SubjectPublicKeyInfo.
    const der = Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      Buffer.from(secrets.publicKey, 'base64url'),
    ]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const signature = Buffer.from(secrets.sign('GET\n茶\n'), 'base64url');
    expect(signature).toHaveLength(64);
    expect(verify(null, Buffer.from('GET\n茶\n'), key, signature)).toBe(true);
  });

  test('each cabinet has its own', () => {
    const first = must(new FakeKeyring());
    removeFolder();
    expect(must(new FakeKeyring()).databaseKeyHex).not.toBe(first.databaseKeyHex);
  });
});

describe('without one', () => {
  test.each<[string, Partial<FakeKeyring>]>([
    ['none at all', { available: false }],
    ['one with a fixed password', { backend: 'basic_text' }],
  ])('%s: a file that only its owner can read, and it is said', (_, change) => {
    const secrets = must(Object.assign(new FakeKeyring(), change));
    expect(secrets.degraded).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(facts(must(Object.assign(new FakeKeyring(), change)))).toEqual(facts(secrets));
  });

  test('a keyring that appears later changes nothing', () => {
    const secrets = must(Object.assign(new FakeKeyring(), { available: false }));
    expect(facts(must(new FakeKeyring()))).toEqual(facts(secrets));
  });
});

describe('a file from before there was a vault', () => {
  /** Takes the vault's key out, as an older version would have written the file. */
  function makeOlder(keyring: FakeKeyring): void {
    const file = JSON.parse(readFileSync(path, 'utf8')) as { protection: string; payload: string };
    const bytes = Buffer.from(file.payload, 'base64');
    const isEncrypted = file.protection === 'keyring';
    const { vaultKeyHex, ...rest } = JSON.parse(
      isEncrypted ? keyring.decryptString(bytes) : bytes.toString('utf8'),
    ) as Record<string, string>;
    expect(vaultKeyHex).toMatch(/^[0-9a-f]{64}$/);
    const text = JSON.stringify(rest);
    const payload = isEncrypted ? keyring.encryptString(text) : Buffer.from(text);
    writeFileSync(path, JSON.stringify({ ...file, payload: payload.toString('base64') }));
  }

  test.each([true, false])('keyring %s: gets the key once, and keeps all the others', (available) => {
    const keyring = Object.assign(new FakeKeyring(), { available });
    const before = facts(must(keyring));
    makeOlder(keyring);
    const first = facts(must(keyring));
    expect(first).toEqual({ ...before, vaultKeyHex: first.vaultKeyHex });
    expect(first.vaultKeyHex).not.toBe(before.vaultKeyHex);
    expect(facts(must(keyring))).toEqual(first);
    expect(readdirSync(dir)).toEqual([secretsFileName]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written: said, and the old file is whole', () => {
    const keyring = new FakeKeyring();
    must(keyring);
    makeOlder(keyring);
    const before = readFileSync(path);
    // Where the draft would be written there is a folder.
    mkdirSync(`${path}.new`);
    const loaded = loadSecrets({ dir, safeStorage: keyring });
    expect(loaded).toMatchObject({ ok: false, error: { code: 'secrets.io' } });
    expect(readFileSync(path)).toEqual(before);
  });
});

describe('keys are never made anew while the old ones may still be there', () => {
  const cases: [string, (keyring: FakeKeyring) => void][] = [
    ['the keyring has gone', (keyring) => (keyring.available = false)],
    ['another keyring', (keyring) => (keyring.password = 0x11)],
    ['an empty file', () => writeFileSync(path, '')],
    ['half a file', () => writeFileSync(path, readFileSync(path).subarray(0, 60))],
    ['garbage', () => writeFileSync(path, Buffer.alloc(5000, 7))],
    ['far too large', () => writeFileSync(path, Buffer.alloc(1_000_000, 0x20))],
    ['another version', () => writeFileSync(path, '{"version":2}')],
    [
      'the payload of something else',
      () => writeFileSync(path, JSON.stringify({ version: 1, protection: 'file', payload: btoa('{"a":1}') })),
    ],
    [
      'a key that is none',
      () => {
        const payload = btoa(JSON.stringify({ databaseKeyHex: 'a'.repeat(64), devicePrivateKey: 'AAAA' }));
        writeFileSync(path, JSON.stringify({ version: 1, protection: 'file', payload }));
      },
    ],
  ];
  test.each(cases)('%s', (_, harm) => {
    const keyring = new FakeKeyring();
    const { databaseKeyHex } = must(keyring);
    harm(keyring);
    const before = readFileSync(path);
    const loaded = loadSecrets({ dir, safeStorage: keyring });
    expect(loaded).toMatchObject({ ok: false, error: { code: 'secrets.unreadable' } });
    if (!loaded.ok) expect(loaded.error.message).not.toContain(databaseKeyHex);
    expect(readFileSync(path)).toEqual(before);
  });
});

test('a draft left by a crash is no key file', () => {
  must(new FakeKeyring());
  const before = readFileSync(path);
  writeFileSync(`${path}.new`, 'half');
  must(new FakeKeyring());
  expect(readFileSync(path)).toEqual(before);
});

test('no place to write: said, and nothing half is left', () => {
  writeFileSync(dir, 'a file where the folder should be');
  expect(loadSecrets({ dir, safeStorage: new FakeKeyring() })).toMatchObject({
    ok: false,
    error: { code: 'secrets.io' },
  });
  chmodSync(dir, 0o600);
  expect(existsSync(path)).toBe(false);
});

test('what is known of the record of charges is kept beside the keys, which stay as they are', () => {
  for (const keyring of [new FakeKeyring(), Object.assign(new FakeKeyring(), { available: false })]) {
    dir = join(dir, 'one');
    const first = must(keyring);
    expect(first.chainFloor).toBeNull();
    expect(first.rememberChain({ unsealedSeq: 3, seenSeq: 12 }).ok).toBe(true);
    const second = must(keyring);
    expect(second.chainFloor).toEqual({ unsealedSeq: 3, seenSeq: 12 });
    expect(facts(second)).toEqual(facts(first));
    expect(second.rememberChain({ unsealedSeq: 3, seenSeq: 40 }).ok).toBe(true);
    const third = must(keyring);
    expect(third.chainFloor?.seenSeq).toBe(40);
    expect(facts(third)).toEqual(facts(first));
  }
});

test('the operator’s keys are kept there, too, and neither memory takes the other away', () => {
  const keyring = new FakeKeyring();
  const first = must(keyring);
  expect(first.operatorKeys).toBeNull();
  expect(first.rememberChain({ unsealedSeq: 0, seenSeq: 7 }).ok).toBe(true);
  const keys = { present: 'A'.repeat(43), next: 'B'.repeat(43), former: { key: 'C'.repeat(43), untilMs: 5 } };
  expect(first.rememberOperatorKeys(keys).ok).toBe(true);
  expect(first.operatorKeys).toEqual(keys);
  const second = must(keyring);
  expect(second.operatorKeys).toEqual(keys);
  expect(second.chainFloor).toEqual({ unsealedSeq: 0, seenSeq: 7 });
  expect(second.rememberChain({ unsealedSeq: 0, seenSeq: 9 }).ok).toBe(true);
  expect(must(keyring).operatorKeys).toEqual(keys);
  expect(facts(second)).toEqual(facts(first));
  const later = { ...keys, former: { ...keys.former, seenMs: 4 }, revoked: ['D'.repeat(43)] };
  expect(second.rememberOperatorKeys(later).ok).toBe(true);
  expect(must(keyring).operatorKeys).toEqual(later);
});

test('gone, with the database still there: no new keys in their place, and the reason', () => {
  const keyring = new FakeKeyring();
  const facts = loadSecrets({ dir, safeStorage: keyring });
  writeFileSync(join(dir, 'kaimen.db'), 'charges');
  renameSync(path, `${path}.away`);
  expect(loadSecrets({ dir, safeStorage: keyring })).toMatchObject({
    ok: false,
    error: { code: 'secrets.unreadable', message: expect.stringContaining('is gone') as unknown },
  });
  expect(existsSync(path)).toBe(false);
  renameSync(`${path}.away`, path);
  const again = loadSecrets({ dir, safeStorage: keyring });
  expect(again.ok && again.value.publicKey).toBe(facts.ok && facts.value.publicKey);
});
