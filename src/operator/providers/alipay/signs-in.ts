import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { CallBudget } from '../call-budget.ts';
import type { SignInOutcome, SignsIn } from '../signs-in.ts';
import type { AlipayConfig } from './alipay-config.ts';
import { codeRefusal, methods } from './codes.ts';
import type { GatewayClient } from './gateway-client.ts';

const tokenSchema = z.object({
  user_id: z.string().min(1).max(64).optional(),
  open_id: z.string().min(1).max(128).optional(),
});

/**
 * Who is there, by Alipay's authorization (`auth_base`: nobody is asked for anything). It leads back with `auth_code`, and says the
 * user's number or, for newer apps, their open id; an agreement is found by the same (`payerOf`).
 */
export class AlipaySignsIn implements SignsIn {
  readonly app = 'alipay';
  readonly #client: GatewayClient;
  readonly #clock: Clock;
  readonly #appId: string;
  readonly #authorizeUrl: string;

  constructor(
    client: GatewayClient,
    clock: Clock,
    { appId }: AlipayConfig,
    { authorizeUrl }: NonNullable<AlipayConfig['signIn']>,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#appId = appId;
    this.#authorizeUrl = authorizeUrl;
  }

  urlOf({ state, redirectUrl }: { readonly state: string; readonly redirectUrl: string }): string {
    const url = new URL(this.#authorizeUrl);
    const asked = { app_id: this.#appId, scope: 'auth_base', redirect_uri: redirectUrl, state };
    url.search = new URLSearchParams(asked).toString();
    return url.href;
  }

  async accountOf(code: string): Promise<SignInOutcome> {
    const answer = await this.#client.call({
      method: methods.oauthToken,
      content: { grant_type: 'authorization_code', code },
      budget: new CallBudget(this.#clock),
      expected: [codeRefusal],
    });
    if (answer.kind !== 'ok') {
      const isNone = answer.kind === 'refused' && answer.subCode === codeRefusal;
      return { kind: isNone ? 'declined' : 'unknown', message: answer.message };
    }
    const payers = payersOf(answer.body);
    return payers.length === 0
      ? { kind: 'unknown', message: 'the answer names nobody' }
      : { kind: 'payer', payers };
  }
}

/** The names by which Alipay calls somebody, apart from each other: a number of one kind is none of the other. */
function payersOf(body: unknown): string[] {
  const { user_id: userId, open_id: openId } = tokenSchema.safeParse(body).data ?? {};
  return [
    ...(openId === undefined ? [] : [`open:${openId}`]),
    ...(userId === undefined ? [] : [`user:${userId}`]),
  ];
}

/** As an agreement is kept, of what a query of it says; undefined: it does not say. */
export function payerOf({
  alipay_user_id: userId,
  open_id: openId,
}: {
  readonly alipay_user_id?: string | undefined;
  readonly open_id?: string | undefined;
}): string | undefined {
  return payersOf({ user_id: userId, open_id: openId })[0];
}
