import { z } from 'zod';

/** How members agree that a merchant may debit what they take, and what people are told of it. */

/** What a member opens to agree. */
const signUpPageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('page'), url: z.url() }),
  z.object({
    kind: z.literal('wechat'),
    businessType: z.string(),
    extraData: z.record(z.string(), z.string()),
  }),
  z.object({ kind: z.literal('alipay'), orderString: z.string() }),
]);

export const signUpSchema = z.object({
  signUpId: z.string(),
  provider: z.string(),
  state: z.enum(['asked', 'valid', 'refused', 'expired']),
  /** Null: the provider has not answered yet, or there is nothing to open any more. */
  page: signUpPageSchema.nullable(),
  /** Until when it may be used; wall time, ms. */
  endsAtMs: z.number().int(),
});

export const agreementsSchema = z.object({
  accounts: z.array(
    z.object({
      provider: z.string(),
      agreement: z.enum(['asked', 'valid', 'void', 'ended']),
      changedAtMs: z.number().int(),
    }),
  ),
  signUps: z.array(signUpSchema),
});
