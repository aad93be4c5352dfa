import { asc, eq } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { KnownCabinet } from '../../shared/console/fleet.schema.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import { cabinet, cabinetState } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { cabinetNowOf } from './cabinet-states.ts';
import { seenVersionOf } from '../staff/seen-version.ts';

/** Each cabinet that there is, or that is waited for; with `cabinetId` that one. */
export async function listCabinets(
  db: Db,
  clock: Clock,
  cabinetId?: string,
): Promise<Omit<KnownCabinet, 'lowCount'>[]> {
  const { body, receivedAtMs } = cabinetState;
  const rows = await db
    .select({ row: cabinet, said: { body, receivedAtMs } })
    .from(cabinet)
    .leftJoin(cabinetState, eq(cabinetState.cabinetId, cabinet.cabinetId))
    .where(cabinetId === undefined ? undefined : eq(cabinet.cabinetId, cabinetId))
    .orderBy(asc(cabinet.cabinetId));
  return rows.map(({ row, said }) => {
    const { cabinetId, enrolledAtMs, tokenOpen, tokenEndsAtMs, place, latitude, longitude } = row;
    return {
      cabinetId,
      tokenVersion: versionOfToken(row),
      placeVersion: versionOfPlace({ place, latitude, longitude }),
      place: place === null ? null : localTextSchema.parse(JSON.parse(place)),
      at: latitude === null || longitude === null ? null : { latitude, longitude },
      enrolledAtMs,
      tokenEndsAtMs: tokenOpen && tokenEndsAtMs > clock.nowMs() ? tokenEndsAtMs : null,
      now: cabinetNowOf(said, clock.nowMs()),
    };
  });
}

/** For whoever changes where it stands. */
export function versionOfPlace({
  place,
  latitude,
  longitude,
}: Pick<typeof cabinet.$inferSelect, 'place' | 'latitude' | 'longitude'>): string {
  return seenVersionOf(JSON.stringify([place, latitude, longitude]));
}

/** For whoever lets another machine in: of the one that is there, and of the token that is out. */
export function versionOfToken({
  enrolledAtMs,
  tokenHash,
  tokenOpen,
}: Pick<typeof cabinet.$inferSelect, 'enrolledAtMs' | 'tokenHash' | 'tokenOpen'>): string {
  return seenVersionOf(JSON.stringify([enrolledAtMs, tokenHash, tokenOpen]));
}
