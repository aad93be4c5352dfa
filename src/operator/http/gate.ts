import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteDefinition } from '../../shared/api/routes.ts';
import { signatureHeaders } from '../../shared/api/signing.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import {
  enrolmentsOfAddress,
  failedProofsOfAddress,
  provenBodies,
  rateKeysMax,
  requestsOfCabinet,
  unprovenBodies,
} from '../limits.ts';
import type { Db } from '../storage/storage.ts';
import type { Claim, Signer } from './authenticator.ts';
import { Authenticator } from './authenticator.ts';
import { BodyBudget } from './body-budget.ts';
import type { ApiFailure } from './errors.ts';
import { tooMuch } from './errors.ts';
import { RateLimit } from './rate-limit.ts';
import { addressKey } from './address-key.ts';

type Passed = Result<void, ApiFailure>;

/**
 * Who may come in, and how much of them. Before the body is read: its length, the form of the headers, the cabinet and,
 * with a digest of the body among them, the signature. Limits are by address until the sender is proven, and by cabinet
 * afterwards; whoever is over one is asked to come again (429), so that nothing about money is refused for good.
 */
export class Gate {
  readonly #authenticator: Authenticator;
  readonly #failedProofs: RateLimit;
  readonly #enrolments: RateLimit;
  readonly #requests: RateLimit;
  readonly #unproven = new BodyBudget(unprovenBodies.ofOne, unprovenBodies.ofAll);
  readonly #proven = new BodyBudget(provenBodies.ofOne, provenBodies.ofAll);
  readonly #claims = new WeakMap<FastifyRequest, Claim>();
  /** Address and cabinet of those who have proven who they are: what others do at their address does not shut them out. */
  readonly #knownAt = new Set<string>();

  constructor(db: Db, clock: Clock) {
    this.#authenticator = new Authenticator(db, clock);
    this.#failedProofs = new RateLimit(clock, failedProofsOfAddress);
    this.#enrolments = new RateLimit(clock, enrolmentsOfAddress);
    this.#requests = new RateLimit(clock, requestsOfCabinet);
  }

  /** All that can be said without the body. */
  async beforeBody(route: RouteDefinition, request: FastifyRequest, reply: FastifyReply): Promise<Passed> {
    const lengthBytes = bodyLengthOf(request, route.bodyMaxBytes);
    if (lengthBytes > route.bodyMaxBytes) return fail('too_large', 'the body is larger than allowed');
    const address = addressKey(request.ip);
    if (route.auth === 'enrolment_token') {
      const waitS = this.#enrolments.waitS(address);
      if (waitS > 0) return tooMuch('too many enrolments from this address', waitS);
      this.#enrolments.take(address);
      return hold(this.#unproven, address, lengthBytes, reply);
    }
    const waitS = this.#failedProofs.waitS(address);
    if (waitS > 0 && !this.#knownAt.has(`${address} ${cabinetOf(request)}`))
      return tooMuch('too many requests without a proof from this address', waitS);
    const { method, url: path, headers } = request;
    const claim = await this.#authenticator.readClaim({ method, path, headers });
    if (!claim.ok) return this.#failed(address, claim);
    this.#claims.set(request, claim.value);
    if (claim.value.bodySha256Hex === null) return hold(this.#unproven, address, lengthBytes, reply);
    const { cabinetId } = claim.value;
    const allowed = this.#countRequest(cabinetId);
    return allowed.ok ? hold(this.#proven, cabinetId, lengthBytes, reply) : allowed;
  }

  /** The signer, now that the body is here. */
  async withBody(request: FastifyRequest, body: Uint8Array): Promise<Result<Signer, ApiFailure>> {
    const claim = this.#claims.get(request);
    assert(claim !== undefined, 'the headers have been read before the body');
    const address = addressKey(request.ip);
    const proven = this.#authenticator.proves(claim, body);
    if (!proven.ok) return this.#failed(address, proven);
    if (claim.bodySha256Hex === null) {
      const allowed = this.#countRequest(claim.cabinetId);
      if (!allowed.ok) return allowed;
    }
    const signer = await this.#authenticator.admit(claim);
    if (!signer.ok) return this.#failed(address, signer);
    this.#remember(`${address} ${claim.cabinetId}`);
    return signer;
  }

  #countRequest(cabinetId: string): Passed {
    const waitS = this.#requests.waitS(cabinetId);
    if (waitS > 0) return tooMuch('too many requests of this cabinet', waitS);
    this.#requests.take(cabinetId);
    return ok();
  }

  #failed<F>(address: string, failure: F): F {
    this.#failedProofs.take(address);
    return failure;
  }

  #remember(key: string): void {
    this.#knownAt.delete(key);
    this.#knownAt.add(key);
    const [oldest] = this.#knownAt;
    if (this.#knownAt.size > rateKeysMax && oldest !== undefined) this.#knownAt.delete(oldest);
  }
}

/** Keeps room for the body until the answer is out, or the connection is gone. */
function hold(budget: BodyBudget, sender: string, lengthBytes: number, reply: FastifyReply): Passed {
  if (lengthBytes === 0) return ok();
  const release = budget.reserve(sender, lengthBytes);
  if (release === null) return tooMuch('too many bodies at once', 1);
  reply.raw.once('finish', release);
  reply.raw.once('close', release);
  return ok();
}

/** By its header; without one, in chunks: as long as it may be. */
function bodyLengthOf({ headers }: FastifyRequest, maxBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return maxBytes;
  return Number(headers['content-length'] ?? 0);
}

function cabinetOf({ headers }: FastifyRequest): string {
  const cabinetId = headers[signatureHeaders.cabinet];
  return typeof cabinetId === 'string' ? cabinetId : '';
}
