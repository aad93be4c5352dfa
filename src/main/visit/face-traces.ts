import type { Failure, Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import type { FaceVault } from '../face/face-vault.ts';
import type { VisitStore } from './visit-store.ts';

/** Members of whom one run forgets something at most: a moment's work. */
const membersOfRunMax = 20;

/**
 * Takes out of the journals how the visits of those members began whose face is gone (withdrawn here or by phone, expired,
 * erased), or was enrolled anew since (ADR 0090). It goes by what is on record alone, so that nothing is left out for a
 * restart.
 */
export function faceTraces(
  visits: Pick<VisitStore, 'membersByFace' | 'forgetBeginnings'>,
  vault: Pick<FaceVault, 'info'>,
  logger: Logger,
): BackgroundJob {
  return {
    name: 'face_traces',
    everyMs: 10 * 60_000,
    retryMs: 60_000,
    // A door that stands open, or is broken, must not stop it for good.
    quiet: { ignore: ['door'] },
    run: () => {
      const forgotten = forgetTraces(visits, vault);
      if (!forgotten.ok) {
        logger.warn('visit.face_traces_not_removed', { error: forgotten.error });
        return 'again';
      }
      if (forgotten.value > 0) logger.info('visit.face_traces_removed', { members: forgotten.value });
      return forgotten.value >= membersOfRunMax ? 'again' : undefined;
    },
  };
}

/** Of how many members something was forgotten. */
function forgetTraces(
  visits: Parameters<typeof faceTraces>[0],
  vault: Parameters<typeof faceTraces>[1],
): Result<number, Failure<string>> {
  const members = visits.membersByFace();
  if (!members.ok) return members;
  let count = 0;
  for (const memberId of members.value) {
    if (count >= membersOfRunMax) break;
    const face = vault.info(memberId);
    if (!face.ok) return face;
    const forgotten = visits.forgetBeginnings(memberId, face.value?.enrolledAtMs ?? Number.MAX_SAFE_INTEGER);
    if (!forgotten.ok) return forgotten;
    if (forgotten.value > 0) count++;
  }
  return ok(count);
}
