import { asc } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { KnownCabinet } from '../../shared/console/fleet.schema.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import { cabinet } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { seenVersionOf } from '../staff/seen-version.ts';

/** Each cabinet that there is, or that is waited for. */
export async function listCabinets(db: Db, clock: Clock): Promise<Omit<KnownCabinet, 'lowCount'>[]> {
  const rows = await db.select().from(cabinet).orderBy(asc(cabinet.cabinetId));
  return rows.map((row) => {
    const { cabinetId, enrolledAtMs, tokenOpen, tokenEndsAtMs, place, latitude, longitude } = row;
    return {
      cabinetId,
      tokenVersion: versionOfToken(row),
      placeVersion: versionOfPlace({ place, latitude, longitude }),
      place: place === null ? null : localTextSchema.parse(JSON.parse(place)),
      at: latitude === null || longitude === null ? null : { latitude, longitude },
      enrolledAtMs,
      tokenEndsAtMs: tokenOpen && tokenEndsAtMs > clock.nowMs() ? tokenEndsAtMs : null,
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
