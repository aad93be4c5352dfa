import { and, count, eq, isNull } from 'drizzle-orm';
import type { ResolveIncidentRequest } from '../../shared/api/development-routes.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { incidentsOfKindMax, incidentsOfKindPerMs } from '../limits.ts';
import { plainText } from '../storage/plain-text.ts';
import type { incidentKinds } from '../storage/schema.ts';
import { incident } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

export type IncidentKind = (typeof incidentKinds)[number];

/**
 * What a cabinet alone can bring about by what it sends. All else is bounded by what others did: a visit that the operator
 * allowed, money that moved, a decision of people. So no cabinet crowds such a thing out.
 */
const broughtAboutByCabinet: ReadonlySet<IncidentKind> = new Set([
  'charge_conflict',
  'charge_without_visit',
  'second_charge_for_visit',
  'visit_over_limit',
  'foreign_currency',
  'record_differs',
  'database_put_back',
  'face_not_enrolled',
  'enrol_with_other_key',
  'dispute_conflict',
]);

/**
 * Puts something on the list that a human reads. `detail` is our own text, never the sender's. Of what a cabinet can bring
 * about by itself only so many of a kind are listed in a day; what is about a charge is with that charge all the same.
 */
export async function addIncident(
  db: Db,
  clock: Clock,
  kind: IncidentKind,
  cabinetId: string,
  chargeId: string | null,
  detail: string,
): Promise<void> {
  const nowMs = clock.nowMs();
  const row = { atMs: nowMs, kind, cabinetId, chargeId, detail };
  if (broughtAboutByCabinet.has(kind)) {
    const isLately = and(
      eq(incident.cabinetId, cabinetId),
      eq(incident.kind, kind),
      isWithin(incident.atMs, nowMs, incidentsOfKindPerMs),
    );
    const [lately] = await db.select({ listed: count() }).from(incident).where(isLately);
    const listed = lately?.listed ?? 0;
    if (listed >= incidentsOfKindMax) return;
    if (listed === incidentsOfKindMax - 1) row.detail = `${detail}; more of this kind are not listed today`;
  }
  await db.insert(incident).values(row);
}

/**
 * Closes an incident, once: the first resolution stands, the same again is the same answer. `not_found`: no such incident;
 * `conflict`: somebody else has closed it, or with other words.
 */
export async function resolveIncident(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  id: number,
  request: ResolveIncidentRequest,
): Promise<Result<typeof incident.$inferSelect, ApiFailure>> {
  const actor = plainText(request.actor);
  const resolution = plainText(request.resolution);
  await db
    .update(incident)
    .set({ actor, resolution, resolvedAtMs: clock.nowMs() })
    .where(and(eq(incident.id, id), isNull(incident.resolvedAtMs)));
  const [row] = await db.select().from(incident).where(eq(incident.id, id));
  if (row === undefined) return fail('not_found', 'no such incident');
  return row.actor === actor && row.resolution === resolution
    ? ok(row)
    : fail('conflict', `resolved by ${row.actor ?? ''} already`);
}
