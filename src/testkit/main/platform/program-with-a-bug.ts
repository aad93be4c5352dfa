import { ExitOnBug } from '../../../main/platform/exit-on-bug.ts';
import type { Logger } from '../../../shared/util/logger.ts';

/** A program whose bug is named on its command line; exit-on-bug.test.ts starts it. */
const bug = process.argv[2] ?? 'none';
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event) => {
    if (bug.includes('broken log')) throw new Error('no log');
    process.stdout.write(`${event}\n`);
  },
};
const exitOnBug = new ExitOnBug((code) => process.exit(code));
if (!bug.includes('before')) exitOnBug.tell(logger);
// Reached only by a program that goes on after its bug.
setTimeout(() => process.stdout.write('the end\n'), 200);
if (bug.startsWith('throws'))
  setTimeout(() => {
    throw new Error('the bug');
  }, 1);
// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- others reject with what they like
if (bug.startsWith('rejects')) void Promise.reject(bug.includes('text') ? 'the bug' : new Error('the bug'));
