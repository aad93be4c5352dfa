import type { BackgroundJob } from '../background-jobs.ts';

/**
 * A file beside the database that people can do without: nobody comes in by face meanwhile, or nothing is kept of what the shelf
 * is seen to do. Whether its trouble has passed is tried once an hour, while nobody is served, by opening everything anew: it is
 * not worth more than that. `isDue`: it has failed since it was opened, or did not open and now opens by itself, which may never be.
 */
export function reopening(name: string, isDue: () => boolean, reopen: () => void): BackgroundJob {
  return {
    name: `${name}_reopening`,
    everyMs: 3_600_000,
    retryMs: 60_000,
    // A lock that is lost may be so for weeks, and faces that are withdrawn meanwhile have to go.
    quiet: { ignore: ['door'] },
    run: () => {
      if (isDue()) reopen();
    },
  };
}
