import { asc, desc, eq } from 'drizzle-orm';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { cabinetIdSchema, disputeRequestSchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
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
import { alarm, charge, chargeEvent, dispute, fakeOrder, incident, member } from '../storage/schema.ts';
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
    token: await issueEnrolToken(db, random, cabinetId),
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
    const rows = await db.select().from(dispute).orderBy(desc(dispute.receivedAtMs)).limit(devListMax);
    return rows.map(({ body, ...row }) => ({
      ...row,
      skus: disputeRequestSchema.parse(JSON.parse(body)).skus,
    }));
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
  return rows.map(({ charge: row, debitCount, debitedMinor }) => {
    const { chargeId, visitId, cabinetId, memberId, state, reason, review, currency, totalMinor } = row;
    const { receivedCount, firstAtMs, paidAtMs, nextAttemptAtMs, inDoubt, disputedMinor } = row;
    const {
      lines,
      heldLines,
      review: reviewReasons,
      confirmedByShopper,
    } = chargeBodySchema.parse(JSON.parse(row.body));
    return {
      chargeId,
      visitId,
      cabinetId,
      memberId,
      state,
      reason,
      review,
      currency,
      totalMinor,
      ...{ receivedCount, debitCount: debitCount ?? 0, debitedMinor: debitedMinor ?? 0 },
      firstAtMs,
      paidAtMs,
      nextAttemptAtMs,
      inDoubt,
      disputedMinor,
      lines,
      heldLines,
      reviewReasons,
      confirmedByShopper,
    };
  });
}
