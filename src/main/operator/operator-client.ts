import { createHash } from 'node:crypto';
import { z } from 'zod';
import { failureOf, failureOfContent } from '../../core/charge/answer.ts';
import type { OddAnswer } from '../../core/charge/answer.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import { apiErrorSchema, apiReplyMaxBytes } from '../../shared/api/operator.ts';
import type {
  Alarm,
  AuthoriseReply,
  AuthoriseRequest,
  ChargeReply,
  QrSignInReply,
  QrSignInRequest,
  DisputeReply,
  EnrolRequest,
  FaceCount,
  FaceEnrolment,
  FaceWithdrawal,
  PurchasesReply,
  PurchasesRequest,
} from '../../shared/api/operator.ts';
import { apiRoutes, pathOf } from '../../shared/api/routes.ts';
import type { ApiReply, ApiRouteName, RouteDefinition } from '../../shared/api/routes.ts';
import {
  type ChainStatement,
  chainHeader,
  chainHeaderOf,
  chainTextToSign,
} from '../../shared/api/chain-header.ts';
import {
  apiVersion,
  apiVersionHeader,
  bodyDigestHeader,
  clockSkewMaxMs,
  signatureHeaders,
  textToSign,
} from '../../shared/api/signing.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { err, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { NodeHttpTransport } from './http-transport.ts';
import type { HttpFailure, HttpResponse, HttpTransport } from './http-transport.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import { retryAfterMsOf } from './retry-after.ts';

export type { OperatorFailure } from '../../core/charge/delivery.ts';

/** What a call said about the way to the operator. `reachable`: our operator's API answered (whatever it said). */
export type Reachability = 'reachable' | 'unreachable' | 'unclear';

export type CatalogAnswer =
  | { readonly changed: false }
  | { readonly changed: true; readonly etag: string | null; readonly catalog: Catalog };

export interface OperatorClientOptions {
  /** Scheme, host and port; the API begins at the root (its paths are signed as they are). */
  readonly baseUrl: string;
  readonly cabinetId: string;
  /** Ed25519 signature of the UTF-8 bytes with the cabinet's key, base64url. */
  readonly sign: (text: string) => string;
  readonly clock: Clock;
  /** The operator's time was this in the last run of the program, ms; left out: not known. It is later now. */
  readonly timeFloorMs?: number | undefined;
  /** What the cabinet says of its record of charges, and who hears that the operator has it; left out: nothing. */
  readonly chain?: {
    statement(): ChainStatement | null;
    acknowledged(seq: number): void;
  };
  /** 16 random bytes, base64url; a new one for every request. */
  readonly randomNonce: () => string;
  /** For tests; Node's HTTP client otherwise. */
  readonly transport?: HttpTransport;
}

/** RFC 9110, 8.8.3; of a sane length. */
const etagForm = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/;

/** What differs between two calls of one route. */
interface Call {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** On top of the route's own time-out, ms. */
  readonly waitMs?: number;
  readonly etag?: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly ownConnection?: boolean;
  readonly chain?: ChainStatement;
}

type Answer<T> = Promise<Result<T, OperatorFailure>>;
type Reader<T> = (response: HttpResponse) => Result<T, OperatorFailure>;
/** A method for each route, by its name. */
type OperatorCalls = { readonly [N in ApiRouteName]: (...given: never[]) => Answer<unknown> };

/**
 * The operator's API as calls that never throw and never wait without bound. Failures are in core/charge/delivery.ts.
 * Nothing is repeated here (but for a request that was refused for its time alone, once, with the time that the refusal
 * told): who repeats what, and when, is decided where the consequences are known.
 */
export class OperatorClient implements OperatorCalls {
  readonly #base: URL;
  readonly #options: OperatorClientOptions;
  readonly #transport: HttpTransport;
  readonly #listeners: Listeners<Reachability>;
  readonly #facesToDelete: Listeners<readonly FaceWithdrawal[]>;
  /** The operator's wall time minus this process's monotonic time; null until it has told. */
  #operatorOffsetMs: number | null = null;
  /** The same at least, from the last run. */
  readonly #floorOffsetMs: number;

  constructor(options: OperatorClientOptions) {
    this.#base = new URL(options.baseUrl);
    assert(/^https?:$/.test(this.#base.protocol), 'the operator is reached by http or https');
    assert(this.#base.pathname === '/' && this.#base.search === '', 'the operator address has no path');
    this.#options = options;
    this.#floorOffsetMs = (options.timeFloorMs ?? -Infinity) - options.clock.monotonicMs();
    this.#listeners = new Listeners(options.clock);
    this.#facesToDelete = new Listeners(options.clock);
    this.#transport = options.transport ?? new NodeHttpTransport(options.clock);
  }

  /** Called after every call with what it said about the way there. Returns the way to stop that. */
  onReachability(listener: (reachability: Reachability) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Called with the faces that members have withdrawn by phone, each time that the operator names some. */
  onFacesToDelete(listener: (faces: readonly FaceWithdrawal[]) => void): () => void {
    return this.#facesToDelete.add(listener);
  }

  /** Drops idle connections: after the network was away they may lead nowhere. */
  forgetConnections(): void {
    this.#transport.reset();
  }

  /** Makes the public key known, once, with the one-time token. */
  enrol(request: EnrolRequest): Answer<null> {
    return this.#ask('enrol', { body: JSON.stringify(request) });
  }

  /** Asks the signed health call: an answer proves that the operator can be reached and knows this key. */
  async health(): Answer<null> {
    const said = await this.#withChain({}, (call) => this.#ask('health', call));
    if (!said.ok) return said;
    const { nowMs, facesToDelete } = said.value;
    if (nowMs !== undefined) this.#keepTime(nowMs);
    if (facesToDelete !== undefined && facesToDelete.length > 0) this.#facesToDelete.emit(facesToDelete);
    return ok(null);
  }

  /**
   * Wall time as the operator has it, ms: what it has told, carried on by a clock that nobody sets. Our own until then, and
   * not before what the operator had told in the last run: a clock that starts in 1970 is no time.
   */
  operatorNowMs(): number {
    const { clock } = this.#options;
    const atLeastMs = Math.round(clock.monotonicMs() + this.#floorOffsetMs);
    return this.toldNowMs() ?? Math.max(clock.nowMs(), atLeastMs);
  }

  /** The same; null until the operator has told it. */
  toldNowMs(): number | null {
    const { clock } = this.#options;
    return this.#operatorOffsetMs === null ? null : Math.round(clock.monotonicMs() + this.#operatorOffsetMs);
  }

  /** A recent moment of our own wall clock as the operator's has it, ms; the same until the operator has told its time. */
  operatorTimeOf(wallMs: number): number {
    return wallMs + this.operatorNowMs() - this.#options.clock.nowMs();
  }

  /** Whoever has scanned the code of this showing; held by the operator for `waitMs` while there is nobody. */
  waitForQrSignIn(request: QrSignInRequest, signal: AbortSignal): Answer<QrSignInReply> {
    const { waitMs } = request;
    const body = JSON.stringify(request);
    return this.#ask('waitForQrSignIn', { body, waitMs, signal, ownConnection: true });
  }

  /** The catalogue, unless it is still the one with this ETag. */
  catalog(etag: string | null): Answer<CatalogAnswer> {
    return this.#call('catalog', { etag }, (response): Result<CatalogAnswer, OperatorFailure> => {
      if (response.status === 304 && etag !== null) return ok({ changed: false });
      const catalog = read(response, apiRoutes.catalog.reply);
      if (!catalog.ok) return catalog;
      return ok({ changed: true, etag: response.headers.etag ?? null, catalog: catalog.value });
    });
  }

  authorise(request: AuthoriseRequest): Answer<AuthoriseReply> {
    return this.#ask('authorise', { body: JSON.stringify(request) });
  }

  /** Sends exactly `bodyJson`; to be repeated with the same text only. */
  putCharge(chargeId: string, bodyJson: string, signal?: AbortSignal): Answer<ChargeReply> {
    const call: Call = { params: { chargeId }, body: bodyJson, signal };
    return this.#withChain(call, (stated) =>
      this.#call('putCharge', stated, (response) => readCharge(response, chargeId)),
    );
  }

  getCharge(chargeId: string, signal?: AbortSignal): Answer<ChargeReply> {
    const call: Call = { params: { chargeId }, signal };
    return this.#call('getCharge', call, (response) => readCharge(response, chargeId));
  }

  /** Sends exactly `bodyJson`; may be repeated with the same text. */
  sendDispute(
    chargeId: string,
    disputeId: string,
    bodyJson: string,
    signal?: AbortSignal,
  ): Answer<DisputeReply> {
    const call: Call = { params: { chargeId }, body: bodyJson, signal };
    return this.#call('sendDispute', call, (response) => {
      const reply = read(response, apiRoutes.sendDispute.reply);
      if (!reply.ok || reply.value.disputeId === disputeId) return reply;
      return garbage(response, `about dispute ${reply.value.disputeId}`);
    });
  }

  /** The newest purchases of the member who is in "my data" in this visit. */
  purchases(request: PurchasesRequest, signal: AbortSignal): Answer<PurchasesReply> {
    return this.#ask('purchases', { body: JSON.stringify(request), signal });
  }

  alarm(alarm: Alarm): Answer<null> {
    return this.#ask('alarm', { body: JSON.stringify(alarm) });
  }

  enrolFace(enrolmentId: EnrolmentId, enrolment: FaceEnrolment): Answer<null> {
    return this.#ask('enrolFace', { body: JSON.stringify(enrolment), params: { enrolmentId } });
  }

  withdrawFace(withdrawal: FaceWithdrawal): Answer<null> {
    return this.#ask('withdrawFace', { body: JSON.stringify(withdrawal) });
  }

  /** To be counted just before: of two reports the operator keeps the one that was signed later. */
  faceCount(count: FaceCount): Answer<null> {
    return this.#ask('faceCount', { body: JSON.stringify(count) });
  }

  /** A call that tells the operator where the record of charges ends (shared/api/chain-header.ts). */
  async #withChain<T>(call: Call, send: (call: Call) => Answer<T>): Answer<T> {
    const chain = this.#options.chain?.statement() ?? null;
    const answer = await send(chain === null ? call : { ...call, chain });
    if (chain !== null && answer.ok) this.#options.chain?.acknowledged(chain.seq);
    return answer;
  }

  /** A call whose answer is what the route says, and nothing else is to be looked at. */
  #ask<N extends ApiRouteName>(name: N, call: Call = {}): Answer<ApiReply<N>> {
    const { reply }: RouteDefinition = apiRoutes[name];
    const readAnswer = (response: HttpResponse) =>
      reply === null ? nothing(response) : read(response, reply);
    return this.#call(name, call, readAnswer as Reader<ApiReply<N>>);
  }

  async #call<T>(name: ApiRouteName, call: Call, readAnswer: Reader<T>): Answer<T> {
    const route: RouteDefinition = apiRoutes[name];
    let sent = await this.#send(route, call);
    // Refused for its time alone: nothing has happened there, and the same request with the right time may go at once.
    if (sent.ok && this.#learnTime(sent.value)) sent = await this.#send(route, call);
    const result = sent.ok ? this.#understand(sent.value, readAnswer) : lostOf(sent.error);
    // A request that we ended ourselves says nothing about the network.
    if (sent.ok || call.signal?.aborted !== true) this.#tell(result);
    return result;
  }

  #send(route: RouteDefinition, call: Call): Promise<Result<HttpResponse, HttpFailure>> {
    const { method, auth } = route;
    const { signal, ownConnection, waitMs = 0 } = call;
    const path = pathOf(route, call.params);
    const body = Buffer.from(call.body ?? '', 'utf8');
    const headers: Record<string, string> = {
      accept: 'application/json',
      [apiVersionHeader]: String(apiVersion),
    };
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    // One that was damaged on the disk is left out: the whole catalogue comes.
    if (typeof call.etag === 'string' && etagForm.test(call.etag)) headers['if-none-match'] = call.etag;
    if (auth === 'cabinet') Object.assign(headers, this.#signature(method, path, body, call.chain));
    return this.#transport.send({
      method,
      url: new URL(path, this.#base),
      headers,
      body,
      timeoutMs: route.timeoutMs + waitMs,
      responseMaxBytes: apiReplyMaxBytes,
      signal,
      ownConnection,
    });
  }

  /**
   * A cabinet whose clock was set wrong must not be shut out: the refusal tells the time. True when the known time
   * has changed.
   */
  #learnTime(response: HttpResponse): boolean {
    if (response.status !== 401) return false;
    const said = apiErrorSchema.safeParse(jsonOf(response.body));
    if (!said.success || said.data.nowMs === undefined) return false;
    const isNews = Math.abs(said.data.nowMs - this.operatorNowMs()) > clockSkewMaxMs;
    if (isNews) this.#keepTime(said.data.nowMs);
    return isNews;
  }

  #keepTime(operatorNowMs: number): void {
    this.#operatorOffsetMs = operatorNowMs - this.#options.clock.monotonicMs();
  }

  #understand<T>(response: HttpResponse, readAnswer: Reader<T>): Result<T, OperatorFailure> {
    const { status } = response;
    if ((status >= 200 && status < 300) || status === 304) return readAnswer(response);
    return err(failureOf(oddAnswer(response, { base: this.#base, nowMs: this.#options.clock.nowMs() })));
  }

  #signature(
    method: string,
    path: string,
    body: Buffer,
    chain: ChainStatement | undefined,
  ): Record<string, string> {
    const { cabinetId, sign, randomNonce } = this.#options;
    const timestampMs = this.operatorNowMs();
    const nonce = randomNonce();
    const bodySha256Hex = createHash('sha256').update(body).digest('hex');
    const text = textToSign({ method, path, cabinetId, timestampMs, nonce, bodySha256Hex });
    const stated = chain && { ...chain, cabinetId, timestampMs };
    return {
      ...(stated && { [chainHeader]: chainHeaderOf(stated, sign(chainTextToSign(stated))) }),
      [signatureHeaders.cabinet]: cabinetId,
      [signatureHeaders.timestamp]: String(timestampMs),
      [signatureHeaders.nonce]: nonce,
      [bodyDigestHeader]: bodySha256Hex,
      [signatureHeaders.signature]: sign(text),
    };
  }

  #tell(result: Result<unknown, OperatorFailure>): void {
    const reachability = reachabilityOf(result);
    // When one pooled connection has failed, the others are probably dead, too.
    if (reachability === 'unreachable') this.#transport.reset();
    this.#listeners.emit(reachability);
  }
}

function reachabilityOf(result: Result<unknown, OperatorFailure>): Reachability {
  if (result.ok) return 'reachable';
  switch (result.error.code) {
    case 'network.unreachable':
    case 'network.timeout':
      return 'unreachable';
    case 'network.portal':
    case 'operator.garbage':
    case 'operator.busy':
    case 'operator.unavailable':
      return 'unclear';
    default:
      return 'reachable';
  }
}

function lostOf(failure: HttpFailure): Result<never, OperatorFailure> {
  const codes = {
    not_sent: 'network.unreachable',
    lost: 'network.timeout',
    too_large: 'operator.garbage',
  } as const;
  return err({ code: codes[failure.code], message: failure.message });
}

function read<S extends z.ZodType>(response: HttpResponse, schema: S): Result<z.output<S>, OperatorFailure> {
  const parsed = schema.safeParse(jsonOf(response.body));
  return parsed.success ? ok(parsed.data) : garbage(response, z.prettifyError(parsed.error));
}

/** An answer that names another charge is garbage. */
function readCharge(response: HttpResponse, chargeId: string): Result<ChargeReply, OperatorFailure> {
  const reply = read(response, apiRoutes.getCharge.reply);
  if (!reply.ok || reply.value.chargeId === chargeId) return reply;
  return garbage(response, `about charge ${reply.value.chargeId}`);
}

/** Exactly 204: a portal that answers everything with a page has delivered nothing. */
function nothing(response: HttpResponse): Result<null, OperatorFailure> {
  return response.status === 204 ? ok(null) : garbage(response, '204 expected');
}

function garbage(response: HttpResponse, why: string): Result<never, OperatorFailure> {
  return err(failureOfContent(oddAnswer(response, null), why));
}

/** The facts of an answer that core/charge/answer.ts decides by. `request`: whom we asked, and our wall time. */
function oddAnswer(response: HttpResponse, request: { base: URL; nowMs: number } | null): OddAnswer {
  const { status, headers, body } = response;
  return {
    status,
    json: jsonOf(body),
    namesApi: apiVersionHeader in headers,
    isPage: /^text\/html/i.test(headers['content-type'] ?? '') || /^\s*</.test(body.toString('utf8', 0, 200)),
    leadsAway: request !== null && status >= 300 && status < 400 && leadsAway(headers.location, request.base),
    retryAfterMs: request === null ? null : retryAfterMsOf(headers['retry-after'], request.nowMs),
  };
}

function leadsAway(location: string | undefined, base: URL): boolean {
  return (
    location !== undefined && URL.canParse(location, base.href) && new URL(location, base).host !== base.host
  );
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
