import { z } from 'zod';

/**
 * A member code is what the shopper's phone shows (QR or Code 128):
 *
 *   KM1.<member id>.<expires: seconds since epoch, base 36>.<nonce: 12 base64url>.<Ed25519 signature: 86 base64url>
 *
 * signed by the operator over everything before the last dot. It is shown for a minute and works once.
 * Only printable ASCII without blanks; at most `memberCodeMaxLength` characters.
 */
export const memberCodeMaxLength = 200;
export const memberCodePrefix = 'KM1';

export const memberIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** What the cabinet may know of a member: an id and a name it can greet with (already masked by the operator). */
export const memberSchema = z.object({
  memberId: memberIdSchema,
  /** For the screen, masked by the operator: "王*", "138****0217". */
  display: z.string().min(1).max(40),
});
export type Member = z.infer<typeof memberSchema>;
