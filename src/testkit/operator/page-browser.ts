import type { FastifyInstance, InjectOptions } from 'fastify';
import { csrfHeader } from '../../shared/util/page-call.ts';

/** A browser on one of the operator's pages: it keeps cookies, says where its requests come from, and sends what the page was told. */
export class PageBrowser {
  readonly #app: FastifyInstance;
  readonly cookies = new Map<string, string>();
  csrf: string | null = null;
  /** What it sends beside the cookies; tests change it. */
  headers: Record<string, string>;
  address = '203.0.113.7';

  /** `host`: as the page's address has it. */
  constructor(app: FastifyInstance, host: string) {
    this.#app = app;
    this.headers = { host, origin: `https://${host}`, 'sec-fetch-site': 'same-origin' };
  }

  /** As the clients of the pages want it: the answer's JSON, null where it has none. */
  async send({ method, path, body }: { method: 'GET' | 'POST'; path: string; body?: string | Uint8Array }) {
    const response = await this.raw(method, path, body);
    const isJson = String(response.headers['content-type']).includes('json');
    return { status: response.statusCode, body: isJson ? response.json<unknown>() : null };
  }

  /** `payload`: JSON, or a photo. */
  async raw(method: 'GET' | 'POST', url: string, payload?: string | Uint8Array, more: InjectOptions = {}) {
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
}
