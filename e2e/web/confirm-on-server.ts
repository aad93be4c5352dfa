import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { OperatorProcess } from '../../src/testkit/app/operator-process.ts';
import { startOperatorProcess } from '../../src/testkit/app/operator-process.ts';

const program = fileURLToPath(new URL('../../src/operator/cli/console-cli.ts', import.meta.url));

/** A place for a database that outlives its operator; not there yet. */
export function newDataDir(): string {
  return join(mkdtempSync(join(tmpdir(), 'kaimen-console-')), 'data');
}

/**
 * Says at the server that an account is somebody's own, as is done for the second person where there is one administrator: the
 * embedded database has one user at a time, so that the service stops for it and starts anew, at other addresses.
 */
export async function confirmOnServer(
  operator: OperatorProcess,
  dataDir: string,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<OperatorProcess> {
  await operator.stop();
  const args = [program, 'confirm', name, '--by', 'root', '--reason', 'somebody else, met in person'];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, DATA_DIR: dataDir } });
  return startOperatorProcess(dataDir, false, settings);
}
