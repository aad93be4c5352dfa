import type { InForce } from '../../shared/api/desired-state.schema.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { cabinetInForce } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { keepNewestWord } from './newest-word.ts';

/** Keeps what a cabinet says is in force there; of two words the one that was signed later counts, and the other is no error. */
export async function receiveInForce(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  signer: Signer,
  inForce: InForce,
): Promise<Result<void, ApiFailure>> {
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    await keepNewestWord(tx, cabinetInForce, signer, clock.nowMs(), inForce);
    return ok();
  });
}
