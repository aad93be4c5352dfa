import { assert } from '../../shared/assert.ts';
import type { PhoneCallName } from '../../shared/phone/calls.ts';
import type { PhoneAnswer } from '../../shared/phone/client.ts';
import type { PhoneBody } from '../../shared/phone/routes.ts';
import type { PhoneSession } from '../../shared/phone/session.schema.ts';
import { callPhoneStrictly } from '../../shared/phone/strict-client.ts';
import { makeLink } from '../../operator/phone/links.ts';
import type { OperatorHarness } from './harness.ts';
import { PageBrowser } from './page-browser.ts';

export const phoneHost = 'm.example';

/** A phone's browser on the shopper's page. */
export class PhoneBrowser extends PageBrowser {
  call<N extends PhoneCallName>(
    name: N,
    body: PhoneBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<PhoneAnswer<N>> {
    return callPhoneStrictly((request) => this.send(request), name, body, params);
  }

  /** Opens a one-time link and says yes. */
  async signIn(token: string): Promise<PhoneSession> {
    const opened = await this.call('openLink', { token });
    assert(opened.ok && opened.value.state === 'ready', 'the link is good');
    const used = await this.call('useLink', { token });
    assert(used.ok && used.value.signedIn, 'the link signs in');
    this.csrf = used.value.session.csrf;
    return used.value.session;
  }
}

/** The token of a new link for this member. */
export async function newLink(operator: OperatorHarness, memberId = 'M1001'): Promise<string> {
  const { db, clock } = operator;
  const link = await makeLink({ db, clock }, { memberId, madeBy: 'test', page: `https://${phoneHost}` });
  assert(link.ok, 'there is such a member');
  return new URL(link.value.url).hash.slice(1);
}

export function phoneBrowser(operator: OperatorHarness): PhoneBrowser {
  return new PhoneBrowser(operator.operator.noticeApi, phoneHost);
}

/** A phone on which this member is signed in. */
export async function signedInPhone(operator: OperatorHarness, memberId = 'M1001') {
  const phone = phoneBrowser(operator);
  const session = await phone.signIn(await newLink(operator, memberId));
  return { phone, session };
}
