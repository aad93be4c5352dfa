import type { FastifyInstance, InjectOptions } from 'fastify';
import { assert } from '../../shared/assert.ts';
import type { PhoneCallName, PhotoBytes } from '../../shared/phone/calls.ts';
import type { PhoneAnswer } from '../../shared/phone/client.ts';
import type { PhoneBody } from '../../shared/phone/routes.ts';
import type { PhoneSession } from '../../shared/phone/session.schema.ts';
import { callPhoneStrictly } from '../../shared/phone/strict-client.ts';
import { csrfHeader } from '../../shared/util/page-call.ts';
import { makeLink } from '../../operator/phone/links.ts';
import type { OperatorHarness } from './harness.ts';

export const phoneHost = 'm.example';

/** A phone's browser on the shopper's page: it keeps cookies, says where its requests come from, and sends what the page was told. */
export class PhoneBrowser {
  readonly #app: FastifyInstance;
  readonly cookies = new Map<string, string>();
  csrf: string | null = null;
  /** What it sends beside the cookies; tests change it. */
  headers: Record<string, string> = {
    host: phoneHost,
    origin: `https://${phoneHost}`,
    'sec-fetch-site': 'same-origin',
  };
  address = '203.0.113.7';

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  call<N extends PhoneCallName>(
    name: N,
    body: PhoneBody<N>,
    params: Readonly<Record<string, string>> = {},
  ): Promise<PhoneAnswer<N>> {
    return callPhoneStrictly(
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

  async raw(method: 'GET' | 'POST', url: string, payload?: string | PhotoBytes, more: InjectOptions = {}) {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const type = typeof payload === 'string' ? 'application/json' : 'image/jpeg';
    const response = await this.#app.inject({
      ...{ method, url, remoteAddress: this.address },
      headers: {
        ...this.headers,
        ...(cookie === '' ? {} : { cookie }),
        ...(this.csrf === null ? {} : { [csrfHeader]: this.csrf }),
        ...(payload === undefined ? {} : { 'content-type': type }),
      },
      ...(payload === undefined
        ? {}
        : { payload: typeof payload === 'string' ? payload : Buffer.from(payload) }),
      ...more,
    });
    const set = response.headers['set-cookie'] ?? [];
    for (const text of Array.isArray(set) ? set : [set]) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
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
  return new PhoneBrowser(operator.operator.noticeApi);
}

/** A phone on which this member is signed in. */
export async function signedInPhone(operator: OperatorHarness, memberId = 'M1001') {
  const phone = phoneBrowser(operator);
  const session = await phone.signIn(await newLink(operator, memberId));
  return { phone, session };
}
