import { z } from 'zod';
import { chargeIdSchema } from '../ids.schema.ts';
import { signUpSchema } from '../api/agreement.schema.ts';
import { phoneAgreementsSchema, phoneFacesSchema, withdrawFacesRequestSchema } from './account.schema.ts';
import {
  lookCabinetRequestSchema,
  lookedCabinetSchema,
  memberCodeReplySchema,
  memberCodeRequestSchema,
  openCabinetRequestSchema,
  openedCabinetSchema,
} from './cabinet.schema.ts';
import type { PhoneCall, PhoneCallName, PhotoBytes } from './calls.ts';
import { phoneCalls } from './calls.ts';
import { phoneMessagesSchema, readMessagesRequestSchema } from './messages.schema.ts';
import {
  addedPhotoSchema,
  phonePurchaseSchema,
  phonePurchasesSchema,
  reportRequestSchema,
} from './purchases.schema.ts';
import {
  beginProviderRequestSchema,
  begunProviderSchema,
  endProviderRequestSchema,
  languageRequestSchema,
  linkRequestSchema,
  openedLinkSchema,
  sessionSchema,
  signedInSchema,
  welcomeSchema,
} from './session.schema.ts';

export interface PhoneRoute extends PhoneCall {
  /** Of the texts in the path. */
  readonly params: z.ZodType;
  /** Of the JSON body; null: there is none, or it is none. */
  readonly request: z.ZodType | null;
  /** Of the JSON of a 200; null: a 204. */
  readonly reply: z.ZodType | null;
}

/** Every answer that is not 2xx. */
export const phoneErrorSchema = z.object({
  error: z.enum([
    'bad_request',
    /** Not signed in, or not any more. */
    'unauthenticated',
    /** The request comes from another site, or without the token of the session. */
    'other_origin',
    /** Nothing of this member. */
    'not_found',
    /** It is not so any more, or it may not be done so: nothing was done. */
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
export type PhoneError = z.infer<typeof phoneErrorSchema>;

const none = z.object({});
const ofCharge = z.object({ chargeId: chargeIdSchema });
const ofProvider = z.object({ provider: z.string().min(1).max(64) });

/**
 * The calls of the shopper's page with all that is asked and answered: the server (operator/phone), the page's client and the
 * tests derive from it. The page itself has types of it alone, and calls by `callPhone` (client.ts).
 */
export const phoneRoutes = {
  welcome: { ...phoneCalls.welcome, params: none, request: null, reply: welcomeSchema },
  openLink: { ...phoneCalls.openLink, params: none, request: linkRequestSchema, reply: openedLinkSchema },
  useLink: { ...phoneCalls.useLink, params: none, request: linkRequestSchema, reply: signedInSchema },
  beginProvider: {
    ...phoneCalls.beginProvider,
    ...{ params: none, request: beginProviderRequestSchema, reply: begunProviderSchema },
  },
  endProvider: {
    ...phoneCalls.endProvider,
    ...{ params: none, request: endProviderRequestSchema, reply: signedInSchema },
  },
  session: { ...phoneCalls.session, params: none, request: null, reply: sessionSchema },
  signOut: { ...phoneCalls.signOut, params: none, request: null, reply: null },
  signOutEverywhere: { ...phoneCalls.signOutEverywhere, params: none, request: null, reply: null },
  setLanguage: { ...phoneCalls.setLanguage, params: none, request: languageRequestSchema, reply: null },
  memberCode: {
    ...phoneCalls.memberCode,
    ...{ params: none, request: memberCodeRequestSchema, reply: memberCodeReplySchema },
  },
  lookCabinet: {
    ...phoneCalls.lookCabinet,
    ...{ params: none, request: lookCabinetRequestSchema, reply: lookedCabinetSchema },
  },
  openCabinet: {
    ...phoneCalls.openCabinet,
    ...{ params: none, request: openCabinetRequestSchema, reply: openedCabinetSchema },
  },
  purchases: { ...phoneCalls.purchases, params: none, request: null, reply: phonePurchasesSchema },
  purchase: { ...phoneCalls.purchase, params: ofCharge, request: null, reply: phonePurchaseSchema },
  reportPurchase: {
    ...phoneCalls.reportPurchase,
    ...{ params: ofCharge, request: reportRequestSchema, reply: phonePurchaseSchema },
  },
  addPhoto: { ...phoneCalls.addPhoto, params: ofCharge, request: null, reply: addedPhotoSchema },
  messages: { ...phoneCalls.messages, params: none, request: null, reply: phoneMessagesSchema },
  readMessages: {
    ...phoneCalls.readMessages,
    ...{ params: none, request: readMessagesRequestSchema, reply: null },
  },
  agreements: { ...phoneCalls.agreements, params: none, request: null, reply: phoneAgreementsSchema },
  signUp: { ...phoneCalls.signUp, params: ofProvider, request: none, reply: signUpSchema },
  endAgreement: {
    ...phoneCalls.endAgreement,
    params: ofProvider,
    request: none,
    reply: phoneAgreementsSchema,
  },
  faces: { ...phoneCalls.faces, params: none, request: null, reply: phoneFacesSchema },
  withdrawFaces: {
    ...phoneCalls.withdrawFaces,
    ...{ params: none, request: withdrawFacesRequestSchema, reply: phoneFacesSchema },
  },
} as const satisfies Readonly<Record<PhoneCallName, PhoneRoute>>;

type PhoneRoutes = typeof phoneRoutes;
export type PhoneParams<N extends PhoneCallName> = z.output<PhoneRoutes[N]['params']>;
type OutputOf<S, Nothing> = S extends z.ZodType ? z.output<S> : Nothing;
type IsPhoto<N extends PhoneCallName> = PhoneRoutes[N]['body'] extends 'photo' ? true : false;
/** The parsed body; of a photo its bytes; undefined where there is none. */
export type PhoneRequest<N extends PhoneCallName> =
  IsPhoto<N> extends true ? Uint8Array : OutputOf<PhoneRoutes[N]['request'], undefined>;
/** The parsed reply; nothing for a 204. */
export type PhoneReply<N extends PhoneCallName> = OutputOf<PhoneRoutes[N]['reply'], void>;
type InputOf<S> = S extends z.ZodType ? z.input<S> : undefined;
/** As the page gives it: what has a default may be left out. */
export type PhoneBody<N extends PhoneCallName> =
  IsPhoto<N> extends true ? PhotoBytes : InputOf<PhoneRoutes[N]['request']>;
