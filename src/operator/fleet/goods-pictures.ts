import { createHash } from 'node:crypto';
import { and, eq, lt, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { keptPictureName, pictureMaxBytes, pictureMaxSide } from '../../shared/model/goods-picture.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { readPictureHeader } from '../../shared/node/picture-header.ts';
import { goodsPictureUnusedMs, goodsPicturesMax } from '../limits.ts';
import { goodsPicture } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/**
 * Keeps a picture of goods and gives the name that a catalogue calls it by; one that is here already is kept once. It is never
 * drawn here: first bytes, size and pixels are looked at. `bad_request`: it is none of ours; `unavailable`: enough are kept.
 */
export async function keepPicture(
  db: Db,
  clock: Clock,
  picture: Buffer,
): Promise<Result<string, ApiFailure>> {
  const header = readPictureHeader(picture);
  if (header === null) return fail('bad_request', 'no PNG, JPEG or WebP');
  if (picture.length > pictureMaxBytes) return fail('bad_request', `more than ${pictureMaxBytes} bytes`);
  const { type, width, height } = header;
  if (Math.max(width, height) > pictureMaxSide)
    return fail('bad_request', `${width} × ${height}: more than ${pictureMaxSide} pixels on a side`);
  const name = keptPictureName(createHash('sha256').update(picture).digest('hex'));
  if ((await db.$count(goodsPicture)) >= goodsPicturesMax) await forgetUnused(db, clock);
  if ((await db.$count(goodsPicture)) >= goodsPicturesMax)
    return fail('unavailable', `${goodsPicturesMax} pictures are kept, and all are in use`);
  await db
    .insert(goodsPicture)
    .values({ name, type, picture, madeAtMs: clock.nowMs() })
    .onConflictDoUpdate({ target: goodsPicture.name, set: { madeAtMs: clock.nowMs() } });
  return ok(name);
}

export async function findPicture(
  db: Db,
  name: string,
): Promise<Pick<typeof goodsPicture.$inferSelect, 'type' | 'picture'> | null> {
  const [row] = await db.select().from(goodsPicture).where(eq(goodsPicture.name, name));
  return row ?? null;
}

/** Those that are in no catalogue that is kept, and were not just sent for the next one. */
async function forgetUnused(db: Db, clock: Clock): Promise<void> {
  const isNamed = sql`${goodsPicture.name} in
    (select (regexp_matches(body, 'sha-[0-9a-f]{32}', 'g'))[1] from catalog_version)`;
  const isOld = lt(goodsPicture.madeAtMs, clock.nowMs() - goodsPictureUnusedMs);
  await db.delete(goodsPicture).where(and(isOld, sql`not (${isNamed})`));
}
