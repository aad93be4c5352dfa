import { z } from 'zod';
import { chargeIdSchema } from '../ids.schema.ts';
import { cabinetCodeMaxLength } from '../model/cabinet-code.ts';
import { chargeLineSchema, reasonCodeSchema } from '../model/charge.schema.ts';
import { memberCodeLifetimeS } from '../model/member.ts';
import { memberIdSchema } from '../model/member.schema.ts';
import { promotionsSchema } from '../model/promotion.schema.ts';
import { currencySchema } from '../money.schema.ts';
import { cabinetIdSchema } from './operator.ts';
import type { RouteDefinition } from './routes.ts';
import { smallBodyMaxBytes } from './routes.ts';
import { pathAndQueryOf } from '../util/route-path.ts';
import { agreementsSchema, signUpSchema } from './agreement.schema.ts';
import {
  adjustWalletRequestSchema,
  openWalletRequestSchema,
  topUpWalletRequestSchema,
  walletBalanceSchema,
  walletFindingSchema,
  walletStatementSchema,
} from './wallet.schema.ts';

/** Longest list that is given out. */
export const developmentListMax = 20_000;
/** Longest delay that a fault or the fake provider can be told, ms. */
export const developmentDelayMaxMs = 600_000;
/** Before a charge id: the page where a member pays it. */
export const payPath = '/dev/pay/';

export const faultSchema = z.object({
  /**
   * hang: never answers. drop: breaks the connection. garbage: 200 with bytes that are no JSON. delay: `delayMs` later, then
   * as usual.
   */
  mode: z.enum(['none', '500', '409', 'garbage', 'hang', 'drop', 'delay']),
  delayMs: z.number().int().min(0).max(developmentDelayMaxMs).default(0),
  /** Only paths that begin so. */
  path: z.string().max(200).default('/'),
  /** Only this many requests; without it until told otherwise. */
  count: z.number().int().min(1).max(1_000_000).optional(),
  /**
   * before: the request is not looked at. after: it is done, and only the answer goes wrong (what makes a cabinet's charge
   * in doubt).
   */
  when: z.enum(['before', 'after']).default('before'),
});
export type Fault = z.infer<typeof faultSchema>;

/** Why a provider declines a debit: the account reasons of model/charge.ts that a provider can give. */
export const declineReasonSchema = z.enum([
  'account.declined',
  'account.insufficient_funds',
  'account.expired_card',
  'account.authentication_required',
]);

export const fakeProviderSettingsSchema = z.object({
  /**
   * ok: debits at once. decline: refuses with `reason`. delay: debits after `delayMs`. timeout_after_charge: debits, then
   * the answer is lost. down: no connection, so nothing arrives and nothing is answered.
   */
  mode: z.enum(['ok', 'decline', 'delay', 'timeout_after_charge', 'down']),
  reason: declineReasonSchema.default('account.insufficient_funds'),
  delayMs: z.number().int().min(0).max(developmentDelayMaxMs).default(0),
});
export type FakeProviderSettings = z.infer<typeof fakeProviderSettingsSchema>;

/** Who a human is who decides something, as the support console knows them. */
const actorSchema = z.string().min(1).max(64);
const resolveChargeRequestSchema = z
  .object({
    by: actorSchema,
    /**
     * `debit`: so much is debited; `waive`: no more than this is asked for, and what was paid beyond it is paid back;
     * `settled`: so much was paid in all, the rest of it in another way; `debited`: the provider has debited so much, as
     * somebody has looked up there; `deny_dispute`: what was reported after it was paid stays paid, so that this is due.
     */
    decision: z.enum(['debit', 'waive', 'settled', 'debited', 'deny_dispute']),
    amountMinor: z.number().int().min(0).max(1_000_000_000),
    /** Why, in words, for whoever asks later; the member is not told it. */
    reason: z.string().min(1).max(150).optional(),
    /**
     * The sum of what was reported of it, as whoever decides has seen it; is it another by now, nothing is decided. Left out:
     * whatever was reported is decided about.
     */
    disputedMinor: z.number().int().min(0).max(1_000_000_000).optional(),
    /** Whose charge it is; of one that is not here it has to be said. */
    cabinetId: cabinetIdSchema.optional(),
  })
  .refine(({ decision, reason }) => decision !== 'deny_dispute' || reason !== undefined, {
    path: ['reason'],
    error: 'a dispute is denied for a reason',
  });
export type ResolveChargeRequest = z.infer<typeof resolveChargeRequestSchema>;
const resolveIncidentRequestSchema = z.object({
  actor: actorSchema,
  /** What was done about it, in words. */
  resolution: z.string().min(1).max(300),
});
export type ResolveIncidentRequest = z.infer<typeof resolveIncidentRequestSchema>;

const memberSchema = z.object({ memberId: memberIdSchema, display: z.string(), note: z.string() });
/** As the operator has it, with the fake provider's own book. */
const operatorChargeSchema = z.object({
  chargeId: z.string(),
  visitId: z.string(),
  cabinetId: z.string(),
  memberId: z.string(),
  state: z.enum(['accepted', 'paid', 'collecting', 'needs_attention']),
  reason: reasonCodeSchema.nullable(),
  review: z.boolean(),
  /** Of all its amounts. */
  currency: currencySchema,
  totalMinor: z.number(),
  disputedMinor: z.number(),
  receivedCount: z.number(),
  /** From the provider's book: how often money moved, and how much. */
  debitCount: z.number(),
  debitedMinor: z.number(),
  firstAtMs: z.number(),
  paidAtMs: z.number().nullable(),
  lines: z.array(chargeLineSchema).readonly(),
  heldLines: z.array(chargeLineSchema).readonly(),
  reviewReasons: z.array(reasonCodeSchema),
});
export type OperatorCharge = z.infer<typeof operatorChargeSchema>;
const disputeSchema = z.object({ disputeId: z.string(), chargeId: z.string(), skus: z.array(z.string()) });
const incidentSchema = z.object({ id: z.number(), kind: z.string(), cabinetId: z.string() });
const alarmSchema = z.object({ cabinetId: z.string(), kind: z.string(), visitId: z.string().nullable() });
const eventSchema = z.object({
  chargeId: z.string(),
  atMs: z.number(),
  kind: z.string(),
  detail: z.string(),
});
const faceCountsSchema = z.object({
  sum: z.number(),
  cabinets: z.array(z.object({ cabinetId: z.string(), enrolled: z.number() })),
});

const noticesSchema = z.array(
  z.object({
    memberId: z.string(),
    kind: z.enum([
      ...['face_enrolled', 'face_withdrawn', 'face_unconfirmed', 'charged_by_face', 'charged_by_hand'],
      ...['debt', 'debt_reminder'],
    ] as const),
    /** Of the enrolment or the charge. */
    ref: z.string(),
    cabinetId: z.string(),
    amountMinor: z.number().nullable(),
    currency: z.string().nullable(),
    atMs: z.number(),
  }),
);
/** `withdrawnAtMs` null: the face counts. */
const faceEnrolmentsSchema = z.array(
  z.object({
    cabinetId: z.string(),
    enrolmentId: z.string(),
    memberId: z.string(),
    standing: z.enum(['verified', 'claimed']),
    enrolledAtMs: z.number(),
    withdrawnAtMs: z.number().nullable(),
  }),
);

const withoutParams = z.object({});
const ofCharge = z.object({ chargeId: chargeIdSchema });
const ofMember = z.object({ memberId: memberIdSchema });
const bounds = { auth: 'development', timeoutMs: 5000, bodyMaxBytes: smallBodyMaxBytes } as const;
const post = <P extends string, Params extends z.ZodType, Q extends z.ZodType | null, R extends z.ZodType>(
  path: P,
  params: Params,
  request: Q,
  reply: R,
) => ({ ...bounds, method: 'POST', path, params, request, reply }) as const;
const get = <P extends string, Params extends z.ZodType, R extends z.ZodType>(
  path: P,
  params: Params,
  reply: R,
) => ({ ...bounds, method: 'GET', path, params, request: null, reply }) as const;

/**
 * The operator's development API, each call once: it plays the member's phone, the provider and the trouble. No
 * signatures; loopback only. Parameters that are not in the path are in the query. Lists are newest first, charges
 * oldest first.
 */
export const developmentRoutes = {
  enrolToken: post(
    '/dev/enrol-token',
    withoutParams,
    z.object({ cabinetId: cabinetIdSchema }),
    z.object({ token: z.string() }),
  ),
  memberCode: post(
    '/dev/member-codes',
    withoutParams,
    /** A negative time: a code that has expired already. One with more than its minute is none. */
    z.object({
      memberId: memberIdSchema,
      expiresInS: z.number().int().min(-86_400).max(memberCodeLifetimeS).default(memberCodeLifetimeS),
      /** `enrol`: the member allows a face to be enrolled where it is shown. */
      purpose: z.enum(['visit', 'enrol']).default('visit'),
    }),
    z.object({ code: z.string().min(1).max(400) }),
  ),
  /** What a member's app sends once it has scanned the QR on a cabinet's screen; `text` is all that the QR said. */
  qrSignIn: post(
    '/dev/claims',
    withoutParams,
    z.object({
      memberId: memberIdSchema,
      text: z.string().max(4 * cabinetCodeMaxLength),
      purpose: z.enum(['visit', 'enrol']).default('visit'),
    }),
    z.discriminatedUnion('accepted', [
      z.object({ accepted: z.literal(true) }),
      z.object({ accepted: z.literal(false), reason: z.string().max(40) }),
    ]),
  ),
  /** What a member's app sends so that a face of theirs counts no more, at one cabinet or (without one) at any. */
  withdrawFaces: post(
    '/dev/members/:memberId/withdraw-faces',
    ofMember,
    z.object({ cabinetId: cabinetIdSchema.optional() }),
    z.object({ withdrawn: z.literal(true) }),
  ),
  /** What the page behind `payUrl` does: the member pays that order. */
  pay: post(`${payPath}:chargeId`, ofCharge, null, z.object({ paid: z.boolean() })),
  faults: post('/dev/faults', withoutParams, faultSchema, faultSchema),
  /** `retryNow`: what waits for its next try is tried at once, under the new mode. */
  provider: post(
    '/dev/provider',
    withoutParams,
    fakeProviderSettingsSchema.extend({ retryNow: z.boolean().default(false) }),
    fakeProviderSettingsSchema,
  ),
  resolveCharge: post('/dev/charges/:chargeId/resolve', ofCharge, resolveChargeRequestSchema, z.unknown()),
  resolveIncident: post(
    '/dev/incidents/:id/resolve',
    z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
    resolveIncidentRequestSchema,
    incidentSchema,
  ),
  /** What this member opens to agree with a merchant; once that has come about, they pay there. */
  askSignUp: post(
    '/dev/members/:memberId/sign-ups',
    ofMember,
    z.object({ provider: z.string().min(1).max(64) }),
    signUpSchema,
  ),
  /** A one-time link to the shopper's page, as the operator's own member system would have it made. */
  memberLink: post(
    '/dev/members/:memberId/links',
    ofMember,
    null,
    z.object({ url: z.url(), endsAtMs: z.number() }),
  ),
  /** How a member stands with each merchant, and the newest sign-up with each. */
  agreements: get('/dev/members/:memberId/agreements', ofMember, agreementsSchema),
  /** From now on this member pays by the prepaid wallet. */
  openWallet: post('/dev/members/:memberId/wallet', ofMember, openWalletRequestSchema, walletBalanceSchema),
  topUpWallet: post(
    '/dev/members/:memberId/wallet/top-ups',
    ofMember,
    topUpWalletRequestSchema,
    walletBalanceSchema,
  ),
  adjustWallet: post(
    '/dev/members/:memberId/wallet/adjustments',
    ofMember,
    adjustWalletRequestSchema,
    walletBalanceSchema,
  ),
  walletStatement: get(
    '/dev/members/:memberId/wallet',
    ofMember.extend({
      currency: currencySchema,
      before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    }),
    walletStatementSchema,
  ),
  walletAudit: get('/dev/wallet-audit', withoutParams, z.array(walletFindingSchema)),
  /** All promotions anew, as two people would put them in force in the console. */
  putPromotions: post(
    '/dev/promotions',
    withoutParams,
    z.object({ promotions: promotionsSchema }),
    z.object({ version: z.number() }),
  ),
  members: get('/dev/members', withoutParams, z.array(memberSchema)),
  charges: get(
    '/dev/charges',
    z.object({
      chargeId: z.string().max(64).optional(),
      cabinetId: cabinetIdSchema.optional(),
      limit: z.coerce.number().int().min(1).max(developmentListMax).default(developmentListMax),
    }),
    z.array(operatorChargeSchema),
  ),
  chargeEvents: get(
    '/dev/charges/:chargeId/events',
    z.object({ chargeId: z.string() }),
    z.array(eventSchema),
  ),
  disputes: get('/dev/disputes', withoutParams, z.array(disputeSchema)),
  incidents: get('/dev/incidents', withoutParams, z.array(incidentSchema)),
  alarms: get('/dev/alarms', withoutParams, z.array(alarmSchema)),
  /** What members' phones show; of one member, or of all. */
  notices: get('/dev/notices', z.object({ memberId: memberIdSchema.optional() }), noticesSchema),
  faceEnrolments: get('/dev/face-enrolments', withoutParams, faceEnrolmentsSchema),
  faceCounts: get('/dev/face-counts', withoutParams, faceCountsSchema),
} as const satisfies Readonly<Record<string, Omit<RouteDefinition, 'summary'>>>;

type DevelopmentRoutes = typeof developmentRoutes;
export type DevelopmentRouteName = keyof DevelopmentRoutes;
export type DevelopmentParams<N extends DevelopmentRouteName> = z.output<DevelopmentRoutes[N]['params']>;
type RequestSchema<N extends DevelopmentRouteName> = DevelopmentRoutes[N]['request'];
/** As the caller gives it: what has a default may be left out. */
export type DevelopmentBody<N extends DevelopmentRouteName> =
  RequestSchema<N> extends z.ZodType ? z.input<RequestSchema<N>> : undefined;
/** As the operator sees it: parsed. */
export type DevelopmentRequest<N extends DevelopmentRouteName> =
  RequestSchema<N> extends z.ZodType ? z.output<RequestSchema<N>> : undefined;
export type DevelopmentReply<N extends DevelopmentRouteName> = z.output<DevelopmentRoutes[N]['reply']>;

/** Asks one of the routes; how it gets there is the caller's (sockets, or none). */
export type DevelopmentSender = (request: {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON. */
  readonly body?: string;
}) => Promise<unknown>;

/** Calls one route and reads the reply. Rejects as `send` does, and with a ZodError when the reply is not as agreed. */
export async function callDevelopment<N extends DevelopmentRouteName>(
  send: DevelopmentSender,
  name: N,
  body: DevelopmentBody<N>,
  params: Readonly<Record<string, string>> = {},
): Promise<DevelopmentReply<N>> {
  const route: Omit<RouteDefinition, 'summary'> = developmentRoutes[name];
  const path = pathAndQueryOf(route, params);
  const request = { method: route.method === 'GET' ? 'GET' : 'POST', path } as const;
  const reply = await send(body === undefined ? request : { ...request, body: JSON.stringify(body) });
  return route.reply?.parse(reply) as DevelopmentReply<N>;
}
