import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The app that may ask. */
interface App {
  readonly appid: string;
  readonly secret: string;
}

/**
 * WeChat's web authorization on 127.0.0.1, at byte level, written from its documents: gives out codes to people who open the
 * page, and says once whose a code is.
 */
export class WechatSignInServer {
  /** What is answered in place of the truth; null: the truth. */
  wrong: { readonly status: number; readonly body: string } | null = null;
  readonly #app: App;
  readonly #server: Server;
  readonly #openids = new Map<string, string>();
  readonly #used = new Set<string>();
  #count = 0;

  constructor(app: App) {
    this.#app = app;
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x');
      const { status, body } = this.wrong ?? { status: 200, body: JSON.stringify(this.#say(url)) };
      response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Whoever has this openid opens the page; where they are led back to. Throws for a page that WeChat would not open. */
  open(page: string, openid: string): URL {
    const { searchParams: asked, hash } = new URL(page);
    const state = asked.get('state') ?? '';
    const isRight =
      asked.get('appid') === this.#app.appid &&
      asked.get('response_type') === 'code' &&
      asked.get('scope') === 'snsapi_base' &&
      hash === '#wechat_redirect' &&
      // "a-zA-Z0-9, at most 128 bytes".
      /^[a-zA-Z0-9]{0,128}$/.test(state);
    if (!isRight) throw new Error(`WeChat does not open ${page}`);
    const code = `0${String(++this.#count).padStart(31, 'a')}`;
    this.#openids.set(code, openid);
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', state);
    return back;
  }

  #say({ pathname, searchParams: asked }: URL): object {
    if (pathname !== '/sns/oauth2/access_token') return { errcode: 48_001, errmsg: 'api unauthorized' };
    if (asked.get('appid') !== this.#app.appid) return { errcode: 40_013, errmsg: 'invalid appid' };
    if (asked.get('secret') !== this.#app.secret) return { errcode: 40_125, errmsg: 'invalid appsecret' };
    if (asked.get('grant_type') !== 'authorization_code')
      return { errcode: 40_002, errmsg: 'invalid grant_type' };
    const code = asked.get('code') ?? '';
    if (this.#used.has(code)) return { errcode: 40_163, errmsg: 'code been used' };
    const openid = this.#openids.get(code);
    if (openid === undefined) return { errcode: 40_029, errmsg: 'invalid code' };
    this.#used.add(code);
    return {
      access_token: 'ACCESS_TOKEN',
      expires_in: 7_200,
      refresh_token: 'R',
      openid,
      scope: 'snsapi_base',
    };
  }
}
