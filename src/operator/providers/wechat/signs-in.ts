import { z } from 'zod';
import { connectionFailureOf } from '../connection.ts';
import type { SignInOutcome, SignsIn } from '../signs-in.ts';
import type { WechatConfig } from './wechat-config.ts';

const saidSchema = z.union([
  z.object({ openid: z.string().min(1).max(128) }),
  z.object({ errcode: z.number().int(), errmsg: z.string().max(500).default('') }),
]);
/** "invalid code", "code been used", "code expired" (global return codes). */
const codeRefusals: readonly number[] = [40_029, 40_163, 41_008, 42_003];
const answerMaxBytes = 16 * 1024;
const answerMaxMs = 8_000;

/**
 * Who is there, by WeChat's web authorization of an official account (网页授权, `snsapi_base`: nobody is asked for anything, and
 * nothing but the openid is told). The openid is that of `appid`, as with agreements.
 */
export class WechatSignsIn implements SignsIn {
  readonly app = 'wechat';
  readonly #appid: string;
  readonly #o: NonNullable<WechatConfig['signIn']>;

  constructor({ appid }: Pick<WechatConfig, 'appid'>, signIn: NonNullable<WechatConfig['signIn']>) {
    this.#appid = appid;
    this.#o = signIn;
  }

  urlOf({ state, redirectUrl }: { readonly state: string; readonly redirectUrl: string }): string {
    const url = new URL(this.#o.authorizeUrl);
    // In this order, and with this end: WeChat compares it.
    const asked = { appid: this.#appid, redirect_uri: redirectUrl, response_type: 'code' };
    url.search = new URLSearchParams({ ...asked, scope: 'snsapi_base', state }).toString();
    url.hash = 'wechat_redirect';
    return url.href;
  }

  async accountOf(code: string): Promise<SignInOutcome> {
    const url = new URL('/sns/oauth2/access_token', this.#o.apiUrl);
    const asked = { appid: this.#appid, secret: this.#o.secret, code };
    url.search = new URLSearchParams({ ...asked, grant_type: 'authorization_code' }).toString();
    let text: string;
    try {
      const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(answerMaxMs) });
      text = await readAtMost(answer, answerMaxBytes);
      if (!answer.ok) return { kind: 'unknown', message: `status ${answer.status}` };
    } catch (error) {
      // The address has the secret in it: nothing of it is told.
      return { kind: 'unknown', message: connectionFailureOf(error).code };
    }
    const said = readSaid(text);
    if (said === null) return { kind: 'unknown', message: 'the answer is none' };
    if ('openid' in said) return { kind: 'account', account: said.openid };
    const message = `${said.errcode} ${said.errmsg}`;
    return { kind: codeRefusals.includes(said.errcode) ? 'declined' : 'unknown', message };
  }
}

function readSaid(text: string): z.infer<typeof saidSchema> | null {
  try {
    return saidSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function readAtMost(answer: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > maxBytes) throw new Error('the answer is too long');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
