import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { signatureHeaders, textToSign } from '../../../shared/api/signing.ts';
import type { Clock } from '../../../shared/clock.ts';
import { disputeRequestSchema } from '../../../shared/api/operator.ts';
import { chargeBodySchema } from '../../../shared/model/charge.schema.ts';
import type { Resolution } from '../../../shared/model/resolution.ts';
import { fail, ok } from '../../../shared/result.ts';
import type { Result } from '../../../shared/result.ts';
import type {
  HttpFailure,
  HttpRequest,
  HttpResponse,
  HttpTransport,
} from '../../../main/operator/http-transport.ts';

/**
 * What goes wrong with one request. `before`: the operator never saw it; `after`: it did, but the cabinet does not learn
 * what came of it; `late`: it is cut for the cabinet and reaches the operator seconds later.
 */
export type Fault =
  | 'refused'
  | 'cut before'
  | 'cut after'
  | 'hang before'
  | 'hang after'
  | 'late'
  | 'error before'
  | 'error after'
  | 'busy'
  | 'garbage before'
  | 'garbage after'
  | 'portal'
  | 'key refused'
  | 'of another cabinet'
  | 'no such path'
  | 'too large'
  | 'bad request'
  | 'bare 404'
  | 'bare 400'
  | 'bare 413'
  | 'asked to log in'
  | 'sent elsewhere'
  | 'proxy says an hour';

/** What the operator decides about one charge, by the charge's own id, so that it is the same in every run. */
export type Fate = 'paid' | 'accepted' | 'lower' | 'collecting' | 'human' | 'reject';

interface Booked {
  readonly bodyText: string;
  readonly totalMinor: number;
  billedMinor: number;
  readonly fate: Fate;
  state: 'accepted' | 'paid' | 'collecting' | 'needs_attention';
  /** How often money was taken. */
  debitCount: number;
  questionCount: number;
  /** What a human has decided. */
  resolved: Resolution | null;
}

const latencyMs = 7;

/**
 * An operator in memory behind the transport seam: it takes bytes, checks the signature over them, keeps books, and notes
 * every breach of the rules by the cabinet. Time is the given clock.
 */
export class FakeOperator implements HttpTransport {
  readonly books = new Map<string, Booked>();
  readonly breaches: string[] = [];
  /** Disputes taken, by their id. */
  readonly disputes = new Map<string, { chargeId: string; bodyText: string; skus: string[] }>();
  requestCount = 0;
  faultCount = 0;
  /** When each charge request was begun: method, id and time. */
  readonly log: { method: string; chargeId: string; atMs: number }[] = [];
  faultOf: (request: { method: string; path: string }) => Fault | null = () => null;
  fateOf: (chargeId: string) => Fate = () => 'paid';
  disputesRefused = false;
  readonly sign: (text: string) => string;
  readonly #publicKey;
  readonly #clock: Clock;
  readonly #nonces = new Set<string>();
  /** May the next request for this charge be a PUT? Not while the cabinet cannot know what came of the last. */
  readonly #mayPut = new Map<string, boolean>();
  readonly #newest = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    const { privateKey } = generateKeyPairSync('ed25519');
    this.#publicKey = createPublicKey(privateKey);
    this.sign = (text) => sign(null, Buffer.from(text), privateKey).toString('base64url');
  }

  reset(): void {
    // Connections are not modelled here.
  }

  send(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>> {
    const number = ++this.requestCount;
    const path = request.url.pathname;
    const chargeId = /^\/v1\/charges\/(\w+)$/.exec(path)?.[1] ?? null;
    if (chargeId !== null) this.#noteOrder(request.method, chargeId, number);
    const fault = this.faultOf({ method: request.method, path });
    if (fault !== null) this.faultCount++;
    return new Promise((resolve) => {
      let over = false;
      const answer = (result: Result<HttpResponse, HttpFailure>) => {
        if (over) return;
        over = true;
        // Only the newest request says what the cabinet knows: an older one may belong to a run that has ended.
        if (chargeId !== null && this.#newest.get(chargeId) === number) {
          this.#mayPut.set(chargeId, isClear(result));
        }
        resolve(result);
      };
      const cut = fail('lost', 'cut');
      request.signal?.addEventListener('abort', () => answer(cut));
      this.#clock.after(request.timeoutMs, () => answer(cut));
      if (fault?.startsWith('hang') === true) {
        if (fault === 'hang after') this.#clock.after(latencyMs, () => void this.#serve(request, chargeId));
        return;
      }
      if (fault === 'late') this.#clock.after(3000, () => void this.#serve(request, chargeId));
      this.#clock.after(latencyMs, () => answer(this.#outcome(request, chargeId, fault)));
    });
  }

  #outcome(
    request: HttpRequest,
    chargeId: string | null,
    fault: Fault | null,
  ): Result<HttpResponse, HttpFailure> {
    if (fault?.endsWith('after') === true) this.#serve(request, chargeId);
    switch (fault) {
      case null:
        return ok(this.#serve(request, chargeId));
      case 'refused':
        return fail('not_sent', 'ECONNREFUSED');
      case 'error before':
      case 'error after':
        return ok(reply(500, { error: 'internal', message: 'oops' }));
      case 'busy':
        return ok(reply(429, { error: 'unavailable', message: 'slow down' }, { 'retry-after': '2' }));
      case 'garbage before':
      case 'garbage after':
        return ok(response(200, '<html>welcome</html>'));
      case 'portal':
        return ok(response(403, '<html>log in</html>'));
      case 'no such path':
        return ok(reply(404, { error: 'not_found', message: 'PUT' }));
      case 'too large':
        return ok(reply(413, { error: 'too_large', message: 'no' }));
      case 'bad request':
        return ok(reply(400, { error: 'bad_request', message: 'no' }));
      case 'bare 404':
      case 'bare 400':
      case 'bare 413':
        return ok(response(Number(fault.slice(5)), '<html>nginx</html>'));
      case 'asked to log in':
        return ok(response(511, '<html>log in</html>'));
      case 'sent elsewhere':
        return ok(response(302, '', { location: 'http://portal.test/' }));
      case 'proxy says an hour':
        return ok(response(503, '<html>', { 'retry-after': '3600' }));
      case 'key refused':
        return ok(reply(401, { error: 'unauthenticated', message: 'who?' }));
      case 'of another cabinet':
        return ok(reply(403, { error: 'forbidden', message: 'the charge is of another cabinet' }));
      default:
        return fail('lost', 'ECONNRESET');
    }
  }

  #serve(request: HttpRequest, chargeId: string | null): HttpResponse {
    this.#checkSignature(request);
    if (request.url.pathname === '/v1/health') return reply(200, { ok: true });
    const disputed = /^\/v1\/charges\/(\w+)\/disputes$/.exec(request.url.pathname)?.[1];
    if (disputed !== undefined) return this.#dispute(disputed, request.body);
    if (chargeId === null) return reply(404, { error: 'not_found', message: request.url.pathname });
    return request.method === 'PUT' ? this.#put(chargeId, request.body) : this.#get(chargeId);
  }

  #dispute(chargeId: string, bytes: Buffer): HttpResponse {
    const bodyText = bytes.toString('utf8');
    const { disputeId, skus } = disputeRequestSchema.parse(JSON.parse(bodyText));
    const existing = this.disputes.get(disputeId);
    if (existing !== undefined && (existing.bodyText !== bodyText || existing.chargeId !== chargeId)) {
      this.breaches.push(`${disputeId}: another body`);
      return reply(409, { error: 'conflict', message: 'another body' });
    }
    if (this.disputesRefused) return reply(400, { error: 'bad_request', message: 'no' });
    this.disputes.set(disputeId, { chargeId, bodyText, skus });
    return reply(200, { disputeId, charge: null });
  }

  #put(chargeId: string, bytes: Buffer): HttpResponse {
    const bodyText = bytes.toString('utf8');
    const existing = this.books.get(chargeId);
    if (existing !== undefined) {
      if (existing.bodyText === bodyText) return this.#reply(chargeId, existing);
      this.breaches.push(`${chargeId}: another body`);
      return reply(409, { error: 'conflict', message: 'another body' });
    }
    const body = chargeBodySchema.parse(JSON.parse(bodyText));
    if (body.chargeId !== chargeId) this.breaches.push(`${chargeId}: the body is of ${body.chargeId}`);
    const fate = this.fateOf(chargeId);
    if (fate === 'reject') return reply(400, { error: 'bad_request', message: 'no' });
    const booked: Booked = {
      bodyText,
      totalMinor: body.totalMinor,
      billedMinor: body.totalMinor,
      fate,
      state: 'accepted',
      debitCount: 0,
      questionCount: 0,
      resolved: null,
    };
    this.books.set(chargeId, booked);
    const disputed = [...this.disputes.values()]
      .filter((d) => d.chargeId === chargeId)
      .flatMap((d) => d.skus);
    for (const { sku, amountMinor } of body.lines)
      if (disputed.includes(sku)) booked.billedMinor -= amountMinor;
    if (disputed.length > 0 && booked.billedMinor === 0) booked.state = 'needs_attention';
    else if (fate === 'paid') debit(booked);
    if (fate === 'human') booked.state = 'needs_attention';
    if (fate === 'collecting') booked.state = 'collecting';
    return this.#reply(chargeId, booked);
  }

  #get(chargeId: string): HttpResponse {
    const booked = this.books.get(chargeId);
    if (booked === undefined) return reply(404, { error: 'unknown_charge', message: chargeId });
    booked.questionCount++;
    if (booked.fate === 'lower') booked.billedMinor = Math.floor(booked.totalMinor / 2);
    if (booked.questionCount >= 2 && (booked.state === 'accepted' || booked.state === 'collecting'))
      debit(booked);
    return this.#reply(chargeId, booked);
  }

  #reply(chargeId: string, { state, billedMinor, resolved }: Booked): HttpResponse {
    const reason = state === 'collecting' ? 'account.insufficient_funds' : null;
    return reply(200, { chargeId, state, totalMinor: billedMinor, reason, resolved });
  }

  /** The rule of docs/payments.md#retry-classes that a fake must not forgive: after an unclear outcome the first thing is a question. */
  #noteOrder(method: string, chargeId: string, number: number): void {
    this.#newest.set(chargeId, number);
    this.log.push({ method, chargeId, atMs: this.#clock.monotonicMs() });
    if (method === 'PUT' && this.#mayPut.get(chargeId) === false) {
      this.breaches.push(`${chargeId}: sent again without asking`);
    }
    this.#mayPut.set(chargeId, false);
  }

  #checkSignature(request: HttpRequest): void {
    const header = (name: string) => request.headers[name] ?? '';
    const nonce = header(signatureHeaders.nonce);
    const text = textToSign({
      method: request.method,
      path: request.url.pathname,
      cabinetId: header(signatureHeaders.cabinet),
      timestampMs: Number(header(signatureHeaders.timestamp)),
      nonce,
      bodySha256Hex: createHash('sha256').update(request.body).digest('hex'),
    });
    const signature = Buffer.from(header(signatureHeaders.signature), 'base64url');
    if (!verify(null, Buffer.from(text), this.#publicKey, signature)) this.breaches.push('a bad signature');
    if (this.#nonces.has(nonce)) this.breaches.push('a nonce used twice');
    this.#nonces.add(nonce);
  }
}

function debit(booked: Booked): void {
  booked.debitCount++;
  booked.state = 'paid';
}

/** After this the cabinet knows enough to send the same again: not sent, an error, or "unknown". */
function isClear(result: Result<HttpResponse, HttpFailure>): boolean {
  if (!result.ok) return result.error.code === 'not_sent';
  const { status, body } = result.value;
  const text = body.toString('utf8');
  if (status === 404 || status === 413) return /unknown_charge|not_found|too_large/.test(text);
  return (
    status === 429 ||
    status === 401 ||
    (status === 403 && text.includes('forbidden')) ||
    (status === 400 && text.includes('bad_request'))
  );
}

function reply(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return response(status, JSON.stringify(body), headers);
}
function response(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: Buffer.from(text) };
}
