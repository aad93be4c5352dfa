import { z } from 'zod';
import { paymentMeans } from './member.ts';

export const memberIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** What the cabinet may know of a member: an id and a name it can greet with (already masked by the operator). */
export const memberSchema = z.object({
  memberId: memberIdSchema,
  /** For the screen, masked by the operator: "王*", "138****0217". */
  display: z.string().min(1).max(40),
  /** Not told, or not known here (an operator from before, or a newer one): nothing is said of it. */
  means: z.enum(paymentMeans).optional().catch(undefined),
});
export type Member = z.infer<typeof memberSchema>;
