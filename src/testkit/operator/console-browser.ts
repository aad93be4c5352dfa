import type { FastifyInstance } from 'fastify';
import { assert } from '../../shared/assert.ts';
import type { StaffRole } from '../../shared/console/roles.ts';
import type { ConsoleAnswer, ConsoleBody, ConsoleRouteName } from '../../shared/console/routes.ts';
import { callConsole } from '../../shared/console/routes.ts';
import { csrfHeader } from '../../shared/util/page-call.ts';
import type { SessionReply } from '../../shared/console/staff.schema.ts';
import { firstToken } from '../../operator/staff/accounts.ts';
import { totpCode, totpStepOf } from '../../operator/staff/totp.ts';
import { bytesOfBase32 } from './authenticator.ts';
import type { OperatorHarness } from './harness.ts';

const host = 'console.example';

/** Somebody with an authenticator. */
export interface Person {
  readonly name: string;
  readonly password: string;
  readonly secret: Buffer;
}

/** A browser before the console: it keeps cookies, says where its requests come from, and sends what the page was told. */
export class ConsoleBrowser {
  readonly #app: FastifyInstance;
  readonly cookies = new Map<string, string>();
  csrf: string | null = null;
  /** What it sends beside the cookies; tests change it. */
  headers: Record<string, string> = { host, origin: `https://${host}`, 'sec-fetch-site': 'same-origin' };
  address = '203.0.113.7';

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  async call<N extends ConsoleRouteName>(
    name: N,
    body: ConsoleBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<ConsoleAnswer<N>> {
    return callConsole(
      async ({ method, path, body: payload }) => {
        const response = await this.raw(method, path, payload);
        const isJson = String(response.headers['content-type']).includes('json');
        return { status: response.statusCode, body: isJson ? response.json<unknown>() : null };
      },
      name,
      body,
      params,
    );
  }

  async raw(method: 'GET' | 'POST', url: string, payload?: string) {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#app.inject({
      ...{ method, url, remoteAddress: this.address },
      headers: {
        ...this.headers,
        ...(cookie === '' ? {} : { cookie }),
        ...(this.csrf === null ? {} : { [csrfHeader]: this.csrf }),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(payload === undefined ? {} : { payload }),
    });
    const set = response.headers['set-cookie'] ?? [];
    for (const text of Array.isArray(set) ? set : [set]) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Signs in with the authenticator's code of now, or another one. */
  async signIn({ name, password }: Person, code: string): Promise<ConsoleAnswer<'signIn'>> {
    const done = await this.call('signIn', { name, password, code });
    if (done.ok) this.csrf = done.value.csrf;
    return done;
  }
}

/** The people of a console under test. */
export class ConsolePeople {
  readonly #harness: OperatorHarness;

  constructor(harness: OperatorHarness) {
    this.#harness = harness;
  }

  browser(): ConsoleBrowser {
    return new ConsoleBrowser(this.#harness.operator.consoleApi);
  }

  /** The code that an authenticator shows `steps` of 30 s from now. */
  codeOf({ secret }: Pick<Person, 'secret'>, steps = 0): string {
    return totpCode(secret, totpStepOf(this.#harness.clock.nowMs()) + steps);
  }

  /** Uses a one-time token; the browser is signed in then. */
  async accept(browser: ConsoleBrowser, token: string, name: string) {
    const looked = await browser.call('lookInvitation', { token });
    assert(looked.ok, 'the token is one');
    const person = {
      name,
      password: `a long password of ${name}`,
      secret: bytesOfBase32(looked.value.totpSecret),
    };
    const { password } = person;
    const accepted = await browser.call('acceptInvitation', {
      token,
      name,
      password,
      code: this.codeOf(person),
    });
    assert(accepted.ok, 'the invitation is accepted');
    browser.csrf = accepted.value.csrf;
    return {
      browser,
      person,
      session: accepted.value as SessionReply & { recoveryCodes: readonly string[] },
    };
  }

  /** The first administrator, signed in. */
  async first(name = 'anna') {
    const given = await firstToken(this.#harness.operator.staff);
    assert(given !== null, 'there is nobody yet');
    return this.accept(this.browser(), given.token, name);
  }

  /** Somebody of this role whom an administrator has invited, signed in in a browser of their own. */
  async another(admin: ConsoleBrowser, name: string, role: StaffRole) {
    const invited = await admin.call('invite', { name, role, reason: 'new here' });
    assert(invited.ok, 'the invitation is made');
    return this.accept(this.browser(), invited.value.token, name);
  }
}
