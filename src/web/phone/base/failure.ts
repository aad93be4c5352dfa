import type { PhoneError } from '../../../shared/phone/routes.ts';

/**
 * Why something was not done, as far as it makes a difference to whoever waits. `offline`: nothing left the phone, or nothing
 * came back; `slow`: no answer in time; `ended`: nobody is signed in any more.
 */
export type FailureKind =
  'offline' | 'slow' | 'busy' | 'ended' | 'conflict' | 'not_found' | 'too_large' | 'other';

export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: FailureKind };

const kinds: Readonly<Record<PhoneError['error'], FailureKind>> = {
  bad_request: 'other',
  unauthenticated: 'ended',
  // The token of the session was another one: it is asked for anew.
  other_origin: 'ended',
  not_found: 'not_found',
  conflict: 'conflict',
  too_large: 'too_large',
  too_many: 'busy',
  unavailable: 'busy',
  internal: 'busy',
};

/** Of an answer that is not 2xx: our operator's word, or whatever stands before it (a proxy, a portal). */
export function failureOf(status: number, error: unknown): FailureKind {
  const word = (error as Partial<PhoneError> | null)?.error;
  const known = word === undefined ? undefined : kinds[word];
  if (known !== undefined) return known;
  if (status === 401) return 'ended';
  if (status === 413) return 'too_large';
  return status >= 500 || status === 429 ? 'busy' : 'other';
}
