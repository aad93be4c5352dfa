/**
 * What the app's exit code says to whoever started it (a service manager or a launcher). Above 63 the codes are those of
 * sysexits.h, so that they read the same in a service manager's log.
 */
export const exitCodes = {
  /** It was asked to end and has: nothing is to be done. */
  clean: 0,
  /** A bug: the state in memory could not be trusted any more. Start it again, with back-off. (EX_SOFTWARE) */
  bug: 70,
  /** Started in a way in which an installed app does not run: whoever starts it has to mend that. (EX_USAGE) */
  startedWrong: 64,
  /** The data folder cannot be used: starting again may help when a disk comes back, with back-off. (EX_IOERR) */
  storageUnusable: 74,
  /** Another one runs on this machine, or on this data folder, and was brought to the front. (EX_UNAVAILABLE) */
  runsAlready: 69,
  /** It has ended in order and wants to be started again at once. (EX_TEMPFAIL) */
  restart: 75,
} as const;

export type ExitReason = keyof typeof exitCodes;

/** How a launcher goes on after an exit. A code that is not in the table (a signal, a crash in native code) is a bug. */
export function launcherAction(exitCode: number): 'stay_down' | 'start' | 'start_with_backoff' {
  if (exitCode === exitCodes.clean) return 'stay_down';
  return exitCode === exitCodes.restart ? 'start' : 'start_with_backoff';
}
