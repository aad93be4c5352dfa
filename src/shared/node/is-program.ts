import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether this module (`import.meta.url`) is what was started, and not imported by another one; also through a link to it. */
export function isProgram(moduleUrl: string): boolean {
  const [, started] = process.argv;
  // Node names a module by where it really is, and what was started as it was called.
  return started !== undefined && realpathSync(started) === realpathSync(fileURLToPath(moduleUrl));
}
