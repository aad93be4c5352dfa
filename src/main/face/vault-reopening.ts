import type { BackgroundJob } from '../background-jobs.ts';
import type { FaceVault } from './face-vault.ts';

/** What staff is told once of faces that cannot be used since the start. */
export const vaultNotOpened =
  'faces_not_opened: nobody comes in by face, and no face that is withdrawn is deleted';

/**
 * A vault whose file has failed lets nobody in by face, and the code is the way in. Whether the trouble has passed is tried
 * once an hour, while nobody is served, by opening everything anew: it is not worth more than that.
 */
export function vaultReopening(vault: Pick<FaceVault, 'isBroken'>, reopen: () => void): BackgroundJob {
  return vaultJob(() => vault.isBroken, reopen);
}

/** The same of one that did not open at the start: only once it opens by itself, for it may never. */
export function vaultOpening(opensNow: () => boolean, reopen: () => void): BackgroundJob {
  return vaultJob(opensNow, reopen);
}

function vaultJob(isDue: () => boolean, reopen: () => void): BackgroundJob {
  return {
    name: 'vault_reopening',
    everyMs: 3_600_000,
    retryMs: 60_000,
    quiet: {},
    run: () => {
      if (isDue()) reopen();
    },
  };
}
