import type { Clock } from '../../shared/clock.ts';
import type { FaceWithdrawal } from '../../shared/api/operator.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import type { FaceVault } from './face-vault.ts';

export interface PhoneWithdrawalOptions {
  readonly vault: Pick<FaceVault, 'info' | 'enrolmentOf' | 'withdraw' | 'withdrawals'>;
  readonly client: { onFacesToDelete(listener: (faces: readonly FaceWithdrawal[]) => void): () => void };
  /** Its wall time is the operator's, where that is known. */
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Deletes the faces that members have withdrawn by phone, and has the operator told that they are gone; until then it names
 * them again. While nobody is served, as what is deleted is erased by writing the file anew. Nobody comes in by such a face
 * meanwhile: the operator refuses it.
 */
export function phoneWithdrawals({ vault, client, clock, logger }: PhoneWithdrawalOptions): BackgroundJob {
  let wanted: readonly FaceWithdrawal[] = [];
  client.onFacesToDelete((faces) => {
    wanted = faces;
  });
  return {
    name: 'phone_withdrawals',
    everyMs: 60_000,
    retryMs: 10_000,
    // A door that stands open, or is broken, must not stop it for good.
    quiet: { ignore: ['door'] },
    run: () => {
      const faces = wanted;
      wanted = [];
      for (const { memberId, enrolmentId } of faces) {
        const info = vault.info(memberId);
        if (!info.ok) continue;
        // A face that was enrolled anew meanwhile is another one, and stays.
        const isKept = info.value !== null && vault.enrolmentOf(memberId) === enrolmentId;
        const done = isKept
          ? vault.withdraw(memberId, clock.nowMs())
          : vault.withdrawals.confirm(memberId, enrolmentId);
        if (!done.ok) logger.warn('faces.not_deleted', { error: done.error });
        else if (isKept) logger.info('faces.deleted_by_phone');
      }
    },
  };
}
