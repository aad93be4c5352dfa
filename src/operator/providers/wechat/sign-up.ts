import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { CallBudget } from '../call-budget.ts';
import type { SignUp, SignUpBegun, SignUpEnded, SignUpOutcome, SignUpRequest } from '../sign-up.ts';
import { authorizationStates, paths, signUpBusiness, signUpTokenLifeMs } from './codes.ts';
import { ProtocolClient } from './protocol-client.ts';
import type { WechatConfig } from './wechat-config.ts';

/** Why, as WeChat keeps it; at most 50 characters. */
const endReason = '用户在商户页面解约';
const begunSchema = z.object({ apply_permissions_token: z.string().min(1) });
const permissionSchema = z.object({
  service_id: z.string(),
  appid: z.string(),
  mchid: z.string(),
  authorization_code: z.string().optional(),
  authorization_state: z.enum(authorizationStates),
  openid: z.string().min(1).optional(),
});

export interface WechatSignUpOptions {
  readonly config: WechatConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * How a member opens the merchant's service once, so that no order needs a confirmation (授权): a token of WeChat's, which its own
 * page takes, under our number (`authorization_code`). The openid that comes of it is the member's account.
 */
export class WechatSignUp implements SignUp {
  readonly lifeMs = signUpTokenLifeMs;
  readonly #o: WechatSignUpOptions;

  constructor(options: WechatSignUpOptions) {
    this.#o = options;
  }

  async begin({ signUpId }: SignUpRequest): Promise<SignUpBegun> {
    const { serviceId, appid, notifyUrl } = this.#o.config;
    const body = { service_id: serviceId, appid, authorization_code: signUpId, notify_url: notifyUrl };
    const answer = await this.#client().post(paths.permissions, JSON.stringify(body));
    switch (answer.kind) {
      case 'ok': {
        const begun = begunSchema.safeParse(answer.body);
        if (!begun.success) return { kind: 'unknown', message: 'the answer has no token' };
        const extraData = { apply_permissions_token: begun.data.apply_permissions_token };
        const page = { kind: 'wechat', businessType: signUpBusiness, extraData } as const;
        return { kind: 'begun', page, known: signUpId };
      }
      case 'refused': {
        // What is ours to mend, or passes by itself, refuses nobody.
        const isOfRequest = answer.class === 'query' || answer.class === 'not_found';
        return { kind: isOfRequest ? 'rejected' : 'not_sent', message: answer.message };
      }
      case 'not_sent':
      case 'unknown':
        return answer;
    }
  }

  async look(signUpId: string): Promise<SignUpOutcome> {
    const { serviceId, appid, mchid } = this.#o.config;
    const answer = await this.#client().get(paths.permission(signUpId), { service_id: serviceId });
    if (answer.kind === 'refused' && (answer.class === 'not_found' || answer.class === 'query'))
      return { kind: 'pending' };
    if (answer.kind !== 'ok') return { kind: 'unknown', message: answer.message };
    const said = permissionSchema.safeParse(answer.body).data;
    const isOurs =
      said?.mchid === mchid &&
      said.appid === appid &&
      said.service_id === serviceId &&
      (said.authorization_code ?? signUpId) === signUpId;
    if (!isOurs) return { kind: 'unknown', message: 'the answer is about another agreement' };
    if (said.authorization_state !== 'AVAILABLE') return { kind: 'pending' };
    return said.openid === undefined
      ? { kind: 'unknown', message: 'the answer names nobody' }
      : { kind: 'valid', account: said.openid };
  }

  /**
   * 解除用户授权关系, by the member's openid. WeChat refuses it while an order of theirs is open; whether it had ended before, only a
   * look says.
   */
  async end(account: string): Promise<SignUpEnded> {
    const { serviceId, appid, mchid } = this.#o.config;
    const client = this.#client();
    const body = { service_id: serviceId, appid, reason: endReason };
    const answer = await client.post(paths.permissionEnd(account), JSON.stringify(body));
    if (answer.kind === 'ok') return { kind: 'ended' };
    const { message } = answer;
    if (answer.kind !== 'refused' || (answer.class !== 'query' && answer.class !== 'not_found'))
      return { kind: 'unknown', message };
    const looked = await client.get(paths.permissionOf(account), { service_id: serviceId, appid });
    const said = looked.kind === 'ok' ? permissionSchema.safeParse(looked.body).data : undefined;
    const isOurs =
      said?.mchid === mchid &&
      said.appid === appid &&
      said.service_id === serviceId &&
      said.openid === account;
    if (!isOurs) return { kind: 'unknown', message };
    return said.authorization_state === 'AVAILABLE' ? { kind: 'refused', message } : { kind: 'ended' };
  }

  #client(): ProtocolClient {
    const { config, clock, logger } = this.#o;
    return new ProtocolClient(config, clock, logger, new CallBudget(clock));
  }
}
