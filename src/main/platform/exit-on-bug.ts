import { exitCodes } from '../../shared/launcher.ts';
import type { Logger } from '../../shared/util/logger.ts';

/**
 * Ends the program at a bug: an uncaught exception or a rejection that nobody handles, of which Electron alone would only
 * warn. After one the state in memory cannot be trusted any more; the journal can, and whoever started the app starts it
 * again. From construction on, so that a failure before there is a log leaves no app without a window.
 */
export class ExitOnBug {
  readonly #exit: (code: number) => void;
  #logger: Logger | null = null;

  constructor(exit: (code: number) => void) {
    this.#exit = exit;
    const end = (bug: unknown): void => {
      this.#end(bug);
    };
    process.on('uncaughtException', end);
    process.on('unhandledRejection', end);
  }

  /** From now on a bug is told to this log, too. */
  tell(logger: Logger): void {
    this.#logger = logger;
  }

  #end(bug: unknown): void {
    const error = bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
    // Neither a log that fails nor a closed pipe may keep the program from ending.
    try {
      process.stderr.write(`the app has a bug: ${error}\n`);
      this.#logger?.error('app.bug', { error });
    } finally {
      this.#exit(exitCodes.bug);
    }
  }
}
