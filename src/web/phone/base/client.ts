import type { PhoneCallName } from '../../../shared/phone/calls.ts';
import { phoneCalls } from '../../../shared/phone/calls.ts';
import type { PhoneSender } from '../../../shared/phone/client.ts';
import { callPhone } from '../../../shared/phone/client.ts';
import type { PhoneBody, PhoneReply } from '../../../shared/phone/routes.ts';
import type { PhoneSession, SignedInReply } from '../../../shared/phone/session.schema.ts';
import { pathAndQueryOf } from '../../../shared/util/route-path.ts';
import { csrfHeader } from '../../../shared/util/page-call.ts';
import type { Answer, FailureKind } from './failure.ts';
import { failureOf } from './failure.ts';

/** Longer than any network that is of use; then somebody is told, and may try again. */
const answerWithinMs = 15_000;
/** A picture over a slow line: at 50 kB/s one of the largest has arrived. */
const photoWithinMs = 60_000;

/** Who is signed in. `ended`: somebody was, and is not any more. */
export type Standing =
  | { readonly at: 'starting' }
  | { readonly at: 'unreachable'; readonly failure: FailureKind }
  | { readonly at: 'out'; readonly hasEnded: boolean }
  | { readonly at: 'in'; readonly session: PhoneSession };

/** What the screens ask for; the client of this page, or a test's. */
export interface PhoneApi {
  ask<N extends PhoneCallName>(
    name: N,
    body: PhoneBody<N>,
    params?: Readonly<Record<string, string>>,
  ): Promise<Answer<PhoneReply<N>>>;
  sendPhoto(
    chargeId: string,
    photo: Blob,
    onPercent: (percent: number) => void,
  ): Promise<Answer<PhoneReply<'addPhoto'>>>;
}

/** Asks the operator, and knows who is signed in. One for the page. It never rejects. */
export class PhoneClient implements PhoneApi {
  #standing: Standing = { at: 'starting' };
  /** What the operator says to anybody; null: it has not yet. */
  #welcome: PhoneReply<'welcome'> | null = null;
  #welcoming: Promise<Answer<PhoneReply<'welcome'>>> | null = null;
  readonly #listeners = new Set<() => void>();

  readonly standing = (): Standing => this.#standing;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Both at once: whether somebody is signed in, and what they can do if nobody is. */
  begin(): void {
    void this.look();
    void this.welcome();
  }

  /** How somebody signs in here, and whom they can ask: asked until there is one answer, which stays. */
  async welcome(): Promise<Answer<PhoneReply<'welcome'>>> {
    if (this.#welcome !== null) return { ok: true, value: this.#welcome };
    this.#welcoming ??= this.ask('welcome', undefined);
    const answer = await this.#welcoming;
    this.#welcoming = null;
    if (answer.ok) {
      this.#welcome = answer.value;
      this.#tell();
    }
    return answer;
  }

  /** Where people are reached; null: it is not known. */
  readonly contact = (): string | null => this.#welcome?.contact ?? null;

  /** Is somebody signed in already? Asked again, too, when something of their standing may have changed. */
  async look(): Promise<void> {
    const answer = await this.ask('session', undefined);
    if (answer.ok) this.#become({ at: 'in', session: answer.value });
    else if (answer.failure === 'ended') this.#become({ at: 'out', hasEnded: false });
    else if (this.#standing.at !== 'in') this.#become({ at: 'unreachable', failure: answer.failure });
  }

  /** What a way to sign in has answered. */
  signedIn(reply: SignedInReply): void {
    if (reply.signedIn) this.#become({ at: 'in', session: reply.session });
  }

  signedOut(): void {
    this.#become({ at: 'out', hasEnded: false });
  }

  async ask<N extends PhoneCallName>(
    name: N,
    body: PhoneBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<Answer<PhoneReply<N>>> {
    let answer: Answer<PhoneReply<N>>;
    try {
      const got = await callPhone(this.#send, name, body, params);
      answer = got.ok ? got : { ok: false, failure: failureOf(got.status, got.error) };
    } catch (error) {
      const isLate = error instanceof DOMException && error.name === 'TimeoutError';
      answer = { ok: false, failure: isLate ? 'slow' : 'offline' };
    }
    return this.#heard(answer);
  }

  /** By an XMLHttpRequest: `fetch` does not say how much has left. */
  async sendPhoto(
    chargeId: string,
    photo: Blob,
    onPercent: (percent: number) => void,
  ): Promise<Answer<PhoneReply<'addPhoto'>>> {
    const { method, path } = phoneCalls.addPhoto;
    const answer = await new Promise<Answer<PhoneReply<'addPhoto'>>>((resolve) => {
      const request = new XMLHttpRequest();
      const failed = (failure: FailureKind) => (): void => resolve({ ok: false, failure });
      request.open(method, pathAndQueryOf({ path }, { chargeId }));
      request.timeout = photoWithinMs;
      request.responseType = 'json';
      for (const [name, value] of Object.entries(this.#proof())) request.setRequestHeader(name, value);
      request.setRequestHeader('content-type', photo.type);
      request.upload.onprogress = ({ loaded, total }) =>
        onPercent(Math.min(99, Math.round((100 * loaded) / Math.max(total, 1))));
      request.ontimeout = failed('slow');
      request.onerror = failed('offline');
      request.onabort = failed('offline');
      request.onload = () => {
        const { status } = request;
        const response: unknown = request.response;
        if (status === 200) resolve({ ok: true, value: response as PhoneReply<'addPhoto'> });
        else failed(failureOf(status, response))();
      };
      request.send(photo);
    });
    return this.#heard(answer);
  }

  readonly #send: PhoneSender = async ({ method, path, body }) => {
    const answer = await fetch(path, {
      method,
      headers: {
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
        ...(method === 'GET' ? {} : this.#proof()),
      },
      ...(body === undefined ? {} : { body }),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    // Whatever stands before the operator (a portal) answers with a page.
    if (answer.ok && answer.status !== 204 && !isJson) return { status: 502, body: null };
    return { status: answer.status, body: isJson ? ((await answer.json()) as unknown) : null };
  };

  #proof(): Readonly<Record<string, string>> {
    return this.#standing.at === 'in' ? { [csrfHeader]: this.#standing.session.csrf } : {};
  }

  #heard<T>(answer: Answer<T>): Answer<T> {
    if (!answer.ok && answer.failure === 'ended' && this.#standing.at === 'in')
      this.#become({ at: 'out', hasEnded: true });
    return answer;
  }

  #become(standing: Standing): void {
    this.#standing = standing;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
