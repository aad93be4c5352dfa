import type Stripe from 'stripe';
import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { CallBudget } from '../call-budget.ts';
import { signedPagePath } from '../pay-page-path.ts';
import type { SignUp, SignUpBegun, SignUpEnded, SignUpOutcome, SignUpRequest } from '../sign-up.ts';
import { accountText, parseAccount } from './account.ts';
import { metadataOf } from './codes.ts';
import type { Answer, ProtocolClient } from './protocol-client.ts';

/** A page is up for so long: Stripe's longest is a day, its shortest half an hour. */
const lifeMs = 3_600_000;

const customerSchema = z.object({ object: z.literal('customer'), id: z.string().regex(/^cus_/) });
const cardSchema = z.object({ id: z.string(), customer: z.string().nullish() });
const setupSchema = z.object({
  object: z.literal('setup_intent'),
  status: z.string(),
  customer: z.string().nullish(),
  payment_method: cardSchema.nullish(),
});
const sessionSchema = z.object({
  object: z.literal('checkout.session'),
  id: z.string(),
  mode: z.literal('setup'),
  url: z.url().nullish(),
  status: z.enum(['open', 'complete', 'expired']),
  client_reference_id: z.string(),
  setup_intent: z.union([z.string(), setupSchema]).nullish(),
});

/** Whose cards are saved: no name and no address of the member goes to Stripe. */
export function customerParams(memberId: string) {
  return { metadata: { [metadataOf.member]: memberId } } satisfies Stripe.CustomerCreateParams;
}

/** A page of Stripe where the member saves a card that may be asked while they are away. `untilS`: Unix time, s. */
export function setupParams(setup: {
  readonly signUpId: string;
  readonly customer: string;
  readonly backUrl: string;
  readonly untilS: number;
}) {
  const metadata = { [metadataOf.signUp]: setup.signUpId };
  return {
    mode: 'setup',
    customer: setup.customer,
    client_reference_id: setup.signUpId,
    allowed_payment_method_types: ['card'],
    setup_intent_data: { metadata },
    metadata,
    success_url: setup.backUrl,
    expires_at: setup.untilS,
  } satisfies Stripe.Checkout.SessionCreateParams;
}

/**
 * How a member's card is saved: a Checkout Session in setup mode. One that is made twice because an answer was lost does no
 * harm: nobody has the address of the first, and it saves nothing before somebody comes. `payPages`: where the member is led
 * afterwards lies below.
 */
export class StripeSignUp implements SignUp {
  readonly lifeMs = lifeMs;
  readonly #client: ProtocolClient;
  readonly #clock: Clock;
  readonly #payPages: string;

  constructor(client: ProtocolClient, clock: Clock, payPages: string) {
    this.#client = client;
    this.#clock = clock;
    this.#payPages = payPages;
  }

  async begin({ signUpId, memberId, account, attempt, endsAtMs }: SignUpRequest): Promise<SignUpBegun> {
    const budget = new CallBudget(this.#clock);
    const keyOf = (act: string) => ({ idempotencyKey: `${signUpId}:${act}:${attempt}` });
    let customer = account === null ? null : (parseAccount(account)?.customer ?? null);
    if (customer === null) {
      const params = customerParams(memberId);
      const made = await this.#client.ask(
        'customer',
        ({ customers }) => customers.create(params, keyOf('customer')),
        budget,
      );
      const found = made.kind === 'ok' ? customerSchema.safeParse(made.body).data : undefined;
      if (found === undefined) return notBegun(made);
      customer = found.id;
    }
    const backUrl = `${this.#payPages}${signedPagePath}`;
    const params = setupParams({ signUpId, customer, backUrl, untilS: Math.ceil(endsAtMs / 1000) });
    const answer = await this.#client.ask(
      'setup',
      ({ checkout }) => checkout.sessions.create(params, keyOf('setup')),
      budget,
    );
    const session = answer.kind === 'ok' ? sessionSchema.safeParse(answer.body).data : undefined;
    if (session?.client_reference_id !== signUpId || typeof session.url !== 'string') return notBegun(answer);
    return { kind: 'begun', page: { kind: 'page', url: session.url }, known: session.id };
  }

  async look(signUpId: string, known: string): Promise<SignUpOutcome> {
    // The setup says for ever that it has succeeded; whether the card is still saved, the card does.
    const expand = { expand: ['setup_intent.payment_method'] };
    const answer = await this.#client.ask(
      'setup',
      ({ checkout }) => checkout.sessions.retrieve(known, expand),
      new CallBudget(this.#clock),
    );
    if (answer.kind !== 'ok') return { kind: 'unknown', message: answer.message };
    const session = sessionSchema.safeParse(answer.body).data;
    if (session?.id !== known || session.client_reference_id !== signUpId)
      return { kind: 'unknown', message: 'the answer is not our Checkout Session' };
    if (session.status === 'expired') return { kind: 'expired' };
    if (session.status === 'open') return { kind: 'pending' };
    const setup = setupSchema.safeParse(session.setup_intent).data;
    const { customer = null, payment_method: card = null } = setup ?? {};
    if (setup?.status !== 'succeeded' || customer === null || card === null) return { kind: 'pending' };
    if (card.customer !== customer) return { kind: 'refused', message: 'the card was taken away again' };
    const account = accountText({ customer, paymentMethod: card.id });
    return parseAccount(account) === null
      ? { kind: 'unknown', message: 'the card of the session is not to be read' }
      : { kind: 'valid', account };
  }

  /** The card is taken from the customer: nobody can ask it for money any more. One that is taken away already has no customer. */
  async end(account: string): Promise<SignUpEnded> {
    const card = parseAccount(account)?.paymentMethod;
    if (card === undefined) return { kind: 'unknown', message: 'the account is not to be read' };
    const budget = new CallBudget(this.#clock);
    const answer = await this.#client.ask('detach', (stripe) => stripe.paymentMethods.detach(card), budget);
    const shown =
      answer.kind === 'refused'
        ? await this.#client.ask('payment_method', (stripe) => stripe.paymentMethods.retrieve(card), budget)
        : answer;
    if (shown.kind !== 'ok') return { kind: 'unknown', message: shown.message };
    return detachedSchema.safeParse(shown.body).data?.id === card
      ? { kind: 'ended' }
      : { kind: 'unknown', message: 'the card is saved as before' };
  }
}

const detachedSchema = z.object({ object: z.literal('payment_method'), id: z.string(), customer: z.null() });

function notBegun(answer: Answer): SignUpBegun {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'unknown', message: 'the answer is not what was asked for' };
    case 'refused':
    case 'declined':
      return { kind: 'rejected', message: answer.message };
    case 'not_sent':
    case 'unknown':
      return { kind: answer.kind, message: answer.message };
  }
}
