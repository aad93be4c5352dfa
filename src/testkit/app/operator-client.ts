import type {
  DevelopmentBody,
  DevelopmentReply,
  DevelopmentRouteName,
  DevelopmentSender,
  OperatorCharge,
} from '../../shared/api/development-routes.ts';
import type { Promotion } from '../../shared/model/promotion.schema.ts';
import { callDevelopment } from '../../shared/api/development-routes.ts';
import { getJson, postJson } from './json-http.ts';

/** The development API of an operator that runs in a process of its own. */
export class OperatorClient {
  readonly #send: DevelopmentSender;

  constructor(base: string) {
    this.#send = ({ method, path, body }) =>
      method === 'GET' ? getJson(`${base}${path}`) : postJson(`${base}${path}`, body);
  }

  /** `params`: those of the path, and of the query. */
  call<N extends DevelopmentRouteName>(
    name: N,
    body: DevelopmentBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<DevelopmentReply<N>> {
    return callDevelopment(this.#send, name, body, params);
  }
  async enrolToken(cabinetId: string): Promise<string> {
    return (await this.call('enrolToken', { cabinetId })).token;
  }
  /** Oldest first. */
  charges(): Promise<OperatorCharge[]> {
    return this.call('charges', undefined);
  }
  /** All promotions anew: what is left out ends. Cabinets hear of it within a second. */
  async putPromotions(promotions: readonly Promotion[]): Promise<number> {
    return (await this.call('putPromotions', { promotions: [...promotions] })).version;
  }
  /** What shoppers reported, newest first. */
  disputes(): Promise<DevelopmentReply<'disputes'>> {
    return this.call('disputes', undefined);
  }
  alarms(): Promise<DevelopmentReply<'alarms'>> {
    return this.call('alarms', undefined);
  }
}
