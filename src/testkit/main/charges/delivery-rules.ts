import type { HttpFailure, HttpRequest, HttpResponse } from '../../../main/operator/http-transport.ts';
import { signatureHeaders } from '../../../shared/api/signing.ts';
import type { Result } from '../../../shared/result.ts';

/**
 * Watches what a cabinet sends and notes each breach of docs/payments.md#retry-classes: after an unclear outcome the first
 * thing is a question, the same id never carries another body, and no nonce is used twice.
 */
export class DeliveryRules {
  readonly breaches: string[] = [];
  readonly #nonces = new Set<string>();
  /** The first body of each charge and of each dispute. */
  readonly #bodies = new Map<string, string>();
  /** May the next request for this charge be a PUT? Not while the cabinet cannot know what came of the last. */
  readonly #mayPut = new Map<string, boolean>();
  /** The latest request to each path. */
  readonly #newest = new Map<string, HttpRequest>();

  /** Notes a request that is sent now; the returned function is told what the cabinet learns of it. */
  begin(request: HttpRequest): (learned: Result<HttpResponse, HttpFailure>) => void {
    const path = request.url.pathname;
    this.#noteNonce(request.headers[signatureHeaders.nonce] ?? '');
    if (!path.startsWith('/v1/charges/')) return () => undefined;
    this.#newest.set(path, request);
    if (request.method !== 'GET') this.#noteBody(path, request.body.toString('utf8'));
    if (request.method === 'PUT' && this.#mayPut.get(path) === false)
      this.breaches.push(`${path}: sent again without asking`);
    this.#mayPut.set(path, false);
    return (learned) => {
      // Only the newest request says what the cabinet knows: an older one may belong to a run that has ended.
      if (this.#newest.get(path) === request) this.#mayPut.set(path, isClear(learned));
    };
  }

  #noteNonce(nonce: string): void {
    if (this.#nonces.has(nonce)) this.breaches.push('a nonce used twice');
    this.#nonces.add(nonce);
  }

  #noteBody(path: string, bodyText: string): void {
    const { chargeId, disputeId } = JSON.parse(bodyText) as { chargeId?: string; disputeId?: string };
    if (chargeId !== undefined && !path.endsWith(`/${chargeId}`))
      this.breaches.push(`${path}: the body is of ${chargeId}`);
    const key = disputeId ?? path;
    const first = this.#bodies.get(key);
    // Where it went is part of what was said.
    const said = `${path} ${bodyText}`;
    if (first !== undefined && first !== said) this.breaches.push(`${key}: another body`);
    this.#bodies.set(key, first ?? said);
  }
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
