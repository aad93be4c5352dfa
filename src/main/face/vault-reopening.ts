import type { BackgroundJob } from '../background-jobs.ts';
import type { FaceVault } from './face-vault.ts';

/**
 * A vault whose file has failed lets nobody in by face, and the code is the way in. Whether the trouble has passed is tried
 * once an hour, while nobody is served, by opening everything anew: it is not worth more than that.
 */
export function vaultReopening(vault: Pick<FaceVault, 'isBroken'>, reopen: () => void): BackgroundJob {
  return {
    name: 'vault_reopening',
    everyMs: 3_600_000,
    retryMs: 60_000,
    quiet: {},
    run: () => {
      if (vault.isBroken) reopen();
    },
  };
}
