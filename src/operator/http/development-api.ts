import { type SQL, and, asc, desc, eq, sql } from 'drizzle-orm';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { developmentListMax, developmentRoutes } from '../../shared/api/development-routes.ts';
import type {
  DevelopmentParams,
  DevelopmentReply,
  DevelopmentRouteName,
  OperatorCharge,
} from '../../shared/api/development-routes.ts';
import type { RouteDefinition } from '../../shared/api/routes.ts';
import { smallBodyMaxBytes } from '../../shared/api/routes.ts';
import type { Clock } from '../../shared/clock.ts';
import { isAddressedAsLoopback } from '../../shared/loopback.ts';
import type { Random } from '../../shared/random.ts';
import { fail, ok } from '../../shared/result.ts';
import { readLines } from '../charges/charge-lines.ts';
import { retryAllNow } from '../debits/debit-store.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import { readFaceCounts } from '../fleet/face-counts.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import { withdrawAsMember } from '../members/face-enrolments.ts';
import { listNotices } from '../members/notices.ts';
import type { SignUps } from '../members/sign-ups.ts';
import { makeLink } from '../phone/links.ts';
import type { FakeProvider } from '../providers/fake-provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import {
  alarm,
  charge,
  chargeEvent,
  dispute,
  disputeLine,
  faceEnrolment,
  fakeOrder,
  incident,
  member,
} from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { Currency } from '../../shared/money.ts';
import { putPromotions } from '../fleet/promotions.ts';
import { resolveIncident } from '../support/incidents.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import type { QrSignIn } from '../visits/qr-sign-in.ts';
import { sendFailure } from './errors.ts';
import type { AnswerSigner } from './answer-signer.ts';
import type { FaultInjector } from './fault-injector.ts';
import type { AnyHandler, DevelopmentHandlers } from './development-calls.ts';
import type { AgreementCalls } from './development-agreements.ts';
import { makeAgreementCalls } from './development-agreements.ts';
import type { WalletCalls } from './development-wallet.ts';
import { makeWalletCalls } from './development-wallet.ts';
import { parseWith } from './json.ts';

export interface DevelopmentApiOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly memberCodes: MemberCodes;
  readonly provider: FakeProvider;
  readonly providers: ProviderRegistry;
  readonly worker: DebitWorker;
  readonly qrSignIn: QrSignIn;
  readonly signUps: SignUps;
  readonly faults: FaultInjector;
  readonly signer: AnswerSigner;
  /** Of the catalogue in force. */
  readonly currency: () => Currency;
  readonly timeZone: string;
  /** Where phones reach the shopper's page; null: nobody has said. */
  readonly phoneAddress: () => string | null;
}

/** The development API (shared/api/development-routes.ts), not listening yet. */
export function buildDevelopmentApi(options: DevelopmentApiOptions): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: smallBodyMaxBytes });
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
  const handlers = {
    ...makeCommands(options),
    ...makeLists(options),
    ...makeWalletCalls(options),
    ...makeAgreementCalls(options),
  } satisfies DevelopmentHandlers;
  for (const name of Object.keys(developmentRoutes) as DevelopmentRouteName[])
    addRoute(app, developmentRoutes[name], handlers[name]);
  return app;
}

type AnyRoute = Pick<RouteDefinition, 'method' | 'path' | 'params' | 'request'>;

function addRoute(app: FastifyInstance, route: AnyRoute, handle: AnyHandler): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const given = { ...(request.query as object), ...(request.params as object) };
      const params = parseWith(route.params, given);
      if (!params.ok) return sendFailure(reply, params.error);
      const body = route.request === null ? ok(undefined) : parseWith(route.request, request.body);
      if (!body.ok) return sendFailure(reply, body.error);
      const result = await handle({ params: params.value as never, body: body.value as never });
      return result.ok ? reply.send(result.value) : sendFailure(reply, result.error);
    },
  });
}

type Commands = Pick<
  DevelopmentHandlers,
  | 'memberCode'
  | 'qrSignIn'
  | 'memberLink'
  | 'withdrawFaces'
  | 'enrolToken'
  | 'faults'
  | 'provider'
  | 'pay'
  | 'resolveCharge'
  | 'resolveIncident'
  | 'putPromotions'
>;

function makeCommands(options: DevelopmentApiOptions): Commands {
  const { db, clock, random, memberCodes, provider, worker, qrSignIn, faults, signer } = options;
  const { phoneAddress } = options;
  return {
    putPromotions: async ({ body: { promotions } }) => {
      const of = { promotions, currency: options.currency(), timeZone: options.timeZone };
      return ok({ version: await db.transaction((tx) => putPromotions(tx, clock, 'development', of)) });
    },
    memberCode: async ({ body: { memberId, expiresInS, purpose } }) => {
      const endsAtS = Math.ceil(clock.nowMs() / 1000) + expiresInS;
      return ok({ code: await memberCodes.make(random, memberId, endsAtS, purpose) });
    },
    qrSignIn: async ({ body: { memberId, text, purpose } }) =>
      ok(await qrSignIn.recordScan(memberId, text, purpose)),
    memberLink: async ({ params: { memberId } }) => {
      const page = phoneAddress();
      if (page === null) return fail('conflict', 'nobody has said where phones reach this operator');
      return makeLink({ db, clock }, { memberId, madeBy: 'development', page });
    },
    withdrawFaces: async ({ params: { memberId }, body: { cabinetId } }) => {
      await withdrawAsMember({ db, clock }, memberId, cabinetId ?? null);
      return ok({ withdrawn: true });
    },
    enrolToken: async ({ body: { cabinetId } }) =>
      ok({ token: await issueEnrolToken(db, clock, random, cabinetId, await signer.publicKey()) }),
    faults: ({ body: fault }) => {
      faults.set(fault);
      return ok(fault);
    },
    provider: async ({ body: { retryNow, ...settings } }) => {
      provider.set(settings);
      if (retryNow) await retryAllNow(db, clock);
      worker.wake();
      return ok(settings);
    },
    pay: async ({ params: { chargeId } }) => {
      await worker.payment(chargeId, (order) => provider.pay(order));
      return ok({ paid: (await provider.query(chargeId)).kind === 'paid' });
    },
    resolveCharge: async ({ params: { chargeId }, body }) => {
      const resolved = await resolveCharge({ db, clock }, chargeId, body);
      if (resolved.ok) worker.wake();
      return resolved;
    },
    resolveIncident: ({ params: { id }, body }) => resolveIncident({ db, clock }, id, body),
  };
}

type Lists = Omit<DevelopmentHandlers, keyof Commands | keyof WalletCalls | keyof AgreementCalls>;

function makeLists({ db }: DevelopmentApiOptions): Lists {
  return {
    members: async () => {
      const { memberId, display, note } = member;
      return ok(await db.select({ memberId, display, note }).from(member).orderBy(asc(memberId)));
    },
    charges: async ({ params }) => ok(await listCharges(db, params)),
    chargeEvents: async ({ params: { chargeId } }) => {
      const condition = eq(chargeEvent.chargeId, chargeId);
      const events = db.select().from(chargeEvent).where(condition).orderBy(asc(chargeEvent.id));
      return ok(await events.limit(developmentListMax));
    },
    disputes: async () => ok(await listDisputes(db)),
    incidents: async () =>
      ok(await db.select().from(incident).orderBy(desc(incident.id)).limit(developmentListMax)),
    alarms: async () => ok(await db.select().from(alarm).orderBy(desc(alarm.id)).limit(developmentListMax)),
    notices: async ({ params: { memberId } }) => ok(await listNotices(db, memberId ?? null)),
    faceEnrolments: async () =>
      ok(
        await db
          .select()
          .from(faceEnrolment)
          .orderBy(desc(faceEnrolment.enrolledAtMs))
          .limit(developmentListMax),
      ),
    faceCounts: async () => ok(await readFaceCounts(db)),
  };
}

async function listDisputes(db: Db): Promise<DevelopmentReply<'disputes'>> {
  const skus = sql<string[]>`(select coalesce(json_agg(${disputeLine.sku} order by ${disputeLine.sku}), '[]')
    from ${disputeLine} where ${disputeLine.disputeId} = ${dispute.disputeId})`;
  return db
    .select({
      disputeId: dispute.disputeId,
      chargeId: dispute.chargeId,
      cabinetId: dispute.cabinetId,
      bodyHash: dispute.bodyHash,
      atMs: dispute.atMs,
      receivedAtMs: dispute.receivedAtMs,
      skus,
    })
    .from(dispute)
    .orderBy(desc(dispute.receivedAtMs))
    .limit(developmentListMax);
}

/** By the whole id, or by the end of it that a receipt shows (shared/ids.ts, `shortRef`). */
function isOrEndsWith(text: string): SQL {
  return sql`right(${charge.chargeId}, ${text.length}::int) = ${text}`;
}

/** Oldest first. `debitCount` is from the fake provider's book: how often money moved. */
async function listCharges(db: Db, query: DevelopmentParams<'charges'>): Promise<OperatorCharge[]> {
  const rows = await db
    .select({ charge, debitCount: fakeOrder.debitCount, debitedMinor: fakeOrder.amountMinor })
    .from(charge)
    .leftJoin(fakeOrder, eq(charge.chargeId, fakeOrder.chargeId))
    .where(
      and(
        query.chargeId === undefined ? undefined : isOrEndsWith(query.chargeId),
        query.cabinetId === undefined ? undefined : eq(charge.cabinetId, query.cabinetId),
      ),
    )
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
    reviewReasons: JSON.parse(row.reviewReasons) as OperatorCharge['reviewReasons'],
    confirmedByShopper: row.confirmedByShopper,
  }));
}
