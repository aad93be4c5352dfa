import { z } from 'zod';
import { readsAsWritten } from '../util/plain-words.ts';
import { consoleRights, staffRoles } from './roles.ts';

/** Who signs in: lower-case, so that nobody is there twice. */
export const staffNameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{1,31}$/);
/** Longer is better than stranger (NIST SP 800-63B, 5.1.1.2); bounded, because it is hashed. */
export const newPasswordSchema = z.string().min(12).max(200);
const anyPasswordSchema = z.string().min(1).max(200);
/** Six digits of the authenticator, or a recovery code. */
const codeSchema = z.string().min(6).max(32);
const tokenSchema = z.string().min(20).max(100);
export const roleSchema = z.enum(staffRoles);
/** Read by whoever has to agree, and in the log. */
export const reasonSchema = z
  .string()
  .trim()
  .min(3)
  .max(150)
  .refine(readsAsWritten, 'signs that nobody sees');
/** Of what somebody has seen and acts upon: where it is another one by then, nothing is done (409). */
export const seenVersionSchema = z.string().max(64);

export const signInRequestSchema = z.object({
  name: z.string().min(1).max(64),
  password: anyPasswordSchema,
  code: codeSchema,
});
export type SignInRequest = z.infer<typeof signInRequestSchema>;

export const sessionReplySchema = z.object({
  accountId: z.string(),
  name: z.string(),
  role: roleSchema,
  rights: z.array(z.enum(consoleRights)).readonly(),
  /** To be sent in `csrfHeader` with everything that is not a GET. */
  csrf: z.string(),
  /** Whatever is done; and sooner after `idleMaxMs` without a request. */
  endsAtMs: z.number(),
  idleMaxMs: z.number(),
  /** Recovery codes that are left. */
  recoveryCodesLeft: z.number(),
});
export type SessionReply = z.infer<typeof sessionReplySchema>;

export const changePasswordRequestSchema = z.object({
  password: anyPasswordSchema,
  code: codeSchema,
  next: newPasswordSchema,
});

export const lookInvitationRequestSchema = z.object({ token: tokenSchema });
export const invitationSchema = z.object({
  /** Null: the first administrator, who chooses it. */
  name: staffNameSchema.nullable(),
  role: roleSchema,
  /** Base32, for the authenticator; the address for its QR needs the name. */
  totpSecret: z.string(),
});
export const acceptInvitationRequestSchema = z.object({
  token: tokenSchema,
  name: staffNameSchema,
  password: newPasswordSchema,
  code: codeSchema,
});
export type AcceptInvitationRequest = z.infer<typeof acceptInvitationRequestSchema>;
export const acceptedInvitationSchema = sessionReplySchema.extend({
  /** Shown once, each good for one sign-in without the authenticator. */
  recoveryCodes: z.array(z.string()).readonly(),
});

export const staffAccountSchema = z.object({
  accountId: z.string(),
  name: z.string().nullable(),
  role: roleSchema,
  state: z.enum(['invited', 'active', 'disabled']),
  madeAtMs: z.number(),
  /** When they were here last; null: never. */
  seenAtMs: z.number().nullable(),
  /** As one of two persons; false: another administrator than `changedBy` confirms it first. */
  counts: z.boolean(),
  changedBy: z.string().nullable(),
  version: seenVersionSchema,
});
export const inviteRequestSchema = z.object({
  name: staffNameSchema,
  role: roleSchema,
  reason: reasonSchema,
});
/** The token is shown once and is good until then. */
export const invitedSchema = z.object({ accountId: z.string(), token: z.string(), endsAtMs: z.number() });
export const changeRoleRequestSchema = z.object({
  role: roleSchema,
  reason: reasonSchema,
  version: seenVersionSchema,
});
export const staffActRequestSchema = z.object({ reason: reasonSchema, version: seenVersionSchema });
