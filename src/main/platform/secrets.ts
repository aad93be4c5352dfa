import { createPrivateKey, generateKeyPairSync, hkdfSync, randomBytes, sign } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { publicKeySchema } from '../../shared/api/operator.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** The part of Electron's safeStorage that is used (electronjs.org/docs/latest/api/safe-storage). */
export interface SafeStorage {
  isEncryptionAvailable(): boolean;
  encryptString(plainText: string): Buffer;
  decryptString(encrypted: Buffer): string;
  /** Linux only: which keyring is behind it. `basic_text` is a fixed password: no protection. */
  getSelectedStorageBackend?(): string;
}

/**
 * Of the record of charges (storage/hash-chain.ts), kept where whoever has the database's key alone cannot change it: a record
 * that says otherwise was written anew.
 */
export interface ChainFloor {
  /** Number of the last event from before there were seals; 0: there was none. */
  readonly unsealedSeq: number;
  /** The record had gone on to this event when it was last looked through. */
  readonly seenSeq: number;
}

/** The operator's public keys, raw, base64url, that this cabinet believes (operator/operator-keys.ts). */
export interface OperatorKeys {
  readonly present: string;
  /** Announced by the present one; null: none. One that is also in `revoked` keeps its place, so that no other takes it. */
  readonly next: string | null;
  /**
   * The one before the present one, and until when it still counts, ms of the operator's time; null: none. `seenMs`: by what
   * was signed it was so late at least; left out: only as late as at the change.
   */
  readonly former: {
    readonly key: string;
    readonly untilMs: number;
    readonly seenMs?: number | undefined;
  } | null;
  /** Count no more while the present one is that; left out: none. With the present one in it, nobody is believed. */
  readonly revoked?: readonly string[] | undefined;
}

export interface Secrets {
  /** Key of the database, 32 bytes in hex. */
  readonly databaseKeyHex: string;
  /** Key of the face vault (main/face), 32 bytes in hex: no copy of the database carries what it opens. */
  readonly vaultKeyHex: string;
  /** Seals the record of what happened to each charge (storage/hash-chain.ts): 32 bytes, made of the private key. */
  readonly chainKey: Uint8Array;
  /** What is known of the record of charges outside of its database, as remembered last; null: nothing yet. */
  readonly chainFloor: ChainFloor | null;
  /** Keeps what is known of it now. A failure: for this run of the program only. */
  readonly rememberChain: (floor: ChainFloor) => Result<void, SecretsFailure>;
  /** Null: none is known yet. */
  readonly operatorKeys: OperatorKeys | null;
  /** A failure: for this run of the program only. */
  readonly rememberOperatorKeys: (keys: OperatorKeys) => Result<void, SecretsFailure>;
  /** The cabinet's Ed25519 public key: raw 32 bytes, base64url. */
  readonly publicKey: string;
  /** Ed25519 signature of the UTF-8 bytes, base64url. The private key stays inside. */
  sign(text: string): string;
  /** The keys lie in a file that only file permissions protect: this machine has no keyring, or had none when they were made. */
  readonly degraded: boolean;
}

/**
 * `secrets.unreadable`: the file is there but cannot be read, is damaged, or the keyring does not open it (any more); or it is
 * gone, and the database is there.
 * New keys are then never made: the database and the registration hang on the old ones. `secrets.io`: no file can be
 * read or written at all.
 */
export type SecretsFailure = Failure<'secrets.unreadable' | 'secrets.io'>;

export const secretsFileName = 'secrets.json';
/** Beside it: what its keys open. */
export const databaseFileName = 'kaimen.db';
const keyByteCount = 32;
/** A real one has about 600 bytes. */
const fileMaxBytes = 64 * 1024;

const fileSchema = z.object({
  version: z.literal(1),
  /** How `payload` (base64) was made; stays as it was at first, so that a keyring that comes and goes does no harm. */
  protection: z.enum(['keyring', 'file']),
  payload: z.base64(),
});
const keyHexSchema = z.string().regex(/^[0-9a-f]{64}$/);
const payloadSchema = z.object({
  databaseKeyHex: keyHexSchema,
  /** Not there in files made before there was a vault. */
  vaultKeyHex: keyHexSchema.optional(),
  /** Not there in files made before there was a sealed record. */
  chainFloor: z.object({ unsealedSeq: z.number().int().min(0), seenSeq: z.number().int().min(0) }).optional(),
  /** Not there in files made before the operator signed its answers, and where it does not. */
  operatorKeys: z
    .object({
      present: publicKeySchema,
      next: publicKeySchema.nullable(),
      /** `seenMs` is not there in files made before it was counted over restarts. */
      former: z
        .object({ key: publicKeySchema, untilMs: z.number(), seenMs: z.number().optional() })
        .nullable(),
      /** Not there in files made before they were remembered. */
      revoked: z.array(publicKeySchema).readonly().optional(),
    })
    .optional(),
  /** PKCS #8 DER, base64. */
  devicePrivateKey: z.base64(),
});
type Payload = z.output<typeof payloadSchema> & { vaultKeyHex: string };
type Protection = z.output<typeof fileSchema>['protection'];

/** Loads the cabinet's keys, or makes them at the very first start. */
export function loadSecrets(options: {
  readonly dir: string;
  readonly safeStorage: SafeStorage;
  readonly logger?: Logger;
}): Result<Secrets, SecretsFailure> {
  const { dir, safeStorage, logger } = options;
  const path = join(dir, secretsFileName);
  let bytes: Buffer | null;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    bytes = readIfPresent(path);
  } catch (thrown) {
    return fail('secrets.io', messageOf(thrown));
  }
  const loaded =
    bytes !== null
      ? read(bytes, path, dir, safeStorage)
      : existsSync(join(dir, databaseFileName))
        ? fail(
            'secrets.unreadable',
            `${secretsFileName} is gone, and the database that it opens is there: put it back`,
          )
        : make(path, dir, safeStorage);
  if (loaded.ok) {
    logger?.info('secrets.loaded', { made: bytes === null, degraded: loaded.value.degraded });
  } else {
    logger?.error('secrets.not_loaded', { failure: loaded.error.code, message: loaded.error.message });
  }
  return loaded;
}

function read(
  bytes: Buffer,
  path: string,
  dir: string,
  safeStorage: SafeStorage,
): Result<Secrets, SecretsFailure> {
  const newVaultKeyHex = makeKeyHex();
  const opened = openFile(bytes, safeStorage, newVaultKeyHex);
  if (!opened.ok) return opened;
  const { protection, found, secrets } = opened.value;
  const payload = { ...found, vaultKeyHex: found.vaultKeyHex ?? newVaultKeyHex };
  const remembering = withMemory(secrets, (memory) =>
    save(path, dir, safeStorage, { ...payload, ...memory }, protection),
  );
  if (found.vaultKeyHex !== undefined) return ok(remembering);
  const saved = save(path, dir, safeStorage, payload, protection);
  return saved.ok ? ok(remembering) : saved;
}

/**
 * The keys in this folder, for tools: nothing is written, and nothing made. `secrets.unreadable`: they lie in the keyring,
 * which only the app opens, or the file is damaged.
 */
export function readSecrets(dir: string): Result<Secrets, SecretsFailure> {
  const closed = (): never => {
    throw new Error('the keys lie in this machine’s keyring, which only the app itself opens');
  };
  const noKeyring = { isEncryptionAvailable: () => false, encryptString: closed, decryptString: closed };
  try {
    const bytes = readIfPresent(join(dir, secretsFileName));
    if (bytes === null) return fail('secrets.io', `there is no ${secretsFileName}`);
    const opened = openFile(bytes, noKeyring, makeKeyHex());
    return opened.ok ? ok(opened.value.secrets) : opened;
  } catch (thrown) {
    return fail('secrets.io', messageOf(thrown));
  }
}

/** What the file holds; `newVaultKeyHex` where it is from before there was a vault. */
function openFile(
  bytes: Buffer,
  safeStorage: SafeStorage,
  newVaultKeyHex: string,
): Result<
  { protection: Protection; found: z.output<typeof payloadSchema>; secrets: Secrets },
  SecretsFailure
> {
  try {
    const file = fileSchema.parse(JSON.parse(bytes.toString('utf8')));
    const { protection } = file;
    const encrypted = Buffer.from(file.payload, 'base64');
    const text = protection === 'keyring' ? safeStorage.decryptString(encrypted) : encrypted.toString('utf8');
    const found = payloadSchema.parse(JSON.parse(text));
    const secrets = secretsOf(
      { ...found, vaultKeyHex: found.vaultKeyHex ?? newVaultKeyHex },
      protection === 'file',
    );
    return ok({ protection, found, secrets });
  } catch (thrown) {
    // The message of a parser could quote what it read.
    const kind =
      thrown instanceof z.ZodError || thrown instanceof SyntaxError ? 'damaged' : messageOf(thrown);
    return fail('secrets.unreadable', `the key file is there but cannot be used: ${kind}`);
  }
}

function make(path: string, dir: string, safeStorage: SafeStorage): Result<Secrets, SecretsFailure> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const payload: Payload = {
    databaseKeyHex: makeKeyHex(),
    vaultKeyHex: makeKeyHex(),
    devicePrivateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  };
  const protection = hasKeyring(safeStorage) ? 'keyring' : 'file';
  const saved = save(path, dir, safeStorage, payload, protection);
  if (!saved.ok) return saved;
  return ok(
    withMemory(secretsOf(payload, protection === 'file'), (memory) =>
      save(path, dir, safeStorage, { ...payload, ...memory }, protection),
    ),
  );
}

type Memory = Pick<Payload, 'chainFloor' | 'operatorKeys'>;

/** The same keys, with what is learned while the program runs. */
function withMemory(secrets: Secrets, keep: (memory: Memory) => Result<void, SecretsFailure>): Secrets {
  let memory: Memory = {
    chainFloor: secrets.chainFloor ?? undefined,
    operatorKeys: secrets.operatorKeys ?? undefined,
  };
  const remember = (more: Memory): Result<void, SecretsFailure> => {
    memory = { ...memory, ...more };
    return keep(memory);
  };
  return {
    ...secrets,
    get chainFloor() {
      return memory.chainFloor ?? null;
    },
    rememberChain: (chainFloor) => remember({ chainFloor }),
    get operatorKeys() {
      return memory.operatorKeys ?? null;
    },
    rememberOperatorKeys: (operatorKeys) => remember({ operatorKeys }),
  };
}

function save(
  path: string,
  dir: string,
  safeStorage: SafeStorage,
  payload: Payload,
  protection: Protection,
): Result<void, SecretsFailure> {
  try {
    const text = JSON.stringify(payload);
    const encrypted = protection === 'keyring' ? safeStorage.encryptString(text) : Buffer.from(text, 'utf8');
    if (protection === 'keyring' && safeStorage.decryptString(encrypted) !== text) {
      return fail('secrets.io', 'the keyring does not give back what it was given');
    }
    chmodSync(dir, 0o700);
    writeFileAtomic(path, JSON.stringify({ version: 1, protection, payload: encrypted.toString('base64') }));
    return ok();
  } catch (thrown) {
    return fail('secrets.io', messageOf(thrown));
  }
}

function makeKeyHex(): string {
  return randomBytes(keyByteCount).toString('hex');
}

const onlyRead = fail('secrets.io', 'these keys are only read');

function secretsOf(payload: Payload, degraded: boolean): Secrets {
  const der = Buffer.from(payload.devicePrivateKey, 'base64');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    databaseKeyHex: payload.databaseKeyHex,
    vaultKeyHex: payload.vaultKeyHex,
    chainKey: new Uint8Array(hkdfSync('sha256', der, '', 'kaimen charge chain', keyByteCount)),
    chainFloor: payload.chainFloor ?? null,
    rememberChain: () => onlyRead,
    operatorKeys: payload.operatorKeys ?? null,
    rememberOperatorKeys: () => onlyRead,
    publicKey: rawPublicKey(privateKey),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64url'),
    degraded,
  };
}

function hasKeyring(safeStorage: SafeStorage): boolean {
  return safeStorage.isEncryptionAvailable() && safeStorage.getSelectedStorageBackend?.() !== 'basic_text';
}

function readIfPresent(path: string): Buffer | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (stat.size > fileMaxBytes) return Buffer.alloc(0);
  return readFileSync(path);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
