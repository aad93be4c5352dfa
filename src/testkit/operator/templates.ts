import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { assert } from '../../shared/assert.ts';
import { migrations } from '../../operator/storage/migrations.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { migrate, openStorage } from '../../operator/storage/storage.ts';
import { silentLogger } from '../../shared/util/logger.ts';

/**
 * Databases that are made once on a machine and copied by each process: making one takes seconds, copying it a
 * fraction of one. A template's name says what it was made of; two processes may make the same one at once.
 */
const initTimeoutMs = 300_000;

/** Account under which PostgreSQL's programs run; null: as we are. */
export type PostgresAccount = { readonly uid: number; readonly gid: number } | null;

/** An embedded database with today's tables and nothing in them, as a dump for `StorageOptions.startFrom`. */
export async function pgliteTemplate(): Promise<Blob> {
  const file = join(templateFolder(), `${embeddedName()}.tar`);
  if (!existsSync(file)) {
    const pglite = await PGlite.create();
    const migrated = await migrate(drizzle(pglite) as unknown as Db, migrations);
    assert(migrated.ok, 'an empty database migrates');
    await dropUnused(pglite);
    const dump = await pglite.dumpDataDir('none');
    await pglite.close();
    const draft = `${file}.${randomUUID()}`;
    await writeFile(draft, Buffer.from(await dump.arrayBuffer()));
    renameSync(draft, file);
  }
  // Not as a file-backed blob: another process may put the same template in its place while it is read.
  return new BytesInMemory(await readFile(file));
}

/**
 * Makes `dataDir` the folder of an operator on the embedded database, with today's tables and nothing in them: a program opens
 * it in a tenth of the time that it takes to make a new one.
 */
export async function makeDataFolder(dataDir: string): Promise<void> {
  const template = join(templateFolder(), `${embeddedName()}-folder`);
  if (!existsSync(template)) {
    const draft = `${template}.${randomUUID()}`;
    const opened = await openStorage({
      dataDir: draft,
      startFrom: await pgliteTemplate(),
      logger: silentLogger,
    });
    assert(opened.ok, 'the embedded database opens');
    await opened.value.close();
    putInPlace(draft, template);
  }
  cpSync(template, dataDir, { recursive: true });
}

/** Says what it is made of. */
const embeddedName = (): string =>
  `pglite-${keyOf([pgliteVersion(), JSON.stringify(migrations), dropUnused.toString()])}`;

/** The databases that new ones would be made from: two thirds of the files. */
async function dropUnused(pglite: PGlite): Promise<void> {
  for (const name of ['template0', 'template1']) {
    await pglite.exec(`update pg_database set datistemplate = false where datname = '${name}'`);
    await pglite.exec(`drop database ${name}`);
  }
  await pglite.exec('checkpoint');
}

/** A blob that hands its bytes over in one piece: Node's own joins them from pieces of 64 KiB, slower than all the rest. */
class BytesInMemory extends Blob {
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    super([]);
    this.#bytes = bytes;
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return Promise.resolve(buffer.slice(byteOffset, byteOffset + byteLength));
  }
}

/** Makes `data` a fresh cluster of the PostgreSQL whose programs are in `binaries`. */
export function copyCluster(binaries: string, account: PostgresAccount, data: string): void {
  const template = join(templateFolder(), `postgres-${keyOf([binaries, String(account?.uid)])}`);
  if (!existsSync(template)) makeCluster(binaries, account, template);
  run('cp', ['-a', template, data]);
}

function makeCluster(binaries: string, account: PostgresAccount, template: string): void {
  const draft = mkdtempSync(join(tmpdir(), 'kaimen-initdb-'));
  if (account !== null) chownSync(draft, account.uid, account.gid);
  const data = join(draft, 'data');
  const flags = ['-D', data, '-U', 'kaimen', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  run(join(binaries, 'initdb'), flags, { ...account, cwd: draft });
  putInPlace(data, template);
  rmSync(draft, { recursive: true, force: true });
}

/** A folder; where another process has made the same one meanwhile, that one stays. */
export function putInPlace(draft: string, place: string): void {
  try {
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}

function run(command: string, args: string[], options: object = {}): void {
  const ended = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: initTimeoutMs,
    ...options,
  });
  if (ended.status !== 0) throw new Error(`${command} ended with ${String(ended.status ?? ended.error)}`);
}

function templateFolder(): string {
  const folder = join(tmpdir(), `kaimen-test-databases-${process.getuid?.() ?? 'all'}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8');
}

const keyOf = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
