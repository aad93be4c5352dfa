import { asc, desc, eq, sql } from 'drizzle-orm';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { isAddressedAsLoopback } from '../../shared/loopback.ts';
import type { Random } from '../../shared/random.ts';
import { memberIdSchema } from '../../shared/model/member.schema.ts';
import { chargeIdSchema } from '../../shared/ids.schema.ts';
import { cabinetCodeMaxLength } from '../../shared/model/cabinet-code.ts';
import type { QrSignIn } from '../visits/qr-sign-in.ts';
import { retryAllNow } from '../debits/debit-store.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import { sendFailure } from './errors.ts';
import { readFaceCounts } from '../fleet/face-counts.ts';
import type { FakeProvider } from '../providers/fake-provider.ts';
import { fakeProviderSettingsSchema } from '../providers/fake-provider.ts';
import type { FaultInjector } from './fault-injector.ts';
import { faultSchema } from './fault-injector.ts';
import { parseWith } from './json.ts';
import { devListMax, memberCodeLifetimeS } from '../limits.ts';
import type { MemberCodeKeys } from '../members/member-code.ts';
import { makeMemberCode } from '../members/member-code.ts';
import { readLines } from '../charges/charge-lines.ts';
import {
  alarm,
  charge,
  chargeEvent,
  dispute,
  disputeLine,
  fakeOrder,
  incident,
  member,
} from '../storage/schema.ts';
import { resolveIncident, resolveIncidentRequestSchema } from '../support/incidents.ts';
import { resolveCharge, resolveChargeRequestSchema } from '../support/resolve-charge.ts';
import type { Db } from '../storage/storage.ts';

export interface DevelopmentApiOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly memberCodeKeys: MemberCodeKeys;
  readonly provider: FakeProvider;
  readonly worker: DebitWorker;
  readonly qrSignIn: QrSignIn;
  readonly faults: FaultInjector;
}

const memberCodeRequestSchema = z.object({
  memberId: memberIdSchema,
  /** Negative: a code that has expired already. */
  expiresInS: z.number().int().min(-86_400).max(86_400).default(memberCodeLifetimeS),
});
/** `retryNow`: what waits for its next try is tried at once, under the new mode. */
const providerRequestSchema = fakeProviderSettingsSchema.extend({ retryNow: z.boolean().default(false) });
/** What a member's app sends once it has scanned the QR on a cabinet's screen; `text` is all that the QR said. */
const qrScanSchema = z.object({
  memberId: memberIdSchema,
  text: z.string().max(4 * cabinetCodeMaxLength),
});
const incidentIdSchema = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const enrolTokenRequestSchema = z.object({ cabinetId: cabinetIdSchema });
const listQuerySchema = z.object({
  chargeId: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(devListMax).default(devListMax),
});

/** Before a charge id: the page where a member pays it. */
export const payPath = '/dev/pay/';

/** The development API: plays the member's phone, the provider and the trouble. No signatures; loopback only. */
export function buildDevelopmentApi(options: DevelopmentApiOptions): FastifyInstance {
  const { db, clock, random, memberCodeKeys, provider, worker, qrSignIn, faults } = options;
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.addHook('onRequest', async ({ headers }, reply) =>
    isAddressedAsLoopback(headers.host, headers.origin)
      ? undefined
      : sendFailure(reply, { code: 'forbidden', message: 'only for this machine' }),
  );
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const code = status < 500 ? 'bad_request' : 'internal';
    return sendFailure(reply, { code, message: String(error) });
  });
  app.setNotFoundHandler((_request, reply) =>
    sendFailure(reply, { code: 'not_found', message: 'no such path' }),
  );
  /** POST with a checked body; `act` gives the answer. */
  const post = <T>(path: string, schema: z.ZodType<T>, act: (body: T) => unknown): void => {
    app.post(path, async (request, reply) => {
      const body = parseWith(schema, request.body);
      return body.ok ? reply.send(await act(body.value)) : sendFailure(reply, body.error);
    });
  };

  post('/dev/member-codes', memberCodeRequestSchema, ({ memberId, expiresInS }) => ({
    code: makeMemberCode(memberCodeKeys, random, memberId, Math.ceil(clock.nowMs() / 1000) + expiresInS),
  }));
  post('/dev/claims', qrScanSchema, ({ memberId, text }) => qrSignIn.recordScan(memberId, text));
  post('/dev/enrol-token', enrolTokenRequestSchema, async ({ cabinetId }) => ({
    token: await issueEnrolToken(db, clock, random, cabinetId),
  }));
  post('/dev/faults', faultSchema, (fault) => {
    faults.set(fault);
    return fault;
  });
  post('/dev/provider', providerRequestSchema, async ({ retryNow, ...settings }) => {
    provider.set(settings);
    if (retryNow) await retryAllNow(db, clock);
    worker.wake();
    return settings;
  });
  app.post<{ Params: { chargeId: string } }>(`${payPath}:chargeId`, async (request, reply) => {
    const id = parseWith(chargeIdSchema, request.params.chargeId);
    if (!id.ok) return sendFailure(reply, id.error);
    await worker.payment(id.value, (order) => provider.pay(order));
    return reply.send({ paid: (await provider.query(id.value)).kind === 'paid' });
  });
  app.post<{ Params: { chargeId: string } }>('/dev/charges/:chargeId/resolve', async (request, reply) => {
    const id = parseWith(chargeIdSchema, request.params.chargeId);
    if (!id.ok) return sendFailure(reply, id.error);
    const body = parseWith(resolveChargeRequestSchema, request.body);
    if (!body.ok) return sendFailure(reply, body.error);
    const resolved = await resolveCharge({ db, clock }, id.value, body.value);
    if (!resolved.ok) return sendFailure(reply, resolved.error);
    worker.wake();
    return reply.send(resolved.value);
  });
  app.post<{ Params: { id: string } }>('/dev/incidents/:id/resolve', async (request, reply) => {
    const id = parseWith(incidentIdSchema, request.params.id);
    if (!id.ok) return sendFailure(reply, id.error);
    const body = parseWith(resolveIncidentRequestSchema, request.body);
    if (!body.ok) return sendFailure(reply, body.error);
    const resolved = await resolveIncident({ db, clock }, id.value, body.value);
    return resolved.ok ? reply.send(resolved.value) : sendFailure(reply, resolved.error);
  });
  app.get('/dev/members', async () => {
    const { memberId, display, note } = member;
    return db.select({ memberId, display, note }).from(member).orderBy(asc(memberId));
  });
  app.get('/dev/charges', async (request, reply) => {
    const query = parseWith(listQuerySchema, request.query);
    if (!query.ok) return sendFailure(reply, query.error);
    return reply.send(await listCharges(db, query.value));
  });
  app.get('/dev/disputes', async () => {
    const goods = sql<string[]>`array(select ${disputeLine.sku} from ${disputeLine}
      where ${disputeLine.disputeId} = ${dispute.disputeId} order by ${disputeLine.sku})`;
    return db
      .select({
        disputeId: dispute.disputeId,
        chargeId: dispute.chargeId,
        cabinetId: dispute.cabinetId,
        bodyHash: dispute.bodyHash,
        atMs: dispute.atMs,
        receivedAtMs: dispute.receivedAtMs,
        skus: goods,
      })
      .from(dispute)
      .orderBy(desc(dispute.receivedAtMs))
      .limit(devListMax);
  });
  app.get('/dev/incidents', async () =>
    db.select().from(incident).orderBy(desc(incident.id)).limit(devListMax),
  );
  app.get('/dev/alarms', async () => db.select().from(alarm).orderBy(desc(alarm.id)).limit(devListMax));
  app.get('/dev/face-counts', async () => readFaceCounts(db));
  app.get<{ Params: { chargeId: string } }>('/dev/charges/:chargeId/events', async (request) => {
    const condition = eq(chargeEvent.chargeId, request.params.chargeId);
    return db.select().from(chargeEvent).where(condition).orderBy(asc(chargeEvent.id)).limit(devListMax);
  });
  return app;
}

/** Oldest first. `debitCount` is from the fake provider's book: how often money moved. */
async function listCharges(db: Db, query: z.infer<typeof listQuerySchema>): Promise<unknown[]> {
  const rows = await db
    .select({ charge, debitCount: fakeOrder.debitCount, debitedMinor: fakeOrder.amountMinor })
    .from(charge)
    .leftJoin(fakeOrder, eq(charge.chargeId, fakeOrder.chargeId))
    .where(query.chargeId === undefined ? undefined : eq(charge.chargeId, query.chargeId))
    .orderBy(asc(charge.firstAtMs), asc(charge.chargeId))
    .limit(query.limit);
  const linesOf = await readLines(
    db,
    rows.map((row) => row.charge.chargeId),
  );
  return rows.map(({ charge: row, debitCount, debitedMinor }) => ({
    chargeId: row.chargeId,
    visitId: row.visitId,
    cabinetId: row.cabinetId,
    memberId: row.memberId,
    provider: row.provider,
    state: row.state,
    reason: row.reason,
    review: row.review,
    currency: row.currency,
    totalMinor: row.totalMinor,
    receivedCount: row.receivedCount,
    debitCount: debitCount ?? 0,
    debitedMinor: debitedMinor ?? 0,
    firstAtMs: row.firstAtMs,
    paidAtMs: row.paidAtMs,
    nextAttemptAtMs: row.nextAttemptAtMs,
    inDoubt: row.inDoubt,
    disputedMinor: row.disputedMinor,
    ...linesOf(row.chargeId),
    reviewReasons: JSON.parse(row.reviewReasons) as unknown,
    confirmedByShopper: row.confirmedByShopper,
  }));
}
