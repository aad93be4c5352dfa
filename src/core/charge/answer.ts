import { apiErrorSchema, newerApiErrorSchema } from '../../shared/api/operator.ts';
import type { ApiError } from '../../shared/api/operator.ts';
import type { OperatorErrorCode, OperatorFailure } from './delivery.ts';

/** One HTTP answer that is not what was asked for, as far as it decides anything. */
export interface OddAnswer {
  readonly status: number;
  /** The body as JSON; undefined: it is none. */
  readonly json: unknown;
  /** A header says which version of our API answers. */
  readonly namesApi: boolean;
  /** The body is a page for people. */
  readonly isPage: boolean;
  /** A redirect that leads to another host than the operator's. */
  readonly leadsAway: boolean;
  /** From Retry-After; null: there is none that can be read. */
  readonly retryAfterMs: number | null;
}

/** The one status that belongs to each of our operator's words (operator/http/errors.ts). */
const statusOf: Readonly<Record<ApiError['error'], number>> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  unknown_charge: 404,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  internal: 500,
  unavailable: 503,
};

/**
 * What an answer that is not 2xx says. A final no is only our operator's own word with the status that belongs to it;
 * whatever a portal, a proxy or a faulty deployment says is tried again.
 */
export function failureOf(answer: OddAnswer): OperatorFailure {
  const { status, retryAfterMs } = answer;
  const said = apiErrorSchema.safeParse(answer.json);
  const newer = answer.namesApi ? newerApiErrorSchema.safeParse(answer.json) : said;
  const isOperators = newer.success;
  const message = `${status} ${newer.success ? `${newer.data.error}: ${newer.data.message}` : 'not our API'}`;
  const code = newer.success ? codeOfWord(status, said.data?.error ?? null) : codeOfStranger(answer);
  const othersMayCome = code === 'operator.busy' && newer.data?.othersMayCome === true;
  return {
    code,
    message,
    isOperators,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(othersMayCome ? { othersMayCome } : {}),
  };
}

/** `word`: null: one that only a newer operator has; then the status says what it means. */
function codeOfWord(status: number, word: ApiError['error'] | null): OperatorErrorCode {
  if (status === 429) return 'operator.busy';
  if (status >= 500 || status === 408) return 'operator.unavailable';
  if (status < 400) return 'operator.garbage';
  if (status === 401 || status === 403) return 'operator.unauthenticated';
  if (word !== null && statusOf[word] !== status) return 'operator.not_served';
  if (status === 409) return 'operator.conflict';
  if (word === 'unknown_charge') return 'operator.unknown_charge';
  if (status === 400) return 'operator.refused';
  return 'operator.not_served';
}

/** RFC 6585, 6: 511 is what an intercepting network answers; it never comes from the server that was asked. */
const networkAuthenticationRequired = 511;

function codeOfStranger({ status, leadsAway }: OddAnswer): OperatorErrorCode {
  if (status === networkAuthenticationRequired || leadsAway) return 'network.portal';
  if (status === 429) return 'operator.busy';
  if (status >= 500 || status === 408) return 'operator.unavailable';
  return 'operator.garbage';
}

/**
 * What an answer says that our operator has not signed although it signs: nothing. It is told apart from a busy gateway and
 * a portal only, which are to be waited for.
 */
export function failureOfUnproven(answer: OddAnswer, why: string): OperatorFailure {
  const { status, isPage, retryAfterMs } = answer;
  const stranger = isPage && status < 300 ? 'network.portal' : codeOfStranger(answer);
  const code = stranger === 'operator.garbage' ? 'network.unproven' : stranger;
  const message = `${status}: ${why}`.slice(0, messageMaxLength);
  return { code, message, ...(retryAfterMs === null ? {} : { retryAfterMs }), isOperators: false };
}

/** What an answer with 2xx says whose body is not what was asked for: a page is the network's, anything else is a bug. */
export function failureOfContent({ status, isPage }: OddAnswer, why: string): OperatorFailure {
  const code = isPage ? 'network.portal' : 'operator.garbage';
  return { code, message: `${status}: ${why}`.slice(0, messageMaxLength) };
}

const messageMaxLength = 500;
