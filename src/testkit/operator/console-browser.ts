import { assert } from '../../shared/assert.ts';
import type { StaffRole } from '../../shared/console/roles.ts';
import type { ConsoleAnswer, ConsoleBody, ConsoleRouteName } from '../../shared/console/routes.ts';
import { callConsole } from '../../shared/console/routes.ts';
import type { SessionReply } from '../../shared/console/staff.schema.ts';
import { firstToken } from '../../operator/staff/accounts.ts';
import { confirmOnServer } from '../../operator/staff/confirmation.ts';
import { totpCode, totpStepOf } from '../../operator/staff/totp.ts';
import { bytesOfBase32 } from './authenticator.ts';
import type { OperatorHarness } from './harness.ts';
import { PageBrowser } from './page-browser.ts';

const host = 'console.example';

/** Somebody with an authenticator. */
export interface Person {
  readonly name: string;
  readonly password: string;
  readonly secret: Buffer;
}

/** A browser before the console. */
export class ConsoleBrowser extends PageBrowser {
  call<N extends ConsoleRouteName>(
    name: N,
    body: ConsoleBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<ConsoleAnswer<N>> {
    return callConsole((request) => this.send(request), name, body, params);
  }

  /** The version of an account that this browser is shown; '' where it is shown none. */
  async seenVersion(accountId: string): Promise<string> {
    const all = await this.call('staff', undefined);
    return (all.ok ? all.value.find((one) => one.accountId === accountId)?.version : undefined) ?? '';
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
    return new ConsoleBrowser(this.#harness.operator.consoleApi, host);
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

  /**
   * Somebody of this role whom an administrator has invited, signed in in a browser of their own; confirmed, so that they count
   * as one of two persons.
   */
  async another(admin: ConsoleBrowser, name: string, role: StaffRole) {
    const invited = await admin.call('invite', { name, role, reason: 'new here' });
    assert(invited.ok, 'the invitation is made');
    const come = await this.accept(this.browser(), invited.value.token, name);
    const confirmed = await confirmOnServer(this.#harness.operator.staff, {
      name,
      by: 'test',
      reason: 'is here',
    });
    assert(confirmed.ok, 'who has come in is confirmed');
    return come;
  }
}
