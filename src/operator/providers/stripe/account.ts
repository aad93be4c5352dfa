import { z } from 'zod';
import { parseJson } from '../../http/json.ts';

/** A member's saved card: Stripe's customer and the payment method that is attached to it. */
const accountSchema = z.strictObject({
  customer: z.string().regex(/^cus_[0-9A-Za-z]{1,64}$/),
  paymentMethod: z.string().regex(/^pm_[0-9A-Za-z]{1,64}$/),
});
export type StripeAccount = z.infer<typeof accountSchema>;

/** As it is stored with the member (`provider_account`). Null: it cannot be read. */
export function parseAccount(text: string): StripeAccount | null {
  const json = parseJson(Buffer.from(text));
  const account = accountSchema.safeParse(json.ok ? json.value : null);
  return account.success ? account.data : null;
}

/** The text of an account; always the same for the same one, because notices find an account by it. */
export function accountText({ customer, paymentMethod }: StripeAccount): string {
  return JSON.stringify({ customer, paymentMethod });
}
