import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { CallBudget } from '../call-budget.ts';
import type { SignUp, SignUpBegun, SignUpOutcome, SignUpRequest } from '../sign-up.ts';
import type { AlipayConfig } from './alipay-config.ts';
import { agreementStates, creditProduct, methods, signUpLifeMs } from './codes.ts';
import type { GatewayClient } from './gateway-client.ts';
import { payerOf } from './signs-in.ts';

const agreementSchema = z.object({
  credit_agreement_id: z.string().min(1).optional(),
  out_agreement_no: z.string().optional(),
  agreement_status: z.enum(agreementStates),
  alipay_user_id: z.string().min(1).max(64).optional(),
  open_id: z.string().min(1).max(128).optional(),
});

/**
 * How a member agrees to 芝麻先享: a signed text that Alipay's app takes, made here without asking anybody. Whether they have
 * agreed is asked by our number of it (`out_agreement_no`); the credit agreement that comes of it is their account.
 */
export class AlipaySignUp implements SignUp {
  readonly lifeMs = signUpLifeMs;
  readonly #client: GatewayClient;
  readonly #clock: Clock;
  readonly #zmServiceId: string;
  readonly #categoryId: string | undefined;

  constructor(client: GatewayClient, clock: Clock, zmServiceId: string, config: AlipayConfig) {
    this.#client = client;
    this.#clock = clock;
    this.#zmServiceId = zmServiceId;
    this.#categoryId = config.categoryId;
  }

  begin({ signUpId }: SignUpRequest): Promise<SignUpBegun> {
    const content = JSON.stringify({
      out_agreement_no: signUpId,
      zm_service_id: this.#zmServiceId,
      product_code: creditProduct,
      ...(this.#categoryId !== undefined && { category_id: this.#categoryId }),
    });
    const orderString = this.#client.orderString(methods.agreementSign, content);
    return Promise.resolve({ kind: 'begun', page: { kind: 'alipay', orderString }, known: signUpId });
  }

  async look(signUpId: string): Promise<SignUpOutcome> {
    const content = JSON.stringify({ out_agreement_no: signUpId });
    const budget = new CallBudget(this.#clock);
    const answer = await this.#client.call({ method: methods.agreementQuery, content, budget });
    // Nobody has opened it yet. (The codes of 芝麻's own calls stand in no public copy.)
    if (answer.kind === 'refused' && answer.class === 'query') return { kind: 'pending' };
    if (answer.kind !== 'ok') return { kind: 'unknown', message: answer.message };
    const said = agreementSchema.safeParse(answer.body).data;
    if (said === undefined || (said.out_agreement_no ?? signUpId) !== signUpId)
      return { kind: 'unknown', message: 'the answer is about another agreement' };
    switch (said.agreement_status) {
      case 'VALID': {
        const payer = payerOf(said);
        return said.credit_agreement_id === undefined
          ? { kind: 'unknown', message: 'the answer names no agreement' }
          : { kind: 'valid', account: said.credit_agreement_id, ...(payer !== undefined && { payer }) };
      }
      case 'INVALID':
        return { kind: 'refused', message: 'the agreement is void' };
      case 'UNSIGNED':
        return { kind: 'pending' };
    }
  }
}
