import type { Alarm } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { alarm } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/** Keeps what staff shall know. A repeat of the same alarm (its answer was lost) is the same alarm. */
export async function receiveAlarm(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  cabinetId: string,
  { kind, visitId, atMs, detail }: Alarm,
): Promise<Result<void, never>> {
  await db
    .insert(alarm)
    .values({ cabinetId, kind, visitId, atMs, detail: JSON.stringify(detail), receivedAtMs: clock.nowMs() })
    .onConflictDoNothing();
  return ok();
}
