import { createHash } from 'node:crypto';
import { and, desc, eq, inArray } from 'drizzle-orm';
import type { SupportBundle } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { TakenSupportBundle, KnownSupportBundle } from '../../shared/console/fleet.schema.ts';
import { supportBundleMaxBytes } from '../../shared/model/support-bundle.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import { type ApiFailure, tooManyOfKind } from '../http/errors.ts';
import { recordAct } from '../staff/act-log.ts';
import type { Administrator } from '../staff/accounts.ts';
import type { StaffKeys } from '../staff/seal.ts';
import { isStillHere, notHere } from '../staff/sessions.ts';
import { lockNamedThing } from '../storage/locks.ts';
import { supportBundle } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

/** Of one cabinet so many are taken in a day, and so many are kept. */
export const supportBundlesMax = 10;
const dayMs = 86_400_000;
const retryAfterS = 3_600;
/** RFC 1952: what every gzip begins with. Nothing here ever unpacks it. */
const gzipHead = Buffer.from([0x1f, 0x8b, 8]);

export interface SupportParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly keys: StaffKeys;
}
const placeOf = (cabinetId: string, name: string): string => `support bundle ${cabinetId} ${name}`;

/** Keeps what a cabinet says of its health, sealed; the same again is the same. The oldest make place. */
export async function receiveSupportBundle(
  { db, clock, keys }: SupportParts,
  signer: Signer,
  name: string,
  { form, gzip }: SupportBundle,
): Promise<Result<void, ApiFailure>> {
  const { cabinetId } = signer;
  const bytes = Buffer.from(gzip, 'base64');
  if (bytes.length > supportBundleMaxBytes) return fail('too_large', 'larger than a bundle may be');
  if (!bytes.subarray(0, gzipHead.length).equals(gzipHead)) return fail('bad_request', 'not in gzip');
  if (createHash('sha256').update(bytes).digest('base64url') !== name)
    return fail('bad_request', 'its name is not that of its bytes');
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    await lockNamedThing(tx, `support ${cabinetId}`);
    const isOf = eq(supportBundle.cabinetId, cabinetId);
    const rows = await tx
      .select({ name: supportBundle.name })
      .from(supportBundle)
      .where(isOf)
      .orderBy(desc(supportBundle.receivedAtMs));
    if (rows.some((row) => row.name === name)) return ok();
    const receivedAtMs = clock.nowMs();
    const today = and(isOf, isWithin(supportBundle.receivedAtMs, receivedAtMs, dayMs));
    if ((await tx.$count(supportBundle, today)) >= supportBundlesMax)
      return tooManyOfKind('enough bundles of this cabinet today', retryAfterS);
    const sealed = keys.seal(bytes, placeOf(cabinetId, name));
    await tx
      .insert(supportBundle)
      .values({ cabinetId, name, form, byteCount: bytes.length, sealed, receivedAtMs });
    const tooMany = rows.slice(supportBundlesMax - 1).map((row) => row.name);
    if (tooMany.length > 0)
      await tx.delete(supportBundle).where(and(isOf, inArray(supportBundle.name, tooMany)));
    return ok();
  });
}

/** Those of one cabinet, the newest first; of what is in them nothing. */
export async function listSupportBundles(db: Db, cabinetId: string): Promise<KnownSupportBundle[]> {
  const { name, byteCount, receivedAtMs } = supportBundle;
  return db
    .select({ name, byteCount, receivedAtMs })
    .from(supportBundle)
    .where(eq(supportBundle.cabinetId, cabinetId))
    .orderBy(desc(receivedAtMs));
}

/** Gives one out, to be saved; who has taken it and why is on record. */
export async function takeSupportBundle(
  { db, clock, keys }: SupportParts,
  who: Administrator,
  { cabinetId, name, reason }: { readonly cabinetId: string; readonly name: string; readonly reason: string },
): Promise<Result<TakenSupportBundle, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<TakenSupportBundle, ConsoleFailure>> => {
    if (!(await isStillHere(tx, who))) return notHere;
    const isIt = and(eq(supportBundle.cabinetId, cabinetId), eq(supportBundle.name, name));
    const [row] = await tx.select().from(supportBundle).where(isIt);
    if (row === undefined) return fail('not_found', 'no such bundle');
    const bytes = keys.open(row.sealed, placeOf(cabinetId, name));
    if (bytes === null) return fail('conflict', 'it was sealed with another secret');
    await recordAct(tx, clock, keys.logKey, who, {
      ...{ act: 'support_bundle_taken', subject: `cabinet:${cabinetId}`, reason },
      before: null,
      after: { bundle: name, receivedAtMs: row.receivedAtMs },
    });
    return ok({ gzip: bytes.toString('base64') });
  });
}
