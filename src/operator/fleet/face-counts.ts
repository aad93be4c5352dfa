import { asc, sql, sum } from 'drizzle-orm';
import { capacityLevel } from '../../core/identity/face-capacity.ts';
import { developmentListMax } from '../../shared/api/development-routes.ts';
import type { FaceCount } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { addIncident } from '../support/incidents.ts';

import { faceCount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { keepNewestWord } from './newest-word.ts';

export interface FaceCountOptions {
  readonly db: Db;
  readonly clock: Clock;
}

const levels = ['fine', 'alarm', 'full'] as const;
/** What a human is told when the fleet gets there from below. */
const incidentAt = [
  ['alarm', 'faces_near_limit'],
  ['full', 'faces_at_limit'],
] as const;

/**
 * Takes a cabinet's count of people; the one that was signed last counts. An older one is a `conflict` and changes
 * nothing: nobody waits for the answer to one that was late on its way, and a cabinet whose time has gone back a
 * little sends it again. When the fleet's sum passes a level on its way up, a human is told, unless it is on the list
 * already: a fleet that stands at a level passes it each time that somebody comes and goes.
 */
export async function receiveFaceCount(
  { db, clock }: FaceCountOptions,
  signer: Signer,
  { enrolled }: FaceCount,
): Promise<Result<void, ApiFailure>> {
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    // One report at a time: two side by side would not see each other, and both or neither would report the level.
    await tx.execute(sql`lock table ${faceCount} in share row exclusive mode`);
    const before = await fleetSum(tx);
    const kept = await keepNewestWord(tx, faceCount, signer, clock.nowMs(), { enrolled });
    if (!kept.ok) return kept;
    const after = await fleetSum(tx);
    const detail = `${after} people in the fleet, ${before} before`;
    for (const [level, incident] of incidentAt) {
      const passed = !reaches(before, level) && reaches(after, level);
      if (passed) await addIncident(tx, clock, incident, signer.cabinetId, null, detail);
    }
    return ok();
  });
}

/** The fleet's sum, and the cabinets it is made of. A person enrolled at two cabinets counts twice: an upper bound. */
export async function readFaceCounts(
  db: Db,
): Promise<{ sum: number; cabinets: (typeof faceCount.$inferSelect)[] }> {
  const cabinets = await db
    .select()
    .from(faceCount)
    .orderBy(asc(faceCount.cabinetId))
    .limit(developmentListMax);
  return { sum: await fleetSum(db), cabinets };
}

async function fleetSum(db: Db): Promise<number> {
  const [row] = await db.select({ people: sum(faceCount.enrolled).mapWith(Number) }).from(faceCount);
  return row?.people ?? 0;
}

function reaches(people: number, level: (typeof levels)[number]): boolean {
  return levels.indexOf(capacityLevel(people)) >= levels.indexOf(level);
}
