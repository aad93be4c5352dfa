import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteDefinition } from '../../shared/api/routes.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Err, Ok, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import type { EnrolRequest } from '../../shared/api/operator.ts';
import { signatureHeaders } from '../../shared/api/signing.ts';
import { cabinetsWithToken, opensEnrolment } from '../fleet/enrolment.ts';
import {
  enrolmentsOfAddress,
  failedProofsOfAddress,
  largeRepliesOfCabinet,
  provenBodies,
  requestsOfCabinet,
  unprovenBodies,
} from '../limits.ts';
import type { Db } from '../storage/storage.ts';
import type { CheckedClaim, Signer } from './authenticator.ts';
import { Authenticator, enrolledCabinets, readClaim } from './authenticator.ts';
import type { BodyRoom, BodyShare } from './body-budget.ts';
import { BodyBudget } from './body-budget.ts';
import type { Connections } from './connections.ts';
import type { ApiFailure } from './errors.ts';
import { sendFailure, tooManyOfKind, tooMuch } from './errors.ts';
import { RateLimit } from './rate-limit.ts';
import { onAnsweredOrGone } from './answered.ts';
import type { Origin } from './origin.ts';
import { originOf } from './origin.ts';
import type { Signatures } from './signatures.ts';
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
  readonly #connections: Connections;
  readonly #unproven: Unproven;
  readonly #enrolments: Unproven;
  readonly #requests: RateLimit;
  readonly #largeReplies: RateLimit;
  readonly #unprovenBodies = new BodyBudget();
  readonly #enrolmentBodies = new BodyBudget();
  readonly #provenBodies = new BodyBudget();
  readonly #claims = new WeakMap<FastifyRequest, CheckedClaim>();
  readonly #rooms = new WeakMap<FastifyRequest, BodyRoom>();

  constructor(db: Db, clock: Clock, connections: Connections, signatures: Signatures) {
    this.#connections = connections;
    this.#authenticator = new Authenticator(db, clock, signatures);
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
    this.#largeReplies = new RateLimit(clock, largeRepliesOfCabinet);
  }

  /** All that can be said without the body. */
  async beforeBody(route: RouteDefinition, request: FastifyRequest, reply: FastifyReply): Promise<Passed> {
    const lengthBytes = bodyLengthOf(request, route.bodyMaxBytes);
    if (lengthBytes > route.bodyMaxBytes) return fail('too_large', 'the body is larger than allowed');
    const origin = originOf(request.ip);
    const body = { request, reply, lengthBytes };
    if (route.auth === 'enrolment_token') {
      const named = cabinetIdSchema.safeParse(request.headers[signatureHeaders.cabinet]);
      const cabinetId = named.success ? named.data : null;
      const from = { unproven: this.#enrolments, budget: this.#enrolmentBodies };
      return this.#holdUnproven(from, { origin, cabinetId }, body);
    }
    const { method, url: path, headers } = request;
    const claim = readClaim({ method, path, headers });
    const claimed = claim.ok ? claim.value.cabinetId : null;
    const waitS = await this.#unproven.waitS(origin, claimed);
    // Beyond every limit who has proven itself here is told from others by the key of then, which costs neither the database nor
    // a signature of ours.
    const keyOfBefore = waitS > 0 ? this.#unproven.keyOf(origin, claimed) : null;
    if (waitS > 0 && keyOfBefore === null) return tooMuchUnproven(waitS);
    const checked = claim.ok ? await this.#authenticator.check(claim.value, keyOfBefore) : claim;
    if (!checked.ok) return this.#failed(origin, claimed, checked);
    this.#claims.set(request, checked.value);
    const { bodySha256Hex, cabinetId } = checked.value;
    if (bodySha256Hex === null) {
      const from = { unproven: this.#unproven, budget: this.#unprovenBodies };
      return this.#holdUnproven(from, { origin, cabinetId }, body);
    }
    const fresh = await this.#isFresh(origin, checked.value);
    if (!fresh.ok) return fresh;
    const { ofOne, ofAll } = provenBodies;
    const shares = [
      { key: `sender ${cabinetId}`, max: ofOne },
      { key: 'all', max: ofAll },
    ];
    return this.#hold(this.#provenBodies, shares, body);
  }

  /** The signer, now that the body is here. */
  async withBody(
    route: RouteDefinition,
    request: FastifyRequest,
    body: Uint8Array,
  ): Promise<Result<Signer, ApiFailure>> {
    this.#rooms.get(request)?.arrived();
    const claim = this.#claims.get(request);
    assert(claim !== undefined, 'the headers have been read before the body');
    const proven = await this.#authenticator.proves(claim, body);
    if (!proven.ok) return this.#failed(originOf(request.ip), claim.cabinetId, proven);
    const admitted = await this.#admit(route, originOf(request.ip), claim);
    if (admitted.ok) this.#connections.proved(request.raw.socket);
    return admitted;
  }

  /** Nothing of the body is needed any more: whoever waits for long takes no room from others. */
  bodyIsRead(request: FastifyRequest): void {
    this.#rooms.get(request)?.release();
  }

  /**
   * An enrolment, now that its body is here; `body` null: it is none. Beyond its address's limit only who has the token of a
   * cabinet gets in: they are not who made it too much.
   */
  async withToken(request: FastifyRequest, body: EnrolRequest | null): Promise<Passed> {
    this.#rooms.get(request)?.arrived();
    const origin = originOf(request.ip);
    const cabinetId = body?.cabinetId ?? null;
    const originS = this.#enrolments.originWaitS(origin);
    const waitS = await this.#enrolments.waitS(origin, cabinetId);
    if (waitS > 0) return tooMuchEnrolment(waitS);
    if (body !== null && (await opensEnrolment(this.#db, this.#clock, body))) {
      this.#enrolments.proved(origin, body.cabinetId, null);
      this.#connections.proved(request.raw.socket);
      return ok();
    }
    this.#enrolments.failed(origin, cabinetId);
    return originS > 0 ? tooMuchEnrolment(originS) : ok();
  }

  /** Within its cabinet's quota, and no copy of a request that was taken: that needs no room for its body. */
  async #isFresh(origin: Origin, claim: CheckedClaim): Promise<Passed> {
    const { cabinetId } = claim;
    const waitS = this.#requests.waitS(cabinetId);
    if (waitS > 0) return tooMuch('too many requests of this cabinet', waitS);
    const fresh = await this.#authenticator.isFresh(claim);
    return fresh.ok ? ok() : this.#failed(origin, cabinetId, fresh);
  }

  /** Uses up the nonce of a request whose signature is right, and only then one of the cabinet's requests. */
  async #admit(
    route: RouteDefinition,
    origin: Origin,
    claim: CheckedClaim,
  ): Promise<Result<Signer, ApiFailure>> {
    const { cabinetId } = claim;
    const waitS = this.#requests.waitS(cabinetId);
    if (waitS > 0) return tooMuch('too many requests of this cabinet', waitS);
    const current = await this.#authenticator.isKeyCurrent(claim);
    if (!current.ok) {
      this.#unproven.forget(origin, cabinetId);
      return this.#failed(origin, cabinetId, current);
    }
    const signer = await this.#authenticator.admit(claim);
    if (!signer.ok) return this.#failed(origin, cabinetId, signer);
    this.#requests.take(cabinetId);
    this.#unproven.proved(origin, cabinetId, claim.key);
    return route.isReplyLarge === true ? this.#withLargeReply(route, signer) : signer;
  }

  /** Looked at and counted in one step: of many that come at once no more get through. */
  #withLargeReply({ path }: RouteDefinition, signer: Ok<Signer>): Result<Signer, ApiFailure> {
    const key = `${signer.value.cabinetId} ${path}`;
    const waitS = this.#largeReplies.waitS(key);
    if (waitS > 0) return tooManyOfKind('too many requests of this kind of this cabinet', waitS);
    this.#largeReplies.take(key);
    return signer;
  }

  /** Counts it, and says why; beyond the limits it is neither counted nor given a reason, which would have to be signed. */
  async #failed(origin: Origin, claimed: string | null, failure: Err<ApiFailure>): Promise<Err<ApiFailure>> {
    const waitS = await this.#unproven.waitS(origin, claimed);
    if (waitS > 0) return tooMuchUnproven(waitS);
    this.#unproven.failed(origin, claimed);
    return failure;
  }

  /**
   * Room for the body of somebody who proves with it who they are: that of their address, and beside it that of the cabinet
   * that they name, so that nobody behind the same address can hold all there is; with all names together so much for one
   * network, as it is the sender who chooses whom to name.
   */
  async #holdUnproven(
    { unproven, budget }: { readonly unproven: Unproven; readonly budget: BodyBudget },
    { origin, cabinetId }: { readonly origin: Origin; readonly cabinetId: string | null },
    body: AwaitedBody,
  ): Promise<Passed> {
    const { ofOne, ofNetwork, ofAll } = unprovenBodies;
    const sharesOfSender = (sender: string): BodyShare[] => [
      { key: `sender ${sender}`, max: ofOne },
      { key: `network ${origin.network}`, max: ofNetwork },
      { key: 'all', max: ofAll },
    ];
    const nameless = sharesOfSender(origin.address);
    const isNameless =
      budget.hasRoom(nameless, body.lengthBytes) ||
      cabinetId === null ||
      !(await unproven.isCabinet(cabinetId));
    const shares = isNameless ? nameless : sharesOfSender(`${origin.address} ${cabinetId}`);
    return this.#hold(budget, shares, body);
  }

  /**
   * Keeps room for the body until the answer is out, or the connection is gone; that it may be already: the database was asked
   * in between. A body that others take the room from before it is here is asked to come again.
   */
  #hold(
    budget: BodyBudget,
    shares: readonly BodyShare[],
    { request, reply, lengthBytes }: AwaitedBody,
  ): Passed {
    if (lengthBytes === 0) return ok();
    const room = budget.reserve(shares, lengthBytes, () => {
      // Closed behind the answer, as the rest of the body may still come.
      void sendFailure(reply.header('connection', 'close'), noRoom.error);
    });
    if (room === null) return noRoom;
    this.#rooms.set(request, room);
    onAnsweredOrGone(reply, room.release);
    return ok();
  }
}

const noRoom = tooMuch('too many bodies at once', 1);

/** A body that is not read yet; in bytes what its sender says, or may send at most. */
interface AwaitedBody {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly lengthBytes: number;
}

function tooMuchUnproven(waitS: number): Err<ApiFailure> {
  return tooMuch('too many requests without a proof from this address', waitS);
}

function tooMuchEnrolment(waitS: number): Passed {
  return tooMuch('too many enrolments from this address', waitS);
}

/** By its header; without one, in chunks: as long as it may be. */
function bodyLengthOf({ headers }: FastifyRequest, maxBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return maxBytes;
  return Number(headers['content-length'] ?? 0);
}
