import { z } from 'zod';
import { wrongField } from './failure.ts';

type Form = { [name: string]: string | Form };

/** Stripe's form encoding: `a[b][0]=c` is a field b of a, and so on. Everything is text. */
export function parseForm(body: string): Form {
  const form: Form = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.split(/[[\]]+/).filter((part) => part !== '');
    const last = path.pop() ?? '';
    let at = form;
    for (const part of path) {
      const inner = at[part] ?? {};
      if (typeof inner === 'string') throw wrongField(name);
      at[part] = inner;
      at = inner;
    }
    at[last] = value;
  }
  return form;
}

const amount = z
  .string()
  .regex(/^[1-9]\d{0,7}$/)
  .transform(Number);
const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z]+$`));
const metadata = z.record(z.string().max(40), z.string().max(500));

/** What is demanded of each field of a request; a field that is not named is refused, as Stripe does. */
export const rules = {
  create: z.strictObject({
    amount,
    currency: z.string().regex(/^[a-z]{3}$/),
    customer: id('cus'),
    payment_method: id('pm'),
    allowed_payment_method_types: z.strictObject({ 0: z.literal('card') }),
    capture_method: z.enum(['automatic', 'manual']),
    payment_method_options: z
      .strictObject({
        card: z.strictObject({ request_incremental_authorization: z.literal('if_available') }),
      })
      .optional(),
    metadata,
  }),
  confirm: z.strictObject({ off_session: z.literal('true'), payment_method: id('pm') }),
  increment: z.strictObject({ amount }),
  capture: z.strictObject({ amount_to_capture: amount }),
  cancel: z.strictObject({
    cancellation_reason: z.enum(['abandoned', 'duplicate', 'requested_by_customer']),
  }),
  link: z.strictObject({
    mode: z.literal('payment'),
    line_items: z.strictObject({
      0: z.strictObject({
        quantity: z.literal('1'),
        price_data: z.strictObject({
          currency: z.string().regex(/^[a-z]{3}$/),
          unit_amount: amount,
          product_data: z.strictObject({ name: z.string().min(1).max(250) }),
        }),
      }),
    }),
    allowed_payment_method_types: z.strictObject({ 0: z.literal('card') }),
    adaptive_pricing: z.strictObject({ enabled: z.literal('false') }),
    payment_intent_data: z.strictObject({ metadata }),
    metadata,
    customer: id('cus').optional(),
    success_url: z.url(),
    expires_at: z
      .string()
      .regex(/^\d{10}$/)
      .transform(Number),
  }),
  customer: z.strictObject({ metadata }),
  setup: z.strictObject({
    mode: z.literal('setup'),
    customer: id('cus'),
    client_reference_id: z.string().min(1).max(200),
    allowed_payment_method_types: z.strictObject({ 0: z.literal('card') }),
    setup_intent_data: z.strictObject({ metadata }),
    metadata,
    success_url: z.url(),
    expires_at: z
      .string()
      .regex(/^\d{10}$/)
      .transform(Number),
  }),
  expire: z.strictObject({}),
  refund: z.strictObject({
    payment_intent: id('pi'),
    amount,
    reason: z.literal('requested_by_customer'),
    metadata,
  }),
};

/** The fields, as the rule reads them; what is wrong is refused with its name. */
export function checked<T>(rule: z.ZodType<T>, body: string): T {
  const parsed = rule.safeParse(parseForm(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw wrongField(issue?.path.join('_') || 'unknown');
}
