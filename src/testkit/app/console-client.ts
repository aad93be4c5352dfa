import {
  type ConsoleAnswer,
  type ConsoleBody,
  type ConsoleRouteName,
  callConsole,
} from '../../shared/console/routes.ts';
import { csrfHeader } from '../../shared/util/page-call.ts';
import { codeOfAuthenticator } from '../operator/authenticator.ts';
import { passwordOf } from './console-account.ts';

/** The support console of a running operator, as its page asks it, without a browser. */
export class ConsoleClient {
  readonly #base: string;
  #cookies = '';
  #csrf = '';

  private constructor(base: string) {
    this.#base = base;
  }

  /** Becomes the first administrator by the one-time link. */
  static async open(base: string, setUpLink: string, name = 'anna'): Promise<ConsoleClient> {
    const client = new ConsoleClient(new URL(base).origin);
    const token = new URL(setUpLink).hash.slice(1);
    const looked = await client.call('lookInvitation', { token });
    if (!looked.ok) throw new Error(JSON.stringify(looked.error));
    const code = codeOfAuthenticator(looked.value.totpSecret, Date.now());
    const set = { token, name, password: passwordOf(name), code };
    const accepted = await client.call('acceptInvitation', set);
    if (!accepted.ok) throw new Error(JSON.stringify(accepted.error));
    client.#csrf = accepted.value.csrf;
    return client;
  }

  /** As whoever is signed in in a browser, with its cookies. */
  static async inBrowser(base: string, cookies: string): Promise<ConsoleClient> {
    const client = new ConsoleClient(new URL(base).origin);
    client.#cookies = cookies;
    const session = await client.call('session', undefined);
    if (!session.ok) throw new Error(JSON.stringify(session.error));
    client.#csrf = session.value.csrf;
    return client;
  }

  /** What it is signed in by. */
  get cookies(): string {
    return this.#cookies;
  }

  call<N extends ConsoleRouteName>(
    name: N,
    body: ConsoleBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<ConsoleAnswer<N>> {
    return callConsole((request) => this.#send(request), name, body, params);
  }

  async #send({ method, path, body }: { method: 'GET' | 'POST'; path: string; body?: string }) {
    const answer = await fetch(new URL(path, this.#base), {
      method,
      headers: {
        origin: this.#base,
        cookie: this.#cookies,
        [csrfHeader]: this.#csrf,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const set = answer.headers.getSetCookie().map((text) => text.split(';')[0] ?? '');
    if (set.length > 0) this.#cookies = set.join('; ');
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  }
}
