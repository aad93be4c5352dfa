/**
 * npm packages: installed from the lock file when it has changed since the last time, else nothing is done.
 * Not `npm ci`: it refuses a lock file that lacks binaries for other platforms, and some mirrors of the registry do not
 * have those of all platforms, so a lock file made there is never complete. `install --no-save` takes the locked
 * versions with their checksums and leaves the file alone.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function installPackages(project, say) {
  const stamp = join(project, 'node_modules', '.kaimen-stamp');
  const wanted = createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .digest('hex');
  const node = join(project, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)) return;
  say('installing npm packages (some minutes the first time) …');
  const run = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: project,
    stdio: ['ignore', process.stderr, 'inherit'],
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) {
    say('npm install failed: see above. Is the npm registry reachable?');
    process.exit(3);
  }
  writeFileSync(stamp, wanted);
}
