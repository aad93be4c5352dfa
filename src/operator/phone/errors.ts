import type { PhoneError } from '../../shared/phone/routes.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { PageFailure } from '../http/page-errors.ts';

/** `message` is for nobody but whoever builds the page. */
export type PhoneFailure = PageFailure<PhoneError['error']>;

/** What the parts of the operator that cabinets use, too, say, in the page's words. */
export function phoneFailureOf({ code, message, retryAfterS }: ApiFailure): PhoneFailure {
  if (retryAfterS !== undefined) return { code: 'too_many', message, retryAfterS };
  if (code === 'unknown_charge') return { code: 'not_found', message };
  return { code: code === 'forbidden' ? 'conflict' : code, message };
}

/** For what the server itself says no to, before a handler. */
export function failureOfStatus(status: number): PhoneFailure {
  if (status === 413) return { code: 'too_large', message: 'the body is larger than allowed' };
  if (status < 500) return { code: 'bad_request', message: 'not a request of the page' };
  return status === 503
    ? { code: 'unavailable', message: 'not now' }
    : { code: 'internal', message: 'not done: see the log of the service' };
}
