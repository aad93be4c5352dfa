import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Made and removed to see whether the folder takes files. */
const probeName = 'write-probe';
/** Passes when space is freed: the app starts and waits for that. */
const passingCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/** Why the folder of the data cannot be used (missing and not to be made, read-only, not ours); null: it can. */
export function dataFolderTrouble(dir: string): string | null {
  const probe = join(dir, probeName);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    closeSync(openSync(probe, 'w', 0o600));
    rmSync(probe);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return passingCodes.includes(code) ? null : String(error);
  }
}
