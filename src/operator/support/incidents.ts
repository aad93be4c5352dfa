import type { Clock } from '../../shared/clock.ts';
import type { incidentKinds } from '../storage/schema.ts';
import { incident } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

export type IncidentKind = (typeof incidentKinds)[number];

/** Puts something on the list that a human reads. `detail` is our own text, never the sender's. */
export async function addIncident(
  db: Db,
  clock: Clock,
  kind: IncidentKind,
  cabinetId: string,
  chargeId: string | null,
  detail: string,
): Promise<void> {
  await db.insert(incident).values({ atMs: clock.nowMs(), kind, cabinetId, chargeId, detail });
}
