import type { BackgroundJob } from '../background-jobs.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type FaceVault, expireMax } from './face-vault.ts';

/** A face that nobody has used for so long is deleted: notice and consent say so in words, so it is no setting. */
export const unusedDays = 90;

/**
 * Deletes faces that nobody has used for too long. Only while nobody is served: what is deleted is erased by writing the
 * file anew, which holds up the whole process. `operatorNowMs`: the operator's wall time, null while it is not known
 * (deletion for age needs two clocks that agree).
 */
export function faceExpiry(
  vault: Pick<FaceVault, 'expire'>,
  operatorNowMs: () => number | null,
  logger: Logger,
): BackgroundJob {
  return {
    name: 'face_expiry',
    everyMs: 3_600_000,
    retryMs: 60_000,
    // A door that stands open, or is broken, must not stop it for good.
    quiet: { ignore: ['door'] },
    run: () => {
      const expired = vault.expire(operatorNowMs(), unusedDays);
      if (expired.ok) return expired.value >= expireMax ? 'again' : undefined;
      // Clocks that do not agree do not within a minute either; the vault has said so.
      if (expired.error.code === 'vault.clock_doubtful') return undefined;
      logger.error('vault.not_expired', { error: expired.error });
      return 'again';
    },
  };
}
