import { inArray } from 'drizzle-orm';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import { cabinet } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/** Where a cabinet stands, as people were told it; null: nobody has said. */
export interface CabinetPlace {
  readonly place: LocalText | null;
  readonly at: { readonly latitude: number; readonly longitude: number } | null;
}

const nowhere: CabinetPlace = { place: null, at: null };

/** Where these cabinets stand. */
export async function placesOf(
  db: Db,
  cabinetIds: readonly string[],
): Promise<(cabinetId: string) => CabinetPlace> {
  const { cabinetId, place, latitude, longitude } = cabinet;
  const rows =
    cabinetIds.length === 0
      ? []
      : await db
          .select({ cabinetId, place, latitude, longitude })
          .from(cabinet)
          .where(inArray(cabinetId, [...new Set(cabinetIds)]));
  const byId = new Map(rows.map((row) => [row.cabinetId, read(row)]));
  return (id) => byId.get(id) ?? nowhere;
}

function read(row: Pick<typeof cabinet.$inferSelect, 'place' | 'latitude' | 'longitude'>): CabinetPlace {
  const { latitude, longitude } = row;
  const place = row.place === null ? null : localTextSchema.safeParse(JSON.parse(row.place)).data;
  return {
    place: place ?? null,
    at: latitude === null || longitude === null ? null : { latitude, longitude },
  };
}

const earthRadiusM = 6_371_000;

/** Between two places on the map, metres: of a sphere, which is off by less than 1 % (haversine formula). */
export function distanceM(
  a: { readonly latitude: number; readonly longitude: number },
  b: { readonly latitude: number; readonly longitude: number },
): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [dLat, dLon] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)];
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(dLon / 2) ** 2;
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(h)));
}
