import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { PostgresAccount } from './templates.ts';
import { copyCluster } from './templates.ts';

/**
 * A PostgreSQL server for the tests: the one of KAIMEN_TEST_DATABASE_URL (a database in which we may do as we like), or a throw-away cluster
 * from the binaries of this machine. Without either the suite is skipped loudly, or fails with KAIMEN_REQUIRE_POSTGRES=1.
 */
export type PostgresSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'binaries'; readonly folder: string }
  | { readonly kind: 'none' };

export interface TestPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

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

/** Starts a server; it listens only on a Unix socket in its own folder, and is gone after `stop`. */
export async function startPostgres(
  source: Exclude<PostgresSource, { kind: 'none' }>,
): Promise<TestPostgres> {
  if (source.kind === 'url') return { url: source.url, stop: () => Promise.resolve() };
  const account = unprivilegedAccount();
  const folder = mkdtempSync(join(tmpdir(), 'kaimen-pg-'));
  if (account !== null) chownSync(folder, account.uid, account.gid);
  // Forgetting everything in a crash is fine here: no fsync.
  const settings = [
    'fsync=off',
    'listen_addresses=',
    'max_connections=60',
    `unix_socket_directories=${folder}`,
  ];
  const options: SpawnOptions = { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] };
  const data = join(folder, 'data');
  copyCluster(source.folder, account, data);
  const flags = [
    '-D',
    data,
    ...settings.flatMap((setting) => ['-c', setting]),
    '-c',
    'log_min_messages=panic',
  ];
  const server = spawn(join(source.folder, 'postgres'), flags, options);
  const killNow = (): void => {
    server.kill('SIGKILL');
  };
  process.on('exit', killNow);
  const stop = async (): Promise<void> => {
    process.off('exit', killNow);
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `postgresql://kaimen@localhost/postgres?host=${encodeURIComponent(folder)}`;
  try {
    await untilItAnswers(url, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
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

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT'); // fast shutdown
  await ended;
}
