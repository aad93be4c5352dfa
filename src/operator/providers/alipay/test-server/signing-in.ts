import { Failure } from './failure.ts';

/** What Alipay's authorization tells of somebody: for older apps their number, for newer ones an open id, or both. */
type Said = Readonly<Partial<Record<'user_id' | 'open_id', string>>>;

/** Alipay's authorization of a page (`auth_base`): codes for people who open it, each good once. */
export class SigningIn {
  readonly #codes = new Map<string, Said>();
  #count = 0;

  /** Whoever this is opens the page; where they are led back to. Throws for a page that Alipay would not open. */
  open(page: string, appId: string, said: Said): URL {
    const { searchParams: asked } = new URL(page);
    const state = asked.get('state') ?? '';
    // "base64, at most 100 characters".
    const isRight =
      asked.get('app_id') === appId &&
      asked.get('scope') === 'auth_base' &&
      /^[0-9A-Za-z+/=]{1,100}$/.test(state);
    if (!isRight) throw new Error(`Alipay does not open ${page}`);
    const code = `${String(++this.#count).padStart(4, '0')}e3e6d5f24b3f8c9d6a1b2c3d4e5f`;
    this.#codes.set(code, said);
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      app_id: appId,
      scope: 'auth_base',
      state,
      auth_code: code,
    }).toString();
    return back;
  }

  /** `alipay.system.oauth.token`. */
  token({ grant_type: grant, code = '' }: Readonly<Record<string, string>>): Record<string, unknown> {
    if (grant !== 'authorization_code') throw new Failure('40002', 'isv.grant-type-invalid');
    const said = this.#codes.get(code);
    if (said === undefined) throw new Failure('40002', 'isv.code-invalid');
    this.#codes.delete(code);
    return { ...said, access_token: 'a', expires_in: 300, refresh_token: 'r', re_expires_in: 300 };
  }
}
