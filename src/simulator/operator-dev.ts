import { z } from 'zod';
import type { DevelopmentReply, DevelopmentRouteName } from '../shared/api/development-routes.ts';
import { developmentRoutes } from '../shared/api/development-routes.ts';
import type { MemberCodePurpose } from '../shared/model/member.ts';
import { fail, ok } from '../shared/result.ts';
import type { Failure, Result } from '../shared/result.ts';
import { pathOf } from '../shared/util/route-path.ts';
import { memberRowSchema } from './api.ts';
import type { MemberRow } from './api.ts';

export type OperatorDevFailure = Failure<'operator_unreachable' | 'operator_refused'>;
type Reply<T> = Promise<Result<T, OperatorDevFailure>>;

const bodyMaxBytes = 4 * 1024 * 1024;
const membersMax = 1000;

/** The operator's development API: the members' phones, the provider's fault and the operator's books. Never used by the kiosk. */
export class OperatorDev {
  readonly #base: string | null;

  /** `null`: there is none; all calls answer `operator_unreachable`. */
  constructor(base: string | null) {
    this.#base = base?.replace(/\/+$/, '') ?? null;
  }

  get isConfigured(): boolean {
    return this.#base !== null;
  }

  members(): Reply<MemberRow[]> {
    return this.#call('members', undefined, z.array(memberRowSchema).max(membersMax));
  }

  /** A code as the member's phone would show it now; a negative life gives one that has expired. */
  async memberCode(
    memberId: string,
    expiresInS?: number,
    purpose: MemberCodePurpose = 'visit',
  ): Reply<string> {
    const body = {
      memberId,
      ...(expiresInS === undefined ? {} : { expiresInS }),
      ...(purpose === 'visit' ? {} : { purpose }),
    };
    const reply = await this.#call('memberCode', body, developmentRoutes.memberCode.reply);
    return reply.ok ? ok(reply.value.code) : reply;
  }

  /** A one-time link to the page for shoppers, as the operator's own member system would send it. */
  async memberLink(memberId: string): Reply<string> {
    const reply = await this.#call('memberLink', undefined, developmentRoutes.memberLink.reply, { memberId });
    return reply.ok ? ok(reply.value.url) : reply;
  }

  /** The operator judges what is right. */
  setProvider(settings: object): Reply<unknown> {
    return this.#call('provider', settings, z.unknown());
  }

  /** What members are told on their phones, newest first. */
  notices(): Reply<DevelopmentReply<'notices'>> {
    return this.#call('notices', undefined, developmentRoutes.notices.reply);
  }

  /** For the panel, as they are. */
  charges(): Reply<unknown[]> {
    return this.#call('charges', undefined, z.array(z.unknown()));
  }

  async #call<T>(
    name: DevelopmentRouteName,
    body: object | undefined,
    schema: z.ZodType<T>,
    params: Readonly<Record<string, string>> = {},
  ): Reply<T> {
    if (this.#base === null) return fail('operator_unreachable', 'no operator is configured');
    const { method, timeoutMs } = developmentRoutes[name];
    const path = pathOf(developmentRoutes[name], params);
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await readBounded(response);
      if (text === null) return fail('operator_refused', `${path}: the answer is too long`);
      if (!response.ok) return fail('operator_refused', `${path}: ${response.status} ${text.slice(0, 200)}`);
      const parsed = schema.safeParse(JSON.parse(text === '' ? 'null' : text));
      return parsed.success ? ok(parsed.data) : fail('operator_refused', `${path}: ${parsed.error.message}`);
    } catch (error) {
      const isJson = error instanceof SyntaxError;
      return fail(isJson ? 'operator_refused' : 'operator_unreachable', `${path}: ${String(error)}`);
    }
  }
}

/** Null when it is longer than `bodyMaxBytes`. */
async function readBounded(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > bodyMaxBytes) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
