import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { StorageFailure } from './storage-failure.ts';

/**
 * PGlite does not notice a second process on its folder, and two would ruin it. A file with our process id keeps the
 * second one out; one left by a killed process is taken over.
 */
export function lockFolder(dataDir: string): Result<() => void, StorageFailure> {
  const file = join(dataDir, 'operator.pid');
  const owner = readOwner(file);
  if (owner !== null && owner !== process.pid && isAlive(owner))
    return fail('storage_in_use', `process ${owner} uses ${dataDir}`);
  writeFileSync(file, String(process.pid));
  return ok(() => {
    if (readOwner(file) === process.pid) rmSync(file, { force: true });
  });
}

function readOwner(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
