import type { HttpRequest, HttpResponse } from '../../../main/operator/http-transport.ts';
import { assert } from '../../../shared/assert.ts';
import { disputeRequestSchema } from '../../../shared/api/operator.ts';
import { chargeBodySchema } from '../../../shared/model/charge.schema.ts';
import type { Resolution } from '../../../shared/model/resolution.ts';
import type { Server } from './faulty-network.ts';
import { reply } from './faulty-network.ts';

/**
 * What the stub answers about one charge, by the charge's own id, so that it is the same in every run. `accepted` and
 * `collecting` are paid from the second question on, `lower` for half of the sum.
 */
export type Fate = 'paid' | 'accepted' | 'lower' | 'collecting' | 'human' | 'reject';

/** What has arrived for one charge, and what is answered about it. */
interface Arrived {
  readonly bodyText: string;
  readonly totalMinor: number;
  readonly fate: Fate;
  questionCount: number;
  /** What a human has decided, and the sum that stays. */
  decision: { readonly resolved: Resolution; readonly billedMinor: number } | null;
}

type Answer = {
  readonly state: 'accepted' | 'paid' | 'collecting' | 'needs_attention';
  readonly billedMinor: number;
};

/**
 * Answers to the queues of a cabinet as the operator could give them, at once and in thousands, for tests of the queues
 * alone. It judges nothing and moves no money: whether a charge is debited once, and what a dispute takes off it, is asked
 * of the real operator (src/simulator/system/charges-under-faults.test.ts; docs/decisions/0088-one-operator.md).
 */
export class StubOperator implements Server {
  /** The first body that has arrived of each charge. */
  readonly arrived = new Map<string, Arrived>();
  /** Disputes that have arrived, by their id. */
  readonly disputes = new Map<string, { chargeId: string; skus: string[] }>();
  fateOf: (chargeId: string) => Fate = () => 'paid';
  /** What is said to disputes; null: they are taken. `unknown_charge`: for as long as their charge is not here. */
  disputesRefused: 'bad_request' | 'unknown_charge' | null = null;

  /** A human decides about a charge that has arrived. */
  decide(chargeId: string, resolved: Resolution, billedMinor: number): void {
    const arrived = this.arrived.get(chargeId);
    assert(arrived !== undefined, 'only what has arrived is decided about');
    arrived.decision = { resolved, billedMinor };
  }

  /** State and sum that are answered about a charge that has arrived. */
  answerOf(chargeId: string): Answer | null {
    const arrived = this.arrived.get(chargeId);
    return arrived === undefined ? null : answerOf(arrived);
  }

  serve = (request: HttpRequest): HttpResponse => {
    const path = request.url.pathname;
    if (path === '/v1/health') return reply(200, { ok: true });
    const [, chargeId, isDispute] = /^\/v1\/charges\/(\w+)(\/disputes)?$/.exec(path) ?? [];
    if (chargeId === undefined) return reply(404, { error: 'not_found', message: path });
    const text = request.body.toString('utf8');
    if (isDispute !== undefined) return this.#dispute(chargeId, text);
    return request.method === 'PUT' ? this.#put(chargeId, text) : this.#get(chargeId);
  };

  #dispute(chargeId: string, bodyText: string): HttpResponse {
    const { disputeId, skus } = disputeRequestSchema.parse(JSON.parse(bodyText));
    if (this.disputesRefused === 'bad_request') return reply(400, { error: 'bad_request', message: 'no' });
    if (this.disputesRefused === 'unknown_charge' && !this.arrived.has(chargeId))
      return reply(404, { error: 'unknown_charge', message: chargeId });
    this.disputes.set(disputeId, { chargeId, skus });
    return reply(200, { disputeId, charge: null });
  }

  #put(chargeId: string, bodyText: string): HttpResponse {
    const known = this.arrived.get(chargeId);
    if (known !== undefined) return answer(chargeId, known);
    const isDisputed = [...this.disputes.values()].some((dispute) => dispute.chargeId === chargeId);
    const fate = isDisputed ? 'human' : this.fateOf(chargeId);
    if (fate === 'reject') return reply(400, { error: 'bad_request', message: 'no' });
    const { totalMinor } = chargeBodySchema.parse(JSON.parse(bodyText));
    const arrived: Arrived = { bodyText, totalMinor, fate, questionCount: 0, decision: null };
    this.arrived.set(chargeId, arrived);
    return answer(chargeId, arrived);
  }

  #get(chargeId: string): HttpResponse {
    const arrived = this.arrived.get(chargeId);
    if (arrived === undefined) return reply(404, { error: 'unknown_charge', message: chargeId });
    arrived.questionCount++;
    return answer(chargeId, arrived);
  }
}

function answer(chargeId: string, arrived: Arrived): HttpResponse {
  const { state, billedMinor } = answerOf(arrived);
  const reason = state === 'collecting' ? 'account.insufficient_funds' : null;
  return reply(200, {
    chargeId,
    state,
    totalMinor: billedMinor,
    reason,
    resolved: arrived.decision?.resolved ?? null,
  });
}

function answerOf({ fate, totalMinor, questionCount, decision }: Arrived): Answer {
  if (decision !== null) return { state: 'paid', billedMinor: decision.billedMinor };
  const isLowered = fate === 'lower' && questionCount >= 1;
  const billedMinor = isLowered ? Math.floor(totalMinor / 2) : totalMinor;
  if (fate === 'human') return { state: 'needs_attention', billedMinor };
  if (fate === 'paid' || questionCount >= 2) return { state: 'paid', billedMinor };
  return { state: fate === 'collecting' ? 'collecting' : 'accepted', billedMinor };
}
