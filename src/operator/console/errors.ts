import type { ConsoleError } from '../../shared/console/routes.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { PageFailure } from '../http/page-errors.ts';

export type ConsoleFailure = PageFailure<ConsoleError['error']>;

/** What the parts of the operator that cabinets and the console share say, in the console's words. */
export function consoleFailureOf({ code, message }: ApiFailure): ConsoleFailure {
  return { code: code === 'unknown_charge' ? 'not_found' : code, message };
}
