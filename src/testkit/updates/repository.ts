import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canonicalJson } from '../../shared/util/canonical-json.ts';

type Role = 'root' | 'timestamp' | 'snapshot' | 'targets';
const roles: readonly Role[] = ['root', 'timestamp', 'snapshot', 'targets'];

/** Does what it likes with a request; true: it has answered. */
export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean;

export class RoleKey {
  readonly #pair = generateKeyPairSync('ed25519');
  readonly keyId: string;
  readonly key: object;
  constructor() {
    const { x = '' } = this.#pair.publicKey.export({ format: 'jwk' });
    this.keyId = createHash('sha256').update(x).digest('hex');
    const hex = Buffer.from(x, 'base64url').toString('hex');
    this.key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
  }
  sign(signed: object): { keyid: string; sig: string } {
    const bytes = Buffer.from(canonicalJson(signed));
    return { keyid: this.keyId, sig: sign(null, bytes, this.#pair.privateKey).toString('hex') };
  }
}

const yearMs = 365 * 24 * 3_600_000;

/**
 * A small update repository for tests: consistent snapshots, a key for each role, files of its own; served on loopback as it is
 * or as `interfere` likes. Made of plain objects, so that it shares no code with the client under test.
 */
export class UpdateRepository {
  readonly keys: Record<Role, RoleKey>;
  readonly versions: Record<Role, number> = { root: 1, timestamp: 1, snapshot: 1, targets: 1 };
  /** Whose metadata has expired. */
  readonly expired = new Set<Role>();
  /** Published files by name; what is signed for and what is served may differ. */
  readonly files = new Map<string, { readonly signed: Buffer; served: Buffer }>();
  /** Served as they are, by their whole path; not signed for. */
  readonly plain = new Map<string, Buffer>();
  /** Path, and range where one was asked for. */
  readonly requests: string[] = [];
  interfere: Interference = () => false;
  /** The last word on what is signed as a role, the root's but for the first one. */
  change: (role: Role, signed: Record<string, unknown>) => Record<string, unknown> = (_, signed) => signed;
  /** Metadata of delegated roles, as it is served, by its whole name: `1.someone.json`. */
  readonly delegated = new Map<string, string>();
  /** All dates are of then: the same metadata is the same text. */
  readonly #madeAtMs = Date.now();
  readonly #rootTexts: string[] = [];
  #server: Server | null = null;

  constructor() {
    this.keys = {
      root: new RoleKey(),
      timestamp: new RoleKey(),
      snapshot: new RoleKey(),
      targets: new RoleKey(),
    };
    this.#rootTexts.push(this.#rootText([this.keys.root]));
  }

  /** What a client trusts from the beginning. */
  get firstRoot(): string {
    return this.#rootTexts[0] ?? '';
  }
  add(name: string, bytes: Buffer): void {
    this.files.set(name, { signed: bytes, served: bytes });
  }
  /** Everything but the root is published anew. */
  publish(): void {
    for (const role of ['timestamp', 'snapshot', 'targets'] as const) this.versions[role] += 1;
  }
  /** A new root, signed by the old key and the new one. */
  rotateRoot(by: readonly ['old' | 'new'] | readonly ['old', 'new'] = ['old', 'new']): void {
    const old = this.keys.root;
    this.keys.root = new RoleKey();
    this.versions.root += 1;
    const signers = by.map((who) => (who === 'old' ? old : this.keys.root));
    this.#rootTexts.push(this.#rootText(signers));
  }
  /** Signed metadata of any shape, by any keys. */
  signedText(signed: object, signers: readonly RoleKey[]): string {
    return JSON.stringify({ signatures: signers.map((one) => one.sign(signed)), signed });
  }

  text(role: Role): string {
    if (role === 'root') return this.#rootTexts.at(-1) ?? '';
    const common = { spec_version: '1.0.31', version: this.versions[role], expires: this.#expiry(role) };
    const signed = this.change(role, { ...common, _type: role, ...this.#bodyOf(role) });
    return this.signedText(signed, [this.keys[role]]);
  }

  /** Its address. */
  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      const { range } = request.headers;
      this.requests.push(`${request.url ?? ''}${range === undefined ? '' : ` ${range}`}`);
      if (!this.interfere(request, response)) this.serve(request, response);
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** Connections that stand are broken. */
  breakAll(): void {
    this.#server?.closeAllConnections();
  }
  serve(request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.#find(decodeURIComponent(request.url ?? ''));
    if (bytes === null) {
      response.writeHead(404).end();
      return;
    }
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    if (start >= bytes.length && from !== undefined) {
      response.writeHead(416).end();
      return;
    }
    const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from === undefined ? 200 : 206, from === undefined ? {} : range);
    response.end(bytes.subarray(start));
  }

  #find(path: string): Buffer | null {
    const [, file = ''] = /^\/metadata\/(.+)$/.exec(path) ?? [];
    const delegated = this.delegated.get(file);
    if (delegated !== undefined) return Buffer.from(delegated);
    const [, version, role] = /^\/metadata\/(?:(\d+)\.)?([a-z]+)\.json$/.exec(path) ?? [];
    const known = roles.find((one) => one === role);
    if (known === 'root') {
      const text = this.#rootTexts[Number(version) - 1];
      return text === undefined ? null : Buffer.from(text);
    }
    if (known !== undefined) {
      const isIt = known === 'timestamp' || Number(version) === this.versions[known];
      return isIt ? Buffer.from(this.text(known)) : null;
    }
    const plain = this.plain.get(path);
    if (plain !== undefined) return plain;
    for (const [name, { signed, served }] of this.files) {
      const parts = name.split('/');
      const last = `${hashOf(signed)}.${parts.pop() ?? ''}`;
      if (path === `/targets/${[...parts, last].join('/')}`) return served;
    }
    return null;
  }
  #bodyOf(role: Exclude<Role, 'root'>): object {
    if (role === 'timestamp') return { meta: { 'snapshot.json': { version: this.versions.snapshot } } };
    if (role === 'snapshot') return { meta: { 'targets.json': { version: this.versions.targets } } };
    const targets = [...this.files].map(([name, { signed }]) => {
      const target: object = { length: signed.length, hashes: { sha256: hashOf(signed) } };
      return [name, target] as const;
    });
    return { targets: Object.fromEntries(targets) };
  }
  #rootText(signers: readonly RoleKey[]): string {
    const all = Object.values(this.keys);
    const signed = this.change('root', {
      _type: 'root',
      spec_version: '1.0.31',
      version: this.versions.root,
      expires: this.#expiry('root'),
      consistent_snapshot: true,
      keys: Object.fromEntries(all.map(({ keyId, key }) => [keyId, key])),
      roles: Object.fromEntries(
        roles.map((role) => [role, { keyids: [this.keys[role].keyId], threshold: 1 }]),
      ),
    });
    return this.signedText(signed, signers);
  }
  #expiry(role: Role): string {
    const atMs = this.#madeAtMs + (this.expired.has(role) ? -1 : 1) * yearMs;
    return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
  }
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
