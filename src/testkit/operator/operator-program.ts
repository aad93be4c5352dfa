import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putInPlace } from './templates.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const nodeOf24 = join(project, 'node_modules/.bin/node');
/** Inside of the project: the embedded database stays a package that is looked for from there. */
const folder = join(project, 'node_modules/.cache/kaimen-operator');
const buildTimeoutMs = 600_000;
const unusedMaxMs = 24 * 3_600_000;

let made: readonly string[] | undefined;

/**
 * The command that starts the operator's program: src/operator/index.ts, bundled. A start of the sources costs four times as
 * much, and tests start some two hundred. The folder's name says what it was made of, so that it is never an old one.
 */
export function operatorProgram(): readonly string[] {
  return (made ??= [nodeOf24, join(bundled(), 'operator.js')]);
}

function bundled(): string {
  const name = hashOfSources();
  const to = join(folder, name);
  if (existsSync(to)) {
    const now = new Date();
    utimesSync(to, now, now);
    return to;
  }
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `${name}.${randomUUID()}`);
  const built = spawnSync(nodeOf24, ['build/operator-for-tests.ts', draft], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: buildTimeoutMs,
  });
  if (built.status !== 0)
    throw new Error(`the operator's program is not built: ${String(built.status ?? built.error)}`);
  putInPlace(draft, to);
  removeUnused();
  return to;
}

function removeUnused(): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > unusedMaxMs) rmSync(path, { recursive: true, force: true });
  }
}

/** Over all that it could be made of (build/operator-for-tests.ts refuses more): what is written, not when. */
function hashOfSources(): string {
  const hash = createHash('sha256');
  const files = ['operator', 'shared', 'core']
    .flatMap((dir) =>
      readdirSync(join(project, 'src', dir), { recursive: true, encoding: 'utf8' }).map((name) =>
        join('src', dir, name),
      ),
    )
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .sort();
  const more = ['build/operator-for-tests.ts', 'build/operator-bundle.ts', 'package-lock.json'];
  for (const path of [...files, ...more])
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(project, path)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}
