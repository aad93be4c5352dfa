import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { PostgresAccount } from './templates.ts';
import { copyCluster } from './templates.ts';

/**
 * A PostgreSQL server for the tests: the one of KAIMEN_TEST_DATABASE_URL (in which we may make databases), or a throw-away
 * cluster from the binaries of this machine. Without either the suite is skipped loudly, or fails with
 * KAIMEN_REQUIRE_POSTGRES=1.
 */
export type PostgresSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'binaries'; readonly folder: string }
  | { readonly kind: 'none' };

/** Only bounds hanging. */
const startTimeoutMs = 300_000;
const startPollMs = 50;

/** Where a server could come from; throws when one is required and there is none. */
export function findPostgres(env = process.env, folders = binaryFolders(env)): PostgresSource {
  const url = env['KAIMEN_TEST_DATABASE_URL'];
  if (url !== undefined && url !== '') return { kind: 'url', url };
  const folder = folders.find((dir) => ['initdb', 'postgres'].every((name) => existsSync(join(dir, name))));
  if (folder !== undefined) return { kind: 'binaries', folder };
  if (env['KAIMEN_REQUIRE_POSTGRES'] === '1')
    throw new Error('KAIMEN_REQUIRE_POSTGRES=1, but there is neither KAIMEN_TEST_DATABASE_URL nor initdb');
  return { kind: 'none' };
}

function binaryFolders(env: NodeJS.ProcessEnv): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const path = (env['PATH'] ?? '').split(':').filter((dir) => dir !== '');
  return [...versions.map((version) => join(debian, version, 'bin')), '/usr/local/bin', ...path];
}

/** Nothing here is to outlive its server, which nobody but one process asks. */
const throwAway = [
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  'wal_level=minimal',
  'max_wal_senders=0',
  'autovacuum=off',
  'listen_addresses=',
  'max_connections=60',
  'log_min_messages=panic',
];

/** As a service has it: what is committed stays, whatever happens to the machine. */
export const durable = ['listen_addresses=', 'max_connections=60', 'log_min_messages=panic'];

/**
 * Runs a server until its input ends, then removes its folder. That ends with the process that started it, whatever
 * end it meets: vitest kills its workers.
 */
const serverScript = `
  folder=$1; shift
  exec 3<&0
  "$@" 3<&- &
  server=$!
  { cat <&3 >/dev/null; kill -QUIT $server; } &
  watch=$!
  wait $server
  ended=$?
  kill $watch 2>/dev/null
  rm -rf "$folder"
  exit $ended`;

/** The address of a server; one that is started for it (with these settings) listens only on a Unix socket in its own folder, and ends with this process. */
export async function startPostgres(
  source: Exclude<PostgresSource, { kind: 'none' }>,
  ownSettings: readonly string[] = throwAway,
): Promise<string> {
  if (source.kind === 'url') return source.url;
  const account = unprivilegedAccount();
  const folder = mkdtempSync(join(tmpdir(), 'kaimen-pg-'));
  if (account !== null) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  copyCluster(source.folder, account, data);
  const settings = [...ownSettings, `unix_socket_directories=${folder}`];
  const command = [join(source.folder, 'postgres'), '-D', data, ...settings.flatMap((one) => ['-c', one])];
  const server = spawn('/bin/sh', ['-c', serverScript, 'sh', folder, ...command], {
    ...account,
    cwd: folder,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const url = `postgresql://kaimen@localhost/postgres?host=${encodeURIComponent(folder)}`;
  try {
    await untilItAnswers(url, server);
  } catch (error) {
    server.stdin.end();
    throw error;
  }
  return url;
}

/** PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`. */
function unprivilegedAccount(): PostgresAccount {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => {
      const found = spawnSync('id', [flag, name], { encoding: 'utf8' });
      return found.status === 0 ? Number(found.stdout.trim()) : Number.NaN;
    });
    if (uid !== undefined && gid !== undefined && uid > 0 && gid > 0) return { uid, gid };
  }
  throw new Error('running as root, and there is neither the account postgres nor nobody');
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  const giveUpMs = Date.now() + startTimeoutMs;
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return;
    } catch (error) {
      if (server.exitCode !== null)
        throw new Error(`postgres ended with ${String(server.exitCode)}`, { cause: error });
      if (Date.now() > giveUpMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, startPollMs));
    } finally {
      await client.end().catch(() => {});
    }
  }
}
