import { z } from 'zod';

/** A merchant of Stripe, as its dashboard shows it. */
export const stripeConfigSchema = z.object({
  /** https://api.stripe.com; another one only for the local server of the tests. */
  baseUrl: z.url().refine((url) => new URL(url).pathname === '/', 'no path'),
  /** A secret key, or a restricted one that may write PaymentIntents and refunds and read payment methods. */
  secretKey: z.string().regex(/^(sk|rk)_[0-9A-Za-z_]{8,250}$/, 'a secret or restricted key'),
  /** That of the webhook endpoint; several while it is rotated. */
  webhookSecret: z.union([z.string().min(16), z.array(z.string().min(16)).min(1).max(4)]),
  /** For a platform: the connected account that is paid. Null: the account of the key. */
  accountId: z
    .string()
    .regex(/^acct_[0-9A-Za-z]{1,64}$/)
    .nullable(),
  /**
   * `visit`: the most that a visit may cost is held on the card before the door opens, and the bill is taken out of
   * it. `none`: the card is asked after the visit alone.
   */
  hold: z.enum(['none', 'visit']),
  /**
   * Where phones reach this operator's API for notices (http/pay-page.ts): a QR with an address below it leads to a page of
   * Stripe to pay a debt. Null: there is none, and nothing is offered. Only once every instance of the operator knows of links:
   * one from before would debit beside a link that is up.
   */
  payPages: z
    .url({ protocol: /^https?$/ })
    .refine((url) => url.endsWith('/'), 'ends with a slash')
    .nullable()
    .default(null),
});
export type StripeConfig = z.infer<typeof stripeConfigSchema>;
export type StripeConfigInput = z.input<typeof stripeConfigSchema>;

export function webhookSecretsOf({ webhookSecret }: StripeConfig): readonly string[] {
  return typeof webhookSecret === 'string' ? [webhookSecret] : webhookSecret;
}
