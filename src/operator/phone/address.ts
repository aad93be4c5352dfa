import { z } from 'zod';
import { isAddressedAsLoopback } from '../../shared/loopback.ts';
import { phonePagePath } from '../../shared/phone/calls.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';

/** The shopper's page at that address. */
export function phonePageAt(address: string | null): string | null {
  return address === null ? null : new URL(phonePagePath, address).href;
}

/**
 * Where members reach people of the operator (SERVICE_CONTACT): a telephone number, or an e-mail address. Undefined: nobody has
 * said, and the page names the cabinet's door, where the number stands.
 */
export function readServiceContact(env: NodeJS.ProcessEnv): Result<string | undefined, Failure<'usage'>> {
  const { SERVICE_CONTACT: given } = env;
  if (given === undefined) return ok(undefined);
  const isNumber = /^\+?\d[\d -]{1,22}\d$/.test(given);
  return isNumber || z.email().max(100).safeParse(given).success
    ? ok(given)
    : fail('usage', `SERVICE_CONTACT is no telephone number and no e-mail address: ${given}`);
}

/**
 * Where phones reach this operator (PHONE_PAGE), without a path: links, the way back from providers, and the QR codes of
 * cabinets lead there. https; plain http to this very machine alone. Undefined: nobody has said.
 */
export function readPhoneAddress(env: NodeJS.ProcessEnv): Result<string | undefined, Failure<'usage'>> {
  const { PHONE_PAGE: given } = env;
  if (given === undefined) return ok(undefined);
  const url = URL.canParse(given) ? new URL(given) : null;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isAddressedAsLoopback(url.host, undefined));
  if (url === null || !isSafe || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return fail('usage', `PHONE_PAGE is no https address without a path: ${given}`);
  return ok(url.origin);
}
