import { and, eq, isNotNull } from 'drizzle-orm';
import { isDeserted, isVersionWorse, isWorse } from '../../core/updates/usefulness.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ReleaseUsefulness } from '../../shared/console/updates.schema.ts';
import { type ReportedUsefulness, usefulnessSchema } from '../../shared/model/update-order.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import { updateReport } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { newestOrder, pauseUpdates } from './update-orders.ts';

/** Cabinets that are named where a kind of device is worse. */
const namedMax = 20;

/** Beside kinds of devices: that people get in. */
const visitsKind = 'visits';

/** Kinds of devices of one cabinet, and its visits: worse, as before, or (left out) not to be told. */
function judgedKinds(said: ReportedUsefulness): ReadonlyMap<string, boolean> {
  const { visits, visitsBefore, devices, quiet } = said;
  const kinds = new Map<string, boolean>();
  const deserted = quiet === undefined ? null : isDeserted(visits, quiet);
  if (deserted !== null) kinds.set(visitsKind, deserted);
  for (const { kind, useful, usefulBefore } of devices) {
    const worse = isWorse({ of: visits, useful }, { of: visitsBefore, useful: usefulBefore });
    if (worse !== null) kinds.set(kind, worse || kinds.get(kind) === true);
  }
  return kinds;
}

/** What cabinets that run this release say of their devices, by kind. */
export async function usefulnessOf(db: Db, release: string): Promise<ReleaseUsefulness[]> {
  const { cabinetId, running, usefulness } = updateReport;
  const rows = await db
    .select({ cabinetId, usefulness })
    .from(updateReport)
    .where(and(eq(running, release), isNotNull(usefulness)))
    .orderBy(cabinetId);
  const kinds = new Map<string, { judged: number; worse: number; cabinets: string[] }>();
  for (const row of rows) {
    const said = usefulnessSchema.safeParse(JSON.parse(row.usefulness ?? 'null'));
    if (!said.success || said.data.version !== release) continue;
    for (const [kind, worse] of judgedKinds(said.data)) {
      const counts = kinds.get(kind) ?? { judged: 0, worse: 0, cabinets: [] };
      kinds.set(kind, counts);
      counts.judged++;
      if (!worse) continue;
      counts.worse++;
      if (counts.cabinets.length < namedMax) counts.cabinets.push(row.cabinetId);
    }
  }
  return [...kinds].map(([kind, counts]) => ({ kind, ...counts })).sort((a, b) => b.worse - a.worse);
}

/**
 * A cabinet has said how useful its devices are. Where those of a kind are worse at enough cabinets with the release that the
 * fleet is to run, its roll-out is paused, once: a person who lets it go on knows of it.
 */
export async function judgeRollOut(
  tx: Db,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  said: ReportedUsefulness | null | undefined,
): Promise<void> {
  // Of most reports nothing more is asked of the database.
  if (said == null || ![...judgedKinds(said).values()].includes(true)) return;
  await lockOneAtATime(tx, 'updateOrders');
  const order = await newestOrder(tx, null);
  const release = order?.release ?? null;
  if (release === null || order?.isPaused === true || order?.stopped?.release === release) return;
  if (said.version !== release) return;
  const bad = (await usefulnessOf(tx, release)).find(isVersionWorse);
  if (bad === undefined) return;
  const { kind, judged, worse } = bad;
  const stopped = { release, kind, judged, worse, atMs: clock.nowMs() };
  await pauseUpdates({ db: tx, clock }, true, { stopped });
  logger.warn('roll_out_paused', stopped);
}
