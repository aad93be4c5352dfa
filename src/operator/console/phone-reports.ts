import { asc, eq, sql } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import type { PhoneReport } from '../../shared/console/reports.schema.ts';
import { consoleFiles } from '../../shared/console/routes.ts';
import type { Clock } from '../../shared/clock.ts';
import { parsePlainWith } from '../http/json.ts';
import { phoneReport, reportPhoto } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { passGate } from './console-gate.ts';
import { consoleFailureOf } from './errors.ts';
import { sendPageFailure } from '../http/page-errors.ts';

/** What its member wrote of a charge, and which pictures of it there are. */
export async function readPhoneReport(db: Db, chargeId: string): Promise<PhoneReport> {
  const words = await db
    .select({ disputeId: phoneReport.disputeId, text: phoneReport.reason, atMs: phoneReport.atMs })
    .from(phoneReport)
    .where(eq(phoneReport.chargeId, chargeId))
    .orderBy(asc(phoneReport.atMs));
  const { photoId, contentType, atMs } = reportPhoto;
  const byteCount = sql<number>`length(${reportPhoto.bytes})`.mapWith(Number);
  const photos = await db
    .select({ photoId, contentType, byteCount, atMs })
    .from(reportPhoto)
    .where(eq(reportPhoto.chargeId, chargeId))
    .orderBy(asc(photoId));
  return { chargeId, words, photos };
}

const endings = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' } as const;

/**
 * The bytes that a member has sent. They are to be saved, as a type that no browser draws: whoever looks at them does so in a
 * program of their own, and never in a page that can act here.
 */
export function addPhotos(app: FastifyInstance, parts: { readonly db: Db; readonly clock: Clock }): void {
  const route = consoleFiles.photo;
  app.get(route.path, async (request, reply) => {
    const gate = await passGate(parts, route, request);
    if (!gate.ok) return sendPageFailure(reply, gate.error);
    const params = parsePlainWith(route.params, request.params);
    if (!params.ok) return sendPageFailure(reply, consoleFailureOf(params.error));
    const { photoId } = params.value;
    const [photo] = await parts.db.select().from(reportPhoto).where(eq(reportPhoto.photoId, photoId));
    if (photo === undefined) return sendPageFailure(reply, { code: 'not_found', message: 'no such picture' });
    const name = `${photo.chargeId}-${photoId}.${endings[photo.contentType]}`;
    return reply
      .type('application/octet-stream')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(Buffer.from(photo.bytes));
  });
}
