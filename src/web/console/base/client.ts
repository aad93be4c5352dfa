import type {
  ConsoleAnswer,
  ConsoleBody,
  ConsoleReply,
  ConsoleRouteName,
  ConsoleSender,
} from '../../../shared/console/routes.ts';
import { callConsole } from '../../../shared/console/routes.ts';
import { csrfHeader } from '../../../shared/util/page-call.ts';
import type { SessionReply } from '../../../shared/console/staff.schema.ts';
import type { FailedCode } from '../i18n/failed-code.ts';

export interface Failed {
  readonly code: FailedCode;
  /** To be tried again after so many seconds. */
  readonly retryAfterS: number | null;
}
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failed };

export type SessionState =
  | { readonly at: 'starting' }
  | { readonly at: 'unreachable' }
  | { readonly at: 'out' }
  | { readonly at: 'in'; readonly session: SessionReply }
  /** It has ended while somebody was at work: what they typed stays, and goes on once they have signed in again. */
  | { readonly at: 'expired'; readonly session: SessionReply };

/** A 401 of these is about what was typed, and not about the session. */
const askForProof: ReadonlySet<ConsoleRouteName> = new Set([
  'session',
  'signIn',
  'changePassword',
  'lookInvitation',
  'acceptInvitation',
]);

/** Asks the operator, and knows who is signed in. One for the page. */
export class ConsoleClient {
  #state: SessionState = { at: 'starting' };
  readonly #listeners = new Set<() => void>();
  #whenSignedIn: (() => void)[] = [];

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Is somebody signed in already? */
  async start(): Promise<void> {
    const answer = await this.ask('session', undefined);
    if (answer.ok) this.signedIn(answer.value);
    else this.#become({ at: answer.error.code === 'unauthenticated' ? 'out' : 'unreachable' });
  }

  signedIn(session: SessionReply): void {
    const before = this.#state;
    // Somebody else is here now: nothing of what the one before has typed is theirs to send.
    if (before.at === 'expired' && before.session.accountId !== session.accountId) {
      window.location.reload();
      return;
    }
    this.#become({ at: 'in', session });
    for (const go of this.#whenSignedIn.splice(0)) go();
  }

  async signOut(): Promise<void> {
    await this.ask('signOut', undefined);
    // Nothing that was on the screen stays in memory.
    window.location.assign('/');
  }

  /**
   * Asks, and where the session has ended waits until the same person has signed in again: a 401 has done nothing, so that the
   * same is asked once more.
   */
  async ask<N extends ConsoleRouteName>(
    name: N,
    body: ConsoleBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<Answer<ConsoleReply<N>>> {
    const first = await this.#call(name, body, params);
    const isOver = !first.ok && first.error.code === 'unauthenticated' && !askForProof.has(name);
    if (!isOver || (this.#state.at !== 'in' && this.#state.at !== 'expired')) return first;
    this.#become({ at: 'expired', session: this.#state.session });
    await new Promise<void>((resolve) => this.#whenSignedIn.push(resolve));
    return this.#call(name, body, params);
  }

  async #call<N extends ConsoleRouteName>(
    name: N,
    body: ConsoleBody<N>,
    params: Readonly<Record<string, string>>,
  ): Promise<Answer<ConsoleReply<N>>> {
    let answer: ConsoleAnswer<N>;
    try {
      answer = await callConsole(this.#send, name, body, params);
    } catch {
      return { ok: false, error: { code: 'unreachable', retryAfterS: null } };
    }
    if (answer.ok) return answer;
    const { error, retryAfterS = null } = answer.error;
    return { ok: false, error: { code: error, retryAfterS } };
  }

  readonly #send: ConsoleSender = async ({ method, path, body }) => {
    const { at } = this.#state;
    const csrf = at === 'in' || at === 'expired' ? this.#state.session.csrf : null;
    const answer = await fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(csrf === null ? {} : { [csrfHeader]: csrf }),
      },
      ...(body === undefined ? {} : { body }),
      credentials: 'same-origin',
    });
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, body: isJson ? ((await answer.json()) as unknown) : null };
  };

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
