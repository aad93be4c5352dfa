import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteDefinition } from '../../shared/api/routes.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import type { EnrolRequest } from '../../shared/api/operator.ts';
import { signatureHeaders } from '../../shared/api/signing.ts';
import { cabinetsWithToken, opensEnrolment } from '../fleet/enrolment.ts';
import {
  enrolmentsOfAddress,
  failedProofsOfAddress,
  provenBodies,
  requestsOfCabinet,
  unprovenBodies,
} from '../limits.ts';
import type { Db } from '../storage/storage.ts';
import type { CheckedClaim, Signer } from './authenticator.ts';
import { Authenticator, enrolledCabinets, readClaim } from './authenticator.ts';
import { BodyBudget } from './body-budget.ts';
import type { ApiFailure } from './errors.ts';
import { tooMuch } from './errors.ts';
import { RateLimit } from './rate-limit.ts';
import { addressKey } from './address-key.ts';
import { onAnsweredOrGone } from './answered.ts';
import { Unproven } from './unproven.ts';

type Passed = Result<void, ApiFailure>;

/**
 * Who may come in, and how much of them. Before the body is read: its length, the form of the headers, the cabinet and,
 * with a digest of the body among them, signature and nonce. Limits are by address until the sender is proven
 * (unproven.ts), and by cabinet afterwards, so that nobody else's requests count for a cabinet; whoever is over one is
 * asked to come again (429), so that nothing about money is refused for good.
 */
export class Gate {
  readonly #authenticator: Authenticator;
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #unproven: Unproven;
  readonly #enrolments: Unproven;
  readonly #requests: RateLimit;
  readonly #unprovenBodies = makeUnprovenBodies();
  readonly #enrolmentBodies = makeUnprovenBodies();
  readonly #provenBodies = new BodyBudget(provenBodies.ofOne, provenBodies.ofAll);
  readonly #claims = new WeakMap<FastifyRequest, CheckedClaim>();

  constructor(db: Db, clock: Clock) {
    this.#authenticator = new Authenticator(db, clock);
    this.#db = db;
    this.#clock = clock;
    this.#unproven = new Unproven({
      clock,
      ofAddress: failedProofsOfAddress,
      readCabinets: () => enrolledCabinets(db),
    });
    this.#enrolments = new Unproven({
      clock,
      ofAddress: enrolmentsOfAddress,
      readCabinets: () => cabinetsWithToken(db, clock),
    });
    this.#requests = new RateLimit(clock, requestsOfCabinet);
  }

  /** All that can be said without the body. */
  async beforeBody(route: RouteDefinition, request: FastifyRequest, reply: FastifyReply): Promise<Passed> {
    const lengthBytes = bodyLengthOf(request, route.bodyMaxBytes);
    if (lengthBytes > route.bodyMaxBytes) return fail('too_large', 'the body is larger than allowed');
    const address = addressKey(request.ip);
    if (route.auth === 'enrolment_token') {
      const named = cabinetIdSchema.safeParse(request.headers[signatureHeaders.cabinet]);
      const cabinetId = named.success ? named.data : null;
      const hold = { unproven: this.#enrolments, budget: this.#enrolmentBodies, lengthBytes };
      return holdUnproven(hold, { address, cabinetId }, reply);
    }
    const { method, url: path, headers } = request;
    const claim = readClaim({ method, path, headers });
    const claimed = claim.ok ? claim.value.cabinetId : null;
    const waitS = await this.#unproven.waitS(address, claimed);
    if (waitS > 0) return tooMuch('too many requests without a proof from this address', waitS);
    const checked = claim.ok ? await this.#authenticator.check(claim.value) : claim;
    if (!checked.ok) return this.#failed(address, claimed, checked);
    this.#claims.set(request, checked.value);
    const { bodySha256Hex, cabinetId } = checked.value;
    if (bodySha256Hex === null) {
      const hold = { unproven: this.#unproven, budget: this.#unprovenBodies, lengthBytes };
      return holdUnproven(hold, { address, cabinetId }, reply);
    }
    const fresh = await this.#isFresh(address, checked.value);
    return fresh.ok ? hold(this.#provenBodies, cabinetId, lengthBytes, reply) : fresh;
  }

  /** The signer, now that the body is here. */
  async withBody(request: FastifyRequest, body: Uint8Array): Promise<Result<Signer, ApiFailure>> {
    const claim = this.#claims.get(request);
    assert(claim !== undefined, 'the headers have been read before the body');
    const proven = this.#authenticator.proves(claim, body);
    if (!proven.ok) return this.#failed(addressKey(request.ip), claim.cabinetId, proven);
    return this.#admit(addressKey(request.ip), claim);
  }

  /**
   * An enrolment, now that its body is here; `body` null: it is none. Beyond its address's limit only who has the token of a
   * cabinet gets in: they are not who made it too much.
   */
  async withToken(request: FastifyRequest, body: EnrolRequest | null): Promise<Passed> {
    const address = addressKey(request.ip);
    const cabinetId = body?.cabinetId ?? null;
    const addressS = this.#enrolments.addressWaitS(address);
    const waitS = await this.#enrolments.waitS(address, cabinetId);
    if (waitS > 0) return tooMuchEnrolment(waitS);
    if (body !== null && (await opensEnrolment(this.#db, this.#clock, body))) {
      this.#enrolments.proved(address, body.cabinetId);
      return ok();
    }
    this.#enrolments.failed(address, cabinetId);
    return addressS > 0 ? tooMuchEnrolment(addressS) : ok();
  }

  /** Within its cabinet's quota, and no copy of a request that was taken: that needs no room for its body. */
  async #isFresh(address: string, claim: CheckedClaim): Promise<Passed> {
    const { cabinetId } = claim;
    const waitS = this.#requests.waitS(cabinetId);
    if (waitS > 0) return tooMuch('too many requests of this cabinet', waitS);
    const fresh = await this.#authenticator.isFresh(claim);
    return fresh.ok ? ok() : this.#failed(address, cabinetId, fresh);
  }

  /** Uses up the nonce of a request whose signature is right, and only then one of the cabinet's requests. */
  async #admit(address: string, claim: CheckedClaim): Promise<Result<Signer, ApiFailure>> {
    const { cabinetId } = claim;
    const waitS = this.#requests.waitS(cabinetId);
    if (waitS > 0) return tooMuch('too many requests of this cabinet', waitS);
    const signer = await this.#authenticator.admit(claim);
    if (!signer.ok) return this.#failed(address, cabinetId, signer);
    this.#requests.take(cabinetId);
    this.#unproven.proved(address, cabinetId);
    return signer;
  }

  #failed<F>(address: string, claimed: string | null, failure: F): F {
    this.#unproven.failed(address, claimed);
    return failure;
  }
}

const makeUnprovenBodies = (): BodyBudget =>
  new BodyBudget(unprovenBodies.ofOne, unprovenBodies.ofAll, unprovenBodies.ofAddress);

/**
 * Room for the body of somebody who proves with it who they are: that of their address, and beside it that of the cabinet
 * that they name, so that nobody behind the same address can hold all there is; with all names together so much for one
 * address, as it is the address that chooses whom to name.
 */
async function holdUnproven(
  { unproven, budget, lengthBytes }: { unproven: Unproven; budget: BodyBudget; lengthBytes: number },
  { address, cabinetId }: { readonly address: string; readonly cabinetId: string | null },
  reply: FastifyReply,
): Promise<Passed> {
  const held = hold(budget, address, lengthBytes, reply);
  if (held.ok || cabinetId === null || !(await unproven.isCabinet(cabinetId))) return held;
  return hold(budget, `${address} ${cabinetId}`, lengthBytes, reply, address);
}

/**
 * Keeps room for the body until the answer is out, or the connection is gone; that it may be already: the database was asked
 * in between.
 */
function hold(
  budget: BodyBudget,
  sender: string,
  lengthBytes: number,
  reply: FastifyReply,
  address = sender,
): Passed {
  if (lengthBytes === 0) return ok();
  const release = budget.reserve(sender, lengthBytes, address);
  if (release === null) return tooMuch('too many bodies at once', 1);
  onAnsweredOrGone(reply, release);
  return ok();
}

function tooMuchEnrolment(waitS: number): Passed {
  return tooMuch('too many enrolments from this address', waitS);
}

/** By its header; without one, in chunks: as long as it may be. */
function bodyLengthOf({ headers }: FastifyRequest, maxBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return maxBytes;
  return Number(headers['content-length'] ?? 0);
}
