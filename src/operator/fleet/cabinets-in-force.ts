import { sql } from 'drizzle-orm';
import type { InForce } from '../../shared/api/desired-state.schema.ts';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { cabinetInForce } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/** Keeps what a cabinet says is in force there; of two words the one that was signed later counts, and the other is no error. */
export async function receiveInForce(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  signer: Signer,
  inForce: InForce,
): Promise<Result<void, ApiFailure>> {
  const { cabinetId, signedAtMs } = signer;
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    const nowMs = clock.nowMs();
    const row = { ...inForce, signedAtMs, receivedAtMs: nowMs };
    // One from the future was taken while our own clock was wrong: it must not stay in force until then.
    const kept = cabinetInForce.signedAtMs;
    await tx
      .insert(cabinetInForce)
      .values({ cabinetId, ...row })
      .onConflictDoUpdate({
        target: cabinetInForce.cabinetId,
        set: row,
        setWhere: sql`${kept} <= ${signedAtMs} or ${kept} > ${nowMs + clockSkewMaxMs}`,
      });
    return ok();
  });
}
