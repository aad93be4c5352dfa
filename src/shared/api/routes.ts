import { z } from 'zod';
import { keptPictureSchema, pictureSchema } from '../model/goods-picture.schema.ts';
import { chargeIdSchema, enrolmentIdSchema, visitIdSchema } from '../ids.schema.ts';
import { knownDecisionHeader, sentBeforeHeader } from './sent-before.ts';
import { catalogSchema } from '../model/catalog.schema.ts';
import { offlinePolicySchema } from '../model/offline-policy.schema.ts';
import { staffListSchema } from '../model/service.schema.ts';
import { planogramSchema } from '../model/planogram.schema.ts';
import { promotionOrderSchema } from '../model/promotion.schema.ts';
import { settingsOrderSchema, settingsReportSchema } from '../model/settings-order.schema.ts';
import { stockReportSchema } from '../model/stock.schema.ts';
import { stateReportSchema } from '../model/state-report.schema.ts';
import { updateOrderSchema, updateReportSchema } from '../model/update-order.schema.ts';
import { desiredStateReplySchema, desiredStateRequestSchema } from './desired-state.schema.ts';
import {
  alarmSchema,
  authoriseReplySchema,
  authoriseRequestSchema,
  chargeReplySchema,
  chargeRequestSchema,
  disputeReplySchema,
  disputeRequestSchema,
  enrolRequestSchema,
  evidenceMissingSchema,
  evidencePartSchema,
  supportBundleNameSchema,
  supportBundleSchema,
  faceCountSchema,
  faceEnrolmentSchema,
  faceWithdrawalSchema,
  healthReplySchema,
  purchasesReplySchema,
  purchasesRequestSchema,
  qrSignInReplySchema,
  qrSignInRequestSchema,
  visitClosingReplySchema,
  wantedEvidenceSchema,
  visitClosingSchema,
} from './operator.ts';

/**
 * How a caller proves who it is. `cabinet`: by the signature of an enrolled cabinet (signing.ts). `enrolment_token`:
 * by the one-time token in the body. `development`: not at all, on this machine only (development-routes.ts).
 */
export type ApiAuth = 'cabinet' | 'enrolment_token' | 'development';

export interface RouteDefinition {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** `:name` stands for a parameter; exactly this text, filled in, is what a cabinet signs. */
  readonly path: string;
  readonly auth: ApiAuth;
  /** Of the parameters in the path, which are texts. */
  readonly params: z.ZodType;
  /** Of the JSON body; null: there is none. */
  readonly request: z.ZodType | null;
  /** Of the JSON of a 200; null: the answer is a 204 without a body. */
  readonly reply: z.ZodType | null;
  /** How long a cabinet waits, from the call to the last byte of the answer, ms. */
  readonly timeoutMs: number;
  /** A longer body is refused before it is read. */
  readonly bodyMaxBytes: number;
  /** The answer may have hundreds of kilobytes: a cabinet is given such ones less often than others. Left out: it is small. */
  readonly isReplyLarge?: true;
  /** The answer waits for something to happen: the body, once read, takes no room meanwhile. Left out: it does not. */
  readonly isHeld?: true;
  /** What it is for, and what the schemas cannot say; for the API's description. */
  readonly summary: string;
}

/** Tags of a part, as many as it may name, and what stands around them. */
const evidenceBodyMaxBytes = 64 * 1024;

/** 500 articles, and 100 differences that each name 20 visits (routes.test.ts). */
const stockBodyMaxBytes = 256 * 1024;
/** Twenty versions with sixty changes each (routes.test.ts). */
const settingsBodyMaxBytes = 256 * 1024;
/** One bundle in base64, and what stands around it. */
const supportBodyMaxBytes = 704 * 1024;

const withoutParams = z.object({});
const ofCharge = z.object({ chargeId: chargeIdSchema });

/** Largest body of everything that is not a charge, in bytes; a dispute names 500 SKUs of 32 characters at most. */
export const smallBodyMaxBytes = 32 * 1024;
/** A charge of 500 billed and 500 held lines whose names are all escapes has less (routes.test.ts). */
const chargeBodyMaxBytes = 1024 * 1024;

/**
 * The operator's HTTP API, each call once. JSON bodies. The cabinet's client (main/operator/operator-client.ts) and the
 * operator's server (operator/http) derive from it; neither compiles before a new call is handled. Every answer that is
 * not 2xx has the body of an `ApiError`; 429, with Retry-After, asks to come again and means nothing else.
 */
export const apiRoutes = {
  enrol: {
    method: 'POST',
    path: '/v1/cabinets/enrol',
    auth: 'enrolment_token',
    params: withoutParams,
    request: enrolRequestSchema,
    reply: null,
    timeoutMs: 8000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'Makes a public key known with a one-time token. 403: the token is wrong, too old, or used with another key.',
  },
  health: {
    method: 'GET',
    path: '/v1/health',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: healthReplySchema,
    timeoutMs: 1500,
    bodyMaxBytes: 0,
    summary: 'Proves the way to the operator and the key, and tells the operator’s time.',
  },
  catalog: {
    method: 'GET',
    path: '/v1/catalog',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: catalogSchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    isReplyLarge: true,
    summary: 'The catalogue, with an ETag; 304 for If-None-Match with the same one.',
  },
  picture: {
    method: 'GET',
    path: '/v1/pictures/:name',
    auth: 'cabinet',
    params: z.object({ name: keptPictureSchema }),
    request: null,
    reply: pictureSchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    isReplyLarge: true,
    summary: 'A picture of goods that a catalogue names so; the name is of its SHA-256.',
  },
  offlinePolicy: {
    method: 'GET',
    path: '/v1/offline-policy',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: offlinePolicySchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    isReplyLarge: true,
    summary:
      'Whom this cabinet may let in without a network, and how far; with an ETag, 304 for If-None-Match with the same' +
      ' one. 404: this operator lets nobody open offline.',
  },
  cabinetStaff: {
    method: 'GET',
    path: '/v1/cabinet-staff',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: staffListSchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    isReplyLarge: true,
    summary:
      'Who may open service mode at this cabinet, with an ETag; 304 for If-None-Match with the same one. Hashes of' +
      ' PINs, and the key of this cabinet’s one-time codes.',
  },
  planogram: {
    method: 'GET',
    path: '/v1/planogram',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: planogramSchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    isReplyLarge: true,
    summary:
      'What is to stand in this cabinet after its next restock, with an ETag; 304 for If-None-Match with the same' +
      ' one. 404: nobody has planned anything.',
  },
  promotions: {
    method: 'GET',
    path: '/v1/promotions',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: promotionOrderSchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    isReplyLarge: true,
    summary:
      'Promotions and free hours that are drawn up for this cabinet, with an ETag; 304 for If-None-Match with the' +
      ' same one. 404: nothing was ever drawn up.',
  },
  cabinetSettings: {
    method: 'GET',
    path: '/v1/cabinet-settings',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: settingsOrderSchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    summary:
      'Which settings of this cabinet become other ones, with an ETag; 304 for If-None-Match with the same one. 404:' +
      ' nothing was ordered, or what was ordered its program has not said that it knows.',
  },
  updateOrder: {
    method: 'GET',
    path: '/v1/update-order',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: updateOrderSchema,
    timeoutMs: 10_000,
    bodyMaxBytes: 0,
    summary:
      'What this cabinet is to run, with an ETag; 304 for If-None-Match with the same one. 404: nobody has said. The' +
      ' release itself is signed for elsewhere, below /updates (TUF).',
  },
  desiredState: {
    method: 'POST',
    path: '/v1/desired-state',
    auth: 'cabinet',
    params: withoutParams,
    request: desiredStateRequestSchema,
    reply: desiredStateReplySchema,
    isHeld: true,
    /** On top of the wait that is asked for. */
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'Held until something that the operator decides for this cabinet is another than the cabinet has been told, at' +
      ' most `waitMs`; a newer request of the same cabinet ends an older one. It says what has changed, not to what:' +
      ' that is fetched by its own call. 429: too many wait.',
  },
  settingsReport: {
    method: 'PUT',
    path: '/v1/settings-report',
    auth: 'cabinet',
    params: withoutParams,
    request: settingsReportSchema,
    reply: null,
    timeoutMs: 4000,
    bodyMaxBytes: settingsBodyMaxBytes,
    summary:
      'The settings that people may change, as they are at the cabinet, and what became of the newest order. 409: one' +
      ' that was signed later is here.',
  },
  stateReport: {
    method: 'PUT',
    path: '/v1/state-report',
    auth: 'cabinet',
    params: withoutParams,
    request: stateReportSchema,
    reply: null,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'How the cabinet is: whether it sells and why not, its devices, how warm it is, what it has not delivered. Said' +
      ' when that changes, and at least each ten minutes. 409: one that was signed later is here.',
  },
  updateReport: {
    method: 'PUT',
    path: '/v1/update-report',
    auth: 'cabinet',
    params: withoutParams,
    request: updateReportSchema,
    reply: null,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'What the cabinet runs, and how far it is with what is wanted. 409: one that was signed later is here.',
  },
  stockReport: {
    method: 'PUT',
    path: '/v1/stock-report',
    auth: 'cabinet',
    params: withoutParams,
    request: stockReportSchema,
    reply: null,
    timeoutMs: 8000,
    bodyMaxBytes: stockBodyMaxBytes,
    summary:
      'What lies in the cabinet, and goods that were gone or too many between two counts; a difference counts once' +
      ' for its id. 409: a report that was signed later is here.',
  },
  authorise: {
    method: 'POST',
    path: '/v1/visits/authorise',
    auth: 'cabinet',
    params: withoutParams,
    request: authoriseRequestSchema,
    reply: authoriseReplySchema,
    timeoutMs: 2500,
    bodyMaxBytes: smallBodyMaxBytes,
    summary: 'Whether a member may buy, or see "my data"; the same visit asking again gets the same answer.',
  },
  closeVisit: {
    method: 'PUT',
    path: '/v1/visits/:visitId/closing',
    auth: 'cabinet',
    params: z.object({ visitId: visitIdSchema }),
    request: visitClosingSchema,
    reply: visitClosingReplySchema,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'How an allowed visit has ended, also when nothing was taken; the same again is the same. 409: another body, ' +
      'or another charge than was named when it was allowed. 403: the visit is another cabinet’s.',
  },
  waitForQrSignIn: {
    method: 'POST',
    path: '/v1/claims/next',
    auth: 'cabinet',
    params: withoutParams,
    request: qrSignInRequestSchema,
    reply: qrSignInReplySchema,
    isHeld: true,
    /** On top of the wait that is asked for. */
    timeoutMs: 2500,
    bodyMaxBytes: smallBodyMaxBytes,
    summary: 'Held until somebody has scanned that turn of the code screen, at most `waitMs`.',
  },
  putCharge: {
    method: 'PUT',
    path: '/v1/charges/:chargeId',
    auth: 'cabinet',
    params: ofCharge,
    request: chargeRequestSchema,
    reply: chargeReplySchema,
    timeoutMs: 8000,
    bodyMaxBytes: chargeBodyMaxBytes,
    summary:
      'Takes a charge once: the same body again is the same answer. 409: another body for this id. Header ' +
      `${sentBeforeHeader}: it may have been here before, so many ms ago, or "-"; of one that is not here the ` +
      'provider is asked before it is debited. "- waiting <amount>", "- decided <amount>": it waited for people, or ' +
      'they had decided, and so much was billed last; it is held for them and not debited by itself.',
  },
  getCharge: {
    method: 'GET',
    path: '/v1/charges/:chargeId',
    auth: 'cabinet',
    params: ofCharge,
    request: null,
    reply: chargeReplySchema,
    timeoutMs: 8000,
    bodyMaxBytes: 0,
    summary:
      `How a charge stands. 404 \`unknown_charge\`: it never arrived. Header ${sentBeforeHeader} ` +
      '"- waiting <amount>", "- decided <amount>": as with the charge itself; one that goes on here ' +
      `without a decision, or under an older one than ${knownDecisionHeader} says (ms), is held for people.`,
  },
  sendDispute: {
    method: 'POST',
    path: '/v1/charges/:chargeId/disputes',
    auth: 'cabinet',
    params: ofCharge,
    request: disputeRequestSchema,
    reply: disputeReplySchema,
    timeoutMs: 8000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary: 'Lines that the shopper says are wrong; counts once for its id. 409: another body for this id.',
  },
  purchases: {
    method: 'POST',
    path: '/v1/purchases',
    auth: 'cabinet',
    params: withoutParams,
    request: purchasesRequestSchema,
    reply: purchasesReplySchema,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    isReplyLarge: true,
    summary:
      'Newest purchases of the member. 403 unless that visit is this cabinet’s, for "my data", and not long ago.',
  },
  alarm: {
    method: 'POST',
    path: '/v1/alarms',
    auth: 'cabinet',
    params: withoutParams,
    request: alarmSchema,
    reply: null,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary: 'What staff shall know at once; a repeat of the same is the same alarm.',
  },
  sendSupportBundle: {
    method: 'PUT',
    path: '/v1/support-bundles/:name',
    auth: 'cabinet',
    params: z.object({ name: supportBundleNameSchema }),
    request: supportBundleSchema,
    reply: null,
    timeoutMs: 30_000,
    bodyMaxBytes: supportBodyMaxBytes,
    summary:
      'What a cabinet says of its health when somebody of its staff asks for help: JSON lines in gzip, named by their' +
      ' SHA-256 (base64url); the same again is the same. 429: more of this cabinet than are taken in a day.',
  },
  sendEvidence: {
    method: 'PUT',
    path: '/v1/visits/:visitId/evidence/:part',
    auth: 'cabinet',
    params: z.object({ visitId: visitIdSchema, part: z.string().regex(/^(0|[1-9]\d{0,5})$/) }),
    request: evidencePartSchema,
    reply: null,
    timeoutMs: 8000,
    bodyMaxBytes: evidenceBodyMaxBytes,
    summary:
      'A part of what the shelf was seen to do in a visit that people look at; what is there already stays. 404:' +
      ' neither the visit nor its charge is known (yet); 413: no more of this visit is taken.',
  },
  wantedEvidence: {
    method: 'GET',
    path: '/v1/wanted-evidence',
    auth: 'cabinet',
    params: withoutParams,
    request: null,
    reply: wantedEvidenceSchema,
    timeoutMs: 8000,
    bodyMaxBytes: 0,
    summary:
      'Visits of this cabinet of which people want to see what the shelf was seen to do: keep it, and send it. Left' +
      ' out: one that is sent whole, said to be missing, or was asked for too long ago.',
  },
  evidenceMissing: {
    method: 'PUT',
    path: '/v1/visits/:visitId/evidence-missing',
    auth: 'cabinet',
    params: z.object({ visitId: visitIdSchema }),
    request: evidenceMissingSchema,
    reply: null,
    timeoutMs: 8000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'There is nothing of a visit that the cabinet is asked for, and why; the first word stays. 404: it is not asked' +
      ' for that visit.',
  },
  faceCount: {
    method: 'PUT',
    path: '/v1/face-count',
    auth: 'cabinet',
    params: withoutParams,
    request: faceCountSchema,
    reply: null,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary: 'How many people’s faces the cabinet keeps. 409: one that was signed later is here; count anew.',
  },
  enrolFace: {
    method: 'PUT',
    path: '/v1/face-enrolments/:enrolmentId',
    auth: 'cabinet',
    params: z.object({ enrolmentId: enrolmentIdSchema }),
    request: faceEnrolmentSchema,
    reply: null,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'Asked before a face is kept; the same again is the same. 403 unless the member has shown an enrolment code ' +
      'in that visit, not long ago, and no face was enrolled with it; also when it was withdrawn before this arrived.',
  },
  withdrawFace: {
    method: 'POST',
    path: '/v1/face-withdrawals',
    auth: 'cabinet',
    params: withoutParams,
    request: faceWithdrawalSchema,
    reply: null,
    timeoutMs: 4000,
    bodyMaxBytes: smallBodyMaxBytes,
    summary:
      'A face is kept no more: from now on nobody comes in by it, nor is it enrolled any more. Repeats, and unknown ' +
      'ones, are fine.',
  },
} as const satisfies Readonly<Record<string, RouteDefinition>>;

type ApiRoutes = typeof apiRoutes;
export type ApiRouteName = keyof ApiRoutes;
type OutputOf<S, Nothing> = S extends z.ZodType ? z.output<S> : Nothing;
/** The parsed body; undefined where there is none. */
export type ApiRequest<N extends ApiRouteName> = OutputOf<ApiRoutes[N]['request'], undefined>;
export type ApiParams<N extends ApiRouteName> = OutputOf<ApiRoutes[N]['params'], never>;
/** The parsed reply; null for a 204. */
export type ApiReply<N extends ApiRouteName> = OutputOf<ApiRoutes[N]['reply'], null>;
