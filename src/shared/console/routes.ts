import { z } from 'zod';
import type { PageAnswer, PageSender } from '../util/page-call.ts';
import { callPage } from '../util/page-call.ts';
import {
  actReplySchema,
  actRequestSchema,
  agreeRequestSchema,
  logCheckSchema,
  logPageSchema,
  logParamsSchema,
  previewRequestSchema,
  previewSchema,
  proposalSchema,
  refuseRequestSchema,
} from './acts.schema.ts';
import {
  cabinetStaffActRequestSchema,
  cabinetStaffMemberSchema,
  givenPinSchema,
  ofCabinetStaffSchema,
  serviceCodeReplySchema,
  serviceCodeRequestSchema,
  setCabinetStaffRequestSchema,
} from './cabinet-staff.schema.ts';
import { phoneReportSchema } from './reports.schema.ts';
import {
  cabinetParamsSchema,
  cabinetTokenRequestSchema,
  cabinetTokenSchema,
  knownCabinetSchema,
  shownCabinetSchema,
  ofSupportBundleSchema,
  supportBundlesSchema,
  takeSupportBundleRequestSchema,
  takenSupportBundleSchema,
  placeRequestSchema,
  setUpSchema,
} from './fleet.schema.ts';
import {
  catalogListSchema,
  addPictureRequestSchema,
  addedPictureSchema,
  goodsCheckRequestSchema,
  goodsFilePicturesRequestSchema,
  goodsFilePicturesSchema,
  goodsCheckSchema,
  goodsDraftSchema,
} from './goods.schema.ts';
import type { ConsoleRight } from './roles.ts';
import {
  acceptInvitationRequestSchema,
  acceptedInvitationSchema,
  changePasswordRequestSchema,
  changeRoleRequestSchema,
  invitationSchema,
  inviteRequestSchema,
  invitedSchema,
  lookInvitationRequestSchema,
  sessionReplySchema,
  signInRequestSchema,
  staffAccountSchema,
  staffActRequestSchema,
} from './staff.schema.ts';
import {
  shownCabinetSettingsSchema,
  orderSettingsRequestSchema,
  orderedSettingsSchema,
} from './settings.schema.ts';
import {
  cabinetStockSchema,
  ofCabinetSchema,
  ofCabinetsSchema,
  putPlanReplySchema,
  putPlanRequestSchema,
} from './stock.schema.ts';
import {
  promotionListSchema,
  tryPromotionsRequestSchema,
  triedPromotionsSchema,
} from './promotions.schema.ts';
import { updatesSchema } from './updates.schema.ts';
import {
  ofVisitSchema,
  visitGoodsSchema,
  visitStorySchema,
  visitsPageSchema,
  visitsParamsSchema,
} from './visits.schema.ts';
import {
  queueCountsParamsSchema,
  queueCountsSchema,
  queuePageSchema,
  queueParamsSchema,
  searchPageSchema,
  searchParamsSchema,
  searchTotalsParamsSchema,
  searchTotalsSchema,
  storyParamsSchema,
  storySchema,
} from './work.schema.ts';

/** Who may call: whoever has that right, whoever is signed in, or anybody (who then has to prove something with the body). */
export type ConsoleAccess = ConsoleRight | 'session' | 'anybody';

export interface ConsoleRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly access: ConsoleAccess;
  /** Of the texts in the path and, beside them, in the query. */
  readonly params: z.ZodType;
  /** Of the JSON body; null: there is none. */
  readonly request: z.ZodType | null;
  /** Of the JSON of a 200; null: a 204. */
  readonly reply: z.ZodType | null;
}

/** Every answer that is not 2xx. */
export const consoleErrorSchema = z.object({
  error: z.enum([
    'bad_request',
    /** Not signed in, or not any more; also a wrong name, password or code. */
    'unauthenticated',
    'forbidden',
    /** The request comes from another site, or without the token of the session. */
    'other_origin',
    'not_found',
    /** What was seen is not so any more, or it may not be done so: nothing was done. */
    'conflict',
    'too_large',
    /** To be tried again after `retryAfterS`. */
    'too_many',
    'unavailable',
    'internal',
  ]),
  message: z.string(),
  retryAfterS: z.number().optional(),
});
export type ConsoleError = z.infer<typeof consoleErrorSchema>;

const none = z.object({});
const ofProposal = z.object({ proposalId: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const ofAccount = z.object({ accountId: z.string().max(64) });
const get = <A extends ConsoleAccess, P extends z.ZodType, R extends z.ZodType>(
  access: A,
  path: string,
  params: P,
  reply: R,
) => ({ method: 'GET', access, path, params, request: null, reply }) as const;
const post = <
  A extends ConsoleAccess,
  P extends z.ZodType,
  Q extends z.ZodType | null,
  R extends z.ZodType | null,
>(
  access: A,
  path: string,
  params: P,
  request: Q,
  reply: R,
) => ({ method: 'POST', access, path, params, request, reply }) as const;

/**
 * What the support console asks the operator, each call once: the server (operator/console), the page's client
 * (`callConsole`) and the tests derive from it. JSON bodies.
 */
export const consoleRoutes = {
  session: get('session', '/api/session', none, sessionReplySchema),
  signIn: post('anybody', '/api/sign-in', none, signInRequestSchema, sessionReplySchema),
  signOut: post('session', '/api/sign-out', none, null, null),
  /** Every other session of this person ends. */
  changePassword: post('session', '/api/password', none, changePasswordRequestSchema, sessionReplySchema),
  /** What somebody has to put into their authenticator who was given a one-time token. */
  lookInvitation: post('anybody', '/api/invitation', none, lookInvitationRequestSchema, invitationSchema),
  acceptInvitation: post(
    'anybody',
    '/api/invitation/accept',
    none,
    acceptInvitationRequestSchema,
    acceptedInvitationSchema,
  ),
  staff: get('staff', '/api/staff', none, z.array(staffAccountSchema)),
  invite: post('staff', '/api/staff', none, inviteRequestSchema, invitedSchema),
  /** A new token for somebody who has lost password or authenticator; what they had counts no more. */
  resetAccount: post('staff', '/api/staff/:accountId/reset', ofAccount, staffActRequestSchema, invitedSchema),
  changeRole: post('staff', '/api/staff/:accountId/role', ofAccount, changeRoleRequestSchema, null),
  /** Another administrator says that this is somebody of their own; until then it counts as no second person. */
  confirmAccount: post('staff', '/api/staff/:accountId/confirm', ofAccount, staffActRequestSchema, null),
  disableAccount: post('staff', '/api/staff/:accountId/disable', ofAccount, staffActRequestSchema, null),
  /** What needs a human, the longest waiting first. */
  queue: get('read', '/api/queue', queueParamsSchema, queuePageSchema),
  queueCounts: get('read', '/api/queue/counts', queueCountsParamsSchema, queueCountsSchema),
  /** Charges, the newest visit first. */
  search: get('read', '/api/charges', searchParamsSchema, searchPageSchema),
  /** The same as one number and sum, as far as it is counted. */
  searchTotals: get('read', '/api/charge-totals', searchTotalsParamsSchema, searchTotalsSchema),
  /** One visit and its charge, on one time line. */
  story: get('read', '/api/charges/:chargeId', storyParamsSchema, storySchema),
  /** What its member wrote of it by phone, and which pictures they sent (`consoleFiles.photo`). */
  reports: get('read', '/api/charges/:chargeId/reports', storyParamsSchema, phoneReportSchema),
  /** Visits of which no charge has come, the newest first. */
  visits: get('read', '/api/visits', visitsParamsSchema, visitsPageSchema),
  visitGoods: get('read', '/api/visits/:cabinetId/:visitId/goods', ofVisitSchema, visitGoodsSchema),
  /** What has happened in a visit of which no charge has come, on one time line. */
  visitStory: get('read', '/api/visits/:cabinetId/:visitId', ofVisitSchema, visitStorySchema),
  /** What an act would lead to; nothing is done. What an act asks for beside `read`: `rightForAct`. */
  previewAct: post('read', '/api/acts/preview', none, previewRequestSchema, previewSchema),
  /** 409: it is not any more as it was seen, or cannot be done so; nothing was done. */
  act: post('read', '/api/acts', none, actRequestSchema, actReplySchema),
  /** What waits for a second person. */
  proposals: get('read', '/api/proposals', none, z.array(proposalSchema)),
  agree: post('read', '/api/proposals/:proposalId/agree', ofProposal, agreeRequestSchema, actReplySchema),
  refuse: post('read', '/api/proposals/:proposalId/refuse', ofProposal, refuseRequestSchema, null),
  /** What is there and what is missing, for whoever sets the service up. */
  setUp: get('read', '/api/set-up', none, setUpSchema),
  cabinets: get('read', '/api/cabinets', none, z.array(knownCabinetSchema)),
  /** One of them, and all that it has said of itself. */
  cabinet: get('read', '/api/cabinets/:cabinetId', ofCabinetSchema, shownCabinetSchema),
  /** Opens the enrolment of a cabinet for a day, for a new one or another machine in its place. */
  cabinetToken: post(
    'fleet',
    '/api/cabinets/:cabinetId/token',
    cabinetParamsSchema,
    cabinetTokenRequestSchema,
    cabinetTokenSchema,
  ),
  /** Where a cabinet stands, as members read it. */
  placeCabinet: post(
    'fleet',
    '/api/cabinets/:cabinetId/place',
    cabinetParamsSchema,
    placeRequestSchema,
    null,
  ),
  /** What lies in a cabinet, and goods that were gone or too many. */
  stock: get('read', '/api/cabinets/:cabinetId/stock', ofCabinetSchema, cabinetStockSchema),
  /** What a cabinet has said of its health, when somebody of its staff asked for help. */
  supportBundles: get('fleet', '/api/cabinets/:cabinetId/support', cabinetParamsSchema, supportBundlesSchema),
  takeSupportBundle: post(
    'fleet',
    '/api/cabinets/:cabinetId/support/:name',
    ofSupportBundleSchema,
    takeSupportBundleRequestSchema,
    takenSupportBundleSchema,
  ),
  /** What is to stand in a cabinet; it waits for the next restock there. */
  putPlan: post(
    'fleet',
    '/api/cabinets/:cabinetId/plan',
    ofCabinetSchema,
    putPlanRequestSchema,
    putPlanReplySchema,
  ),
  /** The settings of a cabinet that people may change: as it has said that they are, and what was ordered of them. */
  cabinetSettings: get(
    'fleet',
    '/api/cabinets/:cabinetId/settings',
    ofCabinetSchema,
    shownCabinetSettingsSchema,
  ),
  orderSettings: post(
    'fleet',
    '/api/cabinets/:cabinetId/settings',
    ofCabinetSchema,
    orderSettingsRequestSchema,
    orderedSettingsSchema,
  ),
  /** Who opens service mode at cabinets. */
  cabinetStaff: get('fleet', '/api/cabinet-staff', none, z.array(cabinetStaffMemberSchema)),
  setCabinetStaff: post(
    'fleet',
    '/api/cabinet-staff/:staffNo',
    ofCabinetStaffSchema,
    setCabinetStaffRequestSchema,
    null,
  ),
  /** A PIN by chance, said once. */
  givePin: post(
    'fleet',
    '/api/cabinet-staff/:staffNo/pin',
    ofCabinetStaffSchema,
    cabinetStaffActRequestSchema,
    givenPinSchema,
  ),
  removeCabinetStaff: post(
    'fleet',
    '/api/cabinet-staff/:staffNo/remove',
    ofCabinetStaffSchema,
    cabinetStaffActRequestSchema,
    null,
  ),
  /** Lets somebody in at one cabinet once, also without a network there, to set a PIN. */
  serviceCode: post(
    'fleet',
    '/api/cabinet-staff/:staffNo/code',
    ofCabinetStaffSchema,
    serviceCodeRequestSchema,
    serviceCodeReplySchema,
  ),
  /** What a spreadsheet of goods would make of the catalogue, and what is wrong in it; nothing is changed. */
  checkGoods: post('fleet', '/api/goods/check', none, goodsCheckRequestSchema, goodsCheckSchema),
  addPicture: post('fleet', '/api/goods/pictures', none, addPictureRequestSchema, addedPictureSchema),
  /** The pictures in a spreadsheet, for the page to make small and send (`addPicture`); of a CSV none. */
  goodsFilePictures: post(
    'fleet',
    '/api/goods/file-pictures',
    none,
    goodsFilePicturesRequestSchema,
    goodsFilePicturesSchema,
  ),
  /** As `checkGoods`, and it is kept: the act `put_goods` puts it in force. */
  draftGoods: post('fleet', '/api/goods/draft', none, goodsCheckRequestSchema, goodsDraftSchema),
  catalogs: get('read', '/api/goods', none, catalogListSchema),
  /** What cabinets are to run, and how far they are. */
  updates: get('read', '/api/updates', none, updatesSchema),
  /** What is drawn up, and was before; the act `put_promotions` draws up anew. */
  promotions: get('read', '/api/promotions', none, promotionListSchema),
  /** What is wrong with such promotions, and what a shopper would pay by them. */
  tryPromotions: post('read', '/api/promotions/try', none, tryPromotionsRequestSchema, triedPromotionsSchema),
  log: get('log', '/api/log', logParamsSchema, logPageSchema),
  checkLog: get('log', '/api/log/check', none, logCheckSchema),
} as const satisfies Readonly<Record<string, ConsoleRoute>>;

/** The lists as CSV: where a link leads to, with the parameters of the list. */
export const consoleExports = {
  queue: { ...get('export', '/api/queue.csv', queueParamsSchema, z.never()) },
  search: { ...get('export', '/api/charges.csv', searchParamsSchema, z.never()) },
  refill: { ...get('export', '/api/refill.csv', ofCabinetsSchema, z.never()) },
  stockDifferences: { ...get('export', '/api/stock-differences.csv', ofCabinetSchema, z.never()) },
  visits: { ...get('export', '/api/visits.csv', visitsParamsSchema, z.never()) },
} as const satisfies Readonly<Record<string, ConsoleRoute>>;

/** Where a link leads to: the bytes as a member has sent them, to be saved and never drawn in the console. */
export const consoleFiles = {
  photo: {
    ...get('read', '/api/photos/:photoId', z.object({ photoId: z.coerce.number().int().min(1) }), z.never()),
  },
} as const satisfies Readonly<Record<string, ConsoleRoute>>;

type ConsoleRoutes = typeof consoleRoutes;
export type ConsoleRouteName = keyof ConsoleRoutes;
export type ConsoleParams<N extends ConsoleRouteName> = z.output<ConsoleRoutes[N]['params']>;
type OutputOf<S, Nothing> = S extends z.ZodType ? z.output<S> : Nothing;
/** The parsed body; undefined where there is none. */
export type ConsoleRequest<N extends ConsoleRouteName> = OutputOf<ConsoleRoutes[N]['request'], undefined>;
/** The parsed reply; nothing for a 204. */
export type ConsoleReply<N extends ConsoleRouteName> = OutputOf<ConsoleRoutes[N]['reply'], void>;
type InputOf<S> = S extends z.ZodType ? z.input<S> : undefined;
/** As the caller gives it: what has a default may be left out. */
export type ConsoleBody<N extends ConsoleRouteName> = InputOf<ConsoleRoutes[N]['request']>;

export type ConsoleSender = PageSender;
export type ConsoleAnswer<N extends ConsoleRouteName> = PageAnswer<ConsoleReply<N>, ConsoleError>;

/** Calls one route and reads the answer. Rejects as `send` does, and with a ZodError when the answer is not as agreed. */
export function callConsole<N extends ConsoleRouteName>(
  send: ConsoleSender,
  name: N,
  body: ConsoleBody<N>,
  params: Readonly<Record<string, string>> = {},
): Promise<ConsoleAnswer<N>> {
  const route: ConsoleRoute = consoleRoutes[name];
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return callPage(
    send,
    route,
    { ...sent, params },
    {
      value: (value) => route.reply?.parse(value) as ConsoleReply<N>,
      error: (error) => consoleErrorSchema.parse(error),
    },
  );
}
