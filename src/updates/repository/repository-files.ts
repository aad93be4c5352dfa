import { type KeyObject, createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';

export type RoleName = 'root' | 'timestamp' | 'snapshot' | 'targets';
const dayMs = 86_400_000;
/** How long metadata is good for. The timestamp is signed anew by a job each day (`refresh`). */
const lifeMs: Readonly<Record<RoleName, number>> = {
  root: 365 * dayMs,
  targets: 120 * dayMs,
  snapshot: 30 * dayMs,
  timestamp: 7 * dayMs,
};

const targetSchema = z.object({ length: z.int(), hashes: z.object({ sha256: z.string() }) });
const signedSchema = z.looseObject({
  version: z.int().min(1),
  targets: z.record(z.string(), targetSchema).default({}),
});
const metadataSchema = z.looseObject({ signed: signedSchema });
export type Targets = z.infer<typeof signedSchema>['targets'];

/** An Ed25519 key of a role, with its name and form as TUF has them. */
export interface SigningKey {
  readonly id: string;
  readonly key: object;
  readonly privateKey: KeyObject;
}

/** From a PEM file (PKCS #8). Throws what `node:fs` and `node:crypto` throw. */
export function readKey(path: string): SigningKey {
  const privateKey = createPrivateKey(readFileSync(path, 'utf8'));
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is no Ed25519 key`);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const hex = Buffer.from(x, 'base64url').toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
  return { id: createHash('sha256').update(canonicalJson(key)).digest('hex'), key, privateKey };
}

const metadataPath = (repository: string, name: string): string => join(repository, 'metadata', name);

/** The newest version of a role that is there; 0: none. */
function versionOf(repository: string, role: RoleName): number {
  if (role === 'timestamp') {
    const path = metadataPath(repository, 'timestamp.json');
    return existsSync(path) ? metadataSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).signed.version : 0;
  }
  let version = 0;
  while (existsSync(metadataPath(repository, `${version + 1}.${role}.json`))) version += 1;
  return version;
}

/** What is signed for now, by name. */
export function readTargets(repository: string): Targets {
  const version = versionOf(repository, 'targets');
  if (version === 0) return {};
  const text = readFileSync(metadataPath(repository, `${version}.targets.json`), 'utf8');
  return metadataSchema.parse(JSON.parse(text)).signed.targets;
}

function put(
  repository: string,
  role: RoleName,
  body: object,
  signers: readonly SigningKey[],
  nowMs: number,
): number {
  const version = versionOf(repository, role) + 1;
  const expires = `${new Date(nowMs + lifeMs[role]).toISOString().slice(0, 19)}Z`;
  const signed = { _type: role, spec_version: '1.0.31', version, expires, ...body };
  const bytes = Buffer.from(canonicalJson(signed));
  const signatures = signers.map(({ id, privateKey }) => ({
    keyid: id,
    sig: sign(null, bytes, privateKey).toString('hex'),
  }));
  const path = metadataPath(repository, role === 'timestamp' ? 'timestamp.json' : `${version}.${role}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic(path, JSON.stringify({ signatures, signed }));
  return version;
}

export interface RootKeys {
  /** Each of them signs; `threshold` of them have to. Before a rotation: those of the root before, too (`formerRoot`). */
  readonly root: readonly SigningKey[];
  readonly formerRoot?: readonly SigningKey[];
  readonly threshold: number;
  readonly targets: readonly SigningKey[];
  /** Signs snapshot and timestamp, on the machine that publishes. */
  readonly online: readonly SigningKey[];
}

/** The next root; done where the root keys are, which is nowhere near a network. Gives its text. */
export function putRoot(repository: string, keys: RootKeys, nowMs: number): number {
  const { root, formerRoot = [], threshold, targets, online } = keys;
  const role = (of: readonly SigningKey[], needed = 1): object => ({
    keyids: of.map(({ id }) => id),
    threshold: needed,
  });
  const all = [...root, ...targets, ...online];
  const body = {
    consistent_snapshot: true,
    keys: Object.fromEntries(all.map(({ id, key }) => [id, key])),
    roles: {
      ...{ root: role(root, threshold), targets: role(targets) },
      ...{ snapshot: role(online), timestamp: role(online) },
    },
  };
  const signers = new Map([...root, ...formerRoot].map((one) => [one.id, one]));
  return put(repository, 'root', body, [...signers.values()], nowMs);
}

/** What is signed for from now on; the rest follows (`putOnline`). */
export function putTargets(repository: string, key: SigningKey, targets: Targets, nowMs: number): void {
  put(repository, 'targets', { targets }, [key], nowMs);
}

/** Snapshot and timestamp of what is there; the timestamp is last, so that a cabinet sees the whole or what was before. */
export function putOnline(repository: string, key: SigningKey, nowMs: number): void {
  const targets = { version: versionOf(repository, 'targets') };
  const snapshot = put(repository, 'snapshot', { meta: { 'targets.json': targets } }, [key], nowMs);
  put(repository, 'timestamp', { meta: { 'snapshot.json': { version: snapshot } } }, [key], nowMs);
}
