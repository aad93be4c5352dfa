import { z } from 'zod';
import { parseJson } from '../../http/json.ts';
import { isSignUpId } from '../../../shared/ids.ts';
import type { Notice } from '../provider.ts';
import {
  detachedEvent,
  eventPrefix,
  metadataOf,
  sessionEventPrefix,
  signatureHeader,
  signatureToleranceS,
} from './codes.ts';
import { verifyWebhook } from './signing.ts';
import type { StripeConfig } from './stripe-config.ts';
import { webhookSecretsOf } from './stripe-config.ts';

export type ReadNotice =
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'other' }
  /** Something has happened to an intent of this order: how it stands is for Stripe to say when it is asked. */
  | {
      readonly kind: 'intent';
      readonly orderId: string;
      readonly intentId: string;
    }
  /** Something has become of the page where a member saves a card: what, is to be asked. */
  | { readonly kind: 'sign_up'; readonly signUpId: string }
  /** A card was taken away from its customer, it says. */
  | {
      readonly kind: 'detached';
      readonly customer: string;
      readonly paymentMethod: string;
    };

const eventSchema = z.object({
  object: z.literal('event'),
  type: z.string(),
  /** Of a platform: whose event it is. */
  account: z.string().optional(),
  data: z.object({
    object: z.object({ id: z.string().optional(), metadata: z.record(z.string(), z.string()).nullish() }),
    previous_attributes: z.object({ customer: z.string().nullish() }).nullish(),
  }),
});

/** What an event is about, once it is proven to be Stripe's and for this account. `nowS`: Unix time, s. */
export function readNotice({ headers, body }: Notice, config: StripeConfig, nowS: number): ReadNotice {
  const secrets = webhookSecretsOf(config);
  const verified = verifyWebhook(body, headers[signatureHeader], {
    ...{ secrets, nowS, toleranceS: signatureToleranceS },
  });
  if (!verified.ok) return refused(verified.refusal);
  const json = parseJson(body);
  const parsed = eventSchema.safeParse(json.ok ? json.value : null);
  if (!parsed.success) return refused('not to be read');
  const { type, account, data } = parsed.data;
  if ((account ?? null) !== config.accountId) return refused('for another account');
  const { id = '', metadata } = data.object;
  if (type === detachedEvent) {
    const customer = data.previous_attributes?.customer ?? '';
    return customer === '' ? { kind: 'other' } : { kind: 'detached', customer, paymentMethod: id };
  }
  const signUpId = metadata?.[metadataOf.signUp];
  if (type.startsWith(sessionEventPrefix) && isSignUpId(signUpId)) return { kind: 'sign_up', signUpId };
  const orderId = metadata?.[metadataOf.charge] ?? '';
  const isOurs = type.startsWith(eventPrefix) && /^[0-9A-Za-z_-]{1,32}$/.test(orderId);
  // Of refunds and disputes whoever waits for them asks; an account may have other uses than ours.
  return isOurs ? { kind: 'intent', orderId, intentId: id } : { kind: 'other' };
}

const refused = (message: string): ReadNotice => ({ kind: 'refused', message: `notice refused: ${message}` });
