import { z } from 'zod';
import { reasonCodeSchema } from '../model/charge.schema.ts';
import { memberIdSchema } from '../model/member.schema.ts';
import { phoneLanguages, signInRefusals, linkStates } from './session.ts';

const languageSchema = z.enum(phoneLanguages);
/** 256 random bits, base64url. */
const tokenSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const welcomeSchema = z.object({
  /** Providers that say who somebody is, and in whose app the page has to be open for that. */
  providers: z.array(z.object({ provider: z.string(), app: z.enum(['wechat', 'alipay']) })),
  /** Where people of the operator are reached: a telephone number or an e-mail address; null: nobody has said. */
  contact: z.string().nullable(),
});

export const linkRequestSchema = z.object({ token: tokenSchema });
export const openedLinkSchema = z.object({ state: z.enum(linkStates) });

export const sessionSchema = z.object({
  memberId: memberIdSchema,
  /** Masked by the operator, as on the cabinet's screen. */
  display: z.string(),
  /** To be sent in `csrfHeader` with everything that is not a GET. */
  csrf: z.string(),
  /** Whatever is done; and sooner after `idleMaxMs` without a request. */
  endsAtMs: z.number(),
  idleMaxMs: z.number(),
  /** The operator's time. */
  nowMs: z.number(),
  /** Null: the member has not said. */
  language: languageSchema.nullable(),
  /** Why no cabinet would open for them now; null: one would. */
  refused: reasonCodeSchema.nullable(),
  /** Messages that they have not had on screen yet. */
  unread: z.number().int().min(0),
});
export type PhoneSession = z.infer<typeof sessionSchema>;

export const signedInSchema = z.discriminatedUnion('signedIn', [
  z.object({ signedIn: z.literal(true), session: sessionSchema }),
  z.object({ signedIn: z.literal(false), reason: z.enum(signInRefusals) }),
]);
export type SignedInReply = z.infer<typeof signedInSchema>;

export const beginProviderRequestSchema = z.object({ provider: z.string().min(1).max(64) });
/** To be opened by the browser itself. */
export const begunProviderSchema = z.object({ url: z.url() });
export const endProviderRequestSchema = z.object({
  /** From the address that the provider has led back to. */
  code: z.string().min(1).max(512),
  state: z.string().regex(/^[0-9a-f]{64}$/),
});

export const languageRequestSchema = z.object({ language: languageSchema });
