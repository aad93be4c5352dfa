import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import { readGuardedFile } from './guarded-files.ts';

/** From the environment, or from the file that it names: other programs of the same user can see an environment. */
export function readDatabaseUrl(env: NodeJS.ProcessEnv): Result<string | undefined, Failure<'usage'>> {
  const { DATABASE_URL: url, DATABASE_URL_FILE: file } = env;
  if (file === undefined) return ok(url);
  if (url !== undefined) return fail('usage', 'DATABASE_URL and DATABASE_URL_FILE: which one counts?');
  const read = readGuardedFile(file, 'secret');
  return read.ok
    ? ok(read.value.bytes.toString().trim())
    : fail('usage', `DATABASE_URL_FILE ${read.error.message}`);
}
