import { createHash } from 'node:crypto';
import { failureOf, failureOfUnproven } from '../../core/charge/answer.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import { apiReplyMaxBytes } from '../../shared/api/operator.ts';
import type {
  Alarm,
  AuthoriseReply,
  AuthoriseRequest,
  ChargeReply,
  QrSignInReply,
  QrSignInRequest,
  DisputeReply,
  EnrolRequest,
  EvidenceMissing,
  EvidencePart,
  FaceCount,
  FaceEnrolment,
  FaceWithdrawal,
  PurchasesReply,
  PurchasesRequest,
  SupportBundle,
  VisitClosingReply,
  WantedEvidence,
} from '../../shared/api/operator.ts';
import type { DesiredStateReply, DesiredStateRequest } from '../../shared/api/desired-state.schema.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import { pathOf } from '../../shared/util/route-path.ts';
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
  type SignedParts,
} from '../../shared/api/signing.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import { err, fail, ok } from '../../shared/result.ts';
import type { SettingsReport } from '../../shared/model/settings-order.schema.ts';
import type { StockReport } from '../../shared/model/stock.schema.ts';
import type { StateReport } from '../../shared/model/state-report.schema.ts';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';
import type { Result } from '../../shared/result.ts';
import { keyNamedByToken, withHeadersSigned } from '../../shared/api/answer-signing.ts';
import {
  type SentBefore,
  knownDecisionHeader,
  sentBeforeHeader,
  sentBeforeText,
} from '../../shared/api/sent-before.ts';
import {
  garbage,
  isAnswer,
  lostOf,
  notChanged,
  nothing,
  oddAnswer,
  reachabilityOf,
  read,
  readCharge,
  timeToldBy,
} from './answer-reading.ts';
import type { CatalogAnswer, Fetched, Reachability } from './answer-reading.ts';
import type { GoodsPicture } from '../../shared/model/goods-picture.schema.ts';
import { NodeHttpTransport } from './http-transport.ts';
import type { HttpFailure, HttpResponse, HttpTransport } from './http-transport.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { OperatorKeys, Proven, Question } from './operator-keys.ts';

export type { CatalogAnswer, Fetched, Reachability } from './answer-reading.ts';
export type { OperatorFailure } from '../../core/charge/delivery.ts';

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
  /** Tells the operator's answers from others'; left out: all are believed. */
  readonly keys?: OperatorKeys;
  /** Whether the cabinet is known to its operator; until it is, whoever answers is nobody yet. Left out: it is. */
  readonly isEnrolled?: () => boolean;
  /** A token waits that names the operator's key: the health call teaches no other one. Left out: none does. */
  readonly isKeyNamed?: () => boolean;
  /** 16 random bytes, base64url; a new one for every request. */
  readonly randomNonce: () => string;
  /** For tests; Node's HTTP client otherwise. */
  readonly transport?: HttpTransport;
}

/** Moved by more than this against the monotonic one since the operator told its time, our own clock may know of a sleep, ms. */
const clockShiftMaxMs = 60_000;

const healthPath = pathOf(apiRoutes.health);

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
  readonly sentBefore?: SentBefore | null;
  /** Of an enrolment: the operator's key as its token names it; null: it does not. */
  readonly keyNamed?: string | null;
}

/** What came back, and what it is worth; an `OperatorFailure` where it is not the operator's answer. */
interface Sent {
  readonly response: HttpResponse;
  readonly proven: Result<Proven, OperatorFailure>;
}

type Answer<T> = Promise<Result<T, OperatorFailure>>;
type Reader<T> = (response: HttpResponse, proven: Proven) => Result<T, OperatorFailure>;
/** What is kept and counts for a while. */
type SignedRouteName =
  'offlinePolicy' | 'cabinetStaff' | 'planogram' | 'promotions' | 'cabinetSettings' | 'updateOrder';
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
  #phonePage: string | null = null;
  /** The operator's wall time minus this process's monotonic time; null until it has told. */
  #operatorOffsetMs: number | null = null;
  /** Our own wall time minus the monotonic time, when the operator told its time last. */
  #ownOffsetMs = 0;
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

  /** Where phones find the shopper's page, as the operator has told last, signed; null: it has not. */
  get phonePage(): string | null {
    return this.#phonePage;
  }

  /** Drops idle connections: after the network was away they may lead nowhere. */
  forgetConnections(): void {
    this.#transport.reset();
  }

  /** Makes the public key known, once, with the one-time token. */
  enrol(request: EnrolRequest): Answer<null> {
    return this.#ask('enrol', { body: JSON.stringify(request), keyNamed: keyNamedByToken(request.token) });
  }

  /** Asks the signed health call: an answer proves that the operator can be reached and knows this key. */
  async health(): Answer<null> {
    const readHealth: Reader<ApiReply<'health'>> = (response, { tellsTime }) => {
      const reply = read(response, apiRoutes.health.reply);
      if (reply.ok && tellsTime && reply.value.nowMs !== undefined) this.#keepTime(reply.value.nowMs);
      return reply;
    };
    const said = await this.#withChain({}, (call) => this.#call('health', call, readHealth));
    if (!said.ok) return said;
    const { facesToDelete } = said.value;
    if (!this.#isEnrolled) return ok(null);
    this.#phonePage = said.value.phonePage ?? null;
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

  /**
   * The same, for what has to be fresh (a code that the operator is not asked about). Null also once our own clock has moved
   * against the monotonic one since: either it was set, or the machine has slept, and the monotonic one with it.
   */
  sureNowMs(): number | null {
    const { clock } = this.#options;
    const shiftMs = clock.nowMs() - clock.monotonicMs() - this.#ownOffsetMs;
    return Math.abs(shiftMs) > clockShiftMaxMs ? null : this.toldNowMs();
  }

  /** A recent moment of our own wall clock as the operator's has it, ms; the same until the operator has told its time. */
  operatorTimeOf(wallMs: number): number {
    return wallMs + this.operatorNowMs() - this.#options.clock.nowMs();
  }

  get #isEnrolled(): boolean {
    return this.#options.isEnrolled?.() ?? true;
  }

  get #mayLearnKey(): boolean {
    return this.#isEnrolled && !this.#options.isKeyNamed?.() && this.#base.protocol === 'https:';
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
      if (response.status === 304 && etag !== null) return notChanged(response, etag);
      const catalog = read(response, apiRoutes.catalog.reply);
      if (!catalog.ok) return catalog;
      return ok({ changed: true, etag: response.headers.etag ?? null, catalog: catalog.value });
    });
  }

  /** What this cabinet may do offline. This and what follows: see `#signed`. */
  offlinePolicy(etag: string | null): Answer<Fetched<ApiReply<'offlinePolicy'>>> {
    return this.#signed('offlinePolicy', etag, 'a policy');
  }

  /** Who may open service mode here. */
  cabinetStaff(etag: string | null): Answer<Fetched<ApiReply<'cabinetStaff'>>> {
    return this.#signed('cabinetStaff', etag, 'a staff list');
  }

  /** What is to stand here. */
  planogram(etag: string | null): Answer<Fetched<ApiReply<'planogram'>>> {
    return this.#signed('planogram', etag, 'a plan');
  }

  /** What is drawn up for this cabinet. */
  promotions(etag: string | null): Answer<Fetched<ApiReply<'promotions'>>> {
    return this.#signed('promotions', etag, 'promotions');
  }

  /** What the settings here are to be. */
  cabinetSettings(etag: string | null): Answer<Fetched<ApiReply<'cabinetSettings'>>> {
    return this.#signed('cabinetSettings', etag, 'settings');
  }

  /** What this cabinet is to run. */
  updateOrder(etag: string | null): Answer<Fetched<ApiReply<'updateOrder'>>> {
    return this.#signed('updateOrder', etag, 'an update order');
  }

  /** Held by the operator until something of this cabinet's is another than it knows, at most `waitMs`. */
  desiredState(request: DesiredStateRequest, signal: AbortSignal): Answer<DesiredStateReply> {
    const { waitMs } = request;
    return this.#ask('desiredState', {
      body: JSON.stringify(request),
      waitMs,
      signal,
      ownConnection: true,
    });
  }

  stockReport(report: StockReport): Answer<null> {
    return this.#ask('stockReport', { body: JSON.stringify(report) });
  }

  settingsReport(report: SettingsReport): Answer<null> {
    return this.#ask('settingsReport', { body: JSON.stringify(report) });
  }

  stateReport(report: StateReport): Answer<null> {
    return this.#ask('stateReport', { body: JSON.stringify(report) });
  }

  updateReport(report: UpdateReport): Answer<null> {
    return this.#ask('updateReport', { body: JSON.stringify(report) });
  }

  authorise(request: AuthoriseRequest): Answer<AuthoriseReply> {
    return this.#ask('authorise', { body: JSON.stringify(request) });
  }

  /** Sends exactly `bodyJson`; to be repeated with the same text only. `sentBefore`: null where it may not have arrived before. */
  putCharge(
    chargeId: string,
    bodyJson: string,
    sentBefore: SentBefore | null,
    signal?: AbortSignal,
  ): Answer<ChargeReply> {
    const call: Call = { params: { chargeId }, body: bodyJson, sentBefore, signal };
    return this.#withChain(call, (stated) =>
      this.#call('putCharge', stated, (response) => readCharge(response, chargeId)),
    );
  }

  /** `sentBefore`: only where people had it in hand. */
  getCharge(
    chargeId: string,
    sentBefore: SentBefore | null = null,
    signal?: AbortSignal,
  ): Answer<ChargeReply> {
    const call: Call = { params: { chargeId }, sentBefore, signal };
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

  /** Sends exactly `bodyJson`; may be repeated with the same text. */
  closeVisit(visitId: string, bodyJson: string, signal?: AbortSignal): Answer<VisitClosingReply> {
    return this.#ask('closeVisit', { params: { visitId }, body: bodyJson, signal });
  }

  /** The newest purchases of the member who is in "my data" in this visit. */
  purchases(request: PurchasesRequest, signal: AbortSignal): Answer<PurchasesReply> {
    return this.#ask('purchases', { body: JSON.stringify(request), signal });
  }

  /** A picture of goods; whether it is the one that it is called, whoever keeps it looks. */
  picture(name: string): Answer<GoodsPicture> {
    return this.#ask('picture', { params: { name } });
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

  /** May be repeated; the same part is the same. */
  sendSupportBundle(name: string, body: SupportBundle): Answer<null> {
    return this.#ask('sendSupportBundle', { params: { name }, body: JSON.stringify(body) });
  }
  sendEvidence(visitId: string, part: number, body: EvidencePart, signal?: AbortSignal): Answer<null> {
    const params = { visitId, part: String(part) };
    return this.#ask('sendEvidence', { params, body: JSON.stringify(body), signal });
  }

  /** Visits of which people want to see what the shelf was seen to do. */
  wantedEvidence(): Answer<WantedEvidence> {
    return this.#ask('wantedEvidence', {});
  }
  evidenceMissing(visitId: string, body: EvidenceMissing): Answer<null> {
    return this.#ask('evidenceMissing', { params: { visitId }, body: JSON.stringify(body) });
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

  /**
   * What the operator hands out in versions, unless it is still the one with this ETag. Taken only from an operator that signs,
   * and by no former key of it: nobody asks it again before what is kept of it counts. `what`: in words, for the log.
   */
  #signed<N extends SignedRouteName>(
    name: N,
    etag: string | null,
    what: string,
  ): Answer<Fetched<ApiReply<N>>> {
    const readAnswer: Reader<Fetched<ApiReply<N>>> = (response, proven) => {
      if (this.#options.keys?.isAnyKnown !== true || !proven.tellsTime)
        return fail('network.unproven', `${what} that no present key has signed`);
      if (response.status === 304 && etag !== null) return notChanged(response, etag);
      const value = read(response, apiRoutes[name].reply) as Result<ApiReply<N>, OperatorFailure>;
      return value.ok
        ? ok({ changed: true, etag: response.headers.etag ?? null, value: value.value })
        : value;
    };
    return this.#call(name, { etag }, readAnswer);
  }

  async #call<T>(name: ApiRouteName, call: Call, readAnswer: Reader<T>): Answer<T> {
    const route: RouteDefinition = apiRoutes[name];
    let sent = await this.#send(route, call);
    // Refused for its time alone: nothing has happened there, and the same request with the right time may go at once.
    // Not so an enrolment: it carries no time that could be wrong, and a no to it is signed by nobody.
    const mayBeForTime = route.auth === 'cabinet';
    if (mayBeForTime && sent.ok && this.#learnTime(sent.value)) sent = await this.#send(route, call);
    const result = sent.ok ? this.#understand(sent.value, readAnswer) : lostOf(sent.error);
    // A request that we ended ourselves says nothing about the network.
    if (sent.ok || call.signal?.aborted !== true) this.#tell(result);
    return result;
  }

  async #send(route: RouteDefinition, call: Call): Promise<Result<Sent, HttpFailure>> {
    const { method } = route;
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
    const { sentBefore = null } = call;
    if (sentBefore !== null) headers[sentBeforeHeader] = sentBeforeText(sentBefore);
    const knownAtMs = sentBefore?.withPeople?.decisionAtMs;
    if (knownAtMs !== undefined) headers[knownDecisionHeader] = String(knownAtMs);
    const asked = this.#asked(method, path, body);
    Object.assign(headers, this.#proof(route, asked, call.chain));
    const sent = await this.#transport.send({
      method,
      url: new URL(path, this.#base),
      headers,
      body,
      timeoutMs: route.timeoutMs + waitMs,
      responseMaxBytes: apiReplyMaxBytes,
      signal,
      ownConnection,
    });
    if (!sent.ok) return sent;
    return ok({ response: sent.value, proven: this.#prove(route, call, { ...asked, headers }, sent.value) });
  }

  /** Whether this is the operator's answer to this request, as far as that can be known. */
  #prove(
    { auth }: RouteDefinition,
    { keyNamed }: Call,
    asked: SignedParts & Pick<Question, 'headers'>,
    response: HttpResponse,
  ): Result<Proven, OperatorFailure> {
    const { keys, clock } = this.#options;
    const isEnrolment = auth === 'enrolment_token';
    const isEnrolled = this.#isEnrolled;
    const isProbe = asked.path === healthPath;
    const first: Question['first'] =
      typeof keyNamed === 'string'
        ? { named: keyNamed }
        : isEnrolment || (isProbe && this.#mayLearnKey)
          ? 'anyone'
          : 'nobody';
    const question = { ...asked, first, isEnrolment, isEnrolled, isProbe };
    const checked = keys?.check(question, response, this.operatorNowMs());
    if (checked === undefined) return ok({ tellsTime: true });
    if (checked.ok) return checked;
    const odd = oddAnswer(response, { base: this.#base, nowMs: clock.nowMs() });
    const failure = failureOfUnproven(odd, `${checked.error.code}: ${checked.error.message}`);
    if (failure.code === 'network.unproven') keys?.tellUnproven(checked.error);
    return err(failure);
  }

  /**
   * A cabinet whose clock was set wrong must not be shut out: the refusal tells the time. True when the known time
   * has changed.
   */
  #learnTime({ response, proven }: Sent): boolean {
    if (!proven.ok || !proven.value.tellsTime) return false;
    const toldMs = timeToldBy(response);
    const isNews = toldMs !== null && Math.abs(toldMs - this.operatorNowMs()) > clockSkewMaxMs;
    if (isNews) this.#keepTime(toldMs);
    return isNews;
  }

  #keepTime(operatorNowMs: number): void {
    const { clock } = this.#options;
    this.#operatorOffsetMs = operatorNowMs - clock.monotonicMs();
    this.#ownOffsetMs = clock.nowMs() - clock.monotonicMs();
  }

  #understand<T>({ response, proven }: Sent, readAnswer: Reader<T>): Result<T, OperatorFailure> {
    if (!proven.ok) return proven;
    if (isAnswer(response.status)) return readAnswer(response, proven.value);
    return err(failureOf(oddAnswer(response, { base: this.#base, nowMs: this.#options.clock.nowMs() })));
  }

  #asked(method: string, path: string, body: Buffer): SignedParts {
    const { cabinetId, randomNonce } = this.#options;
    const bodySha256Hex = createHash('sha256').update(body).digest('hex');
    return {
      method,
      path,
      cabinetId,
      bodySha256Hex,
      timestampMs: this.operatorNowMs(),
      nonce: withHeadersSigned(randomNonce()),
    };
  }

  /** Who asks, and what the answer is to be to. An enrolment is proven by its token alone: there is no key there yet. */
  #proof(
    { auth }: RouteDefinition,
    asked: SignedParts,
    chain: ChainStatement | undefined,
  ): Record<string, string> {
    const { sign } = this.#options;
    const { cabinetId, timestampMs, nonce, bodySha256Hex } = asked;
    const stated = chain && { ...chain, cabinetId, timestampMs };
    return {
      ...(stated && { [chainHeader]: chainHeaderOf(stated, sign(chainTextToSign(stated))) }),
      [signatureHeaders.cabinet]: cabinetId,
      [signatureHeaders.timestamp]: String(timestampMs),
      [signatureHeaders.nonce]: nonce,
      [bodyDigestHeader]: bodySha256Hex,
      ...(auth === 'cabinet' && { [signatureHeaders.signature]: sign(textToSign(asked)) }),
    };
  }

  #tell(result: Result<unknown, OperatorFailure>): void {
    const reachability = reachabilityOf(result);
    // When one pooled connection has failed, the others are probably dead, too.
    if (reachability === 'unreachable') this.#transport.reset();
    this.#listeners.emit(reachability);
  }
}
